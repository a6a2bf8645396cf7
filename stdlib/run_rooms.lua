---How a job of stdlib.run takes rooms in: places, parts of one conversation, what stays behind and why.
---Tested by tests/stdlib/run_test.lua.
local choice = require "stdlib.room_choice"
local shape = require "stdlib.shape"
local token = require "stdlib.token"

local concat, find, format = table.concat, string.find, string.format
local ipairs, tostring, type = ipairs, tostring, type
local check_place, folded, result_of = shape.place, choice.folded, shape.result_of

---@param Job table  gets the methods of this file
return function(Job)

-- The topic of a chat that has none: who is in it.
function Job:names_of(members)
  local names = {}
  for i, id in ipairs(members or {}) do names[i] = self.ctx.person(id).name end
  return names[1] and concat(names, ", ") or nil
end

-- What the arguments say about a place: a reason to leave it behind, or nil.
function Job:refused(place)
  local args, ctx = self.args, self.ctx
  if place.chatType then
    if args.direct == "skip" then return place.chatType == "oneOnOne" and "direct message" or "group direct message" end
    place.topic = place.topic or self:names_of(place.members)
    if place.chatType == "oneOnOne" and args.direct == "group" and not place.target then
      place.chatType = "group"
      ctx.loss("direct_made_group", place.topic)
    elseif args.direct == "channel" and not place.target then
      ctx.loss("direct_made_channel", place.topic)
      place.displayName, place.membershipType, place.chatType, place.topic = place.topic or place.id, "private", nil, nil
    end
  end
  if not place.chatType and place.membershipType ~= "standard" then
    if args.private == "skip" then return place.membershipType .. " channel" end
    if args.private == "standard" then
      place.membershipType = "standard"
      ctx.loss("private_made_standard", place.displayName)
    elseif args.private == "group" then
      place.chatType, place.topic, place.displayName, place.membershipType = "group", place.displayName, nil, nil
      ctx.loss("private_made_group", place.topic)
    end
  end
  return self.chosen(place.displayName or place.topic or place.id, place.id)
end

-- Tells the sink of a conversation, and what was lost with it.
function Job.tell(_, entry, sink)
  if not sink.conversation then return end
  local place = entry.place
  place.losses, place.file, place.index = entry.losses, entry.file, entry.index
  sink.conversation(place)
  place.losses, entry.losses = nil, nil
end

-- Tells the sink what a further part of a conversation lost, each thing once: a stream may name a part with each message.
function Job:tell_part(entry, sink)
  local losses, told, fresh = self.losses, entry.told, nil
  for _, loss in ipairs(losses or {}) do
    local key = loss[1] .. " " .. loss[2]
    if not told[key] then
      told[key] = true
      fresh = fresh or {}
      fresh[#fresh + 1] = loss
    end
  end
  if not fresh or not sink.conversation then return end
  if entry.split then -- it is told with its parts
    entry.losses = entry.losses or {}
    for _, loss in ipairs(fresh) do entry.losses[#entry.losses + 1] = loss end
    return
  end
  local place = entry.place
  place.losses, place.file, place.index = fresh, self.file, self.index
  sink.conversation(place)
  place.losses = nil
end

-- Addresses in what describes a room may hold tokens as well.
function Job:clear_tokens(place)
  for _, field in ipairs { "displayName", "description", "topic" } do
    local words = place[field]
    if words and find(words, "xox", 1, true) then
      local clean, removed = token.remove(words)
      place[field] = clean
      if removed then self.ctx.loss("token_removed", field) end
    end
  end
end

local function merge_key(place)
  local team = type(place.team) == "table" and place.team.displayName or place.team or ""
  return folded(team) .. "\0" .. folded(place.displayName)
end

-- The conversation that a channel with `merge` becomes a part of, or nil. Its messages keep apart by their ids, which begin
-- with the id of the channel: two channels of one source may number their messages alike.
function Job:merged_into(place, record)
  if place.merge ~= true or place.chatType then return nil end
  local whole = self.merged[merge_key(place)]
  if not whole then return nil end
  whole.rooms[#whole.rooms + 1] = record
  whole.prefixes = whole.prefixes or {}
  whole.prefixes[record] = place.id .. "/"
  self.aliases[place.id] = whole.place.id
  self.by_id[place.id] = whole
  return whole
end

-- Maps one room and tells the sink of it; gives the entry.
function Job:enter(record, sink)
  local script, ctx = self.script, self.ctx
  local step = script.place
  local result, reason
  if step then
    result, reason = step(script, record, ctx)
    result, reason = result_of(script.name .. ".place", result, reason)
  else
    local id = record.id
    result = { id = type(id) == "number" and format("%.14g", id) or id, displayName = type(record.name) == "string" and record.name or nil }
  end
  local place
  if result then
    place = check_place(result)
    self:clear_tokens(place)
    local known = self.by_id[place.id]
    if known and not known.failed then -- a part of a conversation that is there already
      known.rooms[#known.rooms + 1] = record
      self:tell_part(known, sink)
      return known
    end
    reason = self:refused(place)
    local whole = not reason and self:merged_into(place, record)
    if whole then
      self:tell_part(whole, sink)
      return whole
    end
  else
    place = { id = record.id ~= nil and tostring(record.id) or nil }
  end
  place.name = place.displayName or place.topic or type(record.name) == "string" and record.name or place.id or "a conversation"
  local entry = { place = place, rooms = { record }, skipped = reason, told = {},
    split = result and not reason and self:split_of(place) or nil, losses = self.losses, file = self.file, index = self.index }
  local n = #self.entries + 1
  self.entries[n] = entry
  if place.id then
    local known = self.by_id[place.id]
    if not known or known.failed then self.by_id[place.id] = entry end
    if place.merge == true and not reason and not place.chatType then self.merged[merge_key(place)] = entry end
  end
  place.n, place.skipped = n, reason
  if not entry.split then self:tell(entry, sink) end
  return entry
end

-- A room that could not be mapped: its records are there all the same, and are to be counted with what failed.
function Job:lose(record, problem, sink)
  local id, name = record.id, record.name
  local place = { id = type(id) == "string" and id ~= "" and id or nil, error = problem }
  place.name = type(name) == "string" and name ~= "" and name or place.id or "a conversation"
  local entry = { place = place, rooms = { record }, failed = problem }
  local n = #self.entries + 1
  self.entries[n] = entry
  if place.id and not self.by_id[place.id] then self.by_id[place.id] = entry end
  if sink.conversation then
    place.n, place.file, place.index = n, self.file, self.index
    sink.conversation(place)
  end
end

end
