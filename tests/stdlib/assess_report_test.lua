local assess_text = require "stdlib.cli.assess_text"
local report = require "stdlib.cli.assess_report"

local function pace(name, rate, tenant)
  return { name = name, source = "https://" .. name .. ".example", as_of = "2026-08", mark = "documented",
    classes = { import_to_channel = { resource_rate = rate, tenant_rate = tenant },
      read_channel_messages = { resource_rate = rate, tenant_rate = 1 },
      import_to_chat = { resource_rate = 1, tenant_rate = 0 }, read_chat_messages = { resource_rate = 1, tenant_rate = 0 } } }
end

local function conversation(name, messages, more)
  local out = { displayName = name, source_id = "C" .. name, kind = "channel", reason = "", records = messages, skipped = 0, failed = 0,
    losses = {}, messages = messages, replies = 0, threads = 0, body_bytes = messages * 100, largest_body_bytes = 100, pages = 1,
    first = "2020-01-02T00:00:00.000Z", last = "2020-02-03T00:00:00.000Z" }
  for field, value in pairs(more or {}) do out[field] = value end
  return out
end

local function found(changes)
  local all = {
    export = "acme.zip", script = "slack", made = "2026-01-01",
    status = { records = 60, skipped = 5, failed = 0, failures = {}, skipped_by_reason = { event = 4, empty = 1 }, failed_by_reason = {},
      losses = { edit_history = 2, own_kind = 7 } },
    summary = { warnings = {}, limits = {} },
    survey = { months = { ["2020-01"] = 50 }, constructs = { link = { count = 3, messages = 2 }, file_bytes = { count = 9, messages = 1 } },
      conversations = { conversation("small", 10), conversation("large", 40, { losses = { edit_history = 2, own_kind = 7 } }),
        conversation("secret", 0, { kind = "skipped", reason = "private channel", records = 5 }) },
      people = {
        { id = "U1", name = "Ann", mail = "ann@acme.example", kind = "user", decision = "map", messages = 30 },
        { id = "U2", name = "Bob", mail = "", kind = "user", decision = "fallback", messages = 5 },
        { id = "B1", name = "Deploy", mail = "", kind = "bot", decision = "fallback", messages = 15 },
        { id = "U9", name = "U9", mail = "", kind = "user", decision = "fallback", messages = 1 },
        { id = "U3", name = "Silent", mail = "", kind = "user", decision = "fallback", messages = 0 } } },
    paces = { pace("article", 5, 40), pace("table", 1, 8) },
  }
  for field, value in pairs(changes or {}) do all[field] = value end
  return report.of(all)
end

test("conversations stand the largest first, and those that stay behind apart with their reason", function(t)
  local r = found()
  t.same({ r.conversations[1].name, r.conversations[2].name, #r.conversations }, { "large", "small", 2 })
  t.same({ r.conversations_skipped[1].name, r.conversations_skipped[1].reason }, { "secret", "private channel" })
  t.same({ r.messages, r.conversations[1].losses, r.first, r.last },
    { 50, 9, "2020-01-02T00:00:00.000Z", "2020-02-03T00:00:00.000Z" })
end)

test("the time is that of the longest conversation, or of all at what the tenant takes", function(t)
  local r = found()
  t.same({ r.forecast[1].import_seconds, r.forecast[2].import_seconds }, { 8, 40 })
  t.same({ r.conversations[2].forecast.article.import_seconds, r.conversations[2].forecast.table.import_seconds }, { 2, 10 })
  t.same(found { paces = { pace("article", 5, 2) } }.forecast[1].import_seconds, 25)
  t.same(r.forecast[1].verify_seconds, 2) -- two pages, one a second of the tenant
end)

test("a chat has a pace of its own", function(t)
  local survey = { months = {}, constructs = {}, people = {}, conversations = { conversation("Ann, Bob", 70, { kind = "chat" }) } }
  local r = found { survey = survey }
  t.same({ r.forecast[1].import_seconds, r.conversations[1].forecast.article.import_seconds }, { 70, 70 })
end)

test("a pace without a limit takes no time, and divides by nothing", function(t)
  t.same(found { paces = { pace("off", 0, 0) } }.forecast[1].import_seconds, 0)
end)

test("who wrote and cannot be found is named with the reason, those with the most messages first", function(t)
  local unknown = found().people.unknown
  t.same({ unknown[1].name, unknown[1].why }, { "Deploy", "a bot or app" })
  t.same({ unknown[2].name, unknown[2].why }, { "Bob", "without a mail address" })
  t.same({ unknown[3].name, unknown[3].why }, { "U9", "not listed in the export" })
  t.same(#unknown, 3)
end)

test("losses are ranked, and each says what it means", function(t)
  local losses = found().losses
  t.same({ losses[1].kind, losses[1].count, losses[1].meaning }, { "own_kind", 7, "own kind" })
  t.like(losses[2].meaning, "edited")
end)

local function lines_of(r)
  local lines = {}
  local function say(format, ...) lines[#lines + 1] = select("#", ...) == 0 and format:gsub("%%%%", "%%") or format:format(...) end
  assess_text.say({ say = say, problem = say }, r)
  return table.concat(lines, "\n")
end

test("the text says the figures, names each source once, and marks what nobody documents", function(t)
  local text = lines_of(found())
  t.like(text, "50 messages of 60 records, 2020%-01%-02 to 2020%-02%-03; 5 skipped, 0 failed")
  t.like(text, "#large +40 .- 8 s to 40 s")
  t.like(text, "event 4, empty 1")
  t.like(text, "left behind +1 conversation: private channel 1")
  t.like(text, "%[inferred%]")
  local _, named = text:gsub("https://article%.example", "")
  t.same(named, 1)
end)

test("a name with signs of formats and controls is shown and harms nothing", function(t)
  local r = found()
  r.conversations[1].name = "100%s \27[2J größe und noch viel mehr Zeichen"
  t.like(lines_of(r), "#100%%s �%[2J größe und noch")
end)

test("an export without anything is said in as many words", function(t)
  local text = lines_of(found { survey = { months = {}, constructs = {}, conversations = {}, people = {} } })
  t.like(text, "0 messages of 60 records; 5 skipped")
end)
