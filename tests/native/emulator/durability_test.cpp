#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "native/emulator/emulator.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "emulator-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path state() const { return path / "state.jsonl"; }
  Options options() const {
    Options options = World::unlimited();
    options.data_dir = path.string();
    return options;
  }
  fs::path path;
};

void append(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

std::string refusal(const Options& options) {
  const auto opened = Router::open(options);
  return opened ? "" : opened.error().message;
}

}  // namespace

TEST_CASE("The folder of a new state is its owner's alone", "[durability]") {
  Folder folder;
  Options options = folder.options();
  options.data_dir = (folder.path / "new").string();
  World world(options);
  CHECK(fs::status(options.data_dir).permissions() == fs::perms::owner_all);
}

TEST_CASE("E165: a restarted emulator has all its state, and old tokens hold", "[durability]") {
  Folder folder;
  Options options = folder.options();
  options.ingestion_ids = GENERATE(false, true);
  World world(options);
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team, "größe");
  const std::string done = world.new_channel(team, "done");
  const User user = world.router->ensure_user("Gia Rossi", "gia@old.example").value();
  const std::string root = world.post(channel + "/messages", world.message_body()).body["id"];
  REQUIRE(world.post(channel + "/messages/" + root + "/replies", world.message_body("2019-02-05T00:00:00Z")).status ==
          200);
  REQUIRE(world.post(done + "/completeMigration").status == 204);
  for (int i = 0; i < 5; ++i) {
    world.post(channel + "/messages", world.message_body("2020-01-01T00:00:0" + std::to_string(i) + "Z"));
  }
  const std::vector<std::string> reads = {team,
                                          team + "/channels",
                                          channel + "/messages?$expand=replies",
                                          channel + "/messages/" + root + "/replies",
                                          done,
                                          "/users?$top=999",
                                          world.get(channel + "/messages?$top=2").body["@odata.nextLink"]};
  std::vector<json> before;
  for (const std::string& read : reads) before.push_back(world.get(read).body);

  world.restart();
  for (std::size_t i = 0; i < reads.size(); ++i) {
    INFO(reads[i]);
    const Reply reply = world.get(reads[i]);
    CHECK(reply.status == 200);
    CHECK(reply.body == before[i]);
  }
  CHECK(world.post(channel + "/messages", world.message_body()).status == 409);
  CHECK(world.post(channel + "/messages", world.message_body("2021-01-01T00:00:00Z"), "second").status == 403);
  CHECK(world.post(channel + "/messages", world.message_body("2021-01-01T00:00:00Z")).status == 200);
  CHECK(world.router->ensure_user("", "gia@old.example").value().displayName == "Gia Rossi");
}

TEST_CASE("E165: what a completed General or team bars stays barred", "[durability]") {
  Folder folder;
  World world(folder.options());
  const std::string early = world.new_team();
  const std::string channel = world.new_channel(early);
  world.post(world.general(early) + "/completeMigration");
  world.post(channel + "/completeMigration");
  const std::string gone = world.new_team();
  world.call("DELETE", "/groups/" + gone.substr(7));
  world.restart();
  CHECK(world.post(early + "/completeMigration").status == 400);
  CHECK(world.post(early + "/channels", world.channel_body("late")).status == 400);
  CHECK(world.get(gone).status == 404);
}

TEST_CASE("E165: members, roles, visible history and sessions are as before", "[durability]") {
  Folder folder;
  World world(folder.options());
  const std::string team = world.new_normal_team();
  REQUIRE(world.post(team + "/members", World::member(world.user(1), json::array())).status == 201);
  const std::string closed = world.new_normal_channel(team, {{"displayName", "quiet"},
                                                             {"membershipType", "private"},
                                                             {"members", json::array({World::member(world.user(0))})}});
  REQUIRE(world.post(closed + "/members", World::member(world.user(1), json::array())).status == 201);
  const std::string chat = world.new_chat();
  const std::string member = world.get(chat + "/members").body["value"][1]["id"];
  REQUIRE(world.call("DELETE", chat + "/members/" + member).status == 204);
  json again = World::member(world.user(1));
  again["visibleHistoryStartDateTime"] = "2019-01-01T00:00:00Z";
  REQUIRE(world.post(chat + "/members", again).status == 201);
  for (const char* date : {"2019-01-07T08:00:00Z", "2018-01-07T08:00:00Z"}) {
    REQUIRE(world.post(chat + "/startMigration", {{"conversationCreationDateTime", date}}).status == 204);
    REQUIRE(world.post(chat + "/completeMigration").status == 204);
  }
  REQUIRE(world.call("PATCH", team, {{"displayName", "Renamed"}}).status == 204);
  REQUIRE(world.call("PATCH", closed, {{"displayName", "hushed"}}).status == 204);
  const std::vector<std::string> reads = {team, team + "/members", closed, closed + "/members",
                                          "/chats?$expand=members"};
  std::vector<json> before;
  for (const std::string& read : reads) before.push_back(world.get(read).body);
  world.restart();
  for (std::size_t i = 0; i < reads.size(); ++i) {
    INFO(reads[i]);
    CHECK(world.get(reads[i]).body == before[i]);
  }
  CHECK(world.get(chat).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
}

TEST_CASE("The state of an older version is refused in plain words", "[durability]") {
  Folder folder;
  append(folder.state(), R"({"op":"tenant","version":1,"id":"x","key":"AAAA"})"
                         "\n");
  const std::string message = refusal(folder.options());
  CHECK_THAT(message, Catch::Contains("its state has version 1") && Catch::Contains("choose another folder"));
}

TEST_CASE("E165: a line that a kill left half written is cut off", "[durability]") {
  Folder folder;
  World world(folder.options());
  const std::string channel = world.new_channel(world.new_team());
  world.post(channel + "/messages", world.message_body());
  append(folder.state(), R"({"op":"message","conversation":"19:)");
  world.restart();
  CHECK(world.get(channel + "/messages").body["value"].size() == 1);
  CHECK(world.post(channel + "/messages", world.message_body("2020-01-01T00:00:00Z")).status == 200);
  world.restart();
  CHECK(world.get(channel + "/messages").body["value"].size() == 2);
}

TEST_CASE("A damaged state is refused with its line", "[durability]") {
  const std::string lines[] = {
      "nonsense",
      R"({"op":"complete","conversation":"x","at":1})",
      R"({"op":"dance"})",
      R"({"op":"add_member","in":"x","member":{"id":"a","user":"b","roles":[],"from":1},"at":1})",
      R"({"op":"message","conversation":"x","created":1,"id":1,"root":0,"stored":1,"content":{"a":1}})",
      R"({"op":"message","conversation":"x","created":)"};
  for (const std::string& line : lines) {
    INFO(line);
    Folder folder;
    { World world(folder.options()); }
    append(folder.state(), line + "\n");
    const std::string message = refusal(folder.options());
    CHECK_THAT(message, Catch::Contains("state.jsonl line 2"));
    CHECK_THAT(message, Catch::Contains("choose another folder"));
  }
}

TEST_CASE("A file of something else is not taken for a state", "[durability]") {
  Folder folder;
  append(folder.state(), "{\"op\":\"user\"}\n");
  CHECK_THAT(refusal(folder.options()), Catch::Contains("not the beginning"));
}

TEST_CASE("A second emulator on the same folder is refused", "[durability]") {
  Folder folder;
  World world(folder.options());
  CHECK_THAT(refusal(folder.options()), Catch::Contains("another emulator is running"));
}

TEST_CASE("The state holds the signing key, so it is for its owner alone", "[durability]") {
  Folder folder;
  World world(folder.options());
  struct stat info {};
  REQUIRE(stat(folder.state().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("A folder of somebody else's is refused, and nothing in it is touched", "[durability]") {
  Folder folder;
  std::filesystem::create_directories(folder.path);
  std::ofstream(folder.path / "ca.pem") << "theirs";
  CHECK_THAT(refusal(folder.options()), Catch::Contains("no folder of the emulator's, and holds ca.pem"));
  std::ifstream file(folder.path / "ca.pem");
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "theirs");
  CHECK_FALSE(std::filesystem::exists(folder.state()));
}

TEST_CASE("A folder that cannot be made is an error that names it", "[durability]") {
  Options options;
  options.data_dir = "/proc/no/such";
  CHECK_THAT(refusal(options), Catch::Contains("/proc/no/such"));
}

TEST_CASE("E165: a process that is killed loses nothing that it acknowledged", "[durability]") {
  Folder folder;
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    World world(folder.options());
    const std::string channel = world.new_channel(world.new_team());
    const std::string line = channel + "\n";
    bool good = write(pipe_ends[1], line.data(), line.size()) > 0;
    for (std::int64_t i = 0; good; ++i) {
      good = world.post(channel + "/messages", world.message_body(print_time(1577836800000 + i))).status == 200 &&
             write(pipe_ends[1], ".", 1) == 1;
    }
    _exit(1);
  }
  close(pipe_ends[1]);
  std::string acknowledged;
  char buffer[64];
  while (acknowledged.size() < 400) {
    const ssize_t got = read(pipe_ends[0], buffer, sizeof buffer);
    REQUIRE(got > 0);
    acknowledged.append(buffer, static_cast<std::size_t>(got));
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  for (ssize_t got = 1; got > 0;) {
    got = read(pipe_ends[0], buffer, sizeof buffer);
    if (got > 0) acknowledged.append(buffer, static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);

  World world(folder.options());
  const std::string channel = acknowledged.substr(0, acknowledged.find('\n'));
  const std::size_t count = acknowledged.size() - channel.size() - 1;
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(world.get(channel + "/messages/" + std::to_string(1577836800000 + static_cast<std::int64_t>(i))).status ==
          200);
  }
  CHECK(world.router->stats().imports == 0);
}

}  // namespace teamferry::emulator
