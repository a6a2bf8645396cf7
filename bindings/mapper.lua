-- Between a loaded script and the program: fills in what stdlib/ asks of the world, opens the export, starts the driver.
-- Tested by tests/bindings/lua_mapper_test.cpp.
local arg = require "stdlib.arg"
local host = require "teamferry.host"
local rows = require "stdlib.rows"
local run = require "stdlib.run"
local source = require "stdlib.source"
local time = require "stdlib.time"

local mapper = {}

arg.host.exists = host.exists
arg.host.folder = host.folder()
arg.host.env = host.has_env
time.host.zone = host.zone

function arg.host.rows(path) return rows.read(path, host.read_file) end

---Checks what a script file returned and says what it declares.
function mapper.describe(value, file) return source.describe(source.loaded(value, file)) end

---Starts a script for a plan. `given` are values of the command line, as text.
---@return table job, table args
function mapper.start(value, file, given)
  local script = source.loaded(value, file)
  local path = given.export
  for _, declared in ipairs(source.describe(script).args) do
    if declared.name == "export" and path == nil then path = declared.default end
  end
  local export
  if type(path) == "string" and host.exists(path) then export = host.open_export(path) end
  local job = run.start(script, { export = export, args = given, place_of = host.place_of, warn = host.warn })
  return job, job.args
end

return mapper
