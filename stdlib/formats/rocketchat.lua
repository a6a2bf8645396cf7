---How data of Rocket.Chat come (SOURCES 4): its database as mongodump writes it; as JSON, documents one after another or in a
---list; or answers of its REST API that hold a list under a name. What a file of JSON holds is told by its first document.
---Tested by tests/scripts/rocketchat_test.lua.
local given = require "stdlib.given"
local time = require "stdlib.time"

local rocketchat = {}

local ipairs, type = ipairs, type
local filled, list_of = given.text, given.list

---An id, which MongoDB may write as an object.
function rocketchat.id(value)
  if type(value) == "table" then return filled(value["$oid"]) end
  return given.id(value)
end

---A time in any of the forms: ISO text, a number of milliseconds, or MongoDB's { "$date": … }.
function rocketchat.time(value)
  if type(value) == "table" then value = value["$date"] end
  if type(value) == "table" then value = value["$numberLong"] end
  if type(value) == "number" or type(value) == "string" and value:find "^%d+$" then return time.unix(value, "ms") end
  return time.parse(value)
end

local ANSWERS = { messages = "messages", channels = "rooms", groups = "rooms", ims = "rooms", users = "users" }

-- What a document is.
local function kind_of(document)
  if document.rid and document.ts then return "messages" end
  if document.t and document._id then return "rooms" end
  if document.username and document._id then return "users" end
end

local DUMPED = { rocketchat_message = "messages", rocketchat_room = "rooms", users = "users" }

-- The files of the export, each { file, kind, at }; those of JSON are looked for by the glob.
local function known_files(export, glob)
  local out = {}
  for _, file in ipairs(export:list "**.bson") do
    local kind = DUMPED[file:match "([^/]+)%.bson$"]
    if kind then out[#out + 1] = { file = file, kind = kind } end
  end
  if out[1] then return out end
  for _, file in ipairs(export:list(glob)) do
    local first = export:records(file)()
    if type(first) == "table" then
      local kind, at = kind_of(first), nil
      if not kind then
        for name, held in pairs(ANSWERS) do
          if type(first[name]) == "table" then kind, at = held, name end
        end
      end
      if kind then out[#out + 1] = { file = file, kind = kind, at = at } end
    end
  end
  return out
end

local NOTHING = "no file here holds messages, rooms or users of Rocket.Chat; mongodump, or mongoexport of rocketchat_message, "
  .. "rocketchat_room and users, makes them"

local function files(export)
  local out = known_files(export, "**.json*")
  if not out[1] then error(NOTHING, 0) end
  return out
end

---Whether there are messages of Rocket.Chat at the top; nil if not.
function rocketchat.recognises(export)
  for _, entry in ipairs(known_files(export, "*.json*")) do
    if entry.kind == "messages" then return true end
  end
end

local function each_of(export, kind, visit)
  for _, entry in ipairs(files(export)) do
    if entry.kind == kind then
      for record, file, index in export:records(entry.file, { at = entry.at }) do visit(record, file, index) end
    end
  end
end

---Emits users, without their hashes of passwords and their tokens.
function rocketchat.users(export, emit)
  each_of(export, "users", function(user, file, index)
    if type(user) == "table" then user.services = nil end
    emit(user, nil, file, index)
  end)
end

---Emits rooms.
function rocketchat.rooms(export, emit)
  each_of(export, "rooms", function(room, file, index)
    if type(room) == "table" then room.id = rocketchat.id(room._id) end
    emit(room, nil, file, index)
  end)
end

-- The folder in which the files of a dump's GridFS are, or nil.
local function uploads_of(export)
  local files_of = export:list "**rocketchat_uploads.files.bson"[1]
  return files_of and files_of:match "^(.*)%.files%.bson$" .. "/"
end

-- Uploaded files by id, as a server keeps them on its disk or in a bucket: named after it, or in a folder of that name.
local function stored_files(export)
  local out = {}
  for _, path in ipairs(export:list "**") do
    local folder, name = path:match "([^/]*)/([^/]+)$"
    name = name or path
    if not name:find "%.[jb]son" then
      for _, id in ipairs { name:match "^([^.]+)", folder } do out[id] = out[id] or path end
    end
  end
  return out
end

---Emits messages, each with `room` (an id, or a record of a room that no list names), `people` (ids by user name) and
---`stored` (the paths of uploaded files by id).
function rocketchat.messages(export, emit)
  local listed, people, uploads = {}, {}, uploads_of(export)
  local stored = uploads and setmetatable({}, { __index = function(_, id) return uploads .. id end }) or stored_files(export)
  each_of(export, "rooms", function(room)
    local id = type(room) == "table" and rocketchat.id(room._id)
    if id then listed[id] = true end
  end)
  each_of(export, "users", function(user)
    if type(user) == "table" and filled(user.username) then people[user.username] = rocketchat.id(user._id) end
  end)
  each_of(export, "messages", function(message, file, index)
    if type(message) == "table" then
      local room = rocketchat.id(message.rid)
      message.room = room and (listed[room] and room or { _id = room, id = room, unlisted = true }) or nil
      message.people, message.stored = people, stored
    end
    emit(message, nil, file, index)
  end)
end

---Who a user name means in a message: somebody it mentions, or any user.
---@return string? id
function rocketchat.mentioned(message, handle)
  for _, mention in ipairs(list_of(message.mentions)) do
    if type(mention) == "table" and mention.username == handle and mention.type ~= "team" and handle ~= "all" and handle ~= "here" then
      return rocketchat.id(mention._id)
    end
  end
  return message.people and message.people[handle]
end

return rocketchat
