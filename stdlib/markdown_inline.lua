---What stands within a line of Markdown: emphasis, code, links, line breaks. Used by stdlib/markdown.lua, which says
---in `rules` what the dialect at hand means by its marks. Tested by tests/stdlib/markdown_test.lua.
local html = require "stdlib.html"

local concat, find, gsub, match, sub = table.concat, string.find, string.gsub, string.match, string.sub
local ipairs = ipairs

local LIMIT = 20 -- of nesting, and of tries of one mark: hostile text stays linear enough

local inline
local depth = 0

-- Where a run of marks that closes a span of `size` of them stands: the first of them, or nil.
local function closing(text, from, char, size, rules)
  while true do
    local first, last = find(text, char .. "+", from)
    if not first then return nil end
    local run = last - first + 1
    if (run == size or run == 3) and not find(text, "^%s", first - 1)
      and not ((char == "_" or rules.words) and find(text, "^%w", last + 1)) then
      return last - size + 1
    end
    from = last + 1
  end
end

-- A span that starts at `at` with a run of marks, and what is behind it; nil if none does.
local function spanned(text, at, char, rules)
  local marks = rules.marks[char]
  local stop = at
  while sub(text, stop + 1, stop + 1) == char do stop = stop + 1 end
  local run = stop - at + 1
  if not marks or run > 3 or stop == #text or find(text, "^%s", stop + 1) then return nil end
  if (char == "_" or rules.words) and at > 1 and find(text, "^%w", at - 1) then return nil end
  local pattern = gsub(char, "%p", "%%%0")
  for _, size in ipairs(run == 3 and { 3, 1, 2 } or { run }) do
    local tag = size == 3 and marks[1] and marks[2] or marks[size]
    local first = tag and closing(text, at + run, pattern, size, rules)
    if first then
      local inner = inline(sub(text, at + size, first - 1), rules)
      if size == 3 then inner = "<" .. marks[2] .. ">" .. inner .. "</" .. marks[2] .. ">"; tag = marks[1] end
      return "<" .. tag .. ">" .. inner .. "</" .. tag .. ">", first + size
    end
  end
  return nil
end

local function link_at(text, at, rules, image)
  local label, stop = match(text, "^(%b[])()", at)
  local inner, after = match(text, "^(%b())()", stop or at)
  if not label or not inner then return nil end
  inner = sub(inner, 2, -2)
  local target = match(inner, "^%s*<([^<>\n]*)>") or match(inner, "^%s*(%S+)")
  if not target then return nil end
  if rules.web_only and not find(target, "^https?://") then return nil end
  label = sub(label, 2, -2)
  if rules.quotes_by_link and not find(label, "%S") then return "", match(text, "^%s*()", after) end
  if image then return html.link(target, label ~= "" and label or target), after end
  return html.link_html(target, label ~= "" and inline(label, rules) or html.escape(target)), after
end

-- An address without what only ends the sentence.
local function trimmed(url)
  while true do
    local last = sub(url, -1)
    if find(last, "[.,;:!?'\"*_~|`]") then
      url = sub(url, 1, -2)
    elseif last == ")" or last == "]" then
      local open = last == ")" and "%(" or "%["
      local _, opened = gsub(url, open, "")
      local _, closed = gsub(url, "%" .. last, "")
      if closed <= opened then return url end
      url = sub(url, 1, -2)
    else
      return url
    end
  end
end

-- The next bare address of a text: where it stands, and its HTML.
local function bare_link(text, from, rules)
  local first, last = find(text, "%f[%w][Hh][Tt][Tt][Pp][Ss]?://[^%s<>]+", from)
  local prefix = ""
  local www, www_last = find(text, "%f[%w]www%.[%w-]+%.[^%s<>]+", from)
  if www and (not first or www < first) then first, last, prefix = www, www_last, "http://" end
  if rules.mails then
    local mail, mail_last = find(text, "%f[%w][%w._%%+-]+@[%w-]+%.[%w.-]*%w", from)
    if mail and (not first or mail < first) then first, last, prefix = mail, mail_last, "mailto:" end
  end
  if not first then return nil end
  local url = trimmed(sub(text, first, last))
  return first, first + #url, html.link(prefix .. url, url)
end

local function code_at(text, first)
  local ticks = match(text, "^`+", first)
  local from = first + #ticks
  local close = find(text, ticks, from, true)
  if not close then return ticks, from end
  local code = sub(text, from, close - 1)
  return "<code>" .. html.escape(match(code, "^ (.+) $") or code) .. "</code>", close + #ticks
end

local PATTERNS = setmetatable({}, { __index = function(patterns, starts)
  local pattern = "[\\`%[!*_~<\n" .. gsub(starts, "%p", "%%%0") .. "]"
  patterns[starts] = pattern
  return pattern
end })

---@param text string  without blocks
---@param rules table  see stdlib/markdown.lua
---@return string  HTML
function inline(text, rules)
  depth = depth + 1
  local out, n, at = {}, 0, 1
  local tries = { ["*"] = 0, _ = 0, ["~"] = 0 }
  local pattern = PATTERNS[rules.starts or ""]
  local plain = rules.entities and function(piece) return html.escape(html.unescape(piece)) end or html.escape
  local link, link_end, link_html
  if find(text, "://", 1, true) or find(text, "www.", 1, true) or rules.mails and find(text, "@", 1, true) then
    link, link_end, link_html = bare_link(text, 1, rules)
  end
  while at <= #text do
    local first = find(text, pattern, at)
    if link and link < at then link, link_end, link_html = bare_link(text, at, rules) end
    if link and (not first or link <= first) then
      out[n + 1], out[n + 2], n = plain(sub(text, at, link - 1)), link_html, n + 2
      at = link_end
    else
      n = n + 1
      out[n] = plain(sub(text, at, (first or 0) - 1))
      if not first then break end
      local char = sub(text, first, first)
      at = first + 1
      local piece, after
      if rules.token then piece, after = rules.token(text, first) end
      if piece then
        at = after
      elseif char == "\n" then
        piece = "<br>"
      elseif char == "\\" and find(text, "^%p", at) then
        piece, after = html.escape(sub(text, at, at)), at + 1
      elseif char == "`" then
        piece, after = code_at(text, first)
      elseif char == "<" then
        local url, stop = match(text, "^<(%a[%w+.-]*:[^%s<>|]+)>()", first)
        if url and html.linkable(url) then
          piece, after = html.link(url), stop
        elseif rules.pipe_links then
          local label
          url, label, stop = match(text, "^<(%a[%w+.-]*:[^%s<>|]+)|([^<>\n]*)>()", first)
          if url then piece, after = html.link(url, label), stop end
        end
      elseif depth < LIMIT and char == "[" then
        piece, after = link_at(text, first, rules)
      elseif depth < LIMIT and char == "!" then
        piece, after = link_at(text, at, rules, true)
      elseif depth < LIMIT and tries[char] and tries[char] < LIMIT then
        piece, after = spanned(text, first, char, rules)
        if not piece then
          tries[char] = tries[char] + 1
          piece, after = match(text, "^(%" .. char .. "+)()", first) -- the whole run is text
        end
      end
      n = n + 1
      out[n] = piece or html.escape(char)
      at = after or at
    end
  end
  depth = depth - 1
  return concat(out)
end

return function(text, rules)
  depth = 0
  return inline(text, rules)
end
