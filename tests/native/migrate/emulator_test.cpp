// The engine, the whole row of policies and the journal's own thread against the emulator, over real sockets.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <random>

#include "native/emulator/emulator.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"
#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using journal::State;

namespace {

struct TemporaryFile {
  std::string path;
  TemporaryFile() {
    std::string name = (std::filesystem::temp_directory_path() / "teamferry-engine-XXXXXX").string();
    path = std::string(mkdtemp(name.data())) + "/journal.db";
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(path).parent_path(), ignored);
  }
};

// One start of the program with everything real.
struct Program {
  Program(fake::World& world, emulator::Emulator& emulated, const std::string& app)
      : cloud(auth::at_addresses(auth::clouds().front(), emulated.login_url(), emulated.graph_url()).value()),
        tokens(loop, clock, cloud, credential(emulated, app)),
        pace(world.limits),
        pipeline(loop, clock, loop, tokens, pace, row()),
        client(loop, pipeline, {cloud.graph_url, "v1.0"}),
        committer(world.journal->threaded_committer(loop)),
        session{loop, client, *world.journal, *committer, clock, pace, stop, world.identity, world.options, {}} {}

  static auth::ClientSecret credential(emulator::Emulator& emulated, const std::string& name) {
    for (const auto& app : emulated.apps()) {
      if (app.name == name) return {emulated.tenant_id(), app.client_id, auth::Secret(app.client_secret)};
    }
    throw std::logic_error("no such app: " + name);
  }
  graph::Pipeline::Options row() {
    graph::Pipeline::Options options;
    options.graph_url = cloud.graph_url;
    options.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
    return options;
  }

  SystemClock clock;
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

emulator::Options strict() {
  emulator::Options options;
  options.variants.allow_unknown_authors = true;
  options.profile = "off";
  return options;
}

}  // namespace

TEST_CASE("The emulator takes a whole migration and gives it back unchanged", "[migrate][emulator]") {
  auto options = strict();
  options.ingestion_ids = GENERATE(false, true);
  options.provisioning = options.ingestion_ids ? 300ms : 0ms;
  options.read_lag = options.ingestion_ids ? 500ms : 0ms;
  const auto emulated = emulator::Emulator::start(options).value();
  TemporaryFile file;
  fake::World world;
  world.journal = journal::Journal::open(file.path).value();
  world.limits = throttle::no_limits();
  world.options.channel_patience = {50ms, 20s};
  world.options.team_patience = {50ms, 20s};
  world.options.read_lag = {200ms, 500ms, 1s};
  world.random_plan(5, 200);
  {
    Program program(world, *emulated, "full");
    const auto summary = program.loop.run(migrate::run(program.session));
    REQUIRE(summary.ok());
    for (const auto& stopped : summary->stopped) UNSCOPED_INFO(stopped.error.to_string());
    if (summary->error) UNSCOPED_INFO(summary->error->to_string());
    CHECK(summary->whole());
    CHECK(summary->sent == 200);
    CHECK(summary->throttled == 0);
  }
  Program program(world, *emulated, "full");
  const auto completed = program.loop.run(migrate::complete(program.session));
  if (!completed) FAIL(completed.error().to_string());
  CHECK(completed->teams == 1);
  const auto verified = program.loop.run(migrate::verify(program.session));
  REQUIRE(verified.ok());
  CHECK(verified->ok());
  CHECK(verified->by_kind.empty());
}

TEST_CASE("Stopped half way, the next start sends the rest and nothing twice", "[migrate][emulator]") {
  const auto emulated = emulator::Emulator::start(strict()).value();
  TemporaryFile file;
  fake::World world;
  world.journal = journal::Journal::open(file.path).value();
  world.random_plan(6, 60);
  for (auto wait : {1500ms, 60'000ms}) {
    Program program(world, *emulated, "full");
    program.loop.at(program.loop.now() + wait, [&program] { program.stop = true; });
    if (wait > 10s) program.session.pace = throttle::Pace(throttle::no_limits());
    REQUIRE(program.loop.run(migrate::run(program.session)).ok());
  }
  CHECK(world.in_state(State::sent) == 60);
  CHECK(emulated->stats().imports == 60);
}

TEST_CASE("An application without the role to migrate is told which permission it lacks", "[migrate][emulator]") {
  const auto emulated = emulator::Emulator::start(strict()).value();
  fake::World world;
  world.random_plan(7, 10);
  Program program(world, *emulated, "reader");
  const auto summary = program.loop.run(migrate::run(program.session));
  REQUIRE(summary.ok());
  REQUIRE(summary->error);
  CHECK(summary->error->status == 403);
  CHECK(summary->error->message.find("Teamwork.Migrate.All") != std::string::npos);
  CHECK(summary->error->message.find("admin consent") != std::string::npos);
  CHECK(world.in_state(State::planned) == 10);
}
