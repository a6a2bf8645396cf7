---Runs one file of a project's tests, as SCRIPTING.md 16: `t` and what it can do.
---
---It runs in a Lua state like those that plan: the same sandbox, the same budgets, no files but those of the project, no
---network. `run` takes and gives JSON, since the command that prints has a state of its own.
---Tested by tests/end_to_end/project_tests_test.cpp.
local compare = require "stdlib.compare"
local host = require "teamferry.host"
local html = require "stdlib.html"
local json = require "json"
local mapping = require "stdlib.mapping"
local properties = require "stdlib.properties"
local sandbox = require "teamferry.sandbox"
local source = require "stdlib.source"
local suggest = require "stdlib.suggest"
local text = require "stdlib.text"

local project_tests = {}

local debug = debug -- scripts have none; a failure names the line of the test
local error, ipairs, pairs, tostring, type = error, ipairs, pairs, tostring, type

local function fail(sentence, ...) error(sentence:format(...), 3) end

-- One failure: both values, and where they part if they are large.
local function unequal(got, wanted)
  local path, a, b = compare.difference(got, wanted)
  local lines = { "got    " .. compare.shown(got), "wanted " .. compare.shown(wanted) }
  if path ~= "" then lines[3] = ("first at %s: got %s, wanted %s"):format(path, compare.shown(a), compare.shown(b)) end
  return table.concat(lines, "\n")
end

local function world_of(given)
  local world, args = { composer = host.composer, place_of = host.place_of, warn = host.warn, strangers = true }, { export = "." }
  for name, value in pairs(given or {}) do
    if name == "conversations" then world.conversation = value[1] else world[name] = value end
  end
  for name, value in pairs(world.args or {}) do args[name] = type(value) == "boolean" and tostring(value) or value end
  world.args = args
  return world
end

local function check_script(call, script)
  if not source.is(script) then
    error(('%s takes a script first, as in %s(acme, …) with local acme = require "migrate"; got %s'):format(call, call, type(script)), 3)
  end
end

local function mapped(call, script, record, world)
  check_script(call, script)
  if type(record) ~= "table" then fail("%s takes a record, a table, not a %s", call, type(record)) end
  local session = mapping.start(script, world_of(world))
  local kind = call:match "[^.]+$"
  local step = kind == "map" and "message" or kind
  local fine, result = pcall(session[step], session, record)
  session:stop()
  if not fine then error(result, 0) end
  if result.error then fail("%s: %s", call, result.error) end
  return result
end

-- The functions of `t`; `this` collects what the runner must know.
local function new_t(this)
  local t = {}

  local function checks(fn)
    return function(...)
      this.checks = this.checks + 1
      return fn(...)
    end
  end

  function t.map(script, record, world) return mapped("t.map", script, record, world) end
  function t.person(script, user, world) return mapped("t.person", script, user, world) end
  function t.place(script, room, world) return mapped("t.place", script, room, world) end

  function t.plan(script, args)
    check_script("t.plan", script)
    local world = world_of { args = args }
    world.strangers = nil
    local path = args and args.export
    for _, declared in ipairs(source.describe(script).args) do
      if declared.name == "export" and path == nil then path = declared.default end
    end
    world.args.export = path
    if type(path) == "string" and host.exists(path) then world.export = host.open_export(path) end
    local session = mapping.start(script, world)
    local fine, plan = pcall(session.plan, session)
    session:stop()
    if not fine then error(plan, 0) end
    return plan
  end

  t.same = checks(function(got, wanted)
    if not compare.same(got, wanted) then fail("%s", unequal(got, wanted)) end
  end)

  t.like = checks(function(got, pattern)
    if type(got) ~= "string" or not got:find(pattern) then fail("%s is not like '%s'", compare.shown(got), pattern) end
  end)

  t.raises = checks(function(fn, pattern)
    local fine, problem = pcall(fn)
    if fine then fail("raised nothing; wanted '%s'", pattern) end
    if not tostring(problem):find(pattern) then fail("raised   %s\nwanted '%s'", tostring(problem), pattern) end
  end)

  t.skipped = checks(function(result, reason)
    if not result.reason then fail("was not skipped; wanted '%s'. It became %s", reason or "a reason", compare.shown(result.out)) end
    if reason and result.reason ~= reason then fail("skipped with '%s'; wanted '%s'", result.reason, reason) end
  end)

  t.lost = checks(function(result, kind)
    local kinds = {}
    for _, loss in ipairs(result.losses) do
      if loss[1] == kind then return end
      kinds[#kinds + 1] = loss[1]
    end
    fail("no loss %s; it has %s", kind, #kinds > 0 and table.concat(kinds, ", ") or "none")
  end)

  t.clean = checks(function(result)
    if result.reason then fail("was skipped: %s", result.reason) end
    if result.findings and result.findings[1] then fail("Teams would refuse it: %s", result.findings[1]) end
  end)

  t.approve = checks(function(name, value)
    if type(name) ~= "string" or not name:find "^[%w_-][%w_ .-]*$" then
      fail("t.approve takes a name like 'general-2019' first, the name of its file; got %s", compare.shown(name))
    end
    local path = this.folder .. "approved/" .. name .. ".json"
    local got = json.encode(value, { pretty = true }) .. "\n"
    local wanted = host.exists(path) and host.read_file(path) or nil
    if wanted == got then return end
    this.approvals[#this.approvals + 1] = { path = path, text = got }
    if this.approve then return end
    if not wanted then
      fail("%s is not there yet. Read what it would hold, then accept it: teamferry test --approve\n%s", path,
        table.concat(compare.diff("", got), "\n"))
    end
    fail("%s differs; if the new is right: teamferry test --approve\n%s", path, table.concat(compare.diff(wanted, got), "\n"))
  end)

  t.every = checks(function(plan, property)
    local smallest, why, count = nil, nil, 0
    for _, message in ipairs(plan.messages) do
      local fine, problem = property(message)
      if not fine then
        count = count + 1
        if not smallest or #(message.html or "") < #(smallest.html or "") then smallest, why = message, problem end
      end
    end
    if #plan.messages == 0 then fail "the plan has no messages, so nothing was looked at" end
    if not smallest then return end
    fail("%d of %d messages; the smallest, %s record %s%s\nrecord %s\nhtml   %s", count, #plan.messages, tostring(smallest.file),
      tostring(smallest.index), why and ": " .. why or "", text.excerpt(compare.shown(smallest.record), 400), tostring(smallest.html))
  end)

  for name, property in pairs(properties) do t[name] = property end
  t.text = html.text
  return setmetatable(t, { __index = function(_, name)
    error(("there is no t.%s%s"):format(tostring(name), suggest.hint(name, t)), 2)
  end })
end

-- What was raised, with the line of the test in front, or behind if it names another.
local function placed(problem, file)
  local sentence = tostring(problem)
  if type(problem) == "table" and type(problem.message) == "string" then sentence = problem.message end
  sentence = sentence:gsub("^stdlib/[%w_/]+%.lua:%d+: ", "")
  if sentence:find(file .. ":", 1, true) == 1 then return sentence end
  for level = 3, 60 do
    local info = debug.getinfo(level, "Sl")
    if not info then break end
    if info.short_src == file then
      local place = file .. ":" .. info.currentline
      if sentence:find "^[^\n:]+%.lua:%d+: " then return sentence .. " (from " .. place .. ")" end
      return place .. ": " .. sentence
    end
  end
  return sentence
end

-- Which functions of the project's own scripts ran, by the file and line where they stand.
local function coverage()
  local all, reached = {}, {}
  local function watch(script, name, fn, place)
    local file = place:match "^(.*):%d+$"
    if not file or not host.exists(file) or file:find "_test%.lua$" then return fn end
    local key = place .. " " .. script .. "." .. tostring(name)
    all[key] = true
    -- Compiled as if it stood where the function does, so that errors name that line.
    local lines = ("\n"):rep(tonumber(place:match "%d+$") - 1)
    local wrap = host.compile(lines .. "local fn, reach = ... return function(...) reach() return fn(...) end", file)
    return wrap(fn, function() reached[key] = true end)
  end
  local function unreached()
    local list = {}
    for key in pairs(all) do
      if not reached[key] then list[#list + 1] = key end
    end
    table.sort(list)
    return list, all
  end
  return watch, unreached
end

---@param request string  JSON: file, text, folder ("tests/" or ""), approve, only (part of a name)
---@return string  # JSON: tests { name, problem }, approvals { path, text }, unreached and functions, by place and name
function project_tests.run(request)
  request = json.decode(request)
  local tests, out = {}, { tests = {}, approvals = {} }
  local watch, unreached = coverage()
  source.host.watch = watch
  local function test(name, fn)
    if type(name) ~= "string" or type(fn) ~= "function" then
      error('test takes a sentence and a function: test("a ticket becomes a link", function(t) … end)', 2)
    end
    tests[#tests + 1] = { name, fn }
  end
  sandbox.run_with(request.text, request.file, { test = test })
  if #tests == 0 then error(request.file .. ' holds no test; write test("…", function(t) … end)', 0) end
  if request.only then
    local chosen = {}
    for _, each in ipairs(tests) do
      if each[1]:lower():find(request.only:lower(), 1, true) then chosen[#chosen + 1] = each end
    end
    tests = chosen
  end
  for i, each in ipairs(tests) do
    local this = { checks = 0, folder = request.folder, approve = request.approve, approvals = out.approvals }
    local result = { name = each[1] }
    host.begin_piece()
    local fine, problem = xpcall(each[2], function(problem) return placed(problem, request.file) end, new_t(this))
    if not fine then
      result.problem = tostring(problem)
    elseif this.checks == 0 then
      result.problem = "it checks nothing; use t.same, t.like, t.skipped, …"
    end
    out.tests[i] = result
  end
  local list, all = unreached()
  out.unreached, out.functions = json.array(list), {}
  for key in pairs(all) do out.functions[#out.functions + 1] = key end
  json.array(out.tests)
  json.array(out.functions)
  json.array(out.approvals)
  return json.encode(out)
end

return project_tests
