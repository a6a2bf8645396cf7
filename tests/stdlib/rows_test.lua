local rows = require "stdlib.rows"

local function reader(text) return function() return text end end

test("a table is CSV or JSON, as its name says", function(t)
  t.same(rows.read("p.csv", reader "person,decision\nU1,skip\n"), { { person = "U1", decision = "skip" } })
  t.same(rows.read("p.JSON", reader '[{"person":"U1"}]'), { { person = "U1" } })
end)

test("a table that cannot be read is named", function(t)
  local _, problem = rows.read("p.json", reader "5")
  t.same(problem, "p.json: expected a list of objects")
  _, problem = rows.read("p.json", reader "[")
  t.like(problem, "^p%.json: ")
  _, problem = rows.read("p.csv", function() return nil, "cannot read p.csv" end)
  t.same(problem, "cannot read p.csv")
end)
