---Slack, from the export that an owner downloads: a zip or its folder; Enterprise Grid and slackdump's formats too.
---
---    teamferry plan slack --export acme.zip --team "Acme archive"
---
---Public channels become standard channels; threads, late replies shown in the channel, edits, bots, mentions, emoji,
---formatting, reactions, cards, polls and pins come along as far as Teams has them. Direct messages and private channels
---stay behind unless --private and --direct say what they become. A sample of what plan prints:
---
---    #general 1,204 messages, 310 in threads; skipped: event 88, deleted 3
---    losses: reaction_as_text 402, file_not_carried 31, emoji_custom 17
---
---Replace `content` in a project to change the text, `place` to sort channels, `author` to name bots.
local slack_events = require "stdlib.slack_events"
local slack_export = require "stdlib.slack_export"
local slack_files = require "stdlib.slack_files"

local slack = source.new {
  name = "slack", summary = "Slack export: zip or folder", api = 1, version = "1.1", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "Slack export, zip or folder", example = "acme.zip" },
    events = arg.choice { "skip", "keep", "gather", default = "skip",
      doc = "joins, topics and the like; keep posts them in italics, gather one line for a run of them" },
    pins = arg.choice { "summary", "skip", default = "summary", doc = "a message at the end of a channel says what is pinned there" },
    unfurls = arg.choice { "skip", "quote", default = "skip", doc = "previews of links; quote puts them below the text" },
    emoji = arg.table { "name", "emoji", doc = "the workspace's own emoji; others stay as :name:", example = "emoji.csv" },
    usergroups = arg.table { "id", "handle", doc = "handles of user groups, which an export does not name" },
    names = arg.choice { "display", "real", default = "display", doc = "which of their names people are shown by" },
    domains = arg.list { doc = "domains of mail addresses that changed; a single name is put behind every address",
      example = "old.example=new.example" },
    prefix = arg.text { doc = "put before the name of each channel", example = "slack-" },
    rename = arg.table { "channel", "name", doc = "new names of channels; channels that get one name become one", example = "rename.csv" },
    archived = arg.choice { "keep", "skip", default = "keep", doc = "what becomes of archived channels" },
    workspaces = arg.choice { "team", "prefix", "one", default = "team",
      doc = "Enterprise Grid: a team for each workspace, or one team with its name before that of each channel, or without" },
  },
}

local EVENT, HUDDLE, has_replies = slack_events.EVENT, slack_events.HUDDLE, slack_events.has_replies

local function filled(value) return type(value) == "string" and value ~= "" and value or nil end

local function table_of(value) return type(value) == "table" and value or nil end

-- Kept, and nothing else is said about it; other subtypes are newer than this script.
local PLAIN = { [""] = true, bot_message = true, me_message = true, thread_broadcast = true, file_share = true, file_comment = true,
  file_mention = true, tombstone = true, slackbot_response = true, document_comment_root = true, document_unfurl = true,
  assistant_app_thread = true }
-- Kept by workspaces that retain edits: what a message was before.
local EARLIER = { message_changed = true, message_deleted = true }

-- What kind of export this is; stops at once what would otherwise end as an empty plan.
function slack:layout(ctx)
  local layout, wrong = slack_export.open(ctx.export)
  if not layout then error(self.args.export .. ": " .. wrong, 0) end
  return layout
end

---Whether this is an export of Slack, for commands that are given an export alone; nil and what it is instead.
function slack.recognises(_, export)
  local layout, wrong = slack_export.open(export)
  return layout ~= nil or nil, wrong
end

function slack:people(ctx, emit)
  local layout = self:layout(ctx)
  if slack_export.people(ctx.export, layout, function(user, file, index) emit(user, nil, file, index) end) then return end
  log.warn("%s has no users.json: people come from their messages, without mail addresses", self.args.export)
  local seen = {}
  for message in slack_export.all(ctx.export, layout) do
    local id, profile = type(message) == "table" and message.user, message.user_profile
    if id and not seen[id] and type(profile) == "table" then
      seen[id] = true
      emit { id = id, name = profile.name, profile = profile, is_restricted = profile.is_restricted,
        is_ultra_restricted = profile.is_ultra_restricted }
    end
  end
end

local function is_guest(user) return user.is_restricted == true or user.is_ultra_restricted == true or user.is_stranger == true end

-- An address under its new domain.
local function moved(mail, domains)
  for _, entry in each(domains) do
    local old, new = entry:match "^@?([^=]+)=@?(.+)$"
    local front, domain = mail:match "^(.+)@([^@]+)$"
    if front and (not old or domain:lower() == old:lower()) then return front .. "@" .. (new or (entry:gsub("^@", ""))) end
  end
  return mail
end

function slack:person(user)
  local profile = table_of(user.profile) or {}
  if not filled(user.id) then return nil, "no id" end
  local display, real = filled(profile.display_name), filled(profile.real_name) or filled(user.real_name)
  if self.args.names == "real" then display, real = real, display end
  local mail = filled(profile.email)
  return {
    id = user.id,
    name = display or real or filled(user.name) or user.id,
    mail = mail and moved(mail, self.args.domains),
    kind = user.deleted == true and "deleted" or user.is_bot == true and "bot" or is_guest(user) and "guest" or "user",
  }
end

function slack:conversations(ctx, emit)
  local layout = self:layout(ctx)
  local export, rooms, listed, unlisted = ctx.export, slack_export.names(ctx.export, layout), 0, 0
  slack_export.rooms(export, layout, function(room, file, index)
    if type(room) == "table" and filled(room.id) then
      room.rooms, rooms[room.id] = rooms, rooms[room.id] or filled(room.name) or true -- what links and mentions of rooms mean
      if room.list == "channels" then listed = listed + 1 end
      if room.no_list then
        unlisted = unlisted + 1
        ctx.loss("conversation_unlisted", room.name or room.id)
      end
    end
    emit(room, nil, file, index)
  end)
  if unlisted > 0 and listed == 0 then
    log.warn("no list of the export names a channel, so that public ones cannot be told: what no list names, %d in all, is taken "
      .. "for private channels. Mend it or export again; --private standard brings them all", unlisted)
  end
  for _, left in ipairs(slack_export.left(export, layout)) do
    ctx.loss(left.kind, left.count .. " in " .. left.file .. ", not read")
  end
end

function slack:messages(room, ctx, emit)
  local next_message = slack_export.messages(ctx.export, room)
  local gather = self.args.events == "gather" and slack_events.gatherer()
  local pin = slack_events.pinner(room)
  if pin and self.args.pins == "skip" then
    for _, pinned in ipairs(table_of(room.pins) or {}) do ctx.loss("pin", table_of(pinned) and filled(pinned.id)) end
    pin = nil
  end
  if not gather and not pin then return emit(next_message) end
  local function add(record, label)
    if record then emit(record, label) end
  end
  for message, file, index in next_message do
    if gather then add(gather(message), "events") end
    if pin then pin(message) end
    emit(message, nil, file, index)
  end
  if gather then add(gather(nil), "events") end
  if pin then add(pin(nil), "pins") end
end

local function value_of(field) return filled(type(field) == "table" and field.value) end

function slack:place(room, ctx)
  if not filled(room.id) then
    if room.ok ~= nil or room.channels then
      error("this is an answer of Slack's web API, not a channel: give the export that an owner downloads", 0)
    end
    return nil, "no id"
  end
  local members = table_of(room.members)
  if room.list == "dms" then
    if members and members[1] and (members[2] or members[1]) == members[1] then return nil, "direct message to oneself" end
    return { id = room.id, chatType = "oneOnOne", members = members }
  end
  if room.list == "mpims" then
    return { id = room.id, chatType = "group", topic = value_of(room.topic) or filled(room.name), members = members }
  end
  local args = self.args
  if room.is_archived == true and args.archived == "skip" then return nil, "archived" end
  local name = filled(room.name) or room.id
  local renamed = args.rename and (args.rename[name] or args.rename["#" .. name])
  if not renamed then
    if room.workspace and args.workspaces == "prefix" then name = room.workspace .. "-" .. name end
    name = (args.prefix or "") .. name
  end
  local created = tonumber(room.created)
  local about = value_of(room.purpose) or value_of(room.topic)
  return {
    id = room.id, displayName = renamed or name, members = members, merge = args.rename and true or nil,
    team = args.workspaces == "team" and room.workspace or nil,
    description = about and html.text(mrkdwn.to_html(about), { person = ctx.person, conversation = room }),
    membershipType = room.list == "channels" and room.is_private ~= true and "standard" or "private",
    createdDateTime = created and created > 631152000 and created < 4102444800 and time.unix(room.created) or nil,
  }
end

-- When a message was edited; a damaged time is no reason to lose the message.
local function edited_time(edited, ctx)
  local ts = type(edited) == "table" and filled(edited.ts)
  if not ts then return nil end
  local fine, moment = pcall(time.unix, ts)
  if fine then return moment end
  ctx.loss("edit_history", ts)
  return nil
end

-- The reason to leave a message behind, or nil.
function slack:refusal(message, ctx)
  local subtype = message.subtype or ""
  if EVENT[subtype] then
    if has_replies(message) then return nil end
    if subtype == "ekm_access_denied" then return "text not available" end
    return self.args.events == "skip" and "event" or self.args.events == "gather" and "gathered" or nil
  end
  if subtype == "tombstone" then return not has_replies(message) and "deleted" or nil end
  if EARLIER[subtype] then return "earlier version" end
  if PLAIN[subtype] or message.gathered or message.pins then return nil end
  if not (filled(message.user) and filled(message.text)) and not has_replies(message) then return "event" end
  ctx.loss("subtype_unknown", subtype)
  return nil
end

function slack:message(message, ctx)
  local reason = message.subtype and self:refusal(message, ctx)
  if reason then return nil, reason end
  local ts = message.ts
  if not filled(ts) then
    local got = ts == nil and "missing" or type(ts) == "string" and "empty" or type(ts) ~= "table" and tostring(ts) or "a table"
    error(("ts is not text like \"1589553562.044500\": it is %s"):format(got), 0)
  end
  return {
    id              = message.gathered and ts .. "~events" or message.pins and "pins" or ts,
    createdDateTime = time.unix(ts),
    from            = self:author(message, ctx),
    replyToId       = message.thread_ts ~= ts and filled(message.thread_ts) or nil,
    lastEditedDateTime = edited_time(message.edited, ctx),
    body            = { contentType = "html", content = self:content(message, ctx) },
    reactions       = message.reactions and self:reactions(message) or nil,
    files           = (message.files or message.file) and self:files(message, ctx) or nil,
  }
end

---Who wrote it: a person's id, or a person record for whoever the export does not list. A bot that posts under
---a name of its own is a person per name.
function slack:author(message, ctx)
  local user, bot_id = filled(message.user), filled(message.bot_id)
  local bot_name = table_of(message.bot_profile) and filled(message.bot_profile.name)
  local username = filled(message.username)
  local mentioned = username and username:match "^<@([UW]%w+)|?[^>]*>$" -- so it was written in 2015
  if mentioned then user, username = user or mentioned, nil end
  if user then
    local person = ctx.person(user)
    if bot_id then
      local name = username or not person.known and bot_name
      if name and name ~= person.name then return { id = user .. "/" .. name, name = name, kind = "bot" } end
      return user
    end
    if person.known then return user end
    if user == "USLACKBOT" then return { id = user, name = "Slackbot", kind = "bot" } end
    local profile = table_of(message.user_profile)
    local name = profile and (filled(profile.display_name) or filled(profile.real_name) or filled(profile.name))
    if not name then return user end
    local away = filled(message.user_team) and filled(message.source_team) and message.user_team ~= message.source_team
    return { id = user, name = name, kind = (away or is_guest(profile)) and "guest" or nil }
  end
  local writer = table_of(message.comment) and filled(message.comment.user) or table_of(message.file) and filled(message.file.user)
  if writer then return writer end
  local name = bot_name or username
  if not name then return bot_id and { id = bot_id, name = bot_id, kind = "bot" } or nil end
  return { id = (bot_id or "bot") .. "/" .. name, name = name, kind = "bot" }
end

-- "Huddle, 7 min, Ann, Bob"
local function call_line(message, ctx)
  local room = table_of(message.room) or {}
  local parts = { "Huddle" }
  local first, last = tonumber(room.date_start), tonumber(room.date_end)
  if first and last and last > first then parts[2] = math.ceil((last - first) / 60) .. " min" end
  for _, id in each(table_of(room.participant_history)) do
    if filled(id) then parts[#parts + 1] = ctx.person(id).name end
  end
  ctx.loss("call")
  return "<p>" .. html.escape(table.concat(parts, ", ")) .. "</p>"
end

-- Before mid-2018 the text of a shared file was made up; the author's words are in the file or the comment.
local function own_words(message)
  if message.subtype == "file_comment" then return table_of(message.comment) and message.comment.comment or "" end
  if message.upload == false then return message.text and message.text:match " and commented: (.*)$" or "" end
  local comment = table_of(message.file.initial_comment)
  return comment and comment.comment or ""
end

-- What some subtypes are instead of their text; nil for all others.
local function special(message, ctx, args)
  if message.gathered then
    return slack_events.to_html(message.gathered, ctx, { emoji = args.emoji, usergroups = args.usergroups, ctx = ctx })
  end
  if message.pins then return slack_events.pins_html(message, ctx) end
  if message.subtype == "tombstone" then return "<p><em>This message was deleted.</em></p>" end
  if message.subtype == "thread_broadcast" then ctx.loss "broadcast" end
  return HUDDLE[message.subtype] and not filled(message.text) and call_line(message, ctx) or nil
end

---The HTML of a message: blocks if they show anything, else text; then attachments, then files that are text.
function slack:content(message, ctx)
  local subtype, args = message.subtype, self.args
  local instead = subtype and special(message, ctx, args)
  if instead then return instead end
  local body = ""
  if message.blocks then
    local opt = args
    if table_of(message.bot_profile) and message.bot_profile.is_workflow_bot == true then
      opt = { emoji = args.emoji, usergroups = args.usergroups, workflow = true }
    end
    body = mrkdwn.blocks(message.blocks, ctx, opt)
  end
  if body == "" then
    local words = message.text
    if (subtype == "file_share" or subtype == "file_comment") and table_of(message.file) then words = own_words(message) end
    if type(words) == "string" and words ~= "" then
      body = mrkdwn.to_html(words, { emoji = args.emoji, usergroups = args.usergroups, ctx = ctx })
    end
  end
  if subtype == "me_message" or EVENT[subtype] then body = body:gsub("<p>(.-)</p>", "<p><em>%1</em></p>") end
  if message.attachments then
    local all = { emoji = args.emoji, usergroups = args.usergroups, all = true }
    local quoted = mrkdwn.attachments(message.attachments, ctx, args.unfurls == "quote" and all or args)
    if quoted == "" and body == "" then quoted = mrkdwn.attachments(message.attachments, ctx, all) end
    body = body .. quoted
  end
  local files = message.files or message.file
  if files then body = body .. slack_files.to_html(message, ctx) end
  if body == "" and has_replies(message) and not (files and slack_files.of(message)[1]) then body = "<p><em>[no text]</em></p>" end
  return body
end

---Reactions, one per emoji and tone.
function slack:reactions(message)
  local own, out = self.args.emoji, {}
  for _, reaction in each(table_of(message.reactions)) do
    local name = type(reaction) == "table" and filled(reaction.name)
    if name then
      out[#out + 1] = { reactionType = own and own[name] or emoji.from_name(name) or ":" .. name .. ":", users = reaction.users,
        count = reaction.count }
    end
  end
  return out
end

---Files of the workspace that are to be moved; those that are text or links stand in the content. One without an address is
---not in the export.
function slack:files(message, ctx) return slack_files.carried(message, ctx) end

return slack
