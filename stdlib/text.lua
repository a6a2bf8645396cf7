---Small helpers for text. All text is UTF-8; positions and limits count characters.
---Tested by tests/stdlib/text_test.lua.
local text = {}

local byte, find, gsub, match, sub = string.byte, string.find, string.gsub, string.match, string.sub

local function check(name, value, level)
  if type(value) ~= "string" then
    error(("text.%s takes text, not %s"):format(name, value == nil and "nil" or "a " .. type(value)), level or 3)
  end
end

---Removes white space at both ends.
---@param s string
---@return string
function text.trim(s)
  check("trim", s)
  return match(s, "^%s*(.-)%s*$")
end

---Splits at a plain separator.
---@param s string
---@param separator string
---@return string[]
---@usage text.split("a;b;", ";") --> { "a", "b", "" }
function text.split(s, separator)
  check("split", s)
  check("split", separator)
  if separator == "" then error("text.split needs a separator", 2) end
  local out, at = {}, 1
  while true do
    local first, last = find(s, separator, at, true)
    out[#out + 1] = sub(s, at, (first or 0) - 1)
    if not first then return out end
    at = last + 1
  end
end

---How many characters a text has.
---@param s string
---@return integer
function text.length(s)
  check("length", s)
  local _, inner = gsub(s, "[\128-\191]", "")
  return #s - inner
end

-- The position of the last byte of the first n characters.
local function stop_of(s, n)
  local at = 0
  for _ = 1, n do
    local lead = byte(s, at + 1)
    if not lead then return #s end
    at = at + (lead < 0x80 and 1 or lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4)
  end
  return math.min(at, #s)
end

---The first n characters, on one line; what is cut off is shown as "…".
---@param s string
---@param n integer
---@return string
function text.excerpt(s, n)
  check("excerpt", s)
  s = match(gsub(s, "%s+", " "), "^ ?(.-) ?$")
  local stop = stop_of(s, n)
  if stop >= #s then return s end
  return sub(s, 1, stop_of(s, math.max(0, n - 1))) .. "…"
end

---Escapes a text so that it stands for itself in a Lua pattern.
---@param s string
---@return string
function text.pattern(s)
  check("pattern", s)
  return (gsub(s, "[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"))
end

---Undoes UTF-8 that was read as Latin-1; a text that is not such damage comes back as it is.
---@param s string
---@return string
---@usage text.latin1 "cafÃ©" --> "café"
function text.latin1(s)
  check("latin1", s)
  if find(s, "[\196-\255]") then return s end -- characters above U+00FF: not that damage
  local undone = gsub(s, "([\194\195])([\128-\191])", function(lead, tail)
    return string.char((byte(lead) - 0xC0) * 64 + byte(tail) - 0x80)
  end)
  local rest = gsub(undone, "[%z\1-\127]", "")
  rest = gsub(rest, "[\240-\244][\128-\191][\128-\191][\128-\191]", "")
  rest = gsub(rest, "[\224-\239][\128-\191][\128-\191]", "")
  rest = gsub(rest, "[\194-\223][\128-\191]", "")
  return rest == "" and undone or s
end

return text
