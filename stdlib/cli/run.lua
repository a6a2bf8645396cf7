---teamferry run: sends what is planned, exactly once, wherever an earlier run ended.
local complete = require "stdlib.cli.complete"
local evidence = require "stdlib.cli.evidence"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local plan = require "stdlib.cli.plan"
local progress = require "stdlib.cli.progress"
local project = require "stdlib.cli.project"
local verify = require "stdlib.cli.verify"

local run = {
  script = "optional",
  summary = "Sends what is planned, and plans first if that was not done. Goes on where an earlier run ended.",
  usage = "Example: teamferry run slack --export acme.zip --complete\n"
    .. "For a real tenant: --target global, and in the environment AZURE_TENANT_ID,\n"
    .. "AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET, AZURE_CLIENT_SECRET_FILE,\n"
    .. "AZURE_CLIENT_CERTIFICATE_PATH and AZURE_FEDERATED_TOKEN_FILE; or a ready token\n"
    .. "in TEAMFERRY_ACCESS_TOKEN or TEAMFERRY_ACCESS_TOKEN_FILE",
}

local count = output.count

function run.options(parser)
  require("stdlib.cli.options").common(parser, true)
  parser:flag "--complete":description "then complete the migration and verify it"
  parser:option "--pilot":argname "CONVERSATION"
    :description "send and verify this one alone, a channel's name or its id in the export; nothing is completed"
  parser:flag "--confirm-existing":description(
    "open channels and chats that lived before for import, which moves their creation dates for ever")
  parser:flag "--accept-doubt":description(
    "fill what lived before without the permission to read: a message whose answer is lost stays in doubt")
  complete.gate_options(parser)
  plan.workers_option(parser)
  evidence.options(parser)
end

-- Says what ended or held a run up; gives the exit code.
local function troubles(call, summary)
  local code = 0
  local function note(err, conversation)
    local where = conversation and conversation .. " waits: " or ""
    call.out.problem("teamferry: %s%s", where, tostring(err))
    local name = conversation and conversation:gsub("^#", "")
    call.result.errors[#call.result.errors + 1] = { kind = err.kind, code = err.code, message = err.message, conversation = name }
    code = math.max(code, call.cli.code_of(err))
  end
  for _, stopped in ipairs(summary.stopped) do note(stopped.error, stopped.conversation) end
  if summary.error then note(summary.error) end
  return code
end

-- A plan was made with some arguments; a run that names others would send what its words do not say.
local function refuse_other_arguments(call, planned)
  local was = {}
  for name, value in (planned or ""):gmatch "([^\n=]+)=([^\n]*)" do was[name] = value end
  for name, value in pairs(call.given) do
    value = tostring(value)
    if name ~= "export" and was[name] ~= value then
      local option = "--" .. name:gsub("_", "-")
      call.fail({ kind = "state", code = "other_arguments", message = ("the plan was made %s, now it is %s %s. Plan again with the "
        .. "options you want (what was sent stays), or leave the option out to send what was planned"):format(
        was[name] and ("with %s %s"):format(option, was[name]) or "without " .. option, option, value) })
    end
  end
  local names = {}
  for name, value in pairs(was) do
    if call.given[name] == nil then names[#names + 1] = ("--%s %s"):format(name:gsub("_", "-"), value) end
  end
  table.sort(names)
  if #names > 0 then call.out.say("plan     made with %s", table.concat(names, " ")) end
end

local ONE_BY_ONE = 400 -- people that are asked for by their ids; more are read page by page with everybody else
local NAMED = 10

-- Whoever the plan writes as, mentions or invites may have left the tenant since it was made. Nothing is opened then: what
-- they wrote would be refused in the middle. A rehearsal in this process has the users that its plan made.
local function check_people(call)
  if call.target == "emulator" then return end
  local ids, by_id, gone = {}, {}, {}
  for _, person in ipairs(project.must(call, call.project:people())) do
    local id = person.graph_id:lower()
    if id ~= "" and not by_id[id] then
      by_id[id], ids[#ids + 1] = person, id
    end
  end
  local here = {}
  local listed, users, err
  if #ids > ONE_BY_ONE then
    listed, err = call.project:directory(1e9)
    for _, user in ipairs(listed and listed.users or {}) do here[user.id:lower()] = true end
  else
    users, err = call.project:find_users(ids)
    for i, user in ipairs(users or {}) do here[ids[i]] = user ~= false end
  end
  if err and err.code == "interrupted" then call.fail(err) end
  if err then -- the application may not read users, or the service does not answer, which the run will meet itself
    call.out.say("note     whether everybody of the plan is still in the tenant was not checked: %s", tostring(err))
    return
  end
  for _, id in ipairs(ids) do
    local person = by_id[id]
    if not here[id] then gone[#gone + 1] = ("%s (%s)"):format(person.name ~= "" and person.name or person.id, person.target ~= "" and
      person.target or id) end
  end
  if #gone == 0 then return end
  local names = table.concat(gone, ", ", 1, math.min(#gone, NAMED)) .. (#gone > NAMED and (", and %d more"):format(#gone - NAMED) or "")
  call.fail({ kind = "state", code = "people_gone", message = ("no longer in the tenant: %s. Nothing was opened. Plan again, so that "
    .. "they get another account or the fallback (teamferry people shows who is there), then run"):format(names) })
end

local function send(call)
  local summary = project.must(call, call.project:run(progress.to(call.out), call.options.confirm_existing, call.options.pilot))
  call.out.flush()
  return summary
end

function run.run(call)
  if call.options.pilot and call.options.complete then
    call.fail("--pilot completes nothing; leave --complete out, and run again with it when the pilot is as it should be", 2)
  end
  project.open(call, { must_exist = not call.script })
  project.introduce(call)
  local started = native.clock()
  local where = project.of_this_target(call)
  if not where.plan_finished then
    if not call.script then
      call.fail("nothing is planned yet: name the script and the export, teamferry run slack --export acme.zip", 2)
    end
    plan.after(call)
  elseif call.given.export and call.project:export_changed(call.given.export) then
    call.fail({ kind = "state", code = "export_changed", message = "the export is not the one that was planned. "
      .. "Plan again with the same options (what was sent stays), then run" })
  else
    refuse_other_arguments(call, where.args)
  end
  project.preflight(call, call.options.complete and { "run", "complete", "verify" } or call.options.pilot and { "run", "verify" }
    or { "run" })
  if call.result.planned > 0 then check_people(call) end
  local result, out, failed_before = call.result, call.out, call.result.failed
  local summary = send(call)
  local throttled = summary.throttled + call.project:throttled()
  result.throttled, result.import_seconds = throttled, summary.sending_seconds
  local status = project.status(call)
  result.seconds = native.clock() - started
  local slowed = throttled > 0 and ", asked to slow down " .. output.of(throttled, "time") or ""
  out.say("sent     %s in %s%s%s; %s skipped, %s failed", output.of(summary.sent, "message"),
    output.span(summary.sending_seconds), project.whose_time(call), slowed, count(status.skipped), count(status.failed))
  if summary.sent_by_read > 0 then
    out.say("         %s of them had arrived in an earlier attempt whose answer was lost", count(summary.sent_by_read))
  end
  if summary.moved > 0 then
    out.say("moved    %s by some milliseconds: others' messages stand at their moments", output.of(summary.moved, "message"))
  end
  if status.failed > failed_before then project.say_counts(call, status) end
  result.state = "sent"

  local code = troubles(call, summary)
  if summary.interrupted then return project.interrupted(call) end
  if code ~= 0 or not summary.whole then
    result.state = "stopped"
    out.problem "teamferry: some conversations are not done; run the same command to go on"
    return code ~= 0 and code or 5
  end
  if call.options.complete then
    -- What can only be filled once its team is completed follows at once.
    if complete.after(call).waiting > 0 then
      local more = send(call)
      out.say("sent     %s more: what had to wait for its team", output.of(more.sent, "message"))
      code = troubles(call, more)
      if more.interrupted then return project.interrupted(call) end
      if not more.whole then
        result.state = "stopped"
        out.problem "teamferry: some conversations are not done; run the same command to go on"
        return code ~= 0 and code or 5
      end
      complete.after(call)
      summary.throttled = summary.throttled + more.throttled
      result.import_seconds = result.import_seconds + more.sending_seconds
    end
    result.state = "completed"
    code = verify.after(call)
    result.throttled = summary.throttled + call.project:throttled()
    project.status(call)
    result.seconds = native.clock() - started
    if call.target == "emulator" then
      out.say("to look at it: teamferry emulator --data %s-emulator, and open the address it names", call.journal)
    end
  elseif call.options.pilot then
    code = verify.after(call)
    result.state = "piloted"
    out.say("next: look at '%s' in Teams; members see it only when everything is completed. Then run without --pilot", call.options.pilot)
  elseif summary.waiting > 0 then
    out.say("next: teamferry complete with the same options; then run and complete again for %s that cannot be made before",
      output.of(summary.waiting, "conversation"))
  else
    out.say "next: teamferry complete, then teamferry verify, with the same options"
  end
  if code == 0 and result.failed > 0 then code = 3 end
  return code
end

return run
