// What a message costs us while 1,000 conversations are sent at once over TLS: processor time of this process alone,
// user and system, all threads, of a run whose channels are there. The emulator is a process of its own.
//
//   bench_lanes [LANES] [MESSAGES] [PACE] [LATENCY_MS]       default: 1000 100 article 0
//
// MESSAGES is of each lane. PACE `article` sends five a second in each lane, if the machine can and without the budget
// that they share; `off` as fast as it can. Everything from the journal's file to the socket is what `teamferry run`
// uses; the plan, made before, is bodies of some 500 bytes, a third of them replies. Build it with optimisation
// (CMAKE_BUILD_TYPE=Release).
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "native/auth/token.h"
#include "native/emulator/emulator.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"
#include "native/journal/journal.h"
#include "native/migrate/engine.h"

using namespace teamferry;
using nlohmann::json;

namespace {

constexpr std::int64_t kBegin = 1'503'435'956'000;  // 2017-08-22

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "bench_lanes: {}\n", what);
  std::exit(1);
}

void check(const Status& status) {
  if (!status) fail(status.error().to_string());
}

// The server process: says on `out` how it is reached and lives until it is killed.
[[noreturn]] void serve(int out, int latency_ms) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  emulator::Options options;
  options.profile = "off";
  options.latency = std::chrono::milliseconds(latency_ms);
  auto started = emulator::Emulator::start(options);
  if (!started) fail(started.error().to_string());
  const emulator::Emulator& emulator = **started;
  const emulator::App app = emulator.apps().front();
  const json about = {{"url", emulator.https_url()},        {"ca_file", emulator.ca_file()},
                      {"tenant", emulator.tenant_id()},     {"client_id", app.client_id},
                      {"client_secret", app.client_secret}, {"user", emulator.users().front().id}};
  const std::string line = about.dump() + "\n";
  if (write(out, line.data(), line.size()) < 0) fail("cannot tell the address");
  for (;;) pause();
}

void plan_channels(journal::Journal& journal, int lanes) {
  auto writer = std::move(journal.begin_plan()).value();
  journal::Team team;
  team.id = 1;
  team.displayName = "Bench";
  team.body = json({{"@microsoft.graph.teamCreationMode", "migration"},
                    {"template@odata.bind", "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"},
                    {"displayName", "Bench"},
                    {"description", "A load"},
                    {"createdDateTime", "2017-01-01T00:00:00Z"}})
                  .dump();
  team.state = "planned";
  check(writer->put_team(team));
  for (int c = 1; c <= lanes; ++c) {
    journal::Conversation conversation;
    conversation.id = c;
    conversation.source_id = fmt::format("C{}", c);
    conversation.displayName = fmt::format("channel-{}", c);
    conversation.kind = "channel";
    conversation.team = 1;
    conversation.body = json({{"@microsoft.graph.channelCreationMode", "migration"},
                              {"displayName", conversation.displayName},
                              {"membershipType", "standard"},
                              {"createdDateTime", "2017-01-01T00:00:01Z"}})
                            .dump();
    conversation.state = "planned";
    check(writer->put_conversation(conversation));
  }
  check(writer->finish());
}

void plan_messages(journal::Journal& journal, const std::string& author, int lanes, int messages) {
  auto writer = std::move(journal.begin_plan()).value();
  const std::string filler(400, 'x');
  for (int c = 1; c <= lanes; ++c) {
    check(writer->begin_conversation(c));
    for (int m = 0; m < messages; ++m) {
      const std::string key = fmt::format("{}.{}", c, m);
      const std::string record = fmt::format("channel-{}/2017-08-22.json record {}", c, m + 1);
      journal::PlanRow row;
      row.id = journal::row_id(c, static_cast<std::uint32_t>(m) + 1);
      row.key = key;
      row.record = record;
      row.time = row.planned_time = DateTime{kBegin + 60'000 * m};
      if (m % 3 == 2) row.root = row.id - 2;
      check(writer->put(row));
      const json body = {
          {"from", {{"user", {{"id", author}, {"displayName", "Ada Park"}, {"userIdentityType", "aadUser"}}}}},
          {"body", {{"contentType", "html"}, {"content", fmt::format("<p>{} {}</p>", record, filler)}}}};
      check(writer->put_body(row.id, body.dump()));
    }
    check(writer->conversation_done(c));
  }
  check(writer->finish());
}

struct Cost {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
  double user = 0, system = 0;  // seconds of this process
  long switches = 0;            // away from one of its threads, wished for or not
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Cost cost_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  Cost cost;
  cost.user = seconds(usage.ru_utime);
  cost.system = seconds(usage.ru_stime);
  cost.switches = usage.ru_nvcsw + usage.ru_nivcsw;
  return cost;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void measure(const json& about, const std::string& journal_path, int lanes, int messages,
             const std::string& pace_name) {
  const auto text = [&](const char* key) { return about.at(key).get<std::string>(); };
  const auto named = throttle::limits_named(pace_name);
  if (!named) fail("there is no pace " + pace_name);
  // The budget of the tenant and the pace of what is no import would only be waited for.
  auto limits = throttle::no_limits();
  constexpr auto kImport = limits::RequestClass::import_to_channel;
  limits.of(kImport).resource_rate = named->of(kImport).resource_rate;
  auto cloud = auth::at_addresses(auth::clouds().front(), text("url"), text("url"));
  if (!cloud) fail(cloud.error().to_string());

  auto opened = journal::Journal::open(journal_path);
  if (!opened) fail(opened.error().to_string());
  journal::Journal& journal = **opened;

  const SystemClock clock;
  std::mt19937_64 random{1};
  http::CurlLoop::Options curl;
  curl.ca_file = text("ca_file");
  http::CurlLoop loop(std::move(curl));
  auth::ClientSecretSource tokens(loop, clock, *cloud,
                                  {text("tenant"), text("client_id"), auth::Secret(text("client_secret"))});
  throttle::Pace pace(limits);
  graph::Pipeline::Options row;
  row.graph_url = text("url");
  row.random = [&random] { return random(); };
  graph::Pipeline pipeline(loop, clock, loop, tokens, pace, std::move(row));
  graph::Client client(loop, pipeline, {text("url"), "v1.0"});

  const std::atomic<bool> stop = false;
  const auto committer = journal.threaded_committer(loop);
  const auto run = [&](throttle::Pace& kept) {
    migrate::Options how;
    how.lanes = lanes;
    const migrate::ProgressSink watch = [](const migrate::Progress&) {};
    migrate::Session session{loop,           client, journal, *committer,
                             clock,          kept,   stop,    {text("tenant"), text("client_id"), text("url")},
                             std::move(how), watch};
    auto summary = loop.run(migrate::run(session));
    if (!summary) fail(summary.error().to_string());
    if (summary->error) fail(summary->error->to_string());
    if (!summary->stopped.empty()) fail(summary->stopped.front().error.to_string());
    return std::move(summary).value();
  };
  throttle::Pace unlimited(*throttle::limits_named("off"));
  plan_channels(journal, lanes);
  run(unlimited);
  plan_messages(journal, text("user"), lanes, messages);
  const Cost before = cost_now();
  const migrate::RunSummary summary = run(pace);
  const Cost after = cost_now();

  const auto sent = static_cast<double>(summary.sent);
  const double elapsed = std::chrono::duration<double>(after.at - before.at).count();
  const double user = 1e6 * (after.user - before.user) / sent;
  const double system = 1e6 * (after.system - before.system) / sent;
  fmt::print("  {:.1f} us of processor time a message: {:.1f} user, {:.1f} system\n", user + system, user, system);
  fmt::print("  {:.0f} messages a second, {:.1f} s; {} times asked to slow down\n", sent / elapsed, elapsed,
             summary.throttled);
  fmt::print("  {:.2f} switches of threads a message; {:.0f} MB at most\n",
             static_cast<double>(after.switches - before.switches) / sent, peak_megabytes());
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, const char* otherwise) { return std::string(argc > i ? argv[i] : otherwise); };
  const int lanes = std::stoi(argument(1, "1000"));
  const int messages = std::stoi(argument(2, "100"));
  const std::string pace = argument(3, "article");
  const int latency_ms = std::stoi(argument(4, "0"));
  int ends[2];
  if (pipe(ends) != 0) fail("no pipe");
  const pid_t server = fork();
  if (server < 0) fail("no process");
  if (server == 0) serve(ends[1], latency_ms);
  FILE* reached = fdopen(ends[0], "r");
  char line[4096];
  if (std::fgets(line, sizeof line, reached) == nullptr) fail("the emulator does not start");

  std::string folder = (std::filesystem::temp_directory_path() / "bench-lanes-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) fail("no folder for the journal");
  fmt::print("{} lanes of {} messages, pace {}, answers {} ms late\n", lanes, messages, pace, latency_ms);
  measure(json::parse(line), folder + "/journal.db", lanes, messages, pace);
  std::filesystem::remove_all(folder);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}
