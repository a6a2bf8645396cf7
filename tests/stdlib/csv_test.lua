local csv = require "stdlib.csv"

local function rows(content, separator)
  local out = {}
  for row in csv.rows(content, separator) do out[#out + 1] = row end
  return out
end

test("quotes hold separators, newlines and quotes", function(t)
  t.same(rows 'a,b\n"x,1","say ""hi""\nthere"\n', { { a = "x,1", b = 'say "hi"\nthere' } })
end)

test("the separator is found in the first line", function(t)
  t.same(rows "a;b\n1;2", { { a = "1", b = "2" } })
  t.same(rows "a\tb\n1\t2", { { a = "1", b = "2" } })
  t.same(rows("a|b\n1|2", "|"), { { a = "1", b = "2" } })
end)

test("any newline ends a row, and a byte order mark is no name", function(t)
  t.same(rows "\239\187\191a,b\r\n1,2\r\n3,4", { { a = "1", b = "2" }, { a = "3", b = "4" } })
  t.same(rows "a\r1\r2", { { a = "1" }, { a = "2" } })
end)

test("empty fields are absent, empty lines are no rows, and what is too much is passed over", function(t)
  t.same(rows "a,b\n,2\n\n1,2,3\n4\n", { { b = "2" }, { a = "1", b = "2" }, { a = "4" } })
  t.same(rows "", {})
  t.same(rows "a,b", {})
end)

test("a quote that is not closed is an error with its row", function(t)
  t.raises(function() rows 'a\n1\n"2' end, "row 3: a quoted field is not closed")
  local read, problem = csv.read 'a\n"1'
  t.same(read, nil)
  t.like(problem, "row 2")
end)
