---Drives a source script for the plan. Pure: it is handed an export and functions to call, and gives
---plain tables; the host resolves ids, decides times, validates and stores.
---
---    local script = source.loaded(dofile_in_sandbox("migrate.lua"), "migrate.lua")
---    local job = run.start(script, world)
---    job:people(sink)
---    local count = job:conversations(sink)          -- sink.conversation is called with n = 1..count
---    if job.reads_all then job:all_messages(sink)   -- one stream holds all rooms
---    else for n = 1, count do job:messages(n, sink) end end
---    local fine, reason = job:finish(summary)       -- true, or nil and why the plan is refused
---
---Each worker has a Lua state and a job of its own: it calls people and conversations with a sink of no
---functions, then messages for the conversations that are its share; n means the same in all of them.
---
---world (a table):
---  export     the handle of SCRIPTING 6, as the steps see it. Its iterators are functions that give
---             `record, file [, index]` a step; "file record index" is where the record came from
---  args       values of the command line by name, as text (may be nil)
---  place_of   function(record) -> file, index: for records that a step takes from an iterator and emits
---             one by one; may be nil
---  survey     true: job.seen counts what the mapped messages are made of (stdlib/census.lua)
---
---sink (a table; each function may be absent). Tables handed over are good until the function returns;
---`losses` is nil or an array of { kind, detail } pairs; file and index say where the record came from:
---  person(p)        p = { id, name, mail, kind, target, losses, file, index }; kind is never nil
---  conversation(c)  c = { n, id, name, displayName, description, membershipType, team, chatType, topic,
---                   members, createdDateTime, target, merge, split, losses, file, index }, and skipped = reason
---                   if it stays behind: its messages then come as skipped "conversation: <reason>", and id may be nil.
---                  Called again with an n it had if another part of that conversation lost something
---                   error: the room could not be mapped; its records come as parked "conversation: <error>"
---  message(m)       m = { id, createdDateTime, from, replyToId, body, subject, importance, conversation,
---                   lastEditedDateTime, person, added, losses, file, index }: from is the author's id; person
---                   the record { id, name, mail, kind, target } if the message brought one; body is HTML
---                   with markers (stdlib/html.lua), never empty; conversation is a room's id. A message that is too long
---                   comes as several, each but the first with added
---  skipped(reason, file, index, what, id)       what is "person", "conversation" or "message"
---  parked(error, file, index, what, traceback)  the record is kept for a person; the job goes on
---  loss(kind, detail)                           a loss noted by a reading step, of no record
---  proven()                                     it is not the script: a message was mapped, or two failed otherwise
---
---start, people, conversations and finish raise a sentence for people if nothing can go on; messages and
---all_messages raise only if the plan must stop (the same error 20 times from the first record on).
---Tested by tests/stdlib/run_test.lua.
local choice = require "stdlib.room_choice"
local failure = require "stdlib.failure"
local message_step = require "stdlib.message_step"
local shape = require "stdlib.shape"
local source = require "stdlib.source"
local text = require "stdlib.text"

local debug = debug -- scripts have none; positions and tracebacks need it

local run = {}

local find, format = string.find, string.format
local error, ipairs, pairs, rawget = error, ipairs, pairs, rawget
local tostring, type, xpcall = tostring, type, xpcall
local check_person, result_of = shape.person, shape.result_of
local caught, placed, traced = failure.caught, failure.placed, failure.traced

local LONGEST_PLACE = 255 -- bytes of a file's name in a note of what hung
local HUNG = "an earlier plan with these scripts hung in it, so it was not tried again: probably a text pattern can match it in "
  .. "too many ways. Simplify such patterns in the script, and plan again"
local SAME_ERRORS = 20 -- from the first record on: then it is the script, not the data

-- The part of SCRIPTING 4 that is designed and not carried yet: refused by name, never ignored.
local NOT_YET = {
  reactions = { send = "text" },
  files = { upload = "skip", link = "skip" },
}

local stands_for = setmetatable({}, { __mode = "k" }) -- the step that a function calls, for where it stands

---Says that `fn` calls `step` and nothing else: errors then name the step's place. @private
function run.stand(fn, step)
  stands_for[fn] = step
  return fn
end

local function position_of(fn)
  fn = stands_for[fn] or fn
  if not fn or not debug or not debug.getinfo then return nil end
  local info = debug.getinfo(fn, "S")
  return info.what ~= "C" and format("%s:%d", info.short_src, info.linedefined) or nil
end

---@class Job
---@field reads_all boolean  all_messages is to be called instead of messages
---@field args table<string, any>
---@field hung table<string, boolean>?  "file record index" of what is not to be tried again
local Job = {}
Job.__index = Job
require "stdlib.run_rooms"(Job)
require "stdlib.run_split"(Job)

---Starts a script: settles its arguments and locks it. Raises a sentence for people.
---@param script Source
---@param world { export: table, args?: table, place_of?: function, survey?: boolean }
---@return Job
function run.start(script, world)
  local args = source.start(script, world.args)
  for name, values in pairs(NOT_YET) do
    local instead = values[args[name]]
    if instead then error(format("args.%s: '%s' is not carried yet; use %s", name, args[name], instead), 0) end
  end
  local self = setmetatable({
    script = script, args = args, world = world, place_of = world.place_of,
    people_by_id = {}, skipped_people = {}, entries = {}, by_id = {}, merged = {}, aliases = {}, split = {}, strangers = {}, trials = {},
    seen = world.survey and {} or nil,
    chosen = choice.of(args.only, args.except),
    reads_all = script.all_messages ~= nil or script.messages == nil,
  }, Job)
  if script.messages and not script.all_messages and not script.conversations then
    error(format("%s has the step messages but not conversations; emit the rooms there, or read all in all_messages", script.name), 0)
  end
  self:make_ctx()
  return self
end

-- ctx is an empty table in front of its fields, so that a step cannot write to it.
function Job:make_ctx()
  local fields = setmetatable({ export = self.world.export }, { __index = function(_, name)
    if name ~= "source_of_record" then return nil end
    local file, index = self.file, self.index
    return file and (index and file .. " record " .. index or file) or "a record"
  end })
  self.fields = fields
  self.ctx = setmetatable({}, { __index = fields, __metatable = false, __newindex = function(_, name)
    error(format("ctx.%s is written in a step; a step may not write to ctx", tostring(name)), 2)
  end })
  local people, strangers = self.people_by_id, self.strangers
  function fields.loss(kind, detail)
    if type(kind) ~= "string" then
      error(kind == self.ctx and 'ctx.loss takes a dot: ctx.loss("poll", detail)' or "ctx.loss takes the kind as text", 2)
    end
    if not find(kind, "^%l[%l%d_]*$") then error(format("ctx.loss: '%s' is not a kind; write it like poll or card_button", kind), 2) end
    if detail == nil then detail = "" elseif type(detail) ~= "string" then detail = tostring(detail) end
    if #detail > 200 then detail = text.excerpt(detail, 120) end
    local losses = self.losses
    if losses then losses[#losses + 1] = { kind, detail } else self.losses = { { kind, detail } } end
  end
  function fields.person(id)
    local person = people[id] or strangers[id]
    if person then return person end
    if type(id) ~= "string" then error("ctx.person takes an id, not " .. (id == nil and "nil" or "a " .. type(id)), 2) end
    person = { id = id, name = id, kind = "user", known = false }
    strangers[id] = person
    return person
  end
end

-- The same error from the first record of a kind on is the script's: 20 of them end the plan.
function Job:count_error(what, message)
  local trial = self.trials[what] or { count = 0 }
  self.trials[what] = trial
  if trial.over then return end
  local alike = message:gsub("'[^']*'", "'…'"):gsub("%d+", "0")
  if trial.alike and trial.alike ~= alike then
    trial.over = true -- different errors: it is not one mistake
    return
  end
  trial.alike, trial.count = alike, trial.count + 1
  if trial.count >= SAME_ERRORS then
    self.stopped = format("the first %d %ss failed alike, so it is the script and not the data: %s", SAME_ERRORS, what, message)
    error(self.stopped, 0)
  end
end

-- Makes the function that a reading step calls for each record or iterator.
-- `map(record, added)` is called for each record, in a cell of its own.
-- An error that names no line gets `line`, the place of the mapping step; `lost(record, error)` may take a record that failed.
function Job:emitter(sink, what, map, line, lost)
  local skipped, parked, place_of = sink.skipped, sink.parked, self.place_of
  local trials, tried = self.trials, false
  local function refuse(record, file, index)
    if what == "message" then
      if skipped then skipped("not a record", file, index, what) end
    elseif parked then
      parked(format("the %s is not a table { … }: got %s", what, shape.shown(record)), file, index, what)
    end
  end
  local function one(record, file, index, added)
    if self.stopped then error(self.stopped, 0) end
    self.file, self.index, self.losses = file, index, nil
    if type(record) ~= "table" then return refuse(record, file, index) end
    local hung = self.hung
    if hung and file and hung[file:sub(1, LONGEST_PLACE) .. " record " .. tostring(index)] then
      if parked then parked(HUNG, file, index, what) end
      return
    end
    local fine, problem = xpcall(map, traced, record, added)
    if fine then
      if not tried then
        tried = true
        trials[what] = { over = true }
        if what == "message" and sink.proven then sink.proven() end
      end
    else
      problem = caught(problem)
      local absent = problem.message:match "^attempt to index field '([%w_]+)' %(a nil value%)$"
      if absent and rawget(record, absent) == nil then
        problem.message = format("%s; this %s has no %s, so look before: if record.%s then …", problem.message, what, absent, absent)
      end
      local message = placed(problem.message, problem.place or line)
      if lost then
        lost(record, message)
      elseif parked then
        parked(message, file, index, what, problem.traceback)
      end
      self:count_error(what, message)
      if not tried and trials[what].over then
        tried = true
        if what == "message" and sink.proven then sink.proven() end
      end
    end
  end
  return function(value, added, file, index)
    local kind = type(value)
    self:report_losses(sink)
    if kind == "function" then
      for record, from, at in value do
        if not from and place_of then from, at = place_of(record) end
        one(record, from, at, added)
      end
    elseif kind == "table" or file then
      if not file and place_of then file, index = place_of(value) end
      one(value, file, index, added)
    else
      error(format("emit takes a record (a table) or an iterator, not %s%s", value == nil and "" or "a ", kind), 2)
    end
    self.losses, self.file, self.index = nil, nil, nil
  end
end

-- Losses that a reading step noted belong to no record.
function Job:report_losses(sink)
  local losses = self.losses
  if losses and sink.loss then
    for _, loss in ipairs(losses) do sink.loss(loss[1], loss[2]) end
  end
  self.losses = nil
end

function Job:reading(step, sink, ...)
  self.losses, self.file, self.index = nil, nil, nil
  step(self.script, ...)
  self:report_losses(sink)
end

---Reads and maps the people.
---@param sink table
function Job:people(sink)
  local script, ctx, fields = self.script, self.ctx, self.fields
  local step, map_step = script.people, script.person
  if not step then return end
  fields.conversation, fields.target = nil, nil
  local name, at = script.name .. ".person", position_of(map_step)
  local function map(record)
    local result, reason = record, nil
    if map_step then
      result, reason = map_step(script, record, ctx)
      result, reason = result_of(name, result, reason)
    end
    if not result then
      local id = record.id
      if id ~= nil then self.skipped_people[tostring(id)] = reason end
      if sink.skipped then sink.skipped(reason, self.file, self.index, "person", id and tostring(id)) end
      return
    end
    local person = check_person(result, "", fields.loss)
    if self.people_by_id[person.id] then
      if sink.skipped then sink.skipped("duplicate", self.file, self.index, "person", person.id) end
      return
    end
    self.people_by_id[person.id] = { id = person.id, name = person.name, mail = person.mail, kind = person.kind, known = true }
    if sink.person then
      person.losses, person.file, person.index = self.losses, self.file, self.index
      sink.person(person)
    end
  end
  self:reading(step, sink, ctx, self:emitter(sink, "person", map, at))
end

---Reads and maps the conversations.
---@param sink table
---@return integer count
function Job:conversations(sink)
  local step = self.script.conversations
  if step then
    self.fields.conversation, self.fields.target = nil, nil
    local place = self.script.place
    self:reading(step, sink, self.ctx, self:emitter(sink, "conversation", function(record) self:enter(record, sink) end,
      position_of(place), function(record, problem) self:lose(record, problem, sink) end))
    self:split_rooms(sink, traced)
  end
  return #self.entries
end

-- What the script added is no record of the export, so that it is not counted when it is left out.
function Job:skipper(sink, reason)
  local skipped = sink.skipped
  return function(_, added)
    if skipped and not added then skipped(reason, self.file, self.index, "message") end
  end
end

-- Parks each record of a room that could not be mapped; the room's own if there is none.
function Job:count_lost(entry, sink)
  local parked, problem, count = sink.parked or function() end, "conversation: " .. entry.failed, 0
  local room = entry.rooms[1]
  self.fields.conversation, self.fields.target = room, entry.place
  local emit = self:emitter(sink, "message", function(_, added)
    if added then return end
    count = count + 1
    parked(problem, self.file, self.index, "message")
  end)
  xpcall(self.reading, traced, self, self.script.messages, sink, room, self.ctx, emit)
  if self.stopped then error(self.stopped, 0) end
  if count == 0 then parked(problem, entry.place.file, entry.place.index, "message") end
end

---Reads and maps the messages of conversation `n`, all of its parts in the order they were emitted.
---@param n integer  as sink.conversation was told
---@param sink table
function Job:messages(n, sink)
  local entry = self.entries[n]
  local step = self.script.messages
  if entry.failed then return self:count_lost(entry, sink) end
  if entry.split then return end -- its parts are read
  local map, at, finish
  if entry.skipped then
    map = self:skipper(sink, "conversation: " .. entry.skipped)
  else
    map, finish = message_step(self, sink, entry)
    at = position_of(self.script.message)
  end
  local reading = sink
  if entry.whole then
    map = self:only_part(entry, map)
    if not entry.first then reading = { parked = sink.parked, proven = sink.proven } end -- the rest was said with the first
  end
  local emit = self:emitter(reading, "message", map, at)
  for _, room in ipairs(entry.rooms) do
    self.fields.conversation, self.fields.target = room, entry.place
    local fine, problem = xpcall(self.reading, traced, self, step, reading, room, self.ctx, emit)
    if self.stopped then error(self.stopped, 0) end
    if not fine and sink.parked then
      problem = caught(problem)
      sink.parked(placed(problem.message, problem.place), "#" .. entry.place.name, nil, "conversation", problem.traceback)
    end
  end
  if finish then finish() end
end

---Reads and maps the one stream that holds all rooms.
---@param sink table
function Job:all_messages(sink)
  local step = self.script.all_messages or function(_, ctx, emit) emit(ctx.export:records()) end
  self.fields.conversation, self.fields.target = nil, nil
  local map, finish = message_step(self, sink, nil)
  local emit = self:emitter(sink, "message", map, position_of(self.script.message))
  local fine, problem = xpcall(self.reading, traced, self, step, sink, self.ctx, emit)
  if self.stopped then error(self.stopped, 0) end
  if not fine and sink.parked then
    problem = caught(problem)
    sink.parked(placed(problem.message, problem.place), "the export", nil, "conversation", problem.traceback)
  end
  finish()
end

---Asks the script whether the plan may stand.
---@param summary table  what the plan came to
---@return true?, string?  # nil and the reason if it refuses
function Job:finish(summary)
  local step = self.script.finish
  if not step then return true end
  local result, reason = step(self.script, summary, self.ctx)
  if result == nil and type(reason) == "string" then return nil, reason end
  return true
end

---Hands one record to `map`, in a cell of its own; `what` is the step: "message". @private
function Job:map_one(record, what, map, sink, file, index)
  self:emitter(sink, what, map, position_of(self.script[what]))(record, nil, file, index)
end

---Maps one record outside of a plan, for tests of stdlib/ and of scripts.
---@param script Source
---@param record table
---@param world? table  as for start, with people (list of persons) and conversation (the room's record)
---@return { message?: table, reason?: string, error?: string, losses: table[] }
function run.map(script, record, world)
  world = world or {}
  local args = { export = "export" }
  for name, value in pairs(world.args or {}) do args[name] = value end
  local job = run.start(script, { export = world.export, args = args })
  for _, person in ipairs(world.people or {}) do
    person = check_person(person, "", function() end)
    person.known = true
    job.people_by_id[person.id] = person
  end
  local out = { losses = {} }
  local sink = {}
  function sink.message(message)
    out.message = {}
    for field, value in pairs(message) do out.message[field] = value end
    out.losses = message.losses or {}
  end
  function sink.skipped(reason) out.reason = reason end
  function sink.parked(problem) out.error = problem end
  local room = world.conversation or { id = "C" }
  local entry = { place = { id = tostring(room.id), name = tostring(room.name or room.id) }, rooms = { room } }
  job.entries[1], job.by_id[entry.place.id] = entry, entry
  job.fields.conversation, job.fields.target = room, entry.place
  job:map_one(record, "message", message_step(job, sink, entry), sink)
  source.stop(script)
  return out
end

return run
