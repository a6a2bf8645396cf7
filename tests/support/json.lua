-- A JSON reader in Lua, for make_emoji_data.lua. Values as scripts have them: null is absent in an
-- object and json.null in an array; a number that Lua would not print as written stays text.
local json = { null = setmetatable({}, { __tostring = function() return "null" end }) }

local byte, char, find, floor, match, sub = string.byte, string.char, string.find, math.floor, string.match, string.sub
local concat, tonumber = table.concat, tonumber

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  if code >= 0xD800 and code < 0xE000 then return "\239\191\189" end
  if code < 0x10000 then return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64) end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local function fail(text, at, what)
  local line = 1
  for _ in text:sub(1, at):gmatch "\n" do line = line + 1 end
  error(("line %d: %s"):format(line, what), 0)
end

local function read_string(text, at)
  local out, n, from = nil, 0, at + 1
  while true do
    local stop = find(text, '["\\]', from)
    if not stop then fail(text, at, "a text does not end") end
    if byte(text, stop) == 34 then
      if not out then return sub(text, at + 1, stop - 1), stop + 1 end
      out[n + 1] = sub(text, from, stop - 1)
      return concat(out), stop + 1
    end
    out = out or {}
    out[n + 1] = sub(text, from, stop - 1)
    if n == 0 then out[1] = sub(text, at + 1, stop - 1) end
    local letter = sub(text, stop + 1, stop + 1)
    if letter == "u" then
      local code = tonumber(match(text, "^%x%x%x%x", stop + 2) or fail(text, stop, "a bad escape"), 16)
      from = stop + 6
      if code >= 0xD800 and code < 0xDC00 then
        local low = tonumber(match(text, "^\\u([dD][c-fC-F]%x%x)", from) or "", 16)
        if low then code, from = 0x10000 + (code - 0xD800) * 1024 + low - 0xDC00, from + 6 end
      end
      out[n + 2] = utf8(code)
    else
      out[n + 2] = ESCAPES[letter] or fail(text, stop, "a bad escape")
      from = stop + 2
    end
    n = n + 2
  end
end

local read_value

local function read_array(text, at)
  local out, n = {}, 0
  at = find(text, "%S", at + 1)
  if byte(text, at or 0) == 93 then return out, at + 1 end
  while true do
    n = n + 1
    out[n], at = read_value(text, at)
    at = find(text, "%S", at)
    local sign = byte(text, at or 0)
    if sign == 93 then return out, at + 1 end
    if sign ~= 44 then fail(text, at or #text, "a list does not go on") end
    at = at + 1
  end
end

local function read_object(text, at)
  local out = {}
  at = find(text, "%S", at + 1)
  if byte(text, at or 0) == 125 then return out, at + 1 end
  while true do
    at = find(text, "%S", at)
    if byte(text, at or 0) ~= 34 then fail(text, at or #text, "an object does not go on") end
    local key, value
    key, at = read_string(text, at)
    at = find(text, "%S", at)
    if byte(text, at or 0) ~= 58 then fail(text, at or #text, "a key has no value") end
    value, at = read_value(text, at + 1)
    if value ~= json.null then out[key] = value end
    at = find(text, "%S", at)
    local sign = byte(text, at or 0)
    if sign == 125 then return out, at + 1 end
    if sign ~= 44 then fail(text, at or #text, "an object does not go on") end
    at = at + 1
  end
end

function read_value(text, at)
  at = find(text, "%S", at)
  local sign = byte(text, at or 0)
  if sign == 34 then return read_string(text, at) end
  if sign == 123 then return read_object(text, at) end
  if sign == 91 then return read_array(text, at) end
  if sub(text, at or 0, (at or 0) + 3) == "true" then return true, at + 4 end
  if sub(text, at or 0, (at or 0) + 4) == "false" then return false, at + 5 end
  if sub(text, at or 0, (at or 0) + 3) == "null" then return json.null, at + 4 end
  local digits = at and match(text, "^-?%d[%d.eE+-]*", at)
  if not digits then fail(text, at or #text, "this is not JSON") end
  return #digits < 15 and tonumber(digits) or digits, at + #digits
end

---@return any value  # nil and why it cannot be read
function json.decode(text)
  if sub(text, 1, 3) == "\239\187\191" then text = sub(text, 4) end
  local fine, value, at = pcall(read_value, text, 1)
  if not fine then return nil, value end
  if find(text, "%S", at) then return nil, "there is more after the value" end
  return value
end

return json
