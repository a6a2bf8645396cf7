---What a prompt works on: an export, the script that maps it, the record on the screen.
---
---Opening reads people and rooms; messages are read when somebody asks for them. The script that was there before the first
---.reload stays alive, so that .diff can map with both. Tested by tests/end_to_end/prompt_test.cpp.
local arg = require "stdlib.arg"
local constructs = require "stdlib.constructs"
local host = require "teamferry.host"
local mapping = require "stdlib.mapping"
local native = require "teamferry.native"
local recognise = require "stdlib.cli.recognise"
local sandbox = require "teamferry.sandbox"
local source = require "stdlib.source"

local session = {}

---@class PromptSession
---@field script Source?
---@field map MappingSession?  the script and the export together
---@field items table[]  what .list, .find and .sample showed last: { record, file, index, n, construct }
---@field current table?  the result on the screen
local Session = {}
Session.__index = Session

---@param how { given: table<string, string>, warn: fun(text: string), trace: table }
---@return PromptSession
function session.new(how)
  return setmetatable({ given = how.given, warn = how.warn, trace = how.trace, items = {} }, Session)
end

local function default_of(script, name)
  for _, declared in ipairs(source.describe(script).args) do
    if declared.name == name then return declared.default end
  end
end

-- Loads a script by name; raises a sentence.
local function load(name)
  sandbox.forget()
  local value, file, project = native.load_script(name ~= "" and name or nil)
  if value == nil and type(file) == "table" then error(file.message, 0) end
  source.loaded(value, file)
  arg.host.folder = host.folder() -- paths of arguments are those of this project
  return value, file, project
end

-- The script and the export, started together; people and rooms are read. Raises.
function Session:started(script, path)
  local args = {}
  for name, value in pairs(self.given) do args[name] = value end
  args.export = path
  local map = mapping.start(script, { export = host.open_export(path), args = args, place_of = host.place_of, warn = self.warn,
    composer = host.composer, strangers = true })
  local fine, problem = pcall(map.begin, map)
  if not fine then
    map:stop()
    error(problem, 0)
  end
  return map
end

function Session:take(map, path)
  if self.map then self.map:stop() end
  if self.before then self.before:stop() end
  self.map, self.path, self.items, self.current, self.census_known, self.before, self.sent = map, path, {}, nil, nil, nil, nil
end

---Opens an export, with the script in use; without one with the shipped one that knows it.
---@param path string
function Session:open(path)
  if not native.exists(path) then error(("there is no file or folder %s"):format(path), 0) end
  path = native.absolute(path)
  if self.script and not self.recognised then return self:use(self.name, path) end
  local name, problem = recognise.script_for(path)
  if not name then error(problem, 0) end
  local script, file, project = load(name)
  self:take(self:started(script, path), path)
  self.script, self.name, self.file, self.project, self.recognised = script, name, file, project, true
end

---Uses another script, with the export that is open, or with its own.
---@param name string?  as commands name a script; nil: ./migrate.lua
---@param path? string  the export
function Session:use(name, path)
  local script, file, project = load(name)
  path = path and native.absolute(path) or self.path
  if not path then -- the script's own, as its project sees it
    path = default_of(script, "export")
    if type(path) == "string" and not path:find "^/" then path = native.absolute(host.folder() .. "/" .. path) end
  end
  local map
  if type(path) == "string" and native.exists(path) then
    map = self:started(script, path)
  elseif type(path) == "string" then
    self.warn(("there is no export %s; .open PATH opens another"):format(path))
  end
  self.script, self.name, self.file, self.project, self.recognised = script, name or "", file, project, false
  if not map then return end
  local items, current = self:still_there(map, path)
  self:take(map, path)
  self.items = items or {}
  if current then self:show(current) end
end

-- What was listed and what is on the screen, if another script finds the same rooms in the same export.
function Session:still_there(map, path)
  if not self.map or self.path ~= path or #map.begun.conversations ~= #self.map.begun.conversations then return nil end
  for n, place in ipairs(map.begun.conversations) do
    if place.id ~= self.map.begun.conversations[n].id then return nil end
  end
  for _, item in ipairs(self.items) do item.result = nil end
  return self.items, self.current and self.current.item
end

---Loads the script again and maps the record on the screen once more.
---@return table? before  the result that was on the screen
function Session:reload()
  local script, file, project = load(self.name)
  local map = self.path and self:started(script, self.path) or nil
  local before = self.current
  if self.map and not self.before then self.before = self.map elseif self.map then self.map:stop() end
  self.script, self.file, self.project, self.map, self.census_known = script, file, project, map, nil
  for _, item in ipairs(self.items) do item.result = nil end
  if before and map then self:show(before.item) end
  return before
end

---Raises if nothing is open.
---@return MappingSession
function Session:opened()
  if not self.map then error("no export is open: .open PATH, for example .open export.zip", 0) end
  return self.map
end

---Maps an item, which is on the screen from then on.
---@param item table
---@return table result
function Session:show(item)
  local calls, result = self.trace.record(self.map.message, self.map, item.record, item.n, item.file, item.index)
  result.item, result.calls = item, calls
  self.current = result
  return result
end

local function until_interrupted(fn)
  return function(...) return native.interrupted() or fn(...) end
end

local function not_interrupted()
  if native.interrupted() then error("interrupted", 0) end
end

---Reads records without mapping them, as MappingSession:scan; with `text` only those that hold it. Ctrl-C ends it.
---@param fn fun(record: table, file: string, index: integer, n: integer): boolean?
---@param only? integer
---@param text? string
function Session:scan(fn, only, text)
  host.only_with(text)
  local fine, problem = pcall(self:opened().scan, self.map, until_interrupted(fn), only)
  host.only_with(nil)
  if not fine then error(problem, 0) end
  not_interrupted()
end

-- What a sample is chosen by; the survey's own result is another one with the next message.
local function kept(result, n)
  local message = result.message
  return { record = result.record, out = result.out, reason = result.reason, error = result.error, losses = result.losses,
    file = result.file, index = result.index, n = n,
    message = message and { replyToId = message.replyToId, person = message.person, subject = message.subject, body = message.body } }
end

---What all messages come to, read on first need: messages, by_conversation, by_person, first and last (times), strangers
---{ id, name, kind, messages }, samples, failed.
---@param tell? fun(count: integer)  called now and then
---@return table
function Session:census(tell)
  if self.census_known then return self.census_known end
  local map = self:opened()
  local census = { messages = 0, by_conversation = {}, by_person = {}, strangers = {}, failed = 0 }
  local chooser, seen, people = constructs.chooser(), {}, map.job.people_by_id
  local numbers = {}
  local function number_of(id)
    if not numbers[id] then
      for n, place in ipairs(map.begun.conversations) do numbers[place.id or ""] = n end
    end
    return numbers[id] or 0
  end
  map:survey(until_interrupted(function(result, n)
    local message = result.message
    census.messages = census.messages + 1
    if tell and census.messages % 20000 == 0 then tell(census.messages) end
    if n == 0 and message then n = number_of(message.conversation) end
    census.by_conversation[n] = (census.by_conversation[n] or 0) + 1
    if result.error then census.failed = census.failed + 1 end
    if message then
      local from, at = message.from, message.createdDateTime
      census.by_person[from] = (census.by_person[from] or 0) + 1
      if not census.first or at < census.first then census.first = at end
      if not census.last or at > census.last then census.last = at end
      if not people[from] and not seen[from] then
        local person = message.person or {}
        seen[from] = { id = from, name = person.name or from, kind = person.kind or "user", mail = person.mail, stranger = true }
        table.insert(census.strangers, seen[from])
      end
    end
    chooser.add(kept(result, map.job.reads_all and 0 or n))
  end))
  not_interrupted()
  table.sort(census.strangers, function(a, b)
    local x, y = census.by_person[a.id], census.by_person[b.id]
    if x ~= y then return x > y end
    return a.id < b.id
  end)
  census.samples = chooser.list(60)
  self.census_known = census
  return census
end

---The number of the conversation of that name or id, or nil.
---@param name string
function Session:conversation(name)
  name = name:gsub("^#", "")
  for n, place in ipairs(self:opened().begun.conversations) do
    if place.id == name or place.name == name or place.displayName == name or place.topic == name then return n end
  end
  return nil
end

---Whether the nth conversation is the one that an item belongs to; in one stream a message must be mapped to tell.
---@param item table
---@param n integer
function Session:belongs(item, n)
  if item.n ~= 0 then return item.n == n end
  local result = self.map:message(item.record, 0, item.file, item.index)
  local place = self.map.begun.conversations[n]
  return result.message ~= nil and place ~= nil and result.message.conversation == place.id
end

return session
