local markers = require "tests.support.markers"
local mattermost = require "scripts.mattermost"
local plan_of = require "tests.support.plan_of"
local run = require "stdlib.run"

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = json.decode(line) end
  return lines
end

local function plan(lines, args, more)
  local files = { ["import.jsonl"] = lines }
  for name, content in pairs(more or {}) do files[name] = content end
  return plan_of(mattermost, files, args)
end

local function sample(t) return lines_of(t.read "examples/sources/mattermost/import.jsonl") end
local STORED = { ["data/20210622/plan july.txt"] = "x" }

local function map(post, args)
  post.user, post.create_at = post.user or "ann", post.create_at or 1553166512493
  return run.map(mattermost, post, { conversation = { id = "t/c", name = "c", type = "O" }, people = { { id = "ann", name = "Ann Lee" } }, args = args,
    export = require "tests.support.memory_export" (STORED) })
end

test("the sample goes through: people, channels, threads, webhooks, and what stays behind", function(t)
  local out = plan(sample(t), nil, STORED)
  t.same(out.people, { "ada Ada Park ada.park@harbour.example user", "ben.ode Ben Ode ben.ode@harbour.example user",
    "cleo Cleo cleo@partner.example deleted", "tidebot Tide bot - bot" })
  t.same(out.conversations, { "Town Square: standard", "Crane crew: standard", "Payroll: private channel",
    "ada,ben.ode: direct message", "gone: private channel" })
  t.same(out.messages, { "harbour/town-square 1619000060000/ada ada", "harbour/town-square 1619000050000/ben.ode ben.ode > 1619000060000/ada",
    "harbour/town-square 1619000090000/cleo cleo > 1619000060000/ada", "harbour/crane-crew 1619100060000/ben.ode ben.ode",
    "harbour/crane-crew 1619100120000/ada ada/Tides", "harbour/crane-crew 1619100120000/tidebot tidebot" })
  t.same(out.skipped, { "event", "event", "conversation: private channel", "conversation: private channel", "conversation: direct message" })
  t.same(out.losses, { "pin 1619000060000/ada", "reaction_as_text 👍 2", "edit_history 2021-04-21T10:14:15.000Z",
    "file_not_carried plan july.txt", "file_missing crane.png", "conversation_unlisted harbour/gone" })
  t.same(out.parked, {})
  t.like(out.list[1].body, '<at person="ben.ode">ben.ode</at>%. Shifts are in <a conversation="harbour/crane%-crew">Crane crew</a>')
  t.like(out.list[1].body, "<p><em>👍 Ben Ode, Cleo</em></p>$")
  t.same(out.list[5].body, '<blockquote><strong><a href="https://tides.example/7">High water</a></strong><br><strong>4.2 m</strong>'
    .. "<br><strong>At</strong>: 07:40</blockquote>")
end)

test("every record of the sample is sent, skipped or failed", function(t)
  local records = 0
  for _, line in ipairs(sample(t)) do
    local post = line[line.type]
    if line.type == "post" or line.type == "direct_post" then records = records + 1 + (type(post.replies) == "table" and #post.replies or 0) end
  end
  local out = plan(sample(t), nil, STORED)
  t.same(#out.messages + #out.skipped + #out.parked, records)
end)

test("a private channel and a channel that no line lists become standard only when somebody says so", function(t)
  local out = plan(sample(t), { private = "standard" }, STORED)
  t.same({ out.conversations[3], out.conversations[5] }, { "Payroll: standard", "gone: standard" })
end)

test("two posts of one author in one millisecond are two messages", function(t)
  local function post(words) return { type = "post", post = { team = "t", channel = "c", user = "ann", message = words, create_at = 1553166512493 } } end
  local out = plan { { type = "version", version = 1 }, { type = "channel", channel = { team = "t", name = "c", type = "O" } }, post "a", post "b" }
  t.same(out.messages, { "t/c 1553166512493/ann ann", "t/c 1553166512493/ann/2 ann" })
end)

test("several teams keep their channels apart, one team goes where args.team says", function(t)
  local function place(room, args) return run.start(mattermost, { args = { export = "x", team = args.team, teams = args.teams } })
    and mattermost:place(room, { loss = function() end }) end
  local function team(room, args)
    require("stdlib.source").stop(mattermost)
    local out = place(room, args)
    require("stdlib.source").stop(mattermost)
    return out.team
  end
  local one = { id = "a/c", name = "c", type = "O", team_name = "A" }
  local many = { id = "a/c", name = "c", type = "O", team_name = "A", several = true }
  t.same({ team(one, {}), team(one, { team = "X" }), team(many, { team = "X" }), team(many, { team = "X", teams = "one" }) }, { "A", nil, "A", nil })
end)

test("events are skipped or kept in italics, and a line of an unknown kind is a loss", function(t)
  t.same(map({ type = "system_join_channel", message = "ann joined." }).reason, "event")
  t.same(map({ message = "bob joined the channel." }).message.body, "<p>bob joined the channel.</p>") -- she said so
  t.same(map({ type = "system_join_channel", message = "ann joined." }, { events = "keep" }).message.body, "<p><em>ann joined.</em></p>")
  t.same(map({ type = "me", message = "waves" }).message.body, "<p><em>waves</em></p>")
  t.same(plan({ { type = "version", version = 1 }, { type = "board", board = {} } }).losses, { "line_unknown board" })
end)

test("what is no post, and a post without time or author, do not end the plan", function(t)
  local function post(object) return { type = "post", post = object } end
  local out = plan { { type = "version", version = 1 }, { type = "channel", channel = { team = "t", name = "c", type = "O" } }, post "x",
    post { team = "t", channel = "c", user = "ann", message = "a" }, post { team = "t", channel = "c", message = "a", create_at = 1553166512493 } }
  t.same({ #out.messages, out.skipped, #out.parked }, { 0, { "not a record" }, 2 })
  t.like(out.parked[2], "^from is missing")
end)

test("what is no bulk export says so", function(t)
  t.raises(function() plan_of(mattermost, { ["notes.json"] = { { a = 1 } } }) end, "this is not a bulk export of Mattermost")
  local lines = { { type = "version", version = 1 } }
  t.raises(function() plan_of(mattermost, { ["a.jsonl"] = lines, ["b.jsonl"] = lines }) end, "several exports, a.jsonl and b.jsonl")
end)

test("each case of mattermost_markdown_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/mattermost_markdown_cases.json")))
  local world = cases.context
  local ctx = { loss = function() end, person = function(id) return { id = id, name = world.users[id] or id, known = world.users[id] ~= nil } end }
  local post = { team = "t", rooms = {} }
  for name, shown in pairs(world.channels) do post.rooms["t/" .. name] = shown end
  require("stdlib.source").start(mattermost, { export = "x" })
  local wrong = {}
  for _, case in ipairs(cases.cases) do
    local got
    if case.kind == "markdown" then got = mattermost:to_html(case.input, post, ctx) else got = mattermost:card(case.input, post, ctx) end
    got = markers(got, world.users)
    if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
  end
  require("stdlib.source").stop(mattermost)
  t.same({ #cases.cases, table.concat(wrong, "\n") }, { 60, "" })
end)
