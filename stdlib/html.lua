---HTML for message bodies: escaping, small builders, and markers that hold ids of the source.
---
---A marker stands where only the runtime knows the answer; it is resolved, and numbered in reading
---order, when everybody and everything is known:
---
---    <at person="U1">label</at>                 a mention, or @label
---    <a conversation="C1">label</a>             #name of the migrated channel
---    <a message="id">label</a>                  a link to the migrated message, or the label
---    <attachment file="F1"></attachment>        the file
---
---Text is escaped as &amp; &lt; &gt;; attribute values also escape the double quote. A label may be
---empty: the runtime then uses the name it knows. Tested by tests/stdlib/html_test.lua.
local lpeg = require "lpeg"
local clean = require "stdlib.html_clean"
local token = require "stdlib.token"

local html = {}

local byte, concat, find, gsub, match, sub = string.byte, table.concat, string.find, string.gsub, string.match, string.sub
local error, select, type = error, select, type

local CHARACTER = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = "\194\160", copy = "©", reg = "®", trade = "™",
  hellip = "…", ndash = "–", mdash = "—", laquo = "«", raquo = "»", euro = "€", middot = "·", bull = "•", times = "×", deg = "°" }

local function check(name, value, extra)
  if type(value) ~= "string" then
    error(("html.%s takes text, not %s"):format(name, value == nil and "nil" or "a " .. type(value)), 3)
  end
  if extra ~= nil then
    error(("html.%s takes 1 argument, got 2; string.gsub gives two values: html.%s((s:gsub(…)))"):format(name, name), 3)
  end
end

-- Three plain finds are memchr; one find with a set costs 7 ns a byte.
local function escape(text)
  if find(text, "&", 1, true) then text = gsub(text, "&", "&amp;") end
  if find(text, "<", 1, true) then text = gsub(text, "<", "&lt;") end
  if find(text, ">", 1, true) then text = gsub(text, ">", "&gt;") end
  return text
end

local function attribute(text) -- without line ends, which would become <br> or break it
  text = escape(text)
  if find(text, "\n", 1, true) then text = gsub(text, "[\r\n]+", "") end
  if find(text, '"', 1, true) then text = gsub(text, '"', "&quot;") end
  return text
end

---Escapes `&`, `<` and `>`.
---@param text string
---@return string
---@usage html.escape "a < b" --> "a &lt; b"
function html.escape(text, extra)
  if type(text) ~= "string" or extra ~= nil then check("escape", text, extra) end
  return escape(text)
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function character(name)
  local known = CHARACTER[name]
  if known then return known end
  local code = match(name, "^#(%d+)$")
  code = code and tonumber(code) or tonumber(match(name, "^#[xX](%x+)$") or "", 16)
  if not code or code > 0x10FFFF or code >= 0xD800 and code < 0xE000 or code == 0 then return nil end
  return utf8(code)
end

local function unescape(text)
  if not find(text, "&", 1, true) then return text end
  return (gsub(text, "&(#?%w+);", character))
end

---Turns entities back into characters, one level.
---@param text string  HTML without tags
---@return string
function html.unescape(text, extra)
  check("unescape", text, extra)
  return unescape(text)
end

-- Escaped text with newlines becomes paragraphs: one newline is <br>, more make a new paragraph. Patterns
-- cost 10 ns a byte here; plain finds cost nothing.
local function paragraphs(text)
  if find(text, "\r", 1, true) then text = gsub(text, "\r\n?", "\n") end
  local newline = find(text, "\n", 1, true)
  if not newline then return text == "" and "" or "<p>" .. text .. "</p>" end
  local last = #text
  while byte(text, last) == 10 do last = last - 1 end
  local at, out, n = 1, { "<p>" }, 1
  while newline and newline <= last do
    if newline > at then
      out[n + 1] = sub(text, at, newline - 1)
      n = n + 2
      if byte(text, newline + 1) == 10 then
        out[n] = "</p><p>"
        repeat newline = newline + 1 until byte(text, newline + 1) ~= 10
      else
        out[n] = "<br>"
      end
    end -- else it stands at the front
    at = newline + 1
    newline = find(text, "\n", at, true)
  end
  if at > last then return "" end
  out[n + 1], out[n + 2] = sub(text, at, last), "</p>"
  return concat(out, "", 1, n + 2)
end

---Turns plain text into paragraphs and line breaks.
---@param text string
---@return string
---@usage html.from_text "one\ntwo" --> "<p>one<br>two</p>"
function html.from_text(text, extra)
  check("from_text", text, extra)
  return paragraphs(escape(text))
end

local SCHEMES = { http = true, https = true, ftp = true, mailto = true, tel = true }

local function linkable(url)
  if find(url, "^https?:") then return true end
  local scheme = match(url, "^(%a[%w+.-]*):")
  return scheme and SCHEMES[scheme:lower()]
end

local function without_token(url)
  if not find(url, "xox", 1, true) then return url end
  return (token.remove(url))
end

---Makes a link; the label alone if the scheme is not http, https, ftp, mailto or tel. A token of Slack in the address is
---left out.
---@param url string
---@param label? string  text; the address by default
---@return string
---@usage html.link("https://x.example", "X") --> '<a href="https://x.example">X</a>'
function html.link(url, label)
  check("link", url)
  if label ~= nil then check("link", label) end
  url = without_token(url)
  if not linkable(url) then return escape(label or url) end
  return '<a href="' .. attribute(url) .. '">' .. escape(label or match(url, "^[Mm][Aa][Ii][Ll][Tt][Oo]:(.+)$") or url) .. "</a>"
end

---Like link, with a label that is HTML already.
---@param url string
---@param label string  HTML
---@return string
function html.link_html(url, label)
  if not linkable(url) then return label end
  url = without_token(url)
  return '<a href="' .. attribute(url) .. '">' .. label .. "</a>"
end

---Puts HTML into a quotation.
---@param content string  HTML; paragraphs become lines
---@param who? string  text, shown first in bold
---@return string
function html.quote(content, who)
  check("quote", content)
  content = gsub(gsub(gsub(content, "</p>%s*<p>", "<br>"), "^<p>", ""), "</p>$", "")
  content = gsub(gsub(content, "</?p>", "<br>"), "^<br>", "")
  if who then content = "<strong>" .. escape(who) .. "</strong><br>" .. content end
  return "<blockquote>" .. content .. "</blockquote>"
end

---Mentions a person of the source.
---@param person string  id of the source
---@param label? string  shown if that person is not in the tenant
---@return string
---@usage html.mention("U1", "ann") --> '<at person="U1">ann</at>'
function html.mention(person, label)
  check("mention", person)
  return '<at person="' .. attribute(person) .. '">' .. (label and escape(label) or "") .. "</at>"
end

---Names a conversation of the source.
---@param conversation string
---@param label? string  its name, without the #
---@return string
function html.conversation(conversation, label)
  check("conversation", conversation)
  return '<a conversation="' .. attribute(conversation) .. '">' .. (label and escape(label) or "") .. "</a>"
end

---Links a message of the source.
---@param message string  its id
---@param label string
---@param conversation? string  id of its conversation, if it is another one
---@return string
function html.message(message, label, conversation)
  check("message", message)
  return '<a message="' .. attribute(message) .. '"'
    .. (conversation and ' conversation="' .. attribute(conversation) .. '"' or "") .. ">" .. escape(label or "") .. "</a>"
end

---Marks where a file of the message stands.
---@param file string  its id
---@return string
function html.file(file)
  check("file", file)
  return '<attachment file="' .. attribute(file) .. '"></attachment>'
end

-- The longest run of a pattern that matches only itself; "" if there is none. What does not hold
-- it cannot match, and a plain find costs a twentieth of a pattern.
local function literal_of(pattern)
  local best, run, i = "", "", 1
  local function flush()
    if #run > #best then best = run end
    run = ""
  end
  while i <= #pattern do
    local char = sub(pattern, i, i)
    if char == "%" then
      local class = sub(pattern, i + 1, i + 1)
      if find(class, "%w") then
        flush()
        if class == "b" then i = i + 2 elseif class == "f" then return "" end
      else
        run = run .. class
      end
      i = i + 2
    elseif char == "[" then
      flush()
      local stop = i + 1
      if sub(pattern, stop, stop) == "^" then stop = stop + 1 end
      if sub(pattern, stop, stop) == "]" then stop = stop + 1 end
      while stop <= #pattern and sub(pattern, stop, stop) ~= "]" do
        stop = stop + (sub(pattern, stop, stop) == "%" and 2 or 1)
      end
      i = stop + 1
    elseif char == "*" or char == "?" or char == "-" then
      run = sub(run, 1, -2)
      flush()
      i = i + 1
    elseif char == "+" or find(char, "[%^%$%(%)%.]") then
      flush()
      i = i + 1
    else
      run = run .. char
      i = i + 1
    end
  end
  flush()
  return best
end

local LITERALS = setmetatable({}, { __index = function(literals, pattern)
  local literal = escape(literal_of(pattern))
  literals[pattern] = literal
  return literal
end })

local function replace_text(text, pattern, with)
  local raw = unescape(text)
  local at, out, n = 1, {}, 0
  local function found(first, last, ...)
    if not first then return false end
    local whole = sub(raw, first, last)
    local new
    if type(with) == "string" then
      new = with
    elseif select("#", ...) > 0 then
      new = with(...)
    else
      new = with(whole)
    end
    if new ~= nil and new ~= false and type(new) ~= "string" then
      error(("html.replace: the function returned a %s; return HTML, or nil to leave the text"):format(type(new)), 4)
    end
    out[n + 1] = escape(sub(raw, at, first - 1))
    out[n + 2] = new or escape(whole)
    n = n + 2
    at = last + 1
    return true, first > last
  end
  local function matched(fine, first, ...)
    if not fine then error(("html.replace: bad pattern '%s': %s"):format(pattern, first), 4) end
    return found(first, ...)
  end
  local from = 1
  while from <= #raw + 1 do
    local more, empty = matched(pcall(find, raw, pattern, from))
    if not more then break end
    if empty then -- an empty match moves on by a character
      out[n + 1], n = escape(sub(raw, at, at)), n + 1
      at = at + 1
    end
    from = at
  end
  if n == 0 then return text end
  out[n + 1] = escape(sub(raw, at))
  return concat(out)
end

local KEEP = { a = true, at = true, code = true, pre = true, codeblock = true }

---Replaces a Lua pattern in the visible text only: not in tags, links, mentions or code.
---@param content string  HTML
---@param pattern string  matches unescaped text, within one run of text
---@param with string|fun(...: string): string?  HTML, or a function of the captures; nil leaves the text
---@return string
---@usage html.replace("<p>see A-1</p>", "A%-(%d+)", function(n) return html.link("https://t.example/" .. n, "A-" .. n) end)
function html.replace(content, pattern, with)
  check("replace", content)
  if type(pattern) ~= "string" then error("html.replace takes a Lua pattern second", 2) end
  if type(with) ~= "string" and type(with) ~= "function" then error("html.replace takes HTML or a function third", 2) end
  local literal = LITERALS[pattern]
  if literal ~= "" and not find(content, literal, 1, true) then return content end
  local out, n, at, depth = {}, 0, 1, 0
  while true do
    local first, last, closing, name = find(content, "<(/?)(%a%w*)[^>]*>", at)
    local text = sub(content, at, (first or 0) - 1)
    if text ~= "" then
      n = n + 1
      out[n] = depth == 0 and replace_text(text, pattern, with) or text
    end
    if not first then break end
    if KEEP[name] then depth = math.max(0, depth + (closing == "/" and -1 or 1)) end
    n = n + 1
    out[n] = sub(content, first, last)
    at = last + 1
  end
  return concat(out)
end

local BREAKS = { br = "\n", p = "\n", blockquote = "\n", pre = "\n", ul = "\n", ol = "\n", li = "\n", h1 = "\n", h2 = "\n",
  h3 = "\n", hr = "\n", div = "\n", table = "\n", tr = "\n", td = "\t", th = "\t" }

-- Markers without a label as the reader will see them.
local function named(content, ctx)
  content = gsub(content, '<at person="([^"]*)"></at>', function(id) return "@" .. escape(ctx.person(unescape(id)).name) end)
  local rooms = ctx.conversation and ctx.conversation.rooms
  return (gsub(content, '<a conversation="([^"]*)"></a>', function(id)
    local name = type(rooms) == "table" and rooms[unescape(id)]
    return "#" .. (type(name) == "string" and escape(name) or id)
  end))
end

---The visible text of HTML, a line per block.
---@param content string
---@param ctx? table  with it, markers without a label read as the names of people and conversations
---@return string
function html.text(content, ctx)
  check("text", content)
  if ctx and find(content, '"></a', 1, true) then content = named(content, ctx) end
  local text = gsub(content, "<(/?)(%a%w*)[^>]*>", function(closing, name)
    local gap = BREAKS[name:lower()]
    if not gap then return "" end
    if gap == "\t" then return closing == "/" and "\t" or "" end
    return gap
  end)
  text = gsub(gsub(unescape(text), "\t+\n", "\n"), "\n\n+", "\n")
  return match(text, "^\n*(.-)\n*$")
end

-- Anything that is seen: a character outside tags, a picture, a rule, or a marker that becomes one.
local BLANK = lpeg.R "\0\32" -- control characters do not survive the way to the service
local VISIBLE = lpeg.P { lpeg.V "tag" ^ 0 * (1 - BLANK - "<"),
  tag = BLANK ^ 1 + lpeg.P "<" * -(lpeg.P "hr" + "img" + "at " + "attachment" + "a conversation" + "emoji")
    * (1 - lpeg.P ">") ^ 0 * ">" } + lpeg.P(0)
local SEEN = lpeg.P { "<" * (lpeg.P "hr" + "img" + "at " + "attachment" + "a conversation" + "emoji") + 1 * lpeg.V(1) }

---Tells whether HTML shows anything at all.
---@param content string
---@return boolean
function html.visible(content)
  if find(content, "^<p>[^<%s%c]") then return true end -- nearly always
  return VISIBLE:match(content) > 1 or SEEN:match(content) ~= nil
end

---Reduces any HTML to what Teams keeps; what is dropped is the loss `markup`.
---@param content string
---@param ctx? table
---@return string
function html.clean(content, ctx)
  check("clean", content)
  return clean(content, ctx)
end

---Text for the value of an attribute, without line ends, which would become <br> or break it.
---@param text string
---@return string
html.attribute = attribute

---Escaped text with newlines as paragraphs: one newline is <br>, more make a new paragraph.
---@param text string
---@return string
html.paragraphs = paragraphs

---Whether a text is an address that a link may lead to: http, https, ftp, mailto or tel.
---@param url string
---@return boolean
html.linkable = linkable

return html
