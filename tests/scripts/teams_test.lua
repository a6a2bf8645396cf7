local plan_of = require "tests.support.plan_of"
local sample = require "tests.support.sample"
local teams = require "scripts.teams"

local function files(t) return sample(t, "teams", { "channels.json", "page-1.json" }) end

test("the sample goes through: replies, mentions, quotes, files, bots, and what stays behind", function(t)
  local out = plan_of(teams, files(t))
  local room = "19:cranes@thread.tacv2"
  t.same(out.conversations, { "Cranes: standard", "19:gone@thread.tacv2: private channel", "19:a_b@unq.gbl.spaces: direct message" })
  t.same(out.messages, { room .. " 1619000000001 u-11", room .. " 1619000000002 u-12 > 1619000000001", room .. " 1619000000005 a-1" })
  t.same(out.list[1].body, '<div><at person="u-12">Ben Ode</at> takes <b>crane 1</b> [image]</div>[file: plan.txt]<p><em>👍 Ben Ode · 🎉 Ada Park</em></p>')
  t.same({ out.list[1].subject, out.list[1].importance, out.list[1].person.name, out.list[3].person.kind }, { "July", "high", "Ada Park", "bot" })
  t.same(out.list[2].body, "<blockquote><strong>Ada Park</strong><br>takes crane 1</blockquote><p>fine</p>")
  t.same(out.skipped, { "event", "deleted", "conversation: private channel", "conversation: direct message" })
  t.same(out.losses, { "image_not_carried in the text", "markup script", "file_not_carried plan.txt", "reaction_as_text 👍 1, 🎉 1",
    "edit_history 2021-04-21T09:02:00.000Z" })
  t.same({ out.parked, #out.messages + #out.skipped }, { {}, 7 })
end)

test("one message a file, no list of channels, and what is no message", function(t)
  local message = files(t)["page-1.json"].value[4]
  local out = plan_of(teams, { ["a.json"] = message, ["b.json"] = { "x", {} } }, { private = "standard" })
  t.same({ #out.messages, out.conversations, out.skipped, #out.parked }, { 1, { "19:cranes@thread.tacv2: standard" }, { "not a record" }, 1 })
end)
