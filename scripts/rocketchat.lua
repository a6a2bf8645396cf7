---Rocket.Chat, from its database (mongodump, or mongoexport of rocketchat_message, rocketchat_room and users) or from the
---answers of its REST API (messages, channels, groups, ims), in a folder, a zip or a tar.
---
---    mongodump -d rocketchat -o dump
---    teamferry plan rocketchat --export dump/rocketchat --team "Acme archive"
---
---Public rooms become standard channels; threads, discussions as channels of their own, mentions, emoji, both kinds of markup,
---cards, quotes, reactions, edits and files come along; files that the server keeps outside of its database by name. Direct
---messages and private rooms stay behind unless --private standard says otherwise; so do rooms that no list names. A sample of
---what plan prints:
---
---    #general 1,204 messages, 310 in threads; skipped: event 88
---    losses: reaction_as_text 402, file_not_carried 31
---
---Replace `content` in a project to change the text, `place` to sort rooms.
local card = require "stdlib.card"
local dump = require "stdlib.formats.rocketchat"
local given = require "stdlib.given"
local md = require "stdlib.formats.rocketchat_md"
local mentions = require "stdlib.mentions"

local filled, list_of, table_of = given.text, given.list, given.table

local rocketchat = source.new {
  name = "rocketchat", summary = "Rocket.Chat: mongodump, database or REST API as JSON", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "folder, zip or tar of a mongodump or of JSON files", example = "dump" },
    events = arg.choice { "skip", "keep", default = "skip", doc = "joins, topics and the like; keep posts them in italics" },
    emoji = arg.table { "name", "emoji", doc = "the server's own emoji; others stay as :name:", example = "emoji.csv" },
  },
}

function rocketchat.recognises(_, export) return dump.recognises(export) end

function rocketchat:people(ctx, emit) dump.users(ctx.export, emit) end

function rocketchat:person(user)
  local id = dump.id(user._id)
  if not id then return nil, "no id" end
  local mail = table_of(list_of(user.emails)[1])
  return { id = id, name = filled(user.name) or filled(user.username) or id, mail = mail and filled(mail.address),
    kind = (user.type == "bot" or user.type == "app") and "bot" or user.active == false and "deleted" or "user" }
end

function rocketchat:conversations(ctx, emit) dump.rooms(ctx.export, emit) end

function rocketchat:place(room, ctx)
  local id, kind = dump.id(room._id), filled(room.t) or ""
  if not id then return nil, "no id" end
  if kind == "d" then
    local people = list_of(room.uids)
    if #people == 0 then people = list_of(room.usernames) end
    if #people == 1 then return nil, "direct message to oneself" end
    return { id = id, chatType = #people > 2 and "group" or "oneOnOne", members = people }
  end
  if kind == "l" or kind == "v" then return nil, "livechat" end
  if room.unlisted then ctx.loss("conversation_unlisted", id) end
  local about = filled(room.description) or filled(room.topic)
  return { id = id, displayName = filled(room.fname) or filled(room.name) or id, membershipType = kind == "c" and "standard" or "private",
    description = about and html.text(markdown.to_html(about, { dialect = "rocketchat" })),
    createdDateTime = room.ts and dump.time(room.ts) or nil }
end

function rocketchat:all_messages(ctx, emit) dump.messages(ctx.export, emit) end

function rocketchat:message(message, ctx)
  local kind = filled(message.t)
  if message._hidden == true then return nil, "earlier version" end
  if kind == "rm" then return nil, "deleted" end
  if kind == "e2e" then ctx.loss "encrypted" end
  if kind and kind ~= "e2e" and kind ~= "discussion-created" and self.args.events == "skip" then return nil, "event" end
  if message.pinned == true then ctx.loss("pin", dump.id(message._id)) end
  return {
    id                 = dump.id(message._id),
    conversation       = message.room,
    createdDateTime    = dump.time(message.ts),
    from               = self:author(message, ctx),
    replyToId          = dump.id(message.tmid),
    lastEditedDateTime = message.editedAt and dump.time(message.editedAt) or nil,
    body               = { contentType = "html", content = self:content(message, ctx) },
    reactions          = self:reactions(message),
    files              = self:files(message, ctx),
  }
end

---Who wrote it: a person's id, or a record for whoever is no user (any more), or posted under another name.
function rocketchat:author(message, ctx)
  local user = table_of(message.u) or {}
  local id, alias = dump.id(user._id), filled(message.alias)
  if alias then return { id = (id or "alias") .. "/" .. alias, name = alias, kind = "bot" } end
  if not id or ctx.person(id).known then return id end
  return { id = id, name = filled(user.name) or filled(user.username) }
end

---Rocket.Chat's Markdown as HTML, with mentions.
function rocketchat:to_html(words, message)
  local content = markdown.to_html(words, { dialect = "rocketchat" })
  content = mentions.handles(content, function(handle) return dump.mentioned(message, handle) end)
  return emoji.in_html(content, self.args.emoji)
end

---The HTML of a message: its tree, else its text; then cards and quotes.
function rocketchat:content(message, ctx)
  local content
  if message.t == "e2e" then
    content = "<p><em>[encrypted message]</em></p>"
  else
    local tree = not message.editedAt and table_of(message.md)
    content = tree and #tree > 0 and md.to_html(tree, function(handle) return dump.mentioned(message, handle) end, self.args.emoji)
      or self:to_html(filled(message.msg) or "", message)
  end
  if filled(message.t) and message.t ~= "e2e" then content = content:gsub("<p>(.-)</p>", "<p><em>%1</em></p>") end
  local quotes = ""
  for _, attachment in ipairs(list_of(message.attachments)) do
    if type(attachment) == "table" then
      if filled(attachment.message_link) then
        quotes = quotes .. html.quote(self:to_html(filled(attachment.text) or "", message), filled(attachment.author_name))
      elseif attachment.type == "file" or filled(attachment.title_link) or attachment.image_url then
        content = content .. (filled(attachment.description) and self:to_html(attachment.description, message) or "")
      else
        content = content .. card.to_html(attachment, function(words) return self:to_html(words, message) end, ctx.loss)
      end
    end
  end
  return quotes .. content
end

---Reactions with the people's names.
function rocketchat:reactions(message)
  local out, names = {}, {}
  for name in pairs(list_of(message.reactions)) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local short, users = name:match "^:(.+):$" or name, {}
    for _, user in ipairs(list_of(list_of(message.reactions[name]).usernames)) do
      if filled(user) then users[#users + 1] = { id = dump.mentioned(message, user) or user, name = user } end
    end
    local own = self.args.emoji
    out[#out + 1] = { reactionType = own and own[short] or emoji.from_name(short) or name, users = users, count = #users }
  end
  return #out > 0 and out or nil
end

---Files; only a dump of the database holds their bytes, if the server keeps them there (GridFS).
function rocketchat:files(message, ctx)
  local list, out = table_of(message.files), nil
  if not list and table_of(message.file) then list = { message.file } end
  for _, file in ipairs(list or {}) do
    if type(file) == "table" and file.typeGroup ~= "thumb" then
      local id = dump.id(file._id)
      local path = id and list_of(message.stored)[id]
      out = out or {}
      out[#out + 1] = { id = id, name = filled(file.name) or "unnamed", contentType = filled(file.type),
        path = path and ctx.export:has(path) and path or nil }
    end
  end
  return out
end

return rocketchat
