---people.csv: who of an export becomes whom. Reads it with its lines, finds what is wrong in it, brings it up to date, and
---writes it. Pure. Tested by tests/stdlib/people_file_test.lua.
---
---A decision that a person made stays, whatever the export and the tenant say later; so do columns of their own, the order
---of the rows, and the separator that their spreadsheet writes.
local csv = require "stdlib.csv"
local suggest = require "stdlib.suggest"

local people_file = {}

local concat, ipairs, next, pairs, tostring = table.concat, ipairs, next, pairs, tostring

people_file.columns = { "person", "name", "mail", "kind", "messages", "decision", "target" }

local DECISIONS = { map = true, fallback = true, skip = true }
local COLUMNS = {}
for _, name in ipairs(people_file.columns) do COLUMNS[name] = true end

-- What an update tells of a row stands in a column of its own, until the next update.
local CHANGE = "change"

---@class PeopleRow
---@field person? string
---@field line integer  where it begins in the file; not a column

---Reads the file's text.
---@param content string
---@return { columns: string[], separator: string, rows: PeopleRow[] }? file  # nil and what is wrong, with the row
---@return string? problem
function people_file.read(content)
  local file = { rows = {}, separator = csv.separator_of(content) }
  local line, at = 1, 1
  local fine, problem = pcall(function()
    local next_row, columns = csv.rows(content, file.separator)
    file.columns = columns
    for row, begins in next_row do
      local _, breaks = content:sub(at, begins - 1):gsub("\r?\n", "")
      line, at = line + breaks, begins
      if next(row) then -- spreadsheets write empty rows
        row.line = line
        file.rows[#file.rows + 1] = row
      end
    end
  end)
  if not fine then return nil, problem end
  return file
end

local function finding(row, severity, sentence, ...)
  return { line = row.line, person = row.person, severity = severity, message = sentence:format(...) }
end

---What is wrong in the file itself, whatever the export and the tenant are.
---@param file table  as read() gave it
---@return { line: integer, person: string?, severity: "error"|"warning", message: string }[]
function people_file.findings(file)
  local out, first = {}, {}
  if not file.columns then return out end
  local has = {}
  for _, name in ipairs(file.columns) do has[name] = true end
  for _, name in ipairs(file.columns) do
    local meant = not COLUMNS[name] and suggest.nearest(name, COLUMNS)
    if meant and not has[meant] then
      out[#out + 1] = finding({ line = 1 }, "error", "there is a column '%s'; did you mean %s?", name, meant)
      if meant == "person" then return out end
    end
  end
  if not has.person then
    out[#out + 1] = finding({ line = 1 }, "error", "there is no column person; the columns are %s", concat(people_file.columns, ", "))
    return out
  end
  for _, row in ipairs(file.rows) do
    local function add(...) out[#out + 1] = finding(row, ...) end
    local decision = row.decision
    if not row.person then
      add("error", "the row has no person; the columns are %s", concat(people_file.columns, ", "))
    elseif first[row.person] then
      add("warning", "%s stands in line %d already, and only that row counts; delete one of them", row.person, first[row.person])
    else
      first[row.person] = row.line
    end
    if decision and not DECISIONS[decision] then
      add("error", "decision '%s' is not one of map, fallback, skip%s", decision, suggest.hint(decision, DECISIONS))
    elseif decision == "map" and not row.target then
      add("error", "to map %s, write a mail address, UPN or id in the column target", row.person or "somebody")
    elseif not decision and row.target then
      add("warning", "the target %s counts only with the decision map", row.target)
    end
  end
  return out
end

---Rows of people who are not in the export, with whom they may have meant.
---@param file table
---@param known table<string, any>  the ids of the export's people
function people_file.unknown(file, known)
  local out = {}
  for _, row in ipairs(file.rows) do
    if row.person and not known[row.person] then
      out[#out + 1] = finding(row, "warning", "the export has no person %s%s", row.person, suggest.hint(row.person, known))
    end
  end
  return out
end

---Rows that map to somebody who is not in the tenant.
---@param file table
---@param exists fun(target: string): boolean
---@param names table<string, any>  addresses that the tenant knows, for who may be meant
function people_file.lost(file, exists, names)
  local out = {}
  for _, row in ipairs(file.rows) do
    if row.decision == "map" and row.target and not exists(row.target) then
      out[#out + 1] = finding(row, "error", "nobody in the tenant is %s%s", row.target, suggest.hint(row.target:lower(), names))
    end
  end
  return out
end

local FROM_EXPORT = { "name", "mail", "kind" }

-- The row of a person as the export has them now; what changed, in words.
local function refreshed(row, person)
  local changes = {}
  for _, field in ipairs(FROM_EXPORT) do
    local now, was = person[field], row[field]
    if now == "" then now = nil end
    -- An address that somebody filled in for whom the export has none stays.
    if now ~= was and not (field == "mail" and now == nil) then
      if was then changes[#changes + 1] = ("%s was %s"):format(field, was) end
      row[field] = now
    end
  end
  row.messages = ("%d"):format(person.messages or 0)
  return #changes > 0 and concat(changes, ", ") or nil
end

---Brings the rows up to date with an export, and fills in who was found.
---@param file table?  as read() gave it; nil makes a new one
---@param people { id: string, name: string, mail: string?, kind: string, messages: integer }[]
---@param found table<string, string>  the address in the tenant by the person's id
---@return table file
---@return { new: integer, changed: integer, gone: integer, kept: integer, matched: integer, changes: table[] } counts
function people_file.updated(file, people, found)
  local fresh = not file
  file = file or { columns = people_file.columns, separator = ",", rows = {} }
  local out = { columns = {}, separator = file.separator, rows = {} }
  local counts = { new = 0, changed = 0, gone = 0, kept = 0, matched = 0, changes = {} }
  local by_id, of_export = {}, {}
  for _, person in ipairs(people) do of_export[person.id] = person end
  local function note(row, kind, change)
    counts[kind] = counts[kind] + 1
    counts.changes[#counts.changes + 1] = { person = row.person, change = change }
    row[CHANGE] = change
  end
  local function decide(row)
    if row.decision then
      counts.kept = counts.kept + 1
    elseif not row.target and found[row.person] then
      row.decision, row.target = "map", found[row.person]
      counts.matched = counts.matched + 1
    end
  end
  for _, old in ipairs(file.rows) do
    local row = {}
    for name, value in pairs(old) do row[name] = value end
    row[CHANGE] = nil
    local person = row.person and of_export[row.person]
    if person and not by_id[row.person] then
      local change = refreshed(row, person)
      if change then note(row, "changed", change) end
    elseif row.person and not person then
      note(row, "gone", "not in this export")
    end
    if row.person then by_id[row.person] = true end
    if person then decide(row) elseif row.decision then counts.kept = counts.kept + 1 end
    out.rows[#out.rows + 1] = row
  end
  for _, person in ipairs(people) do
    if not by_id[person.id] then
      local row = { person = person.id }
      refreshed(row, person)
      if fresh then counts.new = counts.new + 1 else note(row, "new", "new") end
      decide(row)
      out.rows[#out.rows + 1] = row
    end
  end
  local has = {}
  local function column(name)
    if not has[name] then out.columns[#out.columns + 1], has[name] = name, true end
  end
  for _, name in ipairs(file.columns) do
    if name ~= CHANGE and name ~= "" then column(name) end
  end
  for _, name in ipairs(people_file.columns) do column(name) end
  if #counts.changes > 0 then column(CHANGE) end
  return out, counts
end

---@param file table
---@return string  # the file's text
function people_file.text(file)
  local separator = file.separator or ","
  local special = '[",\r\n' .. separator .. "]"
  local function cell(value)
    value = value == nil and "" or tostring(value)
    return value:find(special) and '"' .. value:gsub('"', '""') .. '"' or value
  end
  local lines = {}
  for i, name in ipairs(file.columns) do lines[i] = cell(name) end
  lines = { concat(lines, separator) }
  for _, row in ipairs(file.rows) do
    local cells = {}
    for i, name in ipairs(file.columns) do cells[i] = cell(row[name]) end
    lines[#lines + 1] = concat(cells, separator)
  end
  return concat(lines, "\n") .. "\n"
end

return people_file
