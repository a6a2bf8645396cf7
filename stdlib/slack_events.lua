---System lines of Slack (SOURCES 2.8): which subtypes they are, what a run of them reads as, and what is pinned.
---
---Joins, topics and the like are records of the export. By choice a run of them becomes one line, which is a record of its
---own: `gatherer` watches them pass by. Tested by tests/stdlib/slack_events_test.lua.
local each = require "stdlib.each"
local html = require "stdlib.html"
local mrkdwn = require "stdlib.mrkdwn"
local text = require "stdlib.text"
local time = require "stdlib.time"

local slack_events = {}

local concat, find, match, sub = table.concat, string.find, string.match, string.sub
local ipairs, pcall, tonumber, type = ipairs, pcall, tonumber, type

local LONGEST_RUN = 100 -- events in one line

---@type table<string, boolean>
slack_events.EVENT = {}
for name in ([[channel_join group_join channel_leave group_leave channel_topic group_topic channel_purpose group_purpose
  channel_name group_name channel_archive group_archive channel_unarchive group_unarchive channel_convert_to_private
  channel_convert_to_public channel_posting_permissions channel_posting_allowed channel_tab_added channel_tab_removed
  channel_canvas_updated tabbed_canvas_updated pinned_item unpinned_item bot_add bot_remove bot_enable bot_disable
  reminder_add welcome_party joiner_notification joiner_notification_for_inviter app_conversation_join
  app_conversation_leave share_shortcut ekm_access_denied huddle_thread sh_room_created sh_room_shared bot_call]])
  :gmatch "%S+" do
  slack_events.EVENT[name] = true
end

---@type table<string, boolean>
slack_events.HUDDLE = { huddle_thread = true, sh_room_created = true, sh_room_shared = true, bot_call = true }

local function filled(value) return type(value) == "string" and value ~= "" and value or nil end

---Whether a message is a root with replies: it is kept, whatever it is.
---@param message table
---@return boolean
function slack_events.has_replies(message)
  return (tonumber(message.reply_count) or 0) > 0 or type(message.replies) == "table" and #message.replies > 0
end

local function is_event(message)
  return type(message) == "table" and slack_events.EVENT[message.subtype or ""] and not slack_events.has_replies(message) or false
end

---Makes a function that is told of each record in turn, and gives a record for the run of events that this one ends, or nil.
---Called with nil it gives what is left. A run ends with its day.
---@return fun(record: any): table?
function slack_events.gatherer()
  local run, day
  local function flush()
    if not run then return nil end
    local first = run[1]
    local whole = { subtype = "gathered_events", ts = first.ts, user = filled(first.user) or "USLACKBOT", gathered = run }
    run = nil
    return whole
  end
  return function(record)
    if not is_event(record) or not filled(record.ts) then return flush() end
    local seconds = tonumber(match(record.ts, "^%d+")) or 0
    local today = seconds - seconds % 86400
    local whole = run and (today ~= day or #run >= LONGEST_RUN) and flush() or nil
    run, day = run or {}, today
    run[#run + 1] = record
    return whole
  end
end

local function names(ids, ctx)
  local out = {}
  for i, id in ipairs(ids) do out[i] = ctx.person(id).name end
  return concat(out, ", ")
end

---The HTML of a gathered run: who joined, who left, and each other event in its words.
---@param events table[]
---@param ctx table
---@param opt? table  as for mrkdwn.to_html
---@return string
function slack_events.to_html(events, ctx, opt)
  local joined, left, lines = {}, {}, {}
  for _, event in ipairs(events) do
    local who = filled(event.user)
    if who and find(event.subtype, "_join$") then
      joined[#joined + 1] = who
    elseif who and find(event.subtype, "_leave$") then
      left[#left + 1] = who
    else
      local words = filled(event.text) and mrkdwn.to_inline(event.text, opt) or html.escape((event.subtype:gsub("_", " ")))
      local by = who and not find(event.text or "", who, 1, true) and html.escape(ctx.person(who).name) .. " " or ""
      lines[#lines + 1] = by .. words
    end
  end
  if #left > 0 then table.insert(lines, 1, "Left: " .. html.escape(names(left, ctx))) end
  if #joined > 0 then table.insert(lines, 1, "Joined: " .. html.escape(names(joined, ctx))) end
  return "<p><em>" .. concat(lines, "<br>") .. "</em></p>"
end

---Makes a function that is told of each message, and gives a record of what is pinned in the room when it is called with nil;
---nil if nothing is.
---@param room table  with Slack's `pins` and `bookmarks`
---@return (fun(message: any): table?)?
function slack_events.pinner(room)
  local pins, wanted, last = {}, {}, nil
  for _, pin in each(type(room.pins) == "table" and room.pins or nil) do
    local id = type(pin) == "table" and filled(pin.id)
    if id and not wanted[id] then
      wanted[id] = { id = id, user = filled(pin.user), created = tonumber(pin.created) }
      pins[#pins + 1] = wanted[id]
    end
  end
  local bookmarks = type(room.bookmarks) == "table" and room.bookmarks or {}
  if #pins == 0 and #bookmarks == 0 then return nil end
  return function(message)
    if message ~= nil then
      local ts = type(message) == "table" and filled(message.ts)
      if ts and (not last or ts > last) then last = ts end
      local pin = ts and wanted[ts]
      if pin then pin.text, pin.found = filled(message.text), true end
      return nil
    end
    if not last then return nil end
    local user, created = nil, tonumber(match(last, "^%d+"))
    for _, pin in ipairs(pins) do
      user = pin.user or user
      if pin.created and pin.created > created then created = pin.created end
    end
    return { subtype = "pins", ts = ("%d.000000"):format(created + 1), user = user or filled(room.creator) or "USLACKBOT", pins = pins,
      bookmarks = bookmarks }
  end
end

local function date_of(seconds)
  local fine, moment = pcall(time.unix, seconds)
  return fine and sub(moment, 1, 10) or nil
end

---The HTML of what is pinned: a list of links to the messages, and the bookmarks.
---@param record table  of slack_events.pinner
---@param ctx table
---@return string
function slack_events.pins_html(record, ctx)
  local out = {}
  for _, pin in ipairs(record.pins) do
    local words = pin.text and text.excerpt(html.text(mrkdwn.to_inline(pin.text, { ctx = ctx }), ctx), 80) or ""
    local file = find(pin.id, "^F%w+$")
    if words == "" then words = file and "a file, " .. pin.id or "message of " .. (date_of(pin.id) or pin.id) end
    local by = {}
    if pin.user then by[1] = "pinned by " .. ctx.person(pin.user).name end
    by[#by + 1] = pin.created and date_of(pin.created)
    if not pin.found then ctx.loss("pin", pin.id) end
    out[#out + 1] = "<li>" .. (pin.found and html.message(pin.id, words) or html.escape(words))
      .. (#by > 0 and " (" .. html.escape(concat(by, ", ")) .. ")" or "") .. "</li>"
  end
  for _, mark in ipairs(record.bookmarks) do
    local url = type(mark) == "table" and filled(mark.link)
    if url then out[#out + 1] = "<li>" .. html.link(url, filled(mark.title)) .. "</li>" end
  end
  return "<p><strong>" .. (#record.pins > 0 and "Pinned here" or "Bookmarks") .. "</strong></p><ul>" .. concat(out) .. "</ul>"
end

return slack_events
