---A scratch team to ask a tenant questions with: made, and taken away again. Tested by tests/end_to_end/probe_test.cpp.
---
---  local s, err = scratch.open { graph = graph, exchange = native.exchange, ... }
---  s:import { content = "<p>x</p>" }  --> { status, body } | nil, err
---  s:close()                          --> true | nil, why
local time = require "stdlib.time"

local scratch = {}
local Scratch = {}
Scratch.__index = Scratch

local FLOOR = "2020-01-01T00:00:00.000Z"
local LEFT = "left open"
local DAY = 24 * 3600 * 1000 -- milliseconds

---"taken", or "refused"; nil and the reason where it cannot be told.
function scratch.taken_or_refused(answer, err)
  if answer then return "taken" end
  if err.kind ~= "service" then return nil, err.message end
  return "refused"
end

---"taken", or "refused: 403".
function scratch.refused_with(answer, err)
  if answer then return "taken" end
  if err.kind ~= "service" then return nil, err.message end
  return "refused: " .. err.status
end

-- What the service said of the last thing that it refused is s.refusal.
local function begin(with)
  local s, exchange = setmetatable(with, Scratch), with.exchange
  function s.exchange(...)
    local answer, err = exchange(...)
    s.refusal = err or s.refusal
    return answer, err
  end
  return s
end

---@param with { graph: table, exchange: function, connection: function, limit: function, author?: string, client_id: string,
---  paced: integer, add_people: boolean, member: function }
function scratch.open(with)
  local s = begin(with)
  s.floor, s.next_time = FLOOR, time.add(FLOOR, DAY)
  local author, err = s:choose_author()
  if not author then return nil, err end
  s.author = author
  s.name = "teamferry probe " .. os.date "!%Y-%m-%d %H.%M.%S"
  s.team, err = s.graph.create_team { displayName = s.name, createdDateTime = FLOOR,
    description = "A scratch team of teamferry probe, which deletes it when it is done." }
  if not s.team then return nil, err end
  s.channel, err = s.team:create_channel { displayName = "born", createdDateTime = FLOOR }
  if not s.channel then return s:give_up(err) end
  s.path = "/teams/" .. s.team.id .. "/channels/" .. s.channel.id
  local made = s.exchange("POST", "/teams/" .. s.team.id .. "/channels", s.born { displayName = "born too" })
  s.born_status = made and made.status or "refused"
  return s
end

---The team that another application left open.
function scratch.adopt(with, team_id)
  local s = begin(with)
  s.floor, s.next_time = FLOOR, time.add(FLOOR, 10 * DAY) -- behind what the first application sent
  local err
  s.team, err = s.graph.team(team_id)
  if not s.team then return nil, err end
  s.channel, err = s.team:channel(LEFT)
  if not s.channel then return nil, err end
  s.author, err = s:choose_author()
  if not s.author then return nil, err end
  s.path = "/teams/" .. team_id .. "/channels/" .. s.channel.id
  return s
end

function Scratch:give_up(err)
  self:close()
  return nil, err
end

function Scratch.born(channel)
  channel["@microsoft.graph.channelCreationMode"] = "migration"
  channel.createdDateTime = FLOOR
  channel.membershipType = channel.membershipType or "standard"
  return channel
end

function Scratch:choose_author()
  if self.author then return self.graph.user(self.author) end
  local found, err = self.exchange("GET", "/users?$top=50&$select=id,displayName,accountEnabled,userType")
  if not found then return nil, err end
  for _, user in ipairs(found.body.value) do
    if user.accountEnabled and user.userType ~= "Guest" then return user end
  end
  return nil, { kind = "argument", code = "usage", message = "the tenant shows no user to write as; name one with --author" }
end

---A user of whom these properties hold, or nil and what the tenant lacks.
function Scratch:user_like(what, wanted)
  local path = "/users?$top=999&$select=id,displayName,accountEnabled,userType" .. (wanted.unlicensed and ",assignedLicenses" or "")
  local found, err = self.exchange("GET", path)
  if not found then return nil, err.message end
  for _, user in ipairs(found.body.value) do
    local fits = wanted.userType == nil or user.userType == wanted.userType
    fits = fits and (wanted.accountEnabled == nil or user.accountEnabled == wanted.accountEnabled)
    fits = fits and (not wanted.unlicensed or (user.assignedLicenses ~= nil and #user.assignedLicenses == 0
      and user.userType ~= "Guest" and user.accountEnabled))
    if fits then return user end
  end
  return nil, "the tenant shows no " .. what
end

-- Messages --------------------------------------------------------------------------------------------------------------

---A message of its own second.
---@param facts { at?: string, content?: string, user?: table, from?: table }
function Scratch:message(facts)
  local at = facts.at
  if not at then
    at = self.next_time
    self.next_time = time.add(at, 1000)
    self.first_time = self.first_time or at
  end
  local user = facts.user or self.author
  return {
    createdDateTime = at,
    from = facts.from or { user = { id = user.id, displayName = user.displayName, userIdentityType = "aadUser" } },
    body = { contentType = "html", content = facts.content or "<p>teamferry probe</p>" },
  }
end

function Scratch:send(message, path)
  return self.exchange("POST", (path or self.path) .. "/messages", message)
end

function Scratch:import(facts)
  facts = facts or {}
  return self:send(self:message(facts), facts.path)
end

function Scratch:read(id)
  local answer, err = self.exchange("GET", self.path .. "/messages/" .. id)
  return answer and answer.body, err
end

---Why something could not be looked at.
function Scratch.unread(err)
  if err.status == 403 then return "to look at it needs ChannelMessage.Read.All" end
  return err.message
end

-- Channels that were not born for import --------------------------------------------------------------------------------

-- What was born in migration mode is completed, and the team with it: only then does it take ordinary channels.
function Scratch:finish_birth()
  if self.finished then return end
  self.finished = true
  for channel in self.team:channels() do
    if channel.displayName ~= "General" then channel:complete_migration() end
  end
  local general = self.team:channel "General"
  if general then general:complete_migration() end
  self.team:complete_migration()
end

---The path of a channel that was made as people make them.
function Scratch:later_channel(name)
  self:finish_birth()
  local made, err = self.exchange("POST", "/teams/" .. self.team.id .. "/channels", { displayName = name, membershipType = "standard" })
  if not made then error("a channel in the scratch team: " .. err.message, 0) end
  return "/teams/" .. self.team.id .. "/channels/" .. made.body.id
end

---Starts on v1.0, and on beta where that has none. Notes which it was.
function Scratch:start(path, body)
  local done, err = self.exchange("POST", path .. "/startMigration", body)
  if done then self.start_version = self.start_version or "v1.0" end
  if done or not (err.status == 404 or err.status == 400 and tostring(err.message):find "segment") then return done, err end
  done, err = self.exchange("POST", "/beta" .. path .. "/startMigration", body)
  if done then self.start_version = "beta" end
  return done, err
end

function Scratch:complete(path)
  local channel, err = self.graph.channel(self.team.id, path:match "[^/]+$")
  if not channel then return nil, err end
  return channel:complete_migration()
end

function Scratch:private_born()
  local made, err = self.exchange("POST", "/teams/" .. self.team.id .. "/channels",
    self.born { displayName = "private", membershipType = "private" })
  if not made then return scratch.taken_or_refused(nil, err) end
  for channel in self.team:channels() do
    if channel.displayName == "private" then return "becomes " .. channel.membershipType end
  end
  return nil, "the channel was taken and is not to be seen"
end

-- Members ---------------------------------------------------------------------------------------------------------------

function scratch.member_of(service_url)
  return function(id, role)
    return { ["@odata.type"] = "#microsoft.graph.aadUserConversationMember", roles = require("json").array { role },
      ["user@odata.bind"] = ("%s/v1.0/users('%s')"):format(service_url, id) }
  end
end

function Scratch:members_at_once()
  if not self.add_people then return nil, "it would put people of the tenant into the team; --add-people asks it" end
  local found, err = self.exchange("GET", "/users?$top=999&$select=id,userType")
  if not found then return nil, err.message end
  local users = found.body.value
  local known, largest, refused = self.limit "counts.members_per_call", 0, nil
  for _, size in ipairs { 20, 50, 100, known, known + 1 } do
    if size <= #users then
      local values = {}
      for i = 1, size do values[i] = self.member(users[i].id) end
      local answer, why = self.exchange("POST", "/teams/" .. self.team.id .. "/members/add", { values = values })
      if answer then largest = math.max(largest, size) elseif why.status == 400 then refused = refused or size end
    end
  end
  if largest == 0 and not refused then return nil, ("the tenant shows only %d users"):format(#users) end
  return ("%d at once are taken"):format(largest), (refused or known + 1) <= known or largest > known, largest
end

-- The end ---------------------------------------------------------------------------------------------------------------

---Leaves a channel of the team open for import, for another application to try.
function Scratch:leave_open() return self:start(self:later_channel(LEFT), { conversationCreationDateTime = FLOOR }) end

---Deletes the team. Channels that are still open go with it.
function Scratch:close()
  return self.graph.delete("/groups/" .. self.team.id)
end

return scratch
