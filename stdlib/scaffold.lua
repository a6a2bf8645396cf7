---What teamferry new learns of an export: its people, what they wrote, and a sample, one message of each construct,
---anonymised. Runs beside the command, in a state like those that plan; takes and gives JSON.
---
---The sample is an export of its own: of each file only the records that were chosen, read again as they stand there. It is
---made of JSON files; an export that has none gets no sample.
---Tested by tests/end_to_end/new_test.cpp.
local anonymise = require "stdlib.anonymise"
local constructs = require "stdlib.constructs"
local host = require "teamferry.host"
local json = require "json"
local mapping = require "stdlib.mapping"
local sandbox = require "teamferry.sandbox"
local source = require "stdlib.source"

local scaffold = {}

local MOST = 16 -- messages of a sample

-- The places of records that are wanted, by file.
local function places()
  local wanted = {}
  local function want(file, index)
    if type(file) ~= "string" or type(index) ~= "number" then return false end
    wanted[file] = wanted[file] or {}
    wanted[file][index] = true
    return true
  end
  return wanted, want
end

-- The records that were chosen, as files of a small export; nil if one of them cannot be written as JSON.
local function sample_of(export, wanted, anonymous)
  local files = {}
  for file, indexes in pairs(wanted) do
    if not file:find "%.json$" then return nil end
    local records, last = {}, 0
    for index in pairs(indexes) do last = math.max(last, index) end
    local n = 0
    for record, _, index in export:records(file) do
      n = n + 1
      if indexes[index or n] and type(record) == "table" then records[#records + 1] = anonymous.record(record) end
      if n >= last then break end
    end
    files[anonymous.path(file)] = json.encode(json.array(records), { pretty = true }) .. "\n"
  end
  return next(files) and files or nil
end

local function row_of(id, person, wrote)
  return { id = id, name = person.name, mail = person.mail, kind = person.kind, messages = wrote[id] or 0 }
end

-- Who is to be seen in a message: its author, whom it mentions, who reacted.
local function people_in(result, seen)
  seen[result.message.from] = true
  for id in result.message.body:gmatch '<at person="([^"]*)"' do seen[id] = true end
  local reactions = type(result.out) == "table" and result.out.reactions
  for _, reaction in ipairs(type(reactions) == "table" and reactions or {}) do
    for _, id in ipairs(type(reaction.users) == "table" and reaction.users or {}) do seen[id] = true end
  end
end

---@param request string  JSON: from (a script's name), export (a path)
---@return string  # JSON: summary and name of the script; people { id, name, mail, kind, messages }; rooms, messages; sample
--- (text by file) and samples (how many messages)
function scaffold.run(request)
  request = json.decode(request)
  local script = sandbox.require_script(request.from)
  source.loaded(script, request.from)
  local export = host.open_export(request.export)
  local args = { export = request.export }
  local session = mapping.start(script, { export = export, args = args, place_of = host.place_of, warn = host.warn })
  local wrote, strangers, order = {}, {}, {}
  local chooser, room, roots, messages = constructs.chooser(), nil, {}, 0
  local plan = session:plan(function(result)
    local message = result.message
    messages = messages + 1
    if message.added then return end
    wrote[message.from] = (wrote[message.from] or 0) + 1
    if message.person and not strangers[message.from] then
      strangers[message.from] = message.person
      order[#order + 1] = message.from
    end
    if message.conversation ~= room then room, roots = message.conversation, {} end
    if message.id and not message.replyToId then roots[message.id] = { result.file, result.index } end
    chooser.add(result, message.replyToId and roots[message.replyToId])
  end)

  local out = { name = script.name, summary = script.summary, people = {}, messages = messages, rooms = 0 }
  local known, names, rooms = {}, {}, {}
  for _, person in ipairs(plan.people) do
    known[person.id] = true
    out.people[#out.people + 1] = row_of(person.id, person, wrote)
  end
  for _, id in ipairs(order) do
    if not known[id] then out.people[#out.people + 1] = row_of(id, strangers[id], wrote) end
  end
  for i, person in ipairs(out.people) do names[i] = person end
  for _, place in ipairs(plan.conversations) do
    if not place.skipped then out.rooms = out.rooms + 1 end
    rooms[#rooms + 1] = { id = place.id, name = place.name }
  end

  local wanted, want = places()
  local chosen, used_rooms, used_people = chooser.list(MOST), {}, {}
  out.samples = 0
  for _, choice in ipairs(chosen) do
    local result = choice.result
    if want(result.file, result.index) then
      out.samples = out.samples + 1
      used_rooms[result.message.conversation] = true
      people_in(result, used_people)
      if choice.extra then want(choice.extra[1], choice.extra[2]) end
    end
  end
  for _, place in ipairs(plan.conversations) do
    if used_rooms[place.id] then want(place.file, place.index) end
  end
  for _, person in ipairs(plan.people) do
    if used_people[person.id] then want(person.file, person.index) end
  end
  out.sample = out.samples > 0 and sample_of(export, wanted, anonymise.new { people = names, rooms = rooms }) or nil
  json.array(out.people)
  return json.encode(out)
end

return scaffold
