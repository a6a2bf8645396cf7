// What the options of one command promise, the next one keeps.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

Outcome teamferry_does(const TemporaryFolder& folder, const std::string& command,
                       const std::vector<std::string>& options) {
  std::vector<std::string> arguments{
      command, "slack", "--export", kSample, "--journal", folder / "journal.db", "--emulator-profile", "off", "--json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run(arguments, {}, std::chrono::seconds(120), folder.path());
}

}  // namespace

TEST_CASE("Private channels and direct messages arrive as what the user makes of them", "[options]") {
  TemporaryFolder folder;
  const Outcome asked = teamferry_does(folder, "run", {"--private", "private", "--direct", "chat", "--complete"});
  CHECK(asked.exit_code == 4);  // what is refused until somebody says more
  CHECK(asked.err.find("--confirm-existing") != std::string::npos);
  const Outcome outcome = teamferry_does(folder, "run", {"--confirm-existing", "--complete"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  CHECK(result.at("skipped_by_reason").count("conversation: private channel") == 0);
  CHECK(result.at("completed").at("chats") == 1);
  CHECK(result.at("verified").at("ok") == true);
  CHECK(sent_content(folder / "journal.db").count("new-roof") == 1);
}

TEST_CASE("Private channels are left behind unless the user says otherwise", "[options]") {
  TemporaryFolder folder;
  const Outcome outcome = teamferry_does(folder, "run", {"--complete"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(json::parse(outcome.last_line()).at("skipped_by_reason").at("conversation: private channel").get<int>() > 0);
  CHECK(sent_content(folder / "journal.db").count("new-roof") == 0);
}

TEST_CASE("A run that asks for something else than the plan is refused and sends nothing", "[options]") {
  TemporaryFolder folder;
  REQUIRE(teamferry_does(folder, "plan", {"--private", "standard"}).exit_code == 0);
  const Outcome refused = teamferry_does(folder, "run", {"--private", "skip"});
  INFO(refused.err);
  CHECK(refused.exit_code == 4);
  CHECK(refused.err.find("--private") != std::string::npos);
  CHECK(count(folder / "journal.db", "SELECT count(*) FROM message WHERE state = 2") == 0);
  CHECK(teamferry_does(folder, "run", {"--since", "2021-01-01"}).exit_code == 4);

  const Outcome as_planned = teamferry_does(folder, "run", {});
  INFO(as_planned.err);
  CHECK(as_planned.exit_code == 0);
  CHECK(as_planned.err.find("--private standard") != std::string::npos);
  CHECK(sent_content(folder / "journal.db").count("new-roof") == 1);
}

TEST_CASE("A narrower plan after sending still counts every record of the export once", "[options]") {
  TemporaryFolder folder;
  const Outcome wide = teamferry_does(folder, "run", {"--private", "standard"});
  INFO(wide.err);
  REQUIRE(wide.exit_code == 0);
  const auto records = json::parse(wide.last_line()).at("records").get<int>();
  const Outcome narrow = teamferry_does(folder, "plan", {"--since", "2021-01-01"});
  INFO(narrow.err);
  const json result = json::parse(narrow.last_line());
  CHECK(result.at("records") == records);
  CHECK(result.at("sent") == json::parse(wide.last_line()).at("sent"));
}

TEST_CASE("Options of the emulator inside are refused for any other target", "[options]") {
  TemporaryFolder folder;
  const Outcome outcome =
      teamferry_does(folder, "run", {"--graph-url", "http://127.0.0.1:1", "--login-url", "http://127.0.0.1:1"});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err.find("--emulator-profile is for the emulator inside this process") != std::string::npos);
}

TEST_CASE("A project's limits hold for its plan, and a slip in them is refused with the name that was meant",
          "[options]") {
  TemporaryFolder folder;
  write_file(folder / "limits.json", R"({"counts": {"channels_per_team": 2}})");
  const Outcome planned = teamferry_does(folder, "plan", {"--limits", folder / "limits.json"});
  INFO(planned.err);
  REQUIRE(planned.exit_code == 0);
  const json found = json::parse(planned.last_line()).at("limits");
  REQUIRE(found.size() == 1);
  CHECK(found[0].get<std::string>().find("the limit is 2 [counts.channels_per_team, ") != std::string::npos);

  write_file(folder / "limits.json", R"({"counts": {"channel_per_team": 2}})");
  const Outcome refused = teamferry_does(folder, "plan", {"--limits", folder / "limits.json"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("did you mean 'counts.channels_per_team'?") != std::string::npos);
}

TEST_CASE("Where others write too the role to read is asked for, and doubt has to be accepted without it",
          "[options]") {
  TemporaryFolder folder;
  write_file(folder / "seed.json", R"({
    "tenant": { "domain": "acme.example", "displayName": "Acme" },
    "apps": [ { "client_id": "0b9d6f5e-7c31-4d4e-9a83-5f6f2f6f7a10", "name": "blind", "secrets": ["blind-secret"],
      "roles": ["Teamwork.Migrate.All", "Team.ReadBasic.All", "Channel.ReadBasic.All", "Chat.Create",
                "Chat.ReadBasic.All", "ChatMember.ReadWrite.All", "TeamMember.ReadWrite.All", "User.Read.All"] } ],
    "users": [ { "displayName": "Ann", "mail": "ann@acme.example" }, { "displayName": "Bo", "mail": "bo@acme.example" } ]
  })");
  write_file(folder / "export/users.json", R"([{"id":"U1","name":"ann","profile":{"email":"ann@acme.example"}},
                                               {"id":"U2","name":"bo","profile":{"email":"bo@acme.example"}}])");
  write_file(folder / "export/channels.json", R"([{"id":"C1","name":"harbour","created":1500000000}])");
  write_file(folder / "export/dms.json", R"([{"id":"D1","created":1500000000,"members":["U1","U2"]}])");
  const std::string said = R"([{"type":"message","user":"U1","ts":"1503435956.000100","text":"hello"}])";
  write_file(folder / "export/harbour/2017-08-22.json", said);
  write_file(folder / "export/D1/2017-08-22.json", said);
  const Witness service(folder.path(), {"--profile", "off", "--seed", folder / "seed.json"});
  const auto migrate = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{
        "run",  "slack",      "--export",         folder / "export", "--journal", folder / "journal.db", "--direct",
        "chat", "--fallback", service.fallback(), "--pace",          "off",       "--confirm-existing",  "--json"};
    for (const auto& word : service.target()) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return run(words, service.environment(), std::chrono::seconds(120), folder.path());
  };
  const Outcome refused = migrate({});
  INFO(refused.err);
  CHECK(refused.exit_code != 0);
  CHECK(refused.err.find("ChatMessage.Read.All") != std::string::npos);
  CHECK(refused.err.find("--accept-doubt") != std::string::npos);
  CHECK(count(folder / "journal.db", "SELECT count(*) FROM message WHERE state = 2") == 0);
  const Outcome accepted = migrate({"--accept-doubt"});
  INFO(accepted.err);
  CHECK(accepted.exit_code == 0);
  CHECK(count(folder / "journal.db", "SELECT count(*) FROM message WHERE state = 2") == 2);
}
