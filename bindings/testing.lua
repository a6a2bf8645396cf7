-- Runs a file of tests: test(name, fn) with t.same, t.like, t.raises, t.read, t.skip, t.fixtures.
--
-- A test file sees what scripts see, and what it tests: it may require the files of stdlib/.
-- Tested by every test in tests/stdlib/.
local sandbox = require "teamferry.sandbox"

local testing = {}

local function shown(value, depth)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" or (depth or 0) > 4 then return tostring(value) end
  local keys, out = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do out[i] = tostring(key) .. " = " .. shown(value[key], (depth or 0) + 1) end
  return "{ " .. table.concat(out, ", ") .. " }"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local SKIP = {}

local function new_t(fixtures, root)
  local t = { fixtures = fixtures ~= "" and fixtures or nil, checks = 0 }
  function t.same(got, wanted)
    t.checks = t.checks + 1
    if not same(got, wanted) then error(("got    %s\nwanted %s"):format(shown(got), shown(wanted)), 2) end
  end
  function t.like(got, pattern)
    t.checks = t.checks + 1
    if type(got) ~= "string" or not got:find(pattern) then error(("%s is not like '%s'"):format(shown(got), pattern), 2) end
  end
  function t.raises(fn, pattern)
    t.checks = t.checks + 1
    local fine, problem = pcall(fn)
    if fine then error(("raised nothing; wanted '%s'"):format(pattern), 2) end
    if not tostring(problem):find(pattern) then error(("raised %s\nwanted '%s'"):format(shown(tostring(problem)), pattern), 2) end
  end
  ---The content of a file, or nil. A path that does not begin with / is one of the repository.
  function t.read(path)
    if path:sub(1, 1) ~= "/" then path = root .. "/" .. path end
    local file = io.open(path, "rb")
    if not file then return nil end
    local content = file:read "*a"
    file:close()
    return content
  end
  function t.skip(reason) error(setmetatable({ reason = reason }, SKIP), 0) end
  return t
end

---Runs all tests of a file.
---@return { name: string, problem: string?, skipped: string? }[]
function testing.run(text, chunk, fixtures, root)
  local results, tests = {}, {}
  sandbox.run_tests(text, chunk, function(name, fn) tests[#tests + 1] = { name, fn } end)
  for i, each in ipairs(tests) do
    local t = new_t(fixtures, root)
    local result = { name = each[1] }
    local fine, problem = xpcall(each[2], function(problem)
      return getmetatable(problem) == SKIP and problem or debug.traceback(tostring(problem), 2)
    end, t)
    if not fine and getmetatable(problem) == SKIP then
      result.skipped = problem.reason
    elseif not fine then
      result.problem = problem
    elseif t.checks == 0 then
      result.problem = "it checks nothing"
    end
    results[i] = result
  end
  return results
end

return testing
