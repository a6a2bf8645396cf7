-- What the host puts into every script's world, for running scripts and tests by luajit alone.
package.path = "./?.lua;" .. package.path

local host = { warnings = {} }

for _, name in ipairs { "source", "arg", "time", "html", "markdown", "mrkdwn", "emoji", "text", "each" } do
  _G[name] = require("stdlib." .. name) -- luacheck: ignore
end
json = require "tests.support.json" -- luacheck: ignore
log = {} -- luacheck: ignore
for _, level in ipairs { "info", "warn", "debug" } do
  log[level] = function(format, ...) host.warnings[#host.warnings + 1] = format:format(...) end -- luacheck: ignore
end

return host
