local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local slack = require "scripts.slack"
local source = require "stdlib.source"

local GENERAL = { id = "C1", name = "general", created = 1433558319, members = {} }
local PEOPLE = { { id = "U1", name = "ann", profile = { display_name = "Ann Lee", email = "ann@orbit.example" } },
  { id = "U2", name = "bob", deleted = true, profile = { real_name = "Bob Ray", display_name = "" } },
  { id = "U3", name = "robo", is_bot = true, profile = {} } }

local function map(message, args)
  message.ts = message.ts or "1589553562.044500"
  return run.map(slack, message, { people = { { id = "U1", name = "Ann Lee" }, { id = "U2", name = "Bob Ray" } }, args = args, conversation = GENERAL })
end

local function body(message, args) return map(message, args).message.body end

local function kinds(result)
  local out = {}
  for i, loss in ipairs(result.losses) do out[i] = loss[1] end
  return out
end

local function plan(files, args)
  source.stop(slack)
  local export = memory_export(files)
  local out = { people = {}, conversations = {}, teams = {}, messages = {}, bodies = {}, skipped = {}, parked = {}, losses = {} }
  local sink = {
    person = function(p) out.people[#out.people + 1] = { p.id, p.name, p.mail, p.kind } end,
    conversation = function(c) out.conversations[#out.conversations + 1] = c.name .. ": " .. (c.skipped or c.error and "failed" or c.membershipType)
      out.teams[#out.teams + 1] = c.team or "-"
    end,
    message = function(m)
      out.messages[#out.messages + 1] = m.conversation .. " " .. m.id
      out.bodies[#out.bodies + 1] = m.body
    end,
    skipped = function(reason) out.skipped[#out.skipped + 1] = reason end,
    parked = function(problem) out.parked[#out.parked + 1] = problem end,
    loss = function(kind, detail) out.losses[#out.losses + 1] = kind .. " " .. detail end,
  }
  local given = { export = "acme.zip" }
  for name, value in pairs(args or {}) do given[name] = value end
  local job = run.start(slack, { export = export, args = given, place_of = export.place_of })
  local fine, problem = pcall(function()
    job:people(sink)
    for n = 1, job:conversations(sink) do job:messages(n, sink) end
  end)
  source.stop(slack)
  if not fine then error(problem, 0) end
  return out
end

test("an export goes through: people, channels, folders that no list names", function(t)
  local out = plan {
    ["users.json"] = PEOPLE, ["channels.json"] = { GENERAL, { id = "C2", name = "empty" } }, ["lists.json"] = { "" },
    ["groups.json"] = { { id = "G1", name = "secret" } }, ["dms.json"] = { { id = "D1", members = { "U1", "U2" } } },
    ["mpims.json"] = { { id = "G2", name = "mpdm-ann--bob--cyd-1" } },
    ["general/2020-05-15.json"] = { { ts = "1589553562.044500", user = "U1", text = "hi" }, "" },
    ["secret/2020-05-15.json"] = { { ts = "1589553562.000100", user = "U1", text = "psst" } },
    ["D1/2020-05-15.json"] = { { ts = "1589553562.000200", user = "U1", text = "you" } },
    ["old-name/2020-05-15.json"] = { { ts = "1589553562.000300", user = "U1", text = "where" } },
    ["C2/2020-05-15.json"] = { { ts = "1589553562.000400", user = "U1", text = "by id" } },
  }
  t.same(out.people, { { "U1", "Ann Lee", "ann@orbit.example", "user" }, { "U2", "Bob Ray", nil, "deleted" }, { "U3", "robo", nil, "bot" } })
  t.same(out.conversations, { "general: standard", "empty: standard", "secret: private channel", "D1: direct message",
    "mpdm-ann--bob--cyd-1: group direct message", "old-name: private channel" })
  t.same(out.messages, { "C1 1589553562.044500", "C2 1589553562.000400" })
  t.same(out.skipped, { "not a record", "conversation: private channel", "conversation: direct message", "conversation: private channel" })
  t.same({ out.losses, out.parked }, { { "conversation_unlisted old-name" }, {} })
end)

test("a channels.json that names no channel is said, and an answer of the web API fails", function(t)
  local files = { ["users.json"] = PEOPLE, ["channels.json"] = { { ok = true, channels = {} } },
    ["general/2020-05-15.json"] = { { ts = "1589553562.044500", user = "U1", text = "hi" } } }
  local out = plan(files)
  t.like(out.parked[1], "this is an answer of Slack's web API")
  t.same(out.conversations[#out.conversations], "general: private channel")
  t.same(plan(files, { private = "standard" }).messages, { "general 1589553562.044500" })
end)

test("private channels become standard ones only when somebody says so", function(t)
  local files = { ["channels.json"] = { GENERAL }, ["groups.json"] = { { id = "G1", name = "secret" } }, ["users.json"] = PEOPLE,
    ["secret/2020-05-15.json"] = { { ts = "1589553562.000100", user = "U1", text = "psst" } } }
  t.same(plan(files).messages, {})
  local out = plan(files, { private = "standard" })
  t.same({ out.messages, out.conversations[2] }, { { "G1 1589553562.000100" }, "secret: standard" })
end)

test("without users.json people come from their messages", function(t)
  local out = plan { ["channels.json"] = { GENERAL }, ["general/2020-05-15.json"] = {
    { ts = "1589553562.000100", user = "U7", text = "a", user_profile = { display_name = "", real_name = "Cyd" } },
    { ts = "1589553562.000200", user = "U7", text = "b", user_profile = { display_name = "Later" } }, "" } }
  t.same({ out.people, out.messages }, { { { "U7", "Cyd", nil, "user" } }, { "C1 1589553562.000100", "C1 1589553562.000200" } })
end)

test("what is not an export says what it is", function(t)
  local function refused(files) return function() plan(files) end end
  t.raises(refused { ["CO1.json.gz"] = "x", ["users.json.gz"] = "x" }, "^acme.zip: this looks like a slackdump archive: chunks .*gunzip.*and give that$")
  t.raises(refused { ["slackdump.sqlite"] = "x" }, "this looks like a slackdump archive")
  t.raises(refused { ["attachments/F1-a.png"] = "x" }, "there are only files of an export here")
  t.raises(refused { ["2020-05-15.json"] = {} }, "this is the folder of one channel")
  t.raises(refused { ["a/x/general/2020-05-15.json"] = {}, ["a/y/channels.json"] = {} }, "several exports lie inside, a/[xy]/ and a/[xy]/: give one of them")
  t.raises(refused { ["inner/acme.zip"] = "x" }, "there is a zip inside, inner/acme.zip: give that")
  t.raises(refused { ["channels.json"] = { ok = true, channels = {} } }, "an answer of Slack's web API")
  t.raises(refused { ["notes.json"] = {} }, "but for example notes.json: this is not a Slack export")
  t.raises(refused {}, "this is not a Slack export")
end)

test("roots, replies and broadcasts: one message each", function(t)
  local ts, root = "1589553562.044500", "1589553000.000100"
  t.same(map({ user = "U1", text = "a", thread_ts = ts, reply_count = 1 }).message.replyToId, nil)
  t.same(map({ user = "U1", text = "a", thread_ts = root }).message.replyToId, root)
  t.same(map({ user = "U1", text = "a", thread_ts = root, subtype = "thread_broadcast", root = { ts = root } }).message.replyToId, root)
  t.same(map({ user = "U1", text = "a", thread_ts = "" }).message.replyToId, nil)
end)

test("events are skipped, but a root with replies stays", function(t)
  local join = { user = "U1", text = "<@U1> has joined the channel", subtype = "channel_join" }
  t.same(map(join).reason, "event")
  t.same(body(join, { events = "keep" }), '<p><em><at person="U1"></at> has joined the channel</em></p>')
  join.reply_count = 2
  t.same(body(join), '<p><em><at person="U1"></at> has joined the channel</em></p>')
  t.same(map({ user = "USLACKBOT", text = "", subtype = "channel_canvas_updated" }).reason, "event")
  t.same(map({ user = "USLACKBOT", text = "This message was deleted.", subtype = "tombstone" }).reason, "deleted")
  local kept = map({ user = "USLACKBOT", text = "This message was deleted.", subtype = "tombstone", replies = { { user = "U1", ts = "1" } } }).message
  t.same({ kept.body, kept.from, kept.person.name }, { "<p><em>This message was deleted.</em></p>", "USLACKBOT", "Slackbot" })
  t.same(map({ subtype = "message_changed", message = {} }).reason, "earlier version")
end)

test("a subtype of tomorrow is kept if somebody said something, and counted", function(t)
  local out = map { user = "U1", text = "hi", subtype = "hologram" }
  t.same({ out.message.body, kinds(out) }, { "<p>hi</p>", { "subtype_unknown" } })
  t.same(map({ user = "U1", text = "", subtype = "hologram" }).reason, "event")
end)

test("bots of both eras show the name they posted under", function(t)
  local function author(message)
    message.text = "x"
    local out = map(message).message
    return { out.from, out.person and out.person.name, out.person and out.person.kind }
  end
  t.same(author { subtype = "bot_message", bot_id = "B1", username = "github" }, { "B1/github", "github", "bot" })
  t.same(author { subtype = "bot_message", username = "cron" }, { "bot/cron", "cron", "bot" })
  t.same(author { subtype = "bot_message", bot_id = "B1" }, { "B1", "B1", "bot" })
  t.same(author { user = "U9", bot_id = "B1", bot_profile = { name = "agent" } }, { "U9/agent", "agent", "bot" })
  t.same(author { user = "U2", bot_id = "B1", bot_profile = { name = "agent" } }, { "U2" })
  t.same(author { user = "U2", bot_id = "B1", username = "Deploys" }, { "U2/Deploys", "Deploys", "bot" })
  t.same(author { user = "U1", bot_id = "" }, { "U1" })
end)

test("an author that users.json lacks comes from the message", function(t)
  local out = map({ user = "W9", text = "x", user_profile = { display_name = "Wil", real_name = "Wil Ent" } }).message
  t.same({ out.from, out.person.name }, { "W9", "Wil" })
  t.same(map({ user = "U00", text = "x" }).message.from, "U00")
  t.like(map({ text = "x" }).error, "from is missing: the record has user = nil")
end)

test("blocks win over text, text over nothing, and unfurls are dropped", function(t)
  local blocks = { { type = "rich_text", elements = { { type = "rich_text_section", elements = { { type = "text", text = "rich" } } } } } }
  t.same(body { user = "U1", text = "flat", blocks = blocks }, "<p>rich</p>")
  t.same(body { user = "U1", text = "flat", blocks = { { type = "call" } } }, "<p>flat</p>")
  t.same(body { user = "U1", text = "<https://x.example>", attachments = { { from_url = "https://x.example", title = "X" } } },
    '<p><a href="https://x.example">https://x.example</a></p>')
  t.same(body { user = "U1", text = "", attachments = { { from_url = "https://x.example", title = "X" } } }, "<blockquote><strong>X</strong></blockquote>")
end)

test("no message has an empty body", function(t)
  t.same(map({ user = "U1", text = "" }).reason, "empty")
  t.same(map({ user = "U1" }).reason, "empty")
  t.same(body { user = "U1", text = "", reply_count = 3 }, "<p><em>[no text]</em></p>")
  t.same(body { user = "U1", text = "", files = { { id = "F1", name = "a.pdf", url_private = "https://files.slack.com/a.pdf?t=xoxe-1" } } }, "<p>[file: a.pdf]</p>")
end)

test("files leave their names, and no address with a token", function(t)
  local out = map { user = "U1", text = "see", files = {
    { id = "F1", name = "a.pdf", mimetype = "application/pdf", url_private = "https://files.slack.com/a?token=xoxe-1" },
    { id = "F2", name = "b.png", mimetype = "image/png", url_private = "https://files.slack.com/b?t=xoxe-1" },
    { id = "F3", mode = "hidden_by_limit" }, { id = "F4", mode = "tombstone" }, "",
    { id = "F5", title = "Plan", is_external = true, url_private = "https://docs.example/plan" } } }
  t.same(out.message.body, "<p>see</p><p>[file: F3, hidden by the plan's limit]</p><p>[file: F4, deleted]</p>"
    .. '<p><a href="https://docs.example/plan">Plan</a></p><p>[file: a.pdf]</p><p>[image: b.png]</p>')
  t.same(kinds(out), { "file_hidden", "file_deleted", "file_external", "file_not_carried", "image_not_carried" })
end)

test("shared files of the old era keep the author's words, not the made-up sentence", function(t)
  local made_up = "<@U1|ann> uploaded a file: <https://a.slack.com/files/F1|a.png> and commented: look"
  local file = { id = "F1", name = "a.png", user = "U1", url_private = "https://files.slack.com/a.png", initial_comment = { comment = "look &amp; see\r\nhere" } }
  t.same(body { user = "U1", subtype = "file_share", upload = true, text = made_up, file = file }, "<p>look &amp; see<br>here</p><p>[file: a.png]</p>")
  t.same(body { user = "U2", subtype = "file_share", upload = false, text = made_up, file = file }, "<p>look</p><p>[file: a.png]</p>")
  local comment = map({ subtype = "file_comment", text = made_up, file = file, comment = { user = "U2", comment = "nice" } }).message
  t.same({ comment.from, comment.body }, { "U2", "<p>nice</p><p>[file: a.png]</p>" })
end)

test("reactions are a line with the people, edits counted and shown on request", function(t)
  local message = { user = "U1", text = "a", edited = { user = "U1", ts = "1589553600.000000" },
    reactions = { { name = "clap::skin-tone-3", users = { "U1" }, count = 1 }, { name = "orbit", count = 2 }, "" } }
  local out = map(message)
  t.same(out.message.body, "<p>a</p><p><em>👏🏼 Ann Lee · :orbit: 2</em></p>")
  t.same(out.losses, { { "edit_history", "2020-05-15T14:40:00.000Z" }, { "reaction_as_text", "👏🏼 1, :orbit: 2" }, { "reaction_users_missing", ":orbit: 2" } })
  out = map(message, { edits = "mark", reactions = "skip" })
  t.same({ out.message.body, out.losses }, { "<p>a</p><p><em>(edited)</em></p>", { { "reaction_not_carried", "👏🏼 1, :orbit: 2" } } })
  t.same(kinds(map { user = "U1", text = "a", edited = { user = "", ts = "" } }), {})
  out = map { user = "U1", text = "a", edited = { ts = "zzz" } }
  t.same({ out.message.body, out.losses }, { "<p>a</p>", { { "edit_history", "zzz" } } })
end)

test("a huddle that was talked about becomes a line", function(t)
  local huddle = { user = "USLACKBOT", text = "", subtype = "huddle_thread",
    room = { date_start = 1589553562, date_end = 1589553962, participant_history = { "U1", "U2" } } }
  t.same(map(huddle).reason, "event")
  huddle.reply_count = 1
  t.same(body(huddle), "<p>Huddle, 7 min, Ann Lee, Bob Ray</p>")
end)

test("slackdump's zero values are as good as absent", function(t)
  local out = map { user = "U1", text = "a", subtype = "", bot_id = "", thread_ts = "", edited = { user = "", ts = "" }, blocks = {}, files = {}, reactions = {},
    attachments = {}, metadata = { event_type = "" }, replace_original = false }
  t.same({ out.message.body, out.losses }, { "<p>a</p>", {} })
end)

test("a message without ts is parked and says so", function(t)
  local function refused(ts) return run.map(slack, { user = "U1", text = "a", ts = ts }).error end
  t.like(refused(nil), '^ts is not text like "1589553562.044500": it is missing %(')
  t.like(refused(1589553562.5), ": it is 1589553562.5 %(")
  t.like(refused "", ": it is empty %(")
  t.like(refused {}, ": it is a table %(")
  t.like(map({ user = "U1", text = "a", ts = "yesterday" }).error, "'yesterday' is not a number")
end)

test("a token of the workspace reaches no body", function(t)
  local url = "https://files.slack.com/a?t=xoxe-1-2"
  local section = { type = "section", text = { type = "mrkdwn", text = "<" .. url .. "|see>" } }
  local link = { type = "rich_text", elements = { { type = "rich_text_section", elements = { { type = "link", url = url } } } } }
  local video = { type = "video", title_url = url, title = { text = "film" } }
  for _, message in ipairs { { text = "<" .. url .. ">" }, { text = "see " .. url }, { blocks = { section } }, { blocks = { link } },
    { blocks = { video } }, { text = "a", attachments = { { title = "b", title_link = url } } },
    { files = { { is_external = true, name = "c", url_private = url .. "&w=1" } } }, { text = "`" .. url .. "`" } } do
    message.user = "U1"
    local seen = body(message)
    t.same({ seen:find("xox", 1, true), seen:find("files.slack.com/a", 1, true) ~= nil }, { nil, true })
  end
  t.same(kinds(map { user = "U1", text = "see " .. url }), { "token_removed" })
  t.same(kinds(map { user = "U1", text = "<" .. url .. "|see>" }), {})
end)

test("lists of rooms and people with entries that are none go on behind them", function(t)
  local out = plan { ["users.json"] = { 5, PEOPLE[1] }, ["channels.json"] = { "x", GENERAL, 5 },
    ["general/2020-05-15.json"] = { { ts = "1589553562.044500", user = "U1", text = "hi" } } }
  t.same({ #out.people, #out.messages, out.conversations }, { 1, 1, { "general: standard" } })
  t.same(out.parked, { "the person is not a table { … }: got a number", "the conversation is not a table { … }: got 'x'",
    "the conversation is not a table { … }: got a number" })
end)

test("a project replaces place and content, and keeps the rest", function(t)
  local acme = slack:extend { name = "acme", args = { export = "x" } }
  function acme:content(message, ctx) return (slack.content(self, message, ctx):gsub("ORB", "<strong>ORB</strong>")) end
  t.same(run.map(acme, { ts = "1589553562.044500", user = "U1", text = "ORB *b*" }).message.body, "<p><strong>ORB</strong> <strong>b</strong></p>")
end)

test("a purpose reads as people saw it", function(t)
  local ctx = { person = function(id) return { name = id == "U1" and "Ann" or id } end }
  local room = { id = "C1", name = "a", list = "channels", purpose = { value = "ask <@U1> &amp; see <#C2|>" }, rooms = { C2 = "dev" } }
  source.stop(slack)
  source.start(slack, { export = "x" })
  t.same(slack:place(room, ctx).description, "ask @Ann & see #dev")
  source.stop(slack)
end)

test("Enterprise Grid: a team a workspace, or one team", function(t)
  local files = { ["org_users.json"] = PEOPLE, ["channels.json"] = { { id = "C0", name = "shared" } },
    ["teams/east/channels.json"] = { { id = "C1", name = "general" } }, ["teams/east/general/2020-05-15.json"] = { { ts = "1589553562.000100", user = "U1", text = "a" } },
    ["teams/west/channels.json"] = { { id = "C2", name = "general" } }, ["teams/west/general/2020-05-15.json"] = { { ts = "1589553562.000100", user = "U1", text = "b" } } }
  local function of(args)
    local out = plan(files, args)
    return { out.conversations, out.teams, out.messages }
  end
  local messages = { "C1 1589553562.000100", "C2 1589553562.000100" }
  t.same(of(), { { "shared: standard", "general: standard", "general: standard" }, { "-", "east", "west" }, messages })
  t.same(of { workspaces = "prefix" }, { { "shared: standard", "east-general: standard", "west-general: standard" }, { "-", "-", "-" }, messages })
  t.same(of { workspaces = "one", prefix = "old-" }, { { "old-shared: standard", "old-general: standard", "old-general: standard" }, { "-", "-", "-" }, messages })
end)

test("archived channels stay behind on request, and a direct message to oneself always", function(t)
  local files = { ["users.json"] = PEOPLE, ["channels.json"] = { { id = "C1", name = "old", is_archived = true }, { id = "C2", name = "new" } },
    ["dms.json"] = { { id = "D1", members = { "U1", "U1" } }, { id = "D2", members = { "U1" } }, { id = "D3", members = { "U1", "U2" } } } }
  t.same(plan(files).conversations, { "old: standard", "new: standard", "D1: direct message to oneself", "D2: direct message to oneself", "D3: direct message" })
  t.same(plan(files, { archived = "skip" }).conversations[1], "old: archived")
end)

test("what lies beside the messages is counted, not lost in silence", function(t)
  local out = plan { ["users.json"] = PEOPLE, ["channels.json"] = { GENERAL }, ["integration_logs.json"] = { { date = "1" }, { date = "2" } }, ["lists.json"] = { "" } }
  t.same(out.losses, { "integration_log 2 in integration_logs.json, not read" })
end)

test("events of a run become one line, and each is counted", function(t)
  local function join(ts, user) return { ts = ts, user = user, text = "<@" .. user .. "> has joined the channel", subtype = "channel_join" } end
  local files = { ["users.json"] = PEOPLE, ["channels.json"] = { GENERAL }, ["general/2020-05-15.json"] = { join("1589553562.000100", "U1"), join("1589553563.000100", "U2"),
    { ts = "1589553564.000100", user = "U1", text = "hi" }, join("1589553565.000100", "U3") } }
  local out = plan(files, { events = "gather" })
  t.same(out.messages, { "C1 1589553562.000100~events", "C1 1589553564.000100", "C1 1589553565.000100~events" })
  t.same(out.bodies[1], "<p><em>Joined: Ann Lee, Bob Ray</em></p>")
  t.same(out.skipped, { "gathered", "gathered", "gathered" })
end)

test("what is pinned is a message at the end of its channel, or a loss", function(t)
  local room = { id = "C1", name = "general", pins = { { id = "1589553562.044500", type = "C", user = "U2", created = 1589553600 } } }
  local files = { ["users.json"] = PEOPLE, ["channels.json"] = { room }, ["general/2020-05-15.json"] = { { ts = "1589553562.044500", user = "U1", text = "read me" } } }
  local out = plan(files)
  t.same(out.messages, { "C1 1589553562.044500", "C1 pins" })
  t.same(out.bodies[2], '<p><strong>Pinned here</strong></p><ul><li><a message="1589553562.044500">read me</a> (pinned by Bob Ray, 2020-05-15)</li></ul>')
  out = plan(files, { pins = "skip" })
  t.same({ out.messages, out.losses }, { { "C1 1589553562.044500" }, { "pin 1589553562.044500" } })
end)

test("people: names, guests, and domains that changed", function(t)
  local files = { ["channels.json"] = {}, ["users.json"] = {
    { id = "U1", name = "a", is_restricted = true, profile = { real_name = "Ann", display_name = "annie", email = "ann@Old.example" } },
    { id = "U2", name = "b", profile = { email = "bob@other.example" } }, { id = "U3", name = "c", is_stranger = true, profile = {} } } }
  t.same(plan(files).people, { { "U1", "annie", "ann@Old.example", "guest" }, { "U2", "b", "bob@other.example", "user" }, { "U3", "c", nil, "guest" } })
  local out = plan(files, { names = "real", domains = "old.example=new.example" }).people
  t.same({ out[1], out[2] }, { { "U1", "Ann", "ann@new.example", "guest" }, { "U2", "b", "bob@other.example", "user" } })
  t.same(plan(files, { domains = "new.example" }).people[2][3], "bob@new.example")
end)

test("a stranger of a shared channel is a guest, and a name of 2015 that is a mention a person", function(t)
  local out = map({ user = "W9", text = "x", user_team = "T2", source_team = "T1", user_profile = { real_name = "Wil" } }).message
  t.same({ out.person.name, out.person.kind }, { "Wil", "guest" })
  t.same(map({ subtype = "file_share", username = "<@U1|ann>", text = "x" }).message.from, "U1")
  t.same(map({ subtype = "bot_message", bot_id = "B1", username = "<@U1|ann>", text = "x" }).message.from, "U1")
end)

test("previews of links are a loss, or quoted on request", function(t)
  local message = { user = "U1", text = "<https://x.example>", attachments = { { from_url = "https://x.example", title = "X" } } }
  t.same(map(message).losses, { { "preview", "https://x.example" } })
  t.same(body(message, { unfurls = "quote" }), '<p><a href="https://x.example">https://x.example</a></p><blockquote><strong>X</strong></blockquote>')
end)

test("a late reply shown in the channel is one reply, and its second showing a loss", function(t)
  t.same(kinds(map { user = "U1", text = "a", thread_ts = "1589553000.000100", subtype = "thread_broadcast" }), { "broadcast" })
end)

test("a text that a key was revoked for is left behind with its reason", function(t)
  t.same(map({ user = "U1", text = "", subtype = "ekm_access_denied" }).reason, "text not available")
end)

test("a link to a message of another channel of the export is a marker", function(t)
  local out = plan { ["users.json"] = PEOPLE, ["channels.json"] = { GENERAL, { id = "C2", name = "two" } }, ["general/2020-05-15.json"] = {
    { ts = "1589553562.044500", user = "U1", text = "<https://acme.slack.com/archives/C2/p1589553562044600> <https://acme.slack.com/archives/C9/p1589553562044600>" } } }
  t.same(out.bodies[1], '<p><a message="1589553562.044600" conversation="C2">https://acme.slack.com/archives/C2/p1589553562044600</a> '
    .. '<a href="https://acme.slack.com/archives/C9/p1589553562044600">https://acme.slack.com/archives/C9/p1589553562044600</a></p>')
end)

test("the answers of a workflow's form are a table", function(t)
  local blocks = { { type = "section", text = { type = "mrkdwn", text = "*Who?*\nAnn" } } }
  t.same(body { user = "U3", bot_id = "B1", bot_profile = { name = "Desk", is_workflow_bot = true }, text = "x", blocks = blocks },
    "<table><tr><td><strong>Who?</strong></td><td>Ann</td></tr></table>")
end)

test("an emoji of the workspace that a table names is that in reactions, too", function(t)
  local own = { orbit = "🪐" }
  local acme = slack:extend { name = "acme", args = { export = "x" } }
  function acme:reactions(message) return slack.reactions({ args = { emoji = own } }, message) end
  local out = run.map(acme, { ts = "1589553562.044500", user = "U1", text = "a", reactions = { { name = "orbit", users = { "U1" }, count = 1 } } })
  t.same(out.message.body, "<p>a</p><p><em>🪐 U1</em></p>")
end)
