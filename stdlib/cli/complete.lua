---teamferry complete: the gate; ends the migration so that people see the channels.
local evidence = require "stdlib.cli.evidence"
local output = require "stdlib.cli.output"
local progress = require "stdlib.cli.progress"
local project = require "stdlib.cli.project"

local complete = {
  script = "optional",
  summary = "Ends the migration: every channel, General last, then the team. Refuses while messages are unsettled.",
  usage = "Example: teamferry complete --journal acme.db --target global\n"
    .. "With 3 failed messages that may stay behind: --accept-failures 3 --reason \"empty in the source\"",
}

function complete.gate_options(parser)
  parser:option "--accept-failures":argname "N":convert(tonumber):description "complete although this many messages are not in Teams"
  parser:flag "--readd-members":description(
    "remove the members of group chats that lived before and add them again, so that they see what was imported")
  parser:option "--reason":argname "TEXT":description "why they may stay behind; it is kept in the journal"
end

function complete.options(parser)
  require("stdlib.cli.options").common(parser, true)
  complete.gate_options(parser)
  evidence.options(parser)
end

---Completes and says what came of it; used by run --complete as well.
---@return table summary
function complete.after(call)
  local o, out = call.options, call.out
  if o.accept_failures and not o.reason then
    call.fail("--accept-failures needs --reason TEXT: why may they stay behind?", 2)
  end
  local summary = project.must(call, call.project:complete(progress.to(out), o.accept_failures, o.reason, o.readd_members))
  out.flush()
  local before = call.result.completed or { teams = 0, chats = 0, members = 0 }
  call.result.completed = {
    channels = summary.channels + summary.channels_before, chats = before.chats + summary.chats,
    teams = before.teams + summary.teams, members = before.members + summary.members, left_behind = summary.left_behind,
  }
  local channels, left = output.of(summary.channels + summary.channels_before, "channel"), ""
  if summary.teams == 0 and summary.channels > 0 then channels = output.of(summary.channels, "channel") end
  if summary.left_behind > 0 then left = "; left behind: " .. output.of(summary.left_behind, "message") end
  if summary.channels == 0 and summary.teams == 0 and summary.chats == 0 then
    out.say("nothing to complete: %s had been before%s", channels, left)
  else
    local parts = {}
    if summary.channels > 0 or summary.teams > 0 then parts[1] = channels end
    if summary.teams > 0 then parts[#parts + 1] = output.of(summary.teams, "team") end
    if summary.chats > 0 then parts[#parts + 1] = output.of(summary.chats, "chat") end
    local last = table.remove(parts)
    out.say("completed %s%s%s", table.concat(parts, ", "), (#parts > 0 and " and " or "") .. last, left)
  end
  if summary.members > 0 then out.say("members  %s added", output.count(summary.members)) end
  if summary.members_refused > 0 then
    out.problem("members  %s refused; teamferry status names them", output.count(summary.members_refused))
  end
  return summary
end

function complete.run(call)
  project.open(call, { must_exist = true })
  project.of_this_target(call)
  project.introduce(call)
  project.preflight(call, { "complete" })
  local summary = complete.after(call)
  project.status(call)
  if summary.waiting > 0 then
    call.result.state = "waiting"
    call.out.say("next: teamferry run with the same options fills %s that waited for the team; then complete again",
      output.of(summary.waiting, "conversation"))
    return 0
  end
  call.result.state = "completed"
  evidence.tell(call, project.must(call, call.project:write_evidence("complete", evidence.place(call, "completed"))))
  call.out.say "next: teamferry verify with the same options proves that everything arrived"
  return 0
end

return complete
