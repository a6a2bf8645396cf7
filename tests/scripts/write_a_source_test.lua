-- What examples/write-a-source says is run as it stands, with its script and its sample.
local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local source = require "stdlib.source"
local tidelog = require "examples.write-a-source.tidelog"

local FOLDER = "examples/write-a-source/"

local function planned(t, args)
  local function lines_of(name)
    local out = {}
    for line in assert(t.read(FOLDER .. "sample/" .. name)):gmatch "([^\n]*)\n" do out[#out + 1] = line end
    return out
  end
  local people = {}
  for i, line in ipairs(lines_of "people.csv") do
    local handle, name, mail, left = line:match "^([^,]*),([^,]*),([^,]*),([^,]*)$"
    if i > 1 then people[#people + 1] = { handle = handle, name = name, mail = mail, left = left } end
  end
  local export = memory_export { ["people.csv"] = people, ["rooms/cranes.log"] = lines_of "rooms/cranes.log",
    ["rooms/payroll.log"] = lines_of "rooms/payroll.log" }
  function export:lines(name)
    local lines, i = lines_of(name), 0
    return function()
      i = i + 1
      return lines[i]
    end
  end
  local out = { bodies = {}, skipped = {}, parked = {}, losses = {} }
  local given = { export = "sample", zone = "+01:00" }
  for name, value in pairs(args or {}) do given[name] = value end
  source.stop(tidelog)
  local job = run.start(tidelog, { export = export, args = given })
  local sink = {
    message = function(m)
      out.bodies[#out.bodies + 1] = m.createdDateTime:sub(12, 19) .. " " .. m.from .. (m.replyToId and " > " .. m.replyToId or "") .. " " .. m.body
      for _, loss in ipairs(m.losses or {}) do out.losses[#out.losses + 1] = loss[1] .. " " .. loss[2] end
    end,
    skipped = function(reason) out.skipped[#out.skipped + 1] = reason end,
    parked = function(problem) out.parked[#out.parked + 1] = problem end,
  }
  job:people(sink)
  for n = 1, job:conversations(sink) do job:messages(n, sink) end
  source.stop(tidelog)
  return out
end

test("the sample of the page comes out as the page says", function(t)
  local out = planned(t)
  t.same(out.bodies, { '08:00:05 ada <p>The plan: <at person="ben"></at> takes <strong>crane 1</strong> <em>[plan.png]</em></p>',
    "08:00:05 ben > 2 <p>fine</p>", "08:00:05 cyd > 2 <p>@nobody asked me</p>", "08:00:05 cyd <p>I have seen worse</p>", "09:00:00 ada <p>figures</p>" })
  t.same({ out.skipped, out.losses }, { { "event", "empty line" }, { "picture plan.png" } })
  t.like(out.parked[1], "^this is no line of Tidelog: smudged")
  t.same(planned(t, { closed = "payroll" }).skipped[3], "conversation: private channel")
end)

test("the page shows the lines of the script, which has under 100", function(t)
  local page, script = assert(t.read(FOLDER .. "README.md")), assert(t.read(FOLDER .. "tidelog.lua"))
  local shown = 0
  for block in page:gmatch "```lua\n(.-)```" do
    shown = shown + 1
    t.same({ block, script:find(block, 1, true) ~= nil }, { block, true })
  end
  local _, lines = script:gsub("\n", "")
  t.same({ shown > 3, lines < 100 }, { true, true })
end)
