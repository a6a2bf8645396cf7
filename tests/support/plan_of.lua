-- A whole export through a script, without the host: plan_of(script, files, args) gives what the sinks were told, as lists of
-- short texts. `files` is what tests/support/memory_export.lua takes.
local memory_export = require "tests.support.memory_export"
local run = require "stdlib.run"
local source = require "stdlib.source"

return function(script, files, args)
  source.stop(script)
  local export = memory_export(files)
  local out = { people = {}, conversations = {}, messages = {}, list = {}, skipped = {}, parked = {}, losses = {} }
  local function note(losses)
    for _, loss in ipairs(losses or {}) do out.losses[#out.losses + 1] = loss[1] .. (loss[2] ~= "" and " " .. loss[2] or "") end
  end
  local sink = {
    person = function(p)
      out.people[#out.people + 1] = ("%s %s %s %s"):format(p.id, p.name, p.mail or "-", p.kind)
      note(p.losses)
    end,
    conversation = function(c)
      out.conversations[#out.conversations + 1] = c.name .. ": " .. (c.skipped or c.error or c.membershipType or c.chatType)
      note(c.losses)
    end,
    message = function(m)
      local copy = {}
      for field, value in pairs(m) do copy[field] = value end
      out.list[#out.list + 1] = copy
      out.messages[#out.messages + 1] = ("%s %s %s%s"):format(m.conversation, m.id or "-", m.from, m.replyToId and " > " .. m.replyToId or "")
      note(m.losses)
    end,
    skipped = function(reason, _, _, what) if what ~= "person" or reason ~= "duplicate" then out.skipped[#out.skipped + 1] = reason end end,
    parked = function(problem) out.parked[#out.parked + 1] = problem end,
    loss = function(kind, detail) note { { kind, detail } } end,
  }
  local given = { export = "acme" }
  for name, value in pairs(args or {}) do given[name] = value end
  local job = run.start(script, { export = export, args = given, place_of = export.place_of })
  local fine, problem = pcall(function()
    job:people(sink)
    local count = job:conversations(sink)
    if job.reads_all then
      job:all_messages(sink)
    else
      for n = 1, count do job:messages(n, sink) end
    end
  end)
  source.stop(script)
  if not fine then error(problem, 0) end
  return out
end
