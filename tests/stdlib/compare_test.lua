local compare = require "stdlib.compare"

test("the first difference is named by its path", function(t)
  t.same({ compare.difference({ a = { 1, 2 } }, { a = { 1, 3 } }) }, { "a[2]", 2, 3 })
  t.same({ compare.difference({ body = { content = "x" } }, { body = {} }) }, { "body.content", "x" })
  t.same({ compare.difference({ ["a b"] = 1 }, {}) }, { "[a b]", 1 })
  t.same(compare.difference({ 1, { 2 } }, { 1, { 2 } }), nil)
  t.same({ compare.difference("1", 1) }, { "", "1", 1 })
  t.same(compare.same({ false }, {}), false)
end)

test("a value is shown as Lua writes it", function(t)
  t.same(compare.shown { "x", b = { 1 }, a = 'say "hi"\n', ["c d"] = true }, '{ "x", a = "say \\"hi\\"\\n", b = { 1 }, [c d] = true }')
  t.same(compare.shown {}, "{}")
  t.same(compare.shown(nil), "nil")
end)

test("a diff shows what went and what came, with what is around it", function(t)
  local old, new = "a\nb\nc\nd\ne\nf\ng\nh\n", "a\nB\nc\nd\ne\nf\nh\nnew\n"
  t.same(compare.diff(old, new, 1), { "  a", "- b", "+ B", "  c", "  …", "  f", "- g", "  h", "+ new" })
  t.same(compare.diff("a\n", "a\n"), {})
  t.same(compare.diff("", "a\nb"), { "+ a", "+ b" })
  t.same(compare.diff("a\nb", ""), { "- a", "- b" })
end)

test("applying a diff of random lines gives the new text, and taking it back the old one", function(t)
  math.randomseed(7)
  for _ = 1, 200 do
    local function lines()
      local out = {}
      for i = 1, math.random(0, 12) do out[i] = string.char(96 + math.random(4)) end
      return table.concat(out, "\n")
    end
    local old, new = lines(), lines()
    local olds, news = {}, {}
    for _, line in ipairs(compare.diff(old, new, 100)) do
      if line:sub(1, 1) ~= "+" then olds[#olds + 1] = line:sub(3) end
      if line:sub(1, 1) ~= "-" then news[#news + 1] = line:sub(3) end
    end
    if old ~= new then t.same({ table.concat(olds, "\n"), table.concat(news, "\n") }, { old, new }) end
  end
end)
