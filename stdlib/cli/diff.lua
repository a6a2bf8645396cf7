---teamferry diff: what a changed script, argument or people.csv changes over the whole export, before anything is sent.
---
---The journal is copied, the copy is planned anew as if nothing had been sent, and the two are compared row by row
---(native/journal/difference.h). Tested by tests/end_to_end/diff_test.cpp.
local json = require "json"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local plan = require "stdlib.cli.plan"
local project = require "stdlib.cli.project"
local text = require "stdlib.text"

local diff = {
  script = "required",
  summary = "Shows what a changed script, people.csv or argument changes against the plan. Changes nothing itself.",
  usage = "Example: teamferry diff\n"
    .. "In a project's folder, after teamferry plan and a change. --samples 20 shows more of each kind.",
}

local count, of = output.count, output.of

function diff.options(parser)
  parser:option "--samples":argname "N":default "3":convert(tonumber):description "how many messages of each kind of change are shown"
  require("stdlib.cli.options").common(parser, true)
end

-- The order in which kinds are told.
local CHANGES = { "body", "author", "time", "place", "thread" }
local OTHERS = { { "new", "new" }, { "gone", "gone" }, { "now planned", "planned that were not" }, { "now skipped", "now skipped" },
  { "now failed", "now failed" } }

local function counted(counts)
  local parts = {}
  for _, entry in ipairs(output.ranked(counts)) do parts[#parts + 1] = ("%s %s"):format(entry[1], count(entry[2])) end
  return table.concat(parts, ", ")
end

local function signed(counts)
  local names, parts = {}, {}
  for name in pairs(counts) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = ("%s %s%s"):format(name, counts[name] > 0 and "+" or "", count(counts[name])) end
  return table.concat(parts, ", ")
end

---The line that sums a difference up.
function diff.line(found)
  local parts, changed = {}, {}
  for _, kind in ipairs(CHANGES) do
    local n = found.changes[kind]
    if n then changed[#changed + 1] = ("%s %s"):format(kind, count(n)) end
  end
  parts[1] = found.changed > 0 and ("%s changed (%s)"):format(count(found.changed), table.concat(changed, ", ")) or "0 changed"
  for _, other in ipairs(OTHERS) do
    local n = found.changes[other[1]]
    local reasons = other[1] == "now skipped" and found.skipped or other[1] == "now failed" and found.failed or nil
    if n then parts[#parts + 1] = ("%s %s%s"):format(count(n), other[2], reasons and " (" .. counted(reasons) .. ")" or "") end
  end
  local fresh = 0
  for _, n in pairs(found.findings) do fresh = fresh + math.max(n, 0) end
  parts[#parts + 1] = of(fresh, "new finding")
  return ("%s: %s"):format(of(found.rows, "record"), table.concat(parts, ", "))
end

local function decoded(body)
  local fine, value = pcall(json.decode, body)
  return fine and type(value) == "table" and value or nil
end

-- What is worth showing of one side of a change: the HTML, the author, or a reason.
local function side(sample, body)
  local value = decoded(body)
  if not value then return body end
  if sample.kind == "author" then
    local from = value.from
    local user = type(from) == "table" and from.user
    return user and user.displayName or json.encode(from)
  end
  return value.body and value.body.content or body
end

-- The place from which two texts differ, a little before it; so that the change is to be seen in what is shown.
local function around(a, b, width)
  if #a <= width and #b <= width then return a, b end
  local at = 1
  while at <= #a and at <= #b and a:byte(at) == b:byte(at) do at = at + 1 end
  at = math.max(1, at - 30)
  while at > 1 and (a:byte(at) or 0) >= 128 and (a:byte(at) or 0) < 192 do at = at - 1 end
  local head = at > 1 and "…" or ""
  return head .. text.excerpt(a:sub(at), width), head .. text.excerpt(b:sub(at), width)
end

---The lines of one sample.
---@return string[]
function diff.sample(sample, width)
  local head = ("%s  #%s %s  %s"):format(sample.kind, sample.conversation, (sample.time or ""):sub(1, 10), sample.record)
  local before, after = side(sample, sample.before), side(sample, sample.after)
  if sample.kind == "time" or sample.kind == "place" or sample.kind == "thread" then
    return { head, "    " .. text.excerpt(after, width) }
  end
  before, after = around(before, after, width)
  local lines = { head }
  if before ~= "" then lines[#lines + 1] = "  - " .. before end
  if after ~= "" then lines[#lines + 1] = "  + " .. after end
  return lines
end

---Plans a copy of the journal and compares; used by the prompt as well.
---@param call table
---@param most integer
---@return table found
function diff.found(call, most)
  project.open(call, { must_exist = true, copy = true })
  plan.map(call)
  return project.must(call, call.project:difference(most))
end

function diff.run(call)
  local o, out = call.options, call.out
  if not o.samples or o.samples < 0 or o.samples % 1 ~= 0 then call.fail("--samples takes a whole number", 2) end
  local started = native.clock()
  local found = diff.found(call, o.samples)
  local result = call.result
  for name, value in pairs(found) do result[name] = value end
  result.samples = json.array(result.samples)
  result.state, result.journal, result.seconds = "compared", call.journal, native.clock() - started
  out.say("%s", diff.line(found))
  for _, sample in ipairs(found.samples) do
    for _, line in ipairs(diff.sample(sample, 150)) do out.say("%s", line) end
  end
  if next(found.losses) then out.say("losses   %s", signed(found.losses)) end
  if next(found.findings) then out.say("findings %s", signed(found.findings)) end
  if found.sent > 0 then out.say("sent     %s of these are in Teams already and stay as they are", count(found.sent)) end
  if next(found.changes) == nil then
    out.say "the plan would come out the same"
  else
    out.say "next: teamferry plan with the same options takes the change over; nothing was changed by this command"
  end
  return 0
end

return diff
