// The questions to a tenant, tried against an emulator that answers as documented, and against one that does not.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

Outcome probe(const TemporaryFolder& folder, std::vector<std::string> words, const Environment& environment = {}) {
  words.insert(words.begin(), "probe");
  words.push_back("--json");
  return run(words, environment, std::chrono::seconds(300), folder.path());
}

// What differs, by name.
std::map<std::string, std::string> differing(const Outcome& outcome) {
  std::map<std::string, std::string> found;
  const json result = json::parse(outcome.last_line());
  for (const auto& row : result.at("answers")) {
    if (row.at("state") == "differs") found[row.at("name")] = row.at("answer");
  }
  return found;
}

const json& answer(const json& result, const std::string& name) {
  for (const auto& row : result.at("answers")) {
    if (row.at("name") == name) return row;
  }
  throw std::runtime_error("not asked at all: " + name);
}

}  // namespace

TEST_CASE("A service that answers as documented differs in nothing, and its scratch team is gone", "[probe]") {
  TemporaryFolder folder;
  const json tenant = {
      {"users",
       {{{"displayName", "Ada Park"}, {"mail", "ada.park@tenant.example"}},
        {{"displayName", "Vik Guest"}, {"mail", "vik@elsewhere.example"}, {"userType", "Guest"}},
        {{"displayName", "Lee Left"}, {"mail", "lee.left@tenant.example"}, {"accountEnabled", false}}}}};
  write_file(folder / "tenant.json", tenant.dump());
  Witness witness(folder.path(), {"--seed", folder / "tenant.json", "--speed", "30"});
  auto words = witness.target();
  for (const char* word : {"--yes", "--paced", "3"}) words.push_back(word);
  const Outcome outcome = probe(folder, words, witness.environment());
  INFO(outcome.out + outcome.err);
  CHECK(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  CHECK(differing(outcome).empty());
  CHECK(answer(result, "guest_author").at("answer") == "taken");
  CHECK(answer(result, "disabled_author").at("answer") == "taken");
  CHECK(answer(result, "message_bytes").at("state") == "as_known");
  CHECK(answer(result, "members_at_once").at("state") == "not_asked");
  CHECK(witness.content(false).empty());
}

TEST_CASE("Each way in which the service answers otherwise is told by its name", "[probe]") {
  const std::map<std::string, std::map<std::string, std::string>> variants = {
      {"parameter-names=lenient", {{"start_field_names", "conversationCreatedDateTime too"}}},
      {"v1-start=off", {{"start_version", "beta"}}},
      {"import-status=201", {{"import_status", "201"}}},
      {"channel-status=201", {{"channel_status", "201"}}},
      {"member-status=204", {{"member_status", "204"}}},
      {"empty-start=now", {{"start_without_date", "begins now"}, {"restart_without_date", "begins anew"}}},
      {"private-channel=refuse", {{"private_channel_born", "refused"}}},
      {"reactions=refuse", {{"reactions", "refused"}}},
      {"unknown-author=accept", {{"unknown_author", "taken"}}},
      {"early-status=400", {{"at_floor", "refused: 400"}, {"before_floor", "refused: 400"}}},
      {"v1-mode=absent", {{"mode_on_v1", "absent"}}},
      {"stray-mark=accept", {{"stray_mark", "taken"}}},
      {"adaptive-card=accept", {{"adaptive_card", "taken"}}},
      {"unused-image=accept", {{"unused_image", "taken"}}},
      {"too-large-status=400", {{"too_large_status", "refused: 400"}}},
      {"unknown-property=ignore", {{"unknown_property", "taken"}}}};
  std::vector<std::string> words{"--paced", "1", "--emulator-speed", "30"};
  std::map<std::string, std::string> expected;
  for (const auto& [variant, answers] : variants) {
    words.insert(words.end(), {"--emulator-variant", variant});
    expected.insert(answers.begin(), answers.end());
  }
  TemporaryFolder folder;
  const Outcome outcome = probe(folder, words);
  INFO(outcome.out + outcome.err);
  CHECK(outcome.exit_code == 3);
  CHECK(differing(outcome) == expected);
}

TEST_CASE("A service that is slower, or takes less, becomes a file of limits", "[probe]") {
  TemporaryFolder folder;
  write_file(folder / "believed.json", R"({"sizes": {"message_soft_bytes": 30000, "message_hard_bytes": 60000}})");
  const Outcome outcome = probe(folder, {"--paced", "12", "--emulator-profile", "table", "--emulator-speed", "30",
                                         "--limits", "believed.json", "--write-limits", "measured.json"});
  INFO(outcome.out + outcome.err);
  CHECK(outcome.exit_code == 3);
  const auto found = differing(outcome);
  CHECK(found.count("pace") == 1);
  CHECK(found.count("message_bytes") == 1);
  CHECK(json::parse(read_file(folder / "measured.json")) == json{{"sizes", {{"message_hard_bytes", 20000}}}});
}

TEST_CASE("Another application is refused, and what it was told is shown", "[probe]") {
  TemporaryFolder folder;
  Witness witness(folder.path(), {"--speed", "30"});
  auto words = witness.target();
  words.insert(words.end(), {"--yes", "--paced", "0", "--leave-open"});
  const Outcome first = probe(folder, words, witness.environment());
  INFO(first.out + first.err);
  CHECK(first.exit_code == 0);
  const std::string command = "teamferry probe --second-app ";
  REQUIRE_THAT(first.err, Contains(command));
  const std::string team = first.err.substr(first.err.find(command) + command.size(), 36);
  auto other = witness.environment();
  other["AZURE_CLIENT_ID"] = "b85d7e40-92c1-4f6b-a3de-1c70f4825b96";
  other["AZURE_CLIENT_SECRET"] = "emulator-second-secret";
  words = witness.target();
  words.insert(words.end(), {"--yes", "--second-app", team});
  const Outcome second = probe(folder, words, other);
  INFO(second.out + second.err);
  CHECK(second.exit_code == 0);
  const json result = json::parse(second.last_line());
  CHECK(answer(result, "other_app_import").at("answer") == "refused: 403");
  CHECK(answer(result, "other_app_complete").at("answer") == "refused: 403");
}

TEST_CASE("Nothing is made in a tenant before somebody says yes", "[probe]") {
  TemporaryFolder folder;
  Witness witness(folder.path(), {});
  const Outcome outcome = probe(folder, witness.target(), witness.environment());
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.err, Contains("say --yes"));
  CHECK(witness.content(false).empty());
}
