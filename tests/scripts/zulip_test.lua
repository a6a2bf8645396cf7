local markers = require "tests.support.markers"
local plan_of = require "tests.support.plan_of"
local run = require "stdlib.run"
local sample = require "tests.support.sample"
local source = require "stdlib.source"
local zulip = require "scripts.zulip"

local function files(t)
  return sample(t, "zulip", { "realm.json", "messages-000001.json", "messages-000002.json", "attachment.json" }, { "uploads/2/ab/plan.txt" })
end

local function body(message)
  message.id, message.sender, message.date_sent, message.in_stream = 1, 12, 1521041873.5, true
  return run.map(zulip, message, { conversation = { room = "stream/1", name = "s", invite_only = false } })
end

test("the sample goes through: people, streams, topics as threads, and what stays behind", function(t)
  local out = plan_of(zulip, files(t))
  t.same(out.people, { "11 Ada Park ada.park@harbour.example user", "12 Ben Ode ben.ode@harbour.example user",
    "13 Cleo cleo@partner.example guest", "14 Tide Bot tide-bot@harbour.example bot", "15 Old hand old@harbour.example deleted",
    "1 notification-bot@zulip.example notification-bot@zulip.example user" })
  t.same(out.conversations, { "cranes: standard", "payroll: private channel", "chat/11,12: direct message",
    "chat/11,12,13: group direct message", "recipient/77: private channel" })
  t.same(out.messages, { "stream/21 1002 11", "stream/21 1003 12 > 1002", "stream/21 1004 14", "stream/21 1005 11 > 1002", "stream/21 1010 13 > 1002" })
  t.same(out.skipped, { "deleted", "conversation: private channel", "conversation: direct message", "conversation: group direct message",
    "conversation: private channel" })
  t.same(out.losses, { "reaction_as_text 👍 2, :harbour: 1", "edit_history 2021-04-21T10:14:00.000Z", "file_not_carried plan.txt",
    "file_missing crane.png", "conversation_unlisted recipient/77" })
  t.same({ out.list[1].subject, out.list[2].subject or "none" }, { "July shifts", "none" })
  t.same(out.list[1].createdDateTime, "2021-04-21T10:13:40.123Z")
  t.same(out.list[1].body, '<p>The plan: <at person="12">Ben Ode</at> takes crane 1, Cleo watches. See <a conversation="stream/22">payroll</a> &gt; June 🚧</p>'
    .. "<p><em>👍 Ben Ode, Cleo · :harbour: Ada Park</em></p>")
  t.same(out.list[2].body, "<blockquote>The plan</blockquote><p>fine, <code>2 \\times 4</code> hours</p>")
  t.same(out.parked, {})
end)

test("every message of the sample is sent, skipped or failed, and files without bytes are missing", function(t)
  local out = plan_of(zulip, files(t))
  t.same(#out.messages + #out.skipped + #out.parked, 10)
  local missing = {}
  for _, loss in ipairs(out.losses) do
    if loss:find "^file_" then missing[#missing + 1] = loss end
  end
  t.same(missing, { "file_not_carried plan.txt", "file_missing crane.png" })
end)

test("a topic begins anew after a silence, or every message stands alone, as the policy says", function(t)
  t.same(plan_of(zulip, files(t), { gap = "30" }).messages[5], "stream/21 1010 13")
  local out = plan_of(zulip, files(t), { topics = "roots" })
  t.same(out.messages[2], "stream/21 1003 12")
  t.like(out.list[2].body, "^<p><strong>July shifts</strong></p><blockquote>")
end)

test("a realm without tables, messages without recipients and odd rows do not end the plan", function(t)
  t.raises(function() plan_of(zulip, { ["messages-000001.json"] = {} }) end, "there is no realm.json")
  local out = plan_of(zulip, { ["realm.json"] = { zerver_userprofile = {}, zerver_stream = { { id = 1, name = "s", invite_only = false } },
    zerver_recipient = { { id = 5, type = 2, type_id = 1 } }, zerver_subscription = {} }, ["attachment.json"] = { zerver_attachment = {} },
    ["messages-000001.json"] = { zerver_message = { "x", { id = 1, recipient = 5, sender = 2, date_sent = 1521041873, content = "a" },
      { id = 2, recipient = 5, date_sent = 1521041873, content = "no sender" }, { id = 3, recipient = 5, sender = 2, content = "no time" } } } })
  t.same({ out.messages, out.skipped, #out.parked }, { { "stream/1 1 2" }, { "not a record" }, 2 })
end)

test("polls are a loss, and /me is in italics", function(t)
  t.same(body({ content = "/poll Lunch?\nyes\nno" }).losses, { { "poll", "/poll Lunch? yes no" } })
  t.same(body({ content = "/me waves" }).message.body, "<p><em>waves</em></p>")
end)

test("each case of Zulip in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  source.start(zulip, { export = "x" })
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "zulip" then
      count = count + 1
      local got = zulip:content({ content = case.input, names = { ["Ann Lee"] = "12" }, streams = { general = "stream/1" } }, { loss = function() end })
      got = markers(got, { ["12"] = "Ann Lee" })
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  source.stop(zulip)
  t.same({ count, table.concat(wrong, "\n") }, { 13, "" })
end)
