---Cuts HTML that is too long into parts that each stand by themselves (R20).
---
---Tags that are open at a cut are closed and opened again in the next part, and an ordered list counts on. A cut falls,
---in this order, between blocks, between rows or items, at a line end, at a space; within a word only if that alone is
---longer than a part. Mentions and files are never cut, links, code spans and cells only if they are long; entities and
---characters never. No text is lost: the parts joined say what the whole said. Tested by tests/stdlib/html_split_test.lua.
local html_split = {}

local byte, concat, find, match, sub = string.byte, table.concat, string.find, string.match, string.sub
local error, ipairs, type = error, ipairs, type

local LONGEST_WORD = 200 -- bytes; a longer run without a space may be cut, or one longer than a quarter of a part
local SHORT = 500        -- bytes; what should stay whole and is no longer than this stays whole
local LONGEST_WHOLE = 2000 -- bytes; what must stay whole is no longer

local VOID = { br = true, hr = true, img = true, emoji = true }
local WHOLE = { at = true, attachment = true } -- always
local KEPT = { a = true, code = true, td = true, th = true } -- if short
local BLOCK = { p = true, blockquote = true, pre = true, ul = true, ol = true, table = true, h1 = true, h2 = true, h3 = true, div = true }
local PART = { li = true, tr = true }

-- How good it is to cut behind a token.
local HARD, SPACE, LINE, ROW, INNER, OUTER = 1, 2, 3, 4, 5, 6

-- The end of the first piece of a text that starts at `at`: behind the last newline or space of the next few bytes, or where
-- a long word may be cut. Pieces are what cuts fall between; looking no further than that keeps a long text cheap.
local function piece_end(text, at, stop, longest)
  local window = sub(text, at, math.min(stop, at + longest - 1))
  local line = match(window, "^.*\n()")
  if line then return at + line - 2, LINE end
  if at + #window > stop then return stop, HARD end
  local space = match(window, "^.* ()")
  if space then return at + space - 2, SPACE end
  local last = at + longest - 1
  local entity = find(sub(text, last - 9, last), "&[#%w]*$")
  if entity and last - 10 + entity > at then last = last - 10 + entity - 1 end
  while last > at and byte(text, last + 1) and byte(text, last + 1) >= 128 and byte(text, last + 1) < 192 do last = last - 1 end
  return last, HARD
end

-- Where the element ends whose tag ends at `last`; nil if it is long, never ends, or holds one of its kind.
local function element_end(content, name, last)
  local rest = sub(content, last + 1, last + LONGEST_WHOLE)
  local first, stop = find(rest, "</" .. name .. ">", 1, true)
  local inner = first and find(rest, "<" .. name .. "[ >]")
  return first and not (inner and inner < first) and last + stop or nil
end

-- The tokens of HTML: { text, kind = "open"|"close"|"text", name, grade }.
local function tokens_of(content, longest)
  local out, at, n = {}, 1, 0
  local function add(text, kind, name, grade)
    n = n + 1
    out[n] = { text = text, kind = kind, name = name, grade = grade }
  end
  while at <= #content do
    local first, last, closing, name = find(content, "<(/?)(%a%w*)[^>]*>", at)
    local stop = (first or #content + 1) - 1
    while at <= stop do
      local last_of_piece, grade = piece_end(content, at, stop, longest)
      add(sub(content, at, last_of_piece), "text", nil, grade)
      at = last_of_piece + 1
    end
    if not first then break end
    local whole = closing == "" and (WHOLE[name] or KEPT[name]) and element_end(content, name, last)
    if whole and (WHOLE[name] or whole - first < SHORT) then
      add(sub(content, first, whole), "text", nil, HARD)
      at = whole + 1
    elseif closing == "" and not VOID[name] then
      add(sub(content, first, last), "open", name)
      at = last + 1
    elseif closing ~= "" then
      add(sub(content, first, last), "close", name)
      at = last + 1
    else
      add(sub(content, first, last), "text", name, name == "br" and LINE or name == "hr" and INNER or HARD)
      at = last + 1
    end
  end
  return out
end

-- The tag that opens an element again; a list counts on from the items that were closed, and an item that was cut keeps
-- its number.
local function opened_again(tag, cut_item)
  if tag.name ~= "ol" then return tag.text end
  local start = tonumber(match(tag.text, 'start="(%d+)"')) or 1
  local number = start + tag.items - (cut_item and 1 or 0)
  return number > 1 and ('<ol start="%d">'):format(number) or "<ol>"
end

local function copied(stack)
  local copy = {}
  for depth, tag in ipairs(stack) do copy[depth] = { name = tag.name, text = tag.text, items = tag.items } end
  return copy
end

---Cuts HTML into parts of at most `limit` bytes each, as sizes are counted by `size_of`.
---@param content string  well-formed HTML
---@param limit integer  at least 100; a mention or a nesting that is longer than a part makes its part longer
---@param size_of? fun(piece: string): integer  what a piece costs; its bytes by default
---@return string[] parts  one if nothing is to be cut
---@usage html_split.parts("<p>one two</p>", 25000) --> { "<p>one two</p>" }
function html_split.parts(content, limit, size_of)
  if type(content) ~= "string" then error("html_split.parts takes HTML, not a " .. type(content), 2) end
  if type(limit) ~= "number" or limit < 100 then error("html_split.parts takes a limit of at least 100 bytes", 2) end
  size_of = size_of or function(piece) return #piece end
  if size_of(content) <= limit then return { content } end

  local tokens, parts = tokens_of(content, math.min(LONGEST_WORD, math.floor(limit / 4))), {}
  local stack = {} -- the open tags where the part begins, then where reading stands: { name, text, items }
  local function open_tag(token)
    local list = stack[#stack]
    stack[#stack + 1] = { name = token.name, text = token.text, items = 0 }
    if token.name == "li" and list and list.name == "ol" then list.items = list.items + 1 end
  end
  local at = 1
  while at <= #tokens do
    local out, n, size, closing = {}, 0, 0, 0
    local function add(text)
      n = n + 1
      out[n] = text
      size = size + size_of(text)
    end
    for i, tag in ipairs(stack) do
      add(opened_again(tag, stack[i + 1] and stack[i + 1].name == "li"))
      if tag.name == "ol" then
        tag.items = stack[i + 1] and stack[i + 1].name == "li" and 1 or 0
        tag.text = out[n]
      end
      closing = closing + #tag.name + 3
    end
    local base = copied(stack)
    local best_at, best_n, best_size, best_grade = nil, 0, 0, 0 -- where to cut: in front of that token
    local begun = false
    local floor = limit / 4 -- a worse place behind this one is taken before a better one in front of it
    local i = at
    while i <= #tokens do
      local token = tokens[i]
      local cost = size_of(token.text) + (token.kind == "open" and #token.name + 3 or 0)
      if begun and token.kind ~= "close" and size + cost + closing > limit then break end
      local grade = token.grade
      if token.kind == "open" then
        open_tag(token)
        closing = closing + #token.name + 3
        grade = nil
      elseif token.kind == "close" then
        closing = closing - #token.name - 3
        stack[#stack] = nil
        grade = BLOCK[token.name] and (#stack == 0 and OUTER or INNER) or PART[token.name] and ROW or HARD
      else
        begun = true
        if #stack == 0 and grade == INNER then grade = OUTER end
      end
      add(token.text)
      i = i + 1
      local next_closes = tokens[i] and tokens[i].kind == "close"
      if grade and begun and not next_closes then
        if grade >= best_grade or best_size < floor and size >= floor then best_at, best_n, best_size, best_grade = i, n, size, grade end
      end
    end
    if i > #tokens then
      parts[#parts + 1] = concat(out, "", 1, n)
      break
    end
    if not best_at then best_at, best_n = i, n end
    if best_at < i then -- the tags that are open there
      stack = base
      for j = at, best_at - 1 do
        if tokens[j].kind == "open" then open_tag(tokens[j]) elseif tokens[j].kind == "close" then stack[#stack] = nil end
      end
    end
    at = best_at
    local text = concat(out, "", 1, best_n)
    for depth = #stack, 1, -1 do text = text .. "</" .. stack[depth].name .. ">" end
    parts[#parts + 1] = text
    while tokens[at] and tokens[at].name == "br" do at = at + 1 end -- a line end at the cut is the cut
  end
  return parts
end

return html_split
