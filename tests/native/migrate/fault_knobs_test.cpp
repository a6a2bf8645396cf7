// Every way in which the emulator can misbehave, one at a time: a run ends with exactly the planned content, or each
// message that is not there says why. Statuses are those of section 7 of the fact sheet.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "native/auth/token.h"
#include "native/emulator/emulator.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"
#include "native/migrate/engine.h"
#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using journal::State;

namespace {

constexpr int kMessages = 80;
constexpr double kSpeed = 200;  // an hour of waiting passes in eighteen seconds

// A folder with a file of fault rules; its journal is on disk, as a person's is.
struct Folder {
  std::string path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "teamferry-faults-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string write(const std::string& rules) const {
    std::ofstream(path + "/faults.json") << R"({"seed": 3, "rules": [)" << rules << "]}";
    return path + "/faults.json";
  }
};

struct Emulated {
  explicit Emulated(const std::string& rules) {
    emulator::Options options;
    options.variants.allow_unknown_authors = true;
    options.profile = "off";
    options.speed = kSpeed;
    options.faults_file = folder.write(rules);
    service = emulator::Emulator::start(options).value();
    world.journal = journal::Journal::open(folder.path + "/journal.db").value();
    world.limits = throttle::no_limits();
    world.random_plan(11, kMessages);
  }

  Folder folder;
  fake::World world;
  std::unique_ptr<emulator::Emulator> service;
};

// One start of the program, in the emulator's own time.
struct Start {
  explicit Start(Emulated& at)
      : cloud(auth::at_addresses(auth::clouds().front(), at.service->login_url(), at.service->graph_url()).value()),
        tokens(loop, clock, cloud,
               {at.service->tenant_id(), at.service->apps().front().client_id,
                auth::Secret(at.service->apps().front().client_secret)}),
        pace(at.world.limits),
        pipeline(loop, clock, loop, tokens, pace, row()),
        client(loop, pipeline, {cloud.graph_url, "v1.0"}),
        committer(at.world.journal->threaded_committer(loop)),
        session{loop, client, *at.world.journal, *committer,       clock,
                pace, stop,   at.world.identity, at.world.options, {}} {
    clock.follow(system.now(), kSpeed);
    loop.run_at(kSpeed);
  }
  graph::Pipeline::Options row() {
    graph::Pipeline::Options options;
    options.graph_url = cloud.graph_url;
    options.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
    return options;
  }

  SystemClock system;
  FollowingClock clock{system};
  http::CurlLoop loop;
  auth::Cloud cloud;
  auth::ClientSecretSource tokens;
  throttle::Pace pace;
  graph::Pipeline pipeline;
  graph::Client client;
  std::unique_ptr<journal::Committer> committer;
  std::atomic<bool> stop = false;
  migrate::Session session;
};

migrate::RunSummary run_once(Emulated& at) {
  Start start(at);
  auto ran = start.loop.run(migrate::run(start.session));
  REQUIRE(ran.ok());
  return std::move(*ran);
}

// Runs until nothing is left, completes and reads back.
void must_arrive_whole(Emulated& at) {
  for (int starts = 0; starts < 4; ++starts) {
    const auto summary = run_once(at);
    for (const auto& stopped : summary.stopped) UNSCOPED_INFO(stopped.error.to_string());
    if (summary.error) UNSCOPED_INFO(summary.error->to_string());
    if (summary.whole()) break;
  }
  CHECK(at.world.in_state(State::sent) == kMessages);
  CHECK(at.service->stats().imports == kMessages);
  Start start(at);
  const auto completed = start.loop.run(migrate::complete(start.session));
  if (!completed) FAIL(completed.error().to_string());
  CHECK(completed->teams == 1);
  const auto verified = start.loop.run(migrate::verify(start.session));
  REQUIRE(verified.ok());
  CHECK(verified->by_kind.empty());
}

// What the journal calls sent is all that Graph holds, and every other message says which answer barred it.
void must_be_refused_by_name(Emulated& at, const std::string& named) {
  const auto summary = run_once(at);
  if (summary.error) UNSCOPED_INFO(summary.error->to_string());
  const auto sent = at.world.in_state(State::sent);
  CHECK(static_cast<std::int64_t>(at.service->stats().imports) == sent);
  std::int64_t refused = 0, blocked = 0;
  for (int conversation = 1; conversation <= 8; ++conversation) {
    for (std::uint32_t ordinal = 1; ordinal <= kMessages; ++ordinal) {
      const auto row = at.world.journal->message(journal::row_id(conversation, ordinal));
      if (!row) break;
      if (row->state == State::blocked) ++blocked;
      if (row->state != State::failed && row->state != State::doubt) continue;
      ++refused;
      INFO(row->reason);
      CHECK(row->reason.find(named) != std::string::npos);
    }
  }
  CHECK(refused > 0);
  CHECK(sent + refused + blocked == kMessages);
}

struct Case {
  const char* rules;
  const char* named = "";
};

}  // namespace

TEST_CASE("Whatever passes by itself, an import arrives once", "[migrate][faults]") {
  const std::string rule = GENERATE(
      R"({"fault": "status", "status": 408})", R"({"fault": "status", "status": 429})",
      R"({"fault": "status", "status": 429, "retryAfter": null})", R"({"fault": "status", "status": 500})",
      R"({"fault": "status", "status": 502})", R"({"fault": "status", "status": 503, "retryAfter": 7})",
      R"({"fault": "status", "status": 504})", R"({"fault": "status", "status": 504, "acted": true})",
      R"({"fault": "status", "status": 500, "acted": true})",
      R"({"fault": "status", "status": 412, "message": "PreconditionFailed-Version mismatch for thread resource."})",
      R"({"fault": "reset-before"})", R"({"fault": "reset-after"})", R"({"fault": "half-answer"})",
      R"({"fault": "gateway-html", "status": 502})", R"({"fault": "gateway-html", "status": 503, "acted": true})",
      R"({"fault": "slow", "ms": 3000})", R"({"fault": "expired-token"})");
  INFO(rule);
  const bool once = rule.find("expired-token") != std::string::npos;  // a second one in a row ends the run
  Emulated at(rule.substr(0, rule.size() - 1) + R"(, "on": "imports", "per": "message", "chance": 0.3, "times": )" +
              (once ? "1}" : "2}"));
  must_arrive_whole(at);
  CHECK(at.service->stats().faults > 10);
}

TEST_CASE("Retry-After in every form is kept, and its absence outwaited", "[migrate][faults]") {
  const std::string form = GENERATE("no-retry-after", "retry-after-fraction", "retry-after-date");
  INFO(form);
  Emulated at(R"({"fault": "status", "status": 429, "on": "imports", "per": "message", "chance": 0.2}, {"fault": ")" +
              form + R"("})");
  must_arrive_whole(at);
}

TEST_CASE("What shows late, and a clock that is wrong, lose nothing", "[migrate][faults]") {
  const std::string rules = GENERATE(
      R"({"fault": "read-lag", "ms": 5000}, {"fault": "reset-after", "on": "imports", "per": "message", "chance": 0.2})",
      R"({"fault": "provisioning", "ms": 20000})", R"({"fault": "clock-skew", "ms": 240000})",
      R"({"fault": "clock-skew", "ms": -240000})");
  INFO(rules);
  Emulated at(rules);
  must_arrive_whole(at);
}

TEST_CASE("Creations, reads, completions and the sign-in outlast what passes by itself", "[migrate][faults]") {
  const std::string what =
      GENERATE(R"("fault": "status", "status": 429)", R"("fault": "status", "status": 503)",
               R"("fault": "reset-before")", R"("fault": "reset-after")", R"("fault": "half-answer")",
               R"("fault": "gateway-html", "status": 504, "acted": true)");
  const std::string on = GENERATE("creations", "reads", "completions", "sign-in");
  INFO(what << " on " << on);
  Emulated at("{" + what + R"(, "on": ")" + on + R"(", "first": 2})");
  must_arrive_whole(at);
  CHECK(at.service->stats().faults == 2);
}

TEST_CASE("An import that is refused for good says with which answer, and the others arrive", "[migrate][faults]") {
  const auto refused =
      GENERATE(Case{R"("status": 400)", "400"}, Case{R"("status": 403)", "403"}, Case{R"("status": 405)", "405"},
               Case{R"("status": 413)", "413"}, Case{R"("status": 415)", "415"}, Case{R"("status": 409)", "409"});
  INFO(refused.rules);
  Emulated at(
      std::string(R"({"fault": "status", "on": "imports", "per": "message", "chance": 0.1, "times": "always", )") +
      refused.rules + "}");
  must_be_refused_by_name(at, refused.named);
}

TEST_CASE("A creation that is refused for good ends the run before anything is sent", "[migrate][faults]") {
  const int status = GENERATE(400, 403, 405, 413, 415);
  INFO(status);
  Emulated at(R"({"fault": "status", "on": "creations", "times": "always", "status": )" + std::to_string(status) + "}");
  const auto summary = run_once(at);
  REQUIRE(summary.error);
  CHECK(summary.error->status == status);
  CHECK(at.service->stats().imports == 0);
  CHECK(at.world.in_state(State::planned) == kMessages);
}
