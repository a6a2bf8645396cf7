---teamferry discard: deletes a team that this migration created, to begin anew.
local project = require "stdlib.cli.project"

local discard = {
  script = "optional",
  summary = "Deletes a team that this migration created, after somebody has typed its name. Never one that lived before.",
  usage = "Example: teamferry discard --journal acme.db --target global --confirm \"Acme archive\"\n"
    .. "The team sits in the tenant's recycle bin for 30 days. The journal is kept as a record and takes no run any more:\n"
    .. "begin anew with another --journal.",
}

function discard.options(parser)
  require("stdlib.cli.options").common(parser, true)
  parser:option "--confirm":argname "NAME":description "the team's name, typed exactly: this is the team that goes"
end

function discard.run(call)
  project.open(call, { must_exist = true })
  project.of_this_target(call)
  project.introduce(call)
  if not call.options.confirm then
    call.fail("this deletes a team with all that is in it; say which with --confirm \"its name\"", 2)
  end
  project.preflight(call, { "discard" })
  local gone = project.must(call, call.project:discard(call.options.confirm))
  call.result.state, call.result.discarded = "discarded", gone
  if gone.gone_before then
    call.out.say("discarded '%s': it was not there any more", gone.displayName)
  else
    call.out.say("discarded '%s': deleted, and in the tenant's recycle bin for 30 days", gone.displayName)
  end
  call.out.say("%s is kept as a record; begin anew with another: --journal FILE", call.journal)
  return 0
end

return discard
