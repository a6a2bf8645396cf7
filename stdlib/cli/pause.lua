---teamferry pause: a run of this journal, in another terminal, stands still until teamferry resume.
local project = require "stdlib.cli.project"

local pause = {
  script = "optional",
  summary = "Lets a run that is going on finish what is on its way, and stand still until teamferry resume.",
  usage = "Example: teamferry pause --journal acme.db\n"
    .. "In its own terminal Ctrl-Z does the same and fg goes on; Ctrl-C ends a run, and running again goes on.",
}

function pause.options(parser)
  require("stdlib.cli.options").common(parser, false)
  parser:option "--target":argname "NAME":choices(require("stdlib.cli.options").targets)
    :description "which of a project's journals: its rehearsal's (emulator, the default) or a cloud's"
end

---Says it to the journal's runs; used by resume as well.
function pause.set(call, on)
  project.open(call, { read_only = true, must_exist = true })
  project.must(call, call.project:pause(on))
  call.result.state = on and "paused" or "resumed"
end

function pause.run(call)
  pause.set(call, true)
  call.out.say("paused   runs of %s send nothing more; teamferry resume --journal %s lets them go on", call.journal, call.journal)
  return 0
end

return pause
