#include "bindings/project.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "bindings/stop.h"
#include "native/archive/archive.h"
#include "native/base/sha256.h"
#include "native/http/curl_loop.h"
#include "native/journal/disk.h"
#include "native/migrate/engine.h"
#include "native/migrate/evidence_journal.h"
#include "native/migrate/preflight.h"

namespace teamferry::bindings {

namespace fs = std::filesystem;

namespace {

migrate::DirectoryUser directory_user(const emulator::User& user) {
  return {user.id, user.displayName, user.userPrincipalName, user.mail, user.userType == "Guest", user.accountEnabled};
}

// Asks Graph for users, a batch at a time.
class GraphDirectory : public migrate::Directory {
 public:
  explicit GraphDirectory(Target& target) : target_(target) {}

  Result<std::vector<std::optional<migrate::DirectoryUser>>> find(const std::vector<std::string>& whom) override {
    const auto answers = target_.loop().run(target_.client().find_users(whom));
    std::vector<std::optional<migrate::DirectoryUser>> found;
    found.reserve(answers.size());
    for (const auto& answer : answers) {
      if (!answer) return answer.error();
      if (const auto& user = *answer) {
        found.push_back(migrate::DirectoryUser{user->id, user->displayName, user->userPrincipalName, user->mail,
                                               user->userType == "Guest", user->accountEnabled});
      } else {
        found.emplace_back(std::nullopt);
      }
    }
    return found;
  }

 private:
  Target& target_;
};

// A rehearsal's tenant is in this process: a hundred thousand people are looked up without as many requests.
class RehearsalDirectory : public migrate::Directory {
 public:
  explicit RehearsalDirectory(const emulator::Emulator& emulator) : emulator_(emulator) {}

  Result<std::vector<std::optional<migrate::DirectoryUser>>> find(const std::vector<std::string>& whom) override {
    std::vector<std::optional<migrate::DirectoryUser>> found;
    found.reserve(whom.size());
    for (const auto& who : whom) {
      const auto user = emulator_.find_user(who);
      found.push_back(user ? std::optional(directory_user(*user)) : std::nullopt);
    }
    return found;
  }

 private:
  const emulator::Emulator& emulator_;
};

// In a rehearsal everybody with a mail address gets a user, so that it needs no tenant that is alike.
Result<migrate::DirectoryUser> provision(emulator::Emulator& emulator, const migrate::MappedPerson& person) {
  auto made = emulator.ensure_user(person.name.empty() ? person.mail : person.name, person.mail);
  if (!made) return made.error();
  return directory_user(*made);
}

std::string pause_file(const std::string& journal) {
  return journal + ".pause";
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// What of an export becomes rows of a journal; files that are attached do not. Measured on exports of Slack, a journal
// has six tenths of it, and its log beside it some megabytes.
std::uint64_t text_bytes(const archive::Archive& read) {
  std::uint64_t bytes = 0;
  for (const char* kind : {"json", "jsonl", "ndjson", "csv", "tsv", "txt", "html", "htm", "xml", "md"}) {
    for (const auto name : read.list(std::string("**.") + kind)) bytes += read.size(name);
  }
  return bytes;
}

Result<std::unique_ptr<archive::Archive>> open_export_of(LuaMapper& mapper) {
  return archive::Archive::open_in(mapper.host().options().project, mapper.arg("export"));
}

// Empty for what is no file: a folder, or several, have their fingerprint alone.
std::string file_sha256(const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!fs::is_regular_file(path, error) || !file) return "";
  Sha256 digest;
  std::vector<char> chunk(1u << 20);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0) {
    digest.add({chunk.data(), static_cast<std::size_t>(file.gcount())});
  }
  return digest.hex_digest();
}

std::string export_path(LuaMapper& mapper) {
  return (fs::path(mapper.host().options().project) / mapper.arg("export")).string();
}

}  // namespace

Project::~Project() {
  if (scratch_folder_.empty()) return;
  target_.reset();
  journal_.reset();
  std::error_code error;
  fs::remove_all(scratch_folder_, error);
}

Status Project::make_scratch() {
  std::error_code error;
  std::string folder = (fs::temp_directory_path(error) / "teamferry-XXXXXX").string();
  if (error || ::mkdtemp(folder.data()) == nullptr) {
    return Error::state("journal_io", fmt::format("a temporary folder cannot be made ({}): {}; set TMPDIR to another",
                                                  folder, error ? error.message() : std::strerror(errno)));
  }
  scratch_folder_ = folder;
  options_.journal = folder + "/journal.db";
  return options_.copy_of.empty() ? done() : journal::copy_unsent(options_.copy_of, options_.journal);
}

Result<journal::Journal*> Project::journal() {
  if (!journal_) {
    if (options_.scratch && scratch_folder_.empty()) {
      if (auto made = make_scratch(); !made) return made.error();
    }
    new_journal_ = !fs::exists(options_.journal);
    auto opened =
        journal::Journal::open(options_.journal, options_.read_only ? journal::Access::read : journal::Access::write);
    if (!opened) return opened.error();
    journal_ = std::move(*opened);
  }
  return journal_.get();
}

Result<Target*> Project::target() {
  if (!target_) {
    new_state_ = !fs::exists(options_.target.emulator.data_dir);
    Target::Options there = options_.target;
    there.stopping = [] { return stop_asked().load(); };
    there.on_wait = [this](const http::Request& request, const Error& error, Loop::Duration wait) {
      tell_wait(request, error, wait);
    };
    there.on_turn = [this](const http::Request& request, Loop::Duration wait) {
      show_wait("its turn, " + (request.route.empty() ? request.method : request.route), wait);
    };
    auto opened = Target::open(std::move(there));
    if (!opened) return opened.error();
    target_ = std::move(*opened);
  }
  return target_.get();
}

// A read is tried again later: not the command's own wait, so it knows nothing of it.
void Project::tell_wait(const http::Request& request, const Error& error, Loop::Duration wait) {
  if (error.status == 429) ++throttled_;
  const std::string what =
      fmt::format("{} in {}", error.status ? fmt::format("{} {}", error.status, error.code) : error.code,
                  request.route.empty() ? request.method : request.route);
  show_wait(what, wait);
}

void Project::show_wait(const std::string& what, Loop::Duration wait) {
  if (waiting_) {
    // Many reads wait side by side; one line says so.
    const auto now = std::chrono::steady_clock::now();
    if (now < told_until_) return;
    told_until_ = now + wait;
    waiting_(fmt::format("waiting {:.0f} s: {}", std::chrono::duration<double>(wait).count(), what));
  } else if (options_.progress) {
    migrate::Progress now = latest_;
    now.doing = "waiting";
    now.waiting_for = what;
    now.wait = wait;
    now.throttled += throttled_;
    options_.progress(now);
  }
}

// What fails because somebody asked for the end is an interruption.
Error Project::interrupted_or(Error error) const {
  if (!stop_asked() || error.code == "interrupted") return error;
  return Error::state("interrupted", fmt::format("interrupted; run the same command to go on. The last answer was {}",
                                                 error.to_string()));
}

template <class Command>
auto Project::drive(Command command, migrate::Options options) {
  using Outcome = decltype(std::declval<Target&>().loop().run(command(std::declval<migrate::Session&>())));
  auto opened = journal();
  if (!opened) return Outcome(opened.error());
  auto reached = target();
  if (!reached) return Outcome(reached.error());
  Target& there = **reached;
  const SystemClock clock;
  latest_ = {};
  waiting_ = nullptr;
  migrate::ProgressSink progress = [this](const migrate::Progress& moment) {
    latest_ = moment;
    if (!options_.progress) return;
    migrate::Progress shown = moment;
    shown.throttled += throttled_;
    options_.progress(shown);
  };
  const auto committer = (*opened)->threaded_committer(there.loop());
  migrate::Session session{there.loop(), there.client(), **opened,         *committer,         clock,
                           there.pace(), stop_asked(),   there.identity(), std::move(options), std::move(progress)};
  auto outcome = there.loop().run(command(session));
  if (!outcome) return Outcome(interrupted_or(outcome.error()));
  return outcome;
}

// Takes back what this command has made, since nothing is in it.
void Project::discard() {
  std::error_code error;
  target_.reset();
  journal_.reset();
  if (new_state_ && !options_.target.emulator.data_dir.empty()) {
    fs::remove_all(options_.target.emulator.data_dir, error);
  }
  if (!new_journal_) return;
  for (const char* tail : {"", "-wal", "-shm", ".lock", ".pause"}) fs::remove(options_.journal + tail, error);
}

bool Project::export_changed(const std::string& path) {
  auto opened = journal();
  if (!opened) return false;
  const auto planned = (*opened)->meta("export_fingerprint");
  const auto read = archive::Archive::open_in("", path);
  return planned && read && *planned != (*read)->fingerprint();
}

Result<migrate::PlanSummary> Project::plan(const Request& request, const migrate::PlanProgress& progress) {
  LuaMapper::Options mapping;
  mapping.script = request.script;
  mapping.args = request.args;
  mapping.host.path = request.path;
  mapping.host.log = request.log;
  mapping.survey = request.survey;
  mapping.stop = &stop_asked();
  if (!options_.scratch) mapping.hangs = options_.journal + ".hung";
  auto mapper = LuaMapper::open(std::move(mapping));
  if (!mapper) return mapper.error();
  auto opened = journal();
  if (!opened) return opened.error();
  auto reached = target();
  if (!reached) {
    discard();
    return reached.error();
  }
  Target& there = **reached;

  const SystemClock clock;
  migrate::PlanOptions options;
  options.clock = &clock;
  options.workers = request.workers;
  options.team = (*mapper)->arg("team");
  if (options.team.empty()) options.team = request.team;
  options.graph_url = there.cloud_graph_url();
  options.people.rows = request.people;
  options.people.fallback = (*mapper)->arg("fallback");
  options.people.owners = split_at_commas((*mapper)->arg("owners"));
  if (auto line = (*mapper)->arg("fallback_line"); !line.empty()) options.fallback_line = line;
  if ((*mapper)->arg("repair") == "safe") options.repair = migrate::PlanOptions::Repair::safe;
  if (emulator::Emulator* emulator = there.emulator()) {
    if (options.people.fallback.empty()) options.people.fallback = emulator->fallback_user().mail;
    options.people.provision = [emulator](const migrate::MappedPerson& person) { return provision(*emulator, person); };
  }
  const auto& imports = there.pace().limits().of(limits::RequestClass::import_to_channel);
  if (imports.resource_rate > 0) options.messages_per_second = imports.resource_rate;
  if (imports.tenant_rate > 0) options.tenant_per_second = imports.tenant_rate;
  options.identity = there.identity();
  options.meta = {{"export", (*mapper)->arg("export")}, {"args", ""}};
  for (const auto& [name, value] : request.args) {  // as the user gave them: a run that asks otherwise is refused
    if (name != "export") options.meta["args"] += name + "=" + value + "\n";
  }
  if (auto read = open_export_of(**mapper); read) {
    if (auto room = journal::check_room(options_.journal, text_bytes(**read)); !room) {
      discard();
      return room.error();
    }
    options.meta["export_fingerprint"] = (*read)->fingerprint();
    options.meta["export_sha256"] = file_sha256(export_path(**mapper));
  }
  for (const auto& file : (*mapper)->host().loaded()) options.scripts[file.path] = file.sha256;

  waiting_ = [log = request.log](const std::string& line) {
    if (log) log(Host::Level::warn, line);
  };
  std::unique_ptr<migrate::Directory> directory;
  if (const emulator::Emulator* emulator = there.emulator()) {
    directory = std::make_unique<RehearsalDirectory>(*emulator);
  } else {
    directory = std::make_unique<GraphDirectory>(there);
  }
  const auto moment = [&](const migrate::PlanMoment& now) {
    (*mapper)->tell_log();
    if (progress) progress(now);
  };
  auto planned = migrate::plan(**mapper, *directory, **opened, options, moment);
  (*mapper)->tell_log();
  if (!planned) {
    if (planned.error().kind == Error::Kind::argument) discard();
    return interrupted_or(planned.error());
  }
  constructs_ = (*mapper)->constructs();
  auto accepted = (*mapper)->finish({{"records", planned->records},
                                     {"planned", planned->planned},
                                     {"skipped", planned->skipped},
                                     {"failed", planned->failed},
                                     {"messages", planned->messages},
                                     {"conversations", planned->conversations}});
  if (!accepted) {
    // A writer that ends without finish() leaves the plan unfinished, so that nothing of it is sent.
    if (auto writer = (*opened)->begin_plan(); !writer) return writer.error();
    return accepted.error();
  }
  return planned;
}

Result<Project::Survey> Project::survey() {
  auto opened = journal();
  if (!opened) return opened.error();
  return Survey{migrate::survey(**opened), constructs_, *opened};
}

Result<journal::Difference> Project::difference(int most) {
  journal_.reset();  // all of it is in the file then
  return journal::compare(options_.copy_of, options_.journal, most);
}

Result<Project::Preflight> Project::preflight(std::vector<std::string> commands, bool accept_doubt) {
  auto opened = journal();
  if (!opened) return opened.error();
  auto reached = target();
  if (!reached) return reached.error();
  Target& there = **reached;
  if (auto ours = migrate::check_identity(**opened, there.identity()); !ours) return ours.error();
  auto notes = there.loop().run(migrate::preflight(**opened, there.tokens(), std::move(commands), accept_doubt));
  if (!notes) return interrupted_or(notes.error());
  return Preflight{there.sign_in(), std::move(*notes)};
}

// Ctrl-Z stops the process once nothing is on its way; `teamferry pause` leaves a file, which `resume` takes away.
Result<migrate::RunSummary> Project::run(migrate::Options options) {
  catch_pause();
  // Asked before every message: the file is looked for now and then.
  options.paused = [file = pause_file(options_.journal), there = false,
                    looked = std::chrono::steady_clock::time_point()](bool idle) mutable {
    if (pause_asked() && idle) stand_still();
    if (const auto now = std::chrono::steady_clock::now(); now - looked >= std::chrono::milliseconds(250)) {
      looked = now;
      there = ::access(file.c_str(), F_OK) == 0;
    }
    return pause_asked() || there;
  };
  return drive(&migrate::run, std::move(options));
}

Status Project::pause(bool on) {
  const std::string file = pause_file(options_.journal);
  if (on) {
    std::ofstream marker(file);
    if (marker << "teamferry run waits while this file is here\n") return done();
  } else if (std::error_code error; fs::remove(file, error) || !error) {
    return done();
  }
  return Error::state("journal_io", fmt::format("{}: cannot be {}; check the folder and its permissions", file,
                                                on ? "written" : "removed"));
}

Result<migrate::VerifySummary> Project::verify(std::string pilot, EvidencePlace evidence) {
  auto opened = journal();
  if (!opened) return opened.error();
  auto reached = target();
  if (!reached) return reached.error();
  // The other two commands ask this themselves.
  if (auto ours = migrate::check_identity(**opened, (*reached)->identity()); !ours) return ours.error();
  migrate::Options options;
  options.pilot = std::move(pilot);
  options.evidence_file = std::move(evidence.file);
  options.evidence_key = std::move(evidence.key);
  return drive(&migrate::verify, std::move(options));
}

Result<migrate::Evidence> Project::write_evidence(std::string_view command, const EvidencePlace& evidence) {
  auto opened = journal();
  if (!opened) return opened.error();
  return migrate::write_evidence(**opened, command, SystemClock().now(), evidence.file, evidence.key);
}

Result<migrate::Discarded> Project::discard_team(std::string displayName) {
  return drive([&](migrate::Session& session) { return migrate::discard(session, displayName); }, {});
}

Result<migrate::CompleteSummary> Project::complete(std::optional<std::int64_t> accept_failures, std::string reason,
                                                   bool readd_members) {
  migrate::Options options;
  options.readd_members = readd_members;
  options.accept_failures = accept_failures;
  options.accept_reason = std::move(reason);
  return drive(&migrate::complete, std::move(options));
}

Result<std::vector<migrate::Cure>> Project::cure(std::function<void(const migrate::Check&)> before) {
  return drive(
      [this, &before](migrate::Session& session) { return migrate::cure(session, checks_, std::move(before)); }, {});
}

}  // namespace teamferry::bindings
