local card = require "stdlib.card"

test("a card is a quotation of what it says, and buttons are a loss", function(t)
  local losses = {}
  local got = card.to_html({ pretext = "a\nb", title = "T", title_link = "javascript:x", fields = { { title = "K", value = 3 }, "" }, footer = "<f>",
    image_url = "https://i.example/a.png", actions = { { name = "ok" } } }, markdown.to_html, function(kind, detail) losses[#losses + 1] = kind .. " " .. detail end)
  t.same(got, '<blockquote>a<br>b<br><strong>T</strong><br><strong>K</strong>: 3<br><a href="https://i.example/a.png">https://i.example/a.png</a><br>&lt;f&gt;</blockquote>')
  t.same(losses, { "card T" })
  t.same({ card.to_html({}, markdown.to_html), card.to_html({ fallback = "only" }, markdown.to_html) }, { "", "<blockquote>only</blockquote>" })
end)
