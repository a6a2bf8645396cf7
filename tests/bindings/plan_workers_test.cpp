// A plan does not tell how many workers made it, nor in which order they took the conversations.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bindings/lua_mapper.h"
#include "native/base/sha256.h"
#include "native/journal/sqlite.h"
#include "native/migrate/plan.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;

namespace {

namespace fs = std::filesystem;

// A tenant that knows everybody who is asked for.
class Everybody : public migrate::Directory {
 public:
  Result<std::vector<std::optional<migrate::DirectoryUser>>> find(const std::vector<std::string>& whom) override {
    std::vector<std::optional<migrate::DirectoryUser>> found;
    for (const auto& who : whom) {
      const std::string hash = sha256_hex(who);
      found.push_back(migrate::DirectoryUser{fmt::format("{}-0000-4000-8000-{}", hash.substr(0, 8), hash.substr(8, 12)),
                                             who, who, who});
    }
    return found;
  }
};

// The same export, its conversations in the reverse order.
class Reversed : public migrate::Mapper {
 public:
  explicit Reversed(migrate::Mapper& mapper) : mapper_(mapper) {}
  Status people(const migrate::PersonSink& sink) override { return mapper_.people(sink); }
  Status conversations(const migrate::PlaceSink& sink) override { return mapper_.conversations(sink); }
  Status messages(const migrate::MappedPlace& place, bool map, const migrate::MessageSink& sink) override {
    return mapper_.messages(place, map, sink);
  }
  std::vector<std::string> warnings() override { return mapper_.warnings(); }
  std::uint64_t size_of(const migrate::MappedPlace&) override { return ++asked_; }
  Another another() override { return mapper_.another(); }
  void on_proven(std::function<void()> proven) override { mapper_.on_proven(std::move(proven)); }

 private:
  migrate::Mapper& mapper_;
  std::uint64_t asked_ = 0;
};

struct How {
  std::size_t workers = 1;
  bool reversed = false;
};

// Everything that a plan wrote, as text, without what time and chance put there; or the error.
std::string dump(const std::string& path) {
  journal::Database db(path, journal::Database::Mode::read);
  static const std::map<std::string, std::string> kTables = {
      {"meta", "key || '=' || value"},
      {"team", "id || '|' || displayName || '|' || body || '|' || state"},
      {"person",
       "id || '|' || name || '|' || mail || '|' || decision || '|' || target || '|' || graph_id || '|' || messages"},
      {"conversation",
       "id || '|' || source_id || '|' || displayName || '|' || kind || '|' || reason || '|' || team || '|' || "
       "body || '|' || floor || '|' || type"},
      {"member", "team || '|' || conversation || '|' || user || '|' || owner"},
      {"message",
       "id || '|' || key || '|' || record || '|' || state || '|' || coalesce(time, '-') || '|' || "
       "coalesce(root, '-') || '|' || coalesce(reason, '-') || '|' || added"},
      {"body", "id || '|' || json"},
      {"loss", "message || '|' || ordinal || '|' || kind || '|' || detail"},
      {"finding", "kind || '|' || message || '|' || text"},
      {"counter", "conversation || '|' || kind || '|' || name || '|' || n"}};
  std::string text;
  for (const auto& [table, columns] : kTables) {
    journal::Statement rows(db, ("SELECT " + columns + " FROM " + table + " ORDER BY 1").c_str());
    while (rows.step()) text += fmt::format("{}: {}\n", table, rows.text(0));
  }
  return text;
}

std::string planned(const ScriptPlace& script, const std::map<std::string, std::string>& args, const How& how) {
  LuaMapper::Options options;
  options.script = script;
  options.args = args;
  options.survey = true;
  auto mapper = LuaMapper::open(std::move(options));
  if (!mapper) return "error: " + mapper.error().message;
  const Folder folder;
  const std::string path = folder / "journal.db";
  const SystemClock clock;
  Everybody directory;
  migrate::PlanOptions plan;
  plan.clock = &clock;
  plan.team = "Archive";
  plan.people.fallback = "fallback@acme.example";
  plan.workers = how.workers;
  std::string told;
  {
    auto opened = journal::Journal::open(path);
    REQUIRE(opened);
    (*opened)->set_meta("project", "the same").value();
    Reversed reversed(**mapper);
    migrate::Mapper& used = how.reversed ? static_cast<migrate::Mapper&>(reversed) : **mapper;
    const auto summary = migrate::plan(used, directory, **opened, plan);
    if (!summary) return "error: " + summary.error().message;
    told = fmt::format("records: {}\n", summary->records);
    for (const auto& warning : summary->warnings) told += "warning: " + warning + "\n";
    for (const auto& [name, made] : (*mapper)->constructs()) {
      told += fmt::format("construct: {} {} {}\n", name, made.count, made.messages);
    }
  }
  return told + dump(path);
}

// How often the plan came out alike: an export that a script does not read is none.
bool comes_out_alike(const ScriptPlace& script, const std::map<std::string, std::string>& args) {
  const std::string alone = planned(script, args, {});
  if (alone.starts_with("error: ") || alone.starts_with("records: 0\n")) return false;
  for (const How how : {How{2}, How{7}, How{1, true}, How{3, true}}) {
    CAPTURE(how.workers, how.reversed);
    const std::string text = planned(script, args, how);
    const auto [ours, theirs] = std::mismatch(alone.begin(), alone.end(), text.begin(), text.end());
    if (ours == alone.end() && theirs == text.end()) continue;
    const auto from = [](const std::string& whole, std::string::const_iterator at) {
      const auto back = std::min<std::ptrdiff_t>(at - whole.begin(), 200);
      return std::string(at - back, std::min(at + 200, whole.end()));
    };
    INFO("alone:   " << from(alone, ours) << "\nothers:  " << from(text, theirs));
    CHECK(false);
    break;
  }
  return true;
}

// Folders of exports below one of a platform.
std::vector<std::string> candidates(const fs::path& folder, int depth) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    found.push_back(entry.path().string());
    if (!entry.is_directory() || depth == 0) continue;
    for (auto& further : candidates(entry.path(), depth - 1)) found.push_back(std::move(further));
  }
  std::sort(found.begin(), found.end());
  return found;
}

const std::vector<std::string> kPlatforms = {"discord", "google_chat", "hipchat",  "mattermost", "rocketchat",
                                             "slack",   "teams",       "telegram", "whatsapp",   "zulip"};

}  // namespace

TEST_CASE("A plan of our samples is the same with any number of workers", "[workers]") {
  const std::string examples = TEAMFERRY_SOURCE_DIR "/examples/";
  std::set<std::string> samples = {"discord_html", "google_chat_api", "rocketchat_mongodump"};
  samples.insert(kPlatforms.begin(), kPlatforms.end());
  for (const auto& sample : samples) {
    INFO(sample);
    const std::string place = sample == "slack" ? "sample-export" : "sources/" + sample;
    const auto platform = std::find_if(kPlatforms.begin(), kPlatforms.end(),
                                       [&](const std::string& name) { return sample.starts_with(name); });
    CHECK(comes_out_alike({".", "", *platform}, {{"export", examples + place}, {"direct", "group"}}));
  }
}

TEST_CASE("A plan of real exports is the same with any number of workers", "[workers][fixtures]") {
  const char* set = std::getenv("TEAMFERRY_FIXTURES");
  const fs::path fixtures = set ? set : TEAMFERRY_SOURCE_DIR "/../shared/fixtures";
  if (!fs::is_directory(fixtures)) {
    WARN("skipped: no real exports at " << fixtures << "; set TEAMFERRY_FIXTURES");
    SUCCEED("no fixtures here");
    return;
  }
  std::set<std::string> read;
  for (const auto& platform : kPlatforms) {
    for (const auto& path : candidates(fixtures / platform, platform == "slack" ? 0 : 2)) {
      INFO(platform << " " << path);
      const ScriptPlace script{".", "", platform};
      if (comes_out_alike(script, {{"export", path}, {"direct", "group"}, {"private", "group"}})) read.insert(platform);
    }
  }
  CHECK(read.size() > 6);  // not every folder there is an export
}
