-- Fills in what stdlib/ asks of the world: files of the project, the environment, the clocks of time zones.
local arg = require "stdlib.arg"
local host = require "teamferry.host"
local rows = require "stdlib.rows"
local time = require "stdlib.time"

arg.host.exists = host.exists
arg.host.folder = host.folder()
arg.host.env = host.has_env
time.host.zone = host.zone

function arg.host.rows(path) return rows.read(path, host.read_file) end
