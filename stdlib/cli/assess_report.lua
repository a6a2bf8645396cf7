---What an assessment says, as one table: from what the plan came to, its survey, and the paces of the service.
---
---Pure, so that its text, its page and its JSON cannot disagree. Tested by tests/stdlib/assess_report_test.lua.
local census = require "stdlib.census"
local fates = require "stdlib.fates"
local json = require "json"
local loss = require "stdlib.loss"
local notes = require "stdlib.cli.assess_notes"
local output = require "stdlib.cli.output"

local report = {}

local function seconds_at(count, rate) return rate > 0 and count / rate or 0 end

-- The classes of requests that send to a conversation and read it back.
local CLASSES = {
  channel = { "import_to_channel", "read_channel_messages" },
  chat = { "import_to_chat", "read_chat_messages" },
}

-- How long it takes under a pace: the longest conversation at its own, or all of one kind at what the tenant takes of it.
local function time_of(conversations, field, step, classes)
  local longest, all = 0, {}
  for _, one in ipairs(conversations) do
    local class = CLASSES[one.kind][step]
    longest = math.max(longest, seconds_at(one[field], classes[class].resource_rate))
    all[class] = (all[class] or 0) + one[field]
  end
  for class, sum in pairs(all) do longest = math.max(longest, seconds_at(sum, classes[class].tenant_rate)) end
  return longest
end

local function forecasts(conversations, paces)
  local out = json.array {}
  for i, pace in ipairs(paces) do
    local classes = pace.classes
    for _, one in ipairs(conversations) do
      local send, read = unpack(CLASSES[one.kind])
      one.forecast[pace.name] = {
        import_seconds = seconds_at(one.messages, classes[send].resource_rate),
        verify_seconds = seconds_at(one.pages, classes[read].resource_rate),
      }
    end
    out[i] = { pace = pace.name, import_seconds = time_of(conversations, "messages", 1, classes),
      verify_seconds = time_of(conversations, "pages", 2, classes), messages_per_second = classes.import_to_channel.resource_rate,
      tenant_per_second = classes.import_to_channel.tenant_rate, source = pace.source, as_of = pace.as_of, mark = pace.mark }
  end
  return out
end

local function mapped_conversations(survey)
  local moving, staying = json.array {}, json.array {}
  for _, each in ipairs(survey.conversations) do
    local one = { name = each.displayName, id = each.source_id, kind = each.kind, records = each.records,
      skipped = each.skipped, failed = each.failed }
    if each.kind == "skipped" then
      one.reason = each.reason
      staying[#staying + 1] = one
    else
      one.messages, one.replies, one.threads = each.messages, each.replies, each.threads
      one.first, one.last, one.pages = each.first, each.last, each.pages
      one.body_bytes, one.largest_body_bytes = each.body_bytes, each.largest_body_bytes
      one.losses, one.forecast = 0, {}
      for kind, count in pairs(each.losses) do
        if not fates.is_of_members(kind) then one.losses = one.losses + count end
      end
      moving[#moving + 1] = one
    end
  end
  local function larger(a, b)
    local x, y = a.messages or a.records, b.messages or b.records
    if x ~= y then return x > y end
    return a.name < b.name
  end
  table.sort(moving, larger)
  table.sort(staying, larger)
  return moving, staying
end

local WHY = {
  bot = "a bot or app",
  deleted = "no longer a member, and without a mail address",
  guest = "a guest without a mail address",
  user = "without a mail address",
}

-- Everybody the plan knows, and those who wrote and cannot be found in a tenant by what the export says.
local function people_of(survey)
  local out = { all = 0, writing = 0, with_mail = 0, by_kind = {}, by_decision = {}, unknown = json.array {} }
  for _, person in ipairs(survey.people) do
    out.all = out.all + 1
    out.by_kind[person.kind] = (out.by_kind[person.kind] or 0) + 1
    if person.mail ~= "" then out.with_mail = out.with_mail + 1 end
    if person.messages > 0 then
      out.writing = out.writing + 1
      out.by_decision[person.decision] = (out.by_decision[person.decision] or 0) + 1
      if person.decision == "fallback" then
        local listed = person.name ~= "" and person.name ~= person.id
        out.unknown[#out.unknown + 1] = { id = person.id, name = listed and person.name or person.id, kind = person.kind,
          messages = person.messages, why = not listed and person.kind == "user" and "not listed in the export" or WHY[person.kind] }
      end
    end
  end
  table.sort(out.unknown, function(a, b)
    if a.messages ~= b.messages then return a.messages > b.messages end
    return a.id < b.id
  end)
  return out
end

local function constructs_of(survey)
  local out = json.array {}
  for _, construct in ipairs(census.all) do
    local found = survey.constructs[construct.name]
    if found then
      out[#out + 1] = { name = construct.name, label = construct.label, count = found.count, messages = found.messages }
    end
  end
  return out
end

local function ranked(counts, name)
  local out = json.array {}
  for i, entry in ipairs(output.ranked(counts)) do out[i] = { [name] = entry[1], count = entry[2] } end
  return out
end

---@param found { export: string, script: string, status: table, summary: table, survey: table, paces: table[], made: string,
---  export_bytes: number?, team: string? }  paces: of native.pace, with their name; the first is the one that plan uses
---@return table
function report.of(found)
  local status, survey = found.status, found.survey
  local moving, staying = mapped_conversations(survey)
  local out = {
    made = found.made, export = found.export, export_bytes = found.export_bytes, script = found.script, team = found.team,
    records = status.records, messages = 0, replies = 0, threads = 0, body_bytes = 0, skipped = status.skipped, failed = status.failed,
    failures = json.array(status.failures), warnings = json.array(found.summary.warnings), limits = json.array(found.summary.limits),
    months = survey.months,
    conversations = moving, conversations_skipped = staying, people = people_of(survey), constructs = constructs_of(survey),
    skipped_by_reason = ranked(status.skipped_by_reason, "reason"), failed_by_reason = ranked(status.failed_by_reason, "reason"),
    losses = ranked(status.losses, "kind"), charges = notes.charges, meanwhile = notes.meanwhile,
  }
  for _, each in ipairs(out.losses) do each.meaning = loss.sentence(each.kind) end
  for _, each in ipairs(moving) do
    for _, field in ipairs { "messages", "replies", "threads", "body_bytes" } do out[field] = out[field] + each[field] end
    if each.first and (not out.first or each.first < out.first) then out.first = each.first end
    if each.last and (not out.last or each.last > out.last) then out.last = each.last end
  end
  out.changes, out.members_missing = 0, 0
  for _, each in ipairs(out.losses) do
    local sum = fates.is_of_members(each.kind) and "members_missing" or "changes"
    out[sum] = out[sum] + each.count
  end
  out.fates = json.array(fates.of { messages = out.messages, constructs = survey.constructs, losses = status.losses,
    skipped = status.skipped_by_reason })
  local files = survey.constructs.file_bytes
  out.file_bytes = files and files.count or 0
  out.forecast = forecasts(moving, found.paces)
  return out
end

return report
