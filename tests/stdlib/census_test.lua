local census = require "stdlib.census"

local function counted(message, body)
  local seen = {}
  census.count(seen, message, body or "<p>hi</p>")
  return seen
end

test("each mark in the text is counted, however often a message has it", function(t)
  local seen = counted({}, '<p><at person="U1">Ann</at> and <at person="U2">Bob</at>: <strong>see</strong> '
    .. '<a href="https://a.example/">this</a></p><ul><li>one<ol><li>two</li></ol></li></ul><pre>x</pre>')
  t.same(seen, { mention = { 2, 1 }, bold = { 1, 1 }, link = { 1, 1 }, list = { 2, 1 }, code_block = { 1, 1 } })
end)

test("a link to a conversation or message is no link to the web, and <s> no <strong>", function(t)
  t.same(counted({}, '<p><a conversation="C1">#a</a> <a message="7">b</a> <strong>c</strong></p>'),
    { conversation_link = { 1, 1 }, message_link = { 1, 1 }, bold = { 1, 1 } })
  t.same(counted({}, "<p>a<br>b</p><p>c</p>"), {})
end)

test("two messages add up, and their number stands beside", function(t)
  local seen = {}
  for _ = 1, 2 do census.count(seen, {}, "<p><code>a</code> <code>b</code></p>") end
  t.same(seen, { code = { 4, 2 } })
end)

test("fields of a message are counted: replies, edits, reactions by person, files by kind and size", function(t)
  t.same(counted { id = "2", replyToId = "1", lastEditedDateTime = "2020-01-01T00:00:00.000Z",
    reactions = { { reactionType = "👍", users = { "U1" }, count = 3 }, { reactionType = "🎉", users = { "U1", "U2" } } },
    files = { { name = "a.png", contentType = "image/png", size_bytes = 10 }, { name = "b.pdf", size_bytes = 5 } } },
    { reply = { 1, 1 }, edit = { 1, 1 }, reaction = { 5, 1 }, image = { 1, 1 }, file = { 1, 1 }, file_bytes = { 15, 1 } })
  t.same(counted { id = "1", replyToId = "1", importance = "normal", subject = "" }, {})
end)

test("every construct that is counted has a label", function(t)
  local labels = {}
  for _, construct in ipairs(census.all) do labels[construct.name] = construct.label end
  for name in pairs(counted({ replyToId = "1", subject = "s", importance = "high" }, "<h2>a</h2><table></table><em>b</em>")) do
    t.like(labels[name], "%a")
  end
end)
