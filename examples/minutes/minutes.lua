---The minutes of a club's board, typed from paper, as a team of their own: primitives in order, without a source.
---
---    teamferry repl minutes.lua --write --team "Rowing club archive" --secretary ada.park@tenant.example
---
---Without --target that is a rehearsal; it prints what then stands in the channel:
---
---    2019-03-11T18:30:00Z  Minutes of 11 March: the boathouse gets a new roof.
---      2019-03-12T07:05:00Z  Agreed.
---    Rowing club archive is open to its members
local args = arg.read {
  team = arg.text { required = true, doc = "name of the new team" },
  secretary = arg.user { required = true, doc = "who wrote the minutes: mail address or sign-in name" },
}

local secretary = assert(graph.user(args.secretary))
local team = assert(graph.create_team { displayName = args.team, createdDateTime = "2019-03-01T00:00:00.000Z" })
local room = assert(team:create_channel { displayName = "minutes", createdDateTime = "2019-03-02T00:00:00.000Z" })

local root = assert(room:import {
  createdDateTime = "2019-03-11T18:30:00.000Z",
  from = graph.identity(secretary),
  body = { contentType = "text", content = "Minutes of 11 March: the boathouse gets a new roof." },
})
assert(room:reply(root.id, {
  createdDateTime = "2019-03-12T07:05:00.000Z",
  from = graph.identity(secretary),
  body = { contentType = "text", content = "Agreed." },
}))

for message in room:messages() do
  print(message.createdDateTime .. "  " .. html.text(message.body.content))
  for reply in room:replies(message.id) do print("  " .. reply.createdDateTime .. "  " .. html.text(reply.body.content)) end
end

assert(room:complete_migration())
assert(assert(team:channel "General"):complete_migration()) -- General last, then the team
assert(team:complete_migration())
print(team.displayName .. " is open to its members")
