local markers = require "tests.support.markers"
local md = require "stdlib.formats.rocketchat_md"
local memory_export = require "tests.support.memory_export"
local plan_of = require "tests.support.plan_of"
local rocketchat = require "scripts.rocketchat"
local source = require "stdlib.source"

local function files(t)
  local out = {}
  for _, name in ipairs { "messages.json", "rooms.json", "users.json" } do
    out[name] = {}
    for line in assert(t.read("examples/sources/rocketchat/" .. name)):gmatch "[^\n]+" do table.insert(out[name], (json.decode(line))) end
  end
  return out
end

test("the sample goes through: rooms, threads, trees, quotes, cards, aliases, and what stays behind", function(t)
  local out = plan_of(rocketchat, files(t))
  t.same(out.people, { "u11 Ada Park ada.park@harbour.example user", "u12 Ben Ode - deleted", "rocket.cat Rocket.Cat - bot" })
  t.same(out.conversations, { "Cranes: standard", "payroll: private channel", "r3: direct message", "r4: livechat", "r9: private channel" })
  t.same(out.messages, { "GENERAL m1 u11", "GENERAL m2 u12 > m1", "GENERAL m3 u99", "GENERAL m4 u11", "GENERAL m5 u12", "GENERAL m6 rocket.cat/Tides", "GENERAL m8 u11" })
  t.same(out.list[1].body, '<p>The plan: <at person="u12">ben.ode</at> takes <strong>crane 1</strong> 🚧</p><p><em>👍 Ben Ode, gone</em></p>')
  t.same({ out.list[3].body, out.list[3].person.name, out.list[4].body }, { "<p>from a <strong>tree</strong></p>", "gone", "<p>see</p><p>[file: plan.txt]</p>" })
  t.same({ out.list[5].body, out.list[6].body, out.list[7].body }, { "<blockquote><strong>ada</strong><br>The plan</blockquote><p>agreed</p>",
    "<blockquote><strong>High water</strong><br><strong>4.2 m</strong></blockquote>", "<p><em>[encrypted message]</em></p>" })
  t.same(out.skipped, { "event", "deleted", "conversation: private channel", "conversation: direct message", "conversation: private channel", "conversation: livechat" })
  t.same(out.losses, { "pin m1", "reaction_as_text 👍 2", "edit_history 2021-04-21T09:01:05.000Z", "file_missing plan.txt", "encrypted", "conversation_unlisted r9" })
  t.same({ out.parked, #out.messages + #out.skipped }, { {}, 13 })
end)

test("answers of the REST API are read as well, and what is none says so", function(t)
  local answer = { messages = { { _id = "b", rid = "r", msg = "late", ts = "2019-07-23T10:00:16.455Z", u = { _id = "u", username = "x" } },
    { _id = "a", rid = "r", msg = "early", ts = "2019-07-22T10:00:16.455Z", u = { _id = "u", username = "x" } } }, success = true }
  local all = { ["history.json"] = answer, ["channels.json"] = { channels = { { _id = "r", t = "c", name = "c" } } } }
  t.same(plan_of(rocketchat, all).messages, { "r b u", "r a u" })
  t.raises(function() plan_of(rocketchat, { ["a.json"] = { { a = 1 } } }) end, "no file here holds messages, rooms or users")
end)

test("a mongodump is read by its collections, and its GridFS gives the files", function(t)
  local message = { _id = "a", rid = "r", msg = "", ts = "2019-07-22T10:00:16.455Z", u = { _id = "u", username = "x" },
    files = { { _id = "f1", name = "plan.txt", type = "text/plain" }, { _id = "f2", name = "gone.txt" } } }
  local dump = { ["rocketchat_message.bson"] = { message }, ["rocketchat_room.bson"] = { { _id = "r", t = "c", name = "c" } },
    ["rocketchat_subscription.bson"] = { { _id = "s", rid = "r", ts = "2019-07-22T10:00:16.455Z", t = "c" } },
    ["users.bson"] = { { _id = "u", username = "x", name = "Xenia", services = { password = { bcrypt = "hash" } } } },
    ["rocketchat_uploads.files.bson"] = {}, ["rocketchat_uploads/f1"] = "words", ["users.metadata.json"] = {} }
  local out = plan_of(rocketchat, dump)
  t.same({ out.messages, out.people, out.conversations }, { { "r a u" }, { "u Xenia - user" }, { "c: standard" } })
  t.same(rocketchat:files({ files = message.files, stored = { f1 = "rocketchat_uploads/f1" } }, { export = memory_export(dump) }),
    { { id = "f1", name = "plan.txt", contentType = "text/plain", path = "rocketchat_uploads/f1" }, { id = "f2", name = "gone.txt" } })
  local emitted
  rocketchat:people({ export = memory_export(dump) }, function(user) emitted = user end)
  t.same(emitted.services, nil)
end)

test("files that a server kept on its disk are found by their id, as a name or as a folder", function(t)
  local user = { _id = "u", username = "x" }
  local function with(id) return { _id = id, rid = "r", msg = "see", ts = "2019-07-22T10:00:16.455Z", u = user, file = { _id = id, name = "plan.txt" } } end
  local all = { ["messages.json"] = { with "f1", with "f2", with "f3" }, ["rooms.json"] = { { _id = "r", t = "c", name = "c" } },
    ["uploads/f1.txt"] = "words", ["uploads/f2/plan.txt"] = "words" }
  local out = plan_of(rocketchat, all)
  t.same(out.losses, { "file_not_carried plan.txt", "file_not_carried plan.txt", "file_missing plan.txt" })
end)

test("each case of Rocket.Chat in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  local people = cases.context.users.rocketchat
  source.start(rocketchat, { export = "x" })
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "rocketchat" then
      count = count + 1
      local got = case.kind == "msg" and rocketchat:to_html(case.input, { people = { ["ann.lee"] = "ann.lee" } })
        or md.to_html(case.input, function(handle) return people[handle] and handle end)
      got = markers(got, people)
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  source.stop(rocketchat)
  t.same({ count, table.concat(wrong, "\n") }, { 24, "" })
end)
