local host = require "teamferry.host"
local mapping = require "stdlib.mapping"
local memory_export = require "tests.support.memory_export"
local source = require "stdlib.source"

local AT = "2019-02-04T19:58:15.511Z"

local function script_of(message)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:people(ctx, emit) emit(ctx.export:records "users.json") end
  function script:conversations(ctx, emit) emit(ctx.export:records "rooms.json") end
  function script:messages(room, ctx, emit) emit(ctx.export:records(room.id .. ".json")) end
  function script:place(room)
    if room.id == "tmp" then return nil, "temporary" end
    return { id = room.id, displayName = room.id }
  end
  script.message = message or function(_, record)
    return { createdDateTime = AT, from = record.user, body = { contentType = "html", content = record.html } }
  end
  return script
end

local function world(changes)
  local out = { args = { export = "x" }, composer = host.composer, strangers = true }
  for name, value in pairs(changes or {}) do out[name] = value end
  return out
end

local function one(record, changes, message)
  local session = mapping.start(script_of(message), world(changes))
  return session:message(record)
end

test("a message comes with the record, what the step returned, and its final Graph form", function(t)
  local result = one { user = "U1", html = '<p>hi <at person="U2">Bob</at></p>' }
  t.same(result.record.user, "U1")
  t.same(result.out.body.content, '<p>hi <at person="U2">Bob</at></p>')
  t.same(result.html, '<p>hi <at id="0">Bob</at></p>')
  t.same(result.text, "hi Bob")
  t.same(result.graph.createdDateTime, AT)
  t.same(result.graph.mentions[1].mentioned.user.displayName, "U2")
  t.same(result.findings, {})
end)

test("somebody without an address writes under the fallback account, with the loss", function(t)
  local result = one({ user = "U1", html = "<p>hi</p>" }, { people = { { id = "U1", name = "Ann" } } })
  t.same(result.html, "<p><strong>Ann</strong></p><p>hi</p>")
  t.same(result.losses, { { "author_fallback", "Ann" } })
  local mapped = one({ user = "U1", html = "<p>hi</p>" }, { people = { { id = "U1", name = "Ann", mail = "ann@a.example" } } })
  t.same(mapped.html, "<p>hi</p>")
end)

test("what Teams would refuse is a finding", function(t)
  local result = one { user = "U1", html = "<p>" .. ("x"):rep(40000) .. "</p>" }
  t.same(result.findings[1], nil) -- it is split
  t.same(#result.parts, 1)
  local refused = one({ user = "U1", html = "<p>" .. ("x"):rep(40000) .. "</p>" }, { args = { export = "x", long = "fail" } })
  t.like(refused.findings[1], "R20")
end)

test("a skipped record has its reason, a failed one its sentence with the line of the step", function(t)
  t.same(one({}, {}, function() return nil, "event" end).reason, "event")
  t.like(one({}, {}, function() return "x" end).error, "acme.message returned a string.*%(tests/stdlib/mapping_test.lua:%d+%)$")
end)

test("a person and a place are mapped alone", function(t)
  t.same(mapping.start(script_of(), world()):person({ id = "U1", name = "Ann" }).person.name, "Ann")
  local place = mapping.start(script_of(), world()):place { id = "tmp" }
  t.same({ place.reason, place.out }, { "temporary" })
  t.same(mapping.start(script_of(), world()):place({ id = "C1" }).place.displayName, "C1")
end)

test("a whole export: each message with its record and place, the others counted", function(t)
  local export = memory_export {
    ["users.json"] = { { id = "U1", name = "Ann", mail = "ann@a.example" } },
    ["rooms.json"] = { { id = "C1" }, { id = "tmp" } },
    ["C1.json"] = { { user = "U1", html = "<p>a</p>" }, { user = "U1", html = "" }, { html = "<p>b</p>" },
      { user = "U1", html = '<p><a conversation="C1"></a></p>' } },
    ["tmp.json"] = { { user = "U1", html = "<p>c</p>" } },
  }
  local script = script_of()
  local session = mapping.start(script, world { export = export, place_of = export.place_of })
  local plan = session:plan()
  session:stop()
  t.same(#plan.messages, 2)
  t.same({ plan.messages[1].text, plan.messages[1].file, plan.messages[1].index, plan.messages[1].record.html },
    { "a", "C1.json", 1, "<p>a</p>" })
  t.same(plan.messages[2].text, "#C1")
  t.same(plan.skipped, { empty = 1, ["conversation: temporary"] = 1 })
  t.same({ #plan.failed, plan.failed[1].record }, { 1, "C1.json record 3" })
  t.same(#plan.people, 1)
  script.later = function() end -- it can be written to again
  t.same(type(script.later), "function")
end)

test("an argument that is wrong leaves the script as it was", function(t)
  local script = script_of()
  t.raises(function() mapping.start(script, world { args = { export = "x", long = "never" } }) end, "args.long: 'never'")
  function script:helper() return 1 end
  t.same(script:helper(), 1)
end)

test("records are looked through without mapping, those of rooms that stay behind too, until somebody has seen enough", function(t)
  local export = memory_export {
    ["users.json"] = { { id = "U1", name = "Ann", mail = "ann@a.example" } }, ["rooms.json"] = { { id = "tmp" }, { id = "C1" } },
    ["C1.json"] = { { user = "U1", html = "<p>a</p>" }, { user = "U1", html = "<p>b</p>" } },
    ["tmp.json"] = { { user = "U1", html = "<p>c</p>" } },
  }
  local session = mapping.start(script_of(), world { export = export, place_of = export.place_of })
  local seen = {}
  local function look(record, file, index, n)
    local result = session:message(record, n, file, index)
    seen[#seen + 1] = ("%d %s %d %s"):format(n, file, index, result.text)
    return #seen == 2
  end
  session:scan(look)
  t.same(seen, { "1 tmp.json 1 c", "2 C1.json 1 a" })
  seen = {}
  session:scan(look, 2)
  t.same(seen, { "2 C1.json 1 a", "2 C1.json 2 b" })
  seen = {}
  session:survey(function(result, n) seen[#seen + 1] = n .. " " .. result.message.body end)
  t.same(seen, { "1 <p>c</p>", "2 <p>a</p>", "2 <p>b</p>" })
  local left = session:message({ user = "U1", html = "<p>c</p>" }, 1)
  t.same({ left.text, left.left_out }, { "c", "conversation: temporary" })
  t.same(session:plan().skipped, { ["conversation: temporary"] = 1 }) -- it stays behind as before
end)

test("in one stream a room that comes with its message does not hide the message's record", function(t)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:message(record)
    return { createdDateTime = AT, from = "U1", conversation = { id = record.room }, body = record.text }
  end
  function script:place(room) return { id = room.id, displayName = room.id } end
  local export = memory_export { ["log.json"] = { { room = "C1", text = "a" }, { room = "C2", text = "b" } } }
  local session = mapping.start(script, world { export = export, place_of = export.place_of })
  local seen = {}
  session:survey(function(result, n) seen[#seen + 1] = n .. " " .. result.record.text end)
  t.same(seen, { "0 a", "0 b" })
  t.same({ session.begun.conversations[1].id, session.begun.conversations[2].id }, { "C1", "C2" })
end)
