---Where things lie in an export of Slack, of which there are many kinds (SOURCES 2.1, 2.2, 2.19):
---
---  export   lists at the root, a folder a conversation, a file a day: standard, with direct messages, Enterprise Grid
---           (each workspace has lists and folders of its own in teams/NAME/), slackdump's; at the top or in a folder
---  dump     slackdump: a file a conversation or thread, with replies inside their root
---  chunks   slackdump's archive, unpacked: files of JSON objects { t, id, m … } one after another
---
---What is none of these is refused with a sentence that says what it is. Pages of the web API among the messages are
---opened. Tested by tests/stdlib/slack_export_test.lua.
local each = require "stdlib.each"
local slackdump = require "stdlib.slackdump"

local slack_export = {}

local find, gsub, ipairs, match, type = string.find, string.gsub, ipairs, string.match, type

local DAY = "????-??-??.json"
local LISTS = { "channels", "groups", "dms", "mpims" }
local PEOPLE = { "users.json", "org_users.json" }

local function any(export, glob) return export:list(glob)[1] end

local function table_of(value) return type(value) == "table" and value or nil end

local function text_of(value) return type(value) == "string" and value ~= "" and value or nil end

-- Whether the lists and folders of an export begin at `prefix`.
local function begins_at(export, prefix)
  if any(export, prefix .. "*/" .. DAY) then return true end
  for _, list in ipairs(LISTS) do
    if export:has(prefix .. list .. ".json") then return true end
  end
  return export:has(prefix .. "org_users.json") or any(export, prefix .. "teams/*/*/" .. DAY) ~= nil
end

-- The folders below the top where an export may begin, the outermost only.
local function inner_bases(export)
  local seen, found, least = {}, {}, math.huge
  local function note(prefix)
    prefix = gsub(prefix, "teams/[^/]+/$", "")
    if seen[prefix] or prefix == "" then return end
    seen[prefix] = true
    local _, depth = gsub(prefix, "/", "")
    if depth < least then found, least = {}, depth end
    if depth == least then found[#found + 1] = prefix end
  end
  for _, name in ipairs(export:list "**/channels.json") do note(match(name, "^(.*/)") or "") end
  for _, name in ipairs(export:list("**/" .. DAY)) do note(match(name, "^(.*/)[^/]+/[^/]+$") or "") end
  return found
end

-- What an export is that is not one of Slack's, as a sentence.
local function mistaken_for(export)
  if any(export, DAY) then
    return "there are files by day but no folders: this is the folder of one channel. Give the folder above it"
  end
  if any(export, "**.sqlite") then
    return "this looks like a slackdump archive: a database (.sqlite), which is not read here. Convert it with "
      .. "`slackdump convert -f export`, and give that export"
  end
  if any(export, "**.json.gz") or any(export, "**.jsonl.gz") then
    return "this looks like a slackdump archive: chunks (.json.gz). Unpack its files (gunzip), or convert it with "
      .. "`slackdump convert -f export`, and give that"
  end
  local zip = any(export, "**.zip")
  if zip then return "there is a zip inside, " .. zip .. ": give that as the export" end
  if export:has "channels.json" then
    local rooms = export:json "channels.json"
    if type(rooms) ~= "table" then return "channels.json cannot be read as a list of channels" end
    if rooms.channels then return "channels.json is an answer of Slack's web API, not an export: an export is what an owner downloads" end
    return nil
  end
  if begins_at(export, "") then return nil end
  local inner = inner_bases(export)
  if #inner > 1 then
    return ("several exports lie inside, %s and %s%s: give one of them"):format(inner[1], inner[2], #inner > 2 and " among others" or "")
  end
  if any(export, "**__uploads/**") or any(export, "attachments/**") then
    return "there are only files of an export here (attachments), no channels and no messages: give the whole export"
  end
  local found = any(export, "**")
  return "there is neither a channels.json nor a folder with files by day (general/2019-02-04.json), "
    .. (found and "but for example " .. found .. ": " or "") .. "this is not a Slack export"
end

---Tells what kind of export this is.
---@param export table  the handle of SCRIPTING 6
---@return { kind: "export"|"dump"|"chunks", roots?: table[], files?: table[], streams?: string[] }?
---@return string? problem  what it is instead
function slack_export.open(export)
  local base = ""
  if not any(export, "*/" .. DAY) then
    local inner = not begins_at(export, "") and not any(export, DAY) and inner_bases(export) or {}
    if #inner == 1 and not any(export, "*.sqlite") and not any(export, "*.gz") then
      base = inner[1]
    else
      local packed = any(export, "*.sqlite") or any(export, "*.json.gz") or any(export, "*.jsonl.gz")
      local layout = not packed and slackdump.open(export)
      if layout then return layout end
      local problem = mistaken_for(export)
      if problem then return nil, problem end
    end
  end
  local roots = { { prefix = base } }
  for _, folder in ipairs(export:list(base .. "teams/*/")) do
    if begins_at(export, folder) then roots[#roots + 1] = { prefix = folder, workspace = match(folder, "([^/]+)/$") } end
  end
  return { kind = "export", roots = roots }
end

-- The messages among records that may hold others: pages of the web API, threads of slackdump, chunks of its archive.
local function opened(next_record, id)
  local queue, n, from, at = nil, 0, nil, nil
  local function enqueue(list)
    for _, inner in each(table_of(list)) do queue[#queue + 1] = inner end
  end
  local function plain(record) -- opens what holds others
    if type(record) ~= "table" then return true end
    if record.t and type(record.t) == "number" and record.type == nil then -- a chunk; its ts is text, being so long
      queue = queue or {}
      if record.id == id and (record.t == 0 or record.t == 1) then
        if record.to and record.p then queue[#queue + 1] = record.p end
        enqueue(record.m)
      end
      return false
    end
    if record.ts == nil and type(record.messages) == "table" then
      queue = queue or {}
      enqueue(record.messages)
      return false
    end
    if record.slackdump_thread_replies then
      queue = queue or {}
      enqueue(record.slackdump_thread_replies)
    end
    return true
  end
  return function()
    while true do
      local record
      if queue then
        n = n + 1
        record = queue[n]
        if record == nil then queue, n = nil, 0 end
      end
      if record == nil then
        record, from, at = next_record()
        if record == nil then return nil end
      end
      if plain(record) then return record, from, at end
    end
  end
end

-- The messages of several files, one after the other.
local function chain(export, names, id)
  local i, current = 0, nil
  return function()
    while true do
      if current then
        local record, file, index = current()
        if record ~= nil then return record, file, index end
      end
      i = i + 1
      if not names[i] then return nil end
      current = opened(export:records(names[i]), id)
    end
  end
end

---The messages of a conversation that slack_export.rooms gave.
---@param export table
---@param room table
---@return fun(): table?, string?, integer?  # record, file, index
function slack_export.messages(export, room)
  if room.folder then return opened(export:records(room.folder .. "/" .. DAY)) end
  if room.chunks then return chain(export, room.chunks, room.id) end
  if room.file then return opened(export:records(room.file, { at = "messages" })) end
  return function() end
end

-- "FC_F123_Road map": the comments on a file or canvas. Direct messages that no list names are told by their names.
local function unlisted(folder)
  local title = match(folder, "^FC_%w+_(.+)$")
  if title then return { id = folder, name = "comments on " .. title, list = "unlisted" } end
  local list = find(folder, "^D[A-Z0-9]+$") and #folder > 8 and "dms" or find(folder, "^mpdm%-") and "mpims" or "unlisted"
  return { id = folder, name = folder, list = list }
end

local NO_ROOM = { teams = true, attachments = true, __uploads = true }

-- The prefix if files were downloaded into the export, for stdlib/slack_files.lua.
local function uploads_of(export, prefix)
  for _, glob in ipairs { "__uploads/**", "attachments/**", "*/attachments/**" } do
    if any(export, prefix .. glob) then return prefix end
  end
  return nil
end

local function export_rooms(export, root, found)
  local prefix, named = root.prefix, {}
  local uploads = uploads_of(export, prefix)
  for _, list in ipairs(LISTS) do
    local name = prefix .. list .. ".json"
    if export:has(name) then
      for room, file, index in export:records(name) do
        if type(room) == "table" and text_of(room.id) then
          room.list, room.workspace, room.uploads = list, root.workspace, uploads
          for _, folder in ipairs { text_of(room.name) or room.id, room.id } do
            if not room.folder and not named[folder] and any(export, prefix .. folder .. "/" .. DAY) then room.folder = prefix .. folder end
            if room.folder == prefix .. folder then named[folder] = true end
          end
        end
        found(room, file, index)
      end
    end
  end
  for _, path in ipairs(export:list(prefix .. "*/")) do
    local folder = match(path, "([^/]+)/$")
    if not named[folder] and not NO_ROOM[folder] and any(export, prefix .. folder .. "/" .. DAY) then
      local room = unlisted(folder)
      if root.workspace then room.id = root.workspace .. "/" .. room.id end
      room.folder, room.workspace, room.no_list, room.uploads = prefix .. folder, root.workspace, true, uploads
      found(room)
    end
  end
end

---Gives the conversations: Slack's own records, with `list` (channels, groups, dms, mpims, unlisted), `workspace` on Grid,
---`no_list` if no list names it, `uploads` if there are downloaded files, and where its messages lie (`folder`, `file` or
---`chunks`). What is no record in a list is given as it is.
---@param export table
---@param layout table  of slack_export.open
---@param found fun(room: any, file?: string, index?: integer)
function slack_export.rooms(export, layout, found)
  if layout.kind == "dump" then return slackdump.dump_rooms(export, layout, found) end
  if layout.kind == "chunks" then return slackdump.chunk_rooms(export, layout, found) end
  for _, root in ipairs(layout.roots) do export_rooms(export, root, found) end
end

---The names of the conversations that lists name, by id; true for one without a name.
---@param export table
---@param layout table
---@return table<string, string|boolean>
function slack_export.names(export, layout)
  local out = {}
  for _, root in each(layout.roots) do
    for _, list in ipairs(LISTS) do
      local name = root.prefix .. list .. ".json"
      for _, room in each(table_of(export:has(name) and export:json(name))) do
        if type(room) == "table" and text_of(room.id) then out[room.id] = text_of(room.name) or true end
      end
    end
  end
  return out
end

---Gives the people that the export lists; false if it lists none.
---@param export table
---@param layout table
---@param found fun(user: any, file: string, index: integer)
---@return boolean
function slack_export.people(export, layout, found)
  local any_list = false
  local function read(name)
    if not export:has(name) then return end
    any_list = true
    for user, file, index in export:records(name) do
      if layout.kind == "chunks" and type(user) == "table" then
        for _, inner in each(user.t == 3 and table_of(user.u) or nil) do found(inner, file, index) end
      else
        found(user, file, index)
      end
    end
  end
  for _, root in ipairs(layout.roots or { { prefix = "" } }) do
    for _, name in ipairs(PEOPLE) do read(root.prefix .. name) end
  end
  for _, name in each(layout.streams) do read(name) end
  return any_list
end

---All messages of the export in no certain order, for those who look for people in them.
---@param export table
---@param layout table
---@return fun(): any
function slack_export.all(export, layout)
  local rooms, i, current = {}, 0, nil
  slack_export.rooms(export, layout, function(room)
    if type(room) == "table" then rooms[#rooms + 1] = room end
  end)
  return function()
    while true do
      local record = current and current()
      if record ~= nil and current then return record end
      i = i + 1
      if not rooms[i] then return nil end
      current = slack_export.messages(export, rooms[i])
    end
  end
end

local LEFT = { { "integration_logs.json", "integration_log" }, { "canvases.json", "canvas" }, { "lists.json", "list" },
  { "huddle_transcripts.json", "huddle_transcript" } }

---What lies beside the messages and is not carried: its kind of loss and how many there are.
---@param export table
---@param layout table
---@return { kind: string, count: integer, file: string }[]
function slack_export.left(export, layout)
  local out = {}
  for _, root in each(layout.roots) do
    for _, entry in ipairs(LEFT) do
      local name, count = root.prefix .. entry[1], 0
      if export:has(name) then
        for record in export:records(name) do
          if type(record) == "table" then count = count + 1 end -- a list that is empty may hold one empty text
        end
      end
      if count > 0 then out[#out + 1] = { kind = entry[2], count = count, file = name } end
    end
  end
  return out
end

return slack_export
