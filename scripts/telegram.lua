---Telegram, from Telegram Desktop's "Export chat history" as JSON: one chat, or the whole account.
---
---    teamferry plan telegram --export ChatExport_2024-01-15/ --team "Acme archive" --private standard
---
---Groups become channels, private ones only with --private standard; broadcast channels too. Replies, forwarded messages,
---formatting, polls and contacts as text, stickers by their emoji, files by name and reactions come along; personal chats and
---saved messages stay behind. Nobody has a mail address there: people.csv says who is who. Exports older than 2021 hold the
---clock of whoever exported: give it with --zone. A sample of what plan prints:
---
---    #Crane crew 2,410 messages, 380 in threads; skipped: event 41
---    losses: file_missing 120, sticker 77, reaction_users_missing 31
---
---Replace `content` in a project to change the text, `place` to sort chats.
local given = require "stdlib.given"
local runs = require "stdlib.runs"

local filled, id_of, list_of, table_of = given.text, given.id, given.list, given.table

local telegram = source.new {
  name = "telegram", summary = "Telegram Desktop JSON export", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "folder, zip or result.json of Telegram Desktop", example = "ChatExport_2024-01-15" },
    zone = arg.text { doc = "zone of the exporter's clock, for messages without a Unix time; UTC if not given, as a loss",
      example = "Europe/Berlin" },
  },
}

-- The chats of the export: one file is a chat, whose messages are read as they come, or holds all of an account.
local function chats(export, visit)
  local count = 0
  local function chat(value, file, index)
    if type(value) ~= "table" then return end
    count = count + 1
    visit({ id = id_of(value.id) or filled(value.name) or file, name = value.name, type = value.type }, value.messages, file, index)
  end
  for _, file in ipairs(export:list "**.json") do
    local head = export:json(file, { only = { "id", "name", "type", "chats", "left_chats" } })
    if type(head) == "table" and (head.chats or head.left_chats) then
      for _, list in ipairs { "chats", "left_chats" } do
        for i, one in ipairs(list_of(list_of(head[list]).list)) do chat(one, file, i) end
      end
    elseif type(head) == "table" and (head.type or type((export:json(file, { only = { "messages" } }) or {}).messages) == "table") then
      chat(head, file)
    end
  end
  if count == 0 then error("no file here is an export of Telegram Desktop as JSON (result.json); export again in that format", 0) end
end

function telegram.recognises(_, export)
  local file = export:list "**result.json"[1]
  local head = file and export:json(file, { only = { "type", "id", "chats", "personal_information" } })
  return type(head) == "table" and (table_of(head.chats) or filled(head.type) and head.id ~= nil) and true or nil
end

function telegram:conversations(ctx, emit)
  chats(ctx.export, function(room, _, file, index) emit(room, nil, file, index) end)
end

function telegram:all_messages(ctx, emit)
  chats(ctx.export, function(room, messages, file, index)
    local folder = file:match "^(.*/)" or ""
    local function one(message, from, at)
      if type(message) == "table" then message.room, message.folder = room.id, folder end
      emit(message, nil, from, at)
    end
    if index then
      for _, message in ipairs(list_of(messages)) do one(message, file, index) end
    else
      for message, from, at in ctx.export:records(file, { at = "messages" }) do one(message, from, at) end
    end
  end)
end

function telegram:place(room)
  local kind, name = filled(room.type) or "", filled(room.name)
  if kind == "saved_messages" then return nil, "saved messages" end
  if kind == "personal_chat" or kind == "private_chat" or kind == "bot_chat" then return { id = room.id, chatType = "oneOnOne" } end
  return { id = room.id, displayName = name or room.id,
    membershipType = (kind == "public_supergroup" or kind == "public_channel") and "standard" or "private" }
end

-- A moment by its Unix time, or by the clock of whoever exported.
local function moment_of(self, date, seconds, ctx)
  if filled(seconds) or type(seconds) == "number" then return time.unix(seconds) end
  if not filled(date) then error("the message has no date", 0) end
  if date:find "[Zz]$" or date:find "[+-]%d%d:%d%d$" then return time.parse(date) end
  if not self.args.zone then ctx.loss("time_zone_unknown", date) end
  return time.parse(date, "%Y-%m-%dT%H:%M:%S", self.args.zone or "UTC")
end

function telegram:message(message, ctx)
  if message.type == "service" then return nil, "event" end
  local edited = (filled(message.edited) or message.edited_unixtime) and moment_of(self, message.edited, message.edited_unixtime, ctx)
  return {
    id                 = id_of(message.id),
    conversation       = message.room,
    createdDateTime    = moment_of(self, message.date, message.date_unixtime, ctx),
    from               = self:author(message),
    replyToId          = id_of(message.reply_to_message_id),
    lastEditedDateTime = edited or nil,
    body               = { contentType = "html", content = self:content(message, ctx) },
    reactions          = self:reactions(message),
    files              = self:files(message, ctx),
  }
end

---Who wrote it, as a person record: an export lists nobody.
function telegram:author(message)
  local id, name = id_of(message.from_id), filled(message.from)
  if not id and not name then return nil end
  return { id = id or name, name = name or "Deleted account", kind = not name and "deleted" or nil }
end

local STYLE = { bold = "strong", italic = "em", underline = "u", strikethrough = "s", code = "code" }

local function piece_of(entity)
  if type(entity) == "string" then return { text = entity } end
  local kind, words = entity.type, filled(entity.text) or ""
  if STYLE[kind] then return { text = words, open = "<" .. STYLE[kind] .. ">", close = "</" .. STYLE[kind] .. ">" } end
  if kind == "pre" or kind == "blockquote" then return { text = words, block = kind } end
  if kind == "text_link" then return { html = html.link(filled(entity.href) or words, words) } end
  if kind == "link" then return { html = html.link(words:find "^%a[%w+.-]*:" and words or "http://" .. words, words) } end
  if kind == "email" then return { html = html.link("mailto:" .. words, words) } end
  if kind == "mention_name" and entity.user_id then return { html = html.mention("user" .. id_of(entity.user_id), words) } end
  if kind == "spoiler" then return { text = "||" .. words .. "||" } end
  return { text = words }
end

---Telegram's text with entities as HTML.
---@param words string|table  text_entities, or text as older exports have it
function telegram:to_html(words)
  if type(words) == "string" then return html.from_text(words) end
  local pieces = {}
  for _, entity in ipairs(list_of(words)) do
    if type(entity) == "string" or type(entity) == "table" then pieces[#pieces + 1] = piece_of(entity) end
  end
  return runs.to_html(pieces)
end

local function poll_of(poll)
  local out = { "<strong>" .. html.escape(filled(poll.question) or "Poll") .. "</strong>" }
  for _, answer in ipairs(list_of(poll.answers)) do
    if type(answer) == "table" then
      out[#out + 1] = html.escape((filled(answer.text) or "") .. ": " .. (id_of(answer.voters) or "0"))
    end
  end
  return "<p>" .. table.concat(out, "<br>") .. "</p>"
end

---The HTML of a message: text, then what has no text of its own, as a line.
function telegram:content(message, ctx)
  local entities = table_of(message.text_entities)
  local content = self:to_html(entities and entities[1] and entities or message.text)
  local function add(line) content = content .. "<p>" .. html.escape(line) .. "</p>" end
  if message.media_type == "sticker" then
    local sticker = filled(message.sticker_emoji) or "sticker"
    ctx.loss("sticker", sticker)
    add("[" .. sticker .. "]")
  end
  if table_of(message.poll) then
    ctx.loss("poll", filled(message.poll.question))
    content = content .. poll_of(message.poll)
  end
  local contact = table_of(message.contact_information)
  if contact then
    local words = { "Contact:", filled(contact.first_name), filled(contact.last_name), filled(contact.phone_number) }
    local line = {}
    for i = 1, 4 do line[#line + 1] = words[i] end
    add(table.concat(line, " "))
  end
  local spot = table_of(message.location_information)
  if spot then add(("Location: %s, %s"):format(id_of(spot.latitude) or "?", id_of(spot.longitude) or "?")) end
  if filled(message.game_title) then add("Game: " .. message.game_title) end
  local forwarded = filled(message.forwarded_from) or filled(message.saved_from)
  if forwarded and content ~= "" then content = html.quote(content, "Forwarded from " .. forwarded) end
  return content
end

---Reactions; the people named are often but a part.
function telegram:reactions(message)
  local out
  for _, reaction in ipairs(list_of(message.reactions)) do
    if type(reaction) == "table" then
      local users = {}
      for _, who in ipairs(list_of(reaction.recent)) do
        if type(who) == "table" and id_of(who.from_id) then users[#users + 1] = { id = id_of(who.from_id), name = filled(who.from) } end
      end
      out = out or {}
      out[#out + 1] = { reactionType = filled(reaction.emoji) or ":" .. (filled(reaction.type) or "reaction") .. ":", users = users,
        count = reaction.count }
    end
  end
  return out
end

---Files and photos; one that the export left out says so in its path.
function telegram:files(message, ctx)
  if message.media_type == "sticker" then return nil end
  local path = filled(message.file) or filled(message.photo)
  if not path then return nil end
  local absent = path:find "^%(" ~= nil
  local name = filled(message.file_name) or not absent and given.file_name(path) or (message.photo and "photo.jpg" or "file")
  local folder = message.folder or ""
  return { { id = id_of(message.id), name = name, path = not absent and ctx.export:has(folder .. path) and folder .. path or nil,
    size_bytes = tonumber(message.file_size), contentType = filled(message.mime_type) or message.photo and "image/jpeg" or nil } }
end

return telegram
