---How a Zulip realm export is laid out (SOURCES 7): tables of rows in realm.json, messages in messages-000001.json and on,
---uploads beside them. Rows refer to one another by number; here the numbers that a message needs are looked up once, while
---it is read. Tested by tests/scripts/zulip_test.lua.
local given = require "stdlib.given"

local zulip_export = {}

local floor, ipairs, tonumber, type = math.floor, ipairs, tonumber, type
local id_of, filled, list_of = given.id, given.text, given.list

local PERSON, STREAM, GROUP = 1, 2, 3 -- types of a recipient

-- The rows of a table, none if a realm of that age lacks it, with where each stands.
local function rows(export, name)
  if not export:has "realm.json" then
    error("this is not a Zulip export: there is no realm.json. Give the export's tar.gz, or the folder that it holds", 0)
  end
  local tables, problem = export:json("realm.json", { only = { name } })
  if type(tables) ~= "table" then error("realm.json cannot be read: " .. tostring(problem), 0) end
  local list, i = list_of(tables[name]), 0
  return function()
    i = i + 1
    if list[i] ~= nil then return list[i], "realm.json", i end
  end
end

local PEOPLE = { "zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm" }

---Emits users, bots, and those who only left their traces.
function zulip_export.people(export, emit)
  for _, name in ipairs(PEOPLE) do
    for user, file, index in rows(export, name) do
      if type(user) == "table" and name == "zerver_userprofile_mirrordummy" then user.is_mirror_dummy = true end
      emit(user, nil, file, index)
    end
  end
end

-- Recipients by number, each { type, type_id, members }; members only of those of a type.
local function recipients(export, of_type)
  local out = {}
  for row in rows(export, "zerver_recipient") do
    if type(row) == "table" and row.id then out[row.id] = { type = row.type, type_id = row.type_id } end
  end
  for row in rows(export, "zerver_subscription") do
    local recipient = type(row) == "table" and row.active ~= false and out[row.recipient]
    if recipient and recipient.type == of_type then
      recipient.members = recipient.members or {}
      recipient.members[#recipient.members + 1] = id_of(row.user_profile)
    end
  end
  return out
end

local function room_of(stream) return "stream/" .. (id_of(stream) or "?") end

---Emits streams with their members.
function zulip_export.streams(export, emit)
  local members = {}
  for _, recipient in pairs(recipients(export, STREAM)) do
    if recipient.type == STREAM then members[id_of(recipient.type_id) or "?"] = recipient.members end
  end
  for stream, file, index in rows(export, "zerver_stream") do
    if type(stream) == "table" then
      stream.room, stream.members = room_of(stream.id), members[id_of(stream.id) or "?"]
    end
    emit(stream, nil, file, index)
  end
end

-- Lists of what belongs to a message, by its number.
local function by_message(iterator, numbers_of)
  local out = {}
  for row in iterator do
    for _, number in ipairs(type(row) == "table" and numbers_of(row) or {}) do
      out[number] = out[number] or {}
      table.insert(out[number], row)
    end
  end
  return out
end

local function chat_of(people)
  local sorted, seen = {}, {}
  for _, id in ipairs(people) do
    if not seen[id] then
      seen[id] = true
      sorted[#sorted + 1] = id
    end
  end
  table.sort(sorted)
  return { id = "chat/" .. table.concat(sorted, ","), people = sorted }
end

---Emits messages. Each gets `room` (an id, or a record of a chat or a stream that no table lists), `in_stream`, `root` (the
---first of its topic, if it is not that), `reacted`, `uploads`, and `names` and `streams` to look mentions up in.
---@param options { threads: boolean, gap_seconds: number }
function zulip_export.messages(export, emit, options)
  local names, streams, listed, topics = {}, {}, {}, {}
  for _, name in ipairs(PEOPLE) do
    for user in rows(export, name) do
      if type(user) == "table" and filled(user.full_name) then names[user.full_name] = id_of(user.id) end
    end
  end
  for stream in rows(export, "zerver_stream") do
    if type(stream) == "table" then
      listed[room_of(stream.id)] = true
      if filled(stream.name) then streams[stream.name] = room_of(stream.id) end
    end
  end
  local known = recipients(export, GROUP)
  local reacted = by_message(rows(export, "zerver_reaction"), function(row) return { row.message } end)
  local attached = export:records("attachment.json", { at = "zerver_attachment" })
  local uploads = by_message(attached, function(row) return list_of(row.messages) end)

  local function place(message)
    local recipient = known[message.recipient]
    if not recipient or recipient.type == STREAM then
      local room = recipient and room_of(recipient.type_id) or "recipient/" .. (id_of(message.recipient) or "?")
      message.in_stream = true
      message.room = listed[room] and room or { id = room, room = room, unlisted = true }
    elseif recipient.type == PERSON then
      message.room = chat_of { id_of(message.sender) or "?", id_of(recipient.type_id) or "?" }
    else
      message.room = chat_of(recipient.members or { id_of(message.sender) or "?" })
    end
  end

  -- The first message of a topic is the root of the others, until it was silent for too long.
  local function thread(message)
    local moment = tonumber(message.date_sent or message.pub_date)
    local subject = filled(message.subject) or ""
    if subject:sub(1, 4) == "✔ " then subject = subject:sub(5) end
    local key = (id_of(message.recipient) or "?") .. "\0" .. subject:lower()
    local topic = topics[key]
    local silent = topic and moment and topic.last and options.gap_seconds > 0 and moment - topic.last > options.gap_seconds
    if message.content ~= "(deleted)" then
      if not topic or silent then
        topics[key] = { root = id_of(message.id), last = moment }
        return
      end
      topic.last = moment and floor(moment) or topic.last
    end
    message.root = topic and topic.root
  end

  for message, file, index in export:records("messages-*.json", { at = "zerver_message" }) do
    if type(message) == "table" then
      message.names, message.streams = names, streams
      message.reacted, message.uploads = reacted[message.id], uploads[message.id]
      place(message)
      if options.threads and message.in_stream then thread(message) end
    end
    emit(message, nil, file, index)
  end
end

return zulip_export
