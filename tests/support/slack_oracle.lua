-- What a reader of Slack saw of a message, taken from the record by the rules of SOURCES 2.13 to 2.17, and what a reader of
-- our HTML sees. It shares no line with the converter, so that the two can be compared; stdlib/emoji_data is data, not code.
--
-- White space does not count. In texts of mrkdwn the marks * _ ~ ` and > do not count either: which of them are marks
-- and which are text is what the converter's own tests are about. People and channels read as their ids on both sides.
local json = require "json"

local oracle = {}

local concat = table.concat

local EMOJI = {}
for name, char in require("stdlib.emoji_data"):gmatch "([^%s]+) %+?([^\n]+)" do EMOJI[name] = char end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local size = code < 0x800 and 1 or code < 0x10000 and 2 or 3
  local out = {}
  for i = size, 1, -1 do
    out[i] = string.char(128 + code % 64)
    code = math.floor(code / 64)
  end
  return string.char((size == 1 and 192 or size == 2 and 224 or 240) + code) .. concat(out)
end

local REFERENCES = { amp = "&", lt = "<", gt = ">", quot = '"', nbsp = "\194\160" }

local function unescaped(text) return (text:gsub("&(%a+);", REFERENCES)) end

-- Wire text knows three entities.
local function wire(text) return (text:gsub("&(%a+);", { amp = "&", lt = "<", gt = ">" })) end

local function text_in(value) return type(value) == "string" and value or type(value) == "number" and tostring(value) or "" end

local function list_in(value) return type(value) == "table" and value or {} end

-- Tones are told from names only by their modifier, and a variation selector gives way to one.
local function bare(text)
  return (text:gsub("%s+", ""):gsub("\240\159\143[\187-\191]", ""):gsub("\239\184\143", ""):gsub("[%z\1-\31\127]", ""))
end

-- Without what may be a mark.
local function unmarked(text) return (bare(text):gsub("[*_~`>]", "")) end

---What a reader sees of our HTML.
function oracle.seen(content)
  content = content:gsub('<at person="([^"]*)">.-</at>', "@%1"):gsub('<a conversation="([^"]*)">.-</a>', "#%1")
  return unescaped((content:gsub("<[^>]*>", "")))
end

local function emoji_of(element)
  if type(element.unicode) == "string" then
    local out = {}
    for hex in element.unicode:gmatch "%x+" do out[#out + 1] = utf8(tonumber(hex, 16)) end
    return concat(out)
  end
  local name = text_in(element.name)
  return EMOJI[name] or EMOJI[name:match "^(.-)::"] or ":" .. name .. ":"
end

local LEAF = {}
function LEAF.text(element) return text_in(element.text) end
function LEAF.link(element)
  local label, url = text_in(element.text), text_in(element.url)
  if label ~= "" then return label end
  if not wire(url):find("&", 1, true) or not url:gsub("&amp;", ""):find("&", 1, true) then url = wire(url) end
  return (url:gsub("^mailto:", ""))
end
function LEAF.user(element) return "@" .. text_in(element.user_id) end
function LEAF.channel(element) return "#" .. text_in(element.channel_id) end
function LEAF.usergroup(element) return "@" .. text_in(element.usergroup_id) end
function LEAF.team(element) return "@" .. text_in(element.team_id) end
function LEAF.broadcast(element) return "@" .. text_in(element.range) end
function LEAF.color(element) return text_in(element.value) end
function LEAF.date(element) return text_in(element.fallback) end
function LEAF.message_mention(element) -- slackdump's, which holds the element as JSON, at times twice
  while type(element.Raw) == "string" do element = list_in(json.decode(element.Raw)) end
  return text_in(element.text)
end
LEAF.emoji = emoji_of

-- All leaves below an element of rich_text, in reading order. `odd` gathers what is of no kind that SOURCES names.
local function leaves(element, out, odd)
  if type(element) ~= "table" then return end
  local leaf = LEAF[element.type]
  if leaf then
    out[#out + 1] = leaf(element)
  elseif type(element.elements) == "table" then
    for _, inner in ipairs(element.elements) do leaves(inner, out, odd) end
  elseif element.type and not tostring(element.type):find "^rich_text" then
    odd[#odd + 1] = element.type
  end
end

local function token(inner)
  local target, label = inner:match "^([^|]*)|?(.*)$"
  if target:find "^@[UWB]%w+$" or target:find "^#[CGD]%w+$" then return target end
  local special = target:match "^!(.*)$"
  if special then
    if special == "here" or special == "channel" or special == "everyone" or special == "group" then return "@" .. special end
    if label ~= "" then return (special:find "^subteam" and "@" or "") .. (label:gsub("^@", "")) end
    return special:match "^subteam%^(%w+)" and "@" .. special:match "^subteam%^(%w+)" or nil
  end
  if target:find "^%a[%w+.-]*:" and (label ~= "" or target:find "^%a[%w+.-]*://" or target:find "^mailto:" or target:find "^tel:") then
    return label ~= "" and label or (target:gsub("^mailto:", ""))
  end
  return nil
end

-- A text of mrkdwn as it was shown, marks included.
local function mrkdwn(text)
  local out, at = {}, 1
  while true do
    local first, last, inner = text:find("<([^<>\n]*)>", at)
    out[#out + 1] = wire(text:sub(at, (first or 0) - 1))
    if not first then break end
    local shown = token(inner)
    out[#out + 1] = shown and wire(shown) or "<" .. wire(inner) .. ">"
    at = last + 1
  end
  return concat(out)
end

-- Short names become pictures wherever they stand outside of code.
local function pictured(text)
  text = text:gsub(":skin%-tone%-[2-6]:", "")
  return (text:gsub("():([%w_+'-]+):", function(at, name)
    if at > 1 and text:sub(at - 1, at - 1):find "%w" then return nil end
    return EMOJI[name]
  end))
end

local function object(value)
  if type(value) == "string" then return value end
  return mrkdwn(text_in(list_in(value).text))
end

local function block_text(block, out, odd)
  local kind = block.type
  if kind == "rich_text" then
    for _, element in ipairs(list_in(block.elements)) do leaves(element, out, odd) end
  elseif kind == "section" or kind == "header" then
    out[#out + 1] = object(block.text)
    for _, field in ipairs(list_in(block.fields)) do out[#out + 1] = object(field) end
  elseif kind == "context" then
    for _, element in ipairs(list_in(block.elements)) do
      if type(element) == "table" and element.type ~= "image" then out[#out + 1] = object(element) end
    end
  elseif kind == "image" then
    local title = text_in(list_in(block.title).text)
    out[#out + 1] = title ~= "" and title or text_in(block.alt_text)
  elseif kind == "table" then
    for _, row in ipairs(list_in(block.rows)) do
      for _, cell in ipairs(list_in(row)) do
        if type(cell) == "table" and cell.type == "rich_text" then leaves(cell, out, odd) else out[#out + 1] = object(cell) end
      end
    end
  elseif kind ~= "divider" and kind ~= "actions" then
    odd[#odd + 1] = tostring(kind)
  end
end

---What a reader saw of the message itself: text, whether it was written in mrkdwn, and kinds that no rule knows.
---@return string text, boolean marked, string[] odd
function oracle.said(message)
  local out, odd, marked = {}, {}, false
  for _, block in ipairs(list_in(message.blocks)) do
    if type(block) == "table" then
      block_text(block, out, odd)
      marked = marked or block.type ~= "rich_text"
    end
  end
  local shown = concat(out, marked and "\n" or "")
  if shown:find "%S" then return marked and pictured(shown) or shown, marked, odd end
  local text = text_in(message.text)
  local file = list_in(message.file)
  if message.subtype == "file_comment" then
    text = text_in(list_in(message.comment).comment)
  elseif message.subtype == "file_share" and message.file then
    text = message.upload == false and text:match " and commented: (.*)$" or text_in(list_in(file.initial_comment).comment)
  end
  return pictured(mrkdwn(text)), true, odd
end

---The strings that an attachment showed, in any order.
function oracle.attached(attachment)
  local out = {}
  local function add(value) if text_in(value) ~= "" then out[#out + 1] = pictured(mrkdwn(text_in(value))) end end
  local quoted, odd = {}, {}
  for _, part in ipairs(list_in(attachment.message_blocks)) do
    for _, block in ipairs(list_in(list_in(list_in(part).message).blocks)) do block_text(block, quoted, odd) end
  end
  for _, block in ipairs(list_in(attachment.blocks)) do block_text(block, quoted, odd) end
  if concat(quoted):find "%S" then out[1] = pictured(concat(quoted)) else add(attachment.text) end
  for _, field in ipairs { "pretext", "author_name", "title", "footer" } do add(attachment[field]) end
  for _, field in ipairs(list_in(attachment.fields)) do
    add(list_in(field).title)
    add(list_in(field).value)
  end
  return out
end

---Whether an attachment is only the preview of an address that stands in the text.
function oracle.preview(attachment)
  if attachment.is_msg_unfurl or attachment.is_share then return false end
  if text_in(attachment.from_url):find "slack%.com/archives/%w+/p%d" then return false end -- a quoted message, by slackdump
  return attachment.from_url ~= nil or attachment.is_app_unfurl == true
end

oracle.bare, oracle.unmarked = bare, unmarked

return oracle
