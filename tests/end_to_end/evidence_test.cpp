// What verify leaves behind convinces somebody who has neither the journal nor the tenant.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"
#include "tests/support/key_files.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

Outcome checked(const TemporaryFolder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words{"verify", "--evidence", folder / "acme-verified.jsonl", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return run(words, {}, std::chrono::seconds(60), folder.path());
}

}  // namespace

TEST_CASE("Evidence is left beside the journal, signed, and checked without it", "[evidence]") {
  TemporaryFolder folder, elsewhere;
  write_file(folder / "key.pem", rsa_pair().key);
  const Outcome sent = run({"run", "slack", "--export", kSample, "--journal", folder / "acme.db", "--complete",
                            "--emulator-profile", "off", "--evidence-key", folder / "key.pem", "--json"},
                           {}, std::chrono::seconds(120), folder.path());
  INFO(sent.err);
  REQUIRE(sent.exit_code == 0);
  const json evidence = json::parse(sent.last_line()).at("evidence");
  const std::string name = "acme-verified.jsonl";
  write_file(elsewhere / name, read_file(folder / name));
  write_file(elsewhere / (name + ".sig"), read_file(folder / (name + ".sig")));
  write_file(elsewhere / "ours.pem", rsa_pair().certificate);
  write_file(elsewhere / "other.pem", make_ec_pair().certificate);

  const Outcome holds = checked(elsewhere, {"--key", elsewhere / "ours.pem", "--head", evidence.at("head")});
  INFO(holds.err);
  CHECK(holds.exit_code == 0);
  const json said = json::parse(holds.last_line()).at("evidence");
  CHECK(said.at("signature_holds") == true);
  CHECK(said.at("by_state").at("sent") == json::parse(sent.last_line()).at("messages"));
  CHECK(checked(elsewhere, {"--key", elsewhere / "other.pem"}).exit_code == 3);

  std::string content = read_file(elsewhere / name);
  content.replace(content.find("equal"), 5, "EQUAL");
  write_file(elsewhere / name, content);
  const Outcome touched = checked(elsewhere, {});
  CHECK(touched.exit_code == 3);
  CHECK(touched.err.find("was changed after it was written") != std::string::npos);
}
