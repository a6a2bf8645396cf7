---The questions that documents leave open, each asked of a scratch team. What a tenant answers is compared with `answers`,
---sizes and counts of the limits in force. Tested by tests/end_to_end/probe_test.cpp.
---
---A question is { name, number, asks, ask }. number is that of the fact sheet ("Q4"), where it has one. ask(scratch) gives
---the answer in words, or nil and why it was not asked. One with `measures` gives in place of the words a text, whether that
---differs from the limit of that name, and what to write in its place.
local scratch = require "stdlib.probe_scratch"
local image = require "stdlib.probe_image"
local time = require "stdlib.time"

local taken_or_refused, refused_with = scratch.taken_or_refused, scratch.refused_with

local questions = {}

local function question(number, name, asks, ask, measures)
  questions[#questions + 1] = { number = number, name = name, asks = asks, ask = ask, measures = measures }
end

-- Creating and importing ------------------------------------------------------------------------------------------------

question("Q1", "channel_status", "status of a channel created in migration mode",
  function(s) return tostring(s.born_status) end)

question("Q1", "import_status", "status of an imported message", function(s)
  local answer, err = s:import()
  if not answer then return nil, err.message end
  s.first = answer.body
  return tostring(answer.status)
end)

question("Q14", "message_id", "what a message's id is", function(s)
  if not s.first then return nil, "no message was taken" end
  local since = time.diff(s.first_time, "2000-01-01T00:00:00.000Z") + 946684800000
  local same = s.first.id == string.format("%.0f", since)
  return same and "the milliseconds of createdDateTime" or "something else"
end)

question("Q5", "duplicate", "a second message of the same millisecond",
  function(s) return refused_with(s:import { at = s.first_time }) end)

question("Q4", "at_floor", "a message of the very moment of the channel's createdDateTime",
  function(s) return refused_with(s:import { at = s.floor }) end)

question("Q4", "before_floor", "a message a second older than the channel",
  function(s) return refused_with(s:import { at = time.add(s.floor, -1000) }) end)

question("Q10", "message_bytes", "the largest body that is taken", function(s)
  local largest = 0
  local known = s.limit "sizes.message_hard_bytes"
  for _, size in ipairs { 20000, known - 500, known + 4000, 40000, 100000 } do
    local answer = s:import { content = "<p>" .. ("x"):rep(size - 7) .. "</p>" }
    if answer and size > largest then largest = size end
  end
  local differs = largest > known or largest < known - 500
  return ("%d bytes are taken"):format(largest), differs, largest
end, "sizes.message_hard_bytes")

question("Q12", "pace", "whether the pace of this run is taken without a 429", function(s)
  local before = s.connection().slowed_down
  for _ = 1, s.paced do
    local sent, err = s.channel:import(s:message {})
    if not sent then return nil, err.message end
  end
  local times = s.connection().slowed_down - before
  local told = times == 1 and "once" or times .. " times"
  return ("%d messages, asked to slow down %s"):format(s.paced, told), times > 0
end, "pace.article_per_second")

question(nil, "too_large_status", "a request over the size of any request", function(s)
  local size = s.limit "sizes.request_bytes" + 1000
  return refused_with(s:import { content = "<p>" .. ("x"):rep(size) .. "</p>" })
end)

-- Authors ---------------------------------------------------------------------------------------------------------------

local function author_question(name, asks, find)
  question("Q7", name, asks, function(s)
    local user, why = find(s)
    if not user then return nil, why end
    return taken_or_refused(s:import { user = user })
  end)
end

author_question("unknown_author", "an author who is not in the tenant",
  function() return { id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", displayName = "Nobody" } end)
author_question("guest_author", "a guest as author", function(s) return s:user_like("guest", { userType = "Guest" }) end)
author_question("disabled_author", "an author who cannot sign in",
  function(s) return s:user_like("user whose account is disabled", { accountEnabled = false }) end)
author_question("unlicensed_author", "an author without a licence",
  function(s) return s:user_like("user without a licence", { unlicensed = true }) end)

question("Q8", "application_author", "an application as author", function(s)
  return taken_or_refused(s:import { from = {
    application = { id = s.client_id, displayName = "teamferry probe", applicationIdentityType = "bot" } } })
end)

-- What a message holds --------------------------------------------------------------------------------------------------

question("Q6", "reactions", "reactions in a message", function(s)
  local message = s:message {}
  message.reactions = { {
    reactionType = "like", createdDateTime = message.createdDateTime, user = { user = message.from.user } } }
  local answer, err = s:send(message)
  if not answer then return taken_or_refused(nil, err) end
  local read = s:read(answer.body.id)
  if read and #(read.reactions or {}) == 0 then return "taken and dropped" end
  return "taken"
end)

question(nil, "stray_mark", "an <at> without its mention",
  function(s) return taken_or_refused(s:import { content = '<p><at id="7">Nobody</at></p>' }) end)

question(nil, "adaptive_card", "a card as attachment", function(s)
  local message = s:message { content = '<attachment id="1"></attachment>' }
  message.attachments = { { id = "1", contentType = "application/vnd.microsoft.card.adaptive",
    content = '{"type":"AdaptiveCard","version":"1.4","body":[]}' } }
  return taken_or_refused(s:send(message))
end)

local function hosted(size)
  return { { ["@microsoft.graph.temporaryId"] = "1", contentType = "image/gif", contentBytes = image.base64(image.gif(size)) } }
end

question(nil, "unused_image", "an image that the body does not show", function(s)
  local message = s:message {}
  message.hostedContents = hosted(200)
  return taken_or_refused(s:send(message))
end)

local function with_image(s, size)
  local message = s:message { content = '<p><img src="../hostedContents/1/$value" alt="probe"></p>' }
  message.hostedContents = hosted(size)
  return s:send(message)
end

question("Q9", "images_readable", "whether an inline image can be fetched afterwards", function(s)
  local answer, err = with_image(s, 10000)
  if not answer then return taken_or_refused(nil, err) end
  local list, why = s.exchange("GET", s.path .. "/messages/" .. answer.body.id .. "/hostedContents")
  if not list then return nil, s.unread(why) end
  return #list.body.value == 1 and "yes" or "no"
end)

question("Q9", "image_bytes", "the largest inline image that is taken", function(s)
  local known = s.limit "sizes.image_bytes"
  local largest = 0
  for _, size in ipairs { 10000, 500000, 2000000, known } do
    if with_image(s, size) then largest = math.max(largest, size) end
  end
  return ("%d bytes are taken"):format(largest), largest < known, largest
end, "sizes.image_bytes")

question(nil, "unknown_property", "a property that messages do not have", function(s)
  local message = s:message {}
  message.teamferryProbe = "x"
  return taken_or_refused(s:send(message))
end)

question("Q13", "tags_lost", "HTML that does not come back", function(s)
  local tags = { "p", "div", "span", "b", "i", "u", "s", "em", "strong", "del", "code", "pre", "blockquote", "h1", "h2", "h3",
    "ul", "ol", "table", "a", "hr", "sub", "sup" }
  local inside = { ul = "<li>x</li>", ol = "<li>x</li>", table = "<tbody><tr><td>x</td></tr></tbody>" }
  local parts = {}
  for i, tag in ipairs(tags) do
    local attributes = tag == "a" and ' href="https://example.com/"' or ""
    parts[i] = tag == "hr" and "<hr>" or ("<%s%s>%s</%s>"):format(tag, attributes, inside[tag] or "x", tag)
  end
  local answer, err = s:import { content = table.concat(parts) }
  if not answer then return taken_or_refused(nil, err) end
  local read, why = s:read(answer.body.id)
  if not read then return nil, s.unread(why) end
  local lost = {}
  for _, tag in ipairs(tags) do
    if not read.body.content:find("<" .. tag .. "[ />]") then lost[#lost + 1] = tag end
  end
  return #lost == 0 and "none" or table.concat(lost, ", ")
end)

-- Starting and completing -----------------------------------------------------------------------------------------------

question(nil, "private_channel_born", "a private channel asked for in migration mode",
  function(s) return s:private_born() end)

question(nil, "start_field_names", "whether startMigration also takes conversationCreatedDateTime", function(s)
  local path = s:later_channel("names")
  local answer, err = s:start(path, { conversationCreatedDateTime = s.floor })
  if not answer and err.kind == "transport" then return nil, err.message end
  return answer and "conversationCreatedDateTime too" or "conversationCreationDateTime only"
end)

question("Q3", "restart_without_date", "a restart that names no date, after one that did", function(s)
  local path = s:later_channel("restart")
  local started, err = s:start(path, { conversationCreationDateTime = s.floor })
  if not started then return nil, err.message end
  local done, why = s:complete(path)
  if not done then return nil, why.message end
  local again, problem = s:start(path)
  if not again then return refused_with(nil, problem) end
  return s:import { path = path } and "keeps the older date" or "begins anew"
end)

question("Q2", "start_without_date", "what a start without a date means", function(s)
  local path = s:later_channel("bare")
  local before, err = s.exchange("GET", path)
  if not before then return nil, err.message end
  local started, why = s:start(path)
  if not started then return refused_with(nil, why) end
  local between = time.add(time.parse(before.body.createdDateTime), 1) -- the channel's own date and the start
  return s:import { path = path, at = between } and "keeps the channel's own date" or "begins now"
end)

question(nil, "start_version", "the version that has startMigration",
  function(s) return s.start_version or nil, "no start was taken" end)

question(nil, "mode_on_v1", "migrationMode in answers of v1.0", function(s)
  local answer, err = s.exchange("GET", s.path)
  if not answer then return nil, err.message end
  return answer.body.migrationMode ~= nil and "shown" or "absent"
end)

question(nil, "member_status", "status of a member added to the team", function(s)
  s:finish_birth() -- before, a team takes nobody
  local answer, err = s.exchange("POST", "/teams/" .. s.team.id .. "/members", s.member(s.author.id, "owner"))
  return answer and tostring(answer.status) or refused_with(nil, err)
end)

question("Q15", "members_at_once", "how many members one call adds", function(s) return s:members_at_once() end,
  "counts.members_per_call")

return { questions = questions }
