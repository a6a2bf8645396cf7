---What Tab offers at the prompt: commands, names, fields of live values, conversations, arguments of the script.
---Tested by tests/stdlib/prompt_complete_test.lua.
local complete = {}

local function sorted(set, start)
  local words = {}
  for name in pairs(set) do
    if type(name) == "string" and name:sub(1, #start) == start then words[#words + 1] = name end
  end
  table.sort(words)
  return words
end

local function keys_of(value)
  local keys = {}
  while type(value) == "table" and next(keys) == nil do
    for key in pairs(value) do keys[key] = true end
    local meta = getmetatable(value)
    value = type(meta) == "table" and meta.__index or nil
  end
  return keys
end

-- The value of a chain of names, without calling anything.
local function value_of(chain, world)
  local value
  for name in chain:gmatch "[%a_][%w_]*" do
    if value == nil then
      value = world.value(name)
    else
      local _, field = pcall(function() return value[name] end)
      value = field
    end
    if value == nil then return nil end
  end
  return value
end

---@param text string  what stands before the cursor
---@param world { commands: table<string, any>, names: fun(): table, value: fun(name: string): any, fields: fun(value: any): table,
---  conversations: fun(): table, args: fun(): table, files: (fun(start: string): table)? }
---@return integer typed  how many bytes of the text are completed
---@return string[] words
function complete.of(text, world)
  local command, rest = text:match "^%.(%a+)%s+(.*)$"
  if command then
    if command == "list" then return #rest, sorted(world.conversations(), rest) end
    local room = command == "find" and rest:match "%sin%s+(%S*)$"
    if room then return #room, sorted(world.conversations(), room) end
    if command == "help" or command == "edit" then
      local name = rest:match "^args%.([%w_]*)$"
      if name then return #name, sorted(world.args(), name) end
      return #rest, sorted(command == "help" and world.names() or keys_of(world.fields(world.value "script")), rest)
    end
    return 0, {}
  end
  local dot = text:match "^%.(%a*)$"
  if dot then return #dot, sorted(world.commands, dot) end
  local quoted = text:match 'conversations%s*%(?%s*"([^"]*)$'
  if quoted then return #quoted, sorted(world.conversations(), quoted) end
  local argument = text:match "args%.([%w_]*)$"
  if argument then return #argument, sorted(world.args(), argument) end
  local chain, field = text:match "([%a_][%w_%.]*)[%.:]([%w_]*)$"
  if chain then
    local value = value_of(chain, world)
    return #field, sorted(keys_of(world.fields(value)), field)
  end
  local name = text:match "[%a_][%w_]*$" or ""
  return #name, sorted(world.names(), name)
end

return complete
