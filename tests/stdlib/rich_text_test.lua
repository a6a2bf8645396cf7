local rich_text = require "stdlib.rich_text"

local function text(words, style) return { type = "text", text = words, style = style } end
local function section(...) return { type = "rich_text_section", elements = { ... } } end
local function list(style, indent, ...)
  local items = {}
  for i, words in ipairs { ... } do items[i] = section(text(words)) end
  return { type = "rich_text_list", style = style, indent = indent, elements = items }
end

local function losses_of(elements)
  local losses = {}
  local ctx = { loss = function(kind, detail) losses[#losses + 1] = kind .. " " .. detail end, person = function(id) return { name = id } end }
  return rich_text.to_html(elements, ctx), losses
end

test("a style never crosses a paragraph", function(t)
  t.same(rich_text.to_html { section(text("one\n\ntwo\n", { bold = true }), text("\nthree")) },
    "<p><strong>one</strong></p><p><strong>two</strong></p><p>three</p>")
end)

test("lists of three levels are rebuilt, and numbering goes on", function(t)
  local first, second = list("ordered", 0, "a"), list("ordered", 0, "b")
  second.offset = 1
  t.same(rich_text.to_html { first, list("bullet", 1, "a1"), list("bullet", 2, "deep"), list("bullet", 1, "a2"), second },
    "<ol><li>a<ul><li>a1<ul><li>deep</li></ul></li><li>a2</li></ul></li><li>b</li></ol>")
end)

test("an ordered list without offset starts anew", function(t)
  t.same(rich_text.to_html { list("ordered", 0, "a"), list("ordered", 0, "b") }, "<ol><li>a</li></ol><ol><li>b</li></ol>")
end)

test("what is bordered joins the quote before it, and two quotes stay two", function(t)
  local quote = { type = "rich_text_quote", elements = { text "q" } }
  local code = { type = "rich_text_preformatted", elements = { text "c" }, border = 1 }
  t.same(rich_text.to_html { quote, code, quote }, "<blockquote>q<pre>c</pre>q</blockquote>")
  t.same(rich_text.to_html { quote, quote, section(text "p") }, "<blockquote>q</blockquote><blockquote>q</blockquote><p>p</p>")
  t.same(rich_text.to_html { { type = "rich_text_quote", elements = {} } }, "")
end)

test("what has no form is a loss that names it", function(t)
  local body, losses = losses_of { section({ type = "emoji", name = "partyr" }, { type = "hologram" }, { type = "canvas", file_id = "F1" }),
    { type = "rich_text_chart" } }
  t.same(body, "<p>:partyr:[canvas F1]</p>")
  t.same(losses, { "emoji_custom :partyr:", "markup hologram", "card canvas", "markup rich_text_chart" })
end)

test("emoji of the workspace come from a table", function(t)
  t.same(rich_text.to_html({ section({ type = "emoji", name = "orbit" }) }, nil, { emoji = { orbit = "🪐" } }), "<p>🪐</p>")
end)

test("markup in names and ids is text", function(t)
  t.same(rich_text.to_html { section({ type = "user", user_id = 'U"><b>' }, { type = "broadcast", range = "<b>" }, { type = "link", url = "javascript:x", text = "<i>" }) },
    '<p><at person="U&quot;&gt;&lt;b&gt;"></at>@&lt;b&gt;&lt;i&gt;</p>')
end)

test("a line end in a link ends no paragraph", function(t)
  t.same(rich_text.to_html { section({ type = "link", url = "https://x.example/a\nb", text = "a\n\nb" }) }, '<p><a href="https://x.example/ab">a b</a></p>')
end)

test("elements that are not objects do not end a message", function(t)
  t.same(rich_text.to_html { "", 5, section(text "a", "", { type = "text" }, { type = "text", text = 7 }), { type = "rich_text_list" },
    { type = "rich_text_section" }, { type = "rich_text_list", elements = { "" } } }, "<p>a7</p><ul><li></li></ul>")
  t.same(rich_text.to_html(nil), "")
end)

test("a mention in code is text", function(t)
  t.same((losses_of { { type = "rich_text_preformatted", elements = { { type = "user", user_id = "U1" }, text " x" } } }), "<pre>@U1 x</pre>")
end)

test("a list that counts from nonsense counts from one", function(t)
  local ordered = list("ordered", 0, "a")
  for _, offset in ipairs { 1e300, -3, 0 / 0, "x", 2 ^ 31 } do
    ordered.offset = offset
    t.same(rich_text.to_html { ordered }, "<ol><li>a</li></ol>")
  end
  ordered.offset = 1.5
  t.same(rich_text.to_html { ordered }, '<ol start="2"><li>a</li></ol>')
end)

test("a link to a message of the export is a marker, one to elsewhere a link", function(t)
  local link = { type = "link", url = "https://acme.slack.com/archives/C1/p1589553562044500?thread_ts=1589553000.000100&cid=C1", text = "that" }
  local elements = { section(link) }
  local function shown(conversation) return rich_text.to_html(elements, { conversation = conversation, loss = function() end }) end
  t.same(shown { id = "C1" }, '<p><a message="1589553562.044500">that</a></p>')
  t.same(shown { id = "C2", rooms = { C1 = true } }, '<p><a message="1589553562.044500" conversation="C1">that</a></p>')
  t.like(shown { id = "C2", rooms = {} }, '^<p><a href="https://acme.slack.com/archives/C1/p1589553562044500%?thread_ts')
end)

test("what is newer than this converter keeps its words", function(t)
  local raw = '{"type":"message_mention","Raw":"{\\"message_ts\\":\\"1.2\\",\\"text\\":\\"see there\\",\\"url\\":\\"https://x.example\\"}"}'
  local body, losses = losses_of { section({ type = "message_mention", Raw = raw }, text " ", { type = "chip", label = "a<b" }, { type = "ghost" }) }
  t.same(body, '<p><a href="https://x.example">see there</a> a&lt;b</p>')
  t.same(losses, { "markup chip", "markup ghost" })
  body, losses = losses_of { { type = "rich_text_aside", elements = { text "by the way" } } }
  t.same({ body, losses }, { "<p>by the way</p>", { "markup rich_text_aside" } })
end)

test("a channel in code is its name", function(t)
  local ctx = { loss = function() end, conversation = { id = "C2", rooms = { C1 = "general" } } }
  local function channel(id) return { type = "channel", channel_id = id } end
  t.same(rich_text.to_html({ { type = "rich_text_preformatted", elements = { channel "C1", text " ", channel "C9" } } }, ctx), "<pre>#general #C9</pre>")
end)

test("code keeps what stands in it, and the language is a loss", function(t)
  local body, losses = losses_of { { type = "rich_text_preformatted", language = "lua", elements = { text "hi ", { type = "broadcast", range = "here" } } } }
  t.same({ body, losses }, { "<pre>hi @here</pre>", { "markup code in lua" } })
end)
