---Slack's mrkdwn to HTML.
---
---The text is cut into fences, quotes and lines; each line becomes a list of tokens by LPeg, and the
---marks among them are paired by a stack, so that a hostile text costs no more than a long one.
---Ids become markers (stdlib/html.lua). The rules are those of SOURCES 2.14; what is not a token is text.
---Blocks and rich_text live in stdlib/blocks.lua and stdlib/rich_text.lua.
---Tested by tests/stdlib/mrkdwn_test.lua.
local lpeg = require "lpeg"
local emoji = require "stdlib.emoji"
local html = require "stdlib.html"
local time = require "stdlib.time"

local mrkdwn = {}

local concat, find, gsub, match, sub = table.concat, string.find, string.gsub, string.match, string.sub
local type = type

local NONE = {}
local options = NONE -- of the text being converted; conversion never yields

-- Wire text holds &amp; &lt; &gt; and nothing else.
local UNESCAPED = { ["&amp;"] = "&", ["&lt;"] = "<", ["&gt;"] = ">" }
local function unescape(text)
  if not find(text, "&", 1, true) then return text end
  return (gsub(text, "&%a+;", UNESCAPED))
end

---A moment as ISO 8601 in UTC to the second, or nil if it is not one. @private
function mrkdwn.iso(seconds)
  local fine, moment = pcall(time.unix, seconds)
  return fine and sub(moment, 1, 19) .. "Z" or nil
end

local function handle_of(id, label)
  local handle = options.usergroups and options.usergroups[id]
  if type(handle) ~= "string" or handle == "" then handle = label or id end
  return sub(handle, 1, 1) == "@" and handle or "@" .. handle
end

---The text of a user group's mention. @private
function mrkdwn.group(id, usergroups)
  options = usergroups and { usergroups = usergroups } or NONE
  return handle_of(id)
end

---A link to a message of this export as a marker; nil for every other address.
---@param url string
---@param label string  text
---@param ctx? table  its conversation, and the names of all by id in `conversation.rooms`, say what is of the export
---@return string?
---@private
function mrkdwn.message_link(url, label, ctx)
  local room, whole, part = match(url, "^https://[%w.-]+%.slack%.com/archives/(%w+)/p(%d%d%d%d%d%d%d%d%d%d)(%d%d%d%d%d%d)")
  local here = room and ctx and ctx.conversation
  if not here then return nil end
  if here.id == room then return html.message(whole .. "." .. part, label) end
  if type(here.rooms) ~= "table" or not here.rooms[room] then return nil end
  return html.message(whole .. "." .. part, label, room)
end

---The name of a conversation of the export, or its id.
---@private
function mrkdwn.room_name(id, ctx)
  local here = ctx and ctx.conversation
  local name = here and type(here.rooms) == "table" and here.rooms[id]
  return type(name) == "string" and name or id
end

-- People that no list names.
mrkdwn.SYSTEM = { USLACKBOT = "Slackbot" }

local BROADCAST = { here = "@here", channel = "@channel", everyone = "@everyone", group = "@group" }

-- What a control sequence means: kind, target, label (unescaped, nil if empty); nil if it is plain text.
local function control(inner)
  local sign = sub(inner, 1, 1)
  local target, label = match(inner, "^([^|]*)|?(.*)$")
  label = label ~= "" and unescape(label) or nil
  if sign == "@" then
    if not find(target, "^@[UWB]%w+$") then return nil end
    return "user", sub(target, 2), label
  elseif sign == "#" then
    if not find(target, "^#[CGD]%w+$") then return nil end
    return "channel", sub(target, 2), label
  elseif sign == "!" then
    local name = sub(target, 2)
    if BROADCAST[name] then return "text", BROADCAST[name] end
    local group = match(name, "^subteam%^(%w+)")
    if group then return "text", handle_of(group, label) end
    local seconds, rest = match(name, "^date%^(%-?%d+)(.*)$")
    if seconds then
      local shown = label or mrkdwn.iso(seconds) or seconds
      local url = match(rest, "^%^[^^]*%^(.+)$")
      if url then return "link", unescape(url), shown end
      return "text", shown
    end
    if label then return "text", label end
    return nil
  end
  local scheme, slashes = match(target, "^(%a[%w+.-]*):(/?/?)")
  if not scheme or slashes ~= "//" and not label and not html.linkable(target) then return nil end
  target = unescape(target)
  return "link", target, label or match(target, "^[Mm][Aa][Ii][Ll][Tt][Oo]:(.+)$") or target
end

local function control_html(inner)
  local kind, target, label = control(inner)
  if kind == "link" then
    return find(target, ".slack.com/archives/", 1, true) and mrkdwn.message_link(target, label, options.ctx) or html.link(target, label)
  end
  if kind == "user" then return html.mention(target, label or mrkdwn.SYSTEM[target]) end
  if kind == "channel" then return html.conversation(target, label) end
  if kind == "text" then return html.escape(target) end
  return "&lt;" .. html.escape(unescape(inner)) .. "&gt;"
end

local function control_text(inner) -- inside code: what the reader saw
  local kind, target, label = control(inner)
  if kind == "link" then return label end
  if kind == "user" then
    local person = options.ctx and options.ctx.person(target)
    return "@" .. (person and person.known and person.name or label or target)
  end
  if kind == "channel" then return "#" .. (label or mrkdwn.room_name(target, options.ctx)) end
  if kind == "text" then return target end
  return "<" .. unescape(inner) .. ">"
end

local function code_html(text)
  if find(text, "<", 1, true) then
    local out, n, at = {}, 0, 1
    while true do
      local first, last, inner = find(text, "<([^<>\n]+)>", at)
      if not first then break end
      out[n + 1], out[n + 2], n = unescape(sub(text, at, first - 1)), control_text(inner), n + 2
      at = last + 1
    end
    out[n + 1] = unescape(sub(text, at))
    return html.escape(concat(out))
  end
  return html.escape(unescape(text))
end

local P, R, S, B, C, Cc, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.B, lpeg.C, lpeg.Cc, lpeg.Ct

local alnum = R("az", "AZ", "09")
-- Characters outside ASCII that are punctuation, spaces or pictures, so that marks may stand beside them.
local cont = R "\128\191"
local odd2, odd4 = P "\194" * cont, P "\240\159" * cont * cont
local odd3 = P "\226" * cont * cont + P "\227\128" * cont + "\239\184\143" -- punctuation, kana marks, U+FE0F
local ascii_apart = R "\0\127" - alnum
local after_apart = B(ascii_apart) + B(odd2) + B(odd3) + B(odd4) + -B(1)
local before_apart = -P(1) + ascii_apart + odd2 + odd3 + odd4
local space = S " \t" + "\194\160"

local function mark(char)
  local lone = P(char) * -B(P(char .. char)) * -#P(char)
  -- A shrug, ¯\_(ツ)_/¯, is shown as it stands; Slack's own command writes it so.
  local opens = -B(P "\\") * #(after_apart * P(1)) * lone * #(1 - space)
  local closes = -(B(S " \t") + B(P "\194\160") + -B(1)) * lone * #before_apart
  local both = #opens * closes
  return both * Cc(char) * Cc(3) + opens * Cc(char) * Cc(1) + closes * Cc(char) * Cc(2)
end

local function emoji_html(name)
  local own = options.emoji and options.emoji[name]
  if type(own) == "string" then return html.escape(own) end
  return emoji.from_name(name)
end

local entity = P "&amp;" + "&lt;" + "&gt;"
local quiet = 1 - S "*_~`<>&:"
local plain = C(quiet ^ 1 * (entity * quiet ^ 0) ^ 0 + (entity * quiet ^ 0) ^ 1) -- spans, one charset each
local emoji_name = (1 - S " \t\r\n:<>&`*~\"|") ^ 1
local emoji_code = -B(alnum) * ":" * C(emoji_name * (P "::skin-tone-" * R "26") ^ -1) * ":"
local short_code = ":" * (1 - S ": ") ^ -2 * ":" * alnum
local token = plain
  + "<" * (C((1 - S "<>\n") ^ 1) / control_html) * ">"
  + "`" * (C((1 - S "`\n") ^ 1) / function(text) return "<code>" .. code_html(text) .. "</code>" end) * "`"
  + lpeg.Cmt(-short_code * emoji_code, function(_, at, name)
    local char = emoji_html(name)
    return char and at, char
  end)
  + mark "*" + mark "_" + mark "~"
  + P "&" / "&amp;" + P "<" / "&lt;" + P ">" / "&gt;" + C(1)
local line_tokens = Ct(token ^ 0)

local OPEN = { ["*"] = "<strong>", ["_"] = "<em>", ["~"] = "<s>" }
local CLOSE = { ["*"] = "</strong>", ["_"] = "</em>", ["~"] = "</s>" }

local QUIET = (1 - S "*_~`<>&:") ^ 0 * -1

local function inline(line)
  if QUIET:match(line) then return line end
  local tokens = line_tokens:match(line)
  local pieces, n, stack, depth = {}, 0, {}, 0
  local open = { ["*"] = 0, ["_"] = 0, ["~"] = 0 }
  local i, count = 1, #tokens
  while i <= count do
    local piece, flags = tokens[i], tokens[i + 1]
    n = n + 1
    pieces[n] = piece
    if type(flags) == "number" then -- a mark
      i = i + 2
      if flags >= 2 and open[piece] > 0 then
        repeat
          local start = stack[depth]
          depth = depth - 1
          local char = pieces[start]
          open[char] = open[char] - 1
          if char == piece then pieces[start], pieces[n] = OPEN[char], CLOSE[char] end
        until char == piece
      elseif flags ~= 2 then
        depth = depth + 1
        stack[depth], open[piece] = n, open[piece] + 1
      end
    else
      i = i + 1
    end
  end
  return concat(pieces)
end

-- The blocks of a text, gathered line by line.
local function builder()
  local out, n = {}, 0
  local lines, count, kind = {}, 0, nil -- the open paragraph ("p") or quote ("q")
  local self = {}
  function self.close()
    while kind == "p" and count > 0 and lines[count] == "" do count = count - 1 end
    if count > 0 then
      local body = concat(lines, kind == "q" and "<br>" or "\n", 1, count)
      n = n + 1
      out[n] = kind == "q" and "<blockquote>" .. body .. "</blockquote>" or html.paragraphs(body)
    end
    count, kind = 0, nil
  end
  function self.line(line, line_kind)
    if kind and kind ~= line_kind then self.close() end
    kind = line_kind
    count = count + 1
    lines[count] = line
  end
  function self.block(block)
    self.close()
    n = n + 1
    out[n] = block
  end
  function self.finish()
    self.close()
    return concat(out, "", 1, n)
  end
  return self
end

-- Gives the place of the rest of the text if >>> quotes all of it; inside that, nothing is quoted again.
local function text_lines(text, build, quoted)
  local at = 1
  while at <= #text do
    local stop = find(text, "\n", at, true)
    local line = sub(text, at, (stop or 0) - 1)
    local _, mark_end
    if not quoted then
      _, mark_end = find(line, "^&gt;")
      if not mark_end then _, mark_end = find(line, "^>") end
    end
    if mark_end then
      if find(line, "^&gt;&gt;&gt;") or find(line, "^>>>") then return at + mark_end * 3 end
      if sub(line, mark_end + 1, mark_end + 1) == " " then mark_end = mark_end + 1 end
      local rest = sub(line, mark_end + 1)
      if rest ~= "" then build.line(inline(rest), "q") end
    elseif line == "" then
      build.line("", "p")
    else
      build.line(inline(line), "p")
    end
    if not stop then break end
    at = stop + 1
  end
  return nil
end

-- Paragraphs of a quote become lines of it.
local function flat(content)
  content = gsub(content, "</p><p>", "<br><br>")
  return (gsub(gsub(content, "^<p>(.-)</p>", "%1"), "</?p>", ""))
end

---HTML without its paragraphs, which become lines: for what stands inside of a line or a quote.
---@param content string
---@return string
mrkdwn.flat = flat

local function convert(text, in_quote)
  local build = builder()
  local at = 1
  while at <= #text do
    local open, open_end = find(text, "```", at, true)
    local close, close_end
    if open then close, close_end = find(text, "```", open_end + 2, true) end
    local before = close and sub(text, at, open - 1) or sub(text, at)
    if close then before = gsub(before, " +$", "") end
    local quoted = text_lines(before, build, in_quote)
    if quoted then
      local rest = sub(text, at + quoted - 1)
      rest = match(rest, "^ ?(.-)%s*$")
      build.block("<blockquote>" .. flat(convert(rest, true)) .. "</blockquote>")
      break
    end
    if not close then break end
    local code = sub(text, open_end + 1, close - 1)
    code = gsub(gsub(code, "^\n", ""), "\n$", "")
    build.block("<pre>" .. code_html(code) .. "</pre>")
    at = find(text, "[^ ]", close_end + 1) or #text + 1
  end
  return build.finish()
end

local SIMPLE = (1 - S "*_~`<>&:\n\r") ^ 1 * -1

---Turns Slack's mrkdwn into HTML.
---@param text string  as it stands in the export, with &amp; &lt; &gt;
---@param opt? { emoji?: table<string, string>, usergroups?: table<string, string>, ctx?: table }
---@return string  # "" if the text is empty
---@usage mrkdwn.to_html "*hi* <@U1>" --> '<p><strong>hi</strong> <at person="U1"></at></p>'
function mrkdwn.to_html(text, opt)
  if type(text) ~= "string" then
    error("mrkdwn.to_html takes text, not " .. (text == nil and "nil" or "a " .. type(text)), 2)
  end
  if SIMPLE:match(text) then return "<p>" .. text .. "</p>" end
  options = opt or NONE
  if find(text, "\r", 1, true) then text = gsub(text, "\r\n?", "\n") end
  return convert(text)
end

---Like to_html, for a line or a cell: newlines are <br>, and there is no paragraph.
---@param text string
---@param opt? table
---@return string
function mrkdwn.to_inline(text, opt) return flat(mrkdwn.to_html(text, opt)) end

---Turns Slack's blocks into HTML; see stdlib/blocks.lua.
---@param blocks table[]?
---@param ctx table  its loss is told what has no form in Teams
---@param opt? { emoji?: table<string, string>, usergroups?: table<string, string> }
---@return string  # "" if they show nothing
function mrkdwn.blocks(blocks, ctx, opt) return require("stdlib.blocks").to_html(blocks, ctx, opt) end

---Turns Slack's attachments into quotations; see stdlib/blocks.lua.
---@param attachments table[]?
---@param ctx table
---@param opt? table  as for blocks; `all` keeps link unfurls too
---@return string
function mrkdwn.attachments(attachments, ctx, opt) return require("stdlib.blocks").attachments(attachments, ctx, opt) end

return mrkdwn
