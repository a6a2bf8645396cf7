#include "bindings/lua_mapper.h"

#include <catch2/catch.hpp>

#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;
using migrate::MappedMessage;

namespace {

constexpr const char* kScript = R"lua(
local s = source.new { name = "s", summary = "a source for tests", api = 1 }
function s:people(ctx, emit) emit(ctx.export:records "people.json") end
function s:person(user, ctx)
  if user.robot then return nil, "robot" end
  return { id = user.id, name = user.name, mail = user.mail }
end
function s:conversations(ctx, emit)
  for room in ctx.export:records "rooms.json" do emit(room) end
end
function s:place(room, ctx)
  if room.secret then return nil, "secret" end
  return { id = room.id, displayName = room.name, createdDateTime = "2019-01-01T00:00:00.000Z" }
end
function s:messages(room, ctx, emit) emit(ctx.export:records(room.id .. ".json")) end
function s:message(m, ctx)
  if m.event then return nil, "event" end
  if m.loop then while true do end end
  if m.lossy then ctx.loss("poll", m.lossy) end
  return {
    id = m.id, createdDateTime = time.unix(m.ts), from = m.from, replyToId = m.root,
    body = { contentType = "html", content = "<p>" .. m.text.words .. "</p>" }, subject = m.subject,
  }
end
return s
)lua";

struct Seen {
  MappedMessage::Outcome outcome;
  std::string reason, record, key, from, reply_to, content, subject, introduces;
  std::string time;
  std::vector<std::string> losses;
};

// An export and the script above over it.
class Mapping {
 public:
  Mapping() {
    project.write("s.lua", kScript);
    folder.write("people.json", R"([{"id":"U1","name":"Ann","mail":"ann@acme.example"},{"id":"U2","robot":true}])");
    folder.write("rooms.json", R"([{"id":"C1","name":"general"},{"id":"C2","name":"board","secret":true}])");
  }
  LuaMapper& open() {
    LuaMapper::Options options;
    options.script = {project.path(), "s.lua", ""};
    options.args = {{"export", folder.path()}};
    options.host.budget.record = std::chrono::milliseconds(50);
    auto opened = LuaMapper::open(std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    mapper = std::move(*opened);
    return *mapper;
  }
  std::vector<Seen> messages(const std::string& records, bool map = true) {
    folder.write("C1.json", records);
    open();
    if (auto read = mapper->people([](const auto&) { return true; }); !read)
      throw std::runtime_error(read.error().message);
    std::vector<migrate::MappedPlace> places;
    (void)mapper->conversations([&](const auto& place) { return places.push_back(place), true; });
    std::vector<Seen> seen;
    outcome = mapper->messages(places.at(0), map, [&](const MappedMessage& m) {
      Seen one{m.outcome,
               std::string(m.reason),
               std::string(m.record),
               std::string(m.key),
               std::string(m.from),
               std::string(m.reply_to),
               std::string(m.content),
               std::string(m.subject),
               m.introduces ? m.introduces->name : "",
               m.createdDateTime ? m.createdDateTime->to_string() : "",
               {}};
      if (m.losses) {
        for (const auto& loss : *m.losses) one.losses.push_back(loss.kind + " " + loss.detail);
      }
      seen.push_back(std::move(one));
      return seen.size() < stop_after;
    });
    return seen;
  }

  Folder project, folder;
  std::unique_ptr<LuaMapper> mapper;
  std::size_t stop_after = 1000;
  Status outcome = done();
};

}  // namespace

TEST_CASE("People and places come as the script maps them, those left behind with their reason", "[mapper]") {
  Mapping mapping;
  LuaMapper& mapper = mapping.open();
  std::vector<migrate::MappedPerson> people;
  REQUIRE(mapper.people([&](const auto& person) { return people.push_back(person), true; }));
  REQUIRE(people.size() == 2);
  CHECK(people[0].mail == "ann@acme.example");
  CHECK(people[1].id == "U2");
  CHECK(people[1].skip_reason == "robot");
  std::vector<migrate::MappedPlace> places;
  REQUIRE(mapper.conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 2);
  CHECK(places[0].displayName == "general");
  CHECK(places[0].record == "rooms.json record 1");
  CHECK(places[0].createdDateTime->to_string() == "2019-01-01T00:00:00.000Z");
  CHECK(places[1].skip_reason == "secret");
}

TEST_CASE("A mapped message has every field, its place and its losses", "[mapper]") {
  Mapping mapping;
  const auto seen = mapping.messages(
      R"([{"id":"1","ts":"1503435956.000247","from":"U1","text":{"words":"hi"},"subject":"s","lossy":"3 options"},
          {"id":"2","ts":"1503435957","from":{"id":"B1","name":"Bot","kind":"bot"},"root":"1","text":{"words":"yo"}}])");
  REQUIRE(mapping.outcome);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].record == "C1.json record 1");
  CHECK(seen[0].key == "1");
  CHECK(seen[0].time == "2017-08-22T21:05:56.000Z");
  CHECK(seen[0].content == "<p>hi</p>");
  CHECK(seen[0].subject == "s");
  CHECK(seen[0].losses == std::vector<std::string>{"poll 3 options"});
  CHECK(seen[1].from == "B1");
  CHECK(seen[1].introduces == "Bot");
  CHECK(seen[1].reply_to == "1");
  CHECK(seen[1].losses.empty());
}

TEST_CASE("A record that fails is parked with file and line, and the others go on", "[mapper]") {
  Mapping mapping;
  const auto seen = mapping.messages(
      R"([{"id":"1","ts":"1503435956","from":"U1","text":{"words":"hi"}},{"id":"2","ts":"1503435957","from":"U1"},
          {"event":true},{"id":nonsense},"no object",{"id":"5","ts":"1503435960","from":"U1","text":{"words":"end"}}])");
  REQUIRE(mapping.outcome);
  REQUIRE(seen.size() == 6);
  CHECK(seen[1].outcome == MappedMessage::Outcome::parked);
  CHECK(seen[1].record == "C1.json record 2");
  CHECK_THAT(seen[1].reason, Contains("s.lua:22: ") && Contains("'text'"));
  CHECK(seen[2].reason == "event");
  CHECK(seen[3].outcome == MappedMessage::Outcome::parked);
  CHECK(seen[3].record == "C1.json record 4");
  CHECK_THAT(seen[3].reason, Contains("cannot be read"));
  CHECK(seen[4].reason == "not a record");
  CHECK(seen[5].key == "5");
}

TEST_CASE("A record that does not end is parked, and the others go on", "[mapper]") {
  Mapping mapping;
  const auto seen = mapping.messages(
      R"([{"id":"1","ts":"1503435956","from":"U1","text":{"words":"a"}},{"loop":true},
          {"id":"3","ts":"1503435958","from":"U1","text":{"words":"b"}}])");
  REQUIRE(mapping.outcome);
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].outcome == MappedMessage::Outcome::parked);
  CHECK_THAT(seen[1].reason, Contains("of processor time"));
  CHECK(seen[2].key == "3");
}

TEST_CASE("What a reading step loses goes with the next room or message, or is said", "[mapper]") {
  const Folder project, folder;
  folder.write("m.json", R"([{"id":"1","ts":"1503435956","from":"U1"},{"id":"2","ts":"1503435957","from":"U1"}])");
  project.write("s.lua", R"lua(
local s = source.new { name = "s", summary = "s", api = 1 }
function s:people(ctx, emit)
  ctx.loss("list_cut", "after 2")
  emit { id = "U1" }
  emit { id = "U2" }
end
function s:person(user, ctx)
  ctx.loss("photo")
  return { id = user.id, name = user.id, mail = "u@acme.example" }
end
function s:conversations(ctx, emit)
  emit { id = "C1", name = "one" }
  ctx.loss("room_unlisted", "two")
  emit { id = "C2", name = "two" }
end
function s:messages(room, ctx, emit)
  ctx.loss("pinned", "3")
  emit(ctx.export:records "m.json")
  ctx.loss("canvas", room.name)
end
function s:message(m, ctx)
  return { id = m.id, createdDateTime = time.unix(m.ts), from = m.from, body = { content = "x" } }
end
return s)lua");
  LuaMapper::Options options;
  options.script = {project.path(), "s.lua", ""};
  options.args = {{"export", folder.path()}};
  auto mapper = LuaMapper::open(std::move(options));
  REQUIRE(mapper);
  REQUIRE((*mapper)->people([](const auto&) { return true; }));
  std::vector<migrate::MappedPlace> places;
  REQUIRE((*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 2);
  CHECK(places[0].losses.empty());
  REQUIRE(places[1].losses.size() == 1);
  CHECK(places[1].losses[0].kind == "room_unlisted");
  CHECK(places[1].losses[0].detail == "two");
  std::vector<std::string> seen;
  REQUIRE((*mapper)->messages(places[0], true, [&](const MappedMessage& m) {
    std::string line(m.key);
    for (const auto& loss : *m.losses) line += " " + loss.kind + " " + loss.detail;
    return seen.push_back(line), true;
  }));
  CHECK(seen == std::vector<std::string>{"1 pinned 3", "2"});
  CHECK((*mapper)->warnings() == std::vector<std::string>{"people: 1 list_cut, for example after 2", "people: 2 photo",
                                                          "#one: 1 canvas, for example one"});
}

TEST_CASE("Damaged text is a loss of its own record only", "[mapper]") {
  Mapping mapping;
  const auto seen = mapping.messages(
      "[{\"id\":\"1\",\"ts\":\"1503435956\",\"from\":\"U1\",\"text\":{\"words\":\"a\xFF\"}},"
      "{\"id\":\"2\",\"ts\":\"1503435957\",\"from\":\"U1\",\"text\":{\"words\":\"b\"}}]");
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].losses == std::vector<std::string>{"text_repaired "});
  CHECK(seen[0].content == "<p>a\xEF\xBF\xBD</p>");
  CHECK(seen[1].losses.empty());
}

TEST_CASE("The planner can stop the reading, and what it throws comes back to it", "[mapper]") {
  Mapping mapping;
  mapping.stop_after = 1;
  const auto seen = mapping.messages(R"([{"event":true},{"event":true},{"event":true}])");
  CHECK(mapping.outcome);
  CHECK(seen.size() == 1);

  LuaMapper& mapper = mapping.open();
  REQUIRE(mapper.people([](const auto&) { return true; }));
  std::vector<migrate::MappedPlace> places;
  REQUIRE(mapper.conversations([&](const auto& place) { return places.push_back(place), true; }));
  CHECK_THROWS_AS(mapper.messages(places.at(0), true, [](const auto&) -> bool { throw std::logic_error("broken"); }),
                  std::logic_error);
}

TEST_CASE("The same error from the first record on ends the plan: it is the script", "[mapper]") {
  Mapping mapping;
  std::string records = "[";
  for (int i = 0; i < 30; ++i) records += std::string(i ? "," : "") + R"({"id":"x","ts":"1503435957","from":"U1"})";
  mapping.messages(records + "]");
  REQUIRE(!mapping.outcome);
  CHECK_THAT(mapping.outcome.error().message, Contains("it is the script and not the data"));
}

TEST_CASE("A script that is wrong is refused with its line before anything is read", "[mapper]") {
  const Folder project, folder;
  folder.write("a.json", "[]");
  const auto refusal = [&](const std::string& text, std::map<std::string, std::string> args = {}) {
    project.write("migrate.lua", text);
    LuaMapper::Options options;
    options.script = {project.path(), "migrate.lua", ""};
    args.emplace("export", folder.path());
    options.args = std::move(args);
    auto opened = LuaMapper::open(std::move(options));
    return opened ? "accepted" : opened.error().message;
  };
  const std::string head = "local s = source.new { name = 's', summary = 's', api = 1 }\n";
  CHECK_THAT(refusal("local x = 1"), Contains("migrate.lua returns nothing"));
  CHECK_THAT(refusal("local x ="), Contains("migrate.lua:1:"));
  CHECK_THAT(refusal(head + "function s.message(m, ctx) end\nreturn s"),
             Contains("migrate.lua:2: ") && Contains("with a dot"));
  CHECK_THAT(refusal(head + "function s:mesage(m, ctx) end\nreturn s"), Contains("looks like the step message"));
  CHECK_THAT(refusal(head + "function s:message(m, ctx) end\nreturn s", {{"exprot", "x"}}),
             Contains("args.exprot: unknown argument; did you mean args.export?"));
  CHECK_THAT(refusal(head + "function s:message(m, ctx) end\nreturn s", {{"export", "nowhere.zip"}}),
             Contains("args.export: no file or folder 'nowhere.zip'"));
}

TEST_CASE("A source that reads one stream is sorted into the rooms that its messages name", "[mapper]") {
  const Folder project, folder;
  folder.write("log.csv",
               "Room,Date,Text\nfront,22.10.2018 09:55,a\nback,22.10.2018 09:56,b\nfront,bad,c\n"
               "front,22.10.2018 09:58,d\n");
  project.write("s.lua", R"lua(
local s = source.new { name = "s", summary = "one stream", api = 1 }
function s:message(row, ctx)
  return { conversation = row.Room, createdDateTime = time.parse(row.Date, "%d.%m.%Y %H:%M", "+02:00"), from = "ann@acme.example",
    body = { content = row.Text } }
end
return s)lua");
  LuaMapper::Options options;
  options.script = {project.path(), "s.lua", ""};
  options.args = {{"export", folder.path()}};
  auto mapper = LuaMapper::open(std::move(options));
  REQUIRE(mapper);
  std::vector<migrate::MappedPlace> places;
  REQUIRE((*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 3);
  CHECK(places[0].source_id == "front");
  CHECK(places[2].displayName == "(no conversation)");
  std::vector<std::string> seen;
  for (const auto& place : places) {
    REQUIRE((*mapper)->messages(place, true, [&](const MappedMessage& m) {
      seen.push_back(place.displayName + " " + std::string(m.record) + " " + std::string(m.content));
      if (m.outcome == MappedMessage::Outcome::parked) CHECK_THAT(std::string(m.reason), Contains("does not fit"));
      return true;
    }));
  }
  CHECK(seen == std::vector<std::string>{"front log.csv record 1 <p>a</p>", "front log.csv record 4 <p>d</p>",
                                         "back log.csv record 2 <p>b</p>", "(no conversation) log.csv record 3 "});
}

TEST_CASE("A room that cannot be mapped is parked itself, so that it is counted", "[mapper]") {
  Mapping mapping;
  mapping.folder.write("rooms.json", R"([{"name":"no id"},{"id":"C1","name":"general"}])");
  LuaMapper& mapper = mapping.open();
  std::vector<migrate::MappedPlace> places;
  REQUIRE(mapper.conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 2);
  CHECK_THAT(places[0].error, Contains("id is missing"));
  std::vector<std::string> records;
  REQUIRE(mapper.messages(places[0], false, [&](const MappedMessage& m) {
    CHECK(m.outcome != MappedMessage::Outcome::mapped);
    return records.emplace_back(m.record), true;
  }));
  CHECK(records == std::vector<std::string>{"rooms.json record 1"});
}

TEST_CASE("A list of rooms that cannot be read fails as a record of its own", "[mapper]") {
  Mapping mapping;
  mapping.folder.write("rooms.json", "<html>sign in</html>");
  LuaMapper& mapper = mapping.open();
  std::vector<migrate::MappedPlace> places;
  REQUIRE(mapper.conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 1);
  CHECK(places[0].record == "rooms.json");
  CHECK_THAT(places[0].error, Contains("cannot be read: rooms.json holds no JSON: it is a web page"));
}

TEST_CASE("Each refused file of data fails as a record of its own", "[mapper]") {
  Mapping mapping;
  mapping.folder.write("sub/ok.json", "[]");
  mapping.folder.write("C1\\2020-01-01.json", "[]");
  mapping.folder.write("logo\\1.png", "");
  LuaMapper& mapper = mapping.open();
  std::vector<migrate::MappedPlace> places;
  REQUIRE(mapper.conversations([&](const auto& place) { return places.push_back(place), true; }));
  REQUIRE(places.size() == 3);
  CHECK(places[2].record == "C1\\2020-01-01.json");
  CHECK_THAT(places[2].error, Contains("is not read: it holds a backslash"));
  CHECK(mapper.warnings().size() == 1);  // the picture
}
