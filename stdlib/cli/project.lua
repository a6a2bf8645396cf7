---What the commands share: the journal and target that the options name, and the words for where they stand.
local emulator_options = require "stdlib.cli.emulator_options"
local names = require "stdlib.cli.names"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"

local project = {}

local count, of = output.count, output.of

-- The value of an argument: of the command line, of the script, or its default.
local function argument(call, name)
  if call.given[name] ~= nil then return call.given[name] end
  for _, declared in ipairs(call.script and call.script.described.args or {}) do
    if declared.name == name then return declared.default end
  end
end
project.argument = argument

-- A journal belongs to one target; without --target it says which.
local function target_of(o)
  if o.graph_url or o.login_url then
    if o.target == "emulator" then return nil, "--target emulator has its own addresses; leave --graph-url and --login-url out" end
    if not (o.graph_url and o.login_url) then return nil, "--graph-url and --login-url belong together; give both" end
    return o.target or ""
  end
  return o.target or "emulator"
end

local function journal_of(call, rehearsal, how)
  local o = call.options
  if o.journal then return o.journal end
  local export = argument(call, "export")
  local base
  if call.script and call.script.file == "migrate.lua" then
    base = call.script.described.name
  elseif type(export) == "string" then
    base = names.of_export(export)
  end
  if not base and how.may_lack then return nil end
  if not base and call.script and (call.command == "plan" or call.command == "run") then
    call.fail("args.export is missing: the export, a zip, folder or file. Set it in migrate.lua or give --export", 2)
  end
  if not base then
    call.fail(("which journal? give --journal FILE, or the script and --export it was planned with: teamferry %s slack --export acme.zip")
      :format(call.command), 2)
  end
  return names.journal(base, rehearsal)
end

---Where the options lead, for the native layer; call.target is how it is called.
---@return table reach
function project.reach(call)
  local o = call.options
  local target, problem = target_of(o)
  if not target then call.fail(problem, 2) end
  call.target = target ~= "" and target or o.graph_url
  local emulator = emulator_options.given(o, "emulator_")
  local first = next(emulator)
  if first and target ~= "emulator" then
    local name = first:gsub("_", "-")
    call.fail(("--emulator-%s is for the emulator inside this process; %s is another target. Start yours with: teamferry emulator --%s …")
      :format(name, call.target, name), 2)
  end
  return {
    target = target, graph_url = o.graph_url, login_url = o.login_url, ca = o.ca, pace = o.pace, limits = o.limits, log = o.log,
    force_road_b = o.force_road_b,
    emulator = emulator,
  }
end

---Opens what the options name: call.journal, call.target, call.project.
---@param call table
---@param how { read_only: boolean?, must_exist: boolean?, may_lack: boolean?, scratch: boolean?, copy: boolean? }  may_lack: goes
---  on without a journal if none is named; scratch: with one that is gone when the command ends; copy: with such a copy of it
function project.open(call, how)
  local reach = project.reach(call)
  if not how.scratch then call.journal = journal_of(call, reach.target == "emulator", how) end
  -- One that is only where it would be by default may be missing.
  if how.may_lack and not call.options.journal and call.journal and not native.exists(call.journal) then call.journal = nil end
  if (how.must_exist or how.may_lack) and call.journal and not native.exists(call.journal) then
    call.fail(("there is no journal %s; plan first, or name another with --journal"):format(call.journal), 2)
  end
  if call.journal then reach.emulator.data = call.journal .. "-emulator" end
  reach.journal, reach.read_only, reach.scratch = call.journal, how.read_only, how.scratch
  if how.copy then -- the rehearsal's state stays as it is, too: people are the same in a new one
    reach.copy_of, reach.scratch, reach.journal, reach.emulator.data = call.journal, true, nil, nil
  end
  local opened, err = native.open(reach)
  if not opened then call.fail(err, 2) end
  call.project = opened
  call.result = { journal = call.journal, target = call.target, errors = {} }
end

---The journal that the options name, or nil if they name none.
function project.journal(call) return journal_of(call, project.reach(call).target == "emulator", { may_lack = true }) end

---Whose seconds those of a rehearsal at a higher speed are; empty for all others.
function project.whose_time(call)
  return (call.options.emulator_speed or 1) > 1 and " of the emulator's time" or ""
end

---Says in the first lines what is worked on.
function project.introduce(call)
  call.out.say("journal  %s", call.journal)
  if call.target == "emulator" then
    call.out.say("target   the local emulator, state in %s-emulator: a rehearsal, nothing leaves this machine", call.journal)
  else
    call.out.say("target   %s", call.target)
  end
end

---Signs in and looks whether these commands have the permissions they need; ends the command if not.
---@param call table
---@param commands string[]
function project.preflight(call, commands)
  local found = project.must(call, call.project:preflight(commands, call.options.accept_doubt))
  if found.sign_in ~= "" then call.out.say("sign-in  %s", found.sign_in) end
  for _, note in ipairs(found.notes) do call.out.say("note     %s", note) end
end

---Gives what a native function gave, or ends the command with its error.
function project.must(call, value, err)
  if value == nil then call.fail(err) end
  return value
end

---Reads where the journal stands into call.result.
---@return table status
function project.status(call)
  local status = project.must(call, call.project:status())
  local result = call.result
  for _, name in ipairs { "records", "sent", "skipped", "failed" } do result[name] = status[name] end
  result.planned = status.by_state.planned or 0
  result.messages = status.by_state.sent or 0
  result.losses, result.skipped_by_reason = status.losses, status.skipped_by_reason
  result.failed_by_reason = status.failed_by_reason
  result.conversations = 0
  for _, conversation in ipairs(status.conversations) do
    if conversation.kind ~= "skipped" then result.conversations = result.conversations + 1 end
  end
  return status
end

---Refuses a journal of another target before anything is opened there; gives where the journal stands.
---@return table status
function project.of_this_target(call)
  local status = project.status(call)
  local theirs = status.target
  if theirs and (theirs == "emulator") ~= (call.target == "emulator") then
    local cure = theirs == "emulator" and "leave the target out" or "name it with --target, or --graph-url and --login-url"
    call.fail({ kind = "state", code = "other_target",
      message = ("the journal %s belongs to %s, not to %s; %s"):format(call.journal, theirs == "emulator" and "a rehearsal" or theirs,
        call.target == "emulator" and "the emulator" or call.target, cure) })
  end
  return status
end

local function counted(counts, limit)
  local parts = {}
  local ranked = output.ranked(counts)
  for i, entry in ipairs(ranked) do
    if i > limit then
      parts[#parts + 1] = of(#ranked - limit, "other kind")
      break
    end
    parts[#parts + 1] = ("%s %s"):format(entry[1], count(entry[2]))
  end
  return table.concat(parts, ", ")
end

---Prints what is counted: reasons, failures with their places, losses, findings.
function project.say_counts(call, status)
  local say = call.out.say
  if status.skipped > 0 then say("skipped  %s: %s", count(status.skipped), counted(status.skipped_by_reason, 8)) end
  if next(status.losses) then
    local loss = require "stdlib.loss"
    say "losses"
    for _, entry in ipairs(output.ranked(status.losses)) do
      say("  %-24s %8s  %s", entry[1], count(entry[2]), loss.sentence(entry[1]))
    end
  end
  if status.failed > 0 then
    say("failed   %s", of(status.failed, "record"))
    for i, failure in ipairs(status.failures) do
      if i > 10 then break end
      call.out.problem("  %s: %s", failure.record, failure.reason:match "^[^\n]*") -- the rest is a traceback
    end
    if status.failed > 10 then
      call.out.problem("  … and %s more; the journal holds them all, in its table message", count(status.failed - 10))
    end
  end
  for i, finding in ipairs(status.finding_lines) do
    if i > 10 then break end
    say("note     %s", finding)
  end
end

---The sentence that asks to go on after an interruption, and its exit code.
function project.interrupted(call)
  call.result.state = "interrupted"
  call.out.problem("teamferry: interrupted; everything sent is in the journal. Run the same command to go on")
  return 130
end

return project
