---How a Mattermost bulk export is laid out (SOURCES 3): one file with an object a line, `{ "type": T, T: { … } }`, in which
---teams, channels and people are referred to by name, and files beside it.
---
---A post has no id. Ours is its time and its author; a second one of that author in that millisecond gets a number, in the
---order of the file, which is that of the server's own ids. Tested by tests/scripts/mattermost_test.lua.
local given = require "stdlib.given"

local bulk = {}

local ipairs, next, type = ipairs, next, type
local filled, list_of = given.text, given.list

local JSONL = { format = "jsonl" }

-- Whether the first object of a file is a line of such an export.
local function is_bulk(export, name)
  local line = export:records(name, JSONL)()
  return type(line) == "table" and filled(line.type) ~= nil and (line.type == "version" or type(line[line.type]) == "table")
end

---The file with the objects, or an error that says what is there instead.
---@param export table
---@return string
function bulk.main(export)
  local found = {}
  for _, glob in ipairs { "*.jsonl", "*.json", "**.jsonl", "**.json" } do
    for _, name in ipairs(export:list(glob)) do
      if not name:find "^data/" and is_bulk(export, name) then found[#found + 1] = name end
    end
    if #found > 0 then break end
  end
  if #found > 1 then error(("there are several exports, %s and %s: give one of them"):format(found[1], found[2]), 0) end
  return found[1] or error("this is not a bulk export of Mattermost: no .jsonl or .json file here starts with a line such as "
    .. '{"type":"version","version":1}. "mmctl export create" makes one', 0)
end

---Whether there is such a file; nil if not.
function bulk.recognises(export)
  for _, glob in ipairs { "*.jsonl", "*.json" } do
    for _, name in ipairs(export:list(glob)) do
      local line = export:records(name)()
      if type(line) == "table" and line.type == "version" then return true end
    end
  end
end

-- The objects of the wanted kinds, with where each line stands.
local function each_line(export, visit)
  for line, file, index in export:records(bulk.main(export), JSONL) do
    local kind = type(line) == "table" and line.type
    visit(kind, type(kind) == "string" and line[kind] or nil, file, index, line)
  end
end

---Emits users and bots.
function bulk.people(export, emit)
  each_line(export, function(kind, object, file, index)
    if kind ~= "user" and kind ~= "bot" then return end
    if kind == "bot" and type(object) == "table" then object.is_bot_line = true end
    emit(object, nil, file, index)
  end)
end

---The people of a direct channel as a list and as a text that is the same for every order.
local function direct_of(object)
  local names = list_of(object.members or object.channel_members)
  if #names == 0 then
    for _, participant in ipairs(list_of(object.participants)) do
      names[#names + 1] = type(participant) == "table" and filled(participant.username) or filled(participant)
    end
  end
  local people, seen = {}, {}
  for _, name in ipairs(names) do
    if filled(name) and not seen[name] then
      seen[name] = true
      people[#people + 1] = name
    end
  end
  table.sort(people)
  return people, table.concat(people, ",")
end

---Emits channels with their members, then direct channels. What an export says of a team's channel stands in three lines.
function bulk.rooms(export, emit, loss)
  local teams, channels, directs, members, several = {}, {}, {}, {}, {}
  each_line(export, function(kind, object, file, index)
    if type(object) ~= "table" then return end
    if kind == "team" and filled(object.name) then
      teams[object.name] = filled(object.display_name) or object.name
    elseif kind == "channel" then
      channels[#channels + 1] = { object, file, index }
      if filled(object.team) then several[object.team] = true end
    elseif kind == "direct_channel" then
      directs[#directs + 1] = { object, file, index }
    elseif kind == "user" and filled(object.username) then
      for _, team in ipairs(list_of(object.teams)) do
        for _, channel in ipairs(type(team) == "table" and list_of(team.channels) or {}) do
          if type(channel) == "table" and filled(team.name) and filled(channel.name) then
            local id = team.name .. "/" .. channel.name
            members[id] = members[id] or {}
            table.insert(members[id], object.username)
          end
        end
      end
    elseif kind == "emoji" then
      loss("emoji_custom", ":" .. (filled(object.name) or "unnamed") .. ":")
    end
  end)
  local first = next(several)
  for _, entry in ipairs(channels) do
    local room = entry[1]
    room.id = filled(room.name) and (filled(room.team) or "") .. "/" .. room.name or nil
    room.members, room.team_name = members[room.id], teams[room.team] or filled(room.team)
    room.several = next(several, first) ~= nil
    emit(room, nil, entry[2], entry[3])
  end
  for _, entry in ipairs(directs) do
    entry[1].people, entry[1].id = direct_of(entry[1])
    emit(entry[1], nil, entry[2], entry[3])
  end
end

-- Numbers what has the same key. Keys are numbers: ten million of them fit into a worker's memory.
local function numberer()
  local people, count, seen = {}, 0, {}
  return function(moment, name)
    local person = people[name]
    if not person then
      person, count = count % 4096, count + 1
      people[name] = person
    end
    local key = moment * 4096 + person
    seen[key] = (seen[key] or 0) + 1
    return seen[key]
  end
end

local KNOWN = { version = true, scheme = true, role = true, emoji = true, team = true, channel = true, user = true, bot = true,
  post = true, direct_channel = true, direct_post = true }

---Emits posts, each before its replies. A post gets `id`, `room` (an id, or a record of a room that no line lists), `rooms`
---(names by id) and, if it is a reply, `root`.
function bulk.posts(export, emit, loss)
  local number, rooms, direct = numberer(), {}, {}
  local function prepare(post, room, root)
    if type(post) ~= "table" then return end
    local moment, user = tonumber(post.create_at), filled(post.user) or "?"
    if moment then
      local n = number(moment, user)
      post.id = ("%.0f/%s%s"):format(moment, user, n > 1 and "/" .. n or "")
    end
    post.room, post.root, post.rooms = room, root, rooms
  end
  each_line(export, function(kind, object, file, index, line)
    if kind == "channel" and type(object) == "table" and filled(object.name) then
      rooms[(filled(object.team) or "") .. "/" .. object.name] = filled(object.display_name) or object.name
    elseif kind == "direct_channel" and type(object) == "table" then
      local _, id = direct_of(object)
      direct[id] = true
    elseif kind == "post" or kind == "direct_post" then
      if type(object) ~= "table" then return emit(object, nil, file, index) end
      local room
      if kind == "post" then
        room = (filled(object.team) or "") .. "/" .. (filled(object.channel) or "")
        if not rooms[room] then
          room = { id = room, name = filled(object.channel) or "unnamed", unlisted = true, team_name = filled(object.team) }
        end
      else
        local people
        people, room = direct_of(object)
        if not direct[room] then room = { id = room, people = people } end
      end
      prepare(object, room)
      emit(object, nil, file, index)
      for _, reply in ipairs(list_of(object.replies)) do
        prepare(reply, room, object.id)
        if type(reply) == "table" then reply.team = object.team end
        emit(reply, nil, file, index)
      end
    elseif not kind or not KNOWN[kind] then
      loss("line_unknown", type(kind) == "string" and kind or type(line))
    end
  end)
end

local JOINS = { "^(%S+) joined the channel%.$", "^(%S+) joined the team%.$", "^(%S+) left the channel%.$", "^(%S+) left the team%.$",
  "^(%S+) added to the channel by %S+%.$", "^(%S+) removed from the channel%.$", "^(%S+) was removed from the channel%.$",
  "^%S+ added to the channel by (%S+)%.$" }

---Whether a post without a type is one of those lines that older servers write as if its author had said them.
---@param post table
---@return boolean
function bulk.is_join(post)
  local words, user = post.message, post.user
  if filled(post.type) or type(words) ~= "string" or #words > 200 or words:sub(-1) ~= "." then return false end
  for _, pattern in ipairs(JOINS) do
    if words:match(pattern) == user and user then return true end
  end
  return false
end

---Where the bytes of a file lie in the export; nil if it has none.
---@param export table
---@param path string
---@return string?
function bulk.file(export, path)
  for _, place in ipairs { "data/" .. path, path } do
    if export:has(place) then return place end
  end
  return nil
end

return bulk
