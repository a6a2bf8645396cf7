#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "bindings/archive.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

// Runs `text` as a function of the export in `folder`.
std::string with_export(Script& script, const Folder& folder, const std::string& text) {
  Folder project;
  project.write("f.lua", "return function(a) " + text + " end");
  lua_State* L = script.host->state();
  const StackGuard guard(L);
  REQUIRE(script.host->load_script({project.path(), "f.lua", ""}));
  auto opened = archive::Archive::open(folder.path());
  REQUIRE(opened);
  push_archive(L, std::move(*opened));
  if (auto called = script.host->call(1, 1); !called) return "error: " + called.error().message;
  const char* shown = lua_tostring(L, -1);
  return shown ? shown : "nil";
}

}  // namespace

TEST_CASE("records gives each record with its file and place", "[archive]") {
  const Folder folder;
  folder.write("general/1.json", R"([{"a":1},{"a":2}])").write("general/2.json", R"([{"a":3}])").write("x.txt", "no");
  Script script;
  CHECK(
      with_export(script, folder,
                  "local out = {} for r, file, i in a:records 'general/*.json' do out[#out + 1] = r.a .. file .. i end "
                  "return table.concat(out, ' ')") == "1general/1.json1 2general/1.json2 3general/2.json1");
}

TEST_CASE("A record that cannot be read is kept with its reason, and its neighbours are read", "[archive]") {
  const Folder folder;
  folder.write("a.json", R"([{"a":1},{"a":bad},{"a":3}])").write("b.json", "<html>sign in</html>");
  Script script;
  CHECK(with_export(script, folder, "local n = 0 for r in a:records '*.json' do n = n + r.a end return n") == "4");
  const auto& bad = reading_log(script.host->state()).bad;
  REQUIRE(bad.size() == 2);
  CHECK(bad[0].file == "a.json");
  CHECK(bad[0].index == 2);
  CHECK(bad[1].file == "b.json");
  CHECK(bad[1].index == 0);
}

TEST_CASE("A named file that is missing gives no records and one warning", "[archive]") {
  const Folder folder;
  folder.write("a.json", "[]");
  Script script;
  CHECK(with_export(script, folder, "for _ = 1, 2 do for _ in a:records 'users.json' do end end return 'fine'") ==
        "fine");
  CHECK(script.host->warnings() == std::vector<std::string>{"the export has no users.json"});
}

TEST_CASE("CSV, JSON lines and a list inside an object are read as records, too", "[archive]") {
  const Folder folder;
  folder.write("log.csv", "Room;Text\nhelp;\"a;b\"\n;x\n").write("m.jsonl", "{\"t\":1}\n{\"t\":2}\n");
  folder.write("d.json", R"({"guild":{"name":"g"},"messages":[{"t":5}]})");
  Script script;
  CHECK(with_export(script, folder, "local r = a:records('log.csv')() return r.Room .. r.Text") == "helpa;b");
  CHECK(with_export(script, folder, "local n = 0 for r in a:records 'm.jsonl' do n = n + r.t end return n") == "3");
  CHECK(with_export(script, folder, "return a:records('d.json', { at = 'messages' })().t") == "5");
  CHECK(with_export(script, folder,
                    "local d = a:json('d.json', { only = { 'guild' } }) return d.guild.name .. tostring(d.messages)") ==
        "gnil");
}

TEST_CASE("list, has, read and lines see the export as it is", "[archive]") {
  const Folder folder;
  folder.write("x/b.txt", "\xEF\xBB\xBFone\r\ntwo\rthree\n\nfive").write("a.json", "[]");
  Script script;
  CHECK(with_export(script, folder, "return table.concat(a:list(), ' ')") == "a.json x/b.txt");
  CHECK(with_export(script, folder, "return table.concat(a:list '*/', ' ')") == "x/");
  CHECK(with_export(script, folder, "return tostring(a:has 'a.json') .. tostring(a:has 'b.json')") == "truefalse");
  CHECK(with_export(script, folder, "return a:read 'a.json'") == "[]");
  CHECK(with_export(script, folder, "local t, err = a:read 'none' return tostring(t) .. type(err.message)") ==
        "nilstring");
  CHECK(with_export(script, folder,
                    "local t = {} for line in a:lines 'x/b.txt' do t[#t + 1] = line end "
                    "return table.concat(t, '|')") == "one|two|three||five");
}

TEST_CASE("A record taken from an iterator still knows where it came from", "[archive]") {
  const Folder folder;
  folder.write("rooms.json", R"([{"id":"C1"},{"id":"C2"}])");
  Script script;
  lua_State* L = script.host->state();
  const StackGuard guard(L);
  REQUIRE(script.host->require("teamferry.host"));
  lua_getfield(L, -1, "place_of");
  CHECK(with_export(script, folder, "local it = a:records 'rooms.json' it() return it().id") == "C2");
  lua_newtable(L);
  lua_call(L, 1, 2);
  CHECK(lua_isnil(L, -1));
}

TEST_CASE("A method called with a dot says so", "[archive]") {
  const Folder folder;
  folder.write("a.json", "[]");
  Script script;
  CHECK_THAT(with_export(script, folder, "return a.list()"), Contains("list takes a colon: export:list"));
  CHECK_THAT(with_export(script, folder, "return a:records('a.json', { att = 'x' })"),
             Contains("unknown option 'att'"));
}

TEST_CASE("records reads BSON by its name", "[archive]") {
  const Folder folder;
  folder.write("rocketchat_room.bson",
               std::string("\x0C\0\0\0\x10n\0\7\0\0\0\0", 12) + std::string("\5\0\0\0\0", 5) + "?");
  Script script;
  CHECK(
      with_export(
          script, folder,
          "local out = '' for r, f, i in a:records '*.bson' do out = out .. f .. i .. tostring(r.n) end return out") ==
      "rocketchat_room.bson17rocketchat_room.bson2nil");
  REQUIRE(reading_log(script.host->state()).bad.size() == 1);
  CHECK_THAT(reading_log(script.host->state()).bad[0].reason, Contains("the document at byte 17 has no length"));
}

TEST_CASE("records reads SQLite by its content, and says what it lacks", "[archive]") {
  const Folder folder;
  folder.write("a.sqlite", std::string("SQLite format 3\0", 16));
  Script script;
  CHECK(with_export(script, folder, "return a:records('a.sqlite', { at = 'T' })()") == "nil");
  REQUIRE(reading_log(script.host->state()).bad.size() == 1);
  CHECK_THAT(reading_log(script.host->state()).bad[0].reason, Contains("a.sqlite: this is no database of SQLite"));
}

TEST_CASE("open gives an archive that lies inside, and says what is none", "[archive]") {
  const Folder folder;
  std::string tar(1024, '\0');  // no entries, but a name: a header with its checksum, then the end
  tar.replace(0, 6, "a.json");
  tar.replace(124, 11, "00000000000");
  tar[156] = '0';
  tar.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : tar) sum += static_cast<unsigned char>(c);
  tar.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
  folder.write("parts/a.tar", tar + std::string(512, '\0')).write("users.json", "[]");
  Script script;
  CHECK(with_export(script, folder, "return a:open('parts/a.tar'):list()[1]") == "a.json");
  CHECK_THAT(with_export(script, folder, "local b, err = a:open('users.json') return tostring(b) .. tostring(err)"),
             Contains("users.json is no zip and no tar"));
}

TEST_CASE("archive.open stays inside the project", "[archive]") {
  const Folder project, other;
  other.write("secret.json", "[]");
  project.write("data/x.json", R"([{"a":7}])");
  project.write("main.lua", "return archive.open('data'):records()().a");
  project.write("out.lua", "local a, err = archive.open '" + other.path() + "' return tostring(a) .. err.code");
  Host::Options options;
  options.project = project.path();
  Script script(std::move(options));
  CHECK(script.load({project.path(), "main.lua", ""}) == "7");
  CHECK(script.load({project.path(), "out.lua", ""}) == "niloutside");
}
