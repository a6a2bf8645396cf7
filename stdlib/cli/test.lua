---teamferry test: runs a project's tests in the host that plans, offline.
local host = require "teamferry.host"
local json = require "json"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"

local test = {
  summary = "Runs a project's tests (*_test.lua), in the host that plans and without a network.",
  usage = "Example: teamferry test acme\n"
    .. "A test: test(\"a ticket becomes a link\", function(t) t.same(t.map(acme, record).html, \"…\") end),\n"
    .. "with local acme = require \"migrate\" in front. What t.approve found to differ is taken over by --approve.",
}

function test.options(parser)
  parser:argument "what":args "?":description "a project's folder, or one file of tests; by default this folder"
  parser:flag "--approve --update":description "write what t.approve was given into the folder approved/, as right from now on"
  parser:option "--only":argname "TEXT":description "only tests whose name has this in it"
  parser:option "--junit":argname "FILE":description "write the results as JUnit's XML too"
end

local function parent_of(path) return path:match "^(.*)/[^/]*$" end

-- The project's folder and the files of tests in it, as seen from there.
local function find(call)
  local what = (call.options.what or "."):gsub("(.)/+$", "%1")
  if not native.exists(what) then call.fail(("there is no file or folder %s"):format(what), 2) end
  if what:match "%.lua$" then
    local file = native.absolute(what)
    local folder = parent_of(file)
    local project = folder
    while project and project ~= "" and not native.exists(project .. "/migrate.lua") do project = parent_of(project) end
    if not project or project == "" then project = folder end
    return project, { file:sub(#project + 2) }
  end
  local files = {}
  for _, name in ipairs(host.open_export(native.absolute(what)):list "**_test.lua") do
    if native.exists(what .. "/" .. name) and not name:find "^%." and not name:find "/%." then files[#files + 1] = name end
  end
  if #files == 0 then
    call.fail(("%s holds no *_test.lua; teamferry new makes a project with one, teamferry help test shows a test"):format(what), 2)
  end
  return what, files
end

local function read(path)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local text = file:read "*a"
  file:close()
  return text
end

local function write(call, path, text)
  local folder = parent_of(path)
  if folder then native.make_folder(folder) end
  local file, problem = io.open(path, "wb")
  if not file then call.fail(("cannot write %s"):format(problem), 2) end
  file:write(text)
  file:close()
end

local function indented(text) return "    " .. text:gsub("\n", "\n    ") end

-- Runs one file; its tests, or one that stands for a file that cannot be run.
local function run_file(call, project, file, approve)
  local request = json.encode { file = file, text = assert(read(project .. "/" .. file)), folder = file:match "^.*/" or "",
    approve = approve, only = call.options.only }
  local answer, err = native.aside("stdlib.project_tests", request, { project = project }, function(_, line)
    call.out.say("    %s", line)
  end)
  if answer then return json.decode(answer) end
  if err.code == "interrupted" then call.fail(err) end
  return { tests = { { name = "(the file)", problem = err.message } }, approvals = {}, unreached = {}, functions = {} }
end

-- Writes what a file of tests would have approved; how many.
local function take_over(call, project, approvals)
  for _, approval in ipairs(approvals) do write(call, project .. "/" .. approval.path, approval.text) end
  return #approvals
end

---Runs a new file of tests for the first time; what comes out is right from then on.
---@return string?  # the first problem
function test.approve(call, project, file)
  local suite = run_file(call, project, file, true)
  take_over(call, project, suite.approvals)
  for _, each in ipairs(suite.tests) do
    if each.problem then return each.problem end
  end
end

local function xml(text)
  return (text:gsub("[%z\1-\8\11\12\14-\31]", "?"):gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function junit(suites)
  local lines = { '<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>" }
  for _, suite in ipairs(suites) do
    lines[#lines + 1] = ('<testsuite name="%s" tests="%d" failures="%d" time="%.3f">'):format(xml(suite.file), #suite.tests, suite.failed,
      suite.seconds)
    for _, each in ipairs(suite.tests) do
      local head = ('<testcase classname="%s" name="%s"'):format(xml(suite.file), xml(each.name))
      if each.problem then
        lines[#lines + 1] = ('%s><failure message="%s">%s</failure></testcase>'):format(head, xml(each.problem:match "^[^\n]*"),
          xml(each.problem))
      else
        lines[#lines + 1] = head .. "/>"
      end
    end
    lines[#lines + 1] = "</testsuite>"
  end
  lines[#lines + 1] = "</testsuites>"
  return table.concat(lines, "\n") .. "\n"
end

-- Functions of the project that no file of tests has reached.
local function unreached_of(suites)
  local missing, reached = {}, {}
  for _, suite in ipairs(suites) do
    local left = {}
    for _, key in ipairs(suite.unreached) do left[key] = true end
    for _, key in ipairs(suite.functions) do
      if left[key] then missing[key] = true else reached[key] = true end
    end
  end
  local list = {}
  for key in pairs(missing) do
    if not reached[key] then list[#list + 1] = key end
  end
  table.sort(list)
  return list
end

function test.run(call)
  local project, files = find(call)
  local out, suites, passed, failed, approved = call.out, {}, 0, 0, 0
  call.result = { state = "passed", failures = json.array {}, errors = {} }
  local started = native.clock()
  for _, file in ipairs(files) do
    local begun = native.clock()
    local suite = run_file(call, project, file, call.options.approve or false)
    suite.file, suite.failed, suite.seconds = file, 0, native.clock() - begun
    suites[#suites + 1] = suite
    for _, each in ipairs(suite.tests) do
      if each.problem then
        suite.failed, failed = suite.failed + 1, failed + 1
        out.problem("failed  %s: %s", file, each.name)
        out.problem(indented(each.problem))
        table.insert(call.result.failures, { file = file, name = each.name, problem = each.problem })
      else
        passed = passed + 1
      end
    end
    if call.options.approve then
      approved = approved + take_over(call, project, suite.approvals)
      for _, approval in ipairs(suite.approvals) do out.say("approved  %s", approval.path) end
    end
    if suite.failed == 0 then out.say("passed  %s: %s", file, output.of(#suite.tests, "test")) end
  end
  local unreached = unreached_of(suites)
  if #unreached > 0 and not call.options.only then
    out.say("no test reached:")
    for _, key in ipairs(unreached) do out.say("  %s", key) end
  end
  if call.options.junit then write(call, call.options.junit, junit(suites)) end
  out.say("%s passed, %s failed, in %s", output.of(passed, "test"), output.count(failed),
    ("%.1f s"):format(native.clock() - started))
  local result = call.result
  result.passed, result.failed, result.approved, result.unreached = passed, failed, approved, json.array(unreached)
  if failed > 0 then result.state = "failed" end
  return failed > 0 and 3 or 0
end

return test
