local output = require "stdlib.cli.output"

test("nothing that steers a terminal is left in a line", function(t)
  t.same(output.one_line "a\27[2Jb\7\r\n\tc\194\155d", "a�[2Jb� c�d")
  t.same(output.one_line "größe ✓", "größe ✓")
end)

test("numbers and spans read as people write them", function(t)
  t.same({ output.count(18204), output.of(1, "message"), output.span(12000) }, { "18,204", "1 message", "3 h 20 min" })
end)

test("help is wrapped between words, below where it began", function(t)
  t.same(output.wrap("  x  ", "größe of the one and the other", 16), "  x  größe of\n     the one and\n     the other")
  t.same(output.wrap("a ", "averyverylongword b", 8), "a averyverylongword\n  b")
end)
