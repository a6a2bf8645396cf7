---The command line: finds the command, reads its options, runs it, and turns what came of it into an exit code.
---
---One file a command in stdlib/cli/, a table with `summary`, `usage`, `options(parser, script)` and `run(call)`.
---Tested by tests/end_to_end/.
local native = require "teamferry.native"
local options = require "stdlib.cli.options"
local output = require "stdlib.cli.output"
local suggest = require "stdlib.suggest"

local cli = {}

cli.commands = {}
cli.order = {
  "new", "assess", "people", "plan", "diff", "run", "pause", "resume", "status", "verify", "complete", "discard", "doctor", "probe",
  "test", "repl", "emulator", "help",
}
for _, name in ipairs(cli.order) do cli.commands[name] = true end

---What a process ends with. Stable: scripts depend on them.
cli.codes = {
  { 0, "done" },
  { 1, "unexpected: please report it" },
  { 2, "wrong usage or input: an option, an argument of the script, the export" },
  { 3, "finished, but some records failed or are in doubt, verify found differences, or a test failed" },
  { 4, "refused: the state does not allow it (unsettled messages, another target, a locked journal)" },
  { 5, "the service or the sign-in failed" },
  { 130, "interrupted; run the same command to go on" },
}

local function command_of(name) return require("stdlib.cli." .. name) end

---The exit code that belongs to an error of a native function.
---@param err { kind: string, code: string }
function cli.code_of(err)
  if err.code == "interrupted" then return 130 end
  if err.code == "script" or err.kind == "argument" then return 2 end
  if err.kind == "state" then return 4 end
  return 5
end

---Ends the command with a sentence and an exit code, from anywhere in it.
---@param err table|string  what a native function gave, or a sentence
---@param code? integer
function cli.fail(err, code)
  if type(err) == "string" then err = { kind = "argument", code = "usage", message = err } end
  if err.code == "interrupted" then code = nil end -- whatever it interrupted
  error({ stop = true, err = err, code = code or cli.code_of(err) }, 0)
end

local function trace(problem)
  if type(problem) == "table" and problem.stop then return problem end
  return { unexpected = debug.traceback(tostring(problem), 2) }
end

local function report(out, problem)
  if problem.unexpected then
    out.problem("teamferry: unexpected: " .. problem.unexpected)
    return 1, { kind = "unexpected", message = problem.unexpected }
  end
  local err = problem.err
  out.problem("teamferry: " .. (err.line or err.message))
  local errors = { kind = err.kind, code = err.code, message = err.message, status = err.status, request_id = err.request_id }
  return problem.code, errors
end

---Runs the program.
---@param args string[]
---@return integer  # the exit code
function cli.main(args)
  local name = args[1]
  if name == "--version" or name == "-v" then
    io.stdout:write("teamferry ", native.version(), "\n")
    return 0
  end
  if name == nil or name == "--help" or name == "-h" then name, args = "help", { "help" } end
  if not cli.commands[name] then
    io.stderr:write(("teamferry: there is no command '%s'%s; teamferry help lists them\n")
      :format(name, suggest.hint(name, cli.commands)))
    return 2
  end

  local out = output.new { json = false }
  for _, value in ipairs(args) do
    if value == "--json" then out = output.new { json = true } end
  end
  local call = { command = name, out = out, fail = cli.fail, cli = cli }
  local fine, code = xpcall(function()
    local command = command_of(name)
    options.read(call, command, args)
    out = output.new { json = call.options.json, quiet = call.options.quiet }
    call.out = out
    return command.run(call)
  end, trace)
  local result = call.result
  if not fine then
    local err
    code, err = report(out, code)
    result = result or { state = "failed" }
    result.errors = result.errors or {}
    result.errors[#result.errors + 1] = err
  end
  if result then
    result.command, result.exit_code = name, code
    result.errors = require("json").array(result.errors or {})
    out.result(result)
  end
  return code
end

return cli
