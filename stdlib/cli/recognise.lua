---Finds the script that reads an export, for commands that take an export alone: teamferry assess export.zip
---
---Each shipped script is asked by its method `recognises(export)`, if it has one: true, or nil and what the export is
---instead, if it can tell. In a project's folder its own script is meant, whatever the export. A script that is named for an
---export that only another one knows is refused.
local host = require "teamferry.host"
local native = require "teamferry.native"

local recognise = {}

local function is_export(word)
  return native.exists(word) and not word:match "%.lua$" and not native.exists(word .. "/migrate.lua")
end

-- Scripts that are content with little are asked last: slack with a channels.json, csv with any table.
local LAST = { "slack", "csv" }

-- The names of the shipped scripts, in the order in which they are asked.
local function asked()
  local names = {}
  for _, module in ipairs(host.shipped()) do
    local name = module:match "[^.]+$"
    if name ~= LAST[1] and name ~= LAST[2] then names[#names + 1] = name end
  end
  for _, name in ipairs(LAST) do names[#names + 1] = name end
  return names
end

-- The name of the script that knows an open export; nil and what the others say.
local function known_by(export)
  local names, problems = {}, {}
  for _, name in ipairs(asked()) do
    local script = native.load_script(name)
    if script and script.recognises then
      local fine, knows, problem = pcall(script.recognises, script, export)
      if fine and knows then return name end
      names[#names + 1] = name
      if fine and problem then problems[#problems + 1] = problem end
    end
  end
  return nil, names, problems
end

---The name of the script that knows the export; nil and a sentence if none does.
---@param path string
function recognise.script_for(path)
  local fine, export = pcall(host.open_export, path)
  if not fine then return nil, tostring(export) end
  local name, names, problems = known_by(export)
  if name then return name end
  return nil, ("%s is recognised by none of the scripts that know their exports (%s)%s. Name the script that reads it, as in: "
    .. "teamferry assess mattermost --export %s"):format(path, table.concat(names, ", "), problems[1] and ": " .. problems[1] or "", path)
end

-- What follows an option on the command line, or nil.
local function value_of(args, option)
  for i, each in ipairs(args) do
    if each == option then return args[i + 1] end
    if each:sub(1, #option + 1) == option .. "=" then return each:sub(#option + 2) end
  end
end

-- Why a shipped script is the wrong one for the export that it is named with; nil if it is not, or cannot be told.
local function mistaken(script_name, path, command)
  local script = path and native.exists(path) and native.load_script(script_name)
  if not (script and script.recognises) then return nil end
  local fine, export = pcall(host.open_export, path)
  if not fine then return nil end
  local asked_well, knows = pcall(script.recognises, script, export)
  local other = asked_well and not knows and known_by(export)
  if not other or other == "csv" then return nil end
  return ("%s is an export that %s reads, not %s. For example: teamferry %s %s --export %s"):format(path, other, script_name, command,
    other, path)
end

---The words of a command line with script and --export in place of an export that stands alone.
---@param args string[]  the command's name first
---@param word? string  the first word that is no option and no option's value
---@return string[]? args
---@return string? problem
function recognise.rewritten(args, word)
  if not word then return args end
  for _, shipped in ipairs(host.shipped()) do
    if shipped == "scripts." .. word then -- a folder may be called like a script
      local problem = mistaken(word, value_of(args, "--export"), args[1])
      if problem then return nil, problem end
      return args
    end
  end
  if not is_export(word) then return args end
  local script, problem
  if not native.exists "migrate.lua" then
    script, problem = recognise.script_for(word)
    if not script then return nil, problem end
  end
  local out = {}
  for _, each in ipairs(args) do
    if each ~= word then
      out[#out + 1] = each
    else
      out[#out + 1] = script
      out[#out + 1] = "--export"
      out[#out + 1] = word
      word = nil
    end
  end
  return out
end

return recognise
