---Google Chat as its API answers, read as if it were Takeout's (SOURCES 6.2): files of pages or lists of messages, as spaces.messages.list
---gives them, in any folders; beside them the answers of spaces.list and spaces.members.list, if there are any.
---Tested by tests/scripts/google_chat_test.lua.
local given = require "stdlib.given"
local html = require "stdlib.html"

local api = {}

local filled, list_of, table_of = given.text, given.list, given.table

local KINDS = { DIRECT_MESSAGE = "DM", DM = "DM", GROUP_CHAT = "Group", SPACE = "Space", ROOM = "Space" }

local function space_of(message)
  local name = type(message) == "table" and filled(message.name)
  return name and name:match "^(spaces/[^/]+)/messages/[^/]+$" or nil
end

-- The records of a file, be it a page, a list or one message; none, and what it holds, if it is about spaces or members.
local function records(export, file)
  local head = export:json(file, { only = { "name", "spaces", "memberships" } })
  if type(head) ~= "table" then return function() end end
  if head.spaces or head.memberships then return function() end, head end
  return export:records(file, { at = #head == 0 and head.name == nil and "messages" or nil })
end

---Whether a file holds messages of the API.
---@param export table
---@param file string
---@return boolean
function api.holds(export, file)
  local fine, first = pcall(function() return (records(export, file)()) end)
  return fine and space_of(first) ~= nil
end

-- What spaces.list and spaces.members.list say, by space.
local function note_space(known, space)
  local name = type(space) == "table" and filled(space.name)
  if name then known.spaces[name] = space end
end

local function note_member(known, membership)
  local space = type(membership) == "table" and (filled(membership.name) or ""):match "^(spaces/[^/]+)/members/"
  local member = space and table_of(membership.member)
  local id = member and filled(member.name)
  if not id then return end
  known.members[space] = known.members[space] or {}
  table.insert(known.members[space], { id = id, name = filled(member.displayName), user_type = member.type == "BOT" and "Bot" or nil })
  known.names[id] = known.names[id] or filled(member.displayName)
end

---The spaces that the messages name, each with its files, its kind and members as far as the export says.
---@param export table
---@return { id: string, space: string, kind: string, info: table, files: string[] }[]
function api.spaces(export)
  local known, out, by_name = { spaces = {}, members = {}, names = {} }, {}, {}
  for _, file in ipairs(export:list "**.json*") do
    local next_record, head = records(export, file)
    for _, space in ipairs(head and list_of(head.spaces) or {}) do note_space(known, space) end
    for _, membership in ipairs(head and list_of(head.memberships) or {}) do note_member(known, membership) end
    local first = true
    for record in next_record do
      local name = space_of(record)
      local group = name and by_name[name]
      if name and not group then
        group = { space = name, id = name:match "/(.+)$", file = file, folder = file:match "^(.*/)" or "", files = {}, first_in = {} }
        by_name[name], out[#out + 1] = group, group
      end
      if group and group.files[#group.files] ~= file then
        table.insert(group.files, file)
        group.first_in[file], first = first, false
      end
    end
  end
  for _, group in ipairs(out) do
    local space = known.spaces[group.space] or {}
    group.kind, group.name = KINDS[filled(space.spaceType) or space.type] or "", filled(space.displayName)
    group.open = list_of(space.accessSettings).accessState == "DISCOVERABLE"
    group.info, group.names = { members = known.members[group.space] }, known.names
  end
  return out
end

---Emits the messages of a space. Those of other spaces in the same files are left to theirs; what names no space goes with the
---first of its file.
---@param export table
---@param group table  one of api.spaces
---@param emit fun(record: table, value: any, file: string, index: integer)
function api.messages(export, group, emit)
  for _, file in ipairs(group.files) do
    for record, name, index in records(export, file) do
      local space = space_of(record)
      if space == group.space or not space and group.first_in[file] then emit(record, nil, name, index) end
    end
  end
end

local function user_of(user, names)
  local id = filled(list_of(user).name)
  return id and { id = id, name = filled(user.displayName) or names[id], user_type = user.type == "BOT" and "Bot" or nil } or nil
end

local function annotations_of(list)
  local out = {}
  for _, annotation in ipairs(list_of(list)) do
    if type(annotation) == "table" then
      local mentioned = list_of(list_of(annotation.userMention).user)
      out[#out + 1] = { start_index = annotation.startIndex, length = annotation.length, mention = filled(mentioned.name) }
    end
  end
  return out
end

local function files_of(message, annotations)
  local out = {}
  for _, file in ipairs(list_of(message.attachment or message.attachments)) do
    local drive = type(file) == "table" and filled(list_of(file.driveDataRef).driveFileId)
    if drive then
      annotations[#annotations + 1] = { drive_metadata = { id = drive, title = filled(file.contentName) } }
    elseif type(file) == "table" then
      out[#out + 1] = { original_name = filled(file.contentName), export_name = filled(file.contentName), id = filled(file.name) }
    end
  end
  return out
end

local function reactions_of(list)
  local out = {}
  for _, summary in ipairs(list_of(list)) do
    local emoji = type(summary) == "table" and table_of(summary.emoji)
    local own = emoji and table_of(emoji.customEmoji)
    if emoji then
      out[#out + 1] = { count = summary.reactionCount,
        emoji = { unicode = filled(emoji.unicode), custom_emoji = own and { shortcode = filled(own.emojiName) } } }
    end
  end
  return out
end

---A message in the shape of Takeout; `formattedText` and `cardsV2` stay what they are.
---@param message table
---@param names table<string, string>  of people, by id
---@return table
function api.message(message, names)
  local space, id = (filled(message.name) or ""):match "^spaces/([^/]+)/messages/(.+)$"
  local topic, last = (id or ""):match "^([^.]+)%.([^.]+)$"
  local thread = (filled(list_of(message.thread).name) or ""):match "/threads/(.+)$"
  local quoted = table_of(message.quotedMessageMetadata)
  local snapshot = quoted and (table_of(quoted.quotedMessageSnapshot) or {})
  local annotations = annotations_of(message.annotations)
  local sender = type(list_of(snapshot).sender) == "table" and snapshot.sender or { name = list_of(snapshot).sender }
  return {
    message_id = id and space .. "/" .. (topic or thread or id) .. "/" .. (last or id),
    creator = user_of(message.sender, names), created_date = message.createTime, updated_date = filled(message.lastUpdateTime),
    previous_message_versions = filled(message.lastUpdateTime) and { message.lastUpdateTime } or nil,
    deletion_metadata = table_of(message.deletionMetadata) or filled(message.deleteTime) and { message.deleteTime } or nil,
    text = message.text, formattedText = message.formattedText, cards = message.cardsV2 or message.cards,
    quoted_message_metadata = quoted and { creator = user_of(sender, names) or {}, text = filled(snapshot.text) or "[…]",
      formattedText = filled(snapshot.formattedText), annotations = annotations_of(snapshot.annotations) },
    attached_files = files_of(message, annotations), annotations = annotations, reactions = reactions_of(message.emojiReactionSummaries),
  }
end

-- The text of a widget: what it says, and under which label.
local function widget_of(widget, loss)
  local paragraph, decorated = table_of(widget.textParagraph), table_of(widget.decoratedText) or table_of(widget.keyValue)
  local image, buttons = table_of(widget.image), table_of(widget.buttonList) or widget.buttons and widget
  if paragraph then return html.clean(filled(paragraph.text) or "") end
  if decorated then
    local label, below = filled(decorated.topLabel), filled(decorated.bottomLabel)
    return (label and "<strong>" .. html.escape(label) .. "</strong>: " or "")
      .. html.clean(filled(decorated.text) or filled(decorated.content) or "") .. (below and "<br>" .. html.escape(below) or "")
  end
  if image and given.url(image.imageUrl) then return html.link(image.imageUrl) end
  local links = {}
  for _, button in ipairs(buttons and list_of(buttons.buttons) or {}) do
    local url = type(button) == "table" and given.url(list_of(list_of(button.onClick).openLink).url)
    if url then links[#links + 1] = html.link(url, filled(button.text)) else loss("card", "button") end
  end
  if buttons then return #links > 0 and table.concat(links, " · ") or nil end
  if not widget.divider then loss("card", next(widget)) end
  return nil
end

---The HTML of cards, one quotation each.
---@param cards any  cardsV2 of a message
---@param loss fun(kind: string, detail: string?)
---@return string
function api.cards(cards, loss)
  local out = ""
  for _, holder in ipairs(list_of(cards)) do
    local content = type(holder) == "table" and (table_of(holder.card) or holder) or {}
    local lines, header = {}, list_of(content.header)
    if filled(header.title) then lines[1] = "<strong>" .. html.escape(header.title) .. "</strong>" end
    if filled(header.subtitle) then lines[#lines + 1] = html.escape(header.subtitle) end
    for _, section in ipairs(list_of(content.sections)) do
      if type(section) == "table" then
        if filled(section.header) then lines[#lines + 1] = "<strong>" .. html.clean(section.header) .. "</strong>" end
        for _, widget in ipairs(list_of(section.widgets)) do
          local line = type(widget) == "table" and widget_of(widget, loss)
          if line and line ~= "" then lines[#lines + 1] = line end
        end
      end
    end
    if #lines > 0 then out = out .. "<blockquote>" .. table.concat(lines, "<br>") .. "</blockquote>" end
  end
  return out
end

return api
