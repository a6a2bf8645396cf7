---Lantern Kites: the house's rules as they are.
local house = require "house"

return house:extend {
  name = "kites",
  args = { export = "../../sample-export", team = "Lantern Kites archive" },
}
