---teamferry status: where a migration stands, from the journal alone.
local output = require "stdlib.cli.output"
local project = require "stdlib.cli.project"

local status = {
  script = "optional",
  summary = "Says where a migration stands. Reads the journal, also while a run writes it.",
  usage = "Example: teamferry status --journal acme.db",
}

local count = output.count

function status.options(parser)
  require("stdlib.cli.options").common(parser, false)
  parser:option "--target":argname "NAME":choices(require("stdlib.cli.options").targets)
    :description "which of a project's journals: its rehearsal's (emulator, the default) or a cloud's"
end

-- One word for the whole.
function status.state_of(now)
  if not now.plan_finished then return "not planned" end
  local open, all = 0, true
  for _, conversation in ipairs(now.conversations) do
    if conversation.kind ~= "skipped" then
      if conversation.state ~= "completed" then all = false end
      if conversation.state ~= "planned" then open = open + 1 end
    end
  end
  if all and #now.conversations > 0 and now.open == 0 then return "completed" end
  if now.open == 0 and open > 0 then return "sent" end
  if now.sent > 0 or open > 0 then return "sending" end
  return "planned"
end

function status.run(call)
  project.open(call, { read_only = true, must_exist = true })
  local now = project.status(call)
  local out = call.out
  call.result.state = status.state_of(now)
  call.result.target = now.target or call.target
  call.result.open = now.open
  out.say("journal  %s: %s", call.journal, call.result.state)
  if now.target then out.say("target   %s", now.target) end
  out.say("records  %s: %s sent, %s to send, %s skipped, %s failed", count(now.records), count(now.sent), count(now.open),
    count(now.skipped), count(now.failed))
  for _, conversation in ipairs(now.conversations) do
    local name = (conversation.kind == "chat" and "chat " or "#") .. conversation.displayName
    if conversation.kind == "skipped" then
      out.say("  %-32s skipped: %s (%s)", name, conversation.reason, output.of(conversation.records, "record"))
    else
      out.say("  %-32s %-11s %8s sent %8s to send %6s skipped %6s failed", name, conversation.state,
        count(conversation.sent), count(conversation.open), count(conversation.skipped), count(conversation.failed))
    end
  end
  project.say_counts(call, now)
  return now.failed > 0 and 3 or 0
end

return status
