---An assessment as lines. Tested by tests/stdlib/assess_report_test.lua.
local output = require "stdlib.cli.output"

local assess_text = {}

local count, of = output.count, output.of
local LISTED = 12 -- conversations and people; the page and --json have them all

---A size for people: "812 B", "1.4 MB".
function assess_text.bytes(n)
  local units = { "B", "kB", "MB", "GB", "TB" }
  local i = 1
  while n >= 1000 and i < #units do n, i = n / 1000, i + 1 end
  return (i == 1 and "%.0f %s" or n < 10 and "%.1f %s" or "%.0f %s"):format(n, units[i])
end

---"2019-02-04" of a time.
function assess_text.day(time) return time and time:sub(1, 10) or "" end

---"event 12, deleted 3" of a ranked list.
function assess_text.counted(list, name)
  local out = {}
  for i, entry in ipairs(list) do out[i] = entry[name] .. " " .. count(entry.count) end
  return table.concat(out, ", ")
end

-- A name in so many columns, counted in characters.
local function column(name, width)
  name = output.one_line(name)
  local at, n = 1, 0
  for from in name:gmatch "()[%z\1-\127\194-\244][\128-\191]*" do
    n = n + 1
    if n == width then at = from end
  end
  if n > width then return name:sub(1, at - 1) .. "…" end
  return name .. (" "):rep(width - n)
end

local function say_people(say, people)
  say("people         %s, %s with a mail address, who are taken to be in the tenant; %s wrote something", count(people.all),
    count(people.with_mail), count(people.writing))
  if #people.unknown == 0 then return end
  say("unknown        %s wrote without a mail address to be found by: it goes out under the fallback account, with the",
    of(#people.unknown, "person", "people"))
  say "               name in the first line, unless people.csv says who they are"
  for i, person in ipairs(people.unknown) do
    if i > LISTED then
      say("  … and %s more", count(#people.unknown - LISTED))
      break
    end
    say("  %s %9s  %s", column(person.name, 30), count(person.messages), person.why)
  end
end

---The time from the fastest pace to the slowest: "50 s to 5 min".
---@param list table[]  forecasts in the order of the paces
---@param field string
function assess_text.range(list, field)
  local from, to = output.span(math.ceil(list[1][field])), output.span(math.ceil(list[#list][field]))
  return from == to and from or from .. " to " .. to
end

-- The forecasts of one conversation in the order of the paces.
function assess_text.paces_of(conversation, found)
  local out = {}
  for i, forecast in ipairs(found.forecast) do out[i] = conversation.forecast[forecast.pace] end
  return out
end

local function say_conversations(say, found)
  say "conversation                      messages  replies  from        to              size   losses  sending              verifying"
  for i, one in ipairs(found.conversations) do
    if i > LISTED then
      say("  … and %s", of(#found.conversations - LISTED, "more conversation"))
      break
    end
    local paces = assess_text.paces_of(one, found)
    say("  %s %9s %8s  %-10s  %-10s %9s %8s  %-20s %s", column("#" .. one.name, 30), count(one.messages), count(one.replies),
      assess_text.day(one.first), assess_text.day(one.last), assess_text.bytes(one.body_bytes), count(one.losses),
      assess_text.range(paces, "import_seconds"), assess_text.range(paces, "verify_seconds"))
  end
  if #found.conversations_skipped > 0 then
    local reasons = {}
    for _, one in ipairs(found.conversations_skipped) do reasons[one.reason] = (reasons[one.reason] or 0) + 1 end
    local words = {}
    for i, entry in ipairs(output.ranked(reasons)) do words[i] = ("%s %s"):format(entry[1], count(entry[2])) end
    say("left behind    %s: %s", of(#found.conversations_skipped, "conversation"), table.concat(words, ", "))
  end
end

-- What becomes of each construct.
local function say_fates(say, fates)
  say "found                                            there are   messages       kept  approximated       lost"
  for _, fate in ipairs(fates) do
    say("  %s %10s %10s %10s %13s %10s", column(fate.label, 46), count(fate.found), fate.messages and count(fate.messages) or "",
      count(fate.kept), count(fate.approximated), count(fate.lost))
  end
end

-- Who says so, as a number; each is named once, at the end.
local function citer(sources)
  local numbers = {}
  return function(note)
    if not note.source then return "[" .. note.mark .. "]" end
    local entry = note.source .. ", " .. note.as_of
    if not numbers[entry] then
      sources[#sources + 1] = entry
      numbers[entry] = #sources
    end
    return ("[%s, %d]"):format(note.mark, numbers[entry])
  end
end

local function say_notes(say, title, list, cite)
  for i, note in ipairs(list) do
    say((output.wrap(i == 1 and ("%-15s"):format(title) or (" "):rep(15), note.text .. " " .. cite(note), 118):gsub("%%", "%%%%")))
  end
end

---@param out Output
---@param found table  of stdlib/cli/assess_report.lua
function assess_text.say(out, found)
  local say = out.say
  for _, warning in ipairs(found.warnings) do say("warning        %s", warning) end
  say("export         %s%s, read by the script %s; nothing is sent and nothing kept", found.export,
    found.export_bytes and " (" .. assess_text.bytes(found.export_bytes) .. ")" or "", found.script)
  say_people(say, found.people)
  say("messages       %s of %s%s; %s skipped, %s failed", of(found.messages, "message"), of(found.records, "record"),
    found.first and (", %s to %s"):format(assess_text.day(found.first), assess_text.day(found.last)) or "", count(found.skipped),
    count(found.failed))
  if found.skipped > 0 then say("skipped        %s", assess_text.counted(found.skipped_by_reason, "reason")) end
  for i, failure in ipairs(found.failures) do
    if i > LISTED then break end
    out.problem("failed         %s: %s", failure.record, failure.reason:match "^[^\n]*")
  end
  say_conversations(say, found)
  if found.file_bytes > 0 then say("files          %s by what the export says", assess_text.bytes(found.file_bytes)) end
  say_fates(say, found.fates)
  if found.changes > 0 then say("losses         %s, and %s not in the tenant", of(found.changes, "change"),
    of(found.members_missing, "member of rooms", "members of rooms")) end
  for _, each in ipairs(found.losses) do say("  %-24s %9s  %s", each.kind, count(each.count), each.meaning) end
  for _, limit in ipairs(found.limits) do say("limits         %s", limit) end
  local sources = {}
  local cite = citer(sources)
  for i, forecast in ipairs(found.forecast) do
    say("%-14s sending %s, verifying %s, at %s messages a second and conversation, the pace called %s %s", i == 1 and "time" or "",
      output.span(math.ceil(forecast.import_seconds)), output.span(math.ceil(forecast.verify_seconds)),
      ("%.3g"):format(forecast.messages_per_second), forecast.pace, cite(forecast))
  end
  say_notes(say, "charges", found.charges, cite)
  say_notes(say, "meanwhile", found.meanwhile, cite)
  for i, source in ipairs(sources) do say("%-14s %d  %s", i == 1 and "sources" or "", i, source) end
end

return assess_text
