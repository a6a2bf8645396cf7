---Reads the command line. The arguments of the script are options too, so the script is found first.
local argparse = require "argparse"
local emulator_options = require "stdlib.cli.emulator_options"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local source = require "stdlib.source"
local suggest = require "stdlib.suggest"

local options = {}

local TARGETS = { "emulator", "global", "usgov", "usgovdod", "china" }
options.targets = TARGETS

-- Options of the commands that stand alone; every other one has a value, so that the script's name can be told from one.
local FLAGS = { json = true, quiet = true, complete = true, fix = true, help = true, ["force-road-b"] = true,
  yes = true, ["add-people"] = true, ["leave-open"] = true, ["confirm-existing"] = true, ["readd-members"] = true }

local function spelled(name) return (name:gsub("_", "-")) end

-- The first word that is no option and no option's value.
local function script_in(args)
  local i = 2
  while i <= #args do
    local word = args[i]
    if word == "--" then return args[i + 1] end
    local name = word:match "^%-%-?([%w-]+)$"
    if not word:match "^%-" then return word end
    local flag = name and (FLAGS[name] or name:match "^no%-" or word:match "^%-%w$")
    if name and not flag then i = i + 1 end
    i = i + 1
  end
end

---Options of everything that has a journal and a target.
function options.common(parser, with_target)
  parser:option "--journal":argname "FILE":description "the journal; by default named after project or export, in this folder"
  if not with_target then return end
  parser:option "--target":argname "NAME":choices(TARGETS)
    :description "where to: emulator (the default: nothing leaves this machine), or a cloud"
  parser:option "--graph-url":argname "URL":description "Graph at another address"
  parser:option "--login-url":argname "URL":description "the sign-in at another address"
  parser:option "--ca":argname "FILE":description "PEM file of a private certificate authority"
  parser:option "--pace":argname "NAME":choices { "article", "table", "strict", "off" }
    :description("article: 5 messages a second and channel, as Microsoft's article says; table: 0.8, four fifths of its "
      .. "table of limits; strict: 4.5, for a service that counts each second; off: for a service of one's own")
  parser:option "--limits":argname "FILE"
    :description "JSON with limits of the service that are others in this tenant"
  parser:option "--log":argname "FILE"
    :description "adds a line for each request, without secrets; TEAMFERRY_LOG in the environment does the same"
  parser:flag "--force-road-b"
    :description "switch existing conversations to migration mode also outside the global cloud, where Microsoft documents no such call"
  emulator_options.declare(parser, "emulator-")
end

-- The script's own arguments as options; returns how their values are found.
local function declare(parser, described, taken)
  local ours = {}
  for _, declared in ipairs(described.args) do
    local name = spelled(declared.name)
    if not taken[name] then
      ours[declared.name] = declared
      local doc = declared.doc or ""
      if declared.choices then doc = doc .. " (" .. table.concat(declared.choices, ", ") .. ")" end
      local default = declared.default
      if type(default) == "string" or type(default) == "number" or type(default) == "boolean" then
        doc = doc .. ("; default %s"):format(tostring(default))
      end
      if declared.type == "boolean" then
        parser:flag("--" .. name):target("arg_" .. declared.name):description(doc)
        parser:flag("--no-" .. name):target("arg_no_" .. declared.name):description "the opposite"
      else
        parser:option("--" .. name):target("arg_" .. declared.name):argname(declared.type:upper()):description(doc)
      end
    end
  end
  return ours
end

-- What the command line gives the script, as text by name. Its paths are seen from here, the script's own from its project.
local function given_to(parsed, ours, project)
  local given = {}
  for name, declared in pairs(ours) do
    local value = parsed["arg_" .. name]
    if value == true then value = "true" end
    if parsed["arg_no_" .. name] then value = "false" end
    if value ~= nil then
      local is_path = declared.type == "path" or declared.type == "table"
      local as_typed = project == "." and not value:match "^%.+/?$" -- errors then show what was typed
      given[name] = is_path and not as_typed and native.absolute(value) or value
    end
  end
  return given
end

-- An option that was misspelt is answered with the one that was meant.
local function explain(parser, problem)
  local unknown = problem:match "unknown option '%-%-([%w-]+)'"
  if not unknown then return problem end
  local names = {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do names[(alias:gsub("^%-+", ""))] = true end
  end
  return problem:gsub("\nDid you mean.*", "") .. suggest.hint(unknown, names, "--")
end

-- Cuts the words behind the command's name into ours and those of the script: what is no option of ours is the script's,
-- with the value that follows. Everything behind -- is.
local function cut(parser, args)
  local takes = {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do takes[alias] = option._maxargs > 0 end
  end
  local ours, theirs = {}, {}
  local i, named = 2, false
  while i <= #args do
    local word = args[i]
    local name = word:match "^(%-%-[^=]+)=" or word
    if word == "--" then
      for k = i + 1, #args do theirs[#theirs + 1] = args[k] end
      break
    elseif takes[name] ~= nil then
      ours[#ours + 1] = word
      if takes[name] and name == word then
        i = i + 1
        ours[#ours + 1] = args[i]
      end
    elseif not named and (word == "-" or not word:match "^%-") then
      named = true
      ours[#ours + 1] = word
    else
      theirs[#theirs + 1] = word
    end
    i = i + 1
  end
  return ours, theirs, takes
end

---Finds the script, reads the options into call.options and call.given. A command that is `plain` runs a script whose
---arguments are not known yet: their words are call.words, and call.taken has the names that are ours.
---@param call table
---@param command table  a file of stdlib/cli/
---@param args string[]  with the command's name first
function options.read(call, command, args)
  local parser = argparse("teamferry " .. call.command, command.summary)
    :usage_max_width(output.width()):help_max_width(output.width()):add_help(false)
  if command.usage then parser:epilog(command.usage) end
  parser:flag "-h --help":description "show this"
  parser:flag "--json":description "one JSON object as the last line of standard output"
  parser:flag "--quiet":description "errors only"
  if command.options then command.options(parser) end

  local wants_help = false
  for _, word in ipairs(args) do wants_help = wants_help or word == "--help" or word == "-h" end
  local described
  if command.script then
    parser:argument "script":args "?":description "a script (slack), a .lua file, or a project's folder; by default ./migrate.lua"
    local name = script_in(args)
    if command.takes_export and not wants_help then
      local rewritten, problem = require("stdlib.cli.recognise").rewritten(args, name)
      if not rewritten then call.fail(problem, 2) end
      args, name = rewritten, script_in(rewritten)
    end
    local value, file, project = native.load_script(name)
    if value == nil and type(file) == "table" then -- an error
      if not wants_help and (name or command.script == "required") then call.fail(file, 2) end
    else
      local fine, problem = pcall(source.loaded, value, file)
      if not fine then call.fail(tostring(problem), 2) end
      described = source.describe(value)
      call.script = { name = name or "", file = file, project = project, described = described }
    end
  end
  local taken = {}
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do taken[(alias:gsub("^%-+", ""))] = true end
  end
  local ours = described and declare(parser, described, taken) or {}
  local words
  if command.plain then
    words, call.words = cut(parser, args)
    call.taken, call.wants_help, call.usage = taken, wants_help, parser:get_help()
    wants_help = wants_help and not (command.names_script and command.names_script(words))
  else
    words = {}
    for i = 2, #args do words[#words + 1] = args[i] end
  end
  if wants_help then
    io.stdout:write(parser:get_help(), "\n")
    os.exit(0)
  end
  local fine, parsed = parser:pparse(words)
  if not fine then call.fail(explain(parser, parsed) .. ("; teamferry help %s lists the options"):format(call.command), 2) end
  call.options, call.given = parsed, given_to(parsed, ours, call.script and call.script.project)
end

return options
