---Google Chat, from Google Takeout: the folder or zip of one person, or several people's laid over one another. Or from the API:
---the answers of spaces.messages.list, saved as JSON in any folders, with those of spaces.list and spaces.members.list beside them.
---
---    teamferry plan google_chat --export Takeout/ --team "Acme archive" --private standard
---
---Spaces become channels, but an export does not say who could read one, so that they are private and stay behind unless
-----private standard says otherwise; direct messages stay behind. Topics become threads; formatting, links, mentions by name,
---quotes, reactions, Drive files and calls as links, files by name come along. A message that several people's exports hold
---counts once. The dates are those of the exporter's language: English is known, --dates says another pattern. A sample of
---what plan prints:
---
---    #Crane crew 812 messages, 240 in threads; skipped: deleted 3
---    losses: reaction_as_text 90, file_not_carried 22
---
---Replace `content` in a project to change the text, `place` to sort spaces.
local api = require "stdlib.formats.google_chat_api"
local given = require "stdlib.given"
local mentions = require "stdlib.mentions"
local runs = require "stdlib.runs"

local filled, list_of, table_of = given.text, given.list, given.table

local google_chat = source.new {
  name = "google_chat", summary = "Google Chat, from Google Takeout or the API", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "Takeout or answers of the API: folder or zip", example = "Takeout" },
    dates = arg.text { default = "%B %d, %Y at %I:%M:%S %p %z", doc = "pattern of dates, without the day of the week" },
    zone = arg.text { doc = "zone of dates whose pattern has no %z", example = "Europe/Berlin" },
  },
}

local function person_of(user)
  local mail, name, id = filled(user.email), filled(user.name), filled(user.id)
  if not mail and not name and not id then return nil end
  local gone = not mail and not id
  local kind = user.user_type == "Bot" and "bot" or gone and "deleted" or nil
  return { id = id or mail or name, name = name or mail or id, mail = mail, kind = kind }
end

-- The folders of spaces with what their group_info.json says.
local function groups(export)
  local out, files = {}, export:list "**messages.json"
  if files[1] and api.holds(export, files[1]) then return api.spaces(export) end
  for _, file in ipairs(files) do
    local folder = file:match "^(.*/)messages%.json$" or ""
    local info = table_of(export:json(folder .. "group_info.json")) or {}
    local last = folder:match "([^/]+)/$" or folder
    out[#out + 1] = { file = file, folder = folder, info = info, kind = last:match "^(%a+) " or "", id = last:match "^%a+ (.+)$" or last,
      name = filled(info.name) }
  end
  if #out == 0 then out = api.spaces(export) end
  if #out == 0 then
    error("no messages.json and no answers of the API here: this is not Google Chat. Give the folder of a Takeout that holds Groups/", 0)
  end
  return out
end

function google_chat.recognises(_, export)
  local space = export:list "**/group_info.json"[1]
  if space then return export:has((space:gsub("group_info%.json$", "messages.json"))) or nil end
  local page = export:list "**messages*.json"[1] or export:list "**.json"[1]
  return page and api.holds(export, page) or nil
end

function google_chat:people(ctx, emit)
  local seen = {}
  local function one(user, file)
    local person = type(user) == "table" and person_of(user)
    if person and not seen[person.id] then
      seen[person.id] = true
      emit(person, nil, file)
    end
  end
  for _, file in ipairs(ctx.export:list "**user_info.json") do one(list_of(ctx.export:json(file)).user, file) end
  for _, group in ipairs(groups(ctx.export)) do
    for _, member in ipairs(list_of(group.info.members)) do one(member, group.folder .. "group_info.json") end
  end
end

function google_chat:conversations(ctx, emit)
  for _, group in ipairs(groups(ctx.export)) do emit(group, nil, group.file) end
end

function google_chat:messages(group, ctx, emit)
  if group.space then return api.messages(ctx.export, group, emit) end
  emit(ctx.export:records(group.file, { at = "messages" }))
end

function google_chat:place(group)
  local members = {}
  for _, member in ipairs(list_of(group.info.members)) do
    local person = type(member) == "table" and person_of(member)
    if person then members[#members + 1] = person.id end
  end
  if group.kind == "DM" or group.kind == "Group" then
    if #members == 1 and group.kind == "DM" and not group.space then return nil, "direct message to oneself" end
    local several = #members > 2 or group.kind == "Group"
    return { id = group.id, chatType = several and "group" or "oneOnOne", members = members, topic = group.name }
  end
  return { id = group.id, displayName = group.name or group.id, members = members, membershipType = group.open and "standard" or "private" }
end

local function moment_of(self, date)
  if not filled(date) then error("the message has no date", 0) end
  if date:find "^%d%d%d%d%-%d%d%-%d%dT" then return time.parse(date) end -- of the API
  local plain = date:gsub("^[^%s,]+, ", "")
  return time.parse(plain, self.args.dates, self.args.zone)
end

function google_chat:message(message, ctx)
  if ctx.conversation and ctx.conversation.space then message = api.message(message, ctx.conversation.names) end
  if message.message_state == "DELETED" or table_of(message.deletion_metadata) then return nil, "deleted" end
  local versions = list_of(message.previous_message_versions)
  local edited = versions[1] and filled(message.updated_date)
  local id = filled(message.message_id)
  local front, topic, last = (id or ""):match "^(.*)/([^/]+)/([^/]+)$"
  return {
    id                 = id,
    createdDateTime    = moment_of(self, message.created_date),
    from               = table_of(message.creator) and person_of(message.creator),
    replyToId          = topic and topic ~= last and front .. "/" .. topic .. "/" .. topic or nil,
    lastEditedDateTime = edited and moment_of(self, edited) or nil,
    body               = { contentType = "html", content = self:content(message, ctx) },
    reactions          = self:reactions(message),
    files              = self:files(message, ctx),
  }
end

-- What a format is, and how far outside it stands.
local STYLE = { BOLD = { 2, "strong" }, ITALIC = { 3, "em" }, UNDERLINE = { 4, "u" }, STRIKE = { 5, "s" }, MONOSPACE = { 6, "code" } }
local BLOCK = { MONOSPACE_BLOCK = "pre", QUOTE_BLOCK = "blockquote" }

local function url_of(metadata)
  local url = metadata.url
  return type(url) == "table" and filled(url.private_do_not_access_or_else_safe_url_wrapped_value) or filled(url)
end

-- A link that no words of the text stand for, as a line: Drive files, calls, cards of other services.
local function loose(annotation, ctx)
  local drive, call = table_of(annotation.drive_metadata), table_of(annotation.video_call_metadata)
  local video = table_of(annotation.youtube_metadata)
  if drive and filled(drive.id) then
    ctx.loss("file_external", filled(drive.title) or drive.id)
    return html.link("https://drive.google.com/open?id=" .. drive.id, filled(drive.title) or drive.id)
  end
  if call then
    ctx.loss "call"
    local url = given.url(list_of(call.meeting_space).meeting_url)
    return url and html.link(url) or "Call"
  end
  if video and filled(video.id) then return html.link("https://youtu.be/" .. video.id) end
  if annotation.gsuite_integration_metadata or annotation.interaction_data then
    ctx.loss("card", "of another Google service")
  elseif table_of(annotation.url_metadata) then
    ctx.loss("preview", url_of(annotation.url_metadata))
  end
  return nil
end

---The HTML of a text with annotations. Marks in the text are text.
function google_chat:to_html(message, ctx)
  local words, ranges, below = filled(message.text) or "", {}, ""
  for _, annotation in ipairs(list_of(message.annotations)) do
    local start, length = tonumber(annotation.start_index) or 0, tonumber(annotation.length) or 0
    local format = list_of(annotation.format_metadata).format_type
    local url = table_of(annotation.url_metadata) and url_of(annotation.url_metadata)
    if length > 0 and filled(annotation.mention) then
      local open = '<at person="' .. html.attribute(annotation.mention) .. '">'
      ranges[#ranges + 1] = { start = start, length = length, rank = 1, open = open, close = "</at>" }
    elseif length > 0 and STYLE[format] then
      local rank, tag = STYLE[format][1], STYLE[format][2]
      ranges[#ranges + 1] = { start = start, length = length, rank = rank, open = "<" .. tag .. ">", close = "</" .. tag .. ">" }
    elseif length > 0 and BLOCK[format] then
      ranges[#ranges + 1] = { start = start, length = length, rank = 0, block = BLOCK[format] }
    elseif length > 0 and url and html.linkable(url) then
      ranges[#ranges + 1] = { start = start, length = length, rank = 1, open = '<a href="' .. html.attribute(url) .. '">', close = "</a>" }
    elseif format then
      ctx.loss("markup", tostring(format))
    else
      local line = loose(annotation, ctx)
      if line then below = below .. "<p>" .. line .. "</p>" end
    end
  end
  return runs.to_html(runs.cut(words, ranges)) .. below
end

---Text as Google's API formats it, which newer exports have beside the plain one.
function google_chat:formatted(words)
  return markdown.to_html(words, { dialect = "chat", starts = "<", token = function(content, at)
    local id, stop = content:match("^<(users/%w+)>()", at)
    if id == "users/all" then return "@all", stop end
    return id and html.mention(id), stop
  end })
end

---The HTML of a message: what it quotes, then its text.
function google_chat:content(message, ctx)
  local content = filled(message.formattedText) and self:formatted(message.formattedText) or self:to_html(message, ctx)
  local people = {}
  for _, member in ipairs(list_of(list_of(ctx.conversation and ctx.conversation.info).members)) do
    local person = type(member) == "table" and filled(member.name) and person_of(member)
    if person then people[#people + 1] = person end
  end
  content = mentions.names(content, people)
  local quoted = table_of(message.quoted_message_metadata)
  if quoted then
    local words = filled(quoted.formattedText) and self:formatted(quoted.formattedText) or self:to_html(quoted, ctx)
    content = html.quote(words, filled(list_of(quoted.creator).name)) .. content
  end
  return content .. api.cards(message.cards, ctx.loss)
end

---Reactions with the mail addresses of the people.
function google_chat:reactions(message)
  local out
  for _, reaction in ipairs(list_of(message.reactions)) do
    local symbol = type(reaction) == "table" and table_of(reaction.emoji)
    if symbol then
      local own = list_of(symbol.custom_emoji)
      local users = list_of(reaction.reactor_emails)
      out = out or {}
      local count = users[1] and #users or reaction.count
      out[#out + 1] = { reactionType = filled(symbol.unicode) or filled(own.shortcode) or ":emoji:", users = users, count = count }
    end
  end
  return out
end

---Files, which lie beside the messages under a name of the export's own.
function google_chat:files(message, ctx)
  local out
  local folder = ctx.conversation and ctx.conversation.folder or ""
  for _, file in ipairs(list_of(message.attached_files)) do
    if type(file) == "table" then
      local stored = filled(file.export_name)
      local path = stored and folder .. stored:gsub("[?&:*\"<>|]", "_")
      local name = filled(file.original_name) or stored or "unnamed"
      out = out or {}
      path = path and ctx.export:has(path) and path or nil
      out[#out + 1] = { id = stored, name = name, path = path, contentType = given.image_type(name) }
    end
  end
  return out
end

return google_chat
