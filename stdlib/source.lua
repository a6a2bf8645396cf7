---The base of every source script: metadata and arguments as data, steps that a project replaces.
---
---    local acme = slack:extend { name = "acme", args = { export = "export.zip" } }
---    function acme:place(room, ctx) … return slack.place(self, room, ctx) end
---
---A script is an empty table in front of its functions, so that what is written into it is seen: while
---it loads, each step is checked; once it runs, writing raises, since two workers would disagree.
---Steps are looked up by name when they run. `stdlib/run.lua` drives them.
---What the world must answer about arguments is in `arg.host`. Tested by tests/stdlib/source_test.lua.
local arg = require "stdlib.arg"
local suggest = require "stdlib.suggest"

local debug = debug -- scripts have none; error messages need it

local source = { api = 1 }

---@class SourceHost
---@field watch? fun(script: string, name: any, fn: function, place: string): function  told of each function that a script
--- is given; gives what stands in its stead

---@type SourceHost
source.host = {}

local error, ipairs, pairs, rawset, setmetatable, type = error, ipairs, pairs, rawset, setmetatable, type

---@class Source
---@field name string
---@field args table<string, any>  the arguments in force while the script runs
---@field extend fun(self: Source, fields: table): Source

---@type table<Source, table>  what is known of a script, by the script
local known = setmetatable({}, { __mode = "k" })

-- What each step takes, besides self. A reading step takes all; a mapping step may leave some out.
local STEPS = {
  people = { "ctx", "emit", reads = true, instead = "person",
    doc = "Emits the users, as the export has them." },
  conversations = { "ctx", "emit", reads = true, instead = "place",
    doc = "Emits the rooms, as the export has them." },
  messages = { "room", "ctx", "emit", reads = true, instead = "message",
    doc = "Emits the messages of one room." },
  all_messages = { "ctx", "emit", reads = true, instead = "message",
    doc = "Emits all messages, where one stream holds all rooms; each mapped one names its conversation." },
  person = { "user", "ctx",
    doc = "A user becomes a person: { id, name, mail, kind, target }; or nil and the reason to skip what they wrote." },
  place = { "room", "ctx",
    doc = "A room becomes a channel or a chat; or nil and the reason to leave it behind." },
  message = { "message", "ctx",
    doc = "A message becomes a Graph chatMessage with ids of the source; or nil and the reason to skip it." },
  finish = { "summary", "ctx",
    doc = "Is given what the plan came to; nil and a reason refuse it." },
}
source.step_order = { "people", "conversations", "messages", "all_messages", "person", "place", "message", "finish" }
source.steps = STEPS

-- Arguments that every source has, in the order in which help shows them.
local COMMON = {
  { "export", arg.path { required = true, doc = "the export: zip, folder or file" } },
  { "team", arg.team { doc = "name of the team to create, by default named after the export; or the id of one to fill" } },
  { "owners", arg.list { doc = "accounts that own the new team and its private channels; by default the fallback account",
    example = "ada@acme.example" } },
  { "people", arg.path { doc = "people.csv: who becomes whom" } },
  { "fallback", arg.user { doc = "account that posts for people who are not in the tenant" } },
  { "fallback_line", arg.text { default = "<strong>{name}</strong>", doc = "first line of what the fallback account posts" } },
  { "since", arg.date { doc = "leave out what is older", example = "2019-01-01" } },
  { "until", arg.date { doc = "leave out what is from then on", example = "2023-01-01" } },
  { "only", arg.list { doc = "names of the conversations to move; * stands for anything" } },
  { "except", arg.list { doc = "names of the conversations to leave behind; * stands for anything" } },
  { "private", arg.choice { "private", "group", "standard", "skip", default = "skip",
    doc = "what becomes of private channels; group: group chats; standard lets the whole team read them" } },
  { "direct", arg.choice { "skip", "group", "chat", "channel", default = "skip",
    doc = "what becomes of direct messages; group: group chats; channel: private channels, for people without an account; "
      .. "chat writes into living chats and cannot be undone" } },
  { "split", arg.choice { "none", "year", "month", default = "none",
    doc = "a channel for each year or month, \"general 2019\"; threads stay whole" } },
  { "empty", arg.choice { "skip", "keep", default = "skip",
    doc = "what becomes of channels without messages; keep: a message says that there are none" } },
  { "replies", arg.choice { "thread", "quote", default = "thread", doc = "quote: replies become messages that quote their root" } },
  { "orphans", arg.choice { "root", "placeholder", default = "root",
    doc = "replies without their root: the first becomes the root, or a message that says so" } },
  { "reactions", arg.choice { "text", "send", "skip", default = "text",
    doc = "text: a line with the people below the message; skip: reactions are counted as a loss" } },
  { "files", arg.choice { "upload", "link", "skip", default = "skip", doc = "skip: the name stands in the text" } },
  { "edits", arg.choice { "ignore", "mark", default = "ignore", doc = "mark: edited messages end in (edited)" } },
  { "long", arg.choice { "split", "fail", default = "split",
    doc = "what becomes of messages over Graph's size: several, marked (1/3), or they fail" } },
  { "evidence_key", arg.text { doc = "PEM file of the private key that signs what verify and complete leave as evidence" } },
  { "repair", arg.choice { "none", "safe", default = "none",
    doc = "safe: messages with HTML that Teams would refuse or show otherwise are mended, each rule counted as a loss" } },
}
source.common = COMMON

local FIELDS = { name = true, summary = true, api = true, args = true, version = true, author = true, categories = true }
-- `author` is not among them: as a name of a script's table it is the helper that says who wrote a message.
local OURS = { args = true, name = true, extend = true, summary = true, api = true, version = true, categories = true }

local function parameters_of(fn) -- names, or nil if they cannot be told
  if not debug or not debug.getinfo then return nil end
  local info = debug.getinfo(fn, "u")
  if not info or info.isvararg or not info.nparams then return nil end
  local names = {}
  for i = 1, info.nparams do names[i] = debug.getlocal(fn, i) or "?" end
  return names
end

local function check_step(script, name, fn, level)
  local step = STEPS[name]
  local own = known[script].name
  if type(fn) ~= "function" then
    error(("%s.%s is a step and must be a function, not a %s"):format(own, name, type(fn)), level)
  end
  local names = parameters_of(fn)
  if not names then return end
  local wanted = table.concat(step, ", ")
  if names[1] and names[1] ~= "self" and names[1]:sub(1, 1) ~= "_" and #names <= #step then
    error(("%s.%s is defined with a dot; write function %s:%s(%s)"):format(own, name, own, name, wanted), level)
  end
  local taken = math.max(#names - 1, 0)
  if taken > #step or step.reads and taken < #step then
    local hint = step.instead and taken <= 2 and ("; did you mean %s?"):format(step.instead) or ""
    error(("%s.%s takes (%s), yours takes %d%s"):format(own, name, wanted, taken, hint), level)
  end
end

local function define(script, key, value)
  local self = known[script]
  if self.running then
    error(("%s.%s is written while the script runs; keep state in a local of a reading step"):format(self.name, tostring(key)), 2)
  end
  if OURS[key] then
    error(("%s.%s is the runtime's; give it to %s { … }"):format(self.name, key, self.base and "extend" or "source.new"), 2)
  end
  if STEPS[key] then
    check_step(script, key, value, 3)
  elseif type(key) == "string" and type(value) == "function" and self.methods[key] == nil then
    local step = suggest.nearest(key, STEPS, 2)
    if step then
      error(("%s.%s looks like the step %s; rename it, or make a helper a local function"):format(self.name, key, step), 2)
    end
  end
  local watch = source.host.watch
  if watch and type(value) == "function" then
    local info = debug.getinfo(value, "S")
    value = watch(self.name, key, value, info.short_src .. ":" .. info.linedefined)
  end
  rawset(self.methods, key, value)
end

local function script_of(self, what)
  local script = known[self]
  if not script then error(("%s takes a colon: base:%s { … }"):format(what, what), 3) end
  return script
end

local function declare(self, args, what, level)
  if args == nil then return end
  if type(args) ~= "table" then error(("%s: args must be a table"):format(what), level + 1) end
  for name, value in pairs(args) do
    local spec = arg.declared(value)
    if spec then
      if type(name) ~= "string" or not name:match "^%a[%w_]*$" then
        error(("args.%s: the name of an argument is made of letters, digits and _"):format(tostring(name)), level + 1)
      end
      self.specs[name] = spec
      self.values[name] = nil
    end
  end
  for name, value in pairs(args) do
    if not arg.declared(value) then
      local declared = self.specs[name]
      if not declared then
        error(("args.%s: unknown argument%s"):format(tostring(name), suggest.hint(name, source.names(self.specs), "args.")), level + 1)
      end
      if arg.early(declared) then
        local read, problem = arg.check(declared, value)
        if problem then error(("args.%s: %s"):format(name, problem), level + 1) end
        value = read
      end
      rawset(self.values, name, value)
    end
  end
end

---All keys of a table of arguments, the inherited ones too. @private
function source.names(specs)
  local names = {}
  while specs do
    for name in pairs(specs) do names[name] = true end
    local meta = getmetatable(specs)
    specs = meta and meta.__index
  end
  return names
end

local function make(base, fields, what)
  if type(fields) ~= "table" then error(("%s takes a table, %s { name = … }"):format(what, what), 3) end
  local parent = base and known[base]
  local methods = setmetatable({}, { __index = parent and parent.methods or nil })
  local self = {
    base = base, methods = methods,
    specs = setmetatable({}, { __index = parent and parent.specs or nil }),
    values = setmetatable({}, { __index = parent and parent.values or nil }),
  }
  if not parent then
    for _, common in ipairs(COMMON) do self.specs[common[1]] = common[2] end
  end
  for name in pairs(fields) do
    if not FIELDS[name] then
      local declared = type(name) == "string" and self.specs[name]
      error(("%s: unknown field '%s'%s"):format(what, tostring(name), declared
        and ("; did you mean args = { %s = … }?"):format(name) or suggest.hint(name, FIELDS)), 3)
    end
  end
  for _, name in ipairs { "name", "summary", "api" } do
    if not base and fields[name] == nil then error(("%s: %s is missing"):format(what, name), 3) end
  end
  for _, name in ipairs { "name", "summary", "version", "author" } do
    if fields[name] ~= nil and type(fields[name]) ~= "string" then
      error(("%s: %s must be text, not a %s"):format(what, name, type(fields[name])), 3)
    end
  end
  local api = fields.api
  if api ~= nil and (type(api) ~= "number" or api < 1 or api % 1 ~= 0) then
    error(("%s: api must be a number such as 1"):format(what), 3)
  end
  self.name = fields.name or parent.name
  self.author = fields.author or parent and parent.author
  if api and api > source.api then
    error(("%s.lua wants api %d; this teamferry has %d. Update, or use an older %s.lua"):format(self.name, api, source.api, self.name), 3)
  end
  for name in pairs(FIELDS) do
    if OURS[name] and name ~= "args" then methods[name] = fields[name] end -- what is absent is inherited
  end
  if not base then methods.extend = source.extend end
  declare(self, fields.args, what, 3)
  local script = setmetatable({}, {
    __index = methods, __newindex = define, __metatable = false,
    __tostring = function() return "source " .. self.name end,
  })
  known[script] = self
  source.latest = self.name -- what a file that returns nothing forgot
  return script
end

---Makes a source script.
---@param fields { name: string, summary: string, api: integer, args?: table, version?: string, author?: string, categories?: string[] }
---@return Source
---@usage local slack = source.new { name = "slack", summary = "Slack export", api = 1 }
function source.new(fields)
  local script = make(nil, fields, "source.new") -- no tail call: errors name the caller's line
  return script
end

---Makes a script that is like `base` but for what it replaces. Called as base:extend { … }.
---@param base Source
---@param fields table  as for source.new; everything is optional
---@return Source
function source.extend(base, fields)
  script_of(base, "extend")
  local script = make(base, fields, "extend")
  return script
end

---Tells whether a value is a source script.
---@param value any
---@return boolean
function source.is(value) return known[value] ~= nil end

---Checks what a script file returned. The host calls it once after loading.
---@param value any  what the file returned
---@param file string  "migrate.lua", for the error
---@return Source  # raises a sentence that names the file
function source.loaded(value, file)
  if value == nil then
    local made = source.latest and source.latest:match "^[%a_][%w_]*$" or file:match "([^/]+)%.lua$" or "source"
    error(('%s returns nothing; its last line must be "return %s"'):format(file, made), 0)
  end
  if not known[value] then
    error(("%s returns a %s, not a source; make one with source.new { … } or base:extend { … }"):format(file, type(value)), 0)
  end
  if not value.message then
    error(("%s: %s has no step message; write function %s:message(message, ctx)"):format(file, value.name, value.name), 0)
  end
  return value
end

-- The first frame outside of the file that reads: there stands the colon that should be a dot.
local function caller_place()
  if not debug or not debug.getinfo then return "" end
  local first = debug.getinfo(3, "S")
  for level = 4, 30 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.what ~= "C" and info.short_src ~= first.short_src and info.currentline > 0 then
      return ("%s:%d: "):format(info.short_src, info.currentline)
    end
  end
  return ""
end

local function guard(base, script)
  local theirs, ours = known[base].name, known[script].name
  return setmetatable({}, { __metatable = false, __index = function()
    error(("%sargs of %s read while %s runs; write %s.place(self, …) with a dot, so that %s's args are used")
      :format(caller_place(), theirs, ours, theirs, ours), 0)
  end })
end

---Settles a script's arguments: declaration, source, project, then what the command line gave.
---From then on the script cannot be written to. Raises a sentence on the first argument that is wrong.
---@param script Source
---@param given? table<string, any>  values of the command line, as text
---@return table<string, any> args
function source.start(script, given)
  local self = script_of(script, "start")
  for name in pairs(given or {}) do
    if not self.specs[name] then
      error(("args.%s: unknown argument%s"):format(tostring(name), suggest.hint(name, source.names(self.specs), "args.")), 0)
    end
  end
  local args = {}
  for name in pairs(source.names(self.specs)) do
    local spec = self.specs[name]
    local value = given and given[name]
    local written = value == nil and self.values[name]
    if value == nil then value = self.values[name] end
    if value == nil then value = spec.default end
    if value == nil then
      if spec.required then
        error(("args.%s is missing%s. Set it in migrate.lua or give --%s")
          :format(name, spec.doc and ": " .. spec.doc or "", (name:gsub("_", "-"))), 0)
      end
    elseif written and arg.early(spec) then
      args[name] = value -- checked where it was written
    else
      local read, problem = arg.check(spec, value)
      if problem then error(("args.%s: %s"):format(name, problem), 0) end
      args[name] = read
    end
  end
  local base = self.base
  while base do
    rawset(known[base].methods, "args", guard(base, script))
    known[base].running = true
    base = known[base].base
  end
  rawset(self.methods, "args", args)
  self.running = true
  return args
end

---Lets a script be written to and started again, for the prompt and for tests.
---@param script Source
function source.stop(script)
  while script do
    local self = known[script]
    self.running, script = false, self.base
    rawset(self.methods, "args", nil)
  end
end

---What a script says of itself, for help and for the command line's options.
---@param script Source
---@return { name: string, summary: string, api: integer, version: string?, args: table[] }
---args are in the order of help, each `{ name, type, doc, example, required, default, choices, common }`
function source.describe(script)
  local self = script_of(script, "describe")
  local out = { name = script.name, summary = script.summary, api = script.api, version = script.version, author = self.author,
    args = {} }
  local common, own = {}, {}
  local function add(name, is_common)
    local spec = self.specs[name]
    local default = self.values[name]
    if default == nil then default = spec.default end
    out.args[#out.args + 1] = { name = name, type = spec.type, doc = spec.doc, example = spec.example, default = default,
      required = spec.required and default == nil or false, choices = spec.choices, common = is_common }
  end
  for _, entry in ipairs(COMMON) do
    common[entry[1]] = true
    add(entry[1], true)
  end
  for name in pairs(source.names(self.specs)) do
    if not common[name] then own[#own + 1] = name end
  end
  table.sort(own)
  for _, name in ipairs(own) do add(name, false) end
  return out
end

---The script that this one extends, or nil.
---@param script Source
function source.base(script) return known[script].base end

---What a script defines itself, by name; not what it inherits.
---@param script Source
---@return table<string, any>
function source.own(script)
  local out = {}
  for name, value in pairs(known[script].methods) do
    if not OURS[name] and name ~= "recognises" then out[name] = value end
  end
  return out
end

---The names of its steps and helpers, the inherited ones too, as a set.
---@param script Source
---@return table<string, boolean>
function source.functions(script)
  local out = {}
  while script do
    for name, value in pairs(source.own(script)) do
      if type(value) == "function" then out[name] = true end
    end
    script = known[script].base
  end
  return out
end

---The function of a step, or nil; looked up when it runs.
---@param script Source
---@param name string
function source.step(script, name) return known[script].methods[name] end

return source
