// How many imports a second the emulator takes on one core, beside the same server answering an empty 204, and what
// a stored message costs in memory. Build it with optimisation (CMAKE_BUILD_TYPE=Release).
//
//   bench_emulator [MESSAGES]        default: 300000
//
// On a busy machine look at the processor time of each request: the rate of a core of its own is its inverse.
// The server is a process of its own on core 0, plain HTTP, profile off, in memory; the load is this process on
// core 1: 1,000 kept-alive connections, each with one request under way, bodies of 500 bytes, 50 channels.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/emulator.h"
#include "native/emulator/server.h"

using namespace teamferry;
using nlohmann::json;

namespace {

constexpr int kConnections = 1000;
constexpr int kChannels = 50;
constexpr std::size_t kBodyBytes = 500;

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "bench_emulator: {}\n", what);
  std::exit(1);
}

// Threads started later inherit it.
void pin_to(unsigned core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fmt::print(stderr, "no core {} of its own\n", core);
}

// The server process: says on `out` how it is reached and lives until it is killed.
[[noreturn]] void serve(int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to(0);
  emulator::Options options;
  options.profile = "off";
  auto started = emulator::Emulator::start(options);
  if (!started) fail(started.error().to_string());
  emulator::Server::Setup setup;
  setup.handler = setup.too_large = [](const http::Request&, emulator::Peer) {
    emulator::Outcome outcome;
    outcome.response.status = 204;
    return outcome;
  };
  auto empty = emulator::Server::start(std::move(setup));
  if (!empty) fail(empty.error().to_string());
  const emulator::Emulator& emulator = **started;
  const emulator::App app = emulator.apps().front();
  const json about = {
      {"port", emulator.port()},    {"empty_port", (*empty)->port()},     {"tenant", emulator.tenant_id()},
      {"client_id", app.client_id}, {"client_secret", app.client_secret}, {"user", emulator.users().front().id}};
  const std::string line = about.dump() + "\n";
  if (write(out, line.data(), line.size()) < 0) fail("cannot tell the port");
  for (;;) pause();
}

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("cannot connect");
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

// Where the answer at the beginning of `text` ends; 0: it is not whole yet.
std::size_t end_of_answer(std::string_view text) {
  const auto head = text.find("\r\n\r\n");
  if (head == text.npos) return 0;
  const auto length = text.substr(0, head).find("Content-Length: ");
  const std::size_t body = length == text.npos ? 0 : std::strtoul(text.data() + length + 16, nullptr, 10);
  return text.size() < head + 4 + body ? 0 : head + 4 + body;
}

std::string ask(int port, const std::string& request) {
  const int fd = connect_to(port);
  if (send(fd, request.data(), request.size(), 0) < 0) fail("cannot send");
  std::string answer;
  char block[16384];
  while (end_of_answer(answer) == 0) {
    const ssize_t got = recv(fd, block, sizeof block, 0);
    if (got <= 0) fail("no answer");
    answer.append(block, static_cast<std::size_t>(got));
  }
  close(fd);
  if (answer.compare(0, 10, "HTTP/1.1 2") != 0) fail(answer);
  return answer;
}

std::string post(const std::string& path, const std::string& headers, const std::string& body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Content-Length: {}\r\n\r\n{}", path, headers,
                     body.size(), body);
}

std::string between(const std::string& text, std::string_view before, char after) {
  const auto from = text.find(before) + before.size();
  return text.substr(from, text.find(after, from) - from);
}

// A request whose time of creation is filled in before it is sent.
struct Import {
  std::string text;
  std::size_t time_at = 0;
};

// One for each channel of a new team under migration.
std::vector<Import> prepare(const json& about) {
  const int port = about["port"];
  const std::string form = fmt::format(
      "client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials",
      about["client_id"].get<std::string>(), about["client_secret"].get<std::string>());
  const std::string signed_in = ask(port, post(fmt::format("/{}/oauth2/v2.0/token", about["tenant"].get<std::string>()),
                                               "Content-Type: application/x-www-form-urlencoded\r\n", form));
  const std::string headers = fmt::format("Authorization: Bearer {}\r\nContent-Type: application/json\r\n",
                                          between(signed_in, "\"access_token\":\"", '"'));
  const json team = {{"@microsoft.graph.teamCreationMode", "migration"},
                     {"template@odata.bind", "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"},
                     {"displayName", "Bench"},
                     {"createdDateTime", "2010-01-01T00:00:00Z"}};
  const std::string made = ask(port, post("/v1.0/teams", headers, team.dump()));
  const std::string path = fmt::format("/v1.0/teams/{}/channels", between(made, "Content-Location: /teams('", '\''));
  std::vector<Import> imports;
  for (int i = 0; i < kChannels; ++i) {
    const json channel = {{"@microsoft.graph.channelCreationMode", "migration"},
                          {"displayName", fmt::format("channel-{}", i)},
                          {"membershipType", "standard"},
                          {"createdDateTime", "2010-01-01T00:00:01Z"}};
    const json created = json::parse(between(ask(port, post(path, headers, channel.dump())), "\r\n\r\n", '\0'));
    const json message = {
        {"createdDateTime", "2011-01-01T00:00:00.000Z"},
        {"from", {{"user", {{"id", about["user"]}, {"displayName", "Ada"}, {"userIdentityType", "aadUser"}}}}},
        {"body", {{"contentType", "html"}, {"content", std::string(kBodyBytes, 'x')}}}};
    Import import;
    import.text = post(fmt::format("{}/{}/messages", path, created["id"].get<std::string>()), headers, message.dump());
    import.time_at = import.text.find("2011-01-01T");
    imports.push_back(std::move(import));
  }
  return imports;
}

// Millisecond `n` of February 2011, in place. A channel never sees the same one twice.
void set_time(Import& import, std::int64_t n) {
  const std::int64_t s = n / 1000;
  fmt::format_to(import.text.begin() + static_cast<std::ptrdiff_t>(import.time_at),
                 "2011-02-{:02}T{:02}:{:02}:{:02}.{:03}Z", 1 + s / 86400, s / 3600 % 24, s / 60 % 60, s % 60, n % 1000);
}

struct Usage {
  double cpu = 0;     // seconds
  long resident = 0;  // bytes
};

Usage usage_of(pid_t process) {
  Usage usage;
  std::ifstream stat(fmt::format("/proc/{}/stat", process));
  std::string text{std::istreambuf_iterator<char>(stat), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 15 && fields >> field; ++i) {
    if (i == 14 || i == 15) usage.cpu += std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  std::ifstream statm(fmt::format("/proc/{}/statm", process));
  long total = 0;
  statm >> total >> usage.resident;
  usage.resident *= sysconf(_SC_PAGESIZE);
  return usage;
}

// Sends `count` requests over all connections and prints how long that took.
double load(const char* name, int port, pid_t server, std::vector<Import>& imports, int count) {
  struct Connection {
    int fd = -1;
    std::string held;
  };
  std::vector<Connection> connections(kConnections);
  const int poll = epoll_create1(0);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    connections[i].fd = connect_to(port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
  }
  int sent = 0;
  int answered = 0;
  static std::int64_t round = 0;  // never the same time in the same channel
  const auto send_next = [&](Connection& connection) {
    if (sent == count) return;
    Import& import = imports[static_cast<std::size_t>(sent++ % kChannels)];
    set_time(import, round++ / kChannels);
    if (send(connection.fd, import.text.data(), import.text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(import.text.size())) {
      fail("the socket is full");
    }
  };
  const Usage before = usage_of(server);
  const auto begun = std::chrono::steady_clock::now();
  const std::clock_t own = std::clock();
  for (Connection& each : connections) send_next(each);
  std::vector<epoll_event> events(256);
  char block[8192];
  while (answered < count) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 10'000);
    if (ready <= 0) fail("no answer for ten seconds");
    for (int i = 0; i < ready; ++i) {
      Connection& connection = connections[events[static_cast<std::size_t>(i)].data.u64];
      const ssize_t got = recv(connection.fd, block, sizeof block, 0);
      if (got <= 0) fail("a connection ended");
      std::string_view text(block, static_cast<std::size_t>(got));
      if (!connection.held.empty()) text = connection.held.append(text);
      const std::size_t end = end_of_answer(text);
      if (end == 0) {
        if (connection.held.empty()) connection.held = text;
        continue;
      }
      if (text.substr(0, 10) != "HTTP/1.1 2") fail(std::string(text));
      connection.held.clear();
      ++answered;
      send_next(connection);
    }
  }
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double load_share = static_cast<double>(std::clock() - own) / CLOCKS_PER_SEC / taken;
  const Usage after = usage_of(server);
  for (const Connection& each : connections) close(each.fd);
  close(poll);
  fmt::print(
      "{:<10} {:>8} in {:>5.1f} s: {:>7.0f} a second; server {:>3.0f} % of its core ({:.1f} us each), load {:>3.0f} "
      "%\n",
      name, count, taken, count / taken, 100 * (after.cpu - before.cpu) / taken, 1e6 * (after.cpu - before.cpu) / count,
      100 * load_share);
  std::fflush(stdout);
  return count / taken;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 300'000;
  if (count < kConnections) fail("fewer messages than connections");
  int ends[2];
  if (pipe(ends) != 0) fail("no pipe");
  const pid_t server = fork();
  if (server < 0) fail("no process");
  if (server == 0) serve(ends[1]);
  pin_to(1);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  FILE* reached = fdopen(ends[0], "r");
  char line[4096];
  if (std::fgets(line, sizeof line, reached) == nullptr) fail("the server does not start");
  const json about = json::parse(line);
  std::vector<Import> imports = prepare(about);
  load("warm-up", about["port"], server, imports, std::max(kConnections, count / 10));
  const long before = usage_of(server).resident;
  const double rate = load("imports", about["port"], server, imports, count);
  const long grown = usage_of(server).resident - before;
  const double empty = load("empty 204", about["empty_port"], server, imports, count);
  fmt::print("an import takes {:.2f} times as long as an empty answer\n", empty / rate);
  fmt::print("memory: {:.0f} bytes a message beyond its own {}\n",
             static_cast<double>(grown) / count - static_cast<double>(kBodyBytes), kBodyBytes);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}
