---Maps records outside of a plan: one at a time or a whole export, for tests of scripts and for the prompt.
---
---    local session = mapping.start(script, world)   -- settles its arguments and locks it; stop() lets go
---    local result = session:message(record)
---
---A result is what a person wants to see of a mapping:
---  record           what was mapped, with `file` and `index`, where it came from
---  out              what the step returned
---  reason or error  if it came to nothing: why it is skipped, or what went wrong
---  message          the message as stdlib/run.lua hands it on; a long one comes in several, the others in `parts`
---  graph, html, text  the chatMessage as it would be sent, its HTML and its visible words
---  losses           { { kind, detail }, … }
---  findings         what the rules of Teams have against it: sentences, none if it can be sent
---
---Times are those that the step returned; a plan may move them by milliseconds. In a rehearsal's tenant everybody with a
---mail address has a user, and so it is here.
---
---world: export, args (text by name), place_of and warn as in stdlib/run.lua; composer (bindings/composer.cpp);
---people, a list of persons that are known; conversation, the room's record; strangers, true if people who are not listed
---are users of the tenant as well.
---Tested by tests/stdlib/mapping_test.lua.
local html = require "stdlib.html"
local json = require "json"
local message_step = require "stdlib.message_step"
local run = require "stdlib.run"
local shape = require "stdlib.shape"
local source = require "stdlib.source"

local mapping = {}

---@class MappingSession
local Session = {}
Session.__index = Session

local function copy(t)
  local out = {}
  for key, value in pairs(t) do out[key] = value end
  return out
end

---@param script Source
---@param world table
---@return MappingSession
function mapping.start(script, world)
  local fine, job = pcall(run.start, script, { export = world.export, args = world.args, place_of = world.place_of, warn = world.warn })
  if not fine then
    source.stop(script)
    error(job, 0)
  end
  local self = setmetatable({ script = script, job = job, world = world, people = {}, channels = {}, last = {} }, Session)
  self:watch()
  for _, person in ipairs(world.people or {}) do
    person = shape.person(person, "", function() end)
    person.known = true
    job.people_by_id[person.id] = person
    self.people[#self.people + 1] = person
  end
  if world.conversation then self:open(world.conversation, world.target) end
  return self
end

---Lets the script be written to and started again.
function Session:stop() source.stop(self.script) end

-- What each mapping step was given and returned last is kept in `last`, and they are called as before.
function Session:watch()
  local script, steps = self.script, {}
  self.steps = steps
  for _, name in ipairs { "person", "place", "message" } do
    local step = script[name]
    steps[name] = step and run.stand(function(_, record, ctx)
      local out, reason = step(script, record, ctx)
      self.last[name] = { record = record, out = out, file = self.job.file, index = self.job.index }
      return out, reason
    end, step)
  end
  self.job.script = setmetatable({}, {
    __index = function(_, name) return steps[name] or script[name] end,
    __newindex = function(_, name, value) script[name] = value end,
  })
end

-- Room `record` is the one that messages are of.
function Session:open(record, target)
  local place = { id = tostring(record.id or "C"), name = tostring(record.name or record.id or "C") }
  for field, value in pairs(target or {}) do place[field] = value end
  self.entry = { place = place, rooms = { record }, told = {} }
  self.job.entries[1], self.job.by_id[place.id] = self.entry, self.entry
  self.job.fields.conversation, self.job.fields.target = record, place
end

-- A sink that fills `result`.
local function sink_to(result)
  local sink = {}
  function sink.skipped(reason) result.reason = reason end
  function sink.parked(problem, _, _, _, traceback) result.error, result.traceback = problem, traceback end
  function sink.person(person) result.person, result.losses = copy(person), person.losses or {} end
  function sink.conversation(place)
    result.place, result.losses = copy(place), place.losses or {}
    result.reason, result.error = place.skipped, place.error
  end
  return sink
end

-- What Teams would be given for a message, and what it says of it.
function Session:compose(result)
  local world, message = self.world, result.message
  if not world.composer then return end
  local args = self.job.args
  self.composer = self.composer or world.composer { people = self.people, channels = self.channels,
    fallback_line = args.fallback_line, repair = args.repair }
  local request = { id = message.id, from = message.from, person = message.person, body = message.body,
    replyToId = message.replyToId, subject = message.subject, importance = message.importance, strangers = {} }
  if world.strangers then
    local function stranger(id)
      if not self.job.people_by_id[id] then request.strangers[#request.strangers + 1] = { id = id, name = id, target = id } end
    end
    if not message.person then stranger(message.from) end
    for id in message.body:gmatch '<at person="([^"]*)"' do stranger(html.unescape(id)) end
  end
  local body, losses, failure = self.composer(request)
  for _, loss in ipairs(losses) do result.losses[#result.losses + 1] = loss end
  result.graph = json.decode(body)
  result.graph.createdDateTime = message.createdDateTime
  result.html = result.graph.body.content
  result.text = html.text(result.html)
  result.findings = { failure }
end

-- Fills `result` with a message of the sink.
function Session:take(result, message)
  if result.message then
    result.parts = result.parts or {}
    result.parts[#result.parts + 1] = copy(message)
    return
  end
  result.message, result.losses = copy(message), {}
  for i, loss in ipairs(message.losses or {}) do result.losses[i] = loss end
  self:compose(result)
end

-- Runs fn while conversation `entry` is read as if it did not stay behind.
local function lifted(entry, n, fn)
  local place, skipped = entry.place, entry.skipped
  local id, name = place.id, place.name
  entry.skipped = nil
  if skipped then place.id, place.name = id or "skipped " .. n, name or tostring(entry.rooms[1].name or id or n) end
  local fine, problem = pcall(fn)
  entry.skipped, place.id, place.name = skipped, id, name
  if not fine then error(problem, 0) end
end

---Maps one message, of the conversation that is open, or of the nth that begin() found; 0: of the stream that holds them all.
---@param record table
---@param n? integer
---@param file? string  where it came from, with index
---@param index? integer
---@return table result  with left_out, the reason, if its conversation stays behind
function Session:message(record, n, file, index)
  local job, entry = self.job, self.entry
  if n then entry = job.entries[n] elseif not entry then
    self:open { id = "C", name = "general" }
    entry = self.entry
  end
  if n then job.fields.conversation, job.fields.target = entry and entry.rooms[1], entry and entry.place end
  local result = { record = record, losses = {}, findings = {}, file = file, index = index }
  local sink = sink_to(result)
  function sink.message(message) self:take(result, message) end
  self.last.message = nil
  local function map() job:map_one(record, "message", message_step(job, sink, entry), sink, file, index) end
  if n and entry then lifted(entry, n, map) else map() end
  result.out = self.last.message and self.last.message.out
  if n and entry and entry.skipped and result.message then result.left_out = "conversation: " .. entry.skipped end
  return result
end

-- Maps one record by a step that reads: the job is given a step of the same name that emits just this.
function Session:emit_one(record, reading, step, read)
  local result = { record = record, losses = {} }
  local sink = sink_to(result)
  local job, watched = self.job, self.job.script
  self.last[step] = nil
  job.script = setmetatable({}, { __index = function(_, name)
    if name == reading then return function(_, _, emit) emit(record) end end
    return watched[name]
  end })
  local fine, problem = pcall(read, job, sink)
  job.script = watched
  if not fine then error(problem, 0) end
  result.out = self.last[step] and self.last[step].out
  return result
end

---@param user table  as the export has it
---@return table result  with person
function Session:person(user) return self:emit_one(user, "people", "person", self.job.people) end

---@param room table  as the export has it
---@return table result  with place
function Session:place(room) return self:emit_one(room, "conversations", "place", self.job.conversations) end

local function count(counts, name) counts[name] = (counts[name] or 0) + 1 end

---Reads and maps people and conversations, once. What is skipped or fails is counted in the plan that it gives.
---@return { people: table[], conversations: table[], messages: table[], skipped: table<string, integer>, failed: table[],
---  losses: table<string, integer> } plan
function Session:begin()
  if self.begun then return self.begun end
  local job = self.job
  local plan = { people = self.people, conversations = {}, messages = {}, skipped = {}, failed = {}, losses = {} }
  local sink = {}
  function sink.person(person)
    plan.people[#plan.people + 1] = copy(person)
    for _, loss in ipairs(person.losses or {}) do count(plan.losses, loss[1]) end
  end
  function sink.conversation(place)
    if not plan.conversations[place.n] then
      plan.conversations[place.n] = copy(place)
      if place.id and not place.skipped then self.channels[place.id] = place.displayName end
    end
    for _, loss in ipairs(place.losses or {}) do count(plan.losses, loss[1]) end
  end
  function sink.skipped(reason, _, _, what) count(plan.skipped, what == "message" and reason or what .. ": " .. reason) end
  function sink.parked(problem, file, index, what, traceback)
    plan.failed[#plan.failed + 1] = { error = problem, record = file and (index and file .. " record " .. index or file),
      what = what, traceback = traceback }
  end
  function sink.loss(kind) count(plan.losses, kind) end
  self.sink, self.begun = sink, plan
  job:people(sink)
  self.rooms = job:conversations(sink)
  return plan
end

---Reads and maps the whole export. `each`, if given, gets the result of each message in place of the list.
---@param each? fun(result: table)
---@return table plan  as of begin()
function Session:plan(each)
  local plan = self:begin()
  local job, sink = self.job, copy(self.sink)
  each = each or function(result) plan.messages[#plan.messages + 1] = result end
  local pending -- a message is known whole when the next record comes
  local function settle()
    local result = pending
    pending = nil
    if not result then return end
    for _, loss in ipairs(result.losses) do count(plan.losses, loss[1]) end
    each(result)
  end
  function sink.message(message)
    local last = self.last.message
    if message.added == "placeholder" then last = { record = {}, out = {} } end
    if not (pending and pending.of == last) then
      settle()
      pending = { of = last, record = last.record, out = last.out, file = last.file, index = last.index }
    end
    self:take(pending, message)
  end
  for _, name in ipairs { "skipped", "parked" } do
    local tell = sink[name]
    sink[name] = function(...)
      settle()
      tell(...)
    end
  end
  if job.reads_all then
    job:all_messages(sink)
  else
    for n = 1, self.rooms do
      job:messages(n, sink)
      settle()
    end
  end
  settle()
  return plan
end

local ENOUGH = {} -- stands as job.stopped when somebody has seen enough

-- Reads the messages of one conversation or of all, those that stay behind too. `sink.n` says which one.
function Session:read(sink, only)
  self:begin()
  local job = self.job
  local fine, problem = pcall(function()
    sink.n = 0
    if job.reads_all then return job:all_messages(sink) end
    for n = only or 1, only or self.rooms do
      local entry = job.entries[n]
      sink.n = n
      if not entry.failed then lifted(entry, n, function() job:messages(n, sink) end) end
    end
  end)
  job.stopped = nil
  if not fine and problem ~= ENOUGH then error(problem, 0) end
end

---Reads every message record without mapping it, those of conversations that stay behind too.
---@param fn fun(record: table, file: string, index: integer, n: integer?): boolean?  n: the conversation, if each has a
---  reading of its own; true ends the reading
---@param only? integer  of this conversation alone
function Session:scan(fn, only)
  self:begin()
  local job, step, sink = self.job, self.steps.message, {}
  local function look(_, record)
    self.steps.message = step -- fn may map what it sees
    local enough = fn(record, job.file, job.index, sink.n)
    self.steps.message = look
    if enough then job.stopped = ENOUGH end
    return nil, "scanned"
  end
  self.steps.message = look
  local fine, problem = pcall(self.read, self, sink, only)
  self.steps.message = step
  if not fine then error(problem, 0) end
end

---Maps every message, those of conversations that stay behind too, without making its final form: a quick look at all.
---@param fn fun(result: table, n: integer): boolean?  result has message or reason or error; good until fn returns
function Session:survey(fn)
  self:begin()
  local job, sink, result = self.job, { conversation = self.sink.conversation }, {} -- rooms may come with messages
  local function tell(message, reason, problem)
    local last = self.last.message
    if last and (last.file ~= job.file or last.index ~= job.index) then last = nil end -- the step was not asked
    result.message, result.reason, result.error, result.losses = message, reason, problem, message and message.losses or {}
    result.record, result.out, result.file, result.index = last and last.record, last and last.out, job.file, job.index
    if fn(result, sink.n) then job.stopped = ENOUGH end
  end
  function sink.message(message)
    if message.added ~= "part" then tell(message) end
  end
  function sink.skipped(reason) tell(nil, reason) end
  function sink.parked(problem) tell(nil, nil, problem) end
  self:read(sink)
end

return mapping
