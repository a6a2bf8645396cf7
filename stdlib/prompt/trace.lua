---Which functions of scripts ran, what they gave and how long they took: for .why and .time of the prompt.
---
---Scripts are watched while they load (source.host.watch); a function that is watched costs nothing worth mentioning unless a
---recording runs. Tested by tests/stdlib/prompt_trace_test.lua.
local trace = {}

local WRAPPER = "local fn, enter, leave = ... return function(...) return leave(enter(), fn(...)) end"

---@param compile fun(text: string, chunk: string): function  the wrapper stands where the function does, so that errors name it
---@param clock fun(): number  seconds
---@return table
function trace.new(compile, clock)
  local self = { calls = nil, times = nil }
  local originals = setmetatable({}, { __mode = "k" })
  local depth, stack = 0, {}

  ---For source.host.watch.
  function self.watch(script, name, fn, place)
    local file, line = place:match "^(.*):(%d+)$"
    if not file then return fn end
    local key = ("%s.%s"):format(script, tostring(name))
    local function enter()
      local calls, times = self.calls, self.times
      if not calls and not times then return nil end
      depth = depth + 1
      local call = { key = key, name = name, place = place, depth = depth }
      if calls then calls[#calls + 1] = call end
      if times then
        stack[depth] = call
        call.inside, call.started = 0, clock()
      end
      return call
    end
    local function leave(call, ...)
      if not call then return ... end
      depth = call.depth - 1
      call.result = (...)
      if call.started and self.times then
        local spent = clock() - call.started
        local above = stack[call.depth - 1]
        if above then above.inside = above.inside + spent end
        local row = self.times[key] or { seconds = 0, calls = 0 }
        self.times[key] = row
        row.seconds, row.calls = row.seconds + spent - call.inside, row.calls + 1
      end
      return ...
    end
    local wrapped = compile(("\n"):rep(tonumber(line) - 1) .. WRAPPER, file)(fn, enter, leave)
    originals[wrapped] = fn
    return wrapped
  end

  ---The function that a watched one stands for.
  function self.original(fn) return originals[fn] or fn end

  ---Runs fn and keeps the calls made meanwhile, in their order.
  ---@return table[] calls  each { key, name, place, depth, result }
  ---@return any result
  function self.record(fn, ...)
    local calls = {}
    self.calls, depth = calls, 0
    local fine, result = pcall(fn, ...)
    self.calls = nil
    if not fine then error(result, 0) end
    return calls, result
  end

  ---Runs fn and adds up the time of each function without that of those it called.
  ---@return table<string, { seconds: number, calls: integer }>
  function self.measure(fn)
    self.times, depth, stack = {}, 0, {}
    local times = self.times
    local fine, problem = pcall(fn)
    self.times = nil
    if not fine then error(problem, 0) end
    return times
  end

  return self
end

local function value_at(out, path)
  local value = out
  for part in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    local field = value[part]
    if field == nil and tonumber(part) then field = value[tonumber(part)] end
    value = field
  end
  return value
end

---The functions that a field of the result came from: the step, then whoever gave that very value, and what such a function
---asked its base for.
---@param calls table[]
---@param out table  what the step returned
---@param field string  "body.content"
---@return table[]? calls, any value
function trace.why(calls, out, field)
  local value = value_at(out, field)
  local chain, inside = {}, nil
  for _, call in ipairs(calls) do
    local step = call.depth == 1 and call.name == "message"
    if inside and call.depth <= inside.depth then inside = nil end
    if step or value ~= nil and call.result == value and type(value) ~= "boolean" then
      chain[#chain + 1] = call
      if not step then inside = call end
    elseif inside and call.name == inside.name then
      chain[#chain + 1] = call
    end
  end
  return chain, value
end

return trace
