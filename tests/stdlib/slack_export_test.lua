local memory_export = require "tests.support.memory_export"
local slack_export = require "stdlib.slack_export"

local function message(ts, text) return { ts = ts, user = "U1", text = text or "hi" } end

local function read(files)
  local export = memory_export(files)
  local layout = assert(slack_export.open(export))
  local rooms, people = {}, {}
  slack_export.rooms(export, layout, function(room)
    if type(room) ~= "table" then
      rooms[#rooms + 1] = tostring(room)
      return
    end
    local line = { room.id, room.name or "-", room.list, room.workspace }
    for inner in slack_export.messages(export, room) do line[#line + 1] = type(inner) == "table" and inner.ts or "?" end
    rooms[#rooms + 1] = table.concat(line, " ")
  end)
  local listed = slack_export.people(export, layout, function(user) people[#people + 1] = user.id end)
  return { kind = layout.kind, rooms = rooms, people = people, listed = listed }, export, layout
end

test("a standard export: folders by name or id, and those that no list names", function(t)
  local out = read {
    ["users.json"] = { { id = "U1" } }, ["channels.json"] = { { id = "C1", name = "general" }, { id = "C2", name = "by-id" }, { id = "C3", name = "empty" } },
    ["groups.json"] = { { id = "G1", name = "secret" } }, ["dms.json"] = { { id = "D1" } }, ["mpims.json"] = { { id = "G2", name = "mpdm-ann--bob-1" } },
    ["general/2020-05-15.json"] = { message "1" }, ["general/2020-05-16.json"] = { message "2" }, ["C2/2020-05-15.json"] = { message "3" },
    ["secret/2020-05-15.json"] = { message "4" }, ["D1/2020-05-15.json"] = { message "5" }, ["mpdm-ann--bob-1/2020-05-15.json"] = { message "6" },
    ["FC_F1_Road map/2020-05-15.json"] = { message "7" }, ["D0123456789/2020-05-15.json"] = { message "8" }, ["old/2020-05-15.json"] = { "", message "9" },
    ["attachments/F1-2020-05-15.json"] = { message "no" } }
  t.same({ out.kind, out.listed, out.people }, { "export", true, { "U1" } })
  t.same(out.rooms, { "C1 general channels 1 2", "C2 by-id channels 3", "C3 empty channels", "G1 secret groups 4", "D1 - dms 5",
    "G2 mpdm-ann--bob-1 mpims 6", "D0123456789 D0123456789 dms 8", "FC_F1_Road map comments on Road map unlisted 7", "old old unlisted ? 9" })
end)

test("an export in a folder among other things is found", function(t)
  local out = read { ["README.md"] = "x", ["a/b/channels.json"] = { { id = "C1", name = "general" } }, ["a/b/users.json"] = { { id = "U1" } },
    ["a/b/general/2020-05-15.json"] = { message "1" } }
  t.same({ out.rooms, out.people }, { { "C1 general channels 1" }, { "U1" } })
end)

test("Enterprise Grid: shared rooms at the root, and each workspace with its own", function(t)
  local out = read { ["org_users.json"] = { { id = "W1" } }, ["channels.json"] = { { id = "C0", name = "shared" } }, ["shared/2020-05-15.json"] = { message "0" },
    ["teams/east/channels.json"] = { { id = "C1", name = "general" } }, ["teams/east/general/2020-05-15.json"] = { message "1" },
    ["teams/west/channels.json"] = { { id = "C2", name = "general" } }, ["teams/west/general/2020-05-15.json"] = { message "2" },
    ["teams/west/lost/2020-05-15.json"] = { message "3" } }
  t.same(out.rooms, { "C0 shared channels 0", "C1 general channels east 1", "C2 general channels west 2", "west/lost lost unlisted west 3" })
  t.same(out.people, { "W1" })
end)

test("a dump of slackdump: a file a conversation, threads inside their roots", function(t)
  local root = message "1"
  root.slackdump_thread_replies = { message "2", message "3" }
  local out = read { ["C1.json"] = { channel_id = "C1", name = "general", messages = { root, message "4" } },
    ["C1-1589553562.044500.json"] = { channel_id = "C1", name = "general", messages = { message "5" } },
    ["D7.json"] = { channel_id = "D7", messages = { message "6" } }, ["channels.json"] = { { id = "C1", name = "general", is_private = false } } }
  t.same(out.rooms, { "C1 general channels 5", "C1 general channels 1 2 3 4", "D7 - dms 6" })
  t.same({ out.kind, out.listed }, { "dump", false })
  t.same(read({ ["C1.json"] = { channel_id = "C1", name = "general", messages = {} } }).rooms, { "C1 general unlisted" })
end)

test("an unpacked archive of slackdump: chunks of all kinds", function(t)
  local out = read { ["users.json"] = { { t = 3, ts = "1737844844559165000", u = { { id = "U1" }, { id = "U2" } } } },
    ["channels.json"] = { { t = 4, ts = "1737844844559165000", ch = {
      { id = "C1", name = "general", is_private = false }, { id = "C9", name = "empty", is_private = true } } } },
    ["C1.json"] = { { t = 5, ts = "1737844844559165000", id = "C1", ci = { id = "C1", name = "general" } },
      { t = 0, ts = "1737844844559165000", id = "C1", m = { message "1", message "2" } },
      { t = 1, ts = "1737844844559165000", id = "C1", r = "1", p = message "1", m = { message "3" } }, { t = 2, ts = "1737844844559165000", id = "C1", f = {} } },
    ["C2-1.json"] = { { t = 1, ts = "1737844844559165000", id = "C2", to = true, p = message "4", m = { message "5" } } } }
  t.same(out.rooms, { "C1 general channels 1 2 3", "C9 empty groups", "C2 - unlisted 4 5" })
  t.same({ out.kind, out.people }, { "chunks", { "U1", "U2" } })
  out = read { ["chunks.jsonl"] = { { t = 3, ts = "1737844844559165000", u = { { id = "U1" } } },
    { t = 5, ts = "1737844844559165000", ci = { id = "C1", name = "a", is_private = false } },
    { t = 0, ts = "1737844844559165000", id = "C1", m = { message "1" } }, { t = 0, ts = "1737844844559165000", id = "D1", m = { message "2" } } } }
  t.same({ out.rooms, out.people }, { { "C1 a channels 1", "D1 - dms 2" }, { "U1" } })
end)

test("pages of the web API among the day files are opened", function(t)
  local out = read { ["channels.json"] = { { id = "C1", name = "general" } },
    ["general/2020-05-15.json"] = { { ok = true, messages = { message "2", message "1" }, has_more = false } } }
  t.same(out.rooms, { "C1 general channels 2 1" })
end)

test("what is beside the messages is counted, and a list that holds an empty text is empty", function(t)
  local _, export, layout = read { ["channels.json"] = {}, ["integration_logs.json"] = { { date = "1" }, { date = "2" } }, ["lists.json"] = { "" },
    ["canvases.json"] = { { id = "F1" } } }
  t.same(slack_export.left(export, layout), { { kind = "integration_log", count = 2, file = "integration_logs.json" },
    { kind = "canvas", count = 1, file = "canvases.json" } })
end)

test("what is packed says how it is read", function(t)
  local function refused(files) return select(2, slack_export.open(memory_export(files))) end
  t.like(refused { ["slackdump.sqlite"] = "x" }, "a database %(.sqlite%), which is not read here. Convert it")
  t.like(refused { ["C1.json.gz"] = "x" }, "chunks %(.json.gz%). Unpack its files")
  t.like(refused { ["chunks.jsonl.gz"] = "x" }, "chunks %(.json.gz%). Unpack its files")
end)
