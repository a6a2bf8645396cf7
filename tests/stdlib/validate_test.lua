-- Tests of stdlib/validate.lua: what scripts ask of the rules.
local function body(more)
  local out = {
    createdDateTime = "2019-02-04T19:58:15.511Z",
    from = { user = { id = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca", displayName = "Ada Park", userIdentityType = "aadUser" } },
    body = { contentType = "html", content = "<p>Hi</p>" },
    mentions = {},
  }
  for key, value in pairs(more or {}) do out[key] = value end
  return out
end

test("a message that is fine has no findings", function(t)
  t.same(#validate.message(body()), 0)
end)

test("a finding says which rule, where, what and how to mend it", function(t)
  local found = validate.message(body { importance = "low" })
  t.same(#found, 1)
  t.same(found[1], { rule = "R35", severity = "error", field = "importance", message = "'low' is unknown",
    cure = "Use normal, high or urgent" })
end)

test("the channel or chat says what its messages may be", function(t)
  t.same(validate.message(body(), { createdDateTime = "2020-01-01T00:00:00Z" })[1].rule, "R5")
  t.same(validate.message(body { subject = "x" }, { chatType = "group" })[1].rule, "R36")
end)

test("HTML, teams, channels, chats and members are judged", function(t)
  t.same(validate.html("<script>x</script>")[1].rule, "R46")
  t.same(#validate.html "<p>x</p>", 0)
  t.same(validate.team({ displayName = "Orbit" })[1].rule, "R41")
  t.same(validate.channel({ displayName = "R&D", createdDateTime = "2019-01-01T00:00:00Z",
    ["@microsoft.graph.channelCreationMode"] = "migration" })[1].rule, "R38")
  t.same(validate.chat({ chatType = "meeting", members = {} })[1].rule, "R43")
  t.same(validate.member({ roles = {} })[1].rule, "shape")
end)

test("size counts as the service does", function(t)
  t.same(validate.size { a = "é" }, #'{"a":"é"}')
  t.same(validate.size { a = 1, contentBytes = "AAAA" }, #'{"a":1}')
end)

test("limits are those in force", function(t)
  t.same(validate.limits.channel_name_units, 50)
  t.same(validate.limits.reactions_per_message, 250)
end)

test("repair gives a new body and what was changed", function(t)
  local old = body { importance = "low", body = { contentType = "html", content = "<p><b>x</p>" } }
  local new, changes = validate.repair(old)
  t.same(new.importance, "normal")
  t.same(new.body.content, "<p><b>x</b></p>")
  t.same(old.importance, "low")
  t.same(#validate.message(new), 0)
  t.same(#changes, 2)
  t.same(changes[2], { rule = "R35", field = "importance", before = "low", after = "normal" })
  local channel = validate.repair { ["@microsoft.graph.channelCreationMode"] = "migration", displayName = "R&D" }
  t.same(channel.displayName, "R-D")
end)

test("what is no table is refused by name", function(t)
  t.raises(function() validate.message "x" end, "argument 1 %(body%): expected a table, got string")
end)
