---teamferry new: a project's folder from a source script and an export, which works at once.
local host = require "teamferry.host"
local json = require "json"
local manual = require "stdlib.manual"
local names = require "stdlib.cli.names"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local project_files = require "stdlib.project_files"
local sandbox = require "teamferry.sandbox"
local suggest = require "stdlib.suggest"

local new = {
  summary = "Makes a project: a script to change, people.csv, a sample of the export with tests. Or copies a shipped script.",
  usage = "Example: teamferry new acme --from slack --export export.zip\n"
    .. "A shipped script to change as a whole: teamferry new --copy-script slack writes scripts/slack.lua, which is used from then on",
}

function new.options(parser)
  parser:argument "name":args "?":description "the project's name, which is its folder's too"
  parser:option "--from":argname "SCRIPT":description "the source script that it extends: slack, or one of your own"
  parser:option "--export":argname "PATH":description "the export: zip, folder or file"
  parser:option "--team":argname "NAME":description "name of the team; named after the export by default"
  parser:option "--copy-script":argname "SCRIPT":description "write out a shipped script, into scripts/ of the project or of this folder"
end

local function shipped()
  local set, list = {}, {}
  for _, module in ipairs(host.shipped()) do
    local name = module:match "[^.]+$"
    set[name], list[#list + 1] = true, name
  end
  table.sort(list)
  return set, table.concat(list, ", ")
end

-- Writes a file that is not there yet.
local function write(call, path, text)
  if native.exists(path) then call.fail(("%s is there already; nothing of yours is written over"):format(path), 2) end
  local folder = path:match "^(.*)/[^/]*$"
  if folder then
    local made, err = native.make_folder(folder)
    if not made then call.fail(err, 2) end
  end
  local file, problem = io.open(path, "wb")
  if not file then call.fail("cannot write " .. problem, 2) end
  file:write(text)
  file:close()
end

local function lines_in(text) return select(2, text:gsub("\n", "\n")) end

local function copy_script(call, folder, name)
  local known, list = shipped()
  if not known[name] then
    call.fail(("no script '%s' is shipped%s; there are: %s"):format(name, suggest.hint(name, known), list), 2)
  end
  local path = folder .. "scripts/" .. name .. ".lua"
  if native.exists(path) then call.fail(("%s is there already; nothing of yours is written over"):format(path), 2) end
  local text = host.find("scripts." .. name)
  write(call, path, text)
  call.out.say("%-22s %d lines: yours now; it is used in place of the shipped one", path, lines_in(text))
end

-- The export as the project's folder sees it.
local function seen_from(name, path)
  if path:find "^/" then return path end
  local up = ""
  for part in name:gmatch "[^/]+" do
    if part ~= "." then up = up .. "../" end
  end
  return up .. path:gsub("^%./", "")
end

local function decisions(people)
  local mails, undecided = 0, 0
  for _, person in ipairs(people) do
    if person.mail then mails = mails + 1 elseif person.messages > 0 then undecided = undecided + 1 end
  end
  return mails, undecided
end

-- What the export holds, as the script maps it.
local function look_at(call, o)
  local request = json.encode { from = o.from, export = native.absolute(o.export) }
  local answer, err = native.aside("stdlib.scaffold", request, { project = "." }, function(level, line)
    if level ~= "debug" then call.out.say("%s  %s", level == "warn" and "warning" or "script ", line) end
  end)
  if not answer then call.fail(err, 2) end
  return json.decode(answer)
end

local function write_sample(call, folder, name, found)
  local test = "tests/" .. project_files.variable(name) .. "_test.lua"
  for path, text in pairs(found.sample) do write(call, folder .. "sample/" .. path, text) end
  write(call, folder .. test, project_files.test { name = name, samples = found.samples })
  local tests = require "stdlib.cli.test"
  local problem = tests.approve(call, folder:gsub("/$", ""), test)
  call.out.say("%-22s %s of the export, anonymised, one of each kind, and tests of them", folder .. "sample/, tests/",
    output.of(found.samples, "message"))
  if problem then call.out.problem("note     a test of the sample fails, for you to look at: teamferry test %s\n%s", folder, problem) end
end

function new.run(call)
  local o, out = call.options, call.out
  local folder = o.name and o.name:gsub("/+$", "") .. "/" or ""
  call.result = { state = "made", errors = {} }
  if o.copy_script and not (o.from or o.export) then
    copy_script(call, folder, o.copy_script)
    return 0
  end
  local known, list = shipped()
  if not o.name then call.fail("what is the project called? For example: teamferry new acme --from slack --export export.zip", 2) end
  if not o.from then call.fail(("which script reads the export? Give --from, one of: %s; or a script of your own"):format(list), 2) end
  if not o.export then call.fail("which export? Give --export PATH: the zip, folder or file to migrate", 2) end
  if not native.exists(o.export) then call.fail(("there is no file or folder %s"):format(o.export), 2) end
  if native.exists(folder .. "migrate.lua") then
    call.fail(("%smigrate.lua is there already; nothing of yours is written over. Choose another name"):format(folder), 2)
  end
  local name = o.name:gsub("/+$", ""):match "[^/]+$"
  local found = look_at(call, o)
  local from = known[o.from] and "scripts." .. o.from or o.from
  if o.copy_script then copy_script(call, folder, o.copy_script) end

  local script = project_files.migrate { name = name, from = from, export = seen_from(o.name, o.export),
    team = o.team or names.team(o.export) }
  write(call, folder .. "migrate.lua", script)
  out.say("%-22s %d lines: your script; as it is, it does what %s does", folder .. "migrate.lua", lines_in(script), o.from)
  write(call, folder .. "people.csv", project_files.people(found.people))
  local mails, undecided = decisions(found.people)
  out.say("%-22s %s of the export, %s with a mail; %s", folder .. "people.csv", output.of(#found.people, "person", "people"),
    output.count(mails), undecided == 0 and "none needs a decision" or undecided == 1 and "1 needs a decision"
    or output.count(undecided) .. " need a decision")
  if found.sample then write_sample(call, folder, name, found) end
  local globals = sandbox.globals()
  write(call, folder .. ".luarc.json", project_files.luarc(globals))
  for file, text in pairs(manual.stubs()) do write(call, folder .. project_files.meta .. "/" .. file, text) end
  write(call, folder .. ".luacheckrc", project_files.luacheckrc(globals))
  write(call, folder .. ".gitignore", project_files.gitignore)
  out.say("%-22s completion in editors; .luacheckrc checks, .gitignore keeps the export, journals and .env out", folder .. ".luarc.json")
  out.say("read     %s in %s", output.of(found.messages, "message"), output.of(found.rooms, "conversation"))
  out.say("next: cd %s && teamferry plan", o.name)
  call.result.folder, call.result.people, call.result.samples = o.name, #found.people, found.sample and found.samples or 0
  return 0
end

return new
