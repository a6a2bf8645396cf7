local google_chat = require "scripts.google_chat"
local markers = require "tests.support.markers"
local plan_of = require "tests.support.plan_of"
local sample = require "tests.support.sample"

local SPACE = "Google Chat/Groups/Space AAAA/"

local function files(t)
  return sample(t, "google_chat", { "Google Chat/Users/User 11/user_info.json", SPACE .. "group_info.json", SPACE .. "messages.json",
    "Google Chat/Groups/DM BBBB/group_info.json", "Google Chat/Groups/DM BBBB/messages.json" }, { SPACE .. "File-plan_x=1.txt" })
end

test("a space is private until somebody says otherwise", function(t)
  local out = plan_of(google_chat, files(t))
  t.same({ out.messages, out.conversations }, { {}, { "BBBB: direct message", "Crane crew: private channel" } })
  t.same(#out.skipped, 7)
end)

test("the sample goes through: topics, formats, mentions, quotes, files, and a date of another language fails", function(t)
  local out = plan_of(google_chat, files(t), { private = "standard" })
  t.same(out.people, { "ada.park@harbour.example Ada Park ada.park@harbour.example user", "ben.ode@harbour.example Ben Ode ben.ode@harbour.example user" })
  t.same(out.messages, { "AAAA AAAA/t1/t1 ada.park@harbour.example", "AAAA AAAA/t1/m2 ben.ode@harbour.example > AAAA/t1/t1", "AAAA AAAA/t3/t3 Tides",
    "AAAA AAAA/t5/t5 ada.park@harbour.example" })
  t.same({ out.list[1].body, out.list[1].createdDateTime }, { '<p>😀 The <strong>plan</strong>: <at person="ben.ode@harbour.example">Ben Ode</at> takes crane 1</p>'
    .. "<p><em>👍 Ben Ode</em></p>", "2021-04-21T09:00:05.000Z" })
  t.same(out.list[2].body, "<blockquote><strong>Ada Park</strong><br>The plan</blockquote><p>fine</p>")
  t.same({ out.list[3].body, out.list[3].createdDateTime, out.list[3].person.kind }, { '<p><a href="https://drive.google.com/open?id=d1">Tide table</a></p>',
    "2021-04-21T12:30:00.000Z", "bot" })
  t.same(out.losses, { "private_made_standard Crane crew", "reaction_as_text 👍 1", "edit_history 2021-04-21T09:01:05.000Z", "file_external Tide table",
    "file_not_carried plan.txt", "file_missing crane.png" })
  t.same({ out.skipped, #out.parked }, { { "conversation: direct message", "deleted" }, 1 })
  t.like(out.parked[1], "does not fit")
  t.same(plan_of(google_chat, files(t), { private = "standard", dates = "%d. %B %Y um %H:%M:%S %z" }).messages, { "AAAA AAAA/t6/t6 ada.park@harbour.example" })
end)

test("what is no Takeout says so", function(t)
  t.raises(function() plan_of(google_chat, { ["a.json"] = {} }) end, "no messages.json here")
end)

test("each case of Google Chat in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "google_chat" then
      count = count + 1
      local got = case.kind == "takeout" and google_chat:to_html(case.input, { loss = function() end }) or google_chat:formatted(case.input)
      got = markers(got, cases.context.users.google_chat)
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  t.same({ count, table.concat(wrong, "\n") }, { 11, "" })
end)
