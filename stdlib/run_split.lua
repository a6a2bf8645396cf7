---How a job of stdlib.run makes several channels of one room, by year or month: `general 2019`, `general 2020`. A thread
---stays with its root, also one whose root is not in the export.
---
---The years of a room are known once its messages were read, so such a room is read when all rooms are known, and again for
---each of its parts; what belongs to another part is passed over unmapped. A damaged file of it counts in each part.
---Tested by tests/stdlib/run_split_test.lua.
local time = require "stdlib.time"

local find, format, gsub, sub = string.find, string.format, string.gsub, string.sub
local ipairs, pairs, sort, type, xpcall = ipairs, pairs, table.sort, type, xpcall
local is_time = time.is

local LENGTH = { year = 4, month = 7 } -- of "2019-02-04T…"
local DEEPEST = 100 -- replies to replies; a circle ends there

---@param Job table  gets the methods of this file
return function(Job)

-- What a room is to be split by, or nil.
function Job:split_of(place)
  if place.chatType then return nil end
  local by = place.split or self.args.split
  if not by or by == "none" then return nil end
  if self.reads_all then error("split is for sources that read room by room, which this one does not; leave it out", 0) end
  if place.target then error("split and target do not go together: a channel that lives already is one channel", 0) end
  return by
end

-- Maps every message of a room for its time and its root alone: { time, key, root } or false, in the order of reading.
local function messages_of(job, entry, traced)
  local script, ctx, fields, list = job.script, job.ctx, job.fields, {}
  local step = script.message
  for _, room in ipairs(entry.rooms) do
    fields.conversation, fields.target = room, entry.place
    local prefix = entry.prefixes and entry.prefixes[room] or ""
    local function look(record)
      local fine, result = xpcall(step, traced, script, record, ctx)
      local known = false
      if fine and type(result) == "table" and is_time(result.createdDateTime) then
        local id, reply = result.id, result.replyToId
        if reply == id or reply == "" then reply = nil end
        known = { result.createdDateTime, id and prefix .. id, reply and prefix .. reply }
      end
      list[#list + 1] = known
    end
    -- What fails here fails again when the part is read, and is said then.
    xpcall(job.reading, traced, job, script.messages, {}, room, ctx, job:emitter({}, "room", look))
    if job.stopped then error(job.stopped, 0) end
  end
  return list
end

-- The part of each record, by its place in the order of reading, and that of each message, by its key.
local function parts_of(list, length)
  local by_key, answers, missing, labels = {}, {}, {}, {}
  for _, known in ipairs(list) do
    if known and known[2] then by_key[known[2]], answers[known[2]] = known[1], known[3] end
  end
  local first
  for i, known in ipairs(list) do
    if known then
      local root, top = known[3], known[1]
      for _ = 1, DEEPEST do
        if not root or not by_key[root] then break end
        root, top = answers[root], by_key[root]
      end
      local label = sub(top, 1, length)
      if root then -- it is not there: the first of its replies decides for all
        missing[root] = missing[root] or label
        label = missing[root]
      end
      labels[i] = label
      if not first or label < first then first = label end
    end
  end
  local by_message = {}
  for i, known in ipairs(list) do
    labels[i] = labels[i] or first or false
    if known and known[2] then by_message[known[2]] = labels[i] end
  end
  return labels, by_message, first
end

---Makes the parts of every room that is to be split, once all rooms are known, and tells the sink of them.
---@param sink table
---@param traced function
function Job:split_rooms(sink, traced)
  for n = 1, #self.entries do
    local whole = self.entries[n]
    if whole.split then self:split_room(whole, sink, traced) end
  end
end

function Job:split_room(whole, sink, traced)
  local labels, by_message, first = parts_of(messages_of(self, whole, traced), LENGTH[whole.split])
  local place = whole.place
  if not first then -- nothing to split
    whole.split = nil
    return self:tell(whole, sink)
  end
  local found, order = {}, {}
  for _, label in ipairs(labels) do
    if not found[label] then found[label], order[#order + 1] = true, label end
  end
  sort(order)
  whole.labels, whole.by_message, whole.last = labels, by_message, place.id .. "/" .. order[#order]
  self.split[place.id] = whole
  for i, label in ipairs(order) do
    local part = {}
    for field, value in pairs(place) do part[field] = value end
    part.id, part.displayName = place.id .. "/" .. label, place.displayName .. " " .. label
    part.name = part.displayName
    part.createdDateTime = i == 1 and place.createdDateTime or nil
    local entry = { place = part, rooms = whole.rooms, prefixes = whole.prefixes, told = {}, whole = whole, label = label,
      first = i == 1, losses = i == 1 and whole.losses or nil, file = whole.file, index = whole.index }
    part.n = #self.entries + 1
    self.entries[part.n], self.by_id[part.id] = entry, entry
    self:tell(entry, sink)
  end
end

-- What maps a part: the other parts' records are passed over, in the order in which they were looked at.
function Job.only_part(_, entry, map)
  local labels, at = entry.whole.labels, 0
  return function(record, added)
    at = at + 1
    if labels[at] == entry.label then return map(record, added) end
  end
end

-- Links that lead to a room that was split: to the part that holds the message, or to the last one.
function Job:relinked(body, here)
  local split = self.split
  local own = self.by_id[here]
  own = own and own.whole
  if own then
    body = gsub(body, '<a message="([^"]*)">', function(message)
      local label = own.by_message[message]
      return label and format('<a message="%s" conversation="%s">', message, own.place.id .. "/" .. label)
    end)
  end
  if not find(body, ' conversation="', 1, true) then return body end
  body = gsub(body, '<a message="([^"]*)" conversation="([^"]*)"', function(message, room)
    local whole = split[room]
    local label = whole and whole.by_message[message]
    return whole and format('<a message="%s" conversation="%s"', message, label and room .. "/" .. label or whole.last)
  end)
  return (gsub(body, '<a conversation="([^"]*)"', function(room)
    return split[room] and format('<a conversation="%s"', split[room].last)
  end))
end

end
