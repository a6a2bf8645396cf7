// A later and wider export on top of a migration that was completed: only what is new goes out.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

json said(const std::string& user, const std::string& ts, const std::string& text, const std::string& thread = "") {
  json message = {{"type", "message"}, {"user", user}, {"ts", ts}, {"text", text}};
  if (!thread.empty()) message["thread_ts"] = thread;
  return message;
}

// An export of Slack with one room, by days.
void write_export(const std::string& folder, const std::map<std::string, json>& days) {
  std::filesystem::create_directories(folder + "/general");
  write_file(
      folder + "/users.json",
      json::array({{{"id", "U1"}, {"name", "ada"}, {"profile", {{"email", "ada@acme.example"}, {"real_name", "Ada"}}}},
                   {{"id", "U2"}, {"name", "bo"}, {"profile", {{"email", "bo@acme.example"}, {"real_name", "Bo"}}}}})
          .dump());
  write_file(
      folder + "/channels.json",
      json::array({{{"id", "C1"}, {"name", "general"}, {"created", 1549200000}, {"members", {"U1", "U2"}}}}).dump());
  for (const auto& [day, messages] : days) write_file(folder + "/general/" + day + ".json", messages.dump());
}

json does(const TemporaryFolder& folder, const std::string& command, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{command,
                                 "slack",
                                 "--export",
                                 folder / "export",
                                 "--journal",
                                 folder / "acme.db",
                                 "--emulator-profile",
                                 "off",
                                 "--emulator-speed",
                                 "120",
                                 "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = run(words, {}, std::chrono::seconds(120), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return json::parse(outcome.last_line());
}

}  // namespace

TEST_CASE("A later export adds new messages, new replies and older ones to what was completed", "[delta]") {
  TemporaryFolder folder;
  std::map<std::string, json> days{
      {"2019-02-04", json::array({said("U1", "1549281600.000100", "root", "1549281600.000100"),
                                  said("U2", "1549281660.000200", "reply", "1549281600.000100"),
                                  said("U1", "1549281720.000300", "will be edited")})}};
  write_export(folder / "export", days);
  const json first = does(folder, "run", {"--complete"});
  CHECK(first.at("verified").at("ok") == true);
  const int sent = first.at("messages");
  REQUIRE(sent == 3);

  days["2019-02-04"][2]["text"] = "was edited";
  days["2019-02-05"] = json::array({said("U2", "1549368000.000100", "a new reply to the old root", "1549281600.000100"),
                                    said("U2", "1549368060.000200", "a new message")});
  days["2018-01-02"] = json::array({said("U1", "1514894400.000100", "older than all that was there")});
  write_export(folder / "export", days);

  const json planned = does(folder, "plan");
  CHECK(planned.at("delta") == json({{"new", 3}, {"changed", 1}, {"gone", 0}, {"forgotten", 0}}));
  CHECK(planned.at("sent") == 3);
  const json second = does(folder, "run", {"--complete"});
  CHECK(second.at("messages") == 6);
  CHECK(second.at("failed") == 0);
  CHECK(second.at("verified").at("ok") == true);
  CHECK(count(folder / "acme.db", "SELECT count(*) FROM message WHERE state = 2") == 6);
  CHECK(count(folder / "acme.db", "SELECT count(DISTINCT graph_id) FROM message WHERE state = 2") == 6);
  CHECK(count(folder / "acme.db", "SELECT count(*) FROM conversation WHERE state = 'completed'") == 1);

  const json third = does(folder, "plan");
  CHECK(third.at("delta").at("new") == 0);
}
