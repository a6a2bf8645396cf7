local markdown = require "stdlib.markdown"

test("emphasis, code and links", function(t)
  t.same(markdown.to_html "**b** *i* ~~s~~ `c<d` [t](https://e.example)",
    '<p><strong>b</strong> <em>i</em> <s>s</s> <code>c&lt;d</code> <a href="https://e.example">t</a></p>')
  t.same(markdown.to_html "snake_case_name 2*3*4 \\*no\\*", "<p>snake_case_name 2<em>3</em>4 *no*</p>")
  t.same(markdown.to_html "[x](javascript:alert) <b>", "<p>x &lt;b&gt;</p>")
end)

test("blocks: headings, rules, fences, quotes, lists, tables", function(t)
  t.same(markdown.to_html "#### T\n---\n```lua\na < b\n```", "<h3>T</h3><hr><pre>a &lt; b</pre>")
  t.same(markdown.to_html "> a\n> b\n\nc", "<blockquote>a<br>b</blockquote><p>c</p>")
  t.same(markdown.to_html "1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>")
  t.same(markdown.to_html "3) x\n4) y", '<ol start="3"><li>x</li><li>y</li></ol>')
  t.same(markdown.to_html "- [ ] a\n- [x] b", "<ul><li>☐ a</li><li>☑ b</li></ul>")
  t.same(markdown.to_html "|a|b|\n|-|-|\n|1|**2**|", "<table><tr><td><strong>a</strong></td><td><strong>b</strong></td></tr><tr><td>1</td><td><strong>2</strong></td></tr></table>")
end)

test("a newline is a break and a blank line a paragraph", function(t)
  t.same(markdown.to_html "a\nb\n\nc", "<p>a<br>b</p><p>c</p>")
  t.same(markdown.to_html "", "")
end)

test("hostile text ends", function(t)
  for _, piece in ipairs { "*", "**a ", "[", "![](", "> ", "`", "- ", "_a", "***a", "www.a.b ", "a@b.c ", "http://)" } do t.like(markdown.to_html(piece:rep(5000)), ".") end
end)

test("what looks like an address is a link, without what ends the sentence", function(t)
  t.same(markdown.to_html "see (https://e.example/a_b_c), www.e.example or a@e.example.",
    '<p>see (<a href="https://e.example/a_b_c">https://e.example/a_b_c</a>), <a href="http://www.e.example">www.e.example</a> or '
    .. '<a href="mailto:a@e.example">a@e.example</a>.</p>')
end)

test("a dialect changes what marks mean, and a script what its own tokens mean", function(t)
  t.same(markdown.to_html("__u__ >x ```a``` *i*", { dialect = "discord" }), "<p><u>u</u> &gt;x</p><pre>a</pre><p><em>i</em></p>")
  t.same(markdown.to_html("*b* _i_ ~s~ 2*3*4", { dialect = "whatsapp" }), "<p><strong>b</strong> <em>i</em> <s>s</s> 2*3*4</p>")
  t.same(markdown.to_html("a #7", { starts = "#", token = function(words, at) return "<em>" .. words:sub(at + 1) .. "</em>", #words + 1 end }),
    "<p>a <em>7</em></p>")
  t.same(markdown.to_html("```quote\na\n```", { fence = function(info, _, convert) return info == "quote" and "[" .. convert() .. "]" end }), "[<p>a</p>]")
  t.raises(function() markdown.to_html("a", { dialect = "discrod" }) end, "no dialect 'discrod'; did you mean discord")
end)
