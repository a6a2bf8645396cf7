local suggest = require "stdlib.suggest"

test("the nearest name is the one meant", function(t)
  local names = { export = true, team = true, createdDateTime = true }
  t.same(suggest.nearest("exprot", names), "export")
  t.same(suggest.nearest("creatdDateTime", names), "createdDateTime")
  t.same(suggest.nearest("colour", names), nil)
  t.same(suggest.hint("taem", names, "args."), "; did you mean args.team?")
  t.same(suggest.hint("x", names), "")
end)

test("a swap, a drop and an insert are one slip each", function(t)
  t.same(suggest.distance("mesage", "message"), 1)
  t.same(suggest.distance("mseasge", "message"), 2)
  t.same(suggest.distance("", "abc"), 3)
end)
