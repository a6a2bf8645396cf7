-- Between a loaded script and the program: opens the export, starts the driver.
-- Tested by tests/bindings/lua_mapper_test.cpp.
local host = require "teamferry.host"
local run = require "stdlib.run"
local source = require "stdlib.source"
require "bindings.world"

local mapper = {}

---Checks what a script file returned and says what it declares.
function mapper.describe(value, file) return source.describe(source.loaded(value, file)) end

---Starts a script for a plan. `given` are values of the command line, as text; `survey`: job.seen is wanted.
---@return table job, table args
function mapper.start(value, file, given, survey)
  local script = source.loaded(value, file)
  local path = given.export
  for _, declared in ipairs(source.describe(script).args) do
    if declared.name == "export" and path == nil then path = declared.default end
  end
  local export
  if type(path) == "string" and host.exists(path) then export = host.open_export(path) end
  local job = run.start(script, { export = export, args = given, place_of = host.place_of, survey = survey })
  return job, job.args
end

return mapper
