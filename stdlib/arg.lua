---Arguments of a script as data: constructors, and the checks that turn a text into a value.
---
---A constructor gives a table `{ type = "number", min = 1, doc = "…" }`; `help`, the command line
---and the editor stubs are made of it. What a check needs of the world (does this file exist, what
---stands in that table) comes from `arg.host`, which the host fills. Tested by tests/stdlib/source_test.lua.
local time = require "stdlib.time"

local arg = {}

---@class ArgHost
---@field exists? fun(path: string): boolean  is there such a file or folder in the project
---@field folder? string  the project's folder, for messages to people
---@field rows? fun(path: string): table[]?, string?  rows of a CSV or JSON file of the project, or nil and why
---@field env? fun(name: string): string?  an environment variable; only its presence is asked for
---@field given? fun(specs: table<string, table>): table<string, string>  what the command line gives a plain script; raises

---@type ArgHost
arg.host = {}

local Spec = {} -- the metatable that marks a declared argument
local constructors = {}

---Tells whether a value was made by one of the constructors.
function arg.is(value) return type(value) == "table" and getmetatable(value) == Spec end

---Gives the declaration that stands in an `args` table: `arg.text` may stand there without a call.
function arg.declared(value)
  if arg.is(value) then return value end
  if constructors[value] then return value {} end
  return nil
end

local KNOWN = { required = true, default = true, doc = true, example = true }

local function constructor(kind, own)
  local function make(fields)
    fields = fields or {}
    local spec = { type = kind }
    for name, value in pairs(fields) do
      if not KNOWN[name] and not own[name] and not (own.positional and type(name) == "number") then
        error(("arg.%s: unknown field '%s'"):format(kind, tostring(name)), 2)
      end
      if type(name) == "string" then spec[name] = value end
    end
    if own.finish then own.finish(spec, fields) end
    return setmetatable(spec, Spec)
  end
  arg[kind] = make
  constructors[make] = kind
end

constructor("text", {})
constructor("number", { min = true, max = true })
constructor("boolean", {})
constructor("choice", { finish = function(spec, fields)
  spec.choices = {}
  for i, choice in ipairs(fields) do spec.choices[i] = choice end
  if #spec.choices == 0 then error("arg.choice: give the choices, arg.choice { \"a\", \"b\" }", 3) end
end, positional = true })
constructor("date", {})
constructor("path", {})
constructor("user", {})
constructor("team", {})
constructor("list", {})
constructor("secret", {})
constructor("table", { key = true, value = true, positional = true, finish = function(spec, fields)
  spec.key, spec.value = fields.key or fields[1], fields.value or fields[2]
  if not spec.key then error("arg.table: give the column that is the key, arg.table { \"name\", \"emoji\" }", 3) end
end })

---What each constructor takes, for help. All take required, default, doc and example too.
arg.kinds = {
  { "text", "A text." },
  { "number", "A number; min and max are its bounds." },
  { "boolean", "true or false; on the command line also --x and --no-x." },
  { "choice", 'One of the texts that are listed: arg.choice { "a", "b" }.' },
  { "date", "A time; 2019-01-01 means its first moment, UTC." },
  { "path", "A file or folder of the project, which must be there." },
  { "user", "A mail address, UPN or id of somebody in the tenant." },
  { "team", "A name, an id, or a Graph team." },
  { "list", "A list of texts; one text is split at commas." },
  { "table", 'A CSV or JSON file of the project as [key] = value: arg.table { "name", "emoji" }.' },
  { "secret", "The name of an environment variable, whose value is never seen." },
}

local function got(value)
  if type(value) == "string" then return "'" .. value .. "'" end
  if value == nil then return "nothing" end
  return "a " .. type(value)
end

local check = {}

function check.text(value)
  if type(value) ~= "string" then return nil, "expected text, got " .. got(value) end
  return value
end

function check.number(value, spec)
  local number = tonumber(value)
  if not number or number ~= number then return nil, "expected a number, got " .. got(value) end
  if spec.min and number < spec.min then return nil, ("%s is below %s"):format(number, spec.min) end
  if spec.max and number > spec.max then return nil, ("%s is above %s"):format(number, spec.max) end
  return number
end

function check.boolean(value)
  if value == true or value == "true" then return true end
  if value == false or value == "false" then return false end
  return nil, "expected true or false, got " .. got(value)
end

function check.choice(value, spec)
  for _, choice in ipairs(spec.choices) do
    if value == choice then return value end
  end
  return nil, ("%s is not one of %s"):format(got(value), table.concat(spec.choices, ", "))
end

function check.date(value)
  if type(value) ~= "string" then return nil, "expected a date, got " .. got(value) end
  if time.is(value) then return value end
  local fine, whole = pcall(time.parse, value, "%Y-%m-%d", "UTC")
  if fine then return whole end
  fine, whole = pcall(time.parse, value)
  if fine then return whole end
  local day, month, year = value:match "^(%d%d?)%.(%d%d?)%.(%d%d%d%d)$"
  local cure = day and tonumber(month) <= 12 and ("%s-%02d-%02d"):format(year, month, day) or "2019-02-01"
  return nil, ("'%s' is not a date; write %s"):format(value, cure)
end

-- A path, or several with commas between them, as archive::Archive::open_in reads them.
function check.path(value)
  if type(value) ~= "string" or value == "" then return nil, "expected a path, got " .. got(value) end
  if arg.host.exists and not arg.host.exists(value) then
    for path in (value .. ","):gmatch "([^,]*)," do
      if path == "" or not arg.host.exists(path) then
        return nil, ("no file or folder '%s'%s"):format(path, arg.host.folder and " in " .. arg.host.folder or "")
      end
    end
  end
  return value
end

check.user = check.text

local ID = "^{?" .. ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(3) .. "%-" .. ("%x"):rep(12) .. "}?$"

---Whether a text is an id of Graph's, a GUID, and so nobody's name.
function arg.is_id(value) return type(value) == "string" and value:match(ID) ~= nil end

function check.team(value)
  if type(value) == "table" and type(value.displayName) == "string" then
    local _, problem = check.team(value.displayName)
    return not problem and value or nil, problem
  end
  if type(value) ~= "string" or value == "" then return nil, "expected a team's name, got " .. got(value) end
  if arg.is_id(value) then
    return nil, ("'%s' is the id of a team; to fill a team that is there is not carried yet. Give the name of a team to create")
      :format(value)
  end
  return value
end

function check.list(value)
  local out = {}
  if type(value) == "string" then
    for item in value:gmatch "[^,]+" do
      item = item:match "^%s*(.-)%s*$"
      if item ~= "" then out[#out + 1] = item end
    end
    return out
  end
  if type(value) ~= "table" then return nil, "expected a list of text, got " .. got(value) end
  for i, item in ipairs(value) do
    if type(item) ~= "string" then return nil, ("item %d is %s; expected text"):format(i, got(item)) end
    out[i] = item
  end
  return out
end

function check.table(value, spec)
  if type(value) == "table" then return value end -- written out in the script
  if type(value) ~= "string" then return nil, "expected a file, got " .. got(value) end
  if not arg.host.rows then return nil, ("'%s' cannot be read here"):format(value) end
  local rows, problem = arg.host.rows(value)
  if not rows then return nil, problem end
  local out = {}
  for _, row in ipairs(rows) do
    for _, column in ipairs { spec.key, spec.value } do
      if row[column] == nil then
        local columns = {}
        for name in pairs(row) do columns[#columns + 1] = tostring(name) end
        table.sort(columns)
        return nil, ("%s has no column '%s'; it has %s"):format(value, column, table.concat(columns, ", "))
      end
    end
    out[row[spec.key]] = spec.value and row[spec.value] or row
  end
  return out
end

function check.secret(value)
  if type(value) ~= "string" then return nil, "expected the name of an environment variable, got " .. got(value) end
  if arg.host.env and not arg.host.env(value) then return nil, value .. " is not set" end
  return setmetatable({}, { __tostring = function() return "<secret " .. value .. ">" end, __metatable = false })
end

-- These need the world: they are checked when the script starts, not when it is written down.
local LATE = { path = true, table = true, secret = true }

---Checks a value against a declaration.
---@param spec table  made by a constructor
---@param value any  text from the command line, or a value from a script
---@return any value  # nil and what is wrong, to be put after "args.name: "
---@return string? problem
function arg.check(spec, value) return check[spec.type](value, spec) end

---Whether a value can be checked as soon as it is written down.
function arg.early(spec) return not LATE[spec.type] end

---Reads the arguments of a plain script from the command line. Raises a sentence on the first that is wrong.
---@param declared table<string, table>  constructors by name
---@return table<string, any>
---@usage local args = arg.read { team = arg.text { required = true, doc = "name of the new team" } }
function arg.read(declared)
  if type(declared) ~= "table" then error("arg.read takes a table of declarations, as in arg.read { team = arg.text }", 2) end
  if not arg.host.given then error("arg.read is for plain scripts; a source declares args = { … }", 2) end
  local specs, names = {}, {}
  for name, value in pairs(declared) do
    local spec = type(name) == "string" and arg.declared(value)
    if not spec then error(("arg.read: %s is to be declared, as in %s = arg.text { … }"):format(tostring(name), tostring(name)), 2) end
    specs[name], names[#names + 1] = spec, name
  end
  table.sort(names)
  local given, args = arg.host.given(specs), {}
  for _, name in ipairs(names) do
    local spec = specs[name]
    local value = given[name]
    if value == nil then value = spec.default end
    if value ~= nil then
      local read, problem = arg.check(spec, value)
      if problem then error(("args.%s: %s"):format(name, problem), 2) end
      args[name] = read
    elseif spec.required then
      error(("args.%s is missing%s. Give --%s"):format(name, spec.doc and ": " .. spec.doc or "", (name:gsub("_", "-"))), 2)
    end
  end
  return args
end

return arg
