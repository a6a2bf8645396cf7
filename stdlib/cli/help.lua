---teamferry help: the commands, one command, the arguments of a script, or a module or function that scripts see.
local manual = require "stdlib.manual"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local source = require "stdlib.source"

local help = {
  summary = "Lists the commands; says what a command, a script or a function of scripts takes.",
  usage = "Example: teamferry help html.replace\nFor completion in editors: teamferry help --stubs .teamferry/meta",
}

function help.options(parser)
  parser:argument "topic":args "?"
    :description "a command, a script, a project's folder; or what scripts see: html, html.replace, channel:import, place"
  parser:option "--stubs":argname "FOLDER":description "write what scripts see as files for editors (LuaLS), one a module"
end

local function write_stubs(call, folder)
  local made, err = native.make_folder(folder)
  if not made then call.fail(err, 2) end
  local files = 0
  for name, text in pairs(manual.stubs()) do
    local file, problem = io.open(folder .. "/" .. name, "wb")
    if not file then call.fail("cannot write " .. problem, 2) end
    file:write(text)
    file:close()
    files = files + 1
  end
  call.out.say("%s: %s; put it into workspace.library of .luarc.json", folder, output.of(files, "file"))
  return 0
end

local function overview(cli, say)
  say "teamferry moves chat history into Microsoft Teams."
  say ""
  say "usage: teamferry COMMAND [SCRIPT-OR-PROJECT-FOLDER] [--options]"
  say ""
  local width = output.width()
  for _, name in ipairs(cli.order) do
    say(output.wrap(("  %-10s "):format(name), require("stdlib.cli." .. name).summary, width))
  end
  say ""
  say "A rehearsal on this machine, from export to verified messages:"
  say "  teamferry run slack --export acme.zip --complete"
  say ""
  say "teamferry help COMMAND lists its options."
  say "teamferry help slack lists the arguments of a script, which are options too."
  say "teamferry help html, help html.replace: what scripts can call, by module or function:"
  local names = {}
  for _, page in ipairs(manual.pages()) do names[#names + 1] = page.name end
  say(output.wrap("  ", table.concat(names, " "), width))
  say ""
  say "exit codes"
  for _, code in ipairs(cli.codes) do say(output.wrap(("  %3d  "):format(code[1]), code[2], width)) end
end

local function shown(value)
  if type(value) == "table" then return value.displayName or table.concat(value, ",") end
  return tostring(value)
end

local function script(described, say)
  say("%s%s: %s", described.name, described.version and " " .. described.version or "", described.summary)
  say ""
  for _, declared in ipairs(described.args) do
    local tail = {}
    if declared.choices then tail[#tail + 1] = table.concat(declared.choices, ", ") end
    if declared.required then tail[#tail + 1] = "required" end
    if declared.default ~= nil then tail[#tail + 1] = "default " .. shown(declared.default) end
    if declared.example then tail[#tail + 1] = "example " .. shown(declared.example) end
    say(output.wrap(("  --%-15s "):format((declared.name:gsub("_", "-"))),
      (declared.doc or "") .. (#tail > 0 and " (" .. table.concat(tail, "; ") .. ")" or ""), output.width()))
  end
end

function help.run(call)
  local topic, say = call.options.topic, call.out.say
  if call.options.stubs then return write_stubs(call, call.options.stubs) end
  if not topic then
    overview(call.cli, say)
    return 0
  end
  if call.cli.commands[topic] then
    return call.cli.main { topic, "--help" }
  end
  local page = manual.about(topic)
  if page then
    say(page)
    return 0
  end
  local value, file = native.load_script(topic)
  if value == nil and type(file) == "table" then call.fail(file, 2) end
  local fine, problem = pcall(source.loaded, value, file)
  if not fine then call.fail(tostring(problem), 2) end
  script(source.describe(value), say)
  return 0
end

return help
