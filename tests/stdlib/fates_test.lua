local census = require "stdlib.census"
local fates = require "stdlib.fates"
local loss = require "stdlib.loss"

local function of(changes)
  local found = { messages = 100, constructs = {}, losses = {}, skipped = {} }
  for name, value in pairs(changes) do found[name] = value end
  local out = {}
  for _, fate in ipairs(fates.of(found)) do out[fate.construct] = { fate.found, fate.kept, fate.approximated, fate.lost } end
  return out
end

test("what is found is kept, approximated or lost, and the three add up", function(t)
  local out = of {
    constructs = { mention = { count = 10, messages = 7 }, edit = { count = 4, messages = 4 }, link = { count = 5, messages = 5 } },
    losses = { mention_unknown = 3, edit_history = 4, author_fallback = 20 },
  }
  t.same(out.mention, { 10, 7, 3, 0 })
  t.same(out.edit, { 4, 0, 0, 4 })
  t.same(out.link, { 5, 5, 0, 0 })
  t.same(out.author, { 100, 80, 20, 0 })
end)

test("a loss that is noted once a message is counted by messages", function(t)
  t.same(of({ constructs = { reaction = { count = 50, messages = 9 } }, losses = { reaction_as_text = 9 } }).reaction, { 9, 0, 9, 0 })
end)

test("what only a loss tells of counts as changed, and what is skipped as lost", function(t)
  local out = of { losses = { poll = 2, preview = 3, own_kind = 1, table_flattened = 1 }, skipped = { event = 8, gathered = 4 },
    constructs = { table = { count = 2, messages = 2 } } }
  t.same({ out.poll, out.preview, out.own_kind }, { { 2, 0, 2, 0 }, { 3, 0, 0, 3 }, { 1, 0, 1, 0 } })
  t.same({ out.event, out.gathered }, { { 8, 0, 0, 8 }, { 4, 0, 4, 0 } })
  t.same(out.table, { 3, 2, 1, 0 })
end)

test("never more than there is, and nothing of rooms", function(t)
  local out = of { losses = { mention_unknown = 3, member_missing = 400, name_changed = 1 }, constructs = { mention = { count = 2, messages = 1 } } }
  t.same(out.mention, { 3, 0, 3, 0 })
  t.same({ out.member_missing, out.name_changed }, {})
end)

test("every kind of loss and every construct has its place", function(t)
  local losses, constructs = {}, {}
  for kind in pairs(loss.kinds) do losses[kind] = 1 end
  for _, construct in ipairs(census.all) do constructs[construct.name] = { count = 5, messages = 5 } end
  for _, fate in ipairs(fates.of { messages = 5, losses = losses, constructs = constructs, skipped = {} }) do
    t.same({ fate.construct, fate.kept + fate.approximated + fate.lost }, { fate.construct, fate.found })
    if fate.label == (fate.construct:gsub("_", " ")) and loss.kinds[fate.construct] then t.same(fate.construct, "with a label") end
  end
end)
