---How a chat of WhatsApp is written as text (SOURCES 13): a line with date, time and author begins a message, lines without
---continue it. The order of the date's parts is nowhere said; the whole file decides. Tested by tests/scripts/whatsapp_test.lua.
local whatsapp = {}

local find, gsub, ipairs, match, tonumber = string.find, string.gsub, ipairs, string.match, tonumber

local NARROW, HARD, LRM, RLM, BOM = "\226\128\175", "\194\160", "\226\128\142", "\226\128\143", "\239\187\191"

local DATE, TIME = "(%d%d?%d?%d?)[./-](%d%d?)[./-](%d%d%d?%d?)", "(%d%d?):(%d%d):?(%d*) ?([AaPp]?)%.? ?[Mm]?%.?"
local HEADS = { "^%[" .. DATE .. ",? " .. TIME .. "%] ?()", "^" .. DATE .. ",? " .. TIME .. " %- ()" }

---A text without the marks of direction at its ends.
---@param words string
---@return string
function whatsapp.bare(words)
  local before
  repeat
    before = words
    words = match(words, "^%s*(.-)%s*$")
    for _, mark in ipairs { LRM, RLM, BOM } do
      if words:sub(1, 3) == mark then words = words:sub(4) end
      if words:sub(-3) == mark then words = words:sub(1, -4) end
    end
  until words == before
  return words
end

-- The parts of a line that begins a message, or nil.
local function head_of(line)
  while line:sub(1, 3) == LRM or line:sub(1, 3) == BOM or line:sub(1, 3) == RLM do line = line:sub(4) end
  local first = match(line, "^%[?%d") and line
  if not first then return nil end
  local plain = gsub(gsub(line, NARROW, " "), HARD, " ")
  for _, pattern in ipairs(HEADS) do
    local a, b, c, hour, minute, second, half, stop = match(plain, pattern)
    if a then
      hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second) or 0
      half = half:lower()
      if half ~= "" then hour = hour % 12 + (half == "p" and 12 or 0) end
      if hour < 24 and minute < 60 and second < 60 then
        local author, words = match(plain:sub(stop), "^([^:]+):%s?(.*)$")
        return { a = tonumber(a), b = tonumber(b), c = tonumber(c), long = #a == 4, hour = hour, minute = minute, second = second,
          author = author and whatsapp.bare(author), text = words or plain:sub(stop) }
      end
    end
  end
  return nil
end

-- Year, month, day of a head in an order.
local function date_of(head, order)
  if head.long or order == "ymd" then return head.a < 100 and head.a + 2000 or head.a, head.b, head.c end
  local year = head.c < 100 and head.c + 2000 or head.c
  if order == "mdy" then return year, head.a, head.b end
  return year, head.b, head.a
end

-- How often time goes back under an order.
local function falls(heads, order)
  local count, last = 0, 0
  for _, head in ipairs(heads) do
    local year, month, day = date_of(head, order)
    local at = ((year * 12 + month) * 31 + day) * 1440 + head.hour * 60 + head.minute
    if at < last then count = count + 1 end
    last = at
  end
  return count
end

local function order_of(heads)
  for _, head in ipairs(heads) do
    if not head.long and head.a > 12 then return "dmy", false end
    if not head.long and head.b > 12 then return "mdy", false end
  end
  local dmy, mdy = falls(heads, "dmy"), falls(heads, "mdy")
  local long = #heads > 0 and heads[1].long
  return mdy < dmy and "mdy" or "dmy", dmy == mdy and not long
end

---What a file is as a chat: its name, its authors, and the order of its dates; nil if it is none.
---@param export table
---@param file string
---@param order string  "auto" or the order
---@return table?
function whatsapp.survey(export, file, order)
  local heads, authors, seen, name = {}, {}, {}, nil
  for line in export:lines(file) do
    local head = head_of(line)
    if head then
      heads[#heads + 1] = head
      if head.author and not seen[head.author] and not whatsapp.is_event(head.text) then
        seen[head.author] = true
        authors[#authors + 1] = head.author
      end
      name = name or match(head.text, "created group \"([^\"]+)\"") or match(head.text, "created group \226\128\156(.-)\226\128\157")
    elseif #heads == 0 and find(line, "%S") then
      return nil
    end
  end
  if #heads == 0 then return nil end
  local guessed = false
  if order == "auto" then order, guessed = order_of(heads) end
  local base = match(file, "([^/]+)%.txt$") or file
  name = name or match(base, "^WhatsApp Chat with (.+)$") or base
  return { id = base == "_chat" and name or base, name = name, file = file, order = order, guessed = guessed, authors = authors }
end

---Emits the messages of a chat, each { author?, text, date, file }; what has no author is a line of the system.
function whatsapp.messages(export, room, emit)
  local open, number, at = nil, 0, 0
  for line in export:lines(room.file) do
    number = number + 1
    local head = head_of(line)
    if head then
      if open then emit(open, nil, room.file, at) end
      local year, month, day = date_of(head, room.order)
      at, open = number, { author = head.author, text = head.text, file = room.file,
        date = ("%04d-%02d-%02d %02d:%02d:%02d"):format(year, month, day, head.hour, head.minute, head.second) }
    elseif open then
      open.text = open.text .. "\n" .. line
    end
  end
  if open then emit(open, nil, room.file, at) end
end

local EVENTS = { "end-to-end encrypt", "changed their phone number", "security code changed", " created group ", "changed the subject",
  "changed this group's", "changed the group", "You were added", "joined using this group's invite" }

---Whether a text that has an author is a line of the system all the same.
function whatsapp.is_event(words)
  for i, phrase in ipairs(EVENTS) do
    if (i == 1 or words:sub(1, 3) == LRM) and #words < 250 and find(words, phrase, 1, true) then return true end
  end
  return false
end

local DELETED = { ["This message was deleted."] = true, ["You deleted this message."] = true, ["This message was deleted"] = true,
  ["You deleted this message"] = true }

---Whether the author took the message back.
function whatsapp.is_deleted(words) return DELETED[whatsapp.bare(words)] == true end

---Whether a text stands for a file that was not exported.
function whatsapp.is_omitted(words)
  local plain = whatsapp.bare(words):lower()
  return plain == "<media omitted>" or #plain < 30 and find(plain, "^%a+ ?%a* omitted$") ~= nil
end

return whatsapp
