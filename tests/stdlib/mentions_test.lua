local mentions = require "stdlib.mentions"

local function known(handle) return ({ ann = "U1", ["bob.ray"] = "U2" })[handle] end

test("handles become mentions, without what ends the sentence", function(t)
  t.same(mentions.handles("<p>@bob.ray. and @ann, @nobody</p>", known),
    '<p><at person="U2">bob.ray</at>. and <at person="U1">ann</at>, @nobody</p>')
  t.same(mentions.handles("<p>x@ann @@ann <code>@ann</code> ü@ann</p>", known), '<p>x@ann @@ann <code>@ann</code> ü<at person="U1">ann</at></p>')
end)

test("names with spaces become mentions, the longest first", function(t)
  local people = { { name = "Ann", id = "1" }, { name = "Ann Lee (she)", id = "2" } }
  t.same(mentions.names("<p>@Ann Lee (she) and @Ann</p>", people), '<p><at person="2">Ann Lee (she)</at> and <at person="1">Ann</at></p>')
end)
