---What our Slack customers have in common: temporary channels stay behind, ticket numbers become links.
---
---It is a source like the one that it extends, so a customer extends it again and changes what is theirs; there is no
---export in it. Found by TEAMFERRY_PATH, see README.md.
local slack = require "scripts.slack"

local house = slack:extend {
  name = "house",
  args = {
    tickets = arg.text { default = "https://tickets.house.example/", doc = "address that a ticket number is put behind" },
    series  = arg.text { default = "KITE", doc = "what ticket numbers begin with", example = "KITE" },
  },
}

function house:place(room, ctx)
  if room.name and room.name:match "^tmp%-" then return nil, "temporary channel" end
  return slack.place(self, room, ctx)
end

function house:content(message, ctx)
  local number = text.pattern(self.args.series) .. "%-(%d+)"
  return html.replace(slack.content(self, message, ctx), number, function(digits)
    return html.link(self.args.tickets .. digits, self.args.series .. "-" .. digits)
  end)
end

return house
