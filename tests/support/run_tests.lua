-- Runs tests/stdlib and tests/scripts by luajit alone: `luajit tests/support/run_tests.lua [file]`, from the
-- root of the repository. The host runs the same files. Fixtures are found by TEAMFERRY_FIXTURES.
package.path = "./?.lua;" .. package.path
require "tests.support.host"

local t = { fixtures = os.getenv "TEAMFERRY_FIXTURES" }

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

local checks = 0
function t.same(got, wanted)
  checks = checks + 1
  if not same(got, wanted) then error(("got    %s\n         wanted %s"):format(shown(got), shown(wanted)), 2) end
end

function t.like(text, pattern)
  checks = checks + 1
  if type(text) ~= "string" or not text:find(pattern) then error(("%s is not like '%s'"):format(shown(text), pattern), 2) end
end

function t.raises(fn, pattern)
  checks = checks + 1
  local fine, problem = pcall(fn)
  if fine then error("raised nothing; wanted '" .. pattern .. "'", 2) end
  if not tostring(problem):find(pattern) then error(("raised %s\n         wanted '%s'"):format(shown(tostring(problem)), pattern), 2) end
end

---The content of a file, or nil.
function t.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read "*a"
  file:close()
  return content
end

local SKIP = {}
function t.skip(reason) error(setmetatable({ reason = reason }, SKIP), 0) end

local passed, skipped, failed = 0, 0, 0
local current
function test(name, fn) -- luacheck: ignore
  checks = 0
  local fine, problem = xpcall(fn, function(problem)
    return getmetatable(problem) == SKIP and problem or debug.traceback(tostring(problem), 2)
  end, t)
  if not fine and getmetatable(problem) == SKIP then
    skipped = skipped + 1
    print(("skipped  %s: %s (%s)"):format(current, name, problem.reason))
  elseif fine and checks > 0 then
    passed = passed + 1
  else
    failed = failed + 1
    print(("FAILED   %s: %s\n         %s"):format(current, name, fine and "it checks nothing" or problem))
  end
end

local files = { ... }
if #files == 0 then
  local pipe = assert(io.popen "ls tests/stdlib/*_test.lua tests/scripts/*_test.lua")
  for file in pipe:lines() do files[#files + 1] = file end
  pipe:close()
end
for _, file in ipairs(files) do
  current = file
  local chunk, problem = loadfile(file)
  if not chunk then
    failed = failed + 1
    print("FAILED   " .. problem)
  else
    local fine, why = pcall(chunk)
    if not fine then
      failed = failed + 1
      print(("FAILED   %s: %s"):format(file, why))
    end
  end
end
print(("%d passed, %d skipped, %d failed"):format(passed, skipped, failed))
os.exit(failed == 0)
