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
  t.same(markdown.to_html "|a|b|\n|-|-|\n|1|**2**|", "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><strong>2</strong></td></tr></table>")
end)

test("a newline is a break and a blank line a paragraph", function(t)
  t.same(markdown.to_html "a\nb\n\nc", "<p>a<br>b</p><p>c</p>")
  t.same(markdown.to_html "", "")
end)

test("hostile text ends", function(t)
  for _, piece in ipairs { "*", "**a ", "[", "![](", "> ", "`", "- ", "_a" } do t.like(markdown.to_html(piece:rep(5000)), ".") end
end)
