local blocks = require "stdlib.blocks"

local function converted(list, name)
  local losses = {}
  local ctx = { loss = function(kind, detail) losses[#losses + 1] = kind .. " " .. detail end, person = function(id) return { name = id } end }
  return blocks[name or "to_html"](list, ctx), losses
end

test("controls leave nothing but a loss", function(t)
  local body, losses = converted { { type = "actions", elements = { { type = "button" }, { type = "overflow" } } }, { type = "card" } }
  t.same(body, "")
  t.same(losses, { "card button", "card overflow", "card card" })
end)

test("a picture of the workspace is named, not linked, since its address may hold a token", function(t)
  local body, losses = converted { { type = "image", image_url = "https://files.slack.com/f/T1-F1/x.png?t=xoxe-1", alt_text = "plan" } }
  t.same(body, "<p>[image: plan]</p>")
  t.same(losses, { "image_not_carried plan" })
end)

test("a markdown block and a table render", function(t)
  t.same((converted { { type = "markdown", text = "# T\n- a\n- b" } }), "<h1>T</h1><ul><li>a</li><li>b</li></ul>")
  t.same((converted { { type = "table", rows = { { { type = "raw_text", text = "a\nb" } }, "" } } }), "<table><tr><td>a<br>b</td></tr></table>")
end)

test("an attachment keeps its words in order, and links in plain fields", function(t)
  t.same((converted({ { pretext = "new <https://x.example|PR>", author_name = "Bot", title = "T", title_link = "https://t.example", text = "*b*",
    mrkdwn_in = { "text" }, fields = { { title = "K", value = "a &amp; b" } }, footer = "f" } }, "attachments")),
    '<blockquote>new <a href="https://x.example">PR</a><br><strong>Bot</strong><br><strong><a href="https://t.example">T</a></strong><br>'
    .. "<strong>b</strong><br><strong>K</strong>: a &amp; b<br>f</blockquote>")
end)

test("a shared message quotes its blocks before its text", function(t)
  local shared = { is_share = true, from_url = "https://a.slack.com/x", author_name = "Ann", text = "flat", message_blocks = { { message = { blocks = {
    { type = "rich_text", elements = { { type = "rich_text_section", elements = { { type = "text", text = "rich" } } } } } } } } } }
  t.same((converted({ shared }, "attachments")), "<blockquote><strong>Ann</strong><br>rich</blockquote>")
end)

test("link unfurls are dropped unless they are all there is", function(t)
  local unfurl = { from_url = "https://x.example", title = "X" }
  t.same((converted({ unfurl }, "attachments")), "")
  t.same(blocks.attachments({ unfurl }, nil, { all = true }), "<blockquote><strong>X</strong></blockquote>")
end)

test("blocks and attachments that are not lists are nothing", function(t)
  t.same(blocks.to_html("x"), "")
  t.same(blocks.to_html { "", 1, { type = "section" }, { type = "context" }, { type = "header" } }, "")
  t.same(blocks.attachments { "", {} }, "")
end)

test("a button that opens a page is a link, another is named in its loss", function(t)
  local open = { type = "button", url = "https://x.example/?a=1&amp;b=2", text = { type = "plain_text", text = "Open :eyes:" } }
  local vote = { type = "button", text = { type = "plain_text", text = "Vote" } }
  local link = '<a href="https://x.example/?a=1&amp;b=2">Open 👀</a>'
  local body, losses = converted { { type = "actions", elements = { open, vote, open } } }
  t.same({ body, losses }, { "<p>" .. link .. " " .. link .. "</p>", { "card button: Vote" } })
  body, losses = converted { { type = "section", text = { type = "mrkdwn", text = "see" }, accessory = open } }
  t.same({ body, losses }, { "<p>see</p><p>" .. link .. "</p>", {} })
  body, losses = converted({ { text = "build", actions = { { type = "button", text = "Log", url = "https://l.example" }, { type = "button", text = "Retry" } } } },
    "attachments")
  t.same({ body, losses }, { '<blockquote>build<br><a href="https://l.example">Log</a></blockquote>', { "card button: Retry" } })
end)

test("the options of a poll are a table, a row each", function(t)
  local function option(text) return { type = "section", text = { type = "mrkdwn", text = text }, accessory = { type = "button" } } end
  local body, losses = converted { { type = "section", text = { type = "mrkdwn", text = "*Lunch?*" } }, option ":one: Soup  `2`\n<@U1>, <@U2>", option ":two: Bread\n",
    { type = "divider" }, option "alone" }
  t.same(body, '<p><strong>Lunch?</strong></p><table><tr><td>1️⃣ Soup  <code>2</code></td><td><at person="U1"></at>, <at person="U2"></at></td></tr>'
    .. "<tr><td>2️⃣ Bread</td><td></td></tr></table><hr><p>alone</p>")
  t.same(losses, { "poll 2 options", "card button" })
end)

test("the answers of a workflow's form are a table, and those of other apps paragraphs", function(t)
  local function answer(text) return { type = "section", text = { type = "mrkdwn", text = text } } end
  local list = { answer "*Who?*\nAnn\nBob", answer "*When*\n<!date^1589553562^{date}|15 May>", answer "Thanks" }
  t.same(blocks.to_html(list, nil, { workflow = true }), "<table><tr><td><strong>Who?</strong></td><td>Ann<br>Bob</td></tr>"
    .. "<tr><td><strong>When</strong></td><td>15 May</td></tr></table><p>Thanks</p>")
  t.same(blocks.to_html(list), "<p><strong>Who?</strong><br>Ann<br>Bob</p><p><strong>When</strong><br>15 May</p><p>Thanks</p>")
end)

test("a block of tomorrow keeps its words", function(t)
  local body, losses = converted { { type = "card", title = { type = "mrkdwn", text = "*T*" }, subtitle = "a &lt; b",
    body = { { type = "section", text = { type = "plain_text", text = "deep" } } } } }
  t.same({ body, losses }, { "<p><strong>T</strong></p><p>a &lt; b</p><p>deep</p>", { "card card" } })
end)

test("a call is its title and its address", function(t)
  local call = { type = "call", call = { v1 = { name = "Stand-up", join_url = "https://meet.example/1" } } }
  t.same({ converted { call, { type = "call", call_id = "R1" } } },
    { '<p><a href="https://meet.example/1">Stand-up</a></p>', { "call Stand-up", "call " } })
end)

test("a link in a footer is a link", function(t)
  t.same((converted({ { footer = "by <https://x.example/|X>" } }, "attachments")), '<blockquote>by <a href="https://x.example/">X</a></blockquote>')
end)

test("a preview is dropped with a loss, a quoted message stays and leads to its original", function(t)
  local url = "https://acme.slack.com/archives/C1/p1589553562044500"
  local body, losses = converted({ { from_url = "https://x.example", title = "X" }, { from_url = url, author_name = "Ann", text = "hi" } }, "attachments")
  t.same({ body, losses }, { "<blockquote><strong>Ann</strong><br>hi</blockquote>", { "preview https://x.example" } })
  local ctx = { loss = function() end, conversation = { id = "C2", rooms = { C1 = true, C2 = true } } }
  t.same(blocks.attachments({ { from_url = url, author_name = "Ann", text = "hi", files = { { name = "a.pdf" } } } }, ctx),
    '<blockquote><strong><a message="1589553562.044500" conversation="C1">Ann</a></strong><br>hi<br>[file: a.pdf]</blockquote>')
end)
