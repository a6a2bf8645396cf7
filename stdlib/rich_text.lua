---Slack's rich_text to HTML: what the author typed, exactly (SOURCES 2.15).
---
---This is the hottest code of the Slack script, so it walks the tree once, writes into one buffer, and looks
---for what is rare (a newline, an entity) with plain finds. Strings in rich_text are not entity-escaped.
---Nested lists come as a flat run of lists with `indent`: an open <li> waits for what may go into it.
---Tested by tests/stdlib/rich_text_test.lua.
local emoji = require "stdlib.emoji"
local html = require "stdlib.html"
local json = require "json"
local mrkdwn = require "stdlib.mrkdwn"

local rich_text = {}

local byte, concat, find, format, gsub = string.byte, table.concat, string.find, string.format, string.gsub
local match, sub = string.match, string.sub
local ipairs, tostring, type = ipairs, tostring, type
local attribute, escape, link_html, paragraphs = html.attribute, html.escape, html.link_html, html.paragraphs

local LAST_NUMBER = 2147483646 -- of a list; what does not fit counts from one

local function offset_of(value)
  local offset = tonumber(value) or 0
  return offset >= 0 and offset <= LAST_NUMBER and math.floor(offset) or 0
end

local out = {} -- the buffer; what lies behind the position in use is old
local ctx, options

local function lost(kind, detail)
  if ctx then ctx.loss(kind, detail) end
end

-- Styles nest in one order; each set of them is a number.
local OPEN, CLOSE = {}, {}
for mask = 0, 31 do
  local open, close = "", ""
  for bit, tag in ipairs { "strong", "em", "u", "s", "code" } do
    if math.floor(mask / 2 ^ (bit - 1)) % 2 == 1 then open, close = open .. "<" .. tag .. ">", "</" .. tag .. ">" .. close end
  end
  OPEN[mask], CLOSE[mask] = open, close
end

local function mask_of(style)
  if type(style) ~= "table" then return 0 end
  return (style.bold and 1 or 0) + (style.italic and 2 or 0) + (style.underline and 4 or 0) + (style.strike and 8 or 0)
    + (style.code and 16 or 0)
end

-- Newlines stay outside of styles, so that a paragraph may break there.
local function styled(text, mask)
  local open, close = OPEN[mask], CLOSE[mask]
  if not find(text, "\n", 1, true) then return open .. text .. close end
  local lead, body, tail = match(text, "^(\n*)(.-)(\n*)$")
  if body == "" then return text end
  return lead .. open .. gsub(body, "\n\n+", close .. "%0" .. open) .. close .. tail
end

local function text_of(value) return type(value) == "string" and value or type(value) == "number" and tostring(value) or "" end

local function emoji_of(element)
  local name = text_of(element.name)
  local char = element.unicode and emoji.from_unicode(element.unicode)
  if not char then
    local own = options and options.emoji and options.emoji[name]
    char = type(own) == "string" and own or emoji.from_name(name)
  end
  if not char then return nil, name end
  return element.skin_tone and emoji.toned(char, element.skin_tone) or char
end

local INLINE = {} -- [type] = function of an element that gives HTML

function INLINE.text(element) return escape(text_of(element.text)) end

function INLINE.link(element)
  local url, label = text_of(element.url), text_of(element.text)
  if find(url, "&amp;", 1, true) and not find(gsub(url, "&amp;", ""), "&", 1, true) then
    url = gsub(url, "&amp;", "&") -- an app's link that was escaped already
  end
  if label == "" then label = match(url, "^mailto:(.+)$") or url end
  if find(url, ".slack.com/archives/", 1, true) then
    local marker = mrkdwn.message_link(url, label, ctx)
    if marker then return marker end
  end
  return link_html(url, escape(label))
end

local MENTIONS, mentions = {}, 0 -- [id] = marker: a few people are mentioned most

function INLINE.user(element)
  local id = element.user_id
  local known = MENTIONS[id or 0]
  if known then return known end
  known = '<at person="' .. attribute(text_of(id)) .. '">' .. (mrkdwn.SYSTEM[id] or "") .. "</at>"
  mentions = mentions + 1
  if mentions > 10000 then MENTIONS, mentions = {}, 0 end
  if type(id) == "string" then MENTIONS[id] = known end
  return known
end

function INLINE.emoji(element)
  local char, name = emoji_of(element)
  if char then return find(char, "[&<>]") and escape(char) or char end -- one of the workspace may be any text
  lost("emoji_custom", ":" .. name .. ":")
  return escape(":" .. name .. ":")
end

function INLINE.channel(element) return '<a conversation="' .. attribute(text_of(element.channel_id)) .. '"></a>' end

function INLINE.broadcast(element) return escape("@" .. text_of(element.range)) end

function INLINE.usergroup(element)
  return escape(mrkdwn.group(text_of(element.usergroup_id), options and options.usergroups))
end

function INLINE.team(element) return escape("@" .. text_of(element.team_id)) end

function INLINE.date(element)
  local shown = text_of(element.fallback)
  if shown == "" then shown = mrkdwn.iso(element.timestamp) or text_of(element.timestamp) end
  return element.url and html.link(text_of(element.url), shown) or escape(shown)
end

function INLINE.color(element) return escape(text_of(element.value)) end

-- What is newer than slackdump stands there as text: { type, Raw = "…json…" }, at times twice over.
local function unwrapped(element)
  for _ = 1, 3 do
    if type(element.Raw) ~= "string" then break end
    local inner = json.decode(element.Raw)
    if type(inner) ~= "table" then break end
    element = inner
  end
  return element
end

local SAYS = { "text", "title", "name", "label", "fallback", "value", "url" }

-- The words of an element that has no form here; nil if it has none.
local function words_of(element)
  for _, field in ipairs(SAYS) do
    local value = text_of(element[field])
    if value ~= "" then return value end
  end
  return nil
end

local function named(element)
  lost("card", element.type)
  element = unwrapped(element)
  local id = text_of(element.file_id or element.canvas_id or element.list_id or element.id)
  return escape(words_of(element) or "[" .. element.type .. (id ~= "" and " " .. id or "") .. "]")
end
INLINE.canvas, INLINE.file, INLINE.list = named, named, named

function INLINE.message_mention(element)
  element = unwrapped(element)
  local url = text_of(element.url)
  local label = text_of(element.text)
  if label == "" then label = url end
  local marker = mrkdwn.message_link(url, label, ctx)
  if marker then return marker end
  return url ~= "" and link_html(url, escape(label)) or escape(label)
end

-- Newer than this file: its words, if it has any.
local function unknown(element)
  local words = words_of(unwrapped(element))
  lost("markup", text_of(element.type))
  return words and escape(words) or ""
end

-- Writes the inline elements behind position n; gives the new position and whether a newline is among them.
local function inline(elements, n)
  local lines = false
  if type(elements) ~= "table" then return n, false end
  for i = 1, #elements do
    local element = elements[i]
    local piece
    local kind = type(element) == "table" and element.type
    if kind == "text" then
      piece = element.text
      if type(piece) ~= "string" then piece = text_of(piece) end
      if find(piece, "&", 1, true) then piece = gsub(piece, "&", "&amp;") end
      if find(piece, "<", 1, true) then piece = gsub(piece, "<", "&lt;") end
      if find(piece, ">", 1, true) then piece = gsub(piece, ">", "&gt;") end
      if find(piece, "\n", 1, true) then lines = true end
    else
      local render = INLINE[kind] or kind and unknown
      if render then
        piece = render(element)
        if find(piece, "\n", 1, true) then piece = gsub(piece, "%s*\n%s*", " ") end -- a paragraph may not end in a link
      end
    end
    if piece and piece ~= "" then
      local style = element.style
      if style then
        local mask = mask_of(style)
        if mask > 0 then piece = styled(piece, mask) end
      end
      n = n + 1
      out[n] = piece
    end
  end
  return n, lines
end

-- Without the newlines at both ends, and without spaces there too.
local function trimmed(text, spaces)
  local first, last = 1, #text
  local char = byte(text, first)
  while char == 10 or spaces and char == 32 do
    first = first + 1
    char = byte(text, first)
  end
  char = byte(text, last)
  while last > first and (char == 10 or spaces and char == 32) do
    last = last - 1
    char = byte(text, last)
  end
  return sub(text, first, last)
end

-- Inline elements on lines of their own, without paragraphs: for <li>, <blockquote> and cells.
local function lined(elements, n, trim)
  local start = n
  local lines
  n, lines = inline(elements, n)
  if n == start or not lines and not trim then return n end
  local body = trimmed(concat(out, "", start + 1, n), trim)
  if lines then body = gsub(body, "\n", "<br>") end
  if body == "" then return start end
  out[start + 1] = body
  return start + 1
end

local function preformatted(element, n)
  local pieces = {}
  for i, inner in ipairs(type(element.elements) == "table" and element.elements or {}) do
    if type(inner) ~= "table" then
      pieces[i] = ""
    elseif inner.type == "link" then
      local label = text_of(inner.text)
      pieces[i] = label ~= "" and label or text_of(inner.url)
    elseif inner.type == "emoji" then
      pieces[i] = emoji_of(inner) or ":" .. text_of(inner.name) .. ":"
    elseif inner.type == "user" then
      local id = text_of(inner.user_id)
      pieces[i] = "@" .. (mrkdwn.SYSTEM[id] or ctx and ctx.person(id).name or id)
    elseif inner.type == "channel" then
      pieces[i] = "#" .. mrkdwn.room_name(text_of(inner.channel_id), ctx)
    elseif inner.type == "broadcast" then
      pieces[i] = "@" .. text_of(inner.range)
    elseif inner.type == "usergroup" then
      pieces[i] = mrkdwn.group(text_of(inner.usergroup_id), options and options.usergroups)
    else
      pieces[i] = words_of(unwrapped(inner)) or ""
    end
  end
  local code = gsub(concat(pieces), "\n$", "")
  if code == "" then return n end
  if element.language then lost("markup", "code in " .. text_of(element.language)) end
  out[n + 1] = "<pre>" .. escape(code) .. "</pre>"
  return n + 1
end

local function item(element, n)
  if type(element) ~= "table" then return n end
  if element.type == "rich_text_preformatted" then return preformatted(element, n) end
  if element.type == "rich_text_quote" then
    local start = n
    out[n + 1] = "<blockquote>"
    n = lined(element.elements, n + 1, true)
    if n == start + 1 then return start end
    out[n + 1] = "</blockquote>"
    return n + 1
  end
  return lined(element.elements, n)
end

---Turns the elements of one rich_text block into HTML.
---@param elements table[]
---@param context? table  its loss is told what has no form in Teams
---@param opt? { emoji?: table<string, string>, usergroups?: table<string, string> }
---@return string  # "" if they show nothing
function rich_text.to_html(elements, context, opt)
  if type(elements) ~= "table" then return "" end
  ctx, options = context, opt
  local n = 0
  local tags, indents, counts, level = nil, nil, nil, 0 -- the open lists
  local quote -- what the open <blockquote> last held: "quote", "border", or nil if none is open

  local function close_lists(to)
    while level > to do
      n = n + 1
      out[n] = "</li></" .. tags[level] .. ">"
      level = level - 1
    end
  end

  for i = 1, #elements do
    local element = elements[i]
    local kind = type(element) == "table" and element.type
    if kind == "rich_text_section" and not quote and level == 0 then -- nearly always
      local start = n
      local lines
      n, lines = inline(element.elements, n + 1)
      if n == start + 1 then
        n = start
      elseif lines then
        local body = paragraphs(concat(out, "", start + 2, n))
        n = start
        if body ~= "" then
          n = n + 1
          out[n] = body
        end
      else
        out[start + 1] = "<p>"
        n = n + 1
        out[n] = "</p>"
      end
    elseif kind == "rich_text_section" then
      local elements_in = element.elements
      if type(elements_in) == "table" and #elements_in > 0 then
        close_lists(0)
        if quote then
          n = n + 1
          out[n], quote = "</blockquote>", nil
        end
        local start = n
        n = inline(elements_in, n)
        local body = paragraphs(concat(out, "", start + 1, n))
        n = start
        if body ~= "" then
          n = n + 1
          out[n] = body
        end
      end
    else
      if not kind then element = {} end
      local bordered = kind ~= "rich_text_quote" and (element.border == 1 or element.border == "1")
      if kind ~= "rich_text_list" or bordered ~= (quote ~= nil) then close_lists(0) end
      if quote and (kind == "rich_text_quote" and quote == "quote" or kind ~= "rich_text_quote" and not bordered) then
        n = n + 1
        out[n], quote = "</blockquote>", nil
      end
      local start, opened = n, false
      if not quote and (bordered or kind == "rich_text_quote") then
        n = n + 1
        out[n], opened = "<blockquote>", true
      end
      local before = n
      if kind == "rich_text_list" then
        tags, indents, counts = tags or {}, indents or {}, counts or {}
        local tag = element.style == "ordered" and "ol" or "ul"
        local indent, offset = tonumber(element.indent) or 0, offset_of(element.offset)
        local items = type(element.elements) == "table" and element.elements or {}
        while level > 0 and indents[level] > indent do close_lists(level - 1) end
        if level > 0 and indents[level] == indent
          and (tags[level] ~= tag or tag == "ol" and offset ~= counts[level]) then
          close_lists(level - 1)
        end
        if #items > 0 and (level == 0 or indents[level] < indent) then
          level = level + 1
          tags[level], indents[level], counts[level] = tag, indent, 0
          n = n + 1
          out[n] = tag == "ol" and offset > 0 and format('<ol start="%d">', offset + 1) or "<" .. tag .. ">"
          if offset > 0 then counts[level] = offset end
          n = n + 1
          out[n] = "<li>"
        elseif #items > 0 then
          n = n + 1
          out[n] = "</li><li>"
        end
        for j = 1, #items do
          if j > 1 then
            n = n + 1
            out[n] = "</li><li>"
          end
          n = item(items[j], n)
        end
        if level > 0 then counts[level] = counts[level] + #items end
      elseif kind == "rich_text_quote" then
        n = lined(element.elements, n, true)
      elseif kind == "rich_text_preformatted" then
        n = preformatted(element, n)
      else
        lost("markup", text_of(kind))
        local at = n
        n = inline(element.elements, n)
        local body = paragraphs(concat(out, "", at + 1, n))
        n = at
        if body ~= "" then
          n = n + 1
          out[n] = body
        end
      end
      if opened then
        if n == before then n = start else quote = bordered and "border" or "quote" end
      elseif quote then
        quote = bordered and "border" or "quote"
      end
    end
  end
  close_lists(0)
  if quote then
    n = n + 1
    out[n] = "</blockquote>"
  end
  return concat(out, "", 1, n)
end

return rich_text
