local each = require "stdlib.each"
local loss = require "stdlib.loss"
local text = require "stdlib.text"

test("text counts characters, not bytes", function(t)
  t.same(text.length "café 👋", 6)
  t.same(text.excerpt("café\nund  mehr", 6), "café …")
  t.same(text.excerpt("kurz", 10), "kurz")
  t.same(text.excerpt("", 3), "")
end)

test("text is trimmed, split and escaped", function(t)
  t.same(text.trim "  a b \n", "a b")
  t.same(text.split("a;b;", ";"), { "a", "b", "" })
  t.same(text.split("a||b", "||"), { "a", "b" })
  t.same(("x+y (z)"):find(text.pattern "+y (z)"), 2)
  t.raises(function() text.split("a", "") end, "needs a separator")
  t.raises(function() text.trim(nil) end, "text.trim takes text, not nil")
end)

test("UTF-8 that was read as Latin-1 is undone, and only that", function(t)
  t.same(text.latin1 "caf\195\131\194\169", "café")
  t.same(text.latin1 "café", "café")
  t.same(text.latin1 "\208\159", "\208\159")
end)

test("each takes nil for an empty list", function(t)
  local seen = {}
  for i, value in each { "a", "b" } do seen[i] = value end
  for i, value in each(nil) do seen[i] = value end
  t.same(seen, { "a", "b" })
  t.raises(function() each "ab" end, "each takes a list or nil, not a string")
end)

test("every kind of loss has a sentence", function(t)
  t.same(loss.sentence "pin", "a pin was left out")
  t.same(loss.sentence "house_rule", "house rule")
end)
