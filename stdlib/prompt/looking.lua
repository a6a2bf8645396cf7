---Commands of the prompt that look: .find, .list, .sample, .map, .why, .time, .more.
---
---A command is { name, takes, does, run(p, words) }; p is the prompt (stdlib/prompt/init.lua). It raises what is wrong.
local output = require "stdlib.cli.output"
local trace = require "stdlib.prompt.trace"
local views = require "stdlib.prompt.views"

local count, of = output.count, output.of

local PAGE = 20 -- messages of .list
local KEPT = 1000 -- hits of .find that can be shown; all are counted

local function copied(record)
  if type(record) ~= "table" then return record end
  local out = {}
  for key, value in pairs(record) do out[key] = copied(value) end
  return out
end

local function number_of(p, name)
  local n = p.session:conversation(name)
  if not n then error(("there is no conversation %s%s"):format(name, p:hint(name, p:conversation_names())), 0) end
  return n
end

local function item_of(record, file, index, n) return { record = copied(record), file = file, index = index, n = n } end

-- Maps what is listed, for its line.
local function line_of(p, item)
  local map = p.session.map
  item.result = item.result or map:message(item.record, item.n, item.file, item.index)
  return views.item(item, map)
end

local function place_of(p, item)
  local result = item.result
  local id = result.message and result.message.conversation
  for n, place in ipairs(p.session.map.begun.conversations) do
    if n == item.n or item.n == 0 and place.id == id then return views.place_name(place) end
  end
  return "?"
end

-- .find "text" [in NAME]
local function find(p, words)
  local wanted, rest = words:match '^"(.-)"%s*(.*)$'
  if not wanted then wanted, rest = words:match "^(.-)%s+(in%s+%S.*)$" end
  if not wanted then wanted, rest = words, "" end
  if wanted == "" then error('what is to be found? .find "text", or .find "text" in general', 0) end
  local session = p.session
  session:opened()
  local name = rest:match "^in%s+(.-)%s*$"
  local only = name and number_of(p, name)
  local reads_all = session.map.job.reads_all
  local items, hits, places, places_count = {}, 0, {}, 0
  session:scan(function(record, file, index, n)
    local item = { record = record, file = file, index = index, n = n }
    if not p.holds(record, wanted) or only and reads_all and not session:belongs(item, only) then return end
    hits = hits + 1
    if #items < KEPT then items[#items + 1] = item_of(record, file, index, n) end
    local key = n ~= 0 and n or hits == #items and place_of(p, { n = 0, result = session.map:message(record, 0, file, index) }) or nil
    if key and not places[key] then places[key], places_count = true, places_count + 1 end
  end, not reads_all and only or nil, wanted)
  session.items = items
  if hits == 0 then return p.say("no message holds \"%s\"; capital and small letters differ", wanted) end
  local where = only and "" or (" in %s"):format(of(places_count, "conversation"))
  local first = items[1]
  for i = 1, math.min(#items, PAGE) do -- one that is a message tells more than a join
    line_of(p, items[i])
    if items[i].result.message then
      first = items[i]
      break
    end
  end
  p.say("%s%s; the first: %s %s", of(hits, "message"), where, place_of(p, first), line_of(p, first))
  p.say(".map 1%s shows how %s mapped", hits > 1 and (" to .map %s"):format(count(#items)) or "", hits > 1 and "they are" or "it is")
end

-- .list [NAME]: the next page of the same one without a name
local function list(p, words)
  local session = p.session
  session:opened()
  local listed = p.listed
  if words ~= "" or not listed or listed.map ~= session.map then
    local places = session.map.begun.conversations
    if #places == 0 then p:census() end -- rooms come with messages
    local n = words ~= "" and number_of(p, words) or session.current and session.current.item.n or 1
    if n == 0 then n = 1 end
    if not places[n] then return p.say "there is no conversation yet; .find \"text\" searches all messages" end
    listed = { n = n, shown = 0, map = session.map }
    p.listed = listed
  end
  local items, seen = {}, 0
  session:scan(function(record, file, index, n)
    local item = { record = record, file = file, index = index, n = n }
    if session.map.job.reads_all and not session:belongs(item, listed.n) then return end
    seen = seen + 1
    if seen > listed.shown then items[#items + 1] = item_of(record, file, index, n) end
    return #items == PAGE
  end, not session.map.job.reads_all and listed.n or nil)
  if #items == 0 then
    p.listed = nil
    return p.say(listed.shown == 0 and "there is no message in it" or "that was the last")
  end
  session.items = items
  p.say("%s, from message %s on", views.place_name(session.map.begun.conversations[listed.n]), count(listed.shown + 1))
  for i, item in ipairs(items) do p.print(("%3d %s"):format(i, line_of(p, item))) end
  listed.shown = listed.shown + #items
  if #items == PAGE then p.say ".list shows the next" end
end

local function sample(p)
  local names, items = {}, {}
  for i, choice in ipairs(p:census().samples) do
    local result = choice.result
    items[i] = item_of(result.record, result.file, result.index, result.n)
    names[i] = choice.construct
  end
  p.session.items = items
  if #items == 0 then return p.say "the export holds no message" end
  p.print(views.columns(names, p.width()))
end

-- The item of that number, or the message of that id.
local function item_at(p, word)
  local session = p.session
  local at = tonumber(word)
  if at and session.items[at] then return session.items[at] end
  if at and at == math.floor(at) and at <= KEPT and #session.items > 0 then
    error(("the list ends at %d"):format(#session.items), 0)
  end
  local found
  session:opened()
  session:scan(function(record, file, index, n)
    if not p.holds(record, word) then return end
    local item = item_of(record, file, index, n)
    local result = session.map:message(item.record, n, file, index)
    if result.message and result.message.id == word then found = item end
    return found ~= nil
  end, nil, word)
  if not found then error(("there is no message %s; .map 1 is the first of .list, .find or .sample"):format(word), 0) end
  return found
end

local function map(p, words)
  local session = p.session
  session:opened()
  if words ~= "" then
    session:show(item_at(p, words))
  elseif not session.current then
    error("which message? .list, .find or .sample shows some; .map 1 maps the first of them", 0)
  end
  p.print(views.mapped(session.current, session.map))
end

local function why(p, words)
  local field = words ~= "" and words or "body.content"
  local current = p.session.current
  if not current then error("nothing is mapped yet; .map 1 maps the first message of .list, .find or .sample", 0) end
  if type(current.out) ~= "table" then error("the step returned no message, so no field was set", 0) end
  local chain, value = trace.why(current.calls, current.out, field)
  if value == nil then p.say("%s is not set; the step returned %s", field, p.fields_of(current.out)) end
  local parts = {}
  for i, call in ipairs(chain) do parts[i] = ("%s (%s)"):format(call.key, call.place) end
  p.say("%s   %s", field, table.concat(parts, " ← "))
end

local function time(p)
  local messages = 0
  local times = p.session.trace.measure(function()
    p.session:opened():survey(function()
      messages = messages + 1
      return p.stopped()
    end)
  end)
  local rows, total = {}, 0
  for name, row in pairs(times) do
    total = total + row.seconds
    rows[#rows + 1] = { name, row.seconds }
  end
  table.sort(rows, function(a, b) return a[2] > b[2] or a[2] == b[2] and a[1] < b[1] end)
  local parts = {}
  for i, row in ipairs(rows) do
    if i > 6 then break end
    parts[i] = ("%s %.1f"):format(row[1], messages > 0 and row[2] / messages * 1e6 or 0)
  end
  p.say("%s × %.1f µs: %s", of(messages, "message"), messages > 0 and total / messages * 1e6 or 0, table.concat(parts, ", "))
end

local function more(p) p.print(p.whole()) end

return {
  { "list", "[NAME]", "messages of a conversation; without a name the next ones", list },
  { "find", '"TEXT" [in NAME]', "messages that hold a text", find },
  { "sample", "", "one message of each construct that is present", sample },
  { "map", "[N or ID]", "how a message is mapped: record, result, text, size, losses, findings", map },
  { "why", "[FIELD]", "which script and line set a field of the result; body.content by default", why },
  { "time", "", "processor time by function, over the whole export", time },
  { "more", "", "the last value, whole", more },
}
