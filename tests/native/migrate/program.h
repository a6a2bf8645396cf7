#pragma once

#include <unistd.h>

#include <filesystem>
#include <random>

#include "native/auth/token.h"
#include "native/emulator/emulator.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"
#include "world.h"

// The engine, the whole row of policies and the journal's own thread, over real sockets.
namespace teamferry::fake {

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
  Program(World& world, emulator::Emulator& emulated, const std::string& app)
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

inline emulator::Options strict() {
  emulator::Options options;
  options.variants.allow_unknown_authors = true;
  options.profile = "off";
  return options;
}

}  // namespace teamferry::fake
