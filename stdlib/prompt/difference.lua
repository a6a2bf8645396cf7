---.diff at the prompt: what the script in use changes over the whole export. Against the plan in the journal, if there is one,
---as teamferry diff does; else against the script as it was before the first .reload.
---Tested by tests/end_to_end/diff_test.cpp.
local diff = require "stdlib.cli.diff"
local native = require "teamferry.native"
local project = require "stdlib.cli.project"
local source = require "stdlib.source"

local MOST = 40 -- samples of each kind

local function add(counts, name) counts[name] = (counts[name] or 0) + 1 end

-- fn(key, result, n) for every record; result has `skipped` if its conversation stays behind.
local function each(map, stopped, fn)
  map:survey(function(result, n)
    local place = map.begun.conversations[n]
    local left = place and place.skipped and "conversation: " .. place.skipped
    fn(("%s\0%s"):format(tostring(result.file), tostring(result.index)), result, left or result.reason, place)
    return stopped()
  end)
end

-- As stdlib/cli/diff.lua has it, of two scripts on one export.
local function between(before, now, stopped)
  local was = {}
  each(before, stopped, function(key, result, skipped)
    local message = result.message
    was[key] = skipped and "\0" .. skipped or message and message.from .. "\0" .. message.createdDateTime .. "\0" .. message.body
      or "\0\0" .. tostring(result.error)
  end)
  local found = { rows = 0, changed = 0, sent = 0, changes = {}, skipped = {}, failed = {}, losses = {}, findings = {}, samples = {} }
  local taken = {}
  local function note(kind, result, place, a, b)
    add(found.changes, kind)
    taken[kind] = (taken[kind] or 0) + 1
    if taken[kind] > MOST then return end
    found.samples[#found.samples + 1] = { kind = kind, conversation = place and (place.displayName or place.topic) or "?",
      record = ("%s record %s"):format(tostring(result.file), tostring(result.index)),
      time = result.message and result.message.createdDateTime, before = a, after = b }
  end
  each(now, stopped, function(key, result, skipped, place)
    found.rows = found.rows + 1
    local old, message = was[key] or "\0", result.message
    local from, at, body = old:match "^([^%z]+)%z([^%z]*)%z(.*)$"
    if skipped then
      if not from then return end
      add(found.skipped, skipped)
      return note("now skipped", result, place, body, skipped)
    elseif not message then
      if not from then return end
      add(found.failed, tostring(result.error):match "^[^\n:]*")
      return note("now failed", result, place, body, tostring(result.error))
    elseif not from then
      return note("now planned", result, place, old:gsub("%z", ""), message.body)
    end
    local same = true
    local function compare(kind, a, b)
      if a == b then return end
      same = false
      note(kind, result, place, a, b)
    end
    compare("body", body, message.body)
    compare("author", from, message.from)
    compare("time", at, message.createdDateTime)
    if not same then found.changed = found.changed + 1 end
  end)
  return found
end

-- What is open, as the commands have it.
local function describe(p)
  local call, session = p.call, p.session
  call.script = { name = session.name, file = session.file, project = session.project or ".", described = source.describe(session.script) }
  call.given = {}
  for name, value in pairs(session.given) do call.given[name] = value end
  call.given.export = session.path
  return call
end

local function show(p, from)
  for at = from, math.min(from + 2, #p.difference.samples) do
    for _, line in ipairs(diff.sample(p.difference.samples[at], 150)) do p.print("  " .. line) end
  end
  if #p.difference.samples > from + 2 then p.say("  .diff %d shows the next", from + 3) end
end

---@param p table  the prompt
---@param words string  "" compares; a number shows the samples from there on
return function(p, words)
  local at = tonumber(words)
  if at and p.difference then return show(p, at) end
  local session = p.session
  session:opened()
  local call = describe(p)
  local journal = project.journal(call)
  if not (journal and native.exists(journal)) and session.before then
    p.difference = between(session.before, session.map, p.stopped)
    if p.stopped() then error("interrupted", 0) end
    p.say "against the script as it was before the first .reload; there is no plan yet"
  else
    p.difference = diff.found(call, MOST)
  end
  p.say("%s", diff.line(p.difference))
  show(p, 1)
end
