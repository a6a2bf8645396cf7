---Commands of the prompt that work on scripts: .open, .use, .reload, .edit, .diff, .test, .send.
---
---A command is { name, takes, does, run(p, words) }; it raises what is wrong. Tested by tests/end_to_end/prompt_test.cpp.
local anonymise = require "stdlib.anonymise"
local debug = debug -- scripts have none; the parameters of a step are read with it
local native = require "teamferry.native"
local project_files = require "stdlib.project_files"
local show = require "stdlib.show"
local source = require "stdlib.source"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local words = file:read "*a"
  file:close()
  return words
end

local function write(path, words)
  local folder = path:match "^(.*)/[^/]*$"
  if folder then
    local made, err = native.make_folder(folder)
    if not made then error(err.message, 0) end
  end
  local file, problem = io.open(path, "wb")
  if not file then error("cannot write " .. problem, 0) end
  file:write(words)
  file:close()
end

local function lines_in(words) return select(2, words:gsub("\n", "\n")) end

-- Of the script in use, as seen from here; nil if it is shipped.
local function file_of(p)
  local session = p.session
  if not session.file then return nil end
  local path = session.project == "." and session.file or session.project .. "/" .. session.file
  return native.exists(path) and path or nil
end

local function open(p, words)
  if words == "" then error("which export? .open PATH", 0) end
  p.session:open(words)
  p:greet()
end

local function use(p, words)
  if words == "" then error("which script? .use slack, .use migrate.lua", 0) end
  local session = p.session
  if words:find "%.lua$" and not native.exists(words) then
    if not session.script then error(("there is no script %s, and none is in use that it could extend"):format(words), 0) end
    local folder = native.absolute(words):match "^(.*)/[^/]*$"
    local name = words:match "([^/]+)%.lua$"
    if name == "migrate" then name = folder:match "[^/]+$" end
    local from = session.script.name
    local module = native.exists(session.name) and session.name:gsub("%.lua$", ""):gsub("/", ".") or "scripts." .. from
    local here, path = native.absolute "x":gsub("x$", ""), session.path
    if path and path:sub(1, #here) == here then -- as the new script's folder sees it
      local _, depth = words:gsub("^%./", ""):gsub("[^/]+/", "")
      path = ("../"):rep(depth) .. path:sub(#here + 1)
    end
    local team = p.names.team(path or name)
    write(words, project_files.migrate { name = name, from = module, export = path, team = team })
    p.say("new project script from %s; .edit opens it", module)
  end
  session:use(words, session.path)
  p:greet()
end

-- What a project replaces, in order of their names.
local function replaced(script)
  local names = {}
  local base = source.base(script)
  for name, value in pairs(source.own(script)) do
    if base and type(value) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function reload(p)
  local session = p.session
  if not session.script then error("no script is in use: .use SCRIPT, or .open EXPORT", 0) end
  local before = session:reload()
  local path = file_of(p)
  local parts = { path and ("%s: %d lines"):format(path, lines_in(read(path))) or session.script.name .. ": shipped" }
  local names = replaced(session.script)
  if #names > 0 then parts[#parts + 1] = "replaces " .. table.concat(names, ", ") end
  local after = session.current
  if before and after then
    local same = before.html == after.html and before.reason == after.reason and before.error == after.error
    parts[#parts + 1] = "1 record mapped again, " .. (same and "the same" or "changed; .map shows it")
  end
  p.say("%s", table.concat(parts, ", "))
end

-- The parameters of a step or helper, without self.
local function parameters(fn)
  local info, names = debug.getinfo(fn, "u"), {}
  for i = 2, info.nparams or 0 do names[#names + 1] = debug.getlocal(fn, i) end
  return #names > 0 and table.concat(names, ", ") or info.isvararg and "..." or ""
end

-- Writes a step that calls the one it replaces, before the last return; gives its line.
local function add_step(p, path, step)
  local words = read(path)
  local script = p.session.script
  local own = words:match "\nreturn ([%a_][%w_]*)%s*$"
  local base = own and words:match("local%s+" .. own .. "%s*=%s*([%a_][%w_]*)%s*:%s*extend")
  if not base then error(("%s does not end as a script that extends another; write the step there"):format(path), 0) end
  local fn = script[step]
  local given = p.session.trace.original(fn)
  local takes = source.steps[step] and table.concat(source.steps[step], ", ") or parameters(given)
  local passed = takes ~= "" and ", " .. takes or ""
  local stub = ("function %s:%s(%s)\n  return %s.%s(self%s)\nend\n\n"):format(own, step, takes, base, step, passed)
  local at = words:find("\nreturn " .. own .. "%s*$")
  local head = words:sub(1, at)
  write(path, head .. stub .. words:sub(at + 1))
  return lines_in(head) + 2
end

local function edit(p, words)
  local path = file_of(p)
  local session = p.session
  if not path then
    error(("%s is shipped; .use migrate.lua makes a script of your own that extends it"):format(session.script and
      session.script.name or "no script is in use; what"), 0)
  end
  local line = 1
  if words ~= "" then
    local fn = session.script[words]
    if type(fn) ~= "function" then
      error(("%s has no step or helper %s%s"):format(session.script.name, words, p:hint(words, source.functions(session.script))), 0)
    end
    local info = debug.getinfo(fn, "S")
    line = info.short_src == session.file and info.linedefined or add_step(p, path, words)
  end
  local editor = os.getenv "VISUAL" or os.getenv "EDITOR" or "vi"
  local status = os.execute(("%s +%d '%s'"):format(editor, line, (path:gsub("'", "'\\''"))))
  native.go_on()
  if status ~= 0 and status ~= true then error(("%s failed; $EDITOR names the editor"):format(editor), 0) end
  p.say("%s; .reload loads it", path)
end

local function file_name(name)
  local words = {}
  for word in name:lower():gmatch "[%w_]+" do words[#words + 1] = word end
  return table.concat(words, "_"):sub(1, 40)
end

-- Who is to be seen in a message, as persons.
local function people_in(map, result)
  local seen, list = {}, {}
  local function add(id)
    local person = map.job.people_by_id[id]
    if person and not seen[id] then list[#list + 1] = { id = person.id, name = person.name, mail = person.mail, kind = person.kind } end
    seen[id] = true
  end
  add(result.message.from)
  for id in result.message.body:gmatch '<at person="([^"]*)"' do add(id) end
  local reactions = type(result.out) == "table" and result.out.reactions
  for _, reaction in ipairs(type(reactions) == "table" and reactions or {}) do
    for _, id in ipairs(type(reaction.users) == "table" and reaction.users or {}) do add(id) end
  end
  return list
end

-- .test "name": what is on the screen as a test of the project, with the names and ids of its people replaced
local function test(p, words)
  local name = words:match '^"(.+)"$' or words
  local session, path = p.session, file_of(p)
  local result = session.current
  if name == "" then error('what does it claim? .test "ticket numbers become links"', 0) end
  if not (result and result.message) then error("no mapped message is on the screen; .map N puts one there", 0) end
  if not path then error("tests belong to a project; .use migrate.lua makes one", 0) end
  local map = session.map
  local anonymous = anonymise.new { people = map.people, rooms = map.begun.conversations, keep = result.text }
  local people = {}
  for i, person in ipairs(people_in(map, result)) do people[i] = anonymous.record(person) end
  local base = path:match "^(.*/)" or ""
  local stem = file_name(name)
  local file = "tests/" .. stem .. "_test.lua"
  if native.exists(base .. file) then error(("%s%s is there already; choose another name"):format(base, file), 0) end
  local module = session.file:gsub("%.lua$", "")
  local own = project_files.variable(session.script.name)
  write(base .. file, ([[
---Kept at the prompt; names and ids of people and rooms are others.
local %s = require %q

test(%q, function(t)
  local people = %s
  local r = t.map(%s, %s, { people = people })
  t.clean(r)
  t.approve(%q, r.html)
end)
]]):format(own, module, name, show.whole(people, "  "), own, show.whole(anonymous.record(result.record), "  "), stem))
  local problem = require("stdlib.cli.test").approve(p.call, base == "" and "." or base:gsub("/$", ""), file)
  p.say("wrote %s%s with this record, names and ids replaced, and tests/approved/%s.json with what it becomes", base, file, stem)
  if problem then p.say("it fails, for you to look at: %s", problem:match "^[^\n]*") end
end

-- Users of the target in place of those that a rehearsal made up; who is not there becomes `other`.
local function with_users(graph, body, other)
  local known = {}
  local function user_of(identity)
    local asked = identity.displayName or identity.id
    if known[asked] == nil then known[asked] = asked:find("@", 1, true) and graph.user(asked) or false end
    local user = known[asked] or other
    identity.id, identity.displayName = user.id, user.displayName
  end
  if body.from and body.from.user then user_of(body.from.user) end
  for _, mention in ipairs(body.mentions or {}) do
    if mention.mentioned and mention.mentioned.user then user_of(mention.mentioned.user) end
  end
  return body
end

-- A failed call of graph as a sentence.
local function must(value, err)
  if value == nil then error(type(err) == "table" and (err.line or err.message) or tostring(err), 0) end
  return value
end

local function send(p)
  local session = p.session
  local result = session.current
  if not (result and result.message) then error("no mapped message is on the screen; .map N puts one there", 0) end
  local graph = p.graph
  local sent = session.sent or { channels = {} }
  session.sent = sent
  local early = "2000-01-01T00:00:00.000Z"
  local team_name = p.names.team(session.path)
  sent.team = sent.team or must(graph.create_team { displayName = team_name, createdDateTime = early })
  sent.other = sent.other or must(graph.users()())
  local place = session.map.begun.conversations[result.item.n] or {}
  local name = place.displayName or place.topic or "messages"
  sent.channels[name] = sent.channels[name] or must(sent.team:create_channel { displayName = name, createdDateTime = early })
  local stored = must(sent.channels[name]:import(with_users(graph, p.copied(result.graph), sent.other)))
  p.say("%s: team \"%s\", channel %s: sent, id %s%s", p.call.target, sent.team.displayName, name, stored.id,
    result.message.replyToId and "; a reply stands alone here" or "")
end

return {
  { "open", "PATH", "opens an export, with the script in use or the shipped one that knows it", open },
  { "use", "SCRIPT", "uses another script; a .lua that is not there yet begins as one that extends the one in use", use },
  { "reload", "", "loads the script again, and maps what is on the screen once more", reload },
  { "edit", "[STEP]", "opens the script in $EDITOR, at that step; one that it inherits is written first", edit },
  { "diff", "[N]", "what the script changes over the whole export, against the plan; N: more samples", require "stdlib.prompt.difference" },
  { "test", '"NAME"', "keeps what is on the screen as a test of the project", test },
  { "send", "", "sends what is on the screen to the emulator, or to --target with --write", send },
}
