---What must hold for every message, whatever the source: functions of a mapped message (stdlib/mapping.lua) that give
---true, or false and why not. Tests know them as t.text_kept, t.time_kept and t.no_markers.
---Tested by tests/stdlib/properties_test.lua.
local html = require "stdlib.html"
local time = require "stdlib.time"

local properties = {}

-- Where platforms keep what somebody wrote.
local TEXTS = { "text", "Text", "message", "msg", "content", "body" }

-- Numbers and bullets of lists are Teams' own. Markup of sources stands for other words: <@U1>, <#C1|general>, <!here>,
-- <https://…|label> and :names:.
local function words_of(written)
  written = ("\n" .. written):gsub("\226[\128-\175][\128-\191]", " ") -- U+2000 to U+2BFF: bullets, dashes, arrows
  written = written:gsub("\239\184[\128-\143]", "") -- variation selectors
  written = written:gsub("(\n%s*)%d+[.)]%s", "%1"):gsub("(\n%s*)%a[.)]%s", "%1")
  written = written:gsub("<[@#!][^>|]*>", " "):gsub("<[@#!][^>|]*|([^>]*)>", " %1 ")
  local plain = html.unescape((written:gsub("<[^>|%s]+|([^>]*)>", " %1 "):gsub("<(%a+://[^>|%s]*)>", " %1 "):gsub(":[%w_+-]+:", " ")))
  return plain:gmatch "[%w\128-\255]+"
end

local function folded(words) return " " .. words:gsub("[^%w\128-\255]+", " "):lower() .. " " end

---Every word that the record's text has is to be seen in Teams, in a part of a split message perhaps.
function properties.text_kept(message)
  local shown = { message.text or "" }
  for i, part in ipairs(message.parts or {}) do shown[i + 1] = html.text(part.body) end
  local seen = folded(table.concat(shown, " "))
  for _, field in ipairs(TEXTS) do
    local written = message.record[field]
    if type(written) == "string" then
      for word in words_of(written) do
        if not seen:find(" " .. word:lower() .. " ", 1, true) and not seen:find(word:lower(), 1, true) then
          return false, ("'%s' of its %s is not to be seen"):format(word, field)
        end
      end
      return true
    end
  end
  return true
end

local UNITS = { "s", "ms", "us", "ns" }

---The time is one that the record holds, to the millisecond. Records whose times have no offset are not judged.
function properties.time_kept(message)
  local wanted = message.message and message.message.createdDateTime
  local read = 0
  for _, value in pairs(message.record) do
    if type(value) == "string" or type(value) == "number" then
      for _, unit in ipairs(UNITS) do
        local fine, moment = pcall(time.unix, value, unit)
        if fine then
          read = read + 1
          if moment == wanted then return true end
        end
      end
      local fine, moment = pcall(time.parse, tostring(value))
      if fine then
        read = read + 1
        if moment == wanted then return true end
      end
    end
  end
  if read == 0 then return true end
  return false, ("%s is no time of the record"):format(tostring(wanted))
end

local MARKERS = { "<@[UWB]%w+", "<#C%w+", "<![%a]+", "<at person=", "<a conversation=", "<a message=", "<attachment file=", "<https?://" }

---Nothing that only a program reads is left to be seen: ids in the source's markup, or our own markers.
function properties.no_markers(message)
  local plain = html.unescape(message.html or "")
  for _, marker in ipairs(MARKERS) do
    local found = plain:match(marker .. "[^>]*>?")
    if found then return false, ("'%s' is left in its HTML"):format(found) end
  end
  return true
end

return properties
