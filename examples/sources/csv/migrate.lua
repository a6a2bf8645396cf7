---A log of an invented helpdesk: a map of columns over scripts/csv.lua is all.
local csv = require "scripts.csv"

return csv:extend {
  name = "helpdesk",
  args = {
    export = "log.csv", team = "Harbour helpdesk", id = "Nr", conversation = "Room", author = "Mail", text = "Text", reply_to = "Answers",
    attached = "Files", reacted = "Marks", time = "Date", time_format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin",
  },
}
