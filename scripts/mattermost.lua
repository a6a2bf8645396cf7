---Mattermost, from its bulk export: a zip with one JSONL file and the files in data/, a folder, or the JSONL alone.
---
---    mmctl export create --attachments        (or: mattermost export bulk export.jsonl --all-teams --attachments)
---    teamferry plan mattermost --export export.zip --team "Acme archive"
---
---Public channels become standard channels; threads, edits, bots and webhooks, mentions, channel links, emoji, Markdown,
---cards and reactions come along as far as Teams has them. Direct messages and private channels stay behind unless
-----private standard says otherwise. Deleted posts are not in such an export. A sample of what plan prints:
---
---    #dev-ops 812 messages, 240 in threads; skipped: event 61
---    losses: reaction_as_text 190, file_not_carried 22, pin 3
---
---Replace `content` in a project to change the text, `place` to sort channels, `author` to name bots.
local bulk = require "stdlib.formats.mattermost"
local card = require "stdlib.card"
local given = require "stdlib.given"
local mentions = require "stdlib.mentions"
local reactions = require "stdlib.reactions"

local filled, list_of, table_of = given.text, given.list, given.table

local mattermost = source.new {
  name = "mattermost", summary = "Mattermost bulk export: zip, folder or JSONL", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "bulk export: zip, folder or JSONL file", example = "export.zip" },
    events = arg.choice { "skip", "keep", default = "skip", doc = "joins, new headers and the like; keep posts them in italics" },
    names = arg.choice { "full", "nickname", "username", default = "full", doc = "which of their names people are shown by" },
    teams = arg.choice { "own", "one", default = "own", doc = "of several teams: a team for each, or all channels in args.team" },
    archived = arg.choice { "keep", "skip", default = "keep", doc = "what becomes of archived channels" },
    emoji = arg.table { "name", "emoji", doc = "the server's own emoji; others stay as :name:", example = "emoji.csv" },
    prefix = arg.text { doc = "put before the name of each channel", example = "mm-" },
  },
}

function mattermost.recognises(_, export) return bulk.recognises(export) end

function mattermost:people(ctx, emit) bulk.people(ctx.export, emit) end

function mattermost:person(user)
  local id = filled(user.username)
  if not id then return nil, "no name" end
  local full = ((filled(user.first_name) or "") .. " " .. (filled(user.last_name) or "")):match "^%s*(.-)%s*$"
  local nickname = filled(user.nickname)
  local names = self.args.names
  return {
    id = id,
    name = names == "username" and id or names == "nickname" and nickname or filled(full) or filled(user.display_name) or nickname or id,
    mail = filled(user.email),
    kind = user.is_bot_line and "bot" or (tonumber(user.delete_at) or 0) > 0 and "deleted"
      or (filled(user.roles) or ""):find("guest", 1, true) and "guest" or "user",
  }
end

function mattermost:conversations(ctx, emit) bulk.rooms(ctx.export, emit, ctx.loss) end

function mattermost:place(room, ctx)
  local args = self.args
  if room.people then
    local members = room.people
    if #members < 2 then return nil, "direct message to oneself" end
    return { id = room.id, chatType = #members == 2 and "oneOnOne" or "group", members = members,
      topic = #members > 2 and filled(room.header) or nil }
  end
  if not filled(room.id) then return nil, "no name" end
  if room.unlisted then ctx.loss("conversation_unlisted", room.id) end
  if (tonumber(room.deleted_at) or 0) > 0 and args.archived == "skip" then return nil, "archived" end
  local about = filled(room.purpose) or filled(room.header)
  return {
    id = room.id, members = room.members,
    displayName = (args.prefix or "") .. (filled(room.display_name) or room.name),
    team = args.teams == "own" and (room.several or not args.team) and room.team_name or nil,
    description = about and html.text(markdown.to_html(about)),
    membershipType = room.type == "O" and "standard" or "private",
  }
end

function mattermost:all_messages(ctx, emit) bulk.posts(ctx.export, emit, ctx.loss) end

function mattermost:message(post, ctx)
  local kind = filled(post.type) or ""
  local event = kind:find "^system_" or bulk.is_join(post)
  if event and self.args.events == "skip" and not list_of(post.replies)[1] then return nil, "event" end
  if post.is_pinned == true then ctx.loss("pin", post.id) end
  if kind:find "^custom_calls" then ctx.loss "call" end
  local edited = tonumber(post.edit_at) or 0
  return {
    id                 = post.id,
    conversation       = post.room,
    createdDateTime    = time.unix(post.create_at, "ms"),
    from               = self:author(post),
    replyToId          = post.root,
    lastEditedDateTime = edited > 0 and time.unix(post.edit_at, "ms") or nil,
    body               = { contentType = "html", content = self:content(post, ctx) },
    reactions          = self:reactions(post),
    files              = self:files(post, ctx),
  }
end

---Who wrote it: a user's name, or a person record for a webhook or bot that posts under a name of its own.
function mattermost:author(post)
  local user, props = filled(post.user), table_of(post.props) or {}
  local name = filled(props.override_username) or filled(props.webhook_display_name)
  if name and (props.from_webhook == "true" or props.from_webhook == true or props.from_bot) then
    return { id = (user or "webhook") .. "/" .. name, name = name, kind = "bot" }
  end
  return user
end

---Mattermost's Markdown as HTML, with mentions and channel links.
---@param words string
function mattermost:to_html(words, post, ctx)
  local content = markdown.to_html(words)
  content = mentions.handles(content, function(handle)
    local person = ctx.person(handle:lower())
    return person.known and person.id or nil
  end)
  if content:find("~", 1, true) and post.rooms then
    content = html.replace(content, "(.?)~([%w_-]+)", function(before, name)
      local id = (filled(post.team) or "") .. "/" .. name
      if before:find "[%w~]" or not post.rooms[id] then return nil end
      return html.escape(before) .. html.conversation(id, post.rooms[id])
    end)
  end
  return emoji.in_html(content, self.args.emoji)
end

---The HTML of a post: its text, then its cards.
function mattermost:content(post, ctx)
  local content = self:to_html(filled(post.message) or "", post, ctx)
  local kind = filled(post.type) or ""
  if kind == "me" or kind:find "^system_" or bulk.is_join(post) then content = content:gsub("<p>(.-)</p>", "<p><em>%1</em></p>") end
  for _, attachment in ipairs(list_of(list_of(post.props).attachments)) do
    if type(attachment) == "table" then content = content .. self:card(attachment, post, ctx) end
  end
  return content
end

---A card of a bot or webhook, as a quotation.
function mattermost:card(attachment, post, ctx)
  return card.to_html(attachment, function(words) return self:to_html(words, post, ctx) end, ctx.loss)
end

---Reactions, one per emoji, with the people.
function mattermost:reactions(post)
  local own = self.args.emoji
  return reactions.gathered(post.reactions, function(reaction)
    local name = filled(reaction.emoji_name)
    return name and (own and own[name] or emoji.from_name(name) or ":" .. name .. ":"), filled(reaction.user)
  end)
end

---Files of a post; one whose bytes the export does not have has no path.
function mattermost:files(post, ctx)
  local out
  for _, attachment in ipairs(list_of(post.attachments)) do
    local path = type(attachment) == "table" and filled(attachment.path)
    if path then
      local name = given.file_name(path)
      out = out or {}
      out[#out + 1] = { id = path, name = name, path = bulk.file(ctx.export, path), contentType = given.image_type(name) }
    end
  end
  return out
end

return mattermost
