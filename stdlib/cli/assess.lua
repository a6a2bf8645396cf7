---teamferry assess: what an export holds, what would become of it in Teams, and how long that takes. No credentials, no
---journal that stays: everything goes through the same mapping and checks as plan, in a folder that is gone afterwards.
local native = require "teamferry.native"
local plan = require "stdlib.cli.plan"
local project = require "stdlib.cli.project"
local report = require "stdlib.cli.assess_report"

local assess = {
  script = "required",
  takes_export = true,
  summary = "Says what an export holds, what will be lost, and how long a migration takes. Needs no credentials.",
  usage = "Example: teamferry assess acme.zip --html acme.html\n"
    .. "In a project's folder its migrate.lua maps; elsewhere the script that knows the export.",
}

-- How fast the service is asked: as plan does, and as the table of limits has it, where the two sources disagree.
local PACES = { "article", "table" }

function assess.options(parser)
  parser:option "--html":argname "FILE":description "writes a page with charts too, by itself in one file"
  parser:option "--limits":argname "FILE"
    :description "JSON with limits of the service that are others in this tenant"
  plan.workers_option(parser)
end

local function size_of(path)
  local file = io.open(path, "rb")
  local bytes = file and file:seek "end"
  if file then file:close() end
  return bytes and bytes < 2 ^ 53 and bytes > 0 and bytes or nil -- of a folder it is none
end

local function write(call, path, text)
  local file, problem = io.open(path, "wb")
  local written = file and file:write(text) and file:close()
  if not written then call.fail(("--html: %s cannot be written: %s"):format(path, problem or "the disk is full"), 2) end
end

function assess.run(call)
  call.options.pace = PACES[1]
  project.open(call, { scratch = true })
  call.result = { errors = {} }
  local started = native.clock()
  local summary, team = plan.map(call, { survey = true })
  local paces = {}
  for i, name in ipairs(PACES) do
    paces[i] = native.pace(name)
    paces[i].name = name
  end
  local export = project.argument(call, "export")
  local found = report.of {
    export = export, export_bytes = size_of(export), script = call.script.described.name, team = team, made = os.date "!%Y-%m-%d",
    status = project.must(call, call.project:status()), survey = project.must(call, call.project:survey()),
    summary = summary, paces = paces,
  }
  found.seconds = native.clock() - started
  call.result = found
  require("stdlib.cli.assess_text").say(call.out, found)
  if call.options.html then
    write(call, call.options.html, require("stdlib.cli.assess_page").of(found))
    call.out.say("page           %s", call.options.html)
  end
  return found.failed > 0 and 3 or 0
end

return assess
