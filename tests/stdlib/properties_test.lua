local properties = require "stdlib.properties"

local function message(record, html, created)
  local text = html:gsub("<[^>]*>", " ")
  return { record = record, html = html, text = text, message = { createdDateTime = created } }
end

test("a word that is lost is named, and markup of the source is not taken for words", function(t)
  local function kept(written, html) return { properties.text_kept(message({ text = written }, html)) } end
  t.same(kept("see <https://a.example|the page>, <@U1> :tada: &amp; go", "<p>see the page, Ann &amp; go</p>"), { true })
  t.same(kept("one two", "<p>one</p>"), { false, "'two' of its text is not to be seen" })
  t.same(kept("list:\n1. Apples\n2. Pears", "<p>list:</p><ol><li>Apples</li><li>Pears</li></ol>"), { true })
  t.same(kept("Käse", "<p>Kase</p>")[1], false)
  t.same(properties.text_kept(message({}, "<p>made</p>")), true)
end)

test("the words of a split message are looked for in all of its parts", function(t)
  local split = message({ text = "one two" }, "<p>one</p>")
  split.parts = { { body = "<p>two</p>" } }
  t.same(properties.text_kept(split), true)
end)

test("the time is one of the record's, in whatever unit it has", function(t)
  local at = "2017-08-22T21:05:56.123Z"
  t.same(properties.time_kept(message({ ts = "1503435956.123456", edited = 1503435999 }, "", at)), true)
  t.same(properties.time_kept(message({ create_at = 1503435956123 }, "", at)), true)
  t.same(properties.time_kept(message({ date = "2017-08-22T23:05:56.123+02:00" }, "", at)), true)
  t.same({ properties.time_kept(message({ ts = "1503435956.124" }, "", at)) }, { false, at .. " is no time of the record" })
  t.same(properties.time_kept(message({ Date = "22.10.2018 09:55" }, "", at)), true)
end)

test("what only a program reads is found in the HTML", function(t)
  local function clean(html) return (properties.no_markers(message({}, html))) end
  t.same(clean '<p><at id="0">Ann</at> a &lt; b</p>', true)
  t.same({ properties.no_markers(message({}, "<p>hi &lt;@U123&gt;</p>")) }, { false, "'<@U123>' is left in its HTML" })
  t.same(clean '<p><at person="U1">Ann</at></p>', false)
  t.same(clean "<p>&lt;!here&gt;</p>", false)
end)
