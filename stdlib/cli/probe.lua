---teamferry probe: asks a tenant what the documents leave open, in a scratch team, and says what differs from what the
---program believes.
---
---  Q1   status of an imported message                     201      differs: we know 200 (documented, 2026-08)
---  Q4   a message of the very moment of createdDateTime   refused: 403
---  Q7   a guest as author                                 not asked: the tenant shows no guest
local json = require "json"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local pager = require "stdlib.pager"
local probe_questions = require "stdlib.probe"
local project = require "stdlib.cli.project"
local scratch = require "stdlib.probe_scratch"

local probe = {
  summary = "Asks a tenant what the documents leave open, in a scratch team that it deletes afterwards, and says what differs from "
    .. "what this program believes.",
  usage = "Example: teamferry probe --target global --yes\n"
    .. "Without --target it asks the emulator. What differs can be written as a file for --limits with --write-limits.\n"
    .. "How another application is answered takes two: teamferry probe --leave-open, then, signed in as the other one, "
    .. "teamferry probe --second-app TEAM_ID.\n"
    .. "Exit codes: 0 everything is as known, 3 something differs.",
}

function probe.options(parser)
  require("stdlib.cli.options").common(parser, true)
  parser:flag "--yes":description "make the scratch team in a real tenant; without it, it is only said what would happen"
  parser:option "--author":argname "USER":description "whom the messages are written as; by default the first user that is shown"
  parser:option "--paced":argname "N":default "60":convert(tonumber)
    :description "messages that try the pace"
  parser:flag "--add-people":description "also ask how many members one call adds, with users of the tenant"
  parser:flag "--leave-open":description "do not delete the team, for --second-app"
  parser:option "--second-app":argname "TEAM_ID":description "ask only how an application is answered that did not open the channels"
  parser:option "--write-limits":argname "FILE":description "a file for --limits with the numbers that differ"
end

-- What the limits say of a name, as words.
local function known_words(known)
  local value = type(known.value) == "table" and table.concat(known.value, " or ") or ("%.14g"):format(known.value)
  if known.as_of == "" then return ("%s (%s)"):format(value, known.source) end -- the project's own file
  return ("%s (%s, %s)"):format(value, known.mark, known.as_of)
end

local function holds(list, text)
  for _, value in ipairs(list) do
    if value == text then return true end
  end
  return false
end

-- One question asked: what a line and the JSON say of it.
local function asked(question, s, limits)
  local row = { number = question.number, name = question.name, asks = question.asks }
  s.refusal = nil
  local answer, differs, measured = question.ask(s)
  if not answer then
    row.state, row.why = "not_asked", differs
    return row
  end
  local known = limits[question.measures or "answers." .. question.name]
  row.answer, row.known, row.said = answer, known.value, s.refusal and s.refusal.message
  if not question.measures then differs = not holds(known.value, answer) end
  row.state = differs and "differs" or "as_known"
  row.known_words = known_words(known)
  if differs and measured then row.limit, row.measured = question.measures, measured end
  return row
end

local function show(out, row)
  local head = ("%-4s %-52s"):format(row.number or "", row.asks)
  if row.state == "not_asked" then return out.say("%s  not asked: %s", head, row.why) end
  out.say("%s  %s%s", head, row.answer, row.state == "differs" and "   differs: we know " .. row.known_words or "")
  if row.state == "differs" and row.said then out.say("     the service said: %s", row.said) end
end

local SECOND = {
  { name = "other_app_import", number = "Q11", asks = "an import by another application",
    ask = function(s) return scratch.refused_with(s:import()) end },
  { name = "other_app_complete", number = "Q11", asks = "a completion by another application",
    ask = function(s) return scratch.refused_with(s.exchange("POST", s.path .. "/completeMigration")) end },
}

local function open_graph(call)
  local reach = project.reach(call)
  reach.write = true
  local graph, err = native.open_graph(reach, pager.items)
  if not graph then call.fail(err) end
  local there, problem = native.connection()
  if not there then call.fail(problem) end
  return graph, there
end

local function surroundings(call, graph, there, limits)
  return {
    graph = graph, exchange = native.exchange, connection = native.connection, author = call.options.author,
    client_id = there.client_id, member = scratch.member_of(there.service_url), paced = call.options.paced,
    add_people = call.options.add_people, limit = function(name) return limits[name].value end,
  }
end

local function ask_all(call, questions, s, limits)
  local rows, differing = {}, 0
  for _, question in ipairs(questions) do
    if native.interrupted() then break end
    local row = asked(question, s, limits)
    rows[#rows + 1] = row
    if row.state == "differs" then differing = differing + 1 end
    show(call.out, row)
  end
  return rows, differing
end

-- {"sizes": {"message_hard_bytes": 40000}}
local function write_limits(call, rows)
  local file = {}
  for _, row in ipairs(rows) do
    if row.limit then
      local group, name = row.limit:match "^(%w+)%.([%w_]+)$"
      file[group] = file[group] or {}
      file[group][name] = row.measured
    end
  end
  local handle, problem = io.open(call.options.write_limits, "w")
  if not handle then call.fail(problem, 2) end
  handle:write(json.encode(file), "\n")
  handle:close()
  call.out.note("limits   %s holds the numbers that differ; give it as --limits", call.options.write_limits)
end

local function put_away(call, s)
  if call.options.leave_open then
    local left, problem = s:leave_open()
    if not left then call.fail(problem) end
    call.out.note("team     '%s' is left as it is; ask as the other application: teamferry probe --second-app %s", s.name, s.team.id)
    return
  end
  local gone, err = s:close()
  if gone then return call.out.note("team     '%s' is deleted", s.name) end
  call.out.problem(("team     '%s' could not be deleted: %s; delete it by hand"):format(s.name, err.message))
end

function probe.run(call)
  local o = call.options
  if not o.paced or o.paced < 0 or o.paced ~= math.floor(o.paced) then call.fail("--paced is a number of messages, such as 60", 2) end
  local graph, there = open_graph(call)
  if call.target ~= "emulator" and not o.yes then
    call.fail(("this makes a team in %s, imports some 150 messages into it, and deletes it; say --yes to do it"):format(call.target), 2)
  end
  local limits = native.limits()
  call.result = { target = call.target, state = "asked", errors = {} }
  call.out.note("target   %s", call.target == "emulator" and "the local emulator" or call.target)
  local with = surroundings(call, graph, there, limits)
  local begin = o.second_app and scratch.adopt or scratch.open
  local s, err = begin(with, o.second_app)
  if not s then call.fail(err) end
  local questions = o.second_app and SECOND or probe_questions.questions
  local fine, rows, differing = pcall(ask_all, call, questions, s, limits)
  if not o.second_app then put_away(call, s) end
  if not fine then error(rows, 0) end
  call.result.answers, call.result.differing = json.array(rows), differing
  if o.write_limits then write_limits(call, rows) end
  call.out.say("")
  call.out.say("%s differ%s from what this program knows.", output.count(differing), differing == 1 and "s" or "")
  if native.interrupted() then call.fail { kind = "state", code = "interrupted", message = "interrupted" } end
  return differing > 0 and 3 or 0
end

return probe
