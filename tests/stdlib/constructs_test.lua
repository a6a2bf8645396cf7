local constructs = require "stdlib.constructs"

local function result(body, changes)
  local out = { record = {}, out = {}, losses = {}, message = { body = body } }
  for name, value in pairs(changes or {}) do out[name] = value end
  return out
end

test("a message is told by what it shows", function(t)
  t.same(constructs.of(result "<p>hi</p>"), { "plain text" })
  t.same(constructs.of(result("<p>a</p><ul><li>b<ul><li>c</li></ul></li></ul>")), { "nested list", "list" })
  t.same(constructs.of(result("<p>a</p>", { losses = { { "poll", "" }, { "poll", "" } }, out = { reactions = { {} } } })),
    { "loss poll", "reaction" })
  t.same(constructs.of(result("<p>a</p>", { message = { body = "<p>a</p>", replyToId = "1" }, record = { subtype = "bot_message" } })),
    { "reply", "bot_message" })
  t.same(constructs.of { reason = "event", losses = {} }, { "skipped: event" })
  t.same(constructs.of { error = "x", losses = {} }, { "failed" })
end)

test("one message is chosen for each construct, the shortest that says something, none twice", function(t)
  local chooser = constructs.chooser()
  local long = result("<p>" .. ("x"):rep(50) .. "</p><pre>y</pre>")
  local short = result "<p>xxxxxxxxxxxxxxxxxxx</p><pre>y</pre>"
  local both = result "<p>xxxxxxxxxxx <code>a</code> <strong>b</strong></p>"
  chooser.add(long)
  chooser.add(short, "extra")
  chooser.add(result "<pre>y</pre>") -- too short to be a sample
  chooser.add(both)
  local list = chooser.list(10)
  t.same({ #list, list[1].construct, list[1].result == both, list[2].construct, list[2].result == short, list[2].extra },
    { 2, "code", true, "code block", true, "extra" })
  t.same(#chooser.list(1), 1)
end)
