// Death at every moment that matters (tests/support/crash_points.cpp), resumed, and dead once more on the way: the
// service and the journal end up as if nothing had happened. By default some deaths of a small migration, since
// tests/native/migrate/mortal_test.cpp dies more often and faster;
//
//   TEAMFERRY_CRASH_POINTS=all test_end_to_end "[crash]"
//
// dies at each moment of the whole sample, against three services.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";
constexpr long kStep = 11;
constexpr long kWideStep = 31;
constexpr long kRoadStep = 17;
constexpr int kKilled = 128 + 9;

using Words = std::vector<std::string>;

bool all_points() {
  const char* points = std::getenv("TEAMFERRY_CRASH_POINTS");
  return points && std::string(points) == "all";
}

// General and two more channels, with threads and a clash of times.
void write_small_export(const std::string& folder) {
  json channels = json::array();
  for (const std::string name : {"general", "harbour", "workshop"}) {
    channels.push_back({{"id", "C" + name}, {"name", name}, {"created", 1500000000}});
    json messages = json::array();
    for (int m = 0; m < 5; ++m) {
      const std::string ts = std::to_string(1503435956 + 60 * (m / 2)) + ".00010" + std::to_string(m);
      json message{{"type", "message"}, {"user", "U1"}, {"ts", ts}, {"text", name + " " + std::to_string(m)}};
      if (m > 2) message["thread_ts"] = "1503435956.000100";
      messages.push_back(std::move(message));
    }
    write_file(folder + "/" + name + "/2017-08-22.json", messages.dump());
  }
  write_file(folder + "/channels.json", channels.dump());
  write_file(folder + "/users.json", R"([{"id":"U1","name":"ann","profile":{"real_name":"Ann Lee"}}])");
}

// A private channel and a group chat of Ann and Bo, whom the tenant knows, and of Cy, who joins the chat at the end.
void write_export_of_both_roads(const std::string& folder) {
  const auto room = [&](const char* list, const char* id, const char* name, const json& members) {
    write_file(folder + "/" + list + ".json",
               json::array({{{"id", id}, {"name", name}, {"created", 1500000000}, {"members", members}}}).dump());
    json messages = json::array();
    for (int m = 0; m < 3; ++m) {
      messages.push_back({{"type", "message"},
                          {"user", m % 2 == 0 ? "U1" : "U2"},
                          {"ts", std::to_string(1503435956 + m) + ".000100"},
                          {"text", std::string(name) + " " + std::to_string(m)}});
    }
    write_file(folder + "/" + name + "/2017-08-22.json", messages.dump());
  };
  room("channels", "C1", "harbour", {"U1"});
  room("groups", "G1", "secret", {"U1", "U2"});
  room("mpims", "G2", "mpdm-ann--bo--cy-1", {"U1", "U2", "U3"});
  json users = json::array();
  for (const auto& [id, name] : std::map<std::string, std::string>{{"U1", "ann"}, {"U2", "bo"}, {"U3", "cy"}}) {
    users.push_back({{"id", id}, {"name", name}, {"profile", {{"email", name + "@acme.example"}}}});
  }
  write_file(folder + "/users.json", users.dump());
}

constexpr char kPeople[] = R"({
  "tenant": { "domain": "acme.example", "displayName": "Acme" },
  "users": [
    { "displayName": "Ann", "mail": "ann@acme.example", "id": "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c31" },
    { "displayName": "Bo", "mail": "bo@acme.example", "id": "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c32" },
    { "displayName": "Cy", "mail": "cy@acme.example", "id": "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c33" } ]
})";

// One migration: an emulator of its own, a journal of its own. `more`: further words of the run.
struct Migration {
  explicit Migration(const Words& options, Words more_words = {})
      : service(folder.path(), options), more(std::move(more_words)) {
    if (!more.empty()) {
      write_export_of_both_roads(folder / "export");
    } else if (!all_points()) {
      write_small_export(folder / "export");
    }
  }

  Outcome start(Environment added) {
    Environment environment = service.environment();
    added["LD_PRELOAD"] = TEAMFERRY_BINARY_DIR "/tests/libcrash_points.so";
    // The sanitizer's library asks to be the first; being the second costs it nothing here.
    added["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0";
    environment.insert(added.begin(), added.end());
    const std::string exported = all_points() && more.empty() ? kSample : folder / "export";
    Words words{"run", "slack", "--export", exported, "--journal", folder / "journal.db", "--complete", "--json"};
    for (const auto& word : service.target()) words.push_back(word);
    words.insert(words.end(), {"--fallback", service.fallback(), "--pace", "off"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words, environment, std::chrono::seconds(300), folder.path());
  }
  Outcome die_at(long moment) { return start({{"CRASH_AT", std::to_string(moment)}}); }

  TemporaryFolder folder;
  Witness service;
  Words more;
};

// Dies at every so many moments of a migration, and again on the way back; the end is as if nothing had happened.
void die_everywhere(const Words& emulator, const Words& more, long step) {
  Migration calm(emulator, more);
  const std::string counted = calm.folder / "moments";
  const Outcome undisturbed = calm.start({{"CRASH_COUNT", counted}});
  INFO(undisturbed.err);
  REQUIRE(undisturbed.exit_code == 0);
  const Content expected = calm.service.content(true);
  const json whole = json::parse(undisturbed.last_line());
  const long moments = std::stol(read_file(counted));
  REQUIRE(moments > 50);

  std::mt19937 random(20190204);
  int deaths = 0;
  for (long moment = 1; moment <= moments; moment += step) {
    const long second = std::uniform_int_distribution<long>(1, moments - moment + 30)(random);
    INFO("dead at " << moment << " of " << moments << ", then at " << second);
    Migration migration(emulator, more);
    for (const long at : {moment, second}) {
      const Outcome outcome = migration.die_at(at);
      if (outcome.exit_code == kKilled) ++deaths;
      if (outcome.exit_code != kKilled && outcome.exit_code != 0) FAIL(outcome.err);
    }
    const Outcome last = migration.start({});
    INFO(last.err);
    REQUIRE(last.exit_code == 0);
    const json result = json::parse(last.last_line());
    CHECK(result.at("failed") == 0);
    CHECK(result.at("sent") == whole.at("sent"));
    CHECK(result.at("skipped") == whole.at("skipped"));
    CHECK(migration.service.content(true) == expected);
  }
  CHECK(deaths > moments / step);
}

}  // namespace

TEST_CASE("Dead at any moment, and again on the way back, a migration ends with the same content", "[crash]") {
  const auto options = GENERATE(Words{"--ids", "epoch"}, Words{"--ids", "ingestion"},
                                Words{"--ids", "ingestion", "--read-lag", "5", "--speed", "60"});
  Words emulator{"--profile", "off"};
  emulator.insert(emulator.end(), options.begin(), options.end());
  INFO(Catch::Detail::stringify(options));
  die_everywhere(emulator, {}, all_points() ? 1 : options[1] == "epoch" ? kStep : kWideStep);
}

TEST_CASE("Dead at any moment of both roads, everything is made once and everybody sees the history",
          "[crash][roads]") {
  TemporaryFolder folder;
  write_file(folder / "people.json", kPeople);
  const Words both{"--private", "private", "--direct", "group"};
  die_everywhere({"--profile", "off", "--seed", folder / "people.json"}, both, all_points() ? 1 : kRoadStep);
}
