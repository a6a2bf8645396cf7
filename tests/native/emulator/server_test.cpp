#include "native/emulator/server.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "native/emulator/emulator.h"
#include "tests/native/emulator/line.h"

// The emulator over real sockets on loopback, spoken to byte by byte.
namespace teamferry::emulator {

using nlohmann::json;

TEST_CASE("A connection is kept alive, and requests may follow without waiting", "[server]") {
  const auto emulator = start();
  const std::string token = token_of(*emulator);
  Line line(*emulator);
  line.send(get_request("/v1.0/users", token) + get_request("/v1.0/nothing", token));
  CHECK(status_of(line.answer()) == 200);
  CHECK(status_of(line.answer()) == 400);
  line.send(get_request("/v1.0/users?$top=1", token));
  CHECK_THAT(line.answer(), Catch::Contains("http://127.0.0.1:1/v1.0/users?"));
  CHECK(emulator->stats().requests == 4);
}

TEST_CASE("Connection: close and HTTP/1.0 end after the answer", "[server]") {
  const auto emulator = start();
  for (const char* request :
       {"GET /v1.0/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /v1.0/users HTTP/1.0\r\n\r\n"}) {
    Line line(*emulator);
    line.send(request);
    CHECK(status_of(line.answer()) == 401);
    CHECK(line.ended());
  }
}

TEST_CASE("Bodies arrive chunked, in pieces, or after 100 Continue", "[server]") {
  const auto emulator = start();
  const std::string whole = token_request(*emulator);
  const std::string form = body_of(whole);
  const std::string head = whole.substr(0, whole.find("Content-Length"));
  Line line(*emulator);
  char size[16];
  std::snprintf(size, sizeof size, "%zx", form.size() - 10);
  line.send(head + "Transfer-Encoding: chunked\r\n\r\na\r\n" + form.substr(0, 10) + "\r\n" + size + "\r\n" +
            form.substr(10) + "\r\n0\r\n\r\n");
  CHECK(status_of(line.answer()) == 200);
  for (const char c : whole) line.send(std::string(1, c));
  CHECK(status_of(line.answer()) == 200);
  line.send(whole.substr(0, whole.find("\r\n\r\n")) + "\r\nExpect: 100-continue\r\n\r\n");
  CHECK(status_of(line.answer()) == 100);
  line.send(form);
  CHECK(status_of(line.answer()) == 200);
}

TEST_CASE("A POST without a body is answered, and a 204 has no length", "[server]") {
  const auto emulator = start();
  const std::string token = token_of(*emulator);
  const std::string authorization = "Host: x\r\nAuthorization: Bearer " + token + "\r\n";
  const json team = {{"@microsoft.graph.teamCreationMode", "migration"},
                     {"displayName", "A"},
                     {"template@odata.bind", "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"}};
  const std::string body = team.dump();
  Line line(*emulator);
  line.send("POST /v1.0/teams HTTP/1.1\r\n" + authorization +
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const std::string created = line.answer();
  REQUIRE(status_of(created) == 202);
  const auto at = created.find("Content-Location: /teams('") + 26;
  const std::string complete =
      "POST /v1.0/teams/" + created.substr(at, 36) + "/primaryChannel/completeMigration HTTP/1.1\r\n";
  line.send(complete + authorization + "Content-Length: 0\r\n\r\n");
  const std::string completed = line.answer();
  CHECK(status_of(completed) == 204);
  CHECK(completed.find("Content-Length") == completed.npos);
  line.send(complete + authorization + "\r\n");
  CHECK(status_of(line.answer()) == 400);
}

TEST_CASE("What is not HTTP gets 400 and a closed connection; the server stays", "[server]") {
  const auto emulator = start();
  for (const std::string& bytes :
       {std::string("GET\r\n\r\n"), std::string("\x15\x03\x01\x02\x01hello\r\n\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")}) {
    INFO(bytes);
    Line line(*emulator);
    line.send(bytes);
    CHECK(status_of(line.answer()) == 400);
    CHECK(line.ended());
  }
  Line cut(*emulator);
  cut.send("POST /v1.0/teams HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
  CHECK_FALSE(token_of(*emulator).empty());
}

TEST_CASE("E96: a body of more than 4 MiB is 413 in Graph's envelope, announced or chunked", "[server]") {
  const auto emulator = start();
  for (const char* framing : {"Content-Length: 6000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5b8d80\r\n"}) {
    INFO(framing);
    Line line(*emulator);
    line.send(std::string("POST /v1.0/teams HTTP/1.1\r\nHost: x\r\nclient-request-id: mine\r\n") + framing);
    line.send(std::string(6'000'000, 'x'));
    const std::string answer = line.answer();
    CHECK(status_of(answer) == 413);
    CHECK_THAT(answer, Catch::Contains("\r\nclient-request-id: mine\r\n") && Catch::Contains("\r\nrequest-id: "));
    const json error = json::parse(body_of(answer))["error"];
    CHECK(error["code"] == "RequestEntityTooLarge");
    CHECK(error["innerError"]["client-request-id"] == "mine");
    CHECK(error["innerError"]["request-id"].get<std::string>().size() == 36);
    CHECK(error["innerError"]["date"].get<std::string>().size() == 19);
    CHECK(line.ended());
  }
  Line fits(*emulator);
  fits.send("POST /v1.0/teams HTTP/1.1\r\nHost: x\r\nContent-Length: 4194304\r\n\r\n" + std::string(4 << 20, 'x'));
  CHECK(status_of(fits.answer()) == 401);
}

TEST_CASE("E96: too-large-status=400 answers 400 instead", "[server]") {
  Options options;
  REQUIRE(options.variants.set("too-large-status=400"));
  const auto emulator = start(options);
  Line line(*emulator);
  line.send("POST /v1.0/teams HTTP/1.1\r\nHost: x\r\nContent-Length: 4194305\r\n\r\n");
  CHECK(status_of(line.answer()) == 400);
}

TEST_CASE("Contents of files may be larger than a call, and chunks of upload sessions too", "[server]") {
  const auto emulator = start();
  const auto status_with = [&](const std::string& request, std::size_t length, bool send_it) {
    Line line(*emulator);
    line.send(request + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n");
    if (send_it) line.send(std::string(length, 'x'));
    return status_of(line.answer());
  };
  constexpr std::size_t kFive = 5'000'000;
  for (const char* file : {"PUT /v1.0/drives/d/items/root:/a:/content", "PUT /beta/drives/d/items/i/content?a=b"}) {
    INFO(file);
    CHECK(status_with(file, kFive, true) == 401);
  }
  CHECK(status_with("PUT /upload/x", kFive, true) != 413);
  for (const char* call : {"POST /v1.0/drives/d/items/i/content", "PUT /v1.0/teams?x=/content", "PUT /v1.0/upload/x"}) {
    INFO(call);
    CHECK(status_with(call, kFive, true) == 413);
  }
  // Refused by its announcement, before a byte of it is sent.
  CHECK(status_with("PUT /v1.0/drives/d/items/i/content", 300'000'000, false) == 413);
}

TEST_CASE("A client that asks before it sends is told no at once", "[server]") {
  const auto emulator = start();
  Line line(*emulator);
  line.send("POST /v1.0/teams HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n");
  CHECK(status_of(line.answer()) == 413);
}

TEST_CASE("An answer can be lost whole or by half", "[server]") {
  std::vector<bool> loopback;
  Cut cut = Cut::none;
  http::Response response;
  Server::Setup setup;
  setup.handler = [&](const http::Request&, Peer peer) {
    loopback.push_back(peer.loopback);
    return Outcome{response, {}, cut};
  };
  auto started = Server::start(std::move(setup));
  REQUIRE(started);
  response.status = 200;
  response.body = std::string(1000, 'b');
  const auto ask = [&](Line& line) { line.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"); };
  {
    cut = Cut::reset;
    Line line((*started)->port());
    ask(line);
    CHECK(line.was_reset());
  }
  cut = Cut::half;
  {
    Line line((*started)->port());
    ask(line);
    const std::string got = line.rest();
    CHECK_THAT(got, Catch::Contains("Content-Length: 1000\r\n") && Catch::EndsWith("\r\n\r\n" + std::string(500, 'b')));
  }
  {
    response.status = 204;
    response.body.clear();
    Line line((*started)->port());
    ask(line);
    const std::string got = line.rest();
    CHECK_THAT(got, Catch::StartsWith("HTTP/1.1 ") && !Catch::Contains("\r\n\r\n"));
  }
  CHECK(loopback == std::vector<bool>(3, true));
}

TEST_CASE("A fault in the handler costs its own request only", "[server]") {
  Server::Setup setup;
  int calls = 0;
  setup.handler = [&](const http::Request&, Peer) -> Outcome {
    if (++calls == 1) throw std::runtime_error("broken");
    return {};
  };
  auto started = Server::start(std::move(setup));
  REQUIRE(started);
  Line line((*started)->port());
  line.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  CHECK(status_of(line.answer()) == 500);
  CHECK_THAT(line.answer(), Catch::StartsWith("HTTP/1.1 "));
}

TEST_CASE("A hostile Host never gets into a link", "[server]") {
  const auto emulator = start();
  const std::string token = token_of(*emulator);
  Line line(*emulator);
  line.send("GET /v1.0/users?$top=1 HTTP/1.1\r\nHost: x\"},{\"y\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  const json body = json::parse(body_of(line.answer()));
  CHECK_THAT(body["@odata.nextLink"].get<std::string>(), Catch::StartsWith(emulator->graph_url() + "/v1.0/users?"));
}

TEST_CASE("Latency delays Graph's answers side by side, and not the sign-in", "[server]") {
  Options options;
  options.latency = std::chrono::milliseconds(700);
  const auto emulator = start(options);
  const auto begun = std::chrono::steady_clock::now();
  const std::string token = token_of(*emulator);
  CHECK(std::chrono::steady_clock::now() - begun < options.latency);
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < 50; ++i) {
    lines.push_back(std::make_unique<Line>(*emulator));
    lines.back()->send(get_request("/v1.0/users", token));
  }
  for (auto& line : lines) CHECK(status_of(line->answer()) == 200);
  const auto taken = std::chrono::steady_clock::now() - begun;
  CHECK(taken >= options.latency);
  CHECK(taken < 25 * options.latency);  // one after the other they would take 50
}

TEST_CASE("A port that is taken is refused, and is free again after the stop", "[server]") {
  const auto first = start();
  Options options;
  options.port = first->port();
  const auto second = Emulator::start(options);
  REQUIRE_FALSE(second);
  CHECK_THAT(second.error().message, Catch::Contains(std::to_string(options.port)));
  first->stop();
  CHECK(start(options)->graph_url() == "http://127.0.0.1:" + std::to_string(options.port));
  options.host = "not an address";
  CHECK_FALSE(Emulator::start(options));
}

TEST_CASE("Stopping ends connections that wait for an answer", "[server]") {
  Options options;
  options.latency = std::chrono::hours(1);
  auto emulator = start(options);
  Line line(*emulator);
  line.send("GET /v1.0/users HTTP/1.1\r\nHost: x\r\n\r\n");
  while (emulator->stats().requests == 0) std::this_thread::yield();
  emulator.reset();
  CHECK(line.answer().empty());
}

TEST_CASE("Slow senders hold up nobody and are cut off by the deadline", "[server]") {
  Options options;
  options.request_deadline = std::chrono::milliseconds(200);
  const auto emulator = start(options);
  std::vector<std::unique_ptr<Line>> slow;
  for (const char* begun : {"G", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n1",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5"}) {
    slow.push_back(std::make_unique<Line>(*emulator));
    slow.back()->send(begun);
  }
  Line idle(*emulator);  // between requests a client may take its time
  idle.send("GET /v1.0/users HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(idle.answer()) == 401);
  const auto begun = std::chrono::steady_clock::now();
  bool served = true;
  std::size_t alive = slow.size();
  while (alive > 0 && std::chrono::steady_clock::now() - begun < std::chrono::seconds(5)) {
    served = served && !token_of(*emulator).empty();
    alive = 0;
    for (auto& each : slow) {
      char byte = 0;
      const ssize_t got = recv(each->fd(), &byte, 1, MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) {
        ++alive;
        each->send("1");  // no progress by dribbling
      }
    }
  }
  CHECK(alive == 0);
  CHECK(served);
  CHECK(std::chrono::steady_clock::now() - begun >= options.request_deadline / 2);
  idle.send("GET /v1.0/users HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(idle.answer()) == 401);
}

TEST_CASE("A client that does not read its answers is cut off by the deadline", "[server]") {
  Server::Setup setup;
  setup.request_deadline = std::chrono::milliseconds(100);
  setup.handler = [](const http::Request&, Peer) {
    Outcome outcome;
    outcome.response.status = 200;
    outcome.response.body = std::string(32 << 20, 'b');  // more than the buffers of both ends hold
    return outcome;
  };
  auto started = Server::start(std::move(setup));
  REQUIRE(started);
  Line lazy((*started)->port());
  lazy.send("GET / HTTP/1.1\r\n\r\n");
  const auto begun = std::chrono::steady_clock::now();
  pollfd watched{lazy.fd(), POLLRDHUP, 0};
  CHECK(poll(&watched, 1, 10'000) == 1);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

TEST_CASE("Ten thousand idle connections leave room for one that asks", "[server]") {
  const auto emulator = start();  // raises the soft limit of file descriptors to the hard one
  rlimit files{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
  // The client's ends live in a process of their own: both ends together may be more than one process may open.
  const int wanted = static_cast<int>(std::min<rlim_t>(10'000, files.rlim_cur - std::min<rlim_t>(files.rlim_cur, 200)));
  if (wanted < 10'000) WARN("the hard limit of file descriptors allows " << wanted << " connections only");
  int told[2];
  REQUIRE(pipe(told) == 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(emulator->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const pid_t crowd = fork();
  REQUIRE(crowd >= 0);
  if (crowd == 0) {  // system calls only: other threads may have held locks when this process was made
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int open = 0;
    while (open < wanted) {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) break;
      ++open;
    }
    if (write(told[1], &open, sizeof open) < 0) _exit(1);
    for (;;) pause();
  }
  int open = 0;
  CHECK(read(told[0], &open, sizeof open) == sizeof open);
  CHECK(open == wanted);
  CHECK_FALSE(token_of(*emulator).empty());
  kill(crowd, SIGKILL);
  waitpid(crowd, nullptr, 0);
  close(told[0]);
  close(told[1]);
  CHECK_FALSE(token_of(*emulator).empty());
}

TEST_CASE("Any bytes on the socket: the server stays and answers others", "[server]") {
  const auto emulator = start();
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string bytes;
    for (auto n = random() % 300; n > 0; --n) bytes += static_cast<char>(random());
    if (i % 2 == 0) bytes = "POST /v1.0/teams HTTP/1.1\r\nHost: x\r\n" + bytes + "\r\n\r\n";
    Line line(*emulator);
    line.send(bytes);
    shutdown(line.fd(), SHUT_WR);
    if (i % 10 == 0) line.rest();
  }
  CHECK_FALSE(token_of(*emulator).empty());
}

}  // namespace teamferry::emulator
