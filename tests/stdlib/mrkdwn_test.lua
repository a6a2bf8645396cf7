local mrkdwn = require "stdlib.mrkdwn"

test("ids become markers, with the label that the export gave", function(t)
  t.same(mrkdwn.to_html "<@U1|ann> in <#C1|general>, <#C2|>", '<p><at person="U1">ann</at> in <a conversation="C1">general</a>, '
    .. '<a conversation="C2"></a></p>')
  t.same(mrkdwn.to_html("<!subteam^S1> <!here>", { usergroups = { S1 = "oncall" } }), "<p>@oncall @here</p>")
end)

test("what looks like a control sequence and is none stays text", function(t)
  t.same(mrkdwn.to_html "std::vector<int> <std::string> <dbl>", "<p>std::vector&lt;int&gt; &lt;std::string&gt; &lt;dbl&gt;</p>")
  t.same(mrkdwn.to_html "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")
  t.same(mrkdwn.to_html "a < b > c & d", "<p>a &lt; b &gt; c &amp; d</p>")
end)

test("marks pair by a stack: an outer mark that closes makes inner ones literal", function(t)
  t.same(mrkdwn.to_html "*a _b* c_", "<p><strong>a _b</strong> c_</p>")
  t.same(mrkdwn.to_html "_a *b* c_", "<p><em>a <strong>b</strong> c</em></p>")
  t.same(mrkdwn.to_html "“*quoted*” and é*no*", "<p>“<strong>quoted</strong>” and é*no*</p>")
end)

test("a shrug keeps its arms", function(t)
  t.same(mrkdwn.to_html "¯\\_(ツ)_/¯ _so_", "<p>¯\\_(ツ)_/¯ <em>so</em></p>")
end)

test("code shows what the reader saw", function(t)
  local ctx = { person = function(id) return { id = id, name = "Ann", known = id == "U1" } end }
  t.same(mrkdwn.to_html("`<@U1> <@U2|bob> <#C1|general> a &lt; b`", { ctx = ctx }), "<p><code>@Ann @bob #general a &lt; b</code></p>")
end)

test("a fence inside a quote to the end stays in the quote", function(t)
  t.same(mrkdwn.to_html "x\n&gt;&gt;&gt; a\n```b```", "<p>x</p><blockquote>a<pre>b</pre></blockquote>")
end)

test("a hostile text takes time in step with its length", function(t)
  for _, piece in ipairs { "*_~", "*a _b ~c ", "`", "```", "<", "<@", "&gt;", ":", "&", "> " } do
    local started = os and os.clock()
    t.like(mrkdwn.to_html(piece:rep(20000)), ".")
    if started then t.same(os.clock() - started < 5, true) end
  end
end)

test("inline text has no paragraphs", function(t)
  t.same(mrkdwn.to_inline "a\n\n*b*\nc", "a<br><br><strong>b</strong><br>c")
end)

test("a link to a message of the export is a marker, and Slackbot has a name", function(t)
  local ctx = { conversation = { id = "C1" } }
  t.same(mrkdwn.to_html("<https://acme.slack.com/archives/C1/p1589553562044500|that>", { ctx = ctx }), '<p><a message="1589553562.044500">that</a></p>')
  t.same(mrkdwn.to_html "<https://acme.slack.com/archives/C1/p1589553562044500|that>", '<p><a href="https://acme.slack.com/archives/C1/p1589553562044500">that</a></p>')
  t.same(mrkdwn.to_html("`<#C2|>`", { ctx = { conversation = { rooms = { C2 = "dev" } } } }), "<p><code>#dev</code></p>")
  t.same(mrkdwn.to_html "<@USLACKBOT>", '<p><at person="USLACKBOT">Slackbot</at></p>')
end)
