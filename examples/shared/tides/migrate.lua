---Low Tide: the house's rules with other ticket addresses; what bots wrote stays out, and so does #workshop.
local house = require "house"

local tides = house:extend {
  name = "tides",
  args = { export = "../../sample-export", team = "Low Tide", tickets = "https://lowtide.example/t/", except = "workshop" },
}

function tides:message(message, ctx)
  if message.bot_id then return nil, "bot" end
  return house.message(self, message, ctx)
end

return tides
