local pager = require "stdlib.pager"

local function pages(...)
  local all, at = { ... }, 0
  return function()
    at = at + 1
    if type(all[at]) == "string" then return nil, all[at] end
    return all[at]
  end
end

test("items of all pages come one by one, also behind an empty page", function(t)
  local seen = {}
  for item in pager.items(pages({ 1, 2 }, {}, { 3 })) do seen[#seen + 1] = item end
  t.same(table.concat(seen, " "), "1 2 3")
end)

test("a page that cannot be read raises its error, and the walk is over", function(t)
  local next_item = pager.items(pages({ 1 }, "503", { 2 }))
  t.same(next_item(), 1)
  local fine, err = pcall(next_item)
  t.same({ fine, err }, { false, "503" })
  t.same(next_item(), nil)
end)

test("nothing at all is an empty walk", function(t)
  t.same(pager.items(pages())(), nil)
end)
