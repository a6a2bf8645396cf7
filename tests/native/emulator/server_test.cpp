#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
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

TEST_CASE("E96: a body of more than 4 MiB is 413, announced or chunked", "[server]") {
  const auto emulator = start();
  for (const char* framing : {"Content-Length: 6000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5b8d80\r\n"}) {
    INFO(framing);
    Line line(*emulator);
    line.send(std::string("POST /v1.0/teams HTTP/1.1\r\nHost: x\r\n") + framing);
    line.send(std::string(6'000'000, 'x'));
    const std::string answer = line.answer();
    CHECK(status_of(answer) == 413);
    CHECK(json::parse(body_of(answer))["error"]["code"] == "RequestEntityTooLarge");
  }
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

}  // namespace teamferry::emulator
