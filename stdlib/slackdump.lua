---What slackdump writes besides exports (SOURCES 2.19): a dump, which is a file a conversation or thread with replies inside
---their root, and its archive, unpacked: files of JSON objects { t, id, m … } one after another, called chunks.
---
---stdlib/slack_export.lua asks here. Tested by tests/stdlib/slack_export_test.lua.
local each = require "stdlib.each"

local slackdump = {}

local find, ipairs, match, pairs, type = string.find, ipairs, string.match, pairs, type

local function table_of(value) return type(value) == "table" and value or nil end

local function text_of(value) return type(value) == "string" and value ~= "" and value or nil end

local function first_record(export, name)
  local next_record = export:records(name)
  return (next_record())
end

local function ids_at_root(export, ending)
  local out = {}
  for _, name in ipairs(export:list("*." .. ending)) do
    local id = match(name, "^([CDG][A-Z0-9]+)%.") or match(name, "^([CDG][A-Z0-9]+)%-[%d.]+%.")
    if id then out[#out + 1] = { name = name, id = id } end
  end
  return out
end

---Tells whether there is one file a conversation: a dump, or the chunks of an archive that was unpacked.
---@param export table
---@return { kind: "dump"|"chunks", files: table[], streams?: string[] }?
function slackdump.open(export)
  local files = ids_at_root(export, "json")
  for _, file in ipairs(ids_at_root(export, "jsonl")) do files[#files + 1] = file end
  local streams = {}
  for _, name in ipairs(export:list "*.jsonl") do
    if find(name, "chunks", 1, true) then streams[#streams + 1] = name end
  end
  local named = files[1] and files[1].name or streams[1]
  local first = named and first_record(export, named)
  if type(first) ~= "table" then return nil end
  if type(first.t) == "number" and first.type == nil then return { kind = "chunks", files = files, streams = streams } end
  if type(first.messages) == "table" then return { kind = "dump", files = files } end
  return nil
end

-- What the flags of the web API say a conversation is; a channel of unknown standing is private until somebody says otherwise.
local function list_of(room)
  local sign = text_of(room.id) and room.id:sub(1, 1)
  if room.is_im == true or sign == "D" then return "dms" end
  if room.is_mpim == true then return "mpims" end
  if room.is_private == true then return "groups" end
  if room.is_private == false then return "channels" end
  return "unlisted"
end

---Gives the conversations of a dump, as slack_export.rooms does.
function slackdump.dump_rooms(export, layout, found)
  local listed = {}
  for _, room in each(table_of(export:has "channels.json" and export:json "channels.json")) do
    if type(room) == "table" and text_of(room.id) then listed[room.id] = room end
  end
  for _, file in ipairs(layout.files) do
    local head = export:json(file.name, { only = { "channel_id", "name" } }) or {}
    local id = text_of(head.channel_id) or file.id
    local room = { file = file.name, id = id, name = text_of(head.name) }
    for name, value in pairs(listed[id] or {}) do room[name] = value end
    room.list = list_of(room)
    room.no_list = room.list == "unlisted"
    room.uploads = export:list(id .. "/**")[1] and "" or nil
    found(room, file.name, 1)
  end
end

---Gives the conversations of an archive, as slack_export.rooms does.
function slackdump.chunk_rooms(export, layout, found)
  local rooms, order = {}, {}
  local function note(id, about)
    if not text_of(id) then return end
    if not rooms[id] then
      rooms[id] = { id = id, chunks = {} }
      order[#order + 1] = id
    end
    for name, value in pairs(about or {}) do rooms[id][name] = value end
  end
  local function read(name)
    for chunk in export:records(name) do
      if type(chunk) == "table" then
        if chunk.t == 4 then
          for _, about in each(table_of(chunk.ch)) do
            if type(about) == "table" then note(about.id, about) end
          end
        elseif chunk.t == 5 and type(chunk.ci) == "table" then
          note(chunk.ci.id, chunk.ci)
        elseif chunk.t == 7 then
          note(chunk.id, { members = table_of(chunk.cu) })
        elseif chunk.t == 9 then
          note(chunk.id, { bookmarks = table_of(chunk.b) })
        elseif chunk.t == 0 or chunk.t == 1 then
          note(chunk.id)
        end
      end
    end
  end
  if export:has "channels.json" then read "channels.json" end
  for _, name in ipairs(layout.streams) do read(name) end
  for _, file in ipairs(layout.files) do
    read(file.name)
    note(file.id)
    local chunks = rooms[file.id].chunks
    chunks[#chunks + 1] = file.name
  end
  for _, id in ipairs(order) do
    local room = rooms[id]
    for _, name in ipairs(layout.streams) do room.chunks[#room.chunks + 1] = name end
    room.list = list_of(room)
    room.no_list = room.list == "unlisted"
    found(room, room.chunks[1], 1)
  end
end

return slackdump
