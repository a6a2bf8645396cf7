local hipchat = require "scripts.hipchat"
local markers = require "tests.support.markers"
local plan_of = require "tests.support.plan_of"
local sample = require "tests.support.sample"

local function files(t)
  return sample(t, "hipchat", { "users.json", "rooms.json", "rooms/301/history.json", "rooms/302/history.json", "rooms/309/history.json",
    "users/11/history.json", "users/12/history.json" }, { "rooms/301/files/x/plan.txt" })
end

test("the sample goes through: rooms, code, notifications, cards, files, and what stays behind", function(t)
  local out = plan_of(hipchat, files(t))
  t.same(out.people, { "11 Ada Park ada.park@harbour.example user", "12 Ben Ode ben.ode@harbour.example deleted" })
  t.same(out.conversations, { "Crane crew: standard", "Payroll: private channel", "309: private channel", "11,12: direct message" })
  t.same(out.messages, { "301 m1 11", "301 m2 12", "301 m3 12", "301 m4 integration/Tides" })
  t.same({ out.list[1].body, out.list[1].createdDateTime }, { '<p><at person="12">Ben</at> takes crane 1, see <a href="https://tides.example/7">https://tides.example/7</a>.</p>',
    "2018-08-08T14:23:54.626Z" })
  t.same({ out.list[2].body, out.list[3].body }, { "<pre>x = 1\n  y</pre>", "<p>the plan</p><p>[file: plan.txt]</p>" })
  t.same(out.list[4].body, '<p><strong>4.2 m</strong> &amp; rising</p><blockquote><strong><a href="https://tides.example/7">High water</a></strong><br>at 07:40</blockquote>')
  t.same(out.skipped, { "event", "conversation: private channel", "conversation: private channel", "conversation: direct message", "copy of the sender's" })
  t.same(out.losses, { "conversation_unlisted 309", "file_not_carried plan.txt", "card High water" })
  t.same({ out.parked, #out.messages + #out.skipped }, { {}, 9 })
end)

test("a history of the API is read too, and what is no export says so", function(t)
  local out = plan_of(hipchat, { ["rooms/7/h.json"] = { items = {
    { id = "a", type = "message", date = "2018-01-04T10:16:02.809766+00:00", from = { id = 5, name = "Ann" }, message = "hi" },
    { id = "b", type = "notification", date = "2018-01-04T10:16:03.809766+00:00", from = "Jira", message = "x" },
    { id = "c", type = "topic", message = "t" } } } }, { private = "standard" })
  t.same({ out.messages, out.skipped }, { { "7 a 5", "7 b integration/Jira" }, { "event" } })
  t.raises(function() plan_of(hipchat, { ["a.txt"] = "x" }) end, "give the folder of the unpacked export")
end)

test("each case of HipChat in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "hipchat" then
      count = count + 1
      local message = type(case.input) == "table" and case.input or { message = case.input }
      message.handles = { annlee = "AnnLee" }
      local got = markers(hipchat:content(message, { loss = function() end }), cases.context.users.hipchat)
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  t.same({ count, table.concat(wrong, "\n") }, { 6, "" })
end)
