---Discord, from the files of DiscordChatExporter, JSON, HTML or CSV: one a channel, thread or part of one, in a folder or a zip.
---JSON says most: HTML has no kinds of channels and threads, and names of people only where they write; CSV has no replies, and
---before 2020 its times are minutes of the exporter's own clock (--zone).
---
---    DiscordChatExporter.Cli exportguild -t … -g … -f Json --media --include-threads All
---    teamferry plan discord --export server/ --team "Acme archive"
---
---Channels become standard channels; a thread becomes a channel of its own, or with --threads thread a thread below the
---message that it started from. A reply quotes what it answers (--replies thread makes threads of them). Mentions, emoji,
---formatting, forwarded messages, what bots embed, reactions, stickers by name, edits and pins come along as far as Teams has
---them; direct messages and private threads stay behind. An export does not say which channels only some roles could read:
---leave those out with --except. A sample of what plan prints:
---
---    #general 4,911 messages; skipped: event 61
---    losses: reaction_as_text 190, preview 88, sticker 7
---
---Replace `content` in a project to change the text, `place` to sort channels.
local discord_csv = require "stdlib.formats.discord_csv"
local discord_embeds = require "stdlib.formats.discord_embeds"
local discord_html = require "stdlib.formats.discord_html"
local discord_tokens = require "stdlib.formats.discord_tokens"
local given = require "stdlib.given"
local mentions = require "stdlib.mentions"

local filled, list_of, table_of = given.text, given.list, given.table

local discord = source.new {
  name = "discord", summary = "Discord, JSON, HTML or CSV files of DiscordChatExporter", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "folder, zip or file of DiscordChatExporter's JSON, HTML or CSV", example = "server" },
    replies = "quote",
    threads = arg.choice { "channel", "thread", default = "channel",
      doc = "a thread becomes a channel of its own, or a thread of its channel (with replies = thread)" },
    categories = arg.choice { "skip", "prefix", default = "skip", doc = "prefix: the category stands before a channel's name" },
    zone = arg.text { doc = "zone of the times in old CSV files; UTC if not given, as a loss", example = "Europe/Berlin" },
  },
}

-- What people wrote; all others, and the numbers of kinds newer than the exporter, are events.
local KEEP = { Default = true, Reply = true, ChatInputCommand = true, ContextMenuCommand = true, ThreadStarterMessage = true }
local THREAD = { GuildPublicThread = true, GuildPrivateThread = true, GuildNewsThread = true, PublicThread = true, PrivateThread = true,
  NewsThread = true }

function discord.recognises(_, export)
  for _, file in ipairs(export:list "**.json") do
    local part = export:json(file, { only = { "guild", "channel" } })
    if type(part) == "table" and table_of(part.channel) and table_of(part.guild) then return true end
    if file:find " %[%d+%]" == nil then return nil end -- its files are called so; one look decides for others
  end
  local page, rows = export:list "**.html"[1], export:list "**.csv"[1]
  return page and discord_html.channel(export:read(page) or "", page) ~= nil or rows and discord_csv.channel(export, rows) ~= nil or nil
end

function discord:conversations(ctx, emit)
  local rooms, files = {}, ctx.export:list "**.json"
  for _, file in ipairs(files) do
    local part, problem = ctx.export:json(file, { only = { "guild", "channel" } })
    if part == nil or type(part) == "table" and table_of(part.channel) then
      part = part or { problem = problem, name = file }
      part.file, part.rooms = file, rooms
      local channel = table_of(part.channel)
      if channel and filled(channel.id) then rooms[channel.id] = filled(channel.name) or channel.id end
      emit(part, nil, file)
    else
      ctx.loss("file_not_read", file)
    end
  end
  for _, file in ipairs(next(rooms) == nil and ctx.export:list "**.html" or {}) do
    local content, problem = ctx.export:read(file)
    local part = content and discord_html.channel(content, file) or problem and { problem = problem, name = file }
    if part then
      part.file, part.rooms, part.page = file, rooms, true
      if part.channel then rooms[part.channel.id] = part.channel.name end
      emit(part, nil, file)
    end
  end
  for _, file in ipairs(next(rooms) == nil and ctx.export:list "**.csv" or {}) do
    local part = discord_csv.channel(ctx.export, file)
    if part then
      part.file, part.rooms, part.rows = file, rooms, true
      rooms[part.channel.id] = part.channel.name
      emit(part, nil, file)
    else
      ctx.loss("file_not_read", file)
    end
  end
  if next(rooms) == nil then
    error(self.args.export .. ": no file here is a channel that DiscordChatExporter wrote; export again with -f Json", 0)
  end
end

function discord:messages(part, ctx, emit)
  if part.page and not part.problem then
    for i, message in ipairs(discord_html.messages(assert(ctx.export:read(part.file)))) do
      message.attachments = discord_html.local_files(message.attachments, ctx.export, part.file)
      emit(message, nil, part.file, i)
    end
  elseif part.rows then
    for row, file, index in ctx.export:records(part.file) do emit(discord_csv.message(row), nil, file, index) end
  elseif not part.problem then
    emit(ctx.export:records(part.file, { at = "messages" }))
  end
end

local function in_parent(part, args) return THREAD[part.channel.type] and args.threads == "thread" and filled(part.channel.categoryId) end

function discord:place(part)
  if part.problem then error(tostring(part.problem), 0) end
  local channel, args = part.channel, self.args
  local id, kind = given.id(channel.id), filled(channel.type) or ""
  if kind == "DirectTextChat" then return { id = id, chatType = "oneOnOne" } end
  if kind == "DirectGroupTextChat" then return { id = id, chatType = "group", topic = filled(channel.name) } end
  local guild, category = table_of(part.guild) or {}, filled(channel.category)
  local team = not args.team and filled(guild.name) or nil
  local parent = in_parent(part, args)
  if parent then return { id = parent, team = team, displayName = part.rooms[parent] or category or parent } end
  local name = filled(channel.name) or id
  if category and (THREAD[kind] or args.categories == "prefix") then name = category .. " - " .. name end
  return { id = id, team = team, displayName = name, description = filled(channel.topic),
    membershipType = kind:find "Private" and "private" or "standard" }
end

function discord:message(message, ctx)
  if not KEEP[message.type] then return nil, "event" end
  if message.edited then ctx.loss "edit_history" end -- a page says when in the words of its time zone
  if message.isPinned == true then ctx.loss("pin", message.id) end
  local reference = table_of(message.reference)
  local answers = reference and reference.type ~= "Forward" and message.type ~= "ThreadStarterMessage" and filled(reference.messageId)
  local thread = in_parent(ctx.conversation, self.args)
  local moment, guessed = discord_csv.moment(message.timestamp, self.args.zone)
  if guessed then ctx.loss("time_zone_unknown", message.timestamp) end
  return {
    id                 = filled(message.id),
    createdDateTime    = moment,
    from               = self:author(message),
    replyToId          = thread and self.args.replies == "thread" and given.id(ctx.conversation.channel.id) or answers or nil,
    lastEditedDateTime = filled(message.timestampEdited) and time.parse(message.timestampEdited),
    body               = { contentType = "html", content = self:content(message, ctx) },
    reactions          = self:reactions(message),
    files              = self:files(message, ctx),
  }
end

local function person_of(user)
  if not filled(user.id) then return nil end
  local name = filled(user.nickname) or filled(user.name) or user.id
  if user.isBot == true then
    local webhook = user.discriminator == "0000" and #list_of(user.roles) == 0 -- posts under a name of its own each time
    return { id = webhook and user.id .. "/" .. name or user.id, name = name, kind = "bot" }
  end
  return { id = user.id, name = name, kind = user.name == "Deleted User" and "deleted" or nil }
end

---Who wrote it, as a person record: an export lists nobody.
function discord:author(message) return table_of(message.author) and person_of(message.author) end

---Discord's Markdown as HTML, with mentions.
---@param words string
function discord:to_html(words, message, ctx)
  local content = markdown.to_html(words, { dialect = "discord", starts = "<", token = discord_tokens(message, ctx) })
  local named = {}
  for _, person in ipairs(list_of(message.mentions)) do
    if type(person) == "table" and filled(person.id) then
      for _, name in ipairs { filled(person.nickname) or filled(person.name), filled(person.name) } do
        named[#named + 1] = { id = person.id, name = name }
      end
    end
  end
  return #named > 0 and mentions.names(content, named) or content
end

---The HTML of a message: its text, what it forwards, what a bot embeds, stickers by name.
function discord:content(message, ctx)
  local content = message.html and discord_html.paragraphs(message.html) or self:to_html(filled(message.content) or "", message, ctx)
  for _ = 1, message.html and message.embeds or 0 do ctx.loss "preview" end
  local forwarded = table_of(message.forwardedMessage)
  if forwarded then content = content .. html.quote(self:to_html(filled(forwarded.content) or "", message, ctx), "Forwarded") end
  content = content .. discord_embeds.to_html(message, function(words) return self:to_html(words, message, ctx) end, ctx.loss)
  for _, sticker in ipairs(list_of(message.stickers)) do
    local name = type(sticker) == "table" and filled(sticker.name) or "sticker"
    ctx.loss("sticker", name)
    content = content .. "<p>" .. html.escape("[" .. name .. "]") .. "</p>"
  end
  return content
end

---Reactions; older exports count people without naming them.
function discord:reactions(message)
  local out
  for _, reaction in ipairs(list_of(message.reactions)) do
    local symbol = type(reaction) == "table" and table_of(reaction.emoji)
    if symbol and filled(symbol.name) then
      local users = {}
      for _, user in ipairs(list_of(reaction.users)) do users[#users + 1] = type(user) == "table" and person_of(user) or nil end
      out = out or {}
      local shown = filled(symbol.id) and ":" .. symbol.name .. ":" or symbol.name
      out[#out + 1] = { reactionType = shown, users = users, count = reaction.count }
    end
  end
  return out
end

---Files: downloaded ones lie beside the channel's file, in a path that Windows may have written; others are addresses.
function discord:files(message, ctx)
  local out
  local folder = (ctx.conversation and filled(ctx.conversation.file) or ""):match "^(.*/)" or ""
  local all = { unpack(list_of(message.attachments)) }
  local forwarded = table_of(message.forwardedMessage)
  for _, file in ipairs(forwarded and list_of(forwarded.attachments) or {}) do all[#all + 1] = file end
  for _, file in ipairs(all) do
    if type(file) == "table" then
      local url = filled(file.url)
      local path = url and not given.url(url) and folder .. url:gsub("\\", "/")
      local name = filled(file.fileName) or url and given.file_name(url) or "unnamed"
      out = out or {}
      out[#out + 1] = { id = filled(file.id), name = name, url = given.url(url), path = path and ctx.export:has(path) and path or nil,
        size_bytes = tonumber(file.fileSizeBytes), contentType = given.image_type(name) }
    end
  end
  return out
end

return discord
