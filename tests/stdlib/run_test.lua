local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local source = require "stdlib.source"

local AT = "2019-02-04T19:58:15.511Z"

-- A script with one room and the messages given, each mapped by `message`.
local function script_of(message, messages)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit) emit { id = "C1", name = "general" } end
  function script:messages(_, _, emit)
    local i = 0
    emit(function()
      i = i + 1
      return messages[i]
    end)
  end
  script.message = message
  return script
end

local function plan(script, args, files)
  local export = memory_export(files or {})
  local out = { people = {}, conversations = {}, messages = {}, skipped = {}, parked = {}, losses = {} }
  local sink = {
    person = function(person) out.people[#out.people + 1] = person end,
    conversation = function(c) out.conversations[#out.conversations + 1] = { id = c.id, name = c.name, skipped = c.skipped, kind = c.membershipType } end,
    skipped = function(reason) out.skipped[#out.skipped + 1] = reason end,
    parked = function(problem, file, index) out.parked[#out.parked + 1] = problem .. (file and " | " .. file .. " " .. tostring(index) or "") end,
    loss = function(kind) out.losses[#out.losses + 1] = kind end,
  }
  function sink.message(m)
    local copy = {}
    for name, value in pairs(m) do copy[name] = value end
    out.messages[#out.messages + 1] = copy
  end
  local given = { export = "x" }
  for name, value in pairs(args or {}) do given[name] = value end
  local job = run.start(script, { export = export, args = given, place_of = export.place_of })
  out.job = job
  job:people(sink)
  local count = job:conversations(sink)
  if job.reads_all then job:all_messages(sink) else for n = 1, count do job:messages(n, sink) end end
  return out
end

local function one(result, reason)
  local out = plan(script_of(function(_, _) return result, reason end, { { user = "U1" } }))
  return out.messages[1], out.parked[1], out.skipped[1]
end

-- A result that is fine but for what `changes` says.
local function with(changes)
  local result = { id = "1", createdDateTime = AT, from = "U1", body = { content = "hi" } }
  for name, value in pairs(changes) do
    if value == "nil" then result[name] = nil else result[name] = value end
  end
  return result
end

test("a message comes out flat, with HTML and the room's id", function(t)
  local message = one(with {})
  t.same({ message.id, message.createdDateTime, message.from, message.body, message.conversation, message.person },
    { "1", AT, "U1", "<p>hi</p>", "C1", nil })
end)

test("each kind of body becomes HTML", function(t)
  t.same(one(with { body = { contentType = "mrkdwn", content = "*b*" } }).body, "<p><strong>b</strong></p>")
  t.same(one(with { body = { contentType = "markdown", content = "**b**" } }).body, "<p><strong>b</strong></p>")
  t.same(one(with { body = { contentType = "html", content = "<p>b</p>" } }).body, "<p>b</p>")
end)

test("each mistake in a result has its sentence, with the line of the step", function(t)
  local function sentence(changes)
    local _, problem = one(with(changes))
    return problem
  end
  t.like(sentence { creatdDateTime = AT }, "^unknown field 'creatdDateTime'; did you mean createdDateTime%? %(tests/stdlib/run_test.lua:%d+%)$")
  t.like(sentence { time = AT }, "^unknown field 'time'; a message's time is createdDateTime %(")
  t.like(sentence { from = "nil" }, '^from is missing: the record has user = "U1". Give a person id or { id = …, name = … } %(')
  t.like(sentence { createdDateTime = "2019-01-01T00:00:00Z" }, "^createdDateTime is not a time: got '2019%-01%-01T00:00:00Z'. Use time.parse or time.unix %(")
  t.like(sentence { createdDateTime = "nil" }, "^createdDateTime is missing %(")
  t.like(sentence { body = "hi" }, "^body is not a table: got 'hi'. Write body = { contentType = \"html\", content = … }")
  t.like(sentence { body = { text = "hi" } }, "^body has an unknown field 'text'")
  t.like(sentence { body = { contentType = "htm", content = "x" } }, "^body.contentType is not one of text, html, markdown, mrkdwn: got 'htm'")
  t.like(sentence { from = { name = "x" } }, "^from.id is missing")
  t.like(sentence { from = { id = "B1", kind = "robot" } }, "^from.kind is not one of user, bot, guest, deleted: got 'robot'")
  t.like(sentence { mentions = {} }, "mentions is not carried yet; html.mention")
  t.like(sentence { conversation = "ann,bob" }, "^conversation is not among those that conversations emitted: 'ann,bob'. Emit it there, or give a record")
  t.like(sentence { importance = "huge" }, "^importance is not one of normal, high, urgent: got 'huge'")
  t.like(sentence { files = { { nam = "x" } } }, "^files%[1%] has an unknown field 'nam'; did you mean name%?")
end)

test("nothing, and anything but a table, is refused", function(t)
  local _, nothing = one(nil)
  t.like(nothing, "acme.message returned nothing; return the message, or nil and the reason %(tests/stdlib/run_test.lua:%d+%)$")
  local _, text = one "hi"
  t.like(text, "acme.message returned a string; return a table, or nil and the reason %(")
  local _, _, reason = one(nil, "event")
  t.same(reason, "event")
end)

test("an error parks its record and the neighbours go on", function(t)
  local script = script_of(function(_, message) return with { id = message.id, from = message.profile.id } end,
    { { id = "1", profile = { id = "U1" } }, { id = "2" }, { id = "3", profile = { id = "U1" } } })
  local out = plan(script)
  t.same({ #out.messages, #out.parked }, { 2, 1 })
  t.like(out.parked[1], "attempt to index field 'profile'")
end)

test("a record that is not a table is skipped, and each has its place", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  local places = {}
  function script:message(message, ctx)
    places[#places + 1] = ctx.source_of_record
    if message.bad then error "broken" end
    return with { id = message.id, conversation = "C1" }
  end
  local out = plan(script, nil, { ["a.json"] = { { id = "1" }, "", { bad = true } } })
  t.same(out.skipped, { "not a record" })
  t.same(places, { "a.json record 1", "a.json record 3" })
  t.like(out.parked[1], "^broken %(tests/stdlib/run_test.lua:%d+%) | a.json 3$")
  t.same({ out.messages[1].file, out.messages[1].index }, { "a.json", 1 })
end)

test("without people and conversations, messages bring them about", function(t)
  local helpdesk = source.new { name = "helpdesk", summary = "s", api = 1 }
  function helpdesk:message(row)
    return { conversation = row.Room, createdDateTime = AT, from = row.Mail, body = { content = row.Text } }
  end
  local out = plan(helpdesk, nil, { ["log.json"] = { { Room = "Printers", Mail = "ann@orbit.example", Text = "x" },
    { Room = "Printers", Mail = "bob@orbit.example", Text = "y" } } })
  t.same(out.conversations, { { id = "Printers", name = "Printers", kind = "standard" } })
  t.same({ out.messages[2].conversation, out.messages[2].from }, { "Printers", "bob@orbit.example" })
end)

test("an author may be a record, and is handed over", function(t)
  local message = one(with { from = { id = "B1/GitHub", name = "GitHub", kind = "bot" } })
  t.same({ message.from, message.person }, { "B1/GitHub", { id = "B1/GitHub", name = "GitHub", kind = "bot" } })
end)

test("what is not carried yet is a loss, and its name stays in the text", function(t)
  local message = one(with {
    files = { { id = "F1", name = "a<b.pdf", url = "https://x.example" }, { id = "F2", name = "p.png", contentType = "image/png", path = "p" }, { id = "F3" } },
    reactions = { { reactionType = "👍", users = { "U1", "U2" } }, { reactionType = ":x:", count = 3 } }, lastEditedDateTime = AT,
    body = { contentType = "html", content = "<p>see " .. require("stdlib.html").file "F2" .. "</p>" } })
  t.same(message.body, "<p>see [image: p.png]</p><p>[file: a&lt;b.pdf]</p><p>[file: F3]</p><p><em>👍 U1, U2 · :x: 3</em></p>")
  t.same(message.losses, { { "file_not_carried", "a<b.pdf" }, { "image_not_carried", "p.png" }, { "file_missing", "F3" },
    { "edit_history", AT }, { "reaction_as_text", "👍 2, :x: 3" }, { "reaction_users_missing", ":x: 3" } })
end)

test("that a message was edited is a loss, or shown and then none", function(t)
  local edited = with { lastEditedDateTime = AT }
  local function of(edits) return plan(script_of(function() return edited end, { {} }), { edits = edits }).messages[1] end
  t.same({ of("ignore").body, of("ignore").losses }, { "<p>hi</p>", { { "edit_history", AT } } })
  t.same({ of("mark").body, of("mark").losses }, { "<p>hi</p><p><em>(edited)</em></p>" })
end)

test("a body that shows nothing is skipped as empty", function(t)
  for _, content in ipairs { "", " ", "\n" } do
    local _, _, reason = one(with { body = { content = content } })
    t.same(reason, "empty")
  end
  local message = one(with { body = "nil", files = { { id = "F1", name = "f", url = "u" } } })
  t.same(message.body, "<p>[file: f]</p>")
end)

test("since and until choose by time", function(t)
  local function of(args) return plan(script_of(function() return with {} end, { {} }), args).skipped[1] end
  t.same(of { since = "2019-02-05" }, "before since")
  t.same(of { ["until"] = "2019-02-04" }, "after until")
  t.same(of { since = "2019-02-04", ["until"] = "2019-02-05" }, nil)
end)

test("private and direct conversations stay behind, with their messages counted", function(t)
  local function of(place, args)
    local script = script_of(function() return with {} end, { {}, "" })
    function script:place() return place end
    local out = plan(script, args)
    return { out.conversations[1].skipped or out.conversations[1].kind or "chat", #out.messages, unpack(out.skipped) }
  end
  t.same(of { id = "C1", membershipType = "private" }, { "private channel", 0, "conversation: private channel", "not a record" })
  t.same(of({ id = "C1", membershipType = "private" }, { private = "standard" }), { "standard", 1, "not a record" })
  t.same(of({ id = "C1", membershipType = "private" }, { private = "private" }), { "private", 1, "not a record" })
  t.same(of({ id = "C1", membershipType = "private" }, { private = "group" }), { "chat", 1, "not a record" })
  local pair = { id = "D1", chatType = "oneOnOne", members = { "U1", "U2" } }
  t.same(of(pair, { direct = "group" }), { "chat", 1, "not a record" })
  t.same(of(pair, { direct = "chat" }), { "chat", 1, "not a record" })
  t.same(of(pair, { direct = "channel" }), { "private channel", 0, "conversation: private channel", "not a record" })
  t.same(of(pair, { direct = "channel", private = "standard" }), { "standard", 1, "not a record" })
  t.same(of({ id = "G1", chatType = "group" }), { "group direct message", 0, "conversation: group direct message", "not a record" })
  t.same(of { id = "D1", chatType = "oneOnOne" }, { "direct message", 0, "conversation: direct message", "not a record" })
  local function first(name, args) return of({ id = "C1", displayName = name }, args)[1] end
  t.same(of({ id = "C1", displayName = "plans" }, { only = "dev*" }), { "not chosen", 0, "conversation: not chosen" , "not a record" })
  t.same(first("General", { only = "dev*,#gen*" }), "standard")
  t.same(first("general", { only = "#GEN*" }), "standard")
  t.same(first("plans", { only = "c1" }), "standard")
  t.same(first("general", { except = "G?neral" }), "excluded")
  t.same({ first("ÄRZTE", { only = "?rzte" }), first("Ärzte Ωμέγα Юг Ёж", { only = "ärzte ωμέγα юг ёж" }) }, { "standard", "standard" })
  t.same({ first("a-b", { only = "a.b" }), first("general", { except = "gen" }) }, { "not chosen", "standard" })
end)

test("what is designed and not carried is refused by name", function(t)
  t.raises(function() plan(script_of(function() end, {}), { files = "upload" }) end, "args.files: 'upload' is not carried yet; use skip")
end)

test("two rooms of one id are parts of one conversation", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit) emit { id = "C1", part = 1 } emit { id = "C1", part = 2 } end
  function script:messages(room, _, emit) emit { id = tostring(room.part) } end
  function script:message(message, ctx) return with { id = message.id, subject = tostring(ctx.conversation.part) .. ctx.target.id } end
  local out = plan(script)
  t.same(#out.conversations, 1)
  t.same({ out.messages[1].subject, out.messages[2].id, out.messages[2].subject }, { "1C1", "2", "2C1" })
end)

test("what each part of a conversation lost is told, once and under the same n", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit)
    for part = 1, 4 do emit { id = "C1", part = part } end
  end
  function script:place(room, ctx)
    if room.part == 1 then ctx.loss("topic") end
    if room.part > 2 then ctx.loss("poll", "pinned") end
    return { id = room.id, membershipType = "private", displayName = "plans" }
  end
  function script:message(_, _) end
  function script:messages(_, _, _) end
  local told = {}
  local job = run.start(script, { export = memory_export {}, args = { export = "x", private = "standard" } })
  job:conversations { conversation = function(c)
    for _, loss in ipairs(c.losses) do told[#told + 1] = c.n .. " " .. loss[1] .. " " .. loss[2] end
  end }
  t.same(told, { "1 topic ", "1 private_made_standard plans", "1 poll pinned" })
end)

test("whoever person leaves out takes their messages along", function(t)
  local script = script_of(function() return with {} end, { {} })
  function script:people(_, emit) emit { id = "U1", name = "Ann" } emit { id = "U2", name = "" } end
  function script:person(user) if user.id == "U1" then return nil, "left long ago" end return user end
  local out = plan(script)
  t.same({ out.skipped, out.people[1].name }, { { "left long ago", "author: left long ago" }, "U2" })
end)

test("ctx.person knows people, and a stranger by the id", function(t)
  local seen
  local script = script_of(function(_, _, ctx) seen = { ctx.person "U1", ctx.person "U9" } return with {} end, { {} })
  function script:people(_, emit) emit { id = "U1", name = "Ann", mail = "ann@orbit.example" } end
  plan(script)
  t.same(seen, { { id = "U1", name = "Ann", mail = "ann@orbit.example", kind = "user", known = true }, { id = "U9", name = "U9", kind = "user", known = false } })
end)

test("the same error from the first record on stops the plan", function(t)
  local records = {}
  for i = 1, 30 do records[i] = { id = i } end
  t.raises(function() plan(script_of(function(_, message) error("no field 'x" .. message.id .. "'") end, records)) end,
    "the first 20 messages failed alike, so it is the script and not the data: .*no field 'x20'")
  local out = plan(script_of(function(_, message) if message.id == 1 then return with {} end error "same" end, records))
  t.same(#out.parked, 29)
end)

test("a step may not write to ctx, and loss is called with a dot", function(t)
  local function parked(fn) return plan(script_of(function(_, _, ctx) fn(ctx) return with {} end, { {} })).parked[1] end
  t.like(parked(function(ctx) ctx.count = 1 end), "ctx.count is written in a step; a step may not write to ctx")
  t.like(parked(function(ctx) ctx:loss "poll" end), 'ctx.loss takes a dot: ctx.loss%("poll", detail%)')
  t.like(parked(function(ctx) ctx.loss("A poll") end), "ctx.loss: 'A poll' is not a kind")
end)

test("emit takes records and iterators, and says so", function(t)
  local script = script_of(function() return with {} end, {})
  function script:messages(_, _, emit) emit "a.json" end
  t.like(plan(script).parked[1], "^emit takes a record %(a table%) or an iterator, not a string %(tests/stdlib/run_test.lua:%d+%) | #general")
end)

test("a reading step that fails parks its conversation and the next goes on", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit) emit { id = "C1", name = "a" } emit { id = "C2", name = "b" } end
  function script:messages(room, _, emit) if room.id == "C1" then error "torn" end emit { id = "1" } end
  function script:message() return with {} end
  local out = plan(script)
  t.like(out.parked[1], "^torn %(.* | #a")
  t.same(out.messages[1].conversation, "C2")
end)

test("a room that cannot be mapped keeps its records: each is counted with what failed", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit) emit { id = "C1", name = "a" } emit { id = "C2", name = "b" } emit { id = "C3" } emit { id = "C4" } end
  function script:place(room)
    if room.id == "C1" then error "no form" end
    if room.id == "C3" then return nil end
    if room.id == "C4" then return { id = 4 } end
    return { id = room.id }
  end
  function script:messages(_, _, emit) emit { id = "1" } emit { id = "2" } end
  function script:message() return with {} end
  local out = plan(script)
  t.same({ #out.conversations, #out.messages, #out.parked }, { 4, 2, 6 })
  t.like(out.parked[1], "^conversation: no form %(tests/stdlib/run_test.lua:%d+%)$")
  t.like(out.parked[3], "^conversation: acme.place returned nothing; return the place, or nil and the reason %(")
  t.like(out.parked[5], "^conversation: id is a number and not text: 4. Write tostring")
end)

test("a room that cannot be mapped and has no records is counted itself", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(ctx, emit) emit(ctx.export:records "rooms.json") end
  function script:place() error "no form" end
  function script:messages(room, _, emit) if room.id == "C1" then error "torn" end emit(function() end) end
  function script:message() end
  local out = plan(script, nil, { ["rooms.json"] = { { id = "C1" }, { id = "C2" } } })
  t.same(#out.parked, 2)
  t.like(out.parked[1], "^conversation: no form %(.* | rooms.json 1$")
  t.like(out.parked[2], "^conversation: no form %(.* | rooms.json 2$")
end)

test("entries that are no tables are parked where they stand, and the rest goes on", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:people(ctx, emit) emit(ctx.export:records "users.json") end
  function script:conversations(ctx, emit)
    for room, file, index in ctx.export:records "rooms.json" do emit(room, nil, file, index) end
  end
  function script:messages(_, _, _) end
  function script:message() end
  local out = plan(script, nil, { ["users.json"] = { 5, { id = "U1", name = "Ann" } }, ["rooms.json"] = { { id = "C1" }, 5, "x", { id = "C2" } } })
  t.same({ #out.people, #out.conversations }, { 1, 2 })
  t.same(out.parked, { "the person is not a table { … }: got a number | users.json 1",
    "the conversation is not a table { … }: got a number | rooms.json 2", "the conversation is not a table { … }: got 'x' | rooms.json 3" })
end)

test("whatever is raised parks its record with a sentence that is the same each time", function(t)
  local raised = {
    function() error {} end,
    function() error(setmetatable({}, { __tostring = function() error "x" end })) end,
    function() error(nil) end,
    function() error(print) end,
    function() error { message = "told" } end,
    function() error(setmetatable({}, { __index = function() error "x" end })) end,
    function() local function f() return 1 + f() end return f() end,
    function() error(("x"):rep(1e6), 0) end,
  }
  local records = {}
  for i = 1, #raised + 1 do records[i] = { id = tostring(i), i = i } end
  local out = plan(script_of(function(_, message)
    if raised[message.i] then raised[message.i]() end
    return with { id = message.id }
  end, records))
  t.same({ #out.messages, #out.parked }, { 1, #raised })
  t.like(out.parked[1], "^an error was raised with a table that has no message; give error a text %(tests/stdlib/run_test.lua:%d+%)$")
  t.like(out.parked[2], "^an error was raised with a value that cannot be shown; give error a text")
  t.like(out.parked[3], "^an error was raised with nothing")
  t.like(out.parked[4], "^an error was raised with a function")
  t.like(out.parked[5], "^told %(")
  -- Which of the two depends on how much of the stack is left for the handler.
  t.like(out.parked[7]:gsub("^the script ran out of stack", "stack overflow"), "^stack overflow")
  t.same(#out.parked[8] < 2200, true)
end)

test("a mail address that is none counts as absent, and is told", function(t)
  local script = script_of(function() return with { from = { id = "U3", name = "Cyd", mail = "cyd@" } } end, { {} })
  function script:people(_, emit) emit { id = "U1", name = "Ann", mail = "not a mail" } emit { id = "U2", name = "Bob", mail = "bob@orbit.example" } end
  function script:person(user) return user end
  local out = plan(script)
  t.same({ out.people[1].mail, out.people[2].mail, out.messages[1].person.mail }, { nil, "bob@orbit.example", nil })
  t.same({ out.people[1].losses, out.messages[1].losses }, { { { "mail_invalid", "Ann (U1): 'not a mail'" } },
    { { "mail_invalid", "Cyd (U3): 'cyd@'" } } })
end)

test("tokens of Slack leave every address of a message, and what was seen is a loss", function(t)
  local function of(content) return one(with { subject = "https://f.example/?t=xoxe-9", body = { contentType = "html", content = content } }) end
  local message = of('<p><a href="https://f.example/a?token=xoxe-1-2&amp;w=1">https://f.example/a?t=xoxp-7</a></p>')
  t.same({ message.body, message.subject }, { '<p><a href="https://f.example/a?w=1">https://f.example/a</a></p>', "https://f.example/" })
  t.same(message.losses, { { "token_removed", "" }, { "token_removed", "" } })
end)

test("an id is text, and what shows nothing is empty", function(t)
  local _, problem = one(with { id = 5 })
  t.like(problem, "^id is a number and not text: 5. Write tostring")
  local _, _, reason = one(with { body = { content = "\1\2" } })
  t.same(reason, "empty")
end)

test("finish may refuse the plan", function(t)
  local script = script_of(function() return with {} end, {})
  function script:finish(summary) if summary.failed > 0 then return nil, "some failed" end return true end
  local job = plan(script).job
  t.same({ job:finish { failed = 0 } }, { true })
  t.same({ job:finish { failed = 1 } }, { nil, "some failed" })
end)

test("map tries one record by itself", function(t)
  local script = script_of(function(_, message, ctx) return with { from = message.user, subject = ctx.person(message.user).name } end, {})
  local out = run.map(script, { user = "U1" }, { people = { { id = "U1", name = "Ann" } } })
  t.same({ out.message.subject, out.losses }, { "Ann", {} })
end)

test("reactions are a line with the people, or a loss", function(t)
  local reactions = { { reactionType = "👍", users = { "U1", 5, "U2" }, count = 5 }, { reactionType = "<b>" } }
  local function of(how) return plan(script_of(function() return with { reactions = reactions } end, { {} }), { reactions = how }).messages[1] end
  t.same(of("text").body, "<p>hi</p><p><em>👍 U1, U2 and 3 more · &lt;b&gt; </em></p>")
  t.same(of("skip").losses, { { "reaction_not_carried", "👍 5, <b> 1" } })
  t.raises(function() of "send" end, "args.reactions: 'send' is not carried yet; use text")
end)

test("a message that is too long comes as several, the later ones in its thread", function(t)
  local long = ("<p>" .. ("word "):rep(200) .. "</p>"):rep(60)
  local function of(changes, args)
    changes.body = { contentType = "html", content = long }
    return plan(script_of(function() return with(changes) end, { {} }), args).messages
  end
  local parts = of { lastEditedDateTime = AT, subject = "S" }
  local seen = {}
  for i, part in ipairs(parts) do
    seen[i] = { part.id, part.replyToId, part.added, part.subject, #part.body < 22100, part.body:match "<em>(%(.-%))</em></p>$" }
  end
  t.same(seen, { { "1", nil, nil, "S", true, "(1/3)" }, { "1~2", "1", "part", nil, true, "(2/3)" }, { "1~3", "1", "part", nil, true, "(3/3)" } })
  t.same(parts[1].losses, { { "edit_history", AT }, { "message_split", "3 parts" } })
  local text = ""
  for _, part in ipairs(parts) do text = text .. part.body:gsub("<p><em>%(.-%)</em></p>", "") end
  t.same(text, long)
  t.same(of({ replyToId = "0" })[2].replyToId, "0")
  t.same(of({}, { replies = "quote" })[2].replyToId, nil)
  t.same(#of({}, { long = "fail" }), 1)
end)

test("marks that a JSON string or a mention adds count as length", function(t)
  local function count(content)
    return #plan(script_of(function() return with { body = { contentType = "html", content = content } } end, { {} })).messages
  end
  t.same({ count("<p>" .. ('a" '):rep(7500) .. "</p>"), count("<p>" .. ("ab "):rep(7500) .. "</p>") }, { 2, 1 })
  t.same({ count('<p>' .. ('<at person="U1"></at> '):rep(100) .. "</p>") }, { 2 })
end)

test("where there are no threads, a reply quotes what it answers", function(t)
  local messages = { with { id = "1", body = { contentType = "html", content = "<p>Who <at person=\"U2\"></at>?</p><p>" .. ("long "):rep(30) .. "</p>" },
    reactions = { { reactionType = "👍", count = 1 } } }, with { id = "2", replyToId = "1", from = { id = "B1", name = "Robo" } }, with { id = "3", replyToId = "2" },
    with { id = "4", replyToId = "9" } }
  local out = plan(script_of(function(_, message) return message end, messages), { replies = "quote" }).messages
  t.same(out[2].body, "<blockquote><strong>U1</strong><br>Who @U2? " .. ("long "):rep(14) .. "…</blockquote><p>hi</p>")
  t.same({ out[2].replyToId, out[2].losses }, { nil, { { "thread_flattened", "" } } })
  t.same(out[3].body, "<blockquote><strong>Robo</strong><br>hi</blockquote><p>hi</p>")
  t.same({ out[4].body, out[4].replyToId, out[4].losses }, { "<p>hi</p>", nil, { { "orphan", "9" } } })
  t.same(plan(script_of(function(_, message) return message end, messages)).messages[2].replyToId, "1")
end)

test("channels of one name become one if they say so, and their messages keep apart", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit)
    emit { id = "C1", name = "General" }
    emit { id = "C2", name = "general" }
    emit { id = "C3", name = "other" }
    emit { id = "C4", name = "general", secret = true }
  end
  function script:place(room)
    return { id = room.id, displayName = room.name, merge = true, membershipType = room.secret and "private" or nil }
  end
  local body = '<p><a message="1">x</a> <a message="1" conversation="C2">y</a> <a conversation="C2"></a> <a conversation="C3"></a></p>'
  function script:messages(room, _, emit)
    emit { id = "1", text = room.id }
    emit { id = "2", reply = "1", text = room.id }
  end
  function script:message(message)
    return { id = message.id, replyToId = message.reply, createdDateTime = AT, from = "U1", body = { contentType = "html", content = message.reply and "<p>re</p>" or body } }
  end
  local out = plan(script)
  local seen = {}
  for i, m in ipairs(out.messages) do seen[i] = { m.conversation, m.id, m.replyToId } end
  t.same(seen, { { "C1", "1" }, { "C1", "2", "1" }, { "C1", "C2/1" }, { "C1", "C2/2", "C2/1" }, { "C3", "1" }, { "C3", "2", "1" } })
  t.same(out.messages[1].body, '<p><a message="1">x</a> <a message="C2/1" conversation="C1">y</a> <a conversation="C1"></a> <a conversation="C3"></a></p>')
  t.same(out.messages[3].body, '<p><a message="C2/1">x</a> <a message="C2/1" conversation="C1">y</a> <a conversation="C1"></a> <a conversation="C3"></a></p>')
  t.same(out.skipped, { "conversation: private channel", "conversation: private channel" })
end)

test("a record that the script added is not counted when it is left out", function(t)
  local function script_with(skip)
    local script = source.new { name = "acme", summary = "s", api = 1 }
    function script:conversations(_, emit) emit { id = "C1", name = "general", secret = skip } end
    function script:place(room)
      return { id = room.id, displayName = room.name, membershipType = room.secret and "private" or nil }
    end
    function script:messages(_, _, emit)
      emit { id = "1" }
      emit({ id = "2", old = true }, "pins")
    end
    function script:message(message)
      if message.old then return nil, "old" end
      return with { id = message.id }
    end
    return script
  end
  local out = plan(script_with(false))
  t.same({ #out.messages, out.skipped }, { 1, {} })
  t.same(plan(script_with(true)).skipped, { "conversation: private channel" })
end)

test("a channel without messages is kept if asked to, with a message that says so", function(t)
  local script = script_of(function() return nil, "event" end, { { id = 1 } })
  function script:place(room) return { id = room.id, displayName = room.name, createdDateTime = AT } end
  local out = plan(script, { empty = "keep" })
  t.same({ #out.messages, out.messages[1].createdDateTime, out.messages[1].added, out.messages[1].body },
    { 1, "2019-02-04T19:58:16.511Z", "placeholder", "<p><em>[no messages in the export]</em></p>" })
  t.same(out.skipped, { "event" })
end)

test("a channel without messages stays away otherwise, and one with messages gets no line", function(t)
  local script = script_of(function() return nil, "event" end, { { id = 1 } })
  t.same(#plan(script).messages, 0)
  t.same(#plan(script_of(function() return with {} end, { { id = 1 } }), { empty = "keep" }).messages, 1)
end)
