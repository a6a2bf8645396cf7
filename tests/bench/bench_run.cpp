// How close a run comes to what the pace allows: ideal / real time from the first import to the last answer,
// 50 channels of 100 messages, the emulator in another process and answering late.
//
//   bench_run [LATENCY_MS ...]       default: 100 300
//
// ideal: the pace lets a channel send a message every 200 ms, and all of them together forty a second in the first ten
// seconds, twice as many in the next ten, and so on, since nobody knows what the tenant takes.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

constexpr int kChannels = 50;
constexpr int kMessages = 100;

void write_export(const std::string& folder) {
  json channels = json::array();
  for (int c = 0; c < kChannels; ++c) {
    const std::string name = fmt::format("channel-{}", c);
    channels.push_back({{"id", fmt::format("C{}", c)}, {"name", name}, {"created", 1500000000}});
    json messages = json::array();
    for (int m = 0; m < kMessages; ++m) {
      json message{{"type", "message"},
                   {"user", "U1"},
                   {"ts", fmt::format("{}.000100", 1503435956 + 60 * m)},
                   {"text", fmt::format("message {} of {}", m, name)}};
      if (m % 3 == 2) message["thread_ts"] = fmt::format("{}.000100", 1503435956 + 60 * (m / 3) * 3);
      messages.push_back(std::move(message));
    }
    write_file(fmt::format("{}/{}/2017-08-22.json", folder, name), messages.dump());
  }
  write_file(folder + "/channels.json", channels.dump());
  write_file(folder + "/users.json", R"([{"id":"U1","name":"ann","profile":{"real_name":"Ann Lee"}}])");
}

double ideal_seconds() {
  constexpr double kOfAll = kChannels * 5.0, kPeriod = 10;
  double left = kChannels * kMessages, seconds = 0;
  for (double budget = 40; budget < kOfAll && left > budget * kPeriod; budget *= 2, seconds += kPeriod) {
    left -= budget * kPeriod;
  }
  return std::max(seconds + left / kOfAll, (kMessages - 1) * 0.2);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> latencies(argv + 1, argv + argc);
  if (latencies.empty()) latencies = {"100", "300"};
  fmt::print("{:>10} {:>9} {:>9} {:>11} {:>6}\n", "latency ms", "ideal s", "real s", "efficiency", "429s");
  fflush(stdout);
  for (const auto& latency : latencies) {
    const TemporaryFolder folder;
    write_export(folder / "export");
    Process emulator({"emulator", "--port", "0", "--json", "--latency", latency}, folder.path());
    const json at = json::parse(emulator.first_line());
    const auto text = [&](const char* key) { return at.at(key).get<std::string>(); };
    const Outcome outcome =
        run({"run", "slack", "--export", folder / "export", "--journal", folder / "journal.db", "--graph-url",
             text("graph_url"), "--login-url", text("login_url"), "--fallback", text("fallback"), "--json"},
            {{"AZURE_TENANT_ID", text("tenant")},
             {"AZURE_CLIENT_ID", text("client_id")},
             {"AZURE_CLIENT_SECRET", text("client_secret")}},
            std::chrono::seconds(600), folder.path());
    if (outcome.exit_code != 0) {
      fmt::print(stderr, "teamferry run ended with {}: {}\n", outcome.exit_code, outcome.err);
      return 1;
    }
    const json result = json::parse(outcome.last_line());
    const double ideal = ideal_seconds() + std::stod(latency) / 1000;
    const double real = result.at("import_seconds").get<double>();
    fmt::print("{:>10} {:>9.2f} {:>9.2f} {:>11.3f} {:>6}\n", latency, ideal, real, ideal / real,
               result.at("throttled").get<int>());
    fflush(stdout);
  }
}
