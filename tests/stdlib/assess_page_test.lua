local page = require "stdlib.cli.assess_page"

local function found(changes)
  local out = {
    export = "acme.zip", script = "slack", made = "2026-01-01", records = 3, messages = 2, file_bytes = 0, months = { ["2020-01"] = 2 },
    first = "2020-01-02T00:00:00.000Z", last = "2020-01-03T00:00:00.000Z", losses = {}, constructs = {}, limits = {}, fates = {}, changes = 0, members_missing = 0,
    skipped_by_reason = {}, failed_by_reason = {}, conversations_skipped = {}, charges = {}, meanwhile = {},
    people = { all = 1, with_mail = 0, writing = 1, unknown = {} },
    forecast = { { pace = "article", import_seconds = 1, verify_seconds = 1, messages_per_second = 5, mark = "documented" } },
    conversations = { { name = "general", kind = "channel", messages = 2, replies = 0, first = "2020-01-02T00:00:00.000Z",
      last = "2020-01-03T00:00:00.000Z", body_bytes = 10, losses = 0, forecast = { article = { import_seconds = 1, verify_seconds = 1 } } } },
  }
  for field, value in pairs(changes or {}) do out[field] = value end
  return page.of(out)
end

test("names and reasons of an export are text on the page, never markup", function(t)
  local evil = '<script>alert(1)</script>"><img src=x onerror=y>'
  local text = found { export = evil, constructs = {}, losses = { { kind = evil, count = 1, meaning = evil } },
    skipped_by_reason = { { reason = evil, count = 1 } }, conversations_skipped = { { name = evil, reason = evil, records = 1 } },
    people = { all = 1, with_mail = 0, writing = 1, unknown = { { name = evil, messages = 1, why = evil } } },
    charges = { { text = evil, source = 'https://a.example/"' .. evil, as_of = evil, mark = evil } }, limits = { evil } }
  t.same({ text:find("<script", 1, true), text:find("<img", 1, true), text:find('/""', 1, true) }, {})
  t.like(text, "&lt;script&gt;alert")
end)

test("nothing is loaded from anywhere, and the page forbids it too", function(t)
  local text = found()
  t.like(text, "default%-src 'none'")
  t.same({ text:find "src=", text:find "<link", text:find "url%(", text:find "@import" }, {})
end)

test("months without a message have a place, and many months are drawn by year", function(t)
  local _, bars = found { months = { ["2020-01"] = 1, ["2020-12"] = 3 } }:gsub("<title>%d%d%d%d%-%d%d: ", "")
  t.same(bars, 12)
  local text = found { months = { ["2000-05"] = 1, ["2000-06"] = 2, ["2020-12"] = 3 } }
  t.like(text, "<title>2000: 3</title>")
  t.like(text, "Messages by year")
end)

test("an export without messages has a page without a chart of them", function(t)
  local text = found { months = {}, conversations = {}, messages = 0 }
  t.like(text, "What would move")
  t.same(text:find("Messages by", 1, true), nil)
end)

test("a long list of unknown authors is cut, and says so", function(t)
  local unknown = {}
  for i = 1, 45 do unknown[i] = { name = "p" .. i, messages = 1, why = "a bot or app" } end
  t.like(found { people = { all = 45, with_mail = 0, writing = 45, unknown = unknown } }, "and 5 more")
end)
