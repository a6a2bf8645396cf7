---A channel of Discord as the HTML of DiscordChatExporter (SOURCES 5.3), read into the records of its JSON, as far as a page
---has them. The text is HTML already: `html` in place of `content`. Tested by tests/scripts/discord_test.lua.
local given = require "stdlib.given"
local html = require "stdlib.html"
local time = require "stdlib.time"
local tokens = require "stdlib.html_tokens"

local discord_html = {}

local VOID = { img = true, br = true, hr = true, meta = true, link = true, input = true, source = true, wbr = true }
local KEPT = { strong = true, em = true, u = true, s = true, pre = true, code = true, ul = true, ol = true, li = true, h1 = true,
  h2 = true, h3 = true }

-- What a class of an element makes of its content; everything else is what its parent is.
local ROLES = { { "chatlog__reply", "reply" }, { "chatlog__author", "author" }, { "chatlog__author-tag", "tag" },
  { "chatlog__content", "content" }, { "chatlog__markdown-mention", "mention" }, { "chatlog__edited-timestamp", "edited" },
  { "chatlog__attachment", "attachment" }, { "chatlog__embed", "embed" }, { "chatlog__reaction", "reaction" },
  { "chatlog__system-notification", "event" }, { "chatlog__system-notification-content", "event" }, { "chatlog__sticker", "sticker" } }

local EPOCH_MS = 1420070400000 -- of Discord's ids, whose upper bits are a time

---The time in an id: its digits divided by 2^22.
---@param id string
---@return string
function discord_html.time_of(id)
  local quotient, rest = 0, 0
  for digit in id:gmatch "%d" do
    rest = rest * 10 + tonumber(digit)
    quotient = quotient * 10 + math.floor(rest / 4194304)
    rest = rest % 4194304
  end
  return time.unix(quotient + EPOCH_MS, "ms")
end

local function role_of(class)
  local found
  for _, entry in ipairs(ROLES) do
    if (" " .. class .. " "):find(" " .. entry[1] .. " ", 1, true) then found = entry[2] end
  end
  return found
end

---The channel of a page by its title and the name of its file; nil if the page is another one.
---@return { guild: table, channel: table }?
function discord_html.channel(content, file)
  if not content:find("chatlog__message-container", 1, true) then return nil end
  local title = html.unescape(content:match "<title>(.-)</title>" or given.file_name(file))
  local guild, name = title:match "^(.-) %- (.+)$"
  local id = file:match "%[(%d+)%]" or file:match "(%d+)[^%d]*%.html?$" or file
  return { guild = { name = guild }, channel = { id = id, type = "GuildTextChat", name = (name or title):match "%s*([^/]+)$" } }
end

-- Opens and closes the marks of a text.
local function mark(message, opening, name, attributes)
  local add
  if name == "a" then
    local url = opening and attributes.href or nil
    if opening then message.links[#message.links + 1] = html.linkable(url) and url or false end
    local known = opening and message.links[#message.links] or not opening and table.remove(message.links)
    add = known and (opening and '<a href="' .. html.attribute(known) .. '">' or "</a>")
  elseif name == "br" then
    add = "<br>"
  elseif name == "img" then
    add = html.escape(attributes.alt or "")
  elseif KEPT[name] then
    add = opening and "<" .. name .. ">" or "</" .. name .. ">"
  end
  if add then message.html = message.html .. add end
end

---Gives the messages of a page.
---@param content string
---@return table[]
function discord_html.messages(content)
  local list, people, message, author, stack = {}, {}, nil, nil, {}
  local role

  local function opened(name, attributes)
    local class = attributes.class or ""
    if attributes["data-message-id"] and class:find "chatlog__message%-container" then
      message = { id = attributes["data-message-id"], type = "Default", author = author, html = "", links = {}, attachments = {},
        reactions = {} }
      list[#list + 1] = message
      stack, role = {}, nil
      return
    end
    if not message then return end
    local mine = role_of(class)
    if mine == "reply" and not role then message.type = "Reply" end
    if role == "reply" or role == "embed" and mine ~= "embed" then mine = nil end
    if mine == "author" then
      author = { id = attributes["data-user-id"], name = attributes.title, nickname = "" }
      message.author = author
      if author.id and author.name then people[author.name] = author.id end
    elseif mine == "event" then
      message.type = "Event"
    elseif mine == "edited" then
      message.edited = true
    elseif mine == "attachment" then
      message.attachments[#message.attachments + 1] = {}
    elseif mine == "reaction" then
      message.reactions[#message.reactions + 1] = { emoji = { name = attributes.title }, count = "" }
    elseif mine == "embed" then
      message.embeds = (message.embeds or 0) + 1
    elseif mine == "mention" and role == "content" then
      message.mention = { name = attributes.title, label = "" }
    end
    local quote = class:find("chatlog__markdown-quote-content", 1, true) and (mine or role) == "content"
    if quote then message.html = message.html .. "<blockquote>" end
    local now = mine or role
    local file = now == "attachment" and message.attachments[#message.attachments]
    if file then
      file.href, file.src = file.href or attributes.href, file.src or attributes.src
      file.fileName = file.fileName or (attributes.title or ""):match "^%a+: (.+) %([^()]*%)$"
    elseif now == "reaction" and name == "img" then
      message.reactions[#message.reactions].emoji.name = attributes.alt
    elseif now == "reply" then
      local answered = (attributes.onclick or ""):match "(%d%d%d%d%d+)"
      if answered then message.reference = { messageId = answered } end
    elseif now == "content" and mine ~= "content" then
      mark(message, true, name, attributes)
    end
    if not VOID[name] then
      stack[#stack + 1] = { name = name, role = role, mine = mine, quote = quote }
      role = now
    end
  end

  local function closed(name)
    local level = #stack
    while level > 0 and stack[level].name ~= name do level = level - 1 end
    for i = #stack, math.max(level, 1), -1 do
      local entry = level > 0 and stack[i]
      if not entry then return end
      if entry.mine == "mention" and message.mention then
        local mention = message.mention
        message.html, message.mention = message.html .. "\0" .. (mention.name or "") .. "\1" .. mention.label .. "\2", nil
      elseif role == "content" and entry.mine ~= "content" then
        mark(message, false, entry.name)
      end
      if entry.quote then message.html = message.html .. "</blockquote>" end
      role = entry.role
      stack[i] = nil
    end
  end

  local function text(words)
    if role == "author" then
      author.nickname = author.nickname .. words
    elseif role == "tag" then
      if author then author.isBot = true end
    elseif role == "mention" and message.mention then
      message.mention.label = message.mention.label .. words
    elseif role == "content" then
      message.html = message.html .. html.escape((words:gsub("%z", ""):gsub("[\1\2]", ""))):gsub("\r?\n", "<br>")
    elseif role == "reaction" then
      message.reactions[#message.reactions].count = message.reactions[#message.reactions].count .. words
    elseif role == "attachment" then
      local file, plain = message.attachments[#message.attachments], words:match "^%s*(.-)%s*$"
      if plain ~= "" and not file.fileName then file.fileName = plain end
    end
  end

  for kind, value, attributes in tokens(content) do
    if kind == "open" then
      opened(value, attributes)
    elseif message and kind == "close" then
      closed(value)
    elseif message then
      text(value)
    end
  end
  for _, one in ipairs(list) do
    one.timestamp = discord_html.time_of(one.id)
    one.html = one.html:gsub("%z([^\1]*)\1([^\2]*)\2", function(name, label)
      return people[name] and html.mention(people[name], label:gsub("^@", "")) or html.escape(label)
    end)
    for _, reaction in ipairs(one.reactions) do reaction.count = tonumber(reaction.count) or 1 end
    one.links = nil
  end
  return list
end

---The text of a message in paragraphs, with its blocks between them.
---@param words string
---@return string
function discord_html.paragraphs(words)
  words = "<p>" .. words .. "</p>"
  for _, block in ipairs { "blockquote", "pre", "ul", "ol", "h1", "h2", "h3" } do
    words = words:gsub("<" .. block .. ">", "</p>%0"):gsub("</" .. block .. ">", "%0<p>")
  end
  return (words:gsub("<p></p>", ""))
end

---Attachments as the JSON has them: a file that was downloaded beside the page, or else the address.
function discord_html.local_files(attachments, export, page)
  local folder, out = page:match "^(.*/)" or "", {}
  for i, file in ipairs(attachments) do
    local url = file.href or file.src
    for _, place in ipairs { file.href, file.src } do
      if not given.url(place) and export:has(folder .. place) then url = place end
    end
    out[i] = { id = url, url = url, fileName = file.fileName }
  end
  return out
end

return discord_html
