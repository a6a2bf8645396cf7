---The options of the emulator, the same for `teamferry emulator` and, with --emulator- in front, for a rehearsal.
local options = {}

local function whole(text)
  local n = tonumber(text)
  if not n or n < 0 or n % 1 ~= 0 then return nil, ("'%s' is not a whole number"):format(text) end
  return n
end
options.whole = whole

local function seconds(text)
  local n = tonumber(text)
  if not n or n < 0 then return nil, ("'%s' is not a number of seconds"):format(text) end
  return n
end

local function speed(text)
  local n = tonumber(text)
  if not n or n < 1 or n > 100000 then return nil, ("'%s' is no speed; 1 is real time, 60 a minute in a second"):format(text) end
  return n
end

local OPTIONS = {
  { "profile", "NAME", "limits: article (5 a second and room, the default), table (Microsoft's page of limits), strict, off",
    choices = { "article", "table", "strict", "off" } },
  { "ids", "KIND", "message ids: epoch (the default) or ingestion", choices = { "epoch", "ingestion" } },
  { "seed", "FILE", "JSON that describes the tenant to begin with: users, apps, teams, chats" },
  { "users-from", "FILE", "a people.csv: a user of the tenant for each person in it" },
  { "variant", "NAME=VALUE", "answer as other documents or users say (teamferry help emulator lists them)", many = true },
  { "scenario", "NAME", "what has been seen to go wrong: busy-friday, stuck-session, new-tenant, flaky-proxy",
    choices = { "busy-friday", "stuck-session", "new-tenant", "flaky-proxy" } },
  { "faults", "FILE", "JSON rules: which requests meet which fault" },
  { "seed-number", "N", "the same number gives the same faults (default 1)", convert = whole },
  { "retry-after", "FORM", "of a 429: whole seconds (the default), fraction, date, none",
    choices = { "whole", "fraction", "date", "none" } },
  { "speed", "N", "its time runs N times faster", convert = speed },
  { "read-lag", "SECONDS", "how late new messages can be read", convert = seconds },
  { "latency", "MS", "how late each answer comes", convert = whole },
  { "provisioning", "SECONDS", "how long new teams and channels take", convert = seconds },
  { "files-delay", "SECONDS", "how long a channel's folder takes after it was first asked for", convert = seconds },
}

local function spelled(prefix, name) return ((prefix .. name):gsub("%-", "_")) end

---@param prefix string  "emulator-", or "" where nothing else has options
function options.declare(parser, prefix)
  for _, each in ipairs(OPTIONS) do
    local option = parser:option("--" .. prefix .. each[1]):argname(each[2]):description(each[3])
    if each.choices then option:choices(each.choices) end
    if each.convert then option:convert(each.convert) end
    if each.many then option:count "*" end
  end
end

---What was given, by the names of the native layer.
---@return table<string, any>
function options.given(parsed, prefix)
  local given = {}
  for _, each in ipairs(OPTIONS) do
    local value = parsed[spelled(prefix, each[1])]
    if type(value) ~= "table" or #value > 0 then given[spelled("", each[1])] = value end
  end
  return given
end

return options
