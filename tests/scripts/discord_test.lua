local discord = require "scripts.discord"
local markers = require "tests.support.markers"
local plan_of = require "tests.support.plan_of"
local run = require "stdlib.run"
local sample = require "tests.support.sample"
local source = require "stdlib.source"

local CRANES = "Harbour Works - Work - cranes [301]"

local function files(t)
  return sample(t, "discord", { CRANES .. ".json", CRANES .. " [part 2].json", "Harbour Works - cranes - July [1002].json",
    "Harbour Works - cranes - Pay [1003].json", "Direct Messages - Ben [401].json" }, { CRANES .. ".json_Files/plan-1A.txt" })
end

local function map(message, args)
  message.id, message.timestamp, message.type = message.id or "1", message.timestamp or "2021-04-21T09:00:00+02:00", message.type or "Default"
  message.author = message.author or { id = "11", name = "ada" }
  return run.map(discord, message, { args = args, conversation = { guild = {}, channel = { id = "301", type = "GuildTextChat", name = "c" }, rooms = {} } })
end

test("the sample goes through: parts of a channel, threads, replies as quotes, and what stays behind", function(t)
  local out = plan_of(discord, files(t))
  t.same(out.conversations, { "401: direct message", "cranes: standard", "cranes - July: standard", "cranes - Pay: private channel" })
  t.same(out.messages, { "301 1005 11", "301 1006 456", "301 1005 11", "301 1002 11", "301 1003 12", "301 1004 77/Tides", "1002 1101 12" })
  t.same(out.skipped, { "conversation: direct message", "event", "conversation: private channel" })
  t.same(out.parked, {})
  t.same(out.list[4].body, '<p><u>The plan</u>: <at person="12">Ben (crane 1)</at> takes <strong>crane 1</strong></p><blockquote><em>twice</em></blockquote>'
    .. "<p><em>👍 Ben (crane 1) and 1 more · :harbour: 1</em></p>")
  t.like(out.list[5].body, "^<blockquote><strong>Ada Park</strong><br>.*</blockquote><p>fine</p>$")
  t.same(out.list[6].body, '<blockquote><strong><a href="https://tides.example/7">High water</a></strong><br><strong>4.2 m</strong><br><strong>At</strong>: 07:40</blockquote>')
  t.same(out.list[1].body, '<p>see <a href="https://tides.example/7">https://tides.example/7</a></p><p>[Ahoy]</p><p>[file: plan.txt]</p><p>[image: crane.png]</p>')
  t.same(out.list[2].body, "<blockquote><strong>Forwarded</strong><br>from afar</blockquote>")
  local seen = {}
  for _, loss in ipairs(out.losses) do seen[loss:match "^%S+"] = (seen[loss:match "^%S+"] or 0) + 1 end
  t.same(seen, { preview = 2, sticker = 2, file_not_carried = 2, file_missing = 2, pin = 1, edit_history = 1, reaction_as_text = 1,
    reaction_users_missing = 2, thread_flattened = 1 })
end)

test("every message of the sample is sent, skipped or failed", function(t)
  local out = plan_of(discord, files(t))
  t.same(#out.messages + #out.skipped + #out.parked, 10)
end)

test("threads of the channel and replies are threads when somebody says so", function(t)
  local out = plan_of(discord, files(t), { replies = "thread", threads = "thread" })
  t.same(out.conversations, { "401: direct message", "cranes: standard" })
  t.same({ out.messages[5], out.messages[7] }, { "301 1003 12 > 1002", "301 1101 12 > 1002" })
  t.same(plan_of(discord, files(t), { categories = "prefix" }).conversations[2], "Work - cranes: standard")
end)

test("events and kinds of tomorrow are skipped, and a deleted author is one", function(t)
  t.same({ map({ type = "Call", content = "x" }).reason, map({ type = "46", content = "x" }).reason }, { "event", "event" })
  t.same(map({ content = "x", author = { id = "9", name = "Deleted User" } }).message.person.kind, "deleted")
  t.same(map({ content = "" }).reason, "empty")
  t.like(map({ content = "x", timestamp = "Invalid date" }).error, "is not an ISO 8601 time")
  t.like(map({ content = "x", author = "?" }).error, "^from is missing")
end)

test("a file that is none of the exporter's is a loss, a broken one fails, and no export at all says so", function(t)
  local all = files(t)
  all["notes.json"] = { a = 1 }
  all["broken.json"] = "{"
  local out = plan_of(discord, all)
  t.same({ out.losses[1], #out.parked }, { "file_not_read notes.json", 1 })
  t.like(out.conversations[5], "^broken.json: broken.json is not JSON")
  t.raises(function() plan_of(discord, { ["notes.json"] = { a = 1 } }) end, "no file here is a channel that DiscordChatExporter wrote")
end)

test("each case of discord_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/discord_cases.json")))
  local world = cases.context
  source.start(discord, { export = "x" })
  -- An export names no roles but those of the people in a message.
  local author = { id = "1", roles = { { id = "333333333333333333", name = world.roles["333333333333333333"] } } }
  local ctx = { loss = function() end, conversation = { rooms = world.channels } }
  local wrong = {}
  for _, case in ipairs(cases.cases) do
    local message = case.kind == "markdown" and { content = case.input } or case.input
    message.author = author
    local got = markers(discord:to_html(message.content, message, ctx), world.users)
    if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
  end
  source.stop(discord)
  t.same({ #cases.cases, table.concat(wrong, "\n") }, { 59, "" })
end)

test("a page of HTML is read as far as it goes", function(t)
  local page = assert(t.read "examples/sources/discord_html/cranes_301.html")
  local out = plan_of(discord, { ["cranes_301.html"] = page, ["cranes_files/plan-1.txt"] = "words", ["about.html"] = "<p>no chat</p>" })
  t.same(out.conversations, { "cranes: standard" })
  t.same(out.messages, { "301 833990000000000000 11", "301 833990000004194304 11", "301 833990000008388608 12" })
  t.same({ out.skipped, out.parked }, { { "event" }, {} })
  local first = out.list[1]
  t.same({ first.createdDateTime, out.list[2].createdDateTime }, { "2021-04-20T08:58:30.784Z", "2021-04-20T08:58:30.785Z" })
  t.same(first.person.name, "Ada <Park>")
  t.like(first.body, '^<p>The <strong>plan</strong>: <a href="https://x.example/%?a=1&amp;b=2">x</a><br>🚧 <at person="12">Ben</at></p>'
    .. "<pre>a &lt; b</pre><p><br>no ?</p>")
  t.same({ out.list[2].body, out.list[3].person.kind }, { "<p>again</p>", "bot" })
  t.like(out.list[3].body, "<blockquote>so</blockquote><p>yes</p>$")
  t.like(table.concat(out.losses, ", "), "edit_history")
  t.same(discord:files({ attachments = { { url = "cranes_files/plan-1.txt", fileName = "plan.txt" } } },
    { conversation = { file = "cranes_301.html" }, export = { has = function() return true end } })[1].path, "cranes_files/plan-1.txt")
end)

test("tables are read as far as they go: parts in a folder are one channel, names with an id are taken apart", function(t)
  local ada = { AuthorID = "11", Author = "ada#0007" }
  local function row(date, words, more)
    local out = { Date = date, Content = words, Attachments = "", Reactions = "", AuthorID = ada.AuthorID, Author = ada.Author }
    for field, value in pairs(more or {}) do out[field] = value end
    return out
  end
  local all = {
    ["news/2.csv"] = { row("05-Jun-19 07:29 AM", "late", { Reactions = "👌 (8),👏 (5)" }) }, ["news/1.csv"] = { row("05-Jun-19 07:28 PM", "**x**") },
    ["Works - Yard - cranes [301] [part 1].csv"] = { row("2021-04-20T08:58:30.7840000+00:00", "",
      { Attachments = "https://x.example/a.png,https://x.example/b.txt" }), row("yesterday", "when") },
    ["prices.csv"] = { { a = "b" } },
  }
  local out = plan_of(discord, all)
  t.same(out.conversations, { "cranes: standard", "news: standard" })
  t.same(out.messages, { "301 - 11", "news - 11", "news - 11" })
  t.same({ out.list[1].body, out.list[1].createdDateTime, out.list[1].person.name },
    { "<p>[image: a.png]</p><p>[file: b.txt]</p>", "2021-04-20T08:58:30.784Z", "ada" })
  t.same({ out.list[2].body, out.list[2].createdDateTime, out.list[3].createdDateTime },
    { "<p><strong>x</strong></p>", "2019-06-05T19:28:00.000Z", "2019-06-05T07:29:00.000Z" })
  t.like(out.list[3].body, "👌 8")
  t.same(#out.parked, 1)
  t.like(table.concat(out.losses, ", "), "time_zone_unknown 05%-Jun%-19 07:28 PM")
  t.like(table.concat(out.losses, ", "), "file_not_read prices.csv")
  t.same(plan_of(discord, all, { zone = "+02:00" }).list[2].createdDateTime, "2019-06-05T17:28:00.000Z")
end)
