local people_file = require "stdlib.people_file"

local HEAD = "person,name,mail,kind,messages,decision,target\n"
local ANN = { id = "U1", name = "Ann", mail = "ann@acme.example", kind = "user", messages = 3 }
local BOT = { id = "B1/Ship, it", name = 'Ship "it"', kind = "bot", messages = 2 }

local function read(text) return assert(people_file.read(text)) end

local function messages(findings)
  local out = {}
  for i, finding in ipairs(findings) do out[i] = finding.line .. " " .. finding.severity .. ": " .. finding.message end
  return out
end

test("a first file has everybody, and a decision for whom the tenant knows", function(t)
  local file, counts = people_file.updated(nil, { ANN, BOT }, { U1 = "ann@acme.example" })
  t.same(people_file.text(file), HEAD .. "U1,Ann,ann@acme.example,user,3,map,ann@acme.example\n"
    .. '"B1/Ship, it","Ship ""it""",,bot,2,,\n')
  t.same({ counts.new, counts.matched, counts.kept }, { 2, 1, 0 })
end)

test("a decision stays, whatever the tenant says; so do the order, the separator and columns of one's own", function(t)
  local before = read "name;person;decision;target;why\nAnn;U1;skip;left us;asked\nBob;U2;;;\n"
  local file, counts = people_file.updated(before, { { id = "U2", name = "Bob", kind = "user", messages = 1 }, ANN },
    { U1 = "ann@acme.example", U2 = "bob@acme.example" })
  t.same(people_file.text(file), "name;person;decision;target;why;mail;kind;messages\n"
    .. "Ann;U1;skip;left us;asked;ann@acme.example;user;3\nBob;U2;map;bob@acme.example;;;user;1\n")
  t.same({ counts.kept, counts.matched, counts.changed }, { 1, 1, 0 })
end)

test("what is new, changed and gone is marked until the next update", function(t)
  local before = read(HEAD .. "U1,Anna,old@acme.example,user,1,,\nU5,Eve,,user,9,fallback,\n")
  local file, counts = people_file.updated(before, { ANN, BOT }, {})
  local text = people_file.text(file)
  t.same(text, "person,name,mail,kind,messages,decision,target,change\n"
    .. 'U1,Ann,ann@acme.example,user,3,,,"name was Anna, mail was old@acme.example"\n'
    .. 'U5,Eve,,user,9,fallback,,not in this export\n"B1/Ship, it","Ship ""it""",,bot,2,,,new\n')
  t.same({ counts.new, counts.changed, counts.gone, counts.kept }, { 1, 1, 1, 1 })
  local again = people_file.updated(read(text), { ANN, BOT, { id = "U5", name = "Eve", kind = "user", messages = 9 } }, {})
  t.same(people_file.text(again):match "^[^\n]*", HEAD:match "^[^\n]*")
end)

test("an address that somebody filled in stays where the export has none", function(t)
  local file = people_file.updated(read(HEAD .. "U1,Ann,ann@home.example,user,1,,\n"), { { id = "U1", name = "Ann", kind = "user",
    messages = 1 } }, {})
  t.same(file.rows[1].mail, "ann@home.example")
end)

test("a finding names the line, also behind rows of several lines, and what was meant", function(t)
  local file = read(HEAD .. '"U1","Ann\nLee",,user,1,mpa,x@acme.example\n\nU2,Bob,,user,1,map,\n,Cid,,user,1,,\nU2,Bob,,user,1,,\n'
    .. "U3,Dee,,user,1,,d@acme.example\n,,,,,,\n")
  t.same(messages(people_file.findings(file)), {
    "2 error: decision 'mpa' is not one of map, fallback, skip; did you mean map?",
    "5 error: to map U2, write a mail address, UPN or id in the column target",
    "6 error: the row has no person; the columns are person, name, mail, kind, messages, decision, target",
    "7 warning: U2 stands in line 5 already, and only that row counts; delete one of them",
    "8 warning: the target d@acme.example counts only with the decision map",
  })
end)

test("a misspelt column is named, and a file without persons once", function(t)
  t.same(messages(people_file.findings(read "person,decison\nU1,map\n")), {
    "1 error: there is a column 'decison'; did you mean decision?" })
  t.same(messages(people_file.findings(read "persn,target\nU1,x\nU2,y\n")), { "1 error: there is a column 'persn'; did you mean person?" })
  t.same(messages(people_file.findings(read "who,target\nU1,x\nU2,y\n")), {
    "1 error: there is no column person; the columns are person, name, mail, kind, messages, decision, target" })
end)

test("people who are not in the export and targets who are not in the tenant come with the nearest", function(t)
  local file = read(HEAD .. "U01ANN,Ann,,user,1,map,ann@acme.exmaple\nU02B0B,Bob,,user,1,map,bob@acme.example\n")
  t.same(messages(people_file.unknown(file, { U01ANN = true, U02BOB = true })), {
    "3 warning: the export has no person U02B0B; did you mean U02BOB?" })
  local names = { ["ann@acme.example"] = true, ["bob@acme.example"] = true }
  t.same(messages(people_file.lost(file, function(who) return names[who] ~= nil end, names)), {
    "2 error: nobody in the tenant is ann@acme.exmaple; did you mean ann@acme.example?" })
end)
