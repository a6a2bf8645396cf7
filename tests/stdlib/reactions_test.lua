local reactions = require "stdlib.reactions"

test("reactions are gathered by kind, with their people", function(t)
  local function read(r) return r.e, r.u end
  t.same(reactions.gathered({ { e = "a", u = "1" }, { e = "b" }, { e = "a", u = "2" }, "", {} }, read),
    { { reactionType = "a", users = { "1", "2" }, count = 2 }, { reactionType = "b", users = {}, count = 1 } })
  t.same({ reactions.gathered(nil, read) or "none", reactions.gathered(json.null, read) or "none" }, { "none", "none" })
end)
