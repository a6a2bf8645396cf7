---Evidence on the command line: where it is left, what signs it, and how it is checked.
---
---Tested by tests/end_to_end/evidence_test.cpp.
local native = require "teamferry.native"
local output = require "stdlib.cli.output"

local evidence = {}

---The option of commands that leave evidence behind.
function evidence.options(parser)
  parser:option "--evidence-key":argname "PEM"
    :description "private key (Ed25519, RSA, EC) that signs the evidence; a project names it in args.evidence_key"
end

---The options of verify, which checks evidence too.
function evidence.check_options(parser)
  evidence.options(parser)
  parser:option "--evidence":argname "FILE":description "check this file of evidence instead; needs neither journal nor target"
  parser:option "--key":argname "PEM":description "with --evidence: the public key whose owner must have signed it"
  parser:option "--head":argname "HASH":description "with --evidence: the head that was printed when it was made"
end

local function key_of(call)
  if call.options.evidence_key then return call.options.evidence_key end
  if not call.script then return nil end
  for _, declared in ipairs(call.script.described.args) do
    local path = declared.name == "evidence_key" and declared.default
    if path then return path:match "^/" and path or call.script.project .. "/" .. path end
  end
end

---Where a command leaves its evidence: beside the journal, in the place of what the same command left before.
---@param what string  "verified", "completed"
---@return { file: string, key: string? }
function evidence.place(call, what)
  return { file = ("%s-%s.jsonl"):format(call.journal:gsub("%.db$", ""), what), key = key_of(call) }
end

---Tells what was written, and puts it into the result.
function evidence.tell(call, written)
  call.result.evidence = written
  call.out.say("evidence %s: %s%s", written.path, output.of(written.lines, "line"), written.key and ", signed" or "")
  call.out.say("         head %s", written.head)
end

---verify --evidence FILE.
---@return integer code
function evidence.check(call)
  local o, out = call.options, call.out
  local checked, err = native.check_evidence { path = o.evidence, key = o.key, head = o.head }
  if not checked then call.fail(err, err.code == "evidence_broken" and 3 or 2) end
  call.result = { state = "evidence_holds", evidence = checked, errors = {} }
  local total = 0
  for _, n in pairs(checked.by_state) do total = total + n end
  out.say("evidence %s: %s of %s, untouched", o.evidence, output.of(checked.lines, "line"), output.of(total, "message"))
  out.say("made     by teamferry %s at %s, target %s, project %s", checked.command, checked.made, checked.target, checked.project)
  for _, entry in ipairs(output.ranked(checked.by_state)) do out.say("  %-10s %8s", entry[1], output.count(entry[2])) end
  out.say("head     %s", checked.head)
  if checked.signature_holds then
    out.say("signed   by the owner of %s", o.key)
  elseif checked.key then
    out.say("signed   says the file, with the key %s; --key PUBLIC.pem checks it", checked.key)
  elseif not o.head then
    out.say "note     not signed: compare the head with the one that was printed, or name it with --head"
  end
  if checked.ok == false then out.problem "teamferry: it tells that Teams differed from the journal when it was made" end
  return checked.ok == false and 3 or 0
end

return evidence
