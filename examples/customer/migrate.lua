---Lantern Kites: their Slack, without the temporary channels, and with ticket numbers as links.
---
---A project is one file that extends a source and replaces the steps it disagrees with. In this folder:
---`teamferry run --target emulator --complete`
local slack = require "scripts.slack"

local lantern = slack:extend {
  name = "lantern",
  args = { export = "../sample-export", team = "Lantern Kites archive" },
}

function lantern:place(room, ctx)
  if room.name and room.name:match "^tmp%-" then return nil, "temporary channel" end
  return slack.place(self, room, ctx)
end

function lantern:content(message, ctx)
  return html.replace(slack.content(self, message, ctx), "KITE%-(%d+)", function(number)
    return html.link("https://tickets.lanternkites.example/" .. number, "KITE-" .. number)
  end)
end

return lantern
