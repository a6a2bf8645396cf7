---teamferry verify: reads everything back and compares it with the journal.
local evidence = require "stdlib.cli.evidence"
local output = require "stdlib.cli.output"
local progress = require "stdlib.cli.progress"
local project = require "stdlib.cli.project"

local verify = {
  script = "optional",
  summary = "Reads every message back and compares author, time, thread and text with what was sent.",
  usage = "Example: teamferry verify --journal acme.db --target global\n"
    .. "It leaves evidence beside the journal, which can be checked later and elsewhere:\n"
    .. "teamferry verify --evidence acme-verified.jsonl --key public.pem",
}

local count = output.count

function verify.options(parser)
  require("stdlib.cli.options").common(parser, true)
  evidence.check_options(parser)
end

---Verifies and says what came of it; used by run --complete as well.
---@return integer code
function verify.after(call)
  local summary = project.must(call, call.project:verify(progress.to(call.out), call.options.pilot,
    evidence.place(call, "verified")))
  local out, found, marked = call.out, 0, 0
  out.flush()
  for _, conversation in ipairs(summary.conversations) do
    found, marked = found + conversation.equal, marked + conversation.marked_deleted
    if conversation.missing > 0 or conversation.different > 0 or conversation.extra > 0 then
      out.say("  #%s: %s as sent, %s missing, %s different, %s not ours", conversation.displayName, count(conversation.equal),
        count(conversation.missing), count(conversation.different), count(conversation.extra))
    end
  end
  call.result.verified = { equal = found, by_kind = summary.by_kind, ok = summary.ok, seconds = summary.seconds }
  if marked > 0 then
    out.say("note     %s in Teams with a date of deletion, which people may not see", output.of(marked, "message is", "messages are"))
  end
  if summary.evidence then evidence.tell(call, summary.evidence) end
  if summary.ok then
    out.say("verified %s: each is in Teams with its author, time, thread and text", output.of(found, "message"))
    return 0
  end
  for i, difference in ipairs(summary.examples) do
    if i > 10 then break end
    out.problem("  %s in #%s: %s %s", difference.kind, difference.conversation, difference.record, difference.time)
  end
  out.problem("teamferry: Teams differs from the journal; see the lines above. What was sent is never sent again: "
    .. "what somebody has removed from Teams stays away, unless a new journal fills a new team")
  return 3
end

function verify.run(call)
  if call.options.evidence then return evidence.check(call) end
  if call.options.key or call.options.head then call.fail("--key and --head belong to --evidence FILE", 2) end
  project.open(call, { must_exist = true })
  project.of_this_target(call)
  project.introduce(call)
  project.preflight(call, { "verify" })
  local code = verify.after(call)
  project.status(call)
  call.result.state = code == 0 and "verified" or "different"
  return code
end

return verify
