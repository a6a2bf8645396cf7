---Zulip, from a realm's export: the tar.gz that manage.py export or the web page writes, or the folder in it.
---
---    teamferry plan zulip --export zulip-export.tar.gz --team "Acme archive"
---
---Streams become channels, and each topic a thread: its first message is the root and carries the topic as its subject. A
---topic that lives for years can begin anew after a silence (--gap 30), or every message can stand alone (--topics roots).
---Mentions, links of streams, quotes, formulas, spoilers, reactions, polls as text, uploads by name and edits come along.
---Direct messages and private streams stay behind unless --private standard says otherwise. A sample of what plan prints:
---
---    #Denmark 1,204 messages, 1,022 in threads; skipped: deleted 3
---    losses: reaction_as_text 402, file_not_carried 31
---
---Replace `content` in a project to change the text, `place` to sort streams.
local given = require "stdlib.given"
local reactions = require "stdlib.reactions"
local zulip_export = require "stdlib.formats.zulip"

local filled, list_of = given.text, given.list

local zulip = source.new {
  name = "zulip", summary = "Zulip realm export: tar.gz or folder", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "realm export: tar.gz, folder or zip", example = "zulip-export.tar.gz" },
    topics = arg.choice { "threads", "roots", default = "threads",
      doc = "threads: a topic is a thread; roots: each message stands alone, its topic in bold above it" },
    gap = arg.number { min = 0, default = 0, doc = "days of silence after which a topic begins a new thread; 0 is never" },
    emoji = arg.table { "name", "emoji", doc = "the realm's own emoji; others stay as :name:", example = "emoji.csv" },
    prefix = arg.text { doc = "put before the name of each channel", example = "zulip-" },
  },
}

function zulip.recognises(_, export) return export:has "realm.json" and export:list "messages-*.json"[1] ~= nil or nil end

function zulip:people(ctx, emit) zulip_export.people(ctx.export, emit) end

function zulip:person(user)
  local id = given.id(user.id)
  if not id then return nil, "no id" end
  local mail = filled(user.delivery_email) or filled(user.email)
  return {
    id = id, name = filled(user.full_name) or mail, mail = mail,
    kind = user.is_bot == true and "bot" or (user.is_active == false or user.is_mirror_dummy == true) and "deleted"
      or (user.role == 600 or user.is_guest == true) and "guest" or "user",
  }
end

function zulip:conversations(ctx, emit) zulip_export.streams(ctx.export, emit) end

function zulip:place(room, ctx)
  if room.people then
    if #room.people < 2 then return nil, "direct message to oneself" end
    return { id = room.id, chatType = #room.people == 2 and "oneOnOne" or "group", members = room.people }
  end
  if room.unlisted then ctx.loss("conversation_unlisted", room.id) end
  local about = filled(room.description)
  local created = tonumber(room.date_created)
  return {
    id = room.room, members = room.members, displayName = (self.args.prefix or "") .. (filled(room.name) or room.room),
    description = about and html.text(markdown.to_html(about, { dialect = "zulip" })),
    membershipType = room.invite_only == false and "standard" or "private",
    createdDateTime = created and created > 0 and time.unix(room.date_created) or nil,
  }
end

function zulip:all_messages(ctx, emit)
  zulip_export.messages(ctx.export, emit, { threads = self.args.topics == "threads", gap_seconds = self.args.gap * 86400 })
end

function zulip:message(message, ctx)
  if message.content == "(deleted)" then return nil, "deleted" end
  local edited = tonumber(message.last_edit_time)
  local topic = message.in_stream and filled(message.subject)
  local threads = self.args.topics == "threads"
  local content = self:content(message, ctx)
  if topic and not threads and content ~= "" then content = "<p><strong>" .. html.escape(topic) .. "</strong></p>" .. content end
  return {
    id                 = given.id(message.id),
    conversation       = message.room,
    createdDateTime    = time.unix(message.date_sent or message.pub_date),
    from               = given.id(message.sender),
    replyToId          = message.root,
    subject            = topic and threads and not message.root and topic or nil,
    lastEditedDateTime = edited and edited > 0 and time.unix(message.last_edit_time) or nil,
    body               = { contentType = "html", content = content },
    reactions          = self:reactions(message),
    files              = self:files(message, ctx),
  }
end

local EVERYBODY = { all = true, everyone = true, channel = true, stream = true, topic = true }

-- What Zulip writes in Markdown of its own: mentions, links of streams, times and formulas.
local function token_of(message)
  local names, streams = message.names or {}, message.streams or {}
  return function(words, at)
    local char = words:sub(at, at)
    if char == "@" then
      local silent, name, stop = words:match("^@(_?)%*%*([^*\n]+)%*%*()", at)
      if not name then
        name, stop = words:match("^@_?%*([^*\n]+)%*()", at)
        if not name then return nil end
        return "@" .. html.escape(name), stop
      end
      local shown, id = name:match "^(.-)|(%d+)$"
      shown = shown and shown ~= "" and shown or name
      if silent == "_" then return html.escape(shown), stop end
      id = id or not EVERYBODY[name] and names[name]
      return id and html.mention(id, shown) or "@" .. html.escape(shown), stop
    elseif char == "#" then
      local name, stop = words:match("^#%*%*([^*\n]+)%*%*()", at)
      if not name then return nil end
      local stream, topic = name:match "^([^>]+)>(.+)$"
      stream, topic = stream or name, topic and topic:gsub("@%d+$", "")
      local link = streams[stream] and html.conversation(streams[stream], stream) or "#" .. html.escape(stream)
      return link .. (topic and " &gt; " .. html.escape(topic) or ""), stop
    elseif char == "$" then
      local formula, stop = words:match("^%$%$([^$\n]+)%$%$()", at)
      return formula and "<code>" .. html.escape(formula) .. "</code>", stop
    end
    local moment, stop = words:match("^<time:([^<>\n]+)>()", at)
    return moment and html.escape(moment), stop
  end
end

local function fence(info, _, convert)
  if info == "quote" then return html.quote(convert()) end
  local title = info:match "^spoiler%s*(.*)$"
  return title and (title ~= "" and "<p><strong>" .. html.escape(title) .. "</strong></p>" or "") .. convert() or nil
end

---The HTML of a message.
function zulip:content(message, ctx)
  local words = filled(message.content) or ""
  local said = words:match "^/me (.+)$"
  if words:find "^/poll " or words:find "^/todo" then ctx.loss("poll", text.excerpt(words, 60)) end
  local content = markdown.to_html(said or words, { dialect = "zulip", starts = "@#$<", token = token_of(message), fence = fence })
  if said then content = content:gsub("<p>(.-)</p>", "<p><em>%1</em></p>") end
  return emoji.in_html(content, self.args.emoji)
end

---Reactions, one per emoji, with the people.
function zulip:reactions(message)
  local own = self.args.emoji
  return reactions.gathered(message.reacted, function(reaction)
    local name = filled(reaction.emoji_name)
    local character = reaction.reaction_type ~= "realm_emoji" and emoji.from_unicode(filled(reaction.emoji_code) or "")
    return name and (own and own[name] or character or emoji.from_name(name) or ":" .. name .. ":"), given.id(reaction.user_profile)
  end)
end

---Uploads that the message shows; one whose bytes the export lacks has no path.
function zulip:files(message, ctx)
  local out
  for _, upload in ipairs(list_of(message.uploads)) do
    local path = "uploads/" .. (filled(upload.path_id) or "")
    local name = filled(upload.file_name) or given.file_name(path)
    out = out or {}
    out[#out + 1] = { id = filled(upload.path_id), name = name, path = ctx.export:has(path) and path or nil,
      size_bytes = tonumber(upload.size), contentType = filled(upload.content_type) or given.image_type(name) }
  end
  return out
end

return zulip
