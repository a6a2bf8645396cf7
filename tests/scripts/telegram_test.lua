local markers = require "tests.support.markers"
local plan_of = require "tests.support.plan_of"
local sample = require "tests.support.sample"
local telegram = require "scripts.telegram"

local function files(t) return sample(t, "telegram", { "result.json" }, { "files/plan.txt" }) end

test("the sample goes through: groups, replies, files, stickers, polls, and what stays behind", function(t)
  local out = plan_of(telegram, files(t))
  t.same(out.conversations, { "Crane crew: standard", "Payroll: private channel", "Ben Ode: direct message", "11: saved messages" })
  t.same(out.messages, { "301 2 user11", "301 3 user12 > 2", "301 4 user14", "301 5 user11", "301 6 user11", "301 7 user12", "301 8 user12", "301 9 user12" })
  t.same(out.skipped, { "event", "conversation: private channel", "conversation: direct message", "conversation: saved messages" })
  t.same(out.losses, { "edit_history 2024-01-15T09:31:00.000Z", "reaction_as_text 👍 3", "reaction_users_missing 👍 2", "file_not_carried plan.txt",
    "file_missing photo.jpg", "sticker ⚓", "poll Lunch?", "time_zone_unknown 2024-01-15T10:39:00" })
  t.same(out.list[1].body, '<p>The plan: <strong>crane 1</strong></p><p><strong>twice</strong><at person="user12">Ben</at></p><p><em>👍 Cleo and 2 more</em></p>')
  t.same({ out.list[3].body, out.list[3].person.kind }, { "<blockquote><strong>Forwarded from Tides</strong><br>4.2 m</blockquote>", "deleted" })
  t.same({ out.list[4].body, out.list[6].body, out.list[7].body }, { "<p>[file: plan.txt]</p>", "<p>[⚓]</p>", "<p><strong>Lunch?</strong><br>yes: 2<br>no: 0</p>" })
  t.same(out.list[8].createdDateTime, "2024-01-15T10:39:00.000Z")
  t.same(out.parked, {})
  t.same(#out.messages + #out.skipped, 12)
end)

test("the losses of the sample are all named", function(t)
  local kinds = {}
  for _, loss in ipairs(plan_of(telegram, files(t), { zone = "+01:00" }).losses) do kinds[#kinds + 1] = loss:match "^%S+" end
  t.same(kinds, { "edit_history", "reaction_as_text", "reaction_users_missing", "file_not_carried", "file_missing", "sticker", "poll" })
end)

test("one chat in a file is read too, a private group as a standard channel only when somebody says so", function(t)
  local chat = { name = "Crew", type = "private_group", id = 7, messages = { { id = 1, type = "message", date_unixtime = "1705311000", from = "Ann", text = "hi" }, "x" } }
  local out = plan_of(telegram, { ["result.json"] = chat })
  t.same({ out.messages, out.skipped }, { {}, { "conversation: private channel", "not a record" } })
  t.same(plan_of(telegram, { ["result.json"] = chat }, { private = "standard" }).messages, { "7 1 Ann" })
  t.raises(function() plan_of(telegram, { ["a.json"] = { b = 1 } }) end, "no file here is an export of Telegram Desktop")
end)

test("each case of Telegram in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "telegram" then
      count = count + 1
      local got = markers(telegram:to_html(case.input), cases.context.users.telegram)
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  t.same({ count, table.concat(wrong, "\n") }, { 16, "" })
end)
