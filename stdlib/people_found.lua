---Who is in an export: everybody it lists, and whoever writes, is mentioned or reacts without being listed. Read for
---`teamferry people`, which runs this beside the command, in a state like those that plan; takes and gives JSON.
---Tested by tests/end_to_end/people_test.cpp.
local host = require "teamferry.host"
local html = require "stdlib.html"
local json = require "json"
local mapping = require "stdlib.mapping"
local sandbox = require "teamferry.sandbox"
local source = require "stdlib.source"

local people_found = {}

local ipairs, type = ipairs, type

-- The path of the export: of the command line, or as the script has it.
local function export_of(script, given)
  if given.export then return given.export end
  for _, declared in ipairs(source.describe(script).args) do
    if declared.name == "export" then return declared.default end
  end
end

-- Everybody once, in the order in which the export shows them.
local function roll()
  local list, by_id = {}, {}
  local function of(id, person)
    local known = by_id[id]
    if not known then
      known = { id = id, name = person and person.name or id, mail = person and person.mail, kind = person and person.kind or "user",
        target = person and person.target, listed = false, messages = 0, mentions = 0, reactions = 0 }
      by_id[id], list[#list + 1] = known, known
    end
    return known
  end
  return list, of
end

local function add_reactors(reactions, of)
  for _, reaction in ipairs(type(reactions) == "table" and reactions or {}) do
    for _, who in ipairs(type(reaction.users) == "table" and reaction.users or {}) do
      local id = type(who) == "table" and who.id or who
      if type(id) == "string" and id ~= "" then
        local person = of(id, type(who) == "table" and who or nil)
        person.reactions = person.reactions + 1
      end
    end
  end
end

---@param request string  JSON: script (a module's name), args (text by name)
---@return string  # JSON: people { id, name, mail, kind, target, listed, messages, mentions, reactions }, messages, failed
function people_found.run(request)
  request = json.decode(request)
  local script = source.loaded(sandbox.require_script(request.script), request.script)
  local args = request.args
  local path = export_of(script, args)
  local export = type(path) == "string" and host.exists(path) and host.open_export(path) or nil
  local session = mapping.start(script, { export = export, args = args, place_of = host.place_of, warn = host.warn })
  local list, of = roll()
  local out = { messages = 0 }
  local plan = session:plan(function(result)
    local message = result.message
    for _, part in ipairs { message, unpack(result.parts or {}) } do
      for id in part.body:gmatch '<at person="([^"]*)"' do
        local person = of(html.unescape(id))
        person.mentions = person.mentions + 1
      end
    end
    add_reactors(result.out and result.out.reactions, of)
    if message.added then return end
    out.messages = out.messages + 1
    local author = of(message.from, message.person)
    author.messages = author.messages + 1
  end)
  local listed = {}
  for _, person in ipairs(plan.people) do
    local entry = of(person.id, person)
    entry.name, entry.mail, entry.kind, entry.target, entry.listed = person.name or person.id, person.mail, person.kind, person.target, true
    listed[#listed + 1] = entry
  end
  for _, entry in ipairs(list) do
    if not entry.listed then listed[#listed + 1] = entry end
  end
  out.people, out.failed = json.array(listed), #plan.failed
  return json.encode(out)
end

return people_found
