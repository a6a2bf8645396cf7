---What the prompt shows: people, conversations, messages and how one was mapped, as lines.
---Tested by tests/end_to_end/prompt_test.cpp, through the transcript in examples/prompt.
local output = require "stdlib.cli.output"
local show = require "stdlib.show"
local text = require "stdlib.text"
local validate = require "stdlib.validate"

local views = {}

local count, of = output.count, output.of

---@param person table
---@param census? table  with it, how many messages they wrote
function views.person(person, census)
  local parts = { person.id }
  if person.name and person.name ~= person.id then parts[#parts + 1] = person.name end
  if person.mail then parts[#parts + 1] = person.mail end
  parts[#parts + 1] = person.kind or "user"
  if census then parts[#parts + 1] = of(census.by_person[person.id] or 0, "message") end
  return table.concat(parts, "  ")
end

function views.people(list, census)
  local lines = { ("%d:"):format(#list) }
  for i, person in ipairs(list) do
    if i > 12 then
      lines[#lines + 1] = ("  … %s more"):format(count(#list - 12))
      break
    end
    lines[#lines + 1] = "  " .. views.person(person, census) .. (person.stranger and "  not listed" or "")
  end
  return table.concat(lines, "\n")
end

-- "#general", "Ann Lee, Bob Ray (chat)"
function views.place_name(place)
  if place.chatType then return (place.topic or place.name or place.id or "?") .. " (chat)" end
  return "#" .. (place.displayName or place.name or place.id or "?")
end

---One conversation with what becomes of it.
function views.conversation(place, n, census)
  local parts = { views.place_name(place) }
  if census then parts[2] = of(census.by_conversation[n] or 0, "message") end
  if place.skipped then parts[#parts + 1] = "stays behind: " .. place.skipped end
  if place.error then parts[#parts + 1] = "cannot be mapped: " .. place.error end
  return table.concat(parts, "  ")
end

function views.conversations(places, census)
  local order = {}
  for n in ipairs(places) do order[n] = n end
  table.sort(order, function(a, b)
    local x, y = census.by_conversation[a] or 0, census.by_conversation[b] or 0
    if x ~= y then return x > y end
    return a < b
  end)
  local lines = { ("%d:"):format(#places) }
  for i, n in ipairs(order) do
    if i > 12 then
      lines[#lines + 1] = ("  … %s more"):format(count(#places - 12))
      break
    end
    lines[#lines + 1] = "  " .. views.conversation(places[n], n, census)
  end
  return table.concat(lines, "\n")
end

---What an export holds, for the line that greets.
function views.export(map)
  local channels, chats, parts = 0, 0, {}
  for _, place in ipairs(map.begun.conversations) do
    if place.chatType then chats = chats + 1 else channels = channels + 1 end
  end
  if #map.people > 0 then parts[1] = of(#map.people, "person", "people") end
  if channels > 0 then parts[#parts + 1] = of(channels, "channel") end
  if chats > 0 then parts[#parts + 1] = of(chats, "chat") end
  return #parts > 0 and table.concat(parts, ", ") or "people and rooms come with its messages"
end

local function author(result, map)
  local message = result.message
  local person = message.person or map.job.people_by_id[message.from]
  return person and person.name or message.from
end

---A message in a list: when, who, the first words.
---@param item table  with `result`, from stdlib/mapping.lua
function views.item(item, map)
  local result = item.result
  local message = result.message
  if not message then
    return ("%s  %s"):format(result.reason and "skipped: " .. result.reason or "failed: " .. tostring(result.error):match "^[^\n]*",
      text.excerpt(show.line(item.record), 60))
  end
  local words = text.excerpt((result.text:gsub("%s+", " ")), 60)
  return ("%s  %s  \"%s\""):format(message.createdDateTime:sub(1, 16):gsub("T", " "), author(result, map), words)
end

-- Lines as one: "todo: / • one / ◦ two".
local function joined(words) return (words:gsub("^\n+", ""):gsub("\n+$", ""):gsub("\n+", " / ")) end

local function losses_of(result)
  local parts = {}
  for i, loss in ipairs(result.losses or {}) do parts[i] = loss[1] .. (loss[2] ~= "" and " " .. loss[2] or "") end
  return #parts > 0 and table.concat(parts, ", ") or "none"
end

local function from_of(result, map)
  local from = result.message.from
  local person = result.message.person or map.job.people_by_id[from]
  if not person then return from .. " (not listed)" end
  return from .. " " .. (person.name or "") .. (person.mail and " → " .. person.mail or "")
end

---How a record was mapped.
---@param result table
---@param map MappingSession
---@return string
function views.mapped(result, map)
  local lines = {}
  local function line(head, words) lines[#lines + 1] = ("%-8s %s"):format(head, words) end
  local place = result.file and result.file .. (result.index and " record " .. result.index or "") .. "   " or ""
  line("record", place .. text.excerpt(show.line(result.record), 200))
  if result.left_out then line("skipped", result.left_out .. "; as it would be mapped otherwise:") end
  if result.reason then
    line("skipped", result.reason)
  elseif result.error then
    line("failed", result.error)
    for frame in (result.traceback or ""):gmatch "[^\n]+" do
      if not frame:find "^%s*stdlib/" then lines[#lines + 1] = frame end -- ours tell nobody anything
    end
  else
    local message = result.message
    local parts = { "createdDateTime " .. message.createdDateTime, "from " .. from_of(result, map) }
    if message.replyToId then parts[#parts + 1] = "replyToId " .. message.replyToId end
    if message.subject then parts[#parts + 1] = "subject " .. message.subject end
    if result.parts then parts[#parts + 1] = ("in %d parts"):format(#result.parts + 1) end
    line("result", table.concat(parts, "   "))
    line("html", result.html)
    line("text", joined(result.text))
    line("size", ("%s of %s bytes     losses %s     findings %s"):format(count(validate.size(result.graph)),
      count(validate.limits.message_soft_bytes), losses_of(result), #result.findings > 0 and table.concat(result.findings, "; ") or "none"))
  end
  return table.concat(lines, "\n")
end

---Samples or other choices by number, in columns.
---@param names string[]
---@param width integer
function views.columns(names, width)
  local wide = 0
  for i, name in ipairs(names) do wide = math.max(wide, text.length(("%d %s"):format(i, name))) end
  local across = math.max(1, math.floor(width / (wide + 3)))
  local rows = math.ceil(#names / across)
  local lines = {}
  for row = 1, rows do
    local cells = {}
    for column = 0, across - 1 do
      local at = row + column * rows
      if names[at] then
        local cell = ("%2d %s"):format(at, names[at])
        cells[#cells + 1] = cell .. (" "):rep(wide + 2 - text.length(cell))
      end
    end
    lines[row] = (table.concat(cells, " "):gsub("%s+$", ""))
  end
  return table.concat(lines, "\n")
end

return views
