---Reads CSV as RFC 4180 has it, and as spreadsheets write it: comma, semicolon or tab, any newline.
---Tested by tests/stdlib/csv_test.lua.
local csv = {}

local find, sub, gsub = string.find, string.sub, string.gsub

local SEPARATORS = { ",", ";", "\t" }

---The separator that splits the first line most often, outside of quotes.
---@param content string
---@return string
function csv.separator_of(content)
  local line = gsub(content:match "^[^\r\n]*", '"[^"]*"', "")
  local best, most = ",", 0
  for _, separator in ipairs(SEPARATORS) do
    local _, count = gsub(line, separator, "")
    if count > most then best, most = separator, count end
  end
  return best
end

-- Reads one line's fields from `at` on. Gives the fields and where the next line begins, or nil and what is wrong.
local function fields_at(content, at, separator, plain)
  local fields, n = {}, 0
  while true do
    local value
    if sub(content, at, at) == '"' then
      local from = at + 1
      local parts
      while true do
        local quote = find(content, '"', from, true)
        if not quote then return nil, "a quoted field is not closed" end
        local part = sub(content, from, quote - 1)
        if sub(content, quote + 1, quote + 1) == '"' then
          parts = (parts or "") .. part .. '"'
          from = quote + 2
        else
          value = (parts or "") .. part
          at = quote + 1
          break
        end
      end
      local stray = content:match("^[^" .. separator .. "\r\n]+", at) -- text behind the closing quote belongs to the field
      if stray then value, at = value .. stray, at + #stray end
    else
      local stop = find(content, plain, at) or #content + 1
      value, at = sub(content, at, stop - 1), stop
    end
    n = n + 1
    fields[n] = value
    local char = sub(content, at, at)
    if char ~= separator then
      if char == "\r" and sub(content, at + 1, at + 1) == "\n" then return fields, at + 2 end
      return fields, at + 1
    end
    at = at + 1
  end
end

---Iterates over the rows as tables by the names of the first line. Empty fields are absent; empty lines are passed over.
---@param content string
---@param separator? string  found in the first line by default
---@return fun(): table<string, string>?, integer?  # the row and where in the text it begins; raises a sentence with the
--- row that cannot be read
---@return string[] names  of the columns
---@usage for row in csv.rows(text) do print(row.name) end
function csv.rows(content, separator)
  local skipped = sub(content, 1, 3) == "\239\187\191" and 3 or 0
  if skipped > 0 then content = sub(content, 4) end
  if not separator or separator == "" then separator = csv.separator_of(content) end
  local plain = "[" .. separator .. "\r\n]"
  local names, at = fields_at(content, 1, separator, plain)
  if not names then error("the first line: " .. at, 0) end
  for i, name in ipairs(names) do names[i] = name:match "^%s*(.-)%s*$" end
  local record = 1
  return function()
    while at <= #content do
      local fields, next_at = fields_at(content, at, separator, plain)
      record = record + 1
      if not fields then
        at = #content + 1
        error(("row %d: %s"):format(record, next_at), 0)
      end
      local begins = at
      at = next_at
      if not (#fields == 1 and fields[1] == "") then
        local row = {}
        for i, name in ipairs(names) do
          local value = fields[i]
          if value and value ~= "" and name ~= "" then row[name] = value end
        end
        return row, begins + skipped
      end
    end
    return nil
  end, names
end

---All rows at once, and the names of the columns.
---@param content string
---@param separator? string
---@return table<string, string>[]? rows  # nil and what is wrong
---@return string? problem
function csv.read(content, separator)
  local rows = {}
  local fine, problem = pcall(function()
    for row in csv.rows(content, separator) do rows[#rows + 1] = row end
  end)
  if not fine then return nil, problem end
  return rows
end

return csv
