local html = require "stdlib.html"

test("text is escaped once and attributes hold", function(t)
  t.same(html.escape "a < b && \"c\"", 'a &lt; b &amp;&amp; "c"')
  t.same(html.unescape "&lt;&amp;amp;&gt; &#233; &#x1F600; &nope; &nbsp;|", "<&amp;> é 😀 &nope; \194\160|")
  t.same(html.link('https://x.example/"onclick="y', "<b>"), '<a href="https://x.example/&quot;onclick=&quot;y">&lt;b&gt;</a>')
  t.same(html.mention('U"><script>', "a<b"), '<at person="U&quot;&gt;&lt;script&gt;">a&lt;b</at>')
end)

test("only schemes that are harmless become links", function(t)
  for _, url in ipairs { "javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "s3://b/k", "//x.example", " javascript:x" } do
    t.same(html.link(url, "label"), "label")
  end
  t.same(html.link "mailto:ann@orbit.example", '<a href="mailto:ann@orbit.example">ann@orbit.example</a>')
end)

test("newlines become breaks and paragraphs", function(t)
  t.same(html.from_text "one\r\ntwo\n\n\nthree\n", "<p>one<br>two</p><p>three</p>")
  t.same(html.from_text "\n\n", "")
  t.same(html.from_text "a < b", "<p>a &lt; b</p>")
  t.raises(function() html.from_text(("a"):gsub("a", "b")) end,
    "html.from_text takes 1 argument, got 2; string.gsub gives two values: html.from_text%(%(s:gsub%(…%)%)%)")
end)

test("markers hold ids of the source", function(t)
  t.same(html.mention("U1", "ann"), '<at person="U1">ann</at>')
  t.same(html.conversation "C1", '<a conversation="C1"></a>')
  t.same(html.message("17.5", "see", "C1"), '<a message="17.5" conversation="C1">see</a>')
  t.same(html.file "F1", '<attachment file="F1"></attachment>')
end)

test("replace sees visible text only", function(t)
  local ticket = function(n) return html.link("https://t.example/" .. n, "A-" .. n) end
  t.same(html.replace('<p title="A-0">A-1 &amp; <code>A-2</code> <a href="https://x.example/A-3">A-3</a> <at person="A-4">A-4</at> A-5</p>',
    "A%-(%d+)", ticket), '<p title="A-0"><a href="https://t.example/1">A-1</a> &amp; <code>A-2</code> '
    .. '<a href="https://x.example/A-3">A-3</a> <at person="A-4">A-4</at> <a href="https://t.example/5">A-5</a></p>')
end)

test("replace matches characters, not entities, and escapes what it leaves", function(t)
  t.same(html.replace("<p>&lt;@17&gt; &amp; more</p>", "<@!?(%d+)>", html.mention), '<p><at person="17"></at> &amp; more</p>')
  t.same(html.replace("<p>a &lt; b</p>", "b", "<em>b</em>"), "<p>a &lt; <em>b</em></p>")
  t.same(html.replace("<p>one two</p>", "%a+", function(word) return word == "two" and "2" or nil end), "<p>one 2</p>")
  t.same(html.replace("<pre>x</pre>x", "x", "y"), "<pre>x</pre>y")
  t.same(html.replace("<p>ab</p>", "()b", function(at) return tostring(at) end), "<p>a2</p>")
  t.same(html.replace("<p>ab</p>", "x*", "-"), "<p>-a-b-</p>")
end)

test("replace says which pattern is bad", function(t)
  t.raises(function() html.replace("<p>x(</p>", "x(", "y") end, "html.replace: bad pattern 'x%('")
  t.raises(function() html.replace("<p>x</p>", "x", function() return 1 end) end, "the function returned a number")
end)

test("clean keeps what Teams keeps and says what it dropped", function(t)
  local losses = {}
  local ctx = { loss = function(kind, detail) losses[#losses + 1] = kind .. " " .. detail end }
  t.same(html.clean('<DIV onclick="x()"><script>alert("<b>")</script><b>hi<i>there</b> you', ctx), "<div><b>hi<i>there</i></b> you</div>")
  t.same(html.clean('<a href="java\nscript:x" title="t">l</a><img src="https://x.example/y.png" alt="pic">', ctx),
    '<a title="t">l</a><a href="https://x.example/y.png">pic</a>')
  t.same(html.clean("1 < 2 & 3 > 2 <!-- no --><h5>t</h5></p>", ctx), "1 &lt; 2 & 3 &gt; 2 <h3>t</h3>")
  t.same(losses, { "markup onclick", "markup href", "markup comment" })
end)

test("quote and text go between paragraphs and lines", function(t)
  t.same(html.quote("<p>a</p><p>b</p>", "Ann & co"), "<blockquote><strong>Ann &amp; co</strong><br>a<br>b</blockquote>")
  t.same(html.text "<p>a<br>b &amp; c</p><ul><li>d</li><li>e</li></ul>", "a\nb & c\nd\ne")
end)

test("visible tells an empty body from one that shows something", function(t)
  for _, body in ipairs { "", "<p> </p>", "<p>\1\31</p>", "<p></p><br>", "<p><em> </em></p>\n" } do t.same(html.visible(body), false) end
  for _, body in ipairs { "<p>a</p>", "<hr>", '<p><at person="U1"></at></p>', "<p><em>x</em></p>", "x", '<p> <a conversation="C"></a></p>' } do
    t.same(html.visible(body), true)
  end
end)

test("a token of Slack is taken out of an address, and what stands beside it stays", function(t)
  local token = require "stdlib.token"
  local function of(text) return (token.remove(text)) end
  t.same(of "https://f.example/a?t=xoxe-1-2", "https://f.example/a")
  t.same(of "https://f.example/a?w=1&token=xoxb-1&x=xoxe-2&h=2#top", "https://f.example/a?w=1&h=2#top")
  t.same(of "(https://f.example/?t=xoxe-1)", "(https://f.example/)")
  t.same(of "https://f.example/#access_token=xoxp-1&s=2", "https://f.example/#s=2")
  t.same(of "?a=1&amp;t=xoxe.xoxp-1&amp;b=2&amp;c", "?a=1&amp;b=2&amp;c")
  t.same(of "?t=xoxe-1&amp;b=2", "?b=2")
  t.same(of "https://x.example/?to=https%3A%2F%2Ff.example%3Ft%3Dxoxe-1&b=2", "https://x.example/?b=2")
  for _, same in ipairs { "", "xoxo-girl", "https://x.example/xoxo-1?a=xox", "a=xoxe-1" } do t.same({ token.remove(same) }, { same, false }) end
  t.same(html.link "https://f.example/a?t=xoxe-1", '<a href="https://f.example/a">https://f.example/a</a>')
  t.same(html.link_html("https://f.example/a?t=xoxe-1", "b"), '<a href="https://f.example/a">b</a>')
end)

test("the text of markers without a label is the name behind them", function(t)
  local ctx = { person = function(id) return { name = id == "U1" and "Ann <Lee>" or id } end, conversation = { rooms = { C1 = "general", C2 = true } } }
  local content = '<p><at person="U1"></at> <at person="U2">bob</at> <a conversation="C1"></a> <a conversation="C2"></a> <a conversation="C3">x</a></p>'
  t.same(html.text(content, ctx), "@Ann <Lee> bob #general #C2 x")
  t.same(html.text(content), " bob   x")
end)
