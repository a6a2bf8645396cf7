local csv = require "scripts.csv"
local plan_of = require "tests.support.plan_of"
local run = require "stdlib.run"

local ROWS = { { conversation = "cranes", id = "1", time = "2021-04-21T09:00:00+02:00", author = "ada@harbour.example", text = "a < b",
    files = "plan.txt|https://t.example/7.png?x=1", reactions = "👍:ben;cyd 🎉" },
  { conversation = "cranes", id = "2", reply_to = "1", time = "1619000000123", author = "ben", author_name = "Ben", text = "fine", edited = "1619000001" },
  { conversation = "pay", kind = "private", time = "1619000000", author = "ben", text = "figures" },
  { conversation = "d", kind = "dm", time = "1619000000", author = "ben", text = "psst" },
  { conversation = "cranes", deleted = "yes", time = "1619000000", author = "ben", text = "gone" }, { conversation = "cranes", time = "1/2/2019", author = "ben", text = "x" },
  { conversation = "cranes", id = "1.23E+18", time = "1619000000", author = "ben", text = "x" }, { conversation = "cranes", time = "1619000000", text = "nobody" } }

local function map(row, args) return run.map(csv, row, { args = args }) end

test("a table goes through: channels as rows name them, replies, files, reactions, and what stays behind", function(t)
  local out = plan_of(csv, { ["log.csv"] = ROWS, ["plan.txt"] = "x" })
  t.same(out.conversations, { "cranes: standard", "pay: private channel", "d: direct message" })
  t.same(out.messages, { "cranes 1 ada@harbour.example", "cranes 2 ben > 1" })
  t.same({ out.list[1].person.mail, out.list[2].person.name, out.list[2].createdDateTime }, { "ada@harbour.example", "Ben", "2021-04-21T10:13:20.123Z" })
  t.same(out.list[1].body, "<p>a &lt; b</p><p>[file: plan.txt]</p><p>[image: 7.png]</p><p><em>👍 ben, cyd · 🎉 1</em></p>")
  t.same(out.skipped, { "conversation: private channel", "conversation: direct message", "deleted" })
  t.same(#out.parked, 3)
  t.like(out.parked[1], "'1/2/2019' is not an ISO 8601 time; give its pattern")
  t.like(out.parked[2], "the id '1.23E%+18' was rounded by a spreadsheet")
  t.like(out.parked[3], "^from is missing")
end)

test("a map of columns, a format of times and one of text are arguments", function(t)
  local args = { text = "Body", time = "At", author = "Who", time_format = "%d.%m.%Y %H:%M", zone = "+02:00", format = "markdown", conversation = "Room" }
  local out = map({ Body = "**b**", At = "21.04.2021 09:00", Who = "ann", Room = "r" }, args).message
  t.same({ out.body, out.createdDateTime, out.conversation }, { "<p><strong>b</strong></p>", "2021-04-21T07:00:00.000Z", "r" })
  args.time_format = nil
  t.same(map({ Body = "b", At = "2021-04-21T09:00:05", Who = "ann", Room = "r" }, args).message.createdDateTime, "2021-04-21T07:00:05.000Z")
  t.same(map({ Body = "'=1+1", At = "2021-04-21 09:00", Who = "ann", Room = "r" }, args).message.body, "<p>=1+1</p>")
end)

test("without a column for it, a table is a channel of its own", function(t)
  local row = { time = "1619000000", author = "ben", text = "x" }
  t.same(plan_of(csv, { ["a/1.csv"] = { row }, ["b/1.csv"] = { row } }).conversations, { "a - 1: standard", "b - 1: standard" })
end)
