local markers = require "tests.support.markers"
local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local source = require "stdlib.source"
local whatsapp = require "scripts.whatsapp"

local function plan(name, content, args, also)
  local export = memory_export { [name] = content, [also or name] = content }
  function export:lines(file)
    local next_line = ((file == name and content or "") .. "\n"):gmatch "([^\n]*)\n"
    return function() return next_line() end
  end
  local out = { conversations = {}, list = {}, skipped = {}, parked = {}, losses = {} }
  local function note(losses)
    for _, loss in ipairs(losses or {}) do out.losses[#out.losses + 1] = loss[1] .. (loss[2] ~= "" and " " .. loss[2] or "") end
  end
  local given = { export = "x", as = "channel", private = "standard" }
  for key, value in pairs(args or {}) do given[key] = value end
  source.stop(whatsapp)
  local job = run.start(whatsapp, { export = export, args = given })
  local fine, problem = pcall(function()
    local sink = {
      conversation = function(c) out.conversations[#out.conversations + 1] = c.name .. ": " .. (c.skipped or c.membershipType) end,
      message = function(m)
        out.list[#out.list + 1] = m.createdDateTime:sub(1, 16) .. " " .. m.from .. " " .. m.body
        note(m.losses)
      end,
      skipped = function(reason) out.skipped[#out.skipped + 1] = reason end,
      parked = function(text) out.parked[#out.parked + 1] = text end,
      loss = function(kind, detail) note { { kind, detail } } end,
    }
    for n = 1, job:conversations(sink) do job:messages(n, sink) end
  end)
  source.stop(whatsapp)
  if not fine then error(problem, 0) end
  return out
end

local function sample(t) return assert(t.read "examples/sources/whatsapp/_chat.txt") end

test("the sample goes through: lines that go on, mentions, files, polls, deleted and edited messages", function(t)
  local out = plan("_chat.txt", sample(t), nil, "00000001-plan.txt")
  t.same(out.conversations, { "Crane crew: standard" })
  t.same(out.list, { '2021-04-21T09:00 Ada Park <p>The plan: <at person="Ben Ode">Ben Ode</at> takes <strong>crane 1</strong><br>twice</p>', "2021-04-21T09:00 Ben Ode <p>fine</p>",
    "2021-04-21T12:30 Ada Park <p>[file: 00000001-plan.txt]</p>", "2021-04-21T12:31 Cleo <p>[image omitted]</p>", "2021-04-21T12:33 Cleo <p>late</p>",
    "2021-04-21T12:34 Cleo <p>POLL:<br>Lunch?<br>\226\128\142OPTION: yes (2 votes)</p>" })
  t.same(out.skipped, { "event", "event", "deleted" })
  t.same(out.losses, { "time_zone_unknown _chat.txt", "file_not_carried 00000001-plan.txt", "file_missing image omitted", "edit_history",
    "poll \226\128\142POLL: Lunch? \226\128\142OPTION: yes (2 votes)" })
  t.same(out.parked, {})
end)

test("a chat stays a chat and stays behind unless somebody says otherwise", function(t)
  t.same(plan("_chat.txt", sample(t), { as = "chat" }).conversations, { "Crane crew: group direct message" })
  t.same(plan("_chat.txt", sample(t), { private = "skip" }).conversations, { "Crane crew: private channel" })
end)

test("the order of the date is read off the file, or given", function(t)
  local function first(lines, args) return plan("a.txt", lines, args).list[1]:sub(1, 16) end
  t.same(first "01/02/19, 11:25 - A: x\n20/02/19, 11:25 - A: x", "2019-02-01T11:25")
  t.same(first "01/02/19, 11:25 - A: x\n02/20/19, 11:25 - A: x", "2019-01-02T11:25")
  t.same(first "03/02/19, 11:25 - A: x\n04/01/19, 11:25 - A: x", "2019-03-02T11:25")
  t.same(first "2019/01/20, 11:25 - A: x", "2019-01-20T11:25")
  t.same(first "01/20/2019, 08:49 p. m. - A: x", "2019-01-20T20:49")
  t.same(first("[01/02/19 11:25] A: x", { order = "mdy", zone = "+01:00" }), "2019-01-02T10:25")
  t.same(plan("a.txt", "01/02/19, 11:25 - A: x").losses[1], "date_order_guessed a.txt")
  t.raises(function() plan("a.txt", "hello") end, "no text here begins its lines as a chat of WhatsApp does")
end)

test("each case of WhatsApp in other_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/other_cases.json")))
  local wrong, count = {}, 0
  for _, case in ipairs(cases.cases) do
    if case.source == "whatsapp" then
      count = count + 1
      local got = markers(whatsapp:to_html(case.input), {})
      if got ~= case.expected_html then wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got) end
    end
  end
  t.same({ count, table.concat(wrong, "\n") }, { 7, "" })
end)
