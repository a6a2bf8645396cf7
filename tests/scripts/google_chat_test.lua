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

local function answers(t)
  return sample(t, "google_chat_api", { "spaces.json", "AAQA1/members.json", "AAQA1/messages.json", "notices.json", "dm.json" },
    { "AAQA1/drawing.txt" })
end

test("answers of the API go through: threads, mentions, quotes, cards, reactions, files; who may join decides what is public", function(t)
  local out = plan_of(google_chat, answers(t), { private = "standard" })
  t.same(out.people, { "users/101 Ada Park - user", "users/102 Ben Ode - user" })
  t.same(out.conversations, { "Crane crew: standard", "DM1: direct message", "Notice board: standard" })
  t.same(out.messages, { "AAQA1 AAQA1/t1/t1 users/101", "AAQA1 AAQA1/t1/m2 users/102 > AAQA1/t1/t1", "AAQA1 AAQA1/t3/t3 users/101",
    "AAQA1 AAQA1/t4/t4 users/900", "AAQA2 AAQA2/t9/t9 users/101" })
  t.same({ out.list[1].body, out.list[1].createdDateTime }, { '<p>The <strong>plan</strong>: <at person="users/102"></at> takes '
    .. "<em>crane 1</em></p><p><em>👍 2</em></p>", "2024-04-22T09:00:05.123Z" })
  t.same(out.list[3].body, '<blockquote><strong>Ada Park</strong><br>The <strong>plan</strong>: <at person="users/102"></at> takes '
    .. "<em>crane 1</em></blockquote><p>as said:</p>")
  t.same(out.list[4].body, '<blockquote><strong>Tides</strong><br>Pier 4<br><strong>High</strong>: <b>11:40</b><br>Keep clear of the '
    .. '<a href="https://harbour.example/pier">pier</a>.<br><a href="https://harbour.example/tides">Table</a></blockquote>')
  t.same({ out.skipped, out.parked }, { { "deleted", "conversation: direct message" }, {} })
end)

test("a space of the API that nobody lists, or that only members see, is private", function(t)
  local given = answers(t)
  t.same(plan_of(google_chat, given).conversations, { "Crane crew: private channel", "DM1: direct message", "Notice board: standard" })
  given["spaces.json"] = nil
  t.same(plan_of(google_chat, given).conversations, { "AAQA1: private channel", "DM1: private channel", "AAQA2: private channel" })
end)

test("what an answer of the API lacks or has too much of costs nothing but itself", function(t)
  local given = answers(t)
  local page = given["AAQA1/messages.json"].messages
  table.insert(page, 2, "text")
  table.insert(page, 3, { name = 7 })
  page[4].createTime, page[4].sender, page[4].attachment = nil, "?", "none"
  page[5].quotedMessageMetadata, page[5].annotations, page[5].thread = "x", { 1, { startIndex = "a", length = {} } }, 0
  page[6].cardsV2 = { 1, { card = { header = 0, sections = { 1, { widgets = { 1, { unknown = {} }, { buttonList = 0 } } } } } } }
  given["other.json"], given["more.json"] = { a = 1 }, { 1, 2 }
  local out = plan_of(google_chat, given, { private = "standard" })
  t.same(out.messages, { "AAQA1 AAQA1/t1/t1 users/101", "AAQA1 AAQA1/t3/t3 users/101", "AAQA2 AAQA2/t9/t9 users/101" })
  t.same({ out.skipped, #out.parked }, { { "not a record", "empty", "deleted", "conversation: direct message" }, 2 })
  t.like(out.parked[1], "the message has no date")
end)

test("what is no Takeout says so", function(t)
  t.raises(function() plan_of(google_chat, { ["a.json"] = {} }) end, "no messages.json and no answers of the API here")
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
