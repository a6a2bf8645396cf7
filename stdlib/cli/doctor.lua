---teamferry doctor: what is wrong, why, and the one safe next step.
---
---  ok       network: graph.microsoft.com answers in 41 ms
---  warning  clock: this machine's clock is 48 s ahead
---           next: set the clock by a time server (timedatectl set-ntp true), then ask doctor again
---  warning  #general has all its messages and is not completed; nobody sees it in Teams before its team is completed
---           next: teamferry complete
local array = require("json").array
local output = require "stdlib.cli.output"
local project = require "stdlib.cli.project"

local doctor = {
  script = "optional",
  summary = "Looks at network, sign-in, clock, permissions and journal, and at every team and conversation of it: what is "
    .. "wrong, why, and the one safe next step.",
  usage = "Example: teamferry doctor --journal acme.db --target global\n"
    .. "--fix does what is safe: finishes a completion that was asked for, notes what the service has completed, looks once more "
    .. "for messages in doubt. It deletes nothing and opens nothing for import.\n"
    .. "Exit codes: 0 nothing is wrong (there may be warnings), 3 something is, 5 it is the network, the sign-in, the clock or a "
    .. "permission.",
}

function doctor.options(parser)
  require("stdlib.cli.options").common(parser, true)
  parser:flag "--fix":description "do what is safe about it; each thing is said first, and noted in the journal"
  parser:option "--bundle":argname "FILE"
    :description "write a file for whoever helps: no secrets, no messages, no names; with --log, the end of that log"
end

-- Findings that keep every command from working.
local SURROUNDINGS = { network = true, ["sign-in"] = true, clock = true, roles = true, cloud = true }

local function show(out, check)
  local who = check.subject ~= "" and check.subject or check.area .. ":"
  out.say("%-8s %s %s", check.level, who, check.text)
  if check.step ~= "" and check.level ~= "ok" then out.say("%-8s next: %s", "", check.step) end
end

---The exit code that belongs to findings, and the word for the whole.
---@param checks { level: string, area: string }[]
---@return integer code, string state, integer problems, integer warnings
function doctor.judge(checks)
  local code, problems, warnings = 0, 0, 0
  for _, check in ipairs(checks) do
    if check.level == "problem" then
      problems = problems + 1
      code = (code == 5 or SURROUNDINGS[check.area]) and 5 or 3
    elseif check.level == "warning" then
      warnings = warnings + 1
    end
  end
  return code, problems > 0 and "problems" or warnings > 0 and "warnings" or "healthy", problems, warnings
end

-- A journal that cannot be read is a finding; then it is all there is to say of it.
local function unreadable(call)
  local known, err = call.project:status()
  if known or not (err.code == "journal_corrupt" or err.code == "journal_io" or err.code == "journal_newer") then return nil end
  return { area = "journal", subject = "", level = "problem", code = err.code, text = err.message, step = "" }
end

local function examine(call, broken)
  local checks = project.must(call, call.project:examine(call.journal ~= nil and not broken)).checks
  checks[#checks + 1] = broken
  return checks
end

-- Prints what will be done, does it, and prints what came of it.
local function cure(call, checks)
  local out, any = call.out, false
  for _, check in ipairs(checks) do any = any or check.remedy ~= nil end
  if not any then
    out.say "fix      nothing that is safe to do by itself"
    return {}
  end
  local cures = project.must(call, call.project:cure(function(check)
    out.say("fix      %s: will %s", check.subject, check.remedy_text)
    out.flush()
  end)).cures
  for _, done in ipairs(cures) do
    if done.error then
      out.problem("fix      %s: not done: %s", done.subject, done.error.line or done.error.message)
    else
      out.say("fix      %s: %s", done.subject, done.outcome)
    end
  end
  return cures
end

function doctor.run(call)
  local o, out = call.options, call.out
  project.open(call, { read_only = not o.fix, may_lack = true })
  local broken = call.journal and unreadable(call)
  if call.journal then
    if not broken then project.of_this_target(call) end
    project.introduce(call)
  elseif o.fix then
    call.fail("--fix works on a journal: name it with --journal FILE", 2)
  else
    out.say "journal  none is named: only what surrounds one is looked at"
  end
  local checks = examine(call, broken)
  for _, check in ipairs(checks) do show(out, check) end
  if o.fix and not broken then
    local cures = cure(call, checks)
    call.result.cures = array(cures)
    if #cures > 0 then checks = examine(call) end
  end
  if o.bundle then
    project.must(call, call.project:write_bundle(o.bundle))
    out.say("bundle   %s: look through it before you send it", o.bundle)
    call.result.bundle = o.bundle
  end
  local code, state, problems, warnings = doctor.judge(checks)
  call.result.checks = array(checks)
  call.result.state, call.result.problems, call.result.warnings = state, problems, warnings
  out.say("doctor   %s, %s", output.of(problems, "problem"), output.of(warnings, "warning"))
  return code
end

return doctor
