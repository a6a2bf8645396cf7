local slack_events = require "stdlib.slack_events"

local ctx = { loss = function() end, person = function(id) return { name = ({ U1 = "Ann", U2 = "Bob" })[id] or id } end }

local function event(ts, subtype, user, text) return { ts = ts, subtype = subtype, user = user, text = text } end

test("a run of events is one record, and a message, a day or an end ends it", function(t)
  local gather = slack_events.gatherer()
  local join, leave = event("1589553562.000100", "channel_join", "U1"), event("1589553563.000100", "channel_leave", "U2")
  t.same({ gather(join), gather(leave) }, {})
  local whole = gather { ts = "1589553564.000100", text = "hi" }
  t.same({ whole.ts, whole.user, #whole.gathered }, { "1589553562.000100", "U1", 2 })
  t.same(gather { ts = "1589553565.000100", text = "hi" }, nil)
  gather(join)
  t.same(gather(event("1589653562.000100", "channel_join", "U2")).gathered, { join })
  t.same(gather(nil).gathered[1].user, "U2")
  t.same(gather(nil), nil)
end)

test("an event with replies is a message of its own", function(t)
  local gather = slack_events.gatherer()
  gather(event("1589553562.000100", "channel_join", "U1"))
  t.same(#gather({ ts = "1589553563.000100", subtype = "channel_topic", reply_count = 1 }).gathered, 1)
end)

test("a gathered run says who came and went, and the rest in its words", function(t)
  t.same(slack_events.to_html({ event("1", "channel_join", "U1", "<@U1> has joined"), event("2", "group_join", "U2"), event("3", "channel_leave", "U1"),
    event("4", "channel_topic", "U2", "set the channel topic: a &lt; b"), event("5", "channel_archive", "U1", "<@U1> archived the channel"),
    event("6", "huddle_thread", "USLACKBOT", "") }, ctx, {}),
    '<p><em>Joined: Ann, Bob<br>Left: Ann<br>Bob set the channel topic: a &lt; b<br><at person="U1"></at> archived the channel<br>USLACKBOT huddle thread</em></p>')
end)

test("pins are a list of links with those who pinned", function(t)
  local pin = slack_events.pinner { pins = { { id = "1589553562.044500", type = "C", user = "U1", created = 1589640000 }, { id = "F1", type = "F", created = "1589650000" },
    { id = "1500000000.000000", user = "U2" }, "" }, bookmarks = { { title = "Wiki", link = "https://w.example" }, "" } }
  pin { ts = "1589553562.044500", text = "read *this*" }
  pin { ts = "1589553570.000000", text = "later" }
  local record = pin(nil)
  t.same({ record.ts, record.user }, { "1589650001.000000", "U2" })
  t.same(slack_events.pins_html(record, ctx), '<p><strong>Pinned here</strong></p><ul><li><a message="1589553562.044500">read this</a> (pinned by Ann, 2020-05-16)</li>'
    .. '<li>a file, F1 (2020-05-16)</li><li>message of 2017-07-14 (pinned by Bob)</li><li><a href="https://w.example">Wiki</a></li></ul>')
  t.same(slack_events.pinner { pins = {} }, nil)
  t.same(slack_events.pinner({ pins = { { id = "1" } } })(nil), nil)
end)
