local show = require "stdlib.show"

test("plain values stand on one line, text in quotes", function(t)
  t.same(show.value(nil), "nil")
  t.same(show.value(true), "true")
  t.same(show.value(12), "12")
  t.same(show.value('say "hi"\n'), '"say \\"hi\\"\\n"')
end)

test("a long text is cut at 200 characters, never inside of one", function(t)
  t.same(show.value(("ä"):rep(201)), '"' .. ("ä"):rep(200) .. '…"')
  t.same(show.value(("ä"):rep(200)), '"' .. ("ä"):rep(200) .. '"')
end)

test("a table shows its fields in order, and of what is inside only the size", function(t)
  t.same(show.value({ b = "x", a = { 1, 2 }, c = { d = 1 }, e = {} }), 'table\n  a  [2]\n  b  "x"\n  c  {1}\n  e  {}')
  t.same(show.value({}), "{}")
  t.same(show.value({ "x", "y" }), 'list of 2\n  1  "x"\n  2  "y"')
end)

test("only the first twelve fields are shown", function(t)
  local many = {}
  for i = 1, 15 do many[i] = i end
  t.like(show.value(many), "\n  12  12\n  … 3 more$")
end)

test("on one line and whole a value reads as Lua", function(t)
  t.same(show.line { ts = "1", blocks = { 1 }, text = "a\nb" }, '{blocks=[1], text="a\\nb", ts="1"}')
  t.same(show.whole { a = { "x\ny" }, ["end"] = 1, b = {} }, '{\n  a = {\n    "x\\ny",\n  },\n  b = {},\n  ["end"] = 1,\n}')
end)
