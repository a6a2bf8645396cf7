---Microsoft Teams itself, from messages as Graph returns them: tenant to tenant, or channel to channel.
---
---    GET /teams/{id}/channels/{id}/messages?$expand=replies   (or /messages/delta, or getAllMessages), pages saved as JSON
---    teamferry plan teams --export pages/ --team "Acme archive" --private standard
---
---A file holds one message, a list, or a page `{ "value": […] }`; replies may be nested. Channels and chats appear as messages
---name them. Messages do not say how a channel is called or who could read it: a file channels.json, the answer of
---/teams/{id}/channels, does; without it a channel is private and stays behind unless --private standard says otherwise. Mentions,
---quotes of other messages, subjects, importance, reactions, edits, files and images by name come along. A sample of what plan
---prints:
---
---    #19:…@thread.tacv2 1,204 messages, 840 in threads; skipped: event 12, deleted 3
---
---Replace `content` in a project to change the text, `place` to name channels.
local given = require "stdlib.given"
local reactions = require "stdlib.reactions"

local filled, list_of, table_of = given.text, given.list, given.table

local teams = source.new {
  name = "teams", summary = "Microsoft Teams: messages as Graph returns them, JSON", api = 1, version = "1.0", categories = { "chat" },
  args = { export = arg.path { required = true, doc = "folder, zip or file of messages as JSON", example = "pages" } },
}

local function is_message(value) return type(value) == "table" and (value.messageType or value.body and value.createdDateTime) ~= nil end

-- The records of every file but the lists of channels.
local function each_record(export, visit)
  for _, file in ipairs(export:list "**.json*") do
    local head = export:json(file, { only = { "@odata.context", "value", "id" } })
    local at = type(head) == "table" and type(head.value) == "table" and "value" or nil
    for record, name, index in export:records(file, { at = at }) do visit(record, name, index) end
  end
end

function teams.recognises(_, export)
  local file = export:list "**.json*"[1]
  local head = file and export:json(file, { only = { "@odata.context", "value" } })
  local first = type(head) == "table" and type(head.value) == "table" and head.value[1] or file and export:records(file)()
  return type(first) == "table" and (is_message(first) or first.displayName and first.membershipType ~= nil) or nil
end

function teams:conversations(ctx, emit)
  each_record(ctx.export, function(record, file, index)
    if type(record) == "table" and not is_message(record) and record.displayName and record.membershipType then
      emit(record, nil, file, index)
    end
  end)
end

function teams:place(room)
  if room.chat then return { id = room.id, chatType = room.id:find "unq%.gbl" and "oneOnOne" or "group" } end
  return { id = room.id, displayName = filled(room.displayName) or room.id, description = filled(room.description),
    membershipType = room.membershipType == "standard" and "standard" or "private" }
end

function teams:all_messages(ctx, emit)
  local listed = {}
  each_record(ctx.export, function(record)
    if type(record) == "table" and not is_message(record) and filled(record.id) then listed[record.id] = true end
  end)
  local function one(message, file, index)
    if type(message) == "table" then
      local channel = filled(list_of(message.channelIdentity).channelId)
      local id = channel or filled(message.chatId)
      message.room = id and (listed[id] and id or { id = id, chat = not channel }) or nil
    end
    emit(message, nil, file, index)
  end
  each_record(ctx.export, function(record, file, index)
    if type(record) == "table" and not is_message(record) and listed[record.id] then return end
    one(record, file, index)
    for _, reply in ipairs(type(record) == "table" and list_of(record.replies) or {}) do
      if type(reply) == "table" and not reply.channelIdentity then reply.channelIdentity = record.channelIdentity end
      one(reply, file, index)
    end
  end)
end

function teams:message(message, ctx)
  if filled(message.messageType) and message.messageType ~= "message" then return nil, "event" end
  if filled(message.deletedDateTime) then return nil, "deleted" end
  return {
    id                 = filled(message.id),
    conversation       = message.room,
    createdDateTime    = time.parse(message.createdDateTime),
    from               = self:author(message),
    replyToId          = filled(message.replyToId),
    subject            = filled(message.subject),
    importance         = filled(message.importance),
    lastEditedDateTime = filled(message.lastEditedDateTime) and time.parse(message.lastEditedDateTime),
    body               = { contentType = "html", content = self:content(message, ctx) },
    reactions          = self:reactions(message),
    files              = self:files(message),
  }
end

local function identity_of(set)
  local user, application = table_of(list_of(set).user), table_of(list_of(set).application)
  local who = user or application
  if not who or not filled(who.id) then return nil end
  return { id = who.id, name = filled(who.displayName), kind = application and "bot" or nil }
end

---Who wrote it, as a person record.
function teams:author(message) return identity_of(message.from) end

-- What a message refers to, as a quotation.
local function quoted(attachment, ctx)
  local reference = json.decode(filled(attachment.content) or "")
  if type(reference) ~= "table" then
    ctx.loss("card", "a message that was quoted")
    return ""
  end
  local who = identity_of(reference.messageSender)
  return html.quote(html.from_text(filled(reference.messagePreview) or ""), who and who.name)
end

---The HTML of a message, with mentions by person.
function teams:content(message, ctx)
  local body = table_of(message.body) or {}
  local words = filled(body.content) or ""
  if body.contentType ~= "html" then return html.from_text(words) end
  local people, by_id = {}, {}
  for _, mention in ipairs(list_of(message.mentions)) do
    if type(mention) == "table" and mention.id then people[given.id(mention.id)] = identity_of(mention.mentioned) end
  end
  words = words:gsub('<at id="(%d+)">(.-)</at>', function(id, label)
    return people[id] and html.mention(people[id].id, html.unescape(label)) or "@" .. label
  end)
  for _, attachment in ipairs(list_of(message.attachments)) do
    if type(attachment) == "table" and filled(attachment.id) then by_id[attachment.id] = attachment end
  end
  words = words:gsub('<attachment id="([^"]*)"></attachment>', function(id)
    local attachment = by_id[id]
    if not attachment then return "" end
    if attachment.contentType == "messageReference" then return quoted(attachment, ctx) end
    if attachment.contentType == "reference" then return html.file(id) end
    ctx.loss("card", filled(attachment.contentType))
    return filled(attachment.name) and html.escape("[" .. attachment.name .. "]") or ""
  end)
  words = words:gsub('<img [^>]*src="[^"]*/hostedContents/[^>]*>', function()
    ctx.loss("image_not_carried", "in the text")
    return "[image]"
  end)
  words = words:gsub('<emoji [^>]*alt="([^"]*)"[^>]*></emoji>', "%1"):gsub("<systemEventMessage/>", "")
  return html.clean(words, ctx)
end

local NAMES = { like = "👍", heart = "❤️", laugh = "😆", surprised = "😮", sad = "😢", angry = "😡" }

---Reactions, one per emoji, with the people.
function teams:reactions(message)
  return reactions.gathered(message.reactions, function(reaction)
    local who = identity_of(reaction.user)
    local kind = filled(reaction.reactionType)
    return kind and (NAMES[kind] or kind), who
  end)
end

---Files of the channel's folder or the sender's drive.
function teams:files(message)
  local out
  for _, attachment in ipairs(list_of(message.attachments)) do
    if type(attachment) == "table" and attachment.contentType == "reference" then
      out = out or {}
      out[#out + 1] = { id = filled(attachment.id), name = filled(attachment.name) or "unnamed", url = given.url(attachment.contentUrl) }
    end
  end
  return out
end

return teams
