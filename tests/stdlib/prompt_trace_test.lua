local host = require "teamferry.host"
local trace = require "stdlib.prompt.trace"

local function watched(clock)
  local self = trace.new(host.compile, clock or function() return 0 end)
  local base = { content = self.watch("slack", "content", function() return "<p>x</p>" end, "slack.lua:9") }
  local own = { content = self.watch("acme", "content", function() return base.content() .. "!" end, "migrate.lua:3") }
  local message = self.watch("slack", "message", function() return { from = "U1", body = { content = own.content() } } end, "slack.lua:1")
  return self, message
end

local function names(chain)
  local out = {}
  for i, call in ipairs(chain) do out[i] = call.key .. " " .. call.place end
  return table.concat(out, " < ")
end

test("a field is traced to the step, the helper that gave it and the one that this asked", function(t)
  local self, message = watched()
  local calls, out = self.record(message)
  t.same(names(trace.why(calls, out, "body.content")), "slack.message slack.lua:1 < acme.content migrate.lua:3 < slack.content slack.lua:9")
  t.same(names(trace.why(calls, out, "from")), "slack.message slack.lua:1")
  local _, value = trace.why(calls, out, "body.none")
  t.same(value, nil)
end)

test("time is counted without that of what was called", function(t)
  local now = 0
  local self, message = watched(function()
    now = now + 1
    return now
  end)
  local times = self.measure(message)
  t.same(times["slack.content"], { seconds = 1, calls = 1 })
  t.same(times["acme.content"], { seconds = 2, calls = 1 })
  t.same(times["slack.message"], { seconds = 2, calls = 1 })
end)
