---The names that are there at the prompt, besides what scripts see: script, export, ctx, people, conversations, m, out, _.
---
---people and conversations can be called, and show themselves as lines. What shows itself is in `shown`, by the value.
---Tested by tests/end_to_end/prompt_test.cpp.
local views = require "stdlib.prompt.views"

local values = {}

---Whether a record of an export holds a text, somewhere.
---@param record any
---@param wanted string
function values.holds(record, wanted)
  if type(record) == "string" then return record:find(wanted, 1, true) ~= nil end
  if type(record) ~= "table" then return false end
  for _, value in pairs(record) do
    if values.holds(value, wanted) then return true end
  end
  return false
end

-- A table whose fields are made when they are named, and that can be called.
local function callable(call, fields)
  return setmetatable({}, { __metatable = false, __call = function(_, ...) return call(...) end, __index = function(_, name)
    local make = fields[name]
    return make and make()
  end, __newindex = function() error("what the export holds cannot be changed here", 2) end })
end

local function asked(what, name)
  if type(name) ~= "string" then error(("%s takes a text: %s \"ann\""):format(what, what), 3) end
  return name:lower()
end

---@param p table  the prompt
---@return table<string, fun(): any> given  for sandbox.environment
---@return table shown  [value] = fun(): string
function values.new(p)
  local shown = setmetatable({}, { __mode = "k" })
  local session = p.session

  local function as_person(person)
    shown[person] = function() return views.person(person, session.census_known) end
    return person
  end
  local function as_people(list)
    shown[list] = function() return views.people(list, session.census_known) end
    return list
  end

  local people = callable(function(name)
    local map, wanted, found = session:opened(), asked("people", name), {}
    if map.job.people_by_id[name] then return as_person(map.job.people_by_id[name]) end
    local function look(list)
      for _, person in ipairs(list) do
        local words = ("%s\n%s\n%s"):format(person.id, person.name or "", person.mail or ""):lower()
        if words:find(wanted, 1, true) then found[#found + 1] = person end
      end
    end
    look(map.people)
    if #found == 0 then look(p:census().strangers) end
    if #found == 0 then return nil, ("nobody in the export is called %s"):format(name) end
    return #found == 1 and as_person(found[1]) or as_people(found)
  end, {
    all = function() return as_people(session:opened().people) end,
    strangers = function() return as_people(p:census().strangers) end,
  })
  shown[people] = function()
    p:census()
    return views.people(session:opened().people, session.census_known)
  end

  local conversations = callable(function(name)
    asked("conversations", name)
    local n = session:conversation(name)
    if not n then return nil, ("there is no conversation %s%s"):format(name, p:hint(name, p:conversation_names())) end
    return session.map.job.entries[n].rooms[1]
  end, {
    all = function() return session:opened().begun.conversations end,
  })
  shown[conversations] = function()
    local census = p:census()
    return views.conversations(session.map.begun.conversations, census)
  end

  local current = function() return session.current end
  return {
    script = function() return session.script end,
    export = function() return session.map and session.map.world.export end,
    ctx = function() return session:opened().job.ctx end,
    people = function() return people end,
    conversations = function() return conversations end,
    m = function() return current() and current().record end,
    out = function() return current() and current().out end,
    _ = function() return p.last end,
    graph = function() return p.graph end,
    parallel = function() return p.parallel end,
    progress = function() return p.progress end,
    print = function() return p.print_values end,
    help = function() return p.help end,
  }, shown
end

return values
