local given = require "stdlib.given"
local html = require "stdlib.html"
local time = require "stdlib.time"

local filled, list_of = given.text, given.list

local function role_name(id, message)
  local people = { message.author, unpack(list_of(message.mentions)) }
  for _, person in ipairs(people) do
    for _, role in ipairs(list_of(type(person) == "table" and person.roles)) do
      if type(role) == "table" and role.id == id and filled(role.name) then return role.name end
    end
  end
  return id
end

---What stands in angle brackets in a text of Discord if the export was made without its words (SOURCES 5): people, roles, channels,
---emoji, times, commands. Gives the function that stdlib.markdown asks. Tested by tests/scripts/discord_test.lua.
---@param message table
---@param ctx table
---@return fun(words: string, at: integer): string?, integer?
return function(message, ctx)
  local rooms = ctx.conversation and ctx.conversation.rooms or {}
  return function(words, at)
    local sign, id, stop = words:match("^<(@?[@#&!]?)(%d+)>()", at)
    if sign == "@" or sign == "@!" then return html.mention(id), stop end
    if sign == "@&" then return "@" .. html.escape(role_name(id, message)), stop end
    if sign == "#" then return rooms[id] and html.conversation(id, rooms[id]) or "#" .. id, stop end
    local name
    name, stop = words:match("^<a?:([%w_]+):%d+>()", at)
    if name then
      ctx.loss("emoji_custom", name)
      return ":" .. name .. ":", stop
    end
    local seconds
    seconds, stop = words:match("^<t:(%d+):?%a?>()", at)
    if seconds then
      local fine, moment = pcall(time.unix, seconds)
      return fine and moment:sub(1, 19) .. "Z" or seconds, stop
    end
    name, stop = words:match("^<(/[%w _-]+):%d+>()", at)
    return name and html.escape(name), stop
  end
end
