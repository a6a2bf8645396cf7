---Finds the script that reads an export, for commands that take an export alone: teamferry assess export.zip
---
---Each shipped script is asked by its method `recognises(export)`, if it has one: true, or nil and what the export is
---instead. In a project's folder its own script is meant, whatever the export.
local host = require "teamferry.host"
local native = require "teamferry.native"

local recognise = {}

local function is_export(word)
  return native.exists(word) and not word:match "%.lua$" and not native.exists(word .. "/migrate.lua")
end

---The name of the script that knows the export; nil and a sentence if none does.
---@param path string
function recognise.script_for(path)
  local fine, export = pcall(host.open_export, path)
  if not fine then return nil, tostring(export) end
  local names, problems = {}, {}
  for _, module in ipairs(host.shipped()) do
    local name = module:match "[^.]+$"
    local script = native.load_script(name)
    if script and script.recognises then
      local knows, problem = script:recognises(export)
      if knows then return name end
      names[#names + 1] = name
      if problem then problems[#problems + 1] = problem end
    end
  end
  return nil, ("%s is recognised by none of the scripts that know their exports (%s%s). Name the script that reads it, as in: "
    .. "teamferry assess mattermost --export %s"):format(path, table.concat(names, ", "),
    #names == 1 and problems[1] and ": " .. problems[1] or "", path)
end

---The words of a command line with script and --export in place of an export that stands alone.
---@param args string[]  the command's name first
---@param word? string  the first word that is no option and no option's value
---@return string[]? args
---@return string? problem
function recognise.rewritten(args, word)
  if not word or not is_export(word) then return args end
  for _, shipped in ipairs(host.shipped()) do
    if shipped == "scripts." .. word then return args end -- a folder may be called like a script
  end
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
