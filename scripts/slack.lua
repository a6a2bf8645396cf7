---Slack, from the export that an owner downloads: a zip or its folder; slackdump's "standard" export too.
---
---    teamferry plan slack --export acme.zip --team "Acme archive"
---
---Public channels become standard channels; threads, late replies shown in the channel, edits, bots,
---mentions, emoji and formatting come along. Direct messages and private channels stay behind unless
-----private standard says otherwise. A sample of what plan prints:
---
---    #general 1,204 messages, 310 in threads; skipped: event 88, deleted 3
---    losses: reaction_not_carried 402, file_not_carried 31, emoji_custom 17
---
---Replace `content` in a project to change the text, `place` to sort channels, `author` to name bots.
local slack = source.new {
  name = "slack", summary = "Slack export: zip or folder", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "Slack export, zip or folder", example = "acme.zip" },
    events = arg.choice { "skip", "keep", default = "skip", doc = "joins, topics and the like; keep posts them in italics" },
    emoji = arg.table { "name", "emoji", doc = "the workspace's own emoji; others stay as :name:", example = "emoji.csv" },
    usergroups = arg.table { "id", "handle", doc = "handles of user groups, which an export does not name" },
  },
}

local DAYS = "/????-??-??.json"

-- Subtypes by what they are; of xxx_join and the like the last part decides.
local EVENT = {}
for name in ([[channel_join group_join channel_leave group_leave channel_topic group_topic channel_purpose group_purpose
  channel_name group_name channel_archive group_archive channel_unarchive group_unarchive channel_convert_to_private
  channel_convert_to_public channel_posting_permissions channel_posting_allowed channel_tab_added channel_tab_removed
  channel_canvas_updated tabbed_canvas_updated pinned_item unpinned_item bot_add bot_remove bot_enable bot_disable
  reminder_add welcome_party joiner_notification joiner_notification_for_inviter app_conversation_join
  app_conversation_leave share_shortcut ekm_access_denied huddle_thread sh_room_created sh_room_shared bot_call]])
  :gmatch "%S+" do
  EVENT[name] = true
end
local HUDDLE = { huddle_thread = true, sh_room_created = true, sh_room_shared = true, bot_call = true }

local function filled(value) return type(value) == "string" and value ~= "" and value or nil end

local function table_of(value) return type(value) == "table" and value or nil end

local function has_replies(message)
  return (tonumber(message.reply_count) or 0) > 0 or type(message.replies) == "table" and #message.replies > 0
end

-- Kept, and nothing else is said about it; other subtypes are newer than this script.
local PLAIN = { [""] = true, bot_message = true, me_message = true, thread_broadcast = true, file_share = true, file_comment = true,
  file_mention = true, tombstone = true, slackbot_response = true, document_comment_root = true, document_unfurl = true,
  assistant_app_thread = true }
-- Kept by workspaces that retain edits: what a message was before.
local EARLIER = { message_changed = true, message_deleted = true }

-- Says what an export is that is not Slack's, or nil if it may be one.
local function mistaken_for(export)
  local function any(glob) return export:list(glob)[1] end
  if any("*" .. DAYS) then return nil end
  if any "????-??-??.json" then
    return "there are files by day but no folders: this is the folder of one channel. Give the folder above it"
  end
  if any "**.sqlite" or any "**.json.gz" or any "**chunks.jsonl.gz" then
    return "this looks like a slackdump archive: chunks (.json.gz) or a database (.sqlite). Convert it with "
      .. "`slackdump convert -f export`, and give that export"
  end
  for _, name in ipairs(export:list "*.json") do
    if name:match "^[CDG]%w+%.json$" or name:match "^[CDG]%w+%-[%d.]+%.json$" then
      return "this looks like a slackdump dump: one file a conversation (" .. name .. "). Convert it with "
        .. "`slackdump convert -f export`, and give that export"
    end
  end
  local zip = any "**.zip"
  if zip then return "there is a zip inside, " .. zip .. ": give that as the export" end
  if export:has "channels.json" then
    local rooms = export:json "channels.json"
    if type(rooms) ~= "table" then return "channels.json cannot be read as a list of channels" end
    if rooms.channels then return "channels.json is an answer of Slack's web API, not an export: an export is what an owner downloads" end
    return nil
  end
  local inner = any("**" .. DAYS) or any "**/channels.json"
  if inner then return "the export lies deeper, beside " .. inner .. ": give that folder" end
  if any "**__uploads/**" or any "attachments/**" then
    return "there are only files of an export here (attachments), no channels and no messages: give the whole export"
  end
  local found = any "**"
  return "there is neither a channels.json nor a folder with files by day (general/2019-02-04.json), "
    .. (found and "but for example " .. found .. ": " or "") .. "this is not a Slack export"
end

-- Stops at once what would otherwise end as an empty plan.
function slack:check(ctx)
  local wrong = mistaken_for(ctx.export)
  if wrong then error(self.args.export .. ": " .. wrong, 0) end
end

function slack:people(ctx, emit)
  self:check(ctx)
  for _, list in ipairs { "users.json", "org_users.json" } do
    if ctx.export:has(list) then return emit(ctx.export:records(list)) end
  end
  log.warn("%s has no users.json: people come from their messages, without mail addresses", self.args.export)
  local seen = {}
  for message in ctx.export:records("*" .. DAYS) do
    local id, profile = type(message) == "table" and message.user, message.user_profile
    if id and not seen[id] and type(profile) == "table" then
      seen[id] = true
      emit { id = id, name = profile.name, profile = profile, is_restricted = profile.is_restricted,
        is_ultra_restricted = profile.is_ultra_restricted }
    end
  end
end

function slack:person(user)
  local profile = type(user.profile) == "table" and user.profile or {}
  if not filled(user.id) then return nil, "no id" end
  return {
    id = user.id,
    name = filled(profile.display_name) or filled(profile.real_name) or filled(user.real_name) or filled(user.name) or user.id,
    mail = filled(profile.email),
    kind = user.deleted == true and "deleted" or user.is_bot == true and "bot"
      or (user.is_restricted == true or user.is_ultra_restricted == true) and "guest" or "user",
  }
end

function slack:conversations(ctx, emit)
  self:check(ctx)
  local export, named, listed, unlisted = ctx.export, {}, 0, 0
  for _, list in ipairs { "channels", "groups", "dms", "mpims" } do
    if export:has(list .. ".json") then
      for room, file, index in export:records(list .. ".json") do
        if type(room) == "table" and filled(room.id) then
          room.list = list
          if list == "channels" then listed = listed + 1 end
          for _, folder in ipairs { filled(room.name) or room.id, room.id } do
            if not room.folder and not named[folder] and #export:list(folder .. DAYS) > 0 then room.folder = folder end
          end
          if room.folder then named[room.folder] = true end
        end
        emit(room, nil, file, index)
      end
    end
  end
  for _, folder in ipairs(export:list "*/") do
    folder = folder:gsub("/$", "")
    if not named[folder] and #export:list(folder .. DAYS) > 0 then
      unlisted = unlisted + 1
      ctx.loss("conversation_unlisted", folder)
      emit { id = folder, name = folder, list = "unlisted", folder = folder } -- private until somebody says otherwise
    end
  end
  if unlisted > 0 and listed == 0 and export:has "channels.json" then
    log.warn("channels.json names no channel, so that public ones cannot be told: what no list names, %d in all, is taken "
      .. "for private channels. Mend it or export again; --private standard brings them all", unlisted)
  end
end

function slack:messages(room, ctx, emit)
  if room.folder then emit(ctx.export:records(room.folder .. DAYS)) end
end

local function value_of(field) return filled(type(field) == "table" and field.value) end

function slack:place(room, ctx)
  if not filled(room.id) then
    if room.ok ~= nil or room.channels then
      error("this is an answer of Slack's web API, not a channel: give the export that an owner downloads", 0)
    end
    return nil, "no id"
  end
  if room.list == "dms" then return { id = room.id, chatType = "oneOnOne", members = room.members } end
  if room.list == "mpims" then
    return { id = room.id, chatType = "group", topic = value_of(room.topic) or filled(room.name), members = room.members }
  end
  local created = tonumber(room.created)
  local about = value_of(room.purpose) or value_of(room.topic)
  return {
    id = room.id, displayName = filled(room.name) or room.id, members = room.members,
    description = about and html.text(mrkdwn.to_html(about, { ctx = ctx })),
    membershipType = room.list == "channels" and room.is_private ~= true and "standard" or "private",
    createdDateTime = created and created > 631152000 and created < 4102444800 and time.unix(room.created) or nil,
  }
end

-- When a message was edited; a damaged time is no reason to lose the message.
local function edited_time(edited, ctx)
  local ts = table_of(edited) and filled(edited.ts)
  if not ts then return nil end
  local fine, moment = pcall(time.unix, ts)
  if fine then return moment end
  ctx.loss("edit_history", ts)
  return nil
end

function slack:message(message, ctx)
  local subtype = message.subtype or ""
  if subtype ~= "" and self.args.events == "skip" and EVENT[subtype] and not has_replies(message) then return nil, "event" end
  if subtype == "tombstone" and not has_replies(message) then return nil, "deleted" end
  if EARLIER[subtype] then return nil, "earlier version" end
  if not PLAIN[subtype] and not EVENT[subtype] then
    if not (filled(message.user) and filled(message.text)) and not has_replies(message) then return nil, "event" end
    ctx.loss("subtype_unknown", subtype)
  end
  local ts = message.ts
  if not filled(ts) then
    local got = ts == nil and "missing" or type(ts) == "string" and "empty" or type(ts) ~= "table" and tostring(ts) or "a table"
    error(("ts is not text like \"1589553562.044500\": it is %s"):format(got), 0)
  end
  return {
    id              = message.ts,
    createdDateTime = time.unix(message.ts),
    from            = self:author(message, ctx),
    replyToId       = message.thread_ts ~= message.ts and filled(message.thread_ts) or nil,
    lastEditedDateTime = edited_time(message.edited, ctx),
    body            = { contentType = "html", content = self:content(message, ctx) },
    reactions       = message.reactions and self:reactions(message),
    files           = (message.files or message.file) and self:files(message),
  }
end

---Who wrote it: a person's id, or a person record for whoever the export does not list. A bot that posts under
---a name of its own is a person per name.
function slack:author(message, ctx)
  local user, bot_id = filled(message.user), filled(message.bot_id)
  local bot_name = table_of(message.bot_profile) and filled(message.bot_profile.name)
  if user then
    local person = ctx.person(user)
    if bot_id then
      local name = filled(message.username) or not person.known and bot_name
      if name and name ~= person.name then return { id = user .. "/" .. name, name = name, kind = "bot" } end
      return user
    end
    if person.known then return user end
    if user == "USLACKBOT" then return { id = user, name = "Slackbot", kind = "bot" } end
    local profile = table_of(message.user_profile)
    local name = profile and (filled(profile.display_name) or filled(profile.real_name) or filled(profile.name))
    return name and { id = user, name = name } or user
  end
  local writer = table_of(message.comment) and filled(message.comment.user) or table_of(message.file) and filled(message.file.user)
  if writer then return writer end
  local name = bot_name or filled(message.username)
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

local function files_of(message)
  return table_of(message.files) or table_of(message.file) and { message.file } or nil
end

local function elsewhere(file) -- kept by Google, Dropbox and so on: a link says it all
  return (file.is_external == true or file.mode == "external") and filled(file.url_private)
end

---The HTML of a message: blocks if they show anything, else text; then attachments.
function slack:content(message, ctx)
  local subtype = message.subtype
  local args = self.args
  if subtype == "tombstone" then return "<p><em>This message was deleted.</em></p>" end
  if HUDDLE[subtype] and not filled(message.text) then return call_line(message, ctx) end
  local body = message.blocks and mrkdwn.blocks(message.blocks, ctx, args) or ""
  if body == "" then
    local words = message.text
    if (subtype == "file_share" or subtype == "file_comment") and table_of(message.file) then words = own_words(message) end
    if type(words) == "string" and words ~= "" then
      body = mrkdwn.to_html(words, { emoji = args.emoji, usergroups = args.usergroups, ctx = ctx })
    end
  end
  if subtype == "me_message" or EVENT[subtype] then body = body:gsub("<p>(.-)</p>", "<p><em>%1</em></p>") end
  if message.attachments then
    local quoted = mrkdwn.attachments(message.attachments, ctx, args)
    if quoted == "" and body == "" then
      quoted = mrkdwn.attachments(message.attachments, ctx, { emoji = args.emoji, usergroups = args.usergroups, all = true })
    end
    body = body .. quoted
  end
  local files = files_of(message)
  for _, file in each(files) do
    if type(file) == "table" and elsewhere(file) then
      ctx.loss("file_external", filled(file.name))
      body = body .. "<p>" .. html.link(file.url_private, filled(file.title) or filled(file.name)) .. "</p>"
    end
  end
  if body == "" and has_replies(message) and not (files and files[1]) then body = "<p><em>[no text]</em></p>" end
  return body
end

---Reactions, one per emoji and tone.
function slack:reactions(message)
  local out = {}
  for _, reaction in each(table_of(message.reactions)) do
    local name = type(reaction) == "table" and filled(reaction.name)
    if name then
      out[#out + 1] = { reactionType = emoji.from_name(name) or ":" .. name .. ":", users = reaction.users, count = reaction.count }
    end
  end
  return out
end

local HIDDEN = { hidden_by_limit = "hidden by the plan's limit", tombstone = "deleted", check_file_info = "of another workspace",
  file_not_found = "not found", access_denied = "access denied" }

---Files of the workspace. One without an address is not in the export.
function slack:files(message)
  local out = {}
  for _, file in each(files_of(message)) do
    if type(file) == "table" and not elsewhere(file) then
      local why = HIDDEN[file.mode] or HIDDEN[file.file_access]
      local name = filled(file.name) or filled(file.title) or filled(file.id) or "unnamed"
      out[#out + 1] = { id = filled(file.id), name = why and name .. ", " .. why or name, size_bytes = file.size,
        contentType = filled(file.mimetype), url = not why and (filled(file.url_private_download) or filled(file.url_private)) or nil }
    end
  end
  return out
end

return slack
