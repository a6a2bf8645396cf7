---teamferry people: drafts people.csv, who of the export becomes whom in the tenant, and brings it up to date.
local json = require "json"
local native = require "teamferry.native"
local output = require "stdlib.cli.output"
local people_file = require "stdlib.people_file"
local people_match = require "stdlib.people_match"
local project = require "stdlib.cli.project"

local people = {
  script = "required",
  takes_export = true,
  summary = "Drafts people.csv, or brings it up to date: who of the export is who in the tenant. Decisions that are made stay.",
  usage = "Example: teamferry people slack --export acme.zip --target global --domain old.example=new.example\n"
    .. "Without --target nobody is asked: everybody of the export with their mail address and what they wrote",
}

local count, of = output.count, output.of
local LISTED = 20
local WHOLE = 50000 -- users that are read page by page; in a larger tenant each address is asked for

function people.options(parser)
  parser:option "--domain":argname "OLD=NEW":count "*":description "mail addresses of the export whose domain is another one now"
  parser:option "--file":argname "FILE":description "the file to write; by default the argument people, or people.csv of the project"
  require("stdlib.cli.options").common(parser, true)
end

local function domains_of(call)
  local domains = {}
  for _, text in ipairs(call.options.domain) do
    local old, new = people_match.domain(text)
    if not old then call.fail("--domain: " .. new, 2) end
    domains[old] = new
  end
  return domains
end

local function path_of(call)
  if call.options.file then return call.options.file end
  local named = project.argument(call, "people")
  local path = type(named) == "string" and named or "people.csv"
  local folder = call.script.project
  return (folder == "." or path:find "^/") and path or folder .. "/" .. path
end

local function read(call, path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read "*a"
  file:close()
  local rows, problem = people_file.read(content)
  if not rows then call.fail(("%s: %s. Mend it, or give --file another name"):format(path, problem), 2) end
  return rows
end

-- All or nothing: what was there is there until the new one is whole.
local function write(call, path, text)
  local half = path .. ".new"
  local file, problem = io.open(half, "wb")
  local written = file and file:write(text) and file:close()
  if not written then call.fail(("cannot write %s: %s"):format(path, problem or "the disk is full"), 2) end
  local moved, why = os.rename(half, path)
  if not moved then call.fail(("cannot write %s: %s"):format(path, why), 2) end
end

-- Everybody of the export, as its script maps them.
local function look_at(call)
  local script = call.script
  local module = script.file:match("[^/]+$"):gsub("%.lua$", "")
  local request = json.encode { script = module, args = call.given }
  local answer, err = native.aside("stdlib.people_found", request, { project = script.project }, function(level, line)
    if level ~= "debug" then call.out.say("%s  %s", level == "warn" and "warning" or "script ", line) end
  end)
  if not answer then call.fail(err, 2) end
  return json.decode(answer)
end

-- The whole tenant, or those of it who may be meant.
local function tenant_of(call, found, file, domains)
  project.open(call, {})
  call.out.say("target   %s", call.target)
  local listed = project.must(call, call.project:directory(WHOLE))
  local tenant = people_match.tenant(listed.users)
  if listed.whole then return tenant end
  local asked, list = {}, {}
  local function ask(who)
    if not asked[who] and not people_match.find(tenant, who) then asked[who], list[#list + 1] = true, who end
  end
  for _, person in ipairs(found) do
    for _, address in ipairs(people_match.addresses(person, domains)) do ask(address) end
  end
  for _, row in ipairs(file and file.rows or {}) do
    if row.target then ask(row.target) end
  end
  local answers = project.must(call, call.project:find_users(list))
  for i, who in ipairs(list) do
    if answers[i] then people_match.add(tenant, answers[i], who) end
  end
  return tenant
end

-- An address that somebody filled in for whom the export has none is looked up like one of the export's.
local function with_filled_in(found, file)
  local mails = {}
  for _, row in ipairs(file and file.rows or {}) do
    if row.person and row.mail then mails[row.person] = row.mail end
  end
  local out = {}
  for i, person in ipairs(found) do
    out[i] = { id = person.id, name = person.name, mail = person.mail or mails[person.id], kind = person.kind, target = person.target }
  end
  return out
end

local function referenced(person) return person.messages + person.mentions + person.reactions > 0 end

local function what_they_did(person)
  local words = {}
  if person.messages > 0 then words[1] = of(person.messages, "message") end
  if person.mentions > 0 then words[#words + 1] = "mentioned " .. count(person.mentions) end
  if person.reactions > 0 then words[#words + 1] = of(person.reactions, "reaction") end
  return #words > 0 and table.concat(words, ", ") or "nothing"
end

-- Those who are referred to and have nobody in the tenant: what each did, and who has the same name.
local function say_open(call, found, file, matched, how)
  local decided, open = {}, json.array {}
  for _, row in ipairs(file.rows) do decided[row.person or ""] = row.decision end
  for _, person in ipairs(found) do
    local may_be_found = not how and person.mail
    if referenced(person) and not may_be_found and not matched[person.id] and not decided[person.id] then
      local alike = how and how.alike[person.id]
      local one = { person = person.id, name = person.name, mail = person.mail, kind = person.kind, messages = person.messages,
        mentions = person.mentions, reactions = person.reactions }
      if alike then
        one.alike = json.array {}
        for i, user in ipairs(alike) do one.alike[i] = user.userPrincipalName end
      end
      open[#open + 1] = one
    end
  end
  table.sort(open, function(a, b)
    if a.messages ~= b.messages then return a.messages > b.messages end
    return a.person < b.person
  end)
  if #open == 0 then return open end
  call.out.say("open     %s without a decision%s: what they wrote goes out under the fallback account", of(#open, "person", "people"),
    how and " whom the tenant does not know" or " and without a mail address")
  for i, one in ipairs(open) do
    if i > LISTED then
      call.out.say("  … and %s more", count(#open - LISTED))
      break
    end
    call.out.say("  %s (%s), %s, %s%s", one.name, one.person, one.mail or "no mail address", what_they_did(one),
      one.alike and "; the same name has " .. table.concat(one.alike, ", ") or "")
  end
  return open
end

local function say_findings(call, path, findings)
  local errors = 0
  for _, finding in ipairs(findings) do
    if finding.severity == "error" then errors = errors + 1 end
    call.out.problem("%s line %d: %s", path, finding.line, finding.message)
  end
  return errors
end

local function say_changes(call, changes)
  for i, change in ipairs(changes) do
    if i > LISTED then
      call.out.say("  … and %s more, in the column change", count(#changes - LISTED))
      break
    end
    call.out.say("  %s: %s", change.person, change.change)
  end
end

function people.run(call)
  local domains, path, out = domains_of(call), path_of(call), call.out
  if path:lower():find "%.json$" then call.fail("people are written as CSV; give --file a name that ends in .csv", 2) end
  local online = call.options.target or call.options.graph_url
  if not online and next(domains) then
    call.fail("--domain is for looking people up; name the tenant with --target as well", 2)
  end
  call.result = { state = "drafted", errors = {} }
  local read_before = read(call, path)
  local export = look_at(call)
  local found, known = export.people, {}
  local wrote, mails, others = 0, 0, 0
  for _, person in ipairs(found) do
    known[person.id] = true
    if person.mail then mails = mails + 1 end
    if person.messages > 0 then wrote = wrote + 1 elseif referenced(person) then others = others + 1 end
  end
  out.say("export   %s, %s with a mail address; %s wrote, %s only mentioned or reacting; %s", of(#found, "person", "people"),
    count(mails), count(wrote), count(others), of(export.messages, "message"))

  local matched, how, tenant = {}, nil, nil
  if online then
    tenant = tenant_of(call, found, read_before, domains)
    matched, how = people_match.all(tenant, with_filled_in(found, read_before), domains)
    out.say("matched  %s by mail address%s", count(how.by_mail), how.by_domain > 0 and (", %s under another one"):format(
      count(how.by_domain)) or "")
    for i, each in ipairs(how.disabled) do
      if i > LISTED then break end
      out.say("note     %s (%s) is %s, whose account is disabled", each.person.name, each.person.id, each.user.userPrincipalName)
    end
  end
  local file, counts = people_file.updated(read_before, found, matched)
  write(call, path, people_file.text(file))

  -- Lines are those of the file as it is now.
  local now = assert(people_file.read(people_file.text(file)))
  local findings = people_file.findings(now)
  local function add(more)
    for _, finding in ipairs(more) do findings[#findings + 1] = finding end
  end
  add(people_file.unknown(now, known))
  if tenant then
    add(people_file.lost(now, function(target) return people_match.find(tenant, target) ~= nil end, people_match.names(tenant)))
  end
  table.sort(findings, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.message < b.message
  end)
  local errors = say_findings(call, path, findings)
  local open = say_open(call, found, now, matched, how)
  out.say("file     %s, %s: %s new, %s changed, %s gone; %s kept, %s filled in", path, of(#now.rows, "row"), count(counts.new),
    count(counts.changed), count(counts.gone), of(counts.kept, "decision"), count(counts.matched))
  say_changes(call, counts.changes)
  if call.target == "emulator" and counts.matched > 0 then
    out.say("to rehearse with these people: teamferry plan … --emulator-users-from %s", path)
  end

  local result = call.result
  result.file, result.rows, result.people, result.with_mail, result.wrote, result.others = path, #now.rows, #found, mails, wrote, others
  result.matched, result.by_domain = how and how.by_mail + how.by_domain or 0, how and how.by_domain or 0
  result.new, result.changed, result.gone, result.kept, result.filled_in = counts.new, counts.changed, counts.gone, counts.kept,
    counts.matched
  result.open, result.findings, result.changes = open, json.array(findings), json.array(counts.changes)
  return errors > 0 and 3 or 0
end

return people
