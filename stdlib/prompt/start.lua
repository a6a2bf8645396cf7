---Opens the prompt on what a command line names: an export, a project, a script, or nothing.
---Tested by tests/end_to_end/prompt_test.cpp.
local loop = require "stdlib.prompt.loop"
local native = require "teamferry.native"
local recognise = require "stdlib.cli.recognise"
local source = require "stdlib.source"

-- The value of --export among the words of the script; it may tell which script they are for.
local function export_in(words)
  for i, word in ipairs(words) do
    local value = word:match "^%-%-export=(.*)$"
    if value or word == "--export" then return value or words[i + 1] end
  end
end

-- Which script and which export are meant; the script may be "", ./migrate.lua.
local function meant(call)
  local word, export = call.options.script, export_in(call.words)
  if word and not native.exists(word) then return word, export end
  if word and (word:match "%.lua$" or native.exists(word .. "/migrate.lua")) then return word, export end
  export = export or word
  if native.exists "migrate.lua" then return "", export end
  if not export then return nil end
  if not native.exists(export) then call.fail(("there is no file or folder %s"):format(export), 2) end
  local name, problem = recognise.script_for(export)
  if not name then call.fail(problem, 2) end
  return name, export, true
end

---@param call table
---@param world { graph: table, parallel: function, progress: function, print: function }
---@param values_of fun(words: string[], specs: table): table<string, string>  raises what is wrong with the words
---@return integer code
return function(call, world, values_of)
  local name, export, recognised = meant(call)
  if name then
    local script, file = native.load_script(name ~= "" and name or nil)
    if script == nil and type(file) == "table" then call.fail(file, 2) end
    local fine, problem = pcall(source.loaded, script, file)
    if not fine then call.fail(tostring(problem), 2) end
    local specs = {}
    for _, declared in ipairs(source.describe(script).args) do specs[declared.name] = declared end
    fine, problem = pcall(values_of, call.words, specs)
    if not fine then call.fail(tostring(problem), 2) end
    world.given = problem
  elseif #call.words > 0 then
    call.fail(("'%s': no script is named that could take it"):format(call.words[1]), 2)
  end
  world.given = world.given or {}
  world.given.export = nil -- which one is the session's own
  local prompt = loop.new(call, world)
  if name then
    local fine, problem = pcall(prompt.session.use, prompt.session, name ~= "" and name or nil, export)
    if not fine then call.fail(tostring(problem), 2) end
    prompt.session.recognised = recognised
  end
  if not call.options.expression then prompt:greet() end
  return prompt:run()
end
