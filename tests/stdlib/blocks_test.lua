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
