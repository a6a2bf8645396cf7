local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local source = require "stdlib.source"

-- Messages as { id, time, reply, body }.
local function plan(messages, args, place)
  local script = source.new { name = "acme", summary = "s", api = 1 }
  function script:conversations(_, emit)
    emit { id = "C1", name = "general" }
    emit { id = "C2", name = "ops" }
  end
  function script:messages(room, _, emit)
    for i, message in ipairs(room.id == "C1" and messages or { { "x", "2020-01-01", nil, html.conversation "C1" .. html.message("r", "see", "C1") } }) do
      emit(message, nil, room.id, i)
    end
  end
  function script:place(room)
    local out = { id = room.id, displayName = room.name }
    for field, value in pairs(place or {}) do out[field] = value end
    return out
  end
  function script:message(m)
    if m[2] == "bad" then error "damaged" end
    if m[2] == "skip" then return nil, "event" end
    return { id = m[1], createdDateTime = m[2] .. "T00:00:00.000Z", from = "U1", replyToId = m[3],
      body = { contentType = "html", content = "<p>" .. (m[4] or m[1]) .. "</p>" } }
  end
  local given = { export = "x" }
  for name, value in pairs(args or {}) do given[name] = value end
  local job = run.start(script, { export = memory_export {}, args = given })
  local out = { rooms = {}, messages = {}, skipped = {}, parked = {}, bodies = {}, losses = {} }
  local current
  local sink = {
    conversation = function(c) out.rooms[#out.rooms + 1] = c.n .. " " .. tostring(c.id) .. " " .. tostring(c.displayName) .. (c.error and " " .. c.error or "") end,
    skipped = function(reason) out.skipped[#out.skipped + 1] = current .. ": " .. reason end,
    parked = function(problem) out.parked[#out.parked + 1] = current .. ": " .. problem end,
    message = function(m)
      out.messages[#out.messages + 1] = m.conversation .. " " .. m.id .. (m.replyToId and " < " .. m.replyToId or "") .. (m.added and " " .. m.added or "")
      out.bodies[m.id] = m.body
      for _, loss in ipairs(m.losses or {}) do out.losses[#out.losses + 1] = loss[1] .. " " .. loss[2] end
    end,
  }
  local count = job:conversations(sink)
  for n = 1, count do
    current = tostring(n)
    job:messages(n, sink)
  end
  return out
end

local THREADS = {
  { "a", "2019-12-30" }, { "r", "2019-12-31" }, { "r1", "2020-01-02", "r" }, { "r2", "2020-02-01", "r1" }, { "b", "2020-03-01" },
  { "o1", "2019-06-01", "gone" }, { "o2", "2020-06-01", "gone" },
}

test("a room becomes a channel a year, and threads stay with their roots", function(t)
  local out = plan(THREADS, { split = "year" })
  t.same(out.rooms, { "3 C1/2019 general 2019", "4 C1/2020 general 2020", "5 C2/2020 ops 2020" })
  t.same(out.messages, { "C1/2019 a", "C1/2019 r", "C1/2019 r1 < r", "C1/2019 r2 < r1", "C1/2019 o1 < gone", "C1/2019 o2 < gone",
    "C1/2020 b", "C2/2020 x" })
end)

test("a place splits its room alone, by month", function(t)
  local out = plan({ { "a", "2019-12-30" }, { "b", "2020-01-02" } }, nil, { split = "month" })
  t.same({ out.rooms[1], out.rooms[2] }, { "3 C1/2019-12 general 2019-12", "4 C1/2020-01 general 2020-01" })
  t.same(plan({ { "a", "2019-12-30" } }).rooms, { "1 C1 general", "2 C2 ops" })
end)

test("a record that is skipped or fails is counted once, with the first part", function(t)
  local out = plan({ { "a", "2019-12-30" }, { "s", "skip" }, { "f", "bad" }, 7, { "b", "2020-01-02" } }, { split = "year" })
  t.same(out.skipped, { "3: event", "3: not a record" })
  t.same({ #out.parked, out.parked[1]:sub(1, 3) }, { 1, "3: " })
  t.same(out.messages, { "C1/2019 a", "C1/2020 b", "C2/2020 x" })
end)

test("links lead to the part that holds the message, and to the last part of a channel", function(t)
  local messages = { { "r", "2019-12-30" }, { "b", "2020-01-02", nil, html.message("r", "there") } }
  local out = plan(messages, { split = "year" })
  t.same(out.bodies.x, '<p><a conversation="C1/2020"></a><a message="r" conversation="C1/2019">see</a></p>')
  t.same(out.bodies.b, '<p><a message="r" conversation="C1/2019">there</a></p>')
end)

test("a room without messages stays one, and a channel that lives already cannot be split", function(t)
  t.same(plan({}, { split = "year" }).rooms, { "1 C1 general", "3 C2/2020 ops 2020" })
  local out = plan(THREADS, { split = "year" }, { target = "19:abc@thread.tacv2" })
  t.like(out.rooms[1], "split and target do not go together")
end)

test("a placeholder stands for a root that is not there, once, just before its replies", function(t)
  local out = plan(THREADS, { orphans = "placeholder" })
  t.same(out.messages[8], "C1 gone placeholder")
  t.same(#out.messages, 9)
  t.same(out.losses, { "orphan 2 replies to gone, which is not there" })
  t.same(plan({ { "o1", "2019-06-01", "later" }, { "later", "2019-06-02" } }, { orphans = "placeholder" }).messages, {
    "C1 o1 < later", "C1 later", "C2 x" })
end)

test("what a part waits for is in the same part", function(t)
  local out = plan(THREADS, { split = "year", orphans = "placeholder" })
  t.same(out.messages[7], "C1/2019 gone placeholder")
end)
