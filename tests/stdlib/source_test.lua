local arg = require "stdlib.arg"
local source = require "stdlib.source"

local function base(args)
  local script = source.new { name = "slack", summary = "s", api = 1, args = args }
  function script:message(message, ctx) return { id = message.id, ctx } end
  return script
end

local HERE = "tests/stdlib/source_test.lua:%d+: "

test("metadata that is missing or unknown is named, with the line", function(t)
  t.raises(function() source.new { summary = "s", api = 1 } end, HERE .. "source.new: name is missing")
  t.raises(function() source.new { name = "x", summary = "s" } end, HERE .. "source.new: api is missing")
  t.raises(function() source.new { name = "slack", summary = "s", api = 2 } end,
    "slack.lua wants api 2; this teamferry has 1. Update, or use an older slack.lua")
  t.raises(function() source.new { name = "x", summary = "s", api = 1, sumary = "s" } end, "unknown field 'sumary'; did you mean summary%?")
  t.raises(function() base():extend { export = "x.zip" } end, HERE .. "extend: unknown field 'export'; did you mean args = { export = … }%?")
  t.raises(function() source.new { name = 5, summary = "s", api = 1 } end, "source.new: name must be text, not a number")
end)

test("a plain value sets an argument of the base, and a wrong one is refused where it stands", function(t)
  local slack = base { limit = arg.number { min = 1, default = 5 }, prefix = arg.text {} }
  t.raises(function() slack:extend { args = { exprot = "x" } } end, HERE .. "args.exprot: unknown argument; did you mean args.export%?")
  t.raises(function() slack:extend { args = { limit = 0 } } end, HERE .. "args.limit: 0 is below 1")
  t.raises(function() slack:extend { args = { prefix = 5 } } end, "args.prefix: expected text, got a number")
  t.raises(function() slack:extend { args = { private = "public" } } end, "args.private: 'public' is not one of private, group, standard, skip")
  t.raises(function() slack:extend { args = { since = "1.2.2019" } } end, "args.since: '1.2.2019' is not a date; write 2019%-02%-01")
  local acme = slack:extend { name = "acme", args = { export = "a.zip", limit = 7, own = arg.boolean { default = true } } }
  local args = source.start(acme, { since = "2019-01-01", only = "a, b", own = "false" })
  t.same({ args.limit, args.own, args.since, args.only, args.export, args.prefix },
    { 7, false, "2019-01-01T00:00:00.000Z", { "a", "b" }, "a.zip", nil })
  t.same(acme.args.limit, 7)
end)

test("an argument that is required says what it is and how to give it", function(t)
  local slack = base { export = arg.path { required = true, doc = "Slack export, zip or folder" } }
  t.raises(function() source.start(slack, {}) end,
    "^args.export is missing: Slack export, zip or folder. Set it in migrate.lua or give %-%-export$")
  t.raises(function() source.start(slack, { exprot = "x" }) end, "^args.exprot: unknown argument; did you mean args.export%?$")
end)

test("paths and tables are checked by the host", function(t)
  local kept = arg.host
  arg.host = { exists = function(path) return path == "there.zip" end, folder = "/home/ann/acme",
    rows = function(path) return path == "emoji.csv" and { { name = "orbit", emoji = "🪐" } } or { { code = "x", char = "y" } } end }
  local slack = base { emoji = arg.table { "name", "emoji" } }
  local function start(args) return pcall(source.start, slack, args) end
  local _, missing = start { export = "exprot.zip" }
  local _, column = start { export = "there.zip", emoji = "other.csv" }
  local fine, args = start { export = "there.zip", emoji = "emoji.csv" }
  local several = start { export = "there.zip,there.zip" }
  local _, lacking = start { export = "there.zip,second.zip" }
  arg.host = kept
  t.same(missing, "args.export: no file or folder 'exprot.zip' in /home/ann/acme")
  t.same({ several, lacking }, { true, "args.export: no file or folder 'second.zip' in /home/ann/acme" })
  t.same(column, "args.emoji: other.csv has no column 'name'; it has char, code")
  t.same({ fine, args.emoji }, { true, { orbit = "🪐" } })
end)

test("a misspelt step is refused, a helper is not", function(t)
  local acme = base():extend { name = "acme" }
  t.raises(function() function acme:mesage(message, ctx) return message, ctx end end, -- luacheck: ignore
    HERE .. "acme.mesage looks like the step message; rename it, or make a helper a local function")
  function acme:channel_kind(room) return room end
  t.same(acme:channel_kind(1), 1)
end)

test("a step with other parameters is refused with the step that was meant", function(t)
  local acme = base():extend { name = "acme" }
  t.raises(function() function acme:messages(message, ctx) return message, ctx end end,
    HERE .. "acme.messages takes %(room, ctx, emit%), yours takes 2; did you mean message%?")
  t.raises(function() function acme.message(message, ctx) return message, ctx end end,
    HERE .. "acme.message is defined with a dot; write function acme:message%(message, ctx%)")
  t.raises(function() function acme:message(a, b, c) return a, b, c end end, "acme.message takes %(message, ctx%), yours takes 3")
  t.raises(function() acme.message = 5 end, "acme.message is a step and must be a function, not a number")
  function acme:place(room) return room end
  t.same(acme:place(1), 1)
end)

test("the old step by its name with a dot uses the project's args", function(t)
  local slack = base { prefix = arg.text { default = "s" } }
  function slack:place(room) return { id = self.args.prefix .. room.id } end
  local acme = slack:extend { name = "acme", args = { export = "x", prefix = "a" } }
  function acme:place(room, ctx) return slack.place(self, room, ctx) end
  source.start(acme)
  t.same(acme:place({ id = "1" }).id, "a1")
  t.raises(function() slack:place { id = "1" } end,
    "args of slack read while acme runs; write slack.place%(self, …%) with a dot, so that acme's args are used")
end)

test("a script that runs cannot be written to", function(t)
  local slack = base()
  source.start(slack, { export = "x" })
  t.raises(function() slack.count = 1 end, HERE .. "slack.count is written while the script runs; keep state in a local")
  source.stop(slack)
  slack.count = 1
  t.same(slack.count, 1)
  t.raises(function() slack.args = {} end, "slack.args is the runtime's")
end)

test("what a file returns is checked by its name", function(t)
  source.new { name = "acme", summary = "s", api = 1 }
  t.raises(function() source.loaded(nil, "acme/migrate.lua") end, '^acme/migrate.lua returns nothing; its last line must be "return acme"$')
  source.new { name = "acme-2", summary = "s", api = 1 }
  t.raises(function() source.loaded(nil, "acme/migrate.lua") end, '^acme/migrate.lua returns nothing; its last line must be "return migrate"$')
  t.raises(function() source.loaded({}, "migrate.lua") end, "migrate.lua returns a table, not a source")
  t.raises(function() source.loaded(source.new { name = "x", summary = "s", api = 1 }, "x.lua") end, "x.lua: x has no step message")
  local slack = base()
  t.same(source.loaded(slack, "slack.lua"), slack)
end)

test("describe lists arguments in the order of help", function(t)
  local about = source.describe(base { zeta = arg.text { doc = "z" }, alpha = arg.choice { "a", "b", default = "a" } })
  t.same({ about.name, about.args[1].name, about.args[1].required }, { "slack", "export", true })
  local last = about.args[#about.args]
  t.same({ last.name, last.doc, last.common }, { "zeta", "z", false })
  t.same(about.args[#about.args - 1].choices, { "a", "b" })
end)

test("metadata may name an author, and a helper may be called author", function(t)
  local slack = source.new { name = "s", summary = "s", api = 1, author = "Ann Lee" }
  function slack:author() return "U1" end
  t.same({ slack:author(), source.describe(slack).author }, { "U1", "Ann Lee" })
end)

test("what is not carried is not promised: no team by its id, no long message as a file", function(t)
  local plain = source.new { name = "b", summary = "s", api = 1 }
  function plain:message() end
  local guid = "02bd9fd6-8f93-4758-87c3-1fb73740a315"
  t.raises(function() source.start(plain, { export = "x", team = guid }) end,
    "args.team: '" .. guid:gsub("%-", "%%-") .. "' is the id of a team; .*Give the name of a team to create")
  t.raises(function() source.start(plain, { export = "x", long = "attach" }) end, "args.long: 'attach' is not one of split, fail")
  for _, declared in ipairs(source.describe(plain).args) do
    if declared.name == "long" then t.same({ declared.choices, declared.default }, { { "split", "fail" }, "split" }) end
    if declared.name == "repair" then t.same({ declared.choices, declared.default }, { { "none", "safe" }, "none" }) end
    if declared.name == "team" then t.like(declared.doc, "^name of the team to create") end
  end
end)
