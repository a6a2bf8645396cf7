---teamferry plan: maps and validates everything into the journal. Nothing is sent.
local host = require "teamferry.host"
local names = require "stdlib.cli.names"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local people_file = require "stdlib.people_file"
local progress = require "stdlib.cli.progress"
local project = require "stdlib.cli.project"
local rows = require "stdlib.rows"

local plan = {
  script = "required",
  takes_export = true,
  summary = "Maps an export into final messages and checks them, all in the journal. Sends nothing.",
  usage = "Example: teamferry plan slack --export acme.zip --team \"Acme archive\"",
}

local count = output.count

-- How many threads map. More than there are cores help nobody, but a plan is the same with any number.
local function workers(text)
  local n = tonumber(text)
  if not n or n < 1 or n > 256 or n % 1 ~= 0 then return nil, ("--workers: '%s' is not a whole number from 1 to 256"):format(text) end
  return n
end

---The option of every command that maps.
function plan.workers_option(parser)
  parser:option "--workers":argname "N":convert(workers)
    :description "map so many conversations at a time; by default as many as this machine has cores. The plan is the same with any number"
end

function plan.options(parser)
  require("stdlib.cli.options").common(parser, true)
  plan.workers_option(parser)
end

-- The text of people.csv as a table; a list of objects in JSON is taken as well.
local function read_people(call, path)
  if path:lower():find "%.json$" then
    local list, problem = rows.read(path, host.read_file)
    if not list then call.fail(problem, 2) end
    for i, row in ipairs(list) do row.line = i end
    return { columns = people_file.columns, rows = list }
  end
  local text, problem = host.read_file(path)
  if not text then call.fail(problem, 2) end
  local file
  file, problem = people_file.read(text)
  if not file then call.fail(("%s: %s"):format(path, problem), 2) end
  return file
end

local function say_findings(call, path, findings, most)
  for i, finding in ipairs(findings) do
    if i > most then
      call.out.problem("  … and %s more", count(#findings - most))
      return
    end
    call.out.problem("%s line %d: %s", path, finding.line, finding.message)
  end
end

-- The rows of people.csv that decide something: the one an argument names, or the project's. All that is wrong in it is
-- said before anything is planned.
local function people_of(call)
  local path = project.argument(call, "people")
  if type(path) ~= "string" then
    path = "people.csv"
    if not native.exists(call.script.project .. "/" .. path) then return nil end
  end
  local file = read_people(call, path)
  local findings, first = people_file.findings(file), nil
  for _, finding in ipairs(findings) do
    if finding.severity == "error" then first = first or finding end
  end
  if first then
    say_findings(call, path, findings, 20)
    call.fail(("%s line %d: %s"):format(path, first.line, first.message), 2)
  end
  call.out.say("people   %s, %s", path, output.of(#file.rows, "row"))
  file.path, file.found = path, findings
  return file
end

-- What only shows once the export's people are known and the tenant has been asked.
local function judge_people(call, file)
  local known, addresses, lost = {}, {}, {}
  for _, person in ipairs(project.must(call, call.project:people())) do
    known[person.id] = true
    if person.decision == "map" and person.graph_id ~= "" then
      addresses[person.target:lower()] = true
    elseif person.decision == "fallback" then
      lost[person.id] = true
    end
  end
  local findings = file.found
  for _, finding in ipairs(people_file.unknown(file, known)) do findings[#findings + 1] = finding end
  local mapped = { rows = {} }
  for _, row in ipairs(file.rows) do
    if lost[row.person] then mapped.rows[#mapped.rows + 1] = row end
  end
  for _, finding in ipairs(people_file.lost(mapped, function() return false end, addresses)) do
    finding.message = finding.message .. ". Their messages go out under the fallback user"
    findings[#findings + 1] = finding
  end
  table.sort(findings, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.message < b.message
  end)
  say_findings(call, file.path, findings, 20)
  return findings
end

-- A moment of planning as a line.
local function moment(m)
  if m.people > 0 then return ("people    %s of %s"):format(count(m.people_done), count(m.people)) end
  return ("planning  %s of %s  %s  %s"):format(count(m.conversations_done), output.of(m.conversations, "conversation"),
    output.of(m.records, "record"), m.conversation ~= "" and "#" .. m.conversation or "")
end

---Maps and checks everything into the journal, and says what is odd; used by assess as well.
---@param call table
---@param how? { survey: boolean? }  survey: what messages are made of is counted too
---@return table summary
---@return string? team  the name of the team that is created
function plan.map(call, how)
  local out = call.out
  local export = project.argument(call, "export")
  if type(export) ~= "string" then
    call.fail("args.export is missing: the export, a zip, folder or file. Set it in migrate.lua or give --export", 2)
  end
  local team = project.argument(call, "team")
  if team == nil then
    team = names.team(export)
    out.say("team     %s (named after the export; --team names another)", team)
  end
  team = type(team) == "string" and team or nil
  local people = people_of(call)
  local summary = project.must(call, call.project:plan({
    script = call.script.name, args = call.given, team = team, people = people and people.rows, survey = how and how.survey,
    workers = call.options.workers,
    log = function(level, line)
      if level ~= "debug" then out.say("%s  %s", level == "warn" and "warning" or "script ", line) end
    end,
  }, progress.to(out, moment)))
  out.flush()
  call.people_findings = people and judge_people(call, people) or {}
  return summary, team
end

---Plans and says what came of it; used by run as well.
---@return integer code
function plan.after(call)
  local out = call.out
  local summary = plan.map(call)
  for _, warning in ipairs(summary.warnings) do out.say("warning  %s", warning) end
  for _, finding in ipairs(summary.limits) do out.say("limits   %s", finding) end

  local status = project.status(call)
  out.say("planned  %s of %s in %s, %s skipped, %s failed%s", output.of(status.by_state.planned or 0, "message"),
    output.of(status.records, "record"), output.of(call.result.conversations, "conversation"), count(status.skipped),
    count(status.failed), status.sent > 0 and "; " .. count(status.sent) .. " sent already" or "")
  project.say_counts(call, status)
  local result = call.result
  if #call.people_findings > 0 then result.people_findings = call.people_findings end
  if #summary.limits > 0 then result.limits = summary.limits end
  result.forecast_seconds, result.longest_conversation = summary.forecast_seconds, summary.longest_lane
  if call.target == "emulator" then
    out.say("people   %s of the export got a user in the rehearsal's tenant", count(summary.people_mapped))
  end
  if summary.people_fallback > 0 then
    out.say("authors  %s under the fallback account, with the author's name in the first line",
      summary.people_fallback == 1 and "1 person writes" or count(summary.people_fallback) .. " people write")
  end
  if status.sent > 0 then
    out.say("delta    %s new, %s changed and %s gone since they were sent, which stay as they are%s", count(summary.fresh),
      count(summary.changed_after_sent), count(summary.vanished),
      summary.forgotten > 0 and "; " .. count(summary.forgotten) .. " gone before they were sent" or "")
    result.delta = { new = summary.fresh, changed = summary.changed_after_sent, gone = summary.vanished,
      forgotten = summary.forgotten }
  end
  if status.open > 0 then
    out.say("sending will take about %s%s; the longest conversation has %s", output.span(summary.forecast_seconds),
      project.whose_time(call),
      output.of(summary.longest_lane, "message"))
  end
  call.result.state = "planned"
  return status.failed > 0 and 3 or 0
end

function plan.run(call)
  project.open(call, {})
  project.introduce(call)
  local started = native.clock()
  local code = plan.after(call)
  call.result.seconds = native.clock() - started
  call.out.say "next: teamferry run with the same options sends what was planned"
  return code
end

return plan
