#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "native/base/sha256.h"
#include "native/migrate/evidence_journal.h"
#include "program.h"
#include "world.h"

using namespace teamferry;
using migrate::check_evidence;
using nlohmann::json;

namespace {

using Lines = std::vector<std::string>;

// PEM files of both halves of a key.
struct KeyFiles {
  KeyFiles(const std::string& folder, const std::string& name, EVP_PKEY* made)
      : secret(folder + "/" + name + ".pem"), open(folder + "/" + name + ".pub.pem") {
    const std::shared_ptr<EVP_PKEY> key(made, &EVP_PKEY_free);
    const auto file = [](const std::string& path) {
      return std::unique_ptr<FILE, int (*)(FILE*)>(fopen(path.c_str(), "w"), &fclose);
    };
    PEM_write_PrivateKey(file(secret).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    PEM_write_PUBKEY(file(open).get(), key.get());
  }
  std::string secret, open;
};

// A migration that was sent and verified, with evidence of it.
struct Witnessed : fake::World {
  explicit Witnessed(bool with_key = true) {
    options.evidence_file = folder + "/sent.jsonl";
    if (with_key) options.evidence_key = key.secret;
    random_plan(11, 40);
    fake::Life(*this, 1).run();
    summary = fake::Life(*this, 2).verify().value();
  }
  const std::string& path() const { return options.evidence_file; }

  Lines lines() const {
    std::ifstream file(path());
    Lines all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  void write(const Lines& lines, const std::string& tail = "") const {
    std::ofstream file(path(), std::ios::binary | std::ios::trunc);
    for (const auto& line : lines) file << line << '\n';
    file << tail;
  }
  // The same lines as somebody leaves them who knows how the chain is made.
  void forge(Lines lines) const {
    std::string chain;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      auto line = nlohmann::ordered_json::parse(lines[i]);
      line.erase("chain");
      line["line"] = i + 1;
      std::string text = line.dump();
      text.pop_back();
      chain = sha256_hex(chain + text);
      lines[i] = text + R"(,"chain":")" + chain + "\"}";
    }
    write(lines);
  }
  std::optional<journal::MessageRow> row_with(const std::string& graph_id) const {
    for (const auto& row : journal->messages_in({journal::State::sent}, 1000)) {
      if (row.graph_id == graph_id) return row;
    }
    return std::nullopt;
  }
  std::string complaint(const std::string& public_key = "", const std::string& head = "") const {
    const auto checked = check_evidence({path(), public_key, head});
    if (checked) return "";
    CHECK(checked.error().code == "evidence_broken");
    return checked.error().message.substr(path().size() + 2);
  }

  fake::TemporaryFile place;
  std::string folder = std::filesystem::path(place.path).parent_path().string();
  KeyFiles key{folder, "ours", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  migrate::VerifySummary summary;
};

}  // namespace

TEST_CASE("Evidence holds as it was written, and tells what was planned, sent and read", "[evidence]") {
  Witnessed w;
  REQUIRE(w.summary.evidence);
  const auto checked = check_evidence({w.path(), w.key.open, w.summary.evidence->head}).value();
  CHECK(checked.lines == w.summary.evidence->lines);
  CHECK(checked.head == w.summary.evidence->head);
  CHECK(checked.signature_holds);
  CHECK(checked.ok == true);
  CHECK(checked.command == "verify");
  CHECK(checked.by_state == std::map<std::string, std::int64_t>{{"sent", 40}});
  int messages = 0;
  for (const auto& line : w.lines()) {
    const auto object = json::parse(line);
    if (object.at("kind") != "message") continue;
    ++messages;
    const auto row = w.row_with(object.at("id"));
    REQUIRE(row);
    CHECK(object.at("body") == sha256_hex(row->body));
    CHECK(object.at("sent") == sha256_hex(journal::full_body(row->body, row->time)));
    CHECK(object.at("found") == "equal");
    CHECK(object.at("read").get<std::string>().size() == 64);
  }
  CHECK(messages == 40);
  const auto mode = std::filesystem::status(w.path()).permissions();
  CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}

TEST_CASE("Whatever befalls a line of evidence is found there", "[evidence]") {
  Witnessed w;
  Lines lines = w.lines();
  const auto starts = [&w](const std::string& text) {
    const std::string said = w.complaint();
    INFO(said);
    return said.starts_with(text);
  };
  SECTION("removed") {
    lines.erase(lines.begin() + 6);
    w.write(lines);
    CHECK(starts("line 7 is not there, line 8 stands in its place"));
  }
  SECTION("changed by one character") {
    lines[9][lines[9].find("\"state\"") + 9] = 'S';
    w.write(lines);
    CHECK(starts("line 10 was changed"));
  }
  SECTION("changed in its chain") {
    auto& line = lines[9];
    line[line.size() - 3] = line[line.size() - 3] == '0' ? '1' : '0';
    w.write(lines);
    CHECK(starts("line 10 was changed"));
  }
  SECTION("swapped with the next") {
    std::swap(lines[4], lines[5]);
    w.write(lines);
    CHECK(starts("line 5 is not there, line 6 stands in its place"));
  }
  SECTION("doubled") {
    lines.insert(lines.begin() + 5, lines[4]);
    w.write(lines);
    CHECK(starts("line 6 is another line 5"));
  }
  SECTION("the end is cut off between lines") {
    lines.pop_back();
    w.write(lines);
    CHECK(starts("line " + std::to_string(lines.size()) + " is the last, and does not end"));
  }
  SECTION("the end is cut off within a line") {
    const std::string half = lines.back().substr(0, 30);
    lines.pop_back();
    w.write(lines, half);
    CHECK(starts("line " + std::to_string(lines.size() + 1) + " has no end"));
  }
  SECTION("the beginning is cut off") {
    lines.erase(lines.begin());
    w.write(lines);
    CHECK(starts("line 1 is not there"));
  }
  SECTION("appended") {
    w.write(lines, R"({"line":999,"kind":"message"})"
                   "\n");
    CHECK(starts("line " + std::to_string(lines.size() + 1) + " was appended"));
  }
  SECTION("appended without an end") {
    w.write(lines, "x");
    CHECK(starts("line " + std::to_string(lines.size() + 1) + " was appended"));
  }
  SECTION("all of it") {
    w.write({});
    CHECK(starts("line 1 is missing"));
  }
  SECTION("nothing that was evidence ever") {
    w.write({"hello"});
    CHECK(starts("line 1 is no line of evidence"));
    w.write({}, std::string(2u << 20, 'x'));
    CHECK(starts("line 1 is longer than any"));
  }
}

TEST_CASE("Who makes the chain anew is found by the head and by the signature", "[evidence]") {
  Witnessed w;
  const std::string head = w.summary.evidence->head;
  Lines lines = w.lines();
  SECTION("with a message less, which the end counts") {
    lines.erase(std::find_if(lines.begin(), lines.end(),
                             [](const auto& line) { return line.find(R"("kind":"message")") != line.npos; }));
    w.forge(lines);
    CHECK(w.complaint().find("counts other messages") != std::string::npos);
  }
  SECTION("with another id") {
    for (auto& line : lines) {
      if (const auto at = line.find(R"("id":"1)"); at != line.npos) line[at + 6] = '7';
    }
    w.forge(lines);
    const std::string last = "line " + std::to_string(lines.size());
    CHECK(w.complaint().empty());
    CHECK(w.complaint("", head).starts_with(last + " ends another chain"));
    CHECK(w.complaint(w.key.open).starts_with(last + " is not what"));
  }
}

TEST_CASE("A signature holds for its own file and its own key alone", "[evidence]") {
  Witnessed w;
  const std::string last = "line " + std::to_string(w.lines().size());
  const KeyFiles other(w.folder, "other", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CHECK(w.complaint(w.key.open).empty());
  CHECK(w.complaint(other.open).starts_with(last + " names the key "));
  SECTION("the signature is missing") {
    std::filesystem::remove(w.path() + ".sig");
    CHECK(w.complaint(w.key.open).starts_with(last + " was signed, and the signature "));
  }
  SECTION("the signature is another's") {
    std::ofstream(w.path() + ".sig") << std::string(64, 'x');
    CHECK(w.complaint(w.key.open).starts_with(last + " is not what "));
  }
  SECTION("evidence that was not signed cannot be claimed to be") {
    Witnessed plain(false);
    CHECK_FALSE(std::filesystem::exists(plain.path() + ".sig"));
    CHECK(plain.complaint(w.key.open).find("was not signed") != std::string::npos);
  }
  SECTION("RSA and EC keys sign as well") {
    for (const KeyFiles& key :
         {KeyFiles(w.folder, "rsa", EVP_RSA_gen(2048)), KeyFiles(w.folder, "ec", EVP_EC_gen("P-256"))}) {
      w.options.evidence_key = key.secret;
      REQUIRE(fake::Life(w, 3).verify().value().evidence);
      CHECK(w.complaint(key.open).empty());
      CHECK_FALSE(w.complaint(other.open).empty());
    }
  }
  SECTION("a key that cannot sign is named before anything is read") {
    const KeyFiles small(w.folder, "small", EVP_RSA_gen(1024));
    w.options.evidence_key = small.secret;
    CHECK(fake::Life(w, 3).verify().error().message.find("1024 bits") != std::string::npos);
    w.options.evidence_key = w.key.open;
    CHECK(fake::Life(w, 3).verify().error().message.find("no private key") != std::string::npos);
    CHECK(w.complaint(w.key.open).empty());  // the evidence before stays
  }
}

TEST_CASE("Evidence tells what was not found as it was sent", "[evidence]") {
  Witnessed w;
  auto& channels = w.store.teams.front().channels;
  auto& channel = *std::find_if(channels.begin(), channels.end(), [](const auto& c) { return c.messages.size() > 3; });
  channel.messages.pop_back();
  channel.messages.front().content = "<p>something else</p>";
  const std::string changed = channel.messages.front().id;
  const auto summary = fake::Life(w, 3).verify().value();
  CHECK_FALSE(summary.ok());
  const auto checked = check_evidence({w.path(), "", ""}).value();
  CHECK(checked.ok == false);
  std::map<std::string, int> found;
  for (const auto& line : w.lines()) {
    const auto object = json::parse(line);
    if (object.at("kind") != "message") continue;
    ++found[object.at("found")];
    if (object.at("found") == "missing") CHECK_FALSE(object.contains("read"));
    if (object.at("id") == changed && object.at("found") != "equal") CHECK(object.contains("read"));
  }
  CHECK(found["missing"] >= 1);
  CHECK(found["text"] == 1);
  CHECK(found["equal"] == 40 - found["missing"] - found["text"]);
}

TEST_CASE("Evidence names the one before it, and a plan that was never sent is evidence too", "[evidence]") {
  Witnessed w;
  const auto written = migrate::write_evidence(*w.journal, "complete", DateTime{0}, w.path(), "").value();
  CHECK(json::parse(w.lines().front()).at("previous") == w.summary.evidence->head);
  const auto checked = check_evidence({w.path(), "", written.head}).value();
  CHECK_FALSE(checked.ok);
  CHECK(checked.key.empty());
  CHECK_FALSE(std::filesystem::exists(w.path() + ".sig"));
}
