---The prompt: reads lines, runs commands and Lua, shows what comes of it.
---
---Commands begin with a dot (stdlib/prompt/looking.lua, working.lua); everything else is Lua, run as scripts are, with graph at
---hand. Without a terminal the same lines are read from standard input; with --echo what comes out is a transcript, as in
---examples/prompt. Tested by tests/end_to_end/prompt_test.cpp.
local complete = require "stdlib.prompt.complete"
local host = require "teamferry.host"
local manual = require "stdlib.manual"
local names = require "stdlib.cli.names"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local sandbox = require "teamferry.sandbox"
local session = require "stdlib.prompt.session"
local show = require "stdlib.show"
local source = require "stdlib.source"
local suggest = require "stdlib.suggest"
local trace = require "stdlib.prompt.trace"
local values = require "stdlib.prompt.values"
local views = require "stdlib.prompt.views"

local loop = {}

local SMALL_BYTES, SMALL_FILES = 4 * 1024 * 1024, 2000 -- an export that is counted when it is opened

---@class Prompt
local Prompt = {}
Prompt.__index = Prompt

local commands = {}
for _, list in ipairs { require "stdlib.prompt.looking", require "stdlib.prompt.working" } do
  for _, entry in ipairs(list) do
    commands[#commands + 1] = { name = entry[1], takes = entry[2], does = entry[3], run = entry[4] }
  end
end

local function copied(value)
  if type(value) ~= "table" then return value end
  local out = setmetatable({}, getmetatable(value))
  for key, each in pairs(value) do out[key] = copied(each) end
  return out
end

---@param call table
---@param how { graph: table, given: table<string, string> }
---@return Prompt
function loop.new(call, how)
  local out = call.out
  local p = setmetatable({ call = call, out = out, say = out.say, print = out.print, graph = how.graph, parallel = how.parallel,
    progress = how.progress, print_values = how.print, names = names, holds = values.holds, copied = copied,
    stopped = native.interrupted, errors = {} }, Prompt)
  p.width = function() return out.terminal and native.columns "stdout" or 100 end
  p.whole = function() return p.last == nil and "there is no value yet" or show.whole(p.last) end
  local watcher = trace.new(host.compile, native.clock)
  source.host.watch = watcher.watch
  p.session = session.new { given = how.given, trace = watcher, warn = function(words) out.say("warning  %s", words) end }
  local given, shown = values.new(p)
  p.given, p.shown = given, shown
  p.env, p.kept = sandbox.environment(given)
  p.help = function(value) return p:help_of(value) end
  p.commands = {}
  for _, command in ipairs(commands) do p.commands[command.name] = command end
  for _, command in ipairs { { name = "help", takes = "[NAME]", does = "these commands; what a name is", run = p.tell },
    { name = "quit", takes = "", does = "ends the session, as Ctrl-D does", run = function() p.ended = true end } } do
    p.commands[command.name] = command
  end
  return p
end

function Prompt:census()
  local terminal = self.out.terminal
  local census = self.session:census(terminal and function(n) self.out.redraw(("reading  %s messages"):format(output.count(n))) end or nil)
  if terminal then self.out.flush() end
  return census
end

function Prompt:conversation_names()
  local set = {}
  for _, place in ipairs(self.session.map and self.session.map.begun.conversations or {}) do
    set[place.displayName or place.topic or place.name or place.id or ""] = true
  end
  return set
end

function Prompt.hint(_, name, set) return suggest.hint(name, set) end

function Prompt.fields_of(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return table.concat(keys, ", ")
end

-- Whether the export is read in no time: then its messages are counted at once.
local function is_small(path, export)
  local function size(file)
    local handle = io.open(file, "rb")
    local bytes = handle and handle:seek "end"
    if handle then handle:close() end
    return bytes
  end
  local list = export:list()
  if #list > SMALL_FILES then return false end
  local bytes = size(path)
  if bytes and bytes < 2 ^ 40 then return bytes * 4 < SMALL_BYTES end -- of a folder it is a number without sense
  bytes = 0
  for _, name in ipairs(list) do bytes = bytes + (size(path .. "/" .. name) or 0) end
  return bytes < SMALL_BYTES
end

---Says what is open.
function Prompt:greet()
  local s, say = self.session, self.say
  if s.map then
    local parts = { views.export(s.map) }
    if is_small(s.path, s.map.world.export) then
      local census = self:census()
      parts[2] = output.of(census.messages, "message")
      if census.first then parts[#parts + 1] = census.first:sub(1, 10) .. " to " .. census.last:sub(1, 10) end
      if census.failed > 0 then parts[#parts + 1] = output.count(census.failed) .. " cannot be mapped" end
    else
      parts[2] = "its messages are read when they are asked for"
    end
    say("%s: %s", s.path:match "[^/]+/?$", table.concat(parts, ", "))
    for _, failed in ipairs(s.map.begun.failed) do say("warning  %s: %s", failed.record or failed.what, failed.error:match "^[^\n]*") end
  end
  if s.script then
    local path = s.file and native.exists((s.project == "." and "" or s.project .. "/") .. s.file)
    say("using %s (%s)%s; .help lists the commands", s.script.name, path and s.file or "shipped" ..
      (s.script.version and ", " .. s.script.version or ""), s.map and "" or ", without an export: .open PATH")
  else
    say "nothing is open: .open EXPORT, .use SCRIPT; .help lists the commands"
  end
end

-- .help, .help NAME
function Prompt:tell(words)
  if words ~= "" then return self.print(self:manual(words)) end
  local list = {}
  for _, command in pairs(self.commands) do list[#list + 1] = command end
  table.sort(list, function(a, b) return a.name < b.name end)
  for _, command in ipairs(list) do
    self.print(output.wrap(("  %-26s "):format("." .. command.name .. (command.takes ~= "" and " " .. command.takes or "")),
      command.does, self.width()))
  end
  self.print "Everything else is Lua: script, export, ctx, people, conversations, m (the record), out (its result), _ (the last value)."
end

-- What a name of the prompt, an argument or a step is.
function Prompt:manual(name)
  local argument = name:match "^args%.([%w_]+)$"
  local script = self.session.script
  if argument and script then
    for _, declared in ipairs(source.describe(script).args) do
      if declared.name == argument then
        local tail = declared.choices and table.concat(declared.choices, ", ") or nil
        local value = declared.default ~= nil and "default " .. show.line(declared.default) or nil
        local example = declared.example and "example " .. tostring(declared.example) or nil
        local parts = { declared.type .. ".", (declared.doc or "") .. "." }
        for _, each in ipairs { tail or false, value or false, example or false } do
          if each then parts[#parts + 1] = each .. "." end
        end
        return "args." .. argument .. "  " .. table.concat(parts, " ")
      end
    end
  end
  local command = self.commands[(name:gsub("^%.", ""))]
  if command then return (".%s %s  %s"):format(command.name, command.takes, command.does) end
  if name:find "^%." then
    local known = {}
    for each in pairs(self.commands) do known["." .. each] = true end
    return ("there is no command %s%s"):format(name, suggest.hint(name, known))
  end
  local page, problem = manual.about(name)
  return page or problem
end

-- help(html.replace), help "html.replace"
function Prompt:help_of(value)
  if value == nil then return self:tell "" end
  local name = type(value) == "string" and value or manual.name_of(value, function(global)
    if global == "graph" then return self.graph end
    if self.given[global] == nil then return sandbox.public(global) end
  end)
  if name then return self.print(self:manual(name)) end
  if source.is(value) then
    return self.print(("%s: %s; teamferry help %s lists its arguments"):format(value.name, value.summary, value.name))
  end
  self.print(self:shown_value(value))
end

-- Showing -------------------------------------------------------------------------------------------------------------

local function is_error(value) return type(value) == "table" and value.code ~= nil and value.line ~= nil end

function Prompt:shown_value(value)
  local made = type(value) == "table" and self.shown[value]
  if made then return made() end
  if source.is(value) then return ("source %s, %s"):format(value.name, value.summary) end
  return show.value(value)
end

function Prompt:present(n, first, second, ...)
  if n == 0 then return end
  if first ~= nil then self.last = first end
  if first == nil and n >= 2 and second ~= nil then
    return self.print("nil     " .. (is_error(second) and second.line or tostring(second)))
  end
  if n == 1 and first == nil then return self.print "nil" end
  local all = { first, second, ... }
  for i = 1, n do self.print(self:shown_value(all[i])) end
end

function Prompt:trouble(problem)
  if type(problem) == "table" and problem.stop then problem = problem.err end -- a command would have ended here
  local words = is_error(problem) and problem.line or type(problem) == "table" and problem.message or tostring(problem)
  words = words:gsub("^prompt:1: ", ""):gsub("^stdlib/[%w_/]+%.lua:%d+: ", ""):gsub(" %(from prompt:1%)$", "")
  if native.interrupted() or words == "interrupted" then words = "interrupted" end
  self.errors[#self.errors + 1] = { kind = "argument", code = "prompt", message = words }
  self.print(words)
end

-- Running -------------------------------------------------------------------------------------------------------------

-- The function of a text: as an expression, else as statements. nil and "more" if it is unfinished.
function Prompt:compiled(text)
  local fn, first = sandbox.compile("return " .. text, "prompt", self.env)
  if fn then return fn end
  local second
  fn, second = sandbox.compile(text, "prompt", self.env)
  if fn then return fn end
  if first:find "near '<eof>'$" or second:find "near '<eof>'$" then return nil, "more", second end
  return nil, second
end

local function counted(...) return select("#", ...), ... end

---Runs one entry.
---@return string? more  "more" if it is unfinished
function Prompt:enter(text, at_end)
  native.go_on()
  local name, words = text:match "^%s*%.(%a+)%s*(.-)%s*$"
  if name then
    local command = self.commands[name]
    if not command then
      local set = {}
      for each in pairs(self.commands) do set[each] = true end
      return self:trouble(("there is no command .%s%s; .help lists them"):format(name, suggest.hint(name, set, ".")))
    end
    local fine, problem = native.attempt(command.run, self, words)
    if not fine then self:trouble(problem) end
    return
  end
  if not text:find "%S" then return end
  local fn, problem, real = self:compiled(text)
  if problem == "more" and not at_end then return "more" end
  if not fn then return self:trouble(real or problem) end
  self:after(native.attempt(fn))
  if text:find "^%s*local%s" then self.say "a local lasts for its line; without local it stays" end
end

function Prompt:after(fine, ...)
  if not fine then return self:trouble((...)) end
  local found, problem = native.attempt(self.present, self, counted(...))
  if not found then self:trouble(problem) end
end

-- What Tab offers.
function Prompt:completion()
  local world = { commands = self.commands }
  function world.names()
    local set = {}
    for _, list in ipairs { self.given, self.kept } do
      for name in pairs(list) do set[name] = true end
    end
    for _, name in ipairs(sandbox.globals()) do set[name] = true end
    return set
  end
  function world.value(name)
    if self.kept[name] ~= nil then return self.kept[name] end
    if self.given[name] then
      local fine, value = pcall(self.given[name])
      return fine and value or nil
    end
    return sandbox.public(name)
  end
  function world.fields(value)
    if source.is(value) then
      local set = source.functions(value)
      set.name, set.summary, set.args = true, true, true
      return set
    end
    if value == self.given.people() then return { all = true, strangers = true } end
    if value == self.given.conversations() then return { all = true } end
    return sandbox.fields(value)
  end
  function world.conversations() return self:conversation_names() end
  function world.args()
    local set = {}
    for _, declared in ipairs(self.session.script and source.describe(self.session.script).args or {}) do set[declared.name] = true end
    return set
  end
  return function(text) return complete.of(text, world) end
end

-- Reads lines until they end; `read(prompt)` gives one, or nil and why there is none.
function Prompt:talk(read, echo)
  local number, pending = 1, nil
  while not self.ended do
    local prompt = ("%d%s "):format(number, pending and "|" or ">")
    local line, why = read(prompt)
    if line == nil and why ~= "interrupted" then break end
    if line == nil then
      self.print ""
      pending = nil
    else
      if echo then self.print(prompt .. line) end
      local text = pending and pending .. "\n" .. line or line
      if self:enter(text, pending and line == "") == "more" then
        pending = text
      else
        if text:find "%S" then number = number + 1 end
        pending = nil
      end
      self.out.flush()
    end
  end
  if pending then self:enter(pending, true) end
end

---Runs the session: the expression, or what a person types, or what standard input holds.
---@return integer code
function Prompt:run()
  local call = self.call
  if call.options.expression then
    self:enter(call.options.expression, true)
  elseif native.is_terminal "stdin" and native.is_terminal "stdout" then
    local folder = (self.session.project or ".") .. "/.teamferry"
    local history = native.make_folder(folder) and folder .. "/history" or nil
    self:talk(native.line_editor(history, self:completion()))
    if history then self.say("history is kept in %s", history) end
    return 0
  else
    self:talk(function()
      if native.interrupted() then return nil, "end" end
      return io.stdin:read "*l"
    end, call.options.echo)
  end
  local result = call.result
  result.errors = self.errors
  result.state = #self.errors > 0 and "failed" or "done"
  if native.interrupted() then return 130 end
  return #self.errors > 0 and 2 or 0
end

return loop
