---teamferry repl: the prompt; or runs a plain script, which has no source, or an expression, with graph at hand.
---
---A plain script runs in the sandbox like any other, and is granted what steps may not have: graph, parallel, progress and
---arg.read. A script that returns a source, an export or a project is opened at the prompt (stdlib/prompt/loop.lua).
---Tested by tests/end_to_end/repl_test.cpp and prompt_test.cpp.
local arg = require "stdlib.arg"
local json = require "json"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local pager = require "stdlib.pager"
local progress = require "stdlib.cli.progress"
local project = require "stdlib.cli.project"
local sandbox = require "teamferry.sandbox"
local show = require "stdlib.show"
local source = require "stdlib.source"
local suggest = require "stdlib.suggest"

local repl = {
  plain = true, -- what is no option of ours is the script's
  summary = "The prompt, on an export or a project. Or runs a plain script, or an expression (-e).",
  usage = "Example: teamferry repl acme.zip\n"
    .. "A plain script: teamferry repl minutes.lua --write --team \"Board archive\"; its arguments: teamferry repl minutes.lua --help\n"
    .. "Without a terminal the prompt reads its lines from standard input. A cloud is only read, unless --write is given.",
}

function repl.options(parser)
  parser:argument "script":args "?":description("an export, a project's folder, a script (slack) or a "
    .. ".lua file, or - for a plain script on standard input; the script's own arguments follow it")
  parser:flag "--write":description "let it change things; without it, what would is refused"
  parser:option "-e --expression":argname "EXPRESSION"
    :description "what to print the value of; a line of the prompt, if an export or a project is named"
  parser:flag "--echo":description "print each line of standard input too: what comes out is a transcript"
  require("stdlib.cli.options").common(parser, true)
end

---Whether these words of ours name a script, whose help --help then asks for.
function repl.names_script(words)
  for _, word in ipairs(words) do
    if word:match "%.lua$" then return true end
  end
end

local HELP = {} -- raised to end a script that was asked for its arguments

-- Arguments of the script ---------------------------------------------------------------------------------------------

local function help_lines(specs)
  local names, lines = {}, {}
  for name in pairs(specs) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local spec, tail = specs[name], {}
    if spec.choices then tail[#tail + 1] = table.concat(spec.choices, ", ") end
    if spec.required then tail[#tail + 1] = "required" end
    if spec.default ~= nil then tail[#tail + 1] = "default " .. tostring(spec.default) end
    if spec.example then tail[#tail + 1] = "example " .. tostring(spec.example) end
    lines[#lines + 1] = output.wrap(("  --%-15s "):format((name:gsub("_", "-"))),
      (spec.doc or spec.type) .. (#tail > 0 and " (" .. table.concat(tail, "; ") .. ")" or ""), output.width())
  end
  return lines
end

-- What the words give, as text by name. Raises what is wrong with them.
local function values_of(words, specs)
  local given, known = {}, {}
  for name in pairs(specs) do known[(name:gsub("_", "-"))] = true end
  local i = 1
  while i <= #words do
    local word = words[i]
    local spelled, value = word:match "^%-%-([%w_-]+)=(.*)$"
    spelled = spelled or word:match "^%-%-([%w_-]+)$"
    if not spelled then error(("'%s' stands alone; arguments are given as --name value"):format(word), 0) end
    local name = spelled:gsub("-", "_")
    local denied = specs[name] == nil and spelled:match "^no%-(.+)$"
    if denied and specs[denied:gsub("-", "_")] and specs[(denied:gsub("-", "_"))].type == "boolean" then
      name, value = denied:gsub("-", "_"), "false"
    elseif not specs[name] then
      error(("args.%s: unknown argument%s"):format(spelled, suggest.hint(spelled, known, "--")), 0)
    elseif value == nil and specs[name].type == "boolean" and not (words[i + 1] == "true" or words[i + 1] == "false") then
      value = "true"
    elseif value == nil then
      i = i + 1
      value = words[i]
      if value == nil then error(("args.%s: --%s needs a value"):format(name, spelled), 0) end
    end
    local kind = specs[name].type
    given[name] = (kind == "path" or kind == "table") and native.absolute(value) or value -- as seen from here
    i = i + 1
  end
  return given
end

local function serve_arguments(call)
  return function(specs)
    for name in pairs(specs) do
      local spelled = name:gsub("_", "-")
      if call.taken[spelled] then error(("arg.read: --%s is an option of teamferry; choose another name"):format(spelled), 0) end
    end
    if call.wants_help then
      io.stdout:write(call.usage, "\n\nArguments of ", call.options.script, ":\n", table.concat(help_lines(specs), "\n"), "\n")
      error(HELP, 0)
    end
    call.arguments_read = true
    return values_of(call.words, specs)
  end
end

-- What it is granted --------------------------------------------------------------------------------------------------

local function print_to(out)
  return function(...)
    local words = { ... }
    for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
    out.print(table.concat(words, "\t"))
  end
end

local function progress_to(out)
  local draw = progress.to(out, function(p)
    local line = ("%s  %s of %s"):format(p.label, output.count(p.done), output.count(p.total))
    return p.total > 0 and ("%s (%d %%)"):format(line, math.floor(100 * p.done / p.total)) or line
  end)
  return function(done, total, label)
    for at, value in ipairs { done or false, total or false } do
      if type(value) ~= "number" then
        error(("progress: argument %d (%s): expected a number, got %s"):format(at, at == 1 and "done" or "total", type(value)), 2)
      end
    end
    draw { done = done, total = total, label = label and tostring(label) or "done" }
  end
end

-- In help nothing is asked of anybody.
local function silent(graph)
  local closed = {}
  for name in pairs(graph) do closed[name] = function() error(HELP, 0) end end
  return closed
end

-- Opens the target for plain scripts and the prompt; gives graph, parallel, progress and print.
local function open_world(call, write)
  local reach = project.reach(call)
  reach.write = write
  if reach.target == "emulator" and call.options.journal then reach.emulator.data = call.options.journal .. "-emulator" end
  local graph, err = native.open_graph(reach, pager.items)
  if not graph then call.fail(err, 2) end
  require "bindings.world"
  return { graph = graph, parallel = native.parallel, progress = progress_to(call.out), print = print_to(call.out) }, reach
end

local function grant(call)
  local world, reach = open_world(call, call.options.write)
  arg.host.given = serve_arguments(call)
  if call.wants_help then world.graph, world.parallel = silent(world.graph), silent({ parallel = true }).parallel end
  for name, value in pairs(world) do sandbox.grant(name, value) end
  if call.wants_help then return end
  if call.target == "emulator" then
    call.out.note("target   the local emulator, %s: a rehearsal, nothing leaves this machine",
      reach.emulator.data and "state in " .. reach.emulator.data or "in memory")
  else
    call.out.note("target   %s, to %s", call.target, reach.write and "read and write" or "read")
  end
end

-- Running -------------------------------------------------------------------------------------------------------------

-- The function that is to run, of the file, of standard input, or of the expression.
local function compiled(call)
  local o = call.options
  if o.expression then
    local fn = sandbox.compile("return " .. o.expression, "-e")
    local problem
    if not fn then fn, problem = sandbox.compile(o.expression, "-e") end
    if not fn then call.fail(problem, 2) end
    return fn
  end
  local text, chunk
  if o.script == "-" then
    text, chunk = io.stdin:read "*a", "stdin"
  else
    text, chunk = native.read_script(o.script)
    if not text then call.fail(chunk, 2) end
  end
  local fn, problem = sandbox.compile(text, chunk)
  if not fn then call.fail(problem, 2) end
  return fn
end

local function is_error(value) return type(value) == "table" and value.code ~= nil and value.line ~= nil end

-- The error of a script as one of the program's: with its place in front.
local function placed(problem, where)
  local err = problem
  if not is_error(problem) then
    local bare = type(problem) == "table" and getmetatable(problem) == nil
    err = { kind = "argument", code = "script", message = bare and "an error that is not a text" or tostring(problem) }
  end
  local line = err.line or err.message
  if where and where ~= "" and not line:find(where, 1, true) then line = where .. ": " .. line end
  if native.interrupted() then return { kind = "state", code = "interrupted", message = line, line = line } end
  return { kind = err.kind, code = err.code, message = line, line = line, status = err.status, request_id = err.request_id }
end

local function encodable(value)
  if value == nil then return nil end
  local fine = pcall(json.encode, value)
  if fine then return value end
  return tostring(value)
end

-- The prompt, on what the words name. In a rehearsal nothing leaves this machine, so it may write.
local function prompt(call)
  for _, name in ipairs { "graph", "parallel", "progress", "print" } do sandbox.grant(name, nil) end
  local o = call.options
  local world = open_world(call, o.write or (o.target or "emulator") == "emulator" and not o.graph_url)
  call.result = { target = call.target, errors = {} }
  return require "stdlib.prompt.start"(call, world, values_of)
end

local function finish(call, fine, ...)
  local out = call.out
  if not fine then
    local problem, where = ...
    if problem == HELP then return 0 end
    call.fail(placed(problem, where))
  end
  if call.wants_help then
    io.stdout:write(call.usage, "\n\n", call.options.script, " takes no arguments.\n")
    return 0
  end
  local value, err = ...
  if source.is(value) then return prompt(call) end
  if native.interrupted() then call.fail { kind = "state", code = "interrupted", message = "interrupted" } end
  if #call.words > 0 and not call.arguments_read then
    out.note("teamferry: '%s' was not read: the script takes no arguments", table.concat(call.words, " "))
  end
  call.result.state, call.result.value = "done", encodable(value)
  if not call.options.expression then return 0 end
  if value == nil and is_error(err) then call.fail(err) end
  if not out.json then
    for i = 1, math.max(1, select("#", ...)) do out.print(show.value((select(i, ...)))) end
  end
  return 0
end

function repl.run(call)
  io.stdout:setvbuf "line" -- whoever reads along sees what a script prints when it does
  local o = call.options
  local plain = o.script and (o.script == "-" or o.script:match "%.lua$" and native.exists(o.script)) or o.expression and not o.script
  if not plain or call.wants_help and not o.script then return prompt(call) end
  local fn = compiled(call)
  grant(call)
  call.result = { target = call.target, errors = {} }
  return finish(call, native.attempt(fn))
end

return repl
