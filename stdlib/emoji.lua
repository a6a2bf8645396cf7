---Emoji by the short names that Slack and many others use, as Unicode characters.
---
---The names are those of emoji-datasource (stdlib/emoji_data.lua). Skin tones 2 to 6 are the modifiers
---U+1F3FB to U+1F3FF, which go after the first character. Tested by tests/stdlib/emoji_test.lua.
local lpeg = require "lpeg"
local html = require "stdlib.html"

local emoji = {}

local find, match, sub = string.find, string.match, string.sub

local TONES = { ["2"] = "\240\159\143\187", ["3"] = "\240\159\143\188", ["4"] = "\240\159\143\189", ["5"] = "\240\159\143\190",
  ["6"] = "\240\159\143\191" }

local characters, takes_tone = {}, {}
for name, plus, char in require("stdlib.emoji_data"):gmatch "([^%s]+) (%+?)([^\n]+)" do
  characters[name] = char
  if plus ~= "" then takes_tone[name] = true end
end

local function with_tone(char, tone) -- after the first character, in place of a variation selector
  local first = match(char, "^[%z\1-\127\194-\244][\128-\191]*")
  local rest = sub(char, #first + 1)
  if sub(rest, 1, 3) == "\239\184\143" then rest = sub(rest, 4) end
  return first .. tone .. rest
end

local TONE_WORDS = { light = "2", medium_light = "3", medium = "4", medium_dark = "5", dark = "6" } -- as Mattermost has them

local function find_name(name)
  local known = characters[name]
  if known then return known end
  local base, tone = match(name, "^(.-)::?skin%-tone%-([2-6])$")
  if not base then
    local front, word = match(name, "^(.-)_(%l+)_skin_tone$")
    local lighter = front and match(front, "^(.+)_medium$")
    if lighter and characters[lighter] and TONE_WORDS["medium_" .. word] then front, word = lighter, "medium_" .. word end
    base, tone = front, TONE_WORDS[word]
  end
  if not base or not tone or not characters[base] then return nil end
  known = takes_tone[base] and with_tone(characters[base], TONES[tone]) or characters[base]
  characters[name] = known
  return known
end

---Gives the character of a short name.
---@param name string  without colons; a tone as in `wave::skin-tone-3`
---@return string?
---@usage emoji.from_name "+1::skin-tone-3" --> "👍🏼"
function emoji.from_name(name)
  if type(name) ~= "string" then error("emoji.from_name takes a name, not " .. (name == nil and "nil" or "a " .. type(name)), 2) end
  return characters[name] or find_name(name)
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64, 0x80 + math.floor(code / 64) % 64,
    0x80 + code % 64)
end

local CODES = {} -- [unicode] = characters or false

---Gives the characters of code points written as hex and joined by hyphens.
---@param unicode string  "1f926-200d-2640-fe0f"
---@return string?  # nil if it is not of that form
function emoji.from_unicode(unicode)
  local known = CODES[unicode]
  if known ~= nil then return known or nil end
  local out = ""
  if type(unicode) ~= "string" or not find(unicode, "^%x+[%x-]*$") then return nil end
  for hex in unicode:gmatch "%x+" do
    local code = #hex <= 6 and tonumber(hex, 16) or 0
    if code < 0x20 or code > 0x10FFFF or code >= 0xD800 and code < 0xE000 or code >= 0x3C and code <= 0x3E or code == 0x26 then
      CODES[unicode] = false
      return nil
    end
    out = out .. utf8(code)
  end
  CODES[unicode] = out
  return out
end

---Puts a skin tone into an emoji's characters, unless it has one.
---@param char string
---@param tone integer|string  2 to 6
---@return string
function emoji.toned(char, tone)
  local modifier = TONES[tostring(tone)]
  if not modifier or find(char, "\240\159\143[\187-\191]") then return char end
  return with_tone(char, modifier)
end

local name = (1 - lpeg.S " \t\r\n:<>&`*~\"|") ^ 1
local CODE = ":" * name * (lpeg.P "::skin-tone-" * lpeg.R "26") ^ -1 * ":" * lpeg.Cp()

-- Where a code that starts at `first` ends: the position behind it, or nil. A letter or digit before it
-- makes it a part of a word or a time; one behind it only if the name is as short as in "a:b:c".
local function code_end(text, first)
  if first > 1 and find(text, "^%w", first - 1) then return nil end
  local stop = CODE:match(text, first)
  if stop and stop - first <= 4 and find(text, "^%w", stop) then return nil end
  return stop
end

---Replaces `:name:` in text, but not within times and words such as 10:30:45.
---@param text string
---@param own? table<string, string>  emoji of the workspace: name to characters
---@return string
---@usage emoji.replace "nice :smile:" --> "nice 😄"
function emoji.replace(text, own)
  if type(text) ~= "string" then error("emoji.replace takes text, not " .. (text == nil and "nil" or "a " .. type(text)), 2) end
  if not find(text, ":", 1, true) then return text end
  local out, n, at = {}, 0, 1
  while true do
    local first = find(text, ":", at, true)
    if not first then break end
    local stop = code_end(text, first)
    local char
    if stop then
      local short = sub(text, first + 1, stop - 2)
      char = own and own[short] or characters[short] or find_name(short)
    end
    if char then
      out[n + 1], out[n + 2], n = sub(text, at, first - 1), char, n + 2
      at = stop
    else
      out[n + 1], n = sub(text, at, first), n + 1
      at = first + 1
    end
  end
  out[n + 1] = sub(text, at)
  return table.concat(out)
end

---Like replace, in the visible text of HTML.
---@param content string
---@param own? table<string, string>
---@return string
function emoji.in_html(content, own)
  if not find(content, ":", 1, true) then return content end
  return html.replace(content, "^.+$", function(words) return html.escape(emoji.replace(words, own)) end)
end

return emoji
