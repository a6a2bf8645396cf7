-- What scripts see of the world.
--
-- The host runs this file once in a new state and gives it the native modules by name. Files of stdlib/ that are inside
-- the binary run with the real globals; every other script runs in `room`, an empty table in front of an allow-list, so
-- that nothing in it can be replaced and what is not listed does not exist.
-- Tested by tests/bindings/sandbox_test.cpp.
local native = ...
local host = native.host

local error, getmetatable, ipairs, pairs, pcall, rawset = error, getmetatable, ipairs, pairs, pcall, rawset
local rawget, setfenv, setmetatable, tostring, type = rawget, setfenv, setmetatable, tostring, type
local real = _G
local room = {}

-- Modules -----------------------------------------------------------------------------------------------------------

-- Values that trusted files may require besides the files of stdlib/.
local private = {
  lpeg = real.lpeg,
  json = native.json, log = native.log, archive = native.archive, validate = native.validate,
  ["teamferry.host"] = host,
  ["teamferry.native"] = native.native, -- only in the state of the commands
}
real.lpeg = nil
native.json.null, native.json.get_null = native.json.get_null(), nil

local loading = {} -- names of the modules on their way, the outermost first

local function load_module(name, cache)
  for _, other in ipairs(loading) do
    if other == name then
      error(("%s requires %s; one of them must not"):format(table.concat(loading, " requires "), name), 0)
    end
  end
  local text, chunk, trusted = host.find(name)
  if not text then return nil, chunk end
  local fn, problem = host.compile(text, chunk)
  if not fn then error(problem, 0) end
  if not trusted then setfenv(fn, room) end
  loading[#loading + 1] = name
  local fine, value = pcall(fn, name)
  loading[#loading] = nil
  if not fine then error(value, 0) end
  if value == nil then value = true end
  cache[name] = value
  return value
end

local trusted_modules = {}

-- The require of stdlib/: its own files, LPeg, and what is native.
local function require_trusted(name)
  local value = private[name] or trusted_modules[name]
  if value ~= nil then return value end
  if not host.is_trusted(name) then error(("stdlib requires '%s', which is not in the binary"):format(name), 2) end
  return (load_module(name, trusted_modules))
end

local function nearest(name, names) return require_trusted("stdlib.suggest").hint(name, names) end

-- Frozen tables -----------------------------------------------------------------------------------------------------

local frozen = setmetatable({}, { __mode = "k" }) -- what is behind the face of a module

-- Gives an empty table in front of a copy of `module`: scripts can read it, not change it. `host` is how the
-- program fills a module and no business of scripts.
local function freeze(module, name)
  local copy = {}
  for key, value in pairs(module) do copy[key] = value end
  copy.host = nil
  setmetatable(copy, { __index = function(_, key)
    error(("%s has no %s%s"):format(name, tostring(key), nearest(key, copy)), 2)
  end })
  local shown = setmetatable({}, { __index = copy, __metatable = false, __newindex = function(_, key)
    error(("%s.%s cannot be set: modules are shared; keep it in a local"):format(name, tostring(key)), 2)
  end })
  frozen[shown] = copy
  return shown
end

-- Modules that are globals of every script, loaded when they are first named.
local PUBLIC = {}
for _, name in ipairs { "each", "source", "arg", "time", "html", "mrkdwn", "markdown", "emoji", "text", "validate" } do
  PUBLIC[name] = "stdlib." .. name
end
for _, name in ipairs { "json", "log", "archive" } do PUBLIC[name] = name end

local REQUIRABLE = {}
for _, name in ipairs { "card", "csv", "given", "html_split", "loss", "mentions", "reactions", "runs", "slack_events", "slack_export",
  "slack_files", "suggest" } do
  REQUIRABLE["stdlib." .. name] = true
end
for _, module in pairs(PUBLIC) do REQUIRABLE[module] = true end

-- What one source script needs beside itself lies in stdlib/formats/: pure, and handed its world.
local function is_requirable(module) return REQUIRABLE[module] or module:find "^stdlib%.formats%.[%l_]+$" end

local faces = {}

local function face(module, name)
  local value = faces[module]
  if value == nil then
    value = require_trusted(module)
    if type(value) == "table" then value = freeze(value, name) end
    faces[module] = value
  end
  return value
end

-- The allow-list ----------------------------------------------------------------------------------------------------

real.string.dump = nil
getmetatable("").__metatable = false

local names = { _VERSION = _VERSION, print = native.log.print }
for _, name in ipairs { "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "select",
  "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall" } do
  names[name] = real[name]
end
names._G = room

function names.rawset(t, key, value)
  if getmetatable(t) == false then error("rawset: this table cannot be changed", 2) end
  return rawset(t, key, value)
end

function names.collectgarbage(what)
  if what ~= "count" then error('collectgarbage: only "count" is open to scripts', 2) end
  return collectgarbage "count"
end

local function compile(text, chunk, env)
  local fn, problem = host.compile(text, chunk)
  if not fn then return nil, problem end
  return setfenv(fn, env)
end

function names.load(text, chunk, mode, env)
  if type(text) == "function" then
    local parts = {}
    for part in text do
      if part == "" then break end
      parts[#parts + 1] = part
    end
    text = table.concat(parts)
  end
  if mode ~= nil and not tostring(mode):find "t" then return nil, "scripts may load text only, not bytecode" end
  return compile(text, chunk or text, env == nil and room or env)
end

function names.loadstring(text, chunk) return compile(text, chunk or text, room) end

local lists = {}
for key, value in pairs(table) do lists[key] = value end
local insert = table.insert
function lists.insert(t, ...)
  if getmetatable(t) == false then error("table.insert: this table cannot be changed", 2) end
  return insert(t, ...)
end

-- A plan comes out the same each time, and with any number of workers.
local numbers = {}
for key, value in pairs(math) do numbers[key] = value end
numbers.random, numbers.randomseed = nil, nil

names.string, names.table, names.math = freeze(string, "string"), freeze(lists, "table"), freeze(numbers, "math")
names.bit, names.coroutine = freeze(bit, "bit"), freeze(coroutine, "coroutine")

local script_modules = {}

function names.require(name)
  if type(name) ~= "string" then error(("require takes the name of a script, not a %s"):format(type(name)), 2) end
  if host.is_trusted(name) or PUBLIC[name] then
    local module = PUBLIC[name] or name
    if not is_requirable(module) then error(("%s is not for scripts"):format(name), 2) end
    return face(module, name:match "[^.]+$")
  end
  local value = script_modules[name]
  if value ~= nil then return value end
  local looked
  value, looked = load_module(name, script_modules)
  if value == nil then
    local known = {}
    for _, shipped in ipairs(host.shipped()) do known[shipped] = true end
    error(("no script '%s'%s; %s"):format(name, nearest(name, known), looked), 2)
  end
  return value
end

-- Why something that Lua usually has is not here.
local ABSENT = {
  io = "files are read with ctx.export and archive.open", os = "for times use the module time",
  debug = "a script cannot look into others", package = "scripts are found by require", ffi = "there is no native code in scripts",
  jit = "the compiler is off", dofile = "use require", loadfile = "use require", setfenv = "environments are fixed",
  getfenv = "environments are fixed", newproxy = "use a table", module = "return a table instead", gcinfo = 'use collectgarbage "count"',
}

-- What the program grants to plain scripts and the prompt, and to nobody else.
local PLAIN = {
  graph = "graph cannot be asked in a step: a plan must come out the same everywhere. Use people.csv, or an arg.table",
  parallel = "parallel is for plain scripts: a step has nothing to wait for",
  progress = "progress is for plain scripts: a plan draws its own",
}

setmetatable(names, { __index = function(_, name)
  local module = PUBLIC[name]
  if module then
    local value = face(module, name)
    rawset(names, name, value)
    return value
  end
  if PLAIN[name] then error(PLAIN[name], 2) end
  if ABSENT[name] then error(("there is no %s in scripts: %s"):format(name, ABSENT[name]), 2) end
  local known = {}
  for each in pairs(names) do known[each] = true end
  for each in pairs(PUBLIC) do known[each] = true end
  error(("there is no %s%s"):format(tostring(name), nearest(name, known)), 2)
end })

local function is_there(name) return PUBLIC[name] ~= nil or rawget(names, name) ~= nil end

setmetatable(room, { __index = names, __metatable = false, __newindex = function(_, name)
  if is_there(name) then
    error(("%s is a module and cannot be replaced; choose another name and write local %s = …"):format(name, name), 2)
  end
  error(("%s is not declared; write local %s = …"):format(tostring(name), tostring(name)), 2)
end })

-- The trusted globals are strict as well: a slip in stdlib/ shows at once.
real.require = require_trusted
for _, name in ipairs { "dofile", "loadfile", "module", "newproxy" } do real[name] = nil end
rawset(real, "debug", host.debug())
real.xpcall = host.cell -- a record that a budget has stopped ends in the cell of stdlib/run.lua
setmetatable(real, {
  __index = function(_, name) error(("there is no global %s"):format(tostring(name)), 2) end,
  __newindex = function(_, name) error(("the global %s is not declared"):format(tostring(name)), 2) end,
})

-- What the host calls -----------------------------------------------------------------------------------------------

local functions = { require = require_trusted }

---Runs the text of a script and gives what it returns.
function functions.run(text, chunk)
  local fn, problem = compile(text, chunk, room)
  if not fn then error(problem, 0) end
  return (fn())
end

---Compiles a text that is to run as a script, or with an environment() of its own; nil and the problem if it is no Lua.
function functions.compile(text, chunk, env) return compile(text, chunk, env or room) end

---The environment of what is typed at the prompt: `given` has functions that give the value of a name, what is assigned is
---kept, and the rest is as scripts see it.
---@return table env, table kept
function functions.environment(given)
  local kept = {}
  local env = setmetatable({}, { __metatable = false, __index = function(_, name)
    local value = kept[name]
    if value ~= nil then return value end
    if given[name] then return given[name]() end
    if is_there(name) or PLAIN[name] or ABSENT[name] then return room[name] end
    local known = {}
    for _, list in ipairs { names, PUBLIC, given, kept } do
      for each in pairs(list) do known[each] = true end
    end
    error(("there is no %s%s"):format(tostring(name), nearest(name, known)), 2)
  end, __newindex = function(_, name, value)
    if is_there(name) or given[name] then
      error(("%s is the prompt's own and cannot be replaced; choose another name"):format(tostring(name)), 2)
    end
    kept[name] = value
  end })
  return env, kept
end

---Forgets the scripts that were required, so that they are read again. For the prompt.
function functions.forget()
  for name in pairs(script_modules) do script_modules[name] = nil end
end

---The table with the fields of a module, for completion; any other value as it is.
function functions.fields(value) return frozen[value] or value end

---What scripts find by that name without require; nil if there is nothing.
function functions.public(name)
  if is_there(name) then return room[name] end
end

---Gives every script of this state a further global, or another one in its place.
function functions.grant(name, value)
  if type(value) == "table" then value = freeze(value, name) end
  rawset(names, name, value)
end

---Gives what the script of that name returns; "slack" is scripts.slack.
function functions.require_script(name)
  local known = {}
  for _, shipped in ipairs(host.shipped()) do
    known[shipped], known[shipped:match "[^.]+$"] = true, true
  end
  local value, looked
  for _, candidate in ipairs { "scripts." .. name, name } do
    value = script_modules[candidate]
    if value == nil then value, looked = load_module(candidate, script_modules) end
    if value ~= nil then break end
  end
  if value == nil then error(("no script '%s'%s; %s"):format(name, nearest(name, known), looked), 0) end
  if value == true then value = nil end
  return value
end

---The names that scripts find without require, besides those of Lua, sorted.
function functions.globals()
  local list = {}
  for name in pairs(PUBLIC) do list[#list + 1] = name end
  for name in pairs(PLAIN) do list[#list + 1] = name end
  table.sort(list)
  return list
end

---Runs a text as a script that sees these globals as well.
function functions.run_with(text, chunk, globals)
  local env = setmetatable({}, { __index = function(_, name)
    local value = globals[name]
    if value == nil then return room[name] end
    return value
  end, __newindex = room, __metatable = false })
  local fn, problem = compile(text, chunk, env)
  if not fn then error(problem, 0) end
  return fn()
end

---Runs a file of tests: it sees the globals of scripts, `test`, and in the state of the commands io and os; it may
---require what it tests.
function functions.run_tests(text, chunk, test)
  local env = setmetatable({ test = test }, { __index = function(_, name)
    if name == "io" or name == "os" then return rawget(real, name) end
    if name == "math" then return math end -- a test may try random cases
    return room[name]
  end })
  function env.require(name)
    if private[name] or host.is_trusted(name) then return require_trusted(name) end
    if not name:find "^tests%." then return names.require(name) end
    local source, where = host.find(name)
    if not source then error(("no file %s; %s"):format(name, where), 2) end
    local fn, problem = compile(source, where, env)
    if not fn then error(problem, 0) end
    return fn(name)
  end
  local fn, problem = compile(text, chunk, env)
  if not fn then error(problem, 0) end
  fn()
end

private["teamferry.sandbox"] = functions
return functions
