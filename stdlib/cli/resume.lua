---teamferry resume: what teamferry pause made stand still goes on.
local pause = require "stdlib.cli.pause"

local resume = {
  script = "optional",
  summary = "Lets a run go on that teamferry pause made stand still.",
  usage = "Example: teamferry resume --journal acme.db",
  options = pause.options,
}

function resume.run(call)
  pause.set(call, false)
  call.out.say("resumed  runs of %s send again", call.journal)
  return 0
end

return resume
