---Rules for any source: ticket numbers become links, whatever the chat came from.
---
---    return require "rules" (require "scripts.mattermost")
---
---Every shipped source has `content`, the text of a message as HTML, so a rule about text need not know the source.
return function(base)
  local rules = base:extend {
    args = { tickets = arg.text { default = "https://tickets.house.example/", doc = "address that a ticket number is put behind" } },
  }
  function rules:content(message, ctx)
    return html.replace(base.content(self, message, ctx), "KITE%-(%d+)", function(number)
      return html.link(self.args.tickets .. number, "KITE-" .. number)
    end)
  end
  return rules
end
