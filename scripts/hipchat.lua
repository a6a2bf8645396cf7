---HipChat, from its official export (unpacked) or from room histories of its API (v2), in a folder or a zip.
---
---    teamferry plan hipchat --export hipchat-export/ --team "Acme archive"
---
---Rooms become channels; mentions, /code, /quote and /me, HTML of notifications, cards and files by name come along. Private rooms,
---rooms that no rooms.json lists, and private messages stay behind unless --private standard says otherwise for rooms. A private
---message is in the history of both people; the copy of who got it is skipped. A sample of what plan prints:
---
---    #Crane crew 318 messages; skipped: event 11
---    losses: file_missing 22
---
---Replace `content` in a project to change the text, `place` to sort rooms.
local card = require "stdlib.card"
local given = require "stdlib.given"
local mentions = require "stdlib.mentions"

local filled, id_of, list_of, table_of = given.text, given.id, given.list, given.table

local hipchat = source.new {
  name = "hipchat", summary = "HipChat: official export or room histories of its API", api = 1, version = "1.0", categories = { "chat" },
  args = { export = arg.path { required = true, doc = "folder or zip with rooms/…/*.json", example = "hipchat-export" } },
}

-- The objects of a list such as [{ "User": { … } }].
local function each_of(export, file, name, visit)
  if not export:has(file) then return end
  for record, from, index in export:records(file) do
    visit(type(record) == "table" and record[name] or record, from, index)
  end
end

local LISTS = { ["users.json"] = true, ["rooms.json"] = true, ["emoticons.json"] = true }

-- The histories of rooms, each { file, id }; whoever saved them may have left the upper folders out.
local function histories(export)
  local out = {}
  for _, file in ipairs(export:list "**.json") do
    local folder = file:match "([^/]+)/[^/]+$"
    if not LISTS[file] and not file:find "^users/" then out[#out + 1] = { file = file, id = folder or file:match "^(.+)%.json$" } end
  end
  return out
end

function hipchat.recognises(_, export)
  local room = export:has "rooms.json" and export:records "rooms.json"()
  if type(room) == "table" and type(room.Room) == "table" then return true end
  local history = export:list "rooms/*/history*.json"[1] or export:list "*/history*.json"[1]
  return history ~= nil or nil
end

function hipchat:people(ctx, emit)
  each_of(ctx.export, "users.json", "User", function(user, file, index) emit(user, nil, file, index) end)
end

function hipchat:person(user)
  local id = id_of(user.id)
  if not id then return nil, "no id" end
  return { id = id, name = filled(user.name), mail = filled(user.email), kind = user.is_deleted == true and "deleted"
    or user.account_type == "guest" and "guest" or "user" }
end

function hipchat:conversations(ctx, emit)
  local listed = {}
  each_of(ctx.export, "rooms.json", "Room", function(room, file, index)
    if type(room) == "table" then
      room.id = id_of(room.id)
      if room.id then listed[room.id] = true end
    end
    emit(room, nil, file, index)
  end)
  for _, history in ipairs(histories(ctx.export)) do
    if not listed[history.id] then
      listed[history.id] = true
      emit({ id = history.id, unlisted = true }, nil, history.file)
    end
  end
  if next(listed) == nil then error("no rooms.json and no history of a room here: give the folder of the unpacked export", 0) end
end

function hipchat:place(room, ctx)
  if room.people then return { id = room.id, chatType = "oneOnOne", members = room.people } end
  if not room.id then return nil, "no id" end
  if room.unlisted then ctx.loss("conversation_unlisted", room.id) end
  local members = {}
  for _, member in ipairs(list_of(room.members)) do members[#members + 1] = id_of(member) end
  return { id = room.id, displayName = filled(room.name) or room.id, description = filled(room.topic), members = members,
    membershipType = room.privacy == "public" and "standard" or "private" }
end

function hipchat:all_messages(ctx, emit)
  local handles = {}
  each_of(ctx.export, "users.json", "User", function(user)
    if type(user) == "table" and filled(user.mention_name) then handles[user.mention_name:lower()] = id_of(user.id) end
  end)
  local function history(file, prepare)
    local head = ctx.export:json(file, { only = { "items" } })
    local at = type(head) == "table" and head.items and "items" or nil
    for record, from, index in ctx.export:records(file, { at = at }) do
      if type(record) == "table" then
        local kind, message = next(record)
        if type(message) == "table" and type(kind) == "string" and kind:find "Message$" then message.kind, record = kind, message end
        record.handles, record.folder = handles, file:match "^(.*/)"
        prepare(record)
      end
      emit(record, nil, from, index)
    end
  end
  for _, room in ipairs(histories(ctx.export)) do
    history(room.file, function(message) message.room = room.id end)
  end
  for _, file in ipairs(ctx.export:list "users/*/history.json") do
    local owner = file:match "^users/([^/]+)/"
    history(file, function(message)
      local sender, receiver = id_of(list_of(message.sender).id) or "?", id_of(list_of(message.receiver).id) or "?"
      local people = sender < receiver and { sender, receiver } or { receiver, sender }
      message.room = { id = table.concat(people, ","), people = people }
      message.copy = sender ~= owner
    end)
  end
end

-- ISO, or the official export's "2018-08-08T14:23:54Z 626267".
local function moment_of(message)
  local stamp = filled(message.date) or filled(message.timestamp)
  if not stamp then error("the message has no date", 0) end
  local seconds, micro = stamp:match "^(.-)Z (%d+)$"
  return time.parse(seconds and seconds .. "." .. ("%06d"):format(tonumber(micro)) .. "Z" or stamp)
end

local EVENT = { topic = true, GuestAccessMessage = true, ArchiveRoomMessage = true, TopicRoomMessage = true, guest_access = true }

function hipchat:message(message, ctx)
  if message.copy then return nil, "copy of the sender's" end
  if EVENT[message.type] or EVENT[message.kind] then return nil, "event" end
  return {
    id              = id_of(message.id),
    conversation    = message.room,
    createdDateTime = moment_of(message),
    from            = self:author(message),
    body            = { contentType = "html", content = self:content(message, ctx) },
    files           = self:files(message, ctx),
  }
end

---Who wrote it: a person, or the name that an integration gave itself.
function hipchat:author(message)
  local who = message.sender or message.from
  if type(who) ~= "table" then return filled(who) and { id = "integration/" .. who, name = who, kind = "bot" } or nil end
  local id, name = id_of(who.id), filled(who.name)
  if id == "0" or not id then return name and { id = "integration/" .. name, name = name, kind = "bot" } or nil end
  return { id = id, name = name }
end

---HipChat's text as HTML.
function hipchat:to_html(words, message)
  local code, quote, said = words:match "^/code%s(.*)$", words:match "^/quote%s(.*)$", words:match "^/me%s(.*)$"
  if code then return "<pre>" .. html.escape(code) .. "</pre>" end
  local content = html.from_text(quote or said or words)
  content = html.replace(content, "https?://[%w%-._~:/?#@!$&'()*+,;=%%]*[%w/#=&_-]", html.link)
  local named = {}
  for _, mention in ipairs(list_of(message.mentions)) do
    if type(mention) == "table" and filled(mention.mention_name) then named[mention.mention_name:lower()] = id_of(mention.id) end
  end
  content = mentions.handles(content, function(handle)
    handle = handle:lower()
    return named[handle] or message.handles and message.handles[handle]
  end)
  if quote then return html.quote(content) end
  return said and (content:gsub("<p>(.-)</p>", "<p><em>%1</em></p>")) or content
end

local BLOCK = { p = true, div = true, pre = true, table = true, ul = true, ol = true, blockquote = true }

---The HTML of a message: text or HTML, then its card.
function hipchat:content(message, ctx)
  local words = filled(message.message) or ""
  local content
  if message.message_format == "html" then
    content = html.clean(words, ctx):gsub("<(/?)b>", "<%1strong>"):gsub("<(/?)i>", "<%1em>")
    if content ~= "" and not BLOCK[content:match "^<(%w+)"] then content = "<p>" .. content .. "</p>" end
  else
    content = self:to_html(words, message)
  end
  local shown = filled(message.card) and json.decode(message.card)
  if type(shown) == "table" then
    ctx.loss("card", filled(shown.title))
    local about = shown.description
    about = type(about) == "table" and about.value or about
    content = content .. card.to_html({ title = shown.title, title_link = shown.url, text = about },
      function(plain) return html.from_text(plain) end)
  end
  return content
end

---Files; those of the official export lie beside the history.
function hipchat:files(message, ctx)
  local file = table_of(message.file) or table_of(message.attachment)
  if not file then return nil end
  local name = filled(file.name) or "unnamed"
  local path = (message.folder or "") .. "files/" .. (filled(file.path) or filled(message.attachment_path) or name)
  return { { id = id_of(message.id), name = name, path = ctx.export:has(path) and path or nil, url = given.url(file.url),
    size_bytes = tonumber(file.size), contentType = given.image_type(name) } }
end

return hipchat
