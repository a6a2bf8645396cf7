local runs = require "stdlib.runs"

local function bold(start, length) return { start = start, length = length, rank = 2, open = "<strong>", close = "</strong>" } end

test("a style over a paragraph's end is put around each line, and newlines beside a block go", function(t)
  t.same(runs.to_html { { text = "a\n\nb", open = "<em>", close = "</em>" }, { text = " < c\n" }, { text = "x\n", block = "pre" }, { text = "\nd" } },
    "<p><em>a</em></p><p><em>b</em> &lt; c</p><pre>x</pre><p>d</p>")
  t.same(runs.to_html {}, "")
end)

test("ranges are cut in UTF-16 units, nested by rank, and clamped to the text", function(t)
  t.same(runs.to_html(runs.cut("😀 bold", { bold(3, 99), { start = 3, length = 2, rank = 3, open = "<em>", close = "</em>" } })),
    "<p>😀 <strong><em>bo</em></strong><strong>ld</strong></p>")
  t.same(runs.to_html(runs.cut("a\nx\nb", { { start = 2, length = 1, rank = 1, block = "pre" }, bold(2, 1) })), "<p>a</p><pre>x</pre><p>b</p>")
  t.same(runs.to_html(runs.cut("a", { bold(5, 2), bold(0, 0), bold(-3, 4) })), "<p><strong>a</strong></p>")
end)
