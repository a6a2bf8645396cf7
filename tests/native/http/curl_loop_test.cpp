#include "native/http/curl_loop.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <thread>

#include "tests/support/socket_server.h"

using namespace teamferry;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

Request get(const std::string& url) {
  Request request;
  request.url = url;
  request.timeout = 20s;
  return request;
}

Request post(const std::string& url, std::string body) {
  Request request = get(url);
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

void serve_echo(Connection& connection) {
  for (auto request = connection.read_request(); !request.empty(); request = connection.read_request()) {
    connection.answer(request);
  }
}

std::string code_of(CurlLoop& loop, Request request) {
  auto result = loop.run(loop.send(std::move(request)));
  return result.ok() ? "ok " + std::to_string(result->status) : result.error().code;
}

Task<void> fetch(Transport& transport, Request request, std::vector<Result<Response>>& into) {
  auto sent = transport.send(std::move(request));
  into.push_back(co_await std::move(sent));
}

}  // namespace

TEST_CASE("Requests one after another share a connection", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  for (int i = 0; i < 5; ++i) CHECK(code_of(loop, get(server.url())) == "ok 200");
  CHECK(server.connections() == 1);
}

TEST_CASE("A fresh connection is neither taken from the others nor left to them", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  Request fresh = post(server.url(), "x");
  fresh.fresh_connection = true;
  CHECK(code_of(loop, get(server.url())) == "ok 200");
  CHECK(code_of(loop, fresh) == "ok 200");
  CHECK(code_of(loop, fresh) == "ok 200");
  CHECK(code_of(loop, get(server.url())) == "ok 200");
  CHECK(server.connections() == 3);
}

TEST_CASE("What leaves is what was asked for, without additions that change its meaning", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  Request request = post(server.url("/a%2Fb?$top=50"), std::string(100'000, 'x'));
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Empty", "");
  const auto sent = loop.run(loop.send(std::move(request)));
  REQUIRE(sent.ok());
  const std::string& seen = sent.value().body;
  CHECK(seen.find("POST /a%2Fb?$top=50 HTTP/1.1\r\n") == 0);
  CHECK(seen.find("Content-Length: 100000\r\n") != std::string::npos);
  CHECK(seen.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(seen.find("X-Empty:\r\n") != std::string::npos);
  CHECK(seen.find("Expect") == std::string::npos);
  CHECK(seen.size() > 100'000);
}

TEST_CASE("A POST without a body says that it has none", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  const auto sent = loop.run(loop.send(post(server.url(), "")));
  REQUIRE(sent.ok());
  CHECK(sent.value().body.find("Content-Length: 0\r\n") != std::string::npos);
  CHECK(sent.value().body.find("Content-Type") == std::string::npos);
}

TEST_CASE("Other methods keep their name and their body", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  for (const char* method : {"PUT", "PATCH", "DELETE"}) {
    Request request = post(server.url(), "bytes");
    request.method = method;
    const auto sent = loop.run(loop.send(std::move(request)));
    REQUIRE(sent.ok());
    CHECK(sent.value().body.find(std::string(method) + " / HTTP/1.1\r\n") == 0);
    CHECK(sent.value().body.find("\r\n\r\nbytes") != std::string::npos);
  }
}

TEST_CASE("A request takes nothing over from the one before it", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  const auto seen = [&](const char* method, std::string body) {
    Request request = get(server.url("/x"));
    request.method = method;
    if (!body.empty()) request.headers.add("X-Only-Here", method);
    request.body = std::move(body);
    const auto sent = loop.run(loop.send(std::move(request)));
    REQUIRE(sent.ok());
    return sent->body;
  };
  const std::vector<const char*> methods = {"GET", "POST", "PATCH", "DELETE", "PUT"};
  for (const char* before : methods) {
    for (const char* method : methods) {
      CAPTURE(before, method);
      seen(before, "of the one before");
      const std::string plain = seen(method, "");
      CHECK(plain.find(std::string(method) + " /x HTTP/1.1\r\n") == 0);
      CHECK(plain.find("before") == std::string::npos);
      CHECK(plain.find("X-Only-Here") == std::string::npos);
      const bool says_length = plain.find("Content-Length: 0") != std::string::npos;
      CHECK(says_length == (method[0] == 'P'));
    }
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("A redirect is an answer like any other", "[http]") {
  SocketServer server([](Connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  CurlLoop loop;
  CHECK(code_of(loop, get(server.url())) == "ok 302");
}

TEST_CASE("An interim answer leaves no headers behind", "[http]") {
  SocketServer server([](Connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n");
    connection.write("HTTP/1.1 201 Created\r\nx-late:  2 \r\nContent-Length: 2\r\n\r\nok");
  });
  CurlLoop loop;
  const auto result = loop.run(loop.send(get(server.url())));
  REQUIRE(result.ok());
  CHECK(result.value().status == 201);
  CHECK(result.value().headers.find("X-Early") == nullptr);
  REQUIRE(result.value().headers.find("X-Late") != nullptr);
  CHECK(*result.value().headers.find("X-Late") == "2");
}

TEST_CASE("Each way to lose an answer has its code", "[http]") {
  CurlLoop loop;
  SECTION("nobody listens") {
    std::string url;
    { url = SocketServer(serve_echo).url(); }
    CHECK(code_of(loop, get(url)) == "connect");
  }
  SECTION("no answer in time") {
    SocketServer server([](Connection& connection) { connection.wait_for_close(); });
    Request request = get(server.url());
    request.timeout = 30ms;
    const auto start = loop.now();
    CHECK(code_of(loop, std::move(request)) == "timeout");
    CHECK(loop.now() - start >= 30ms);
  }
  SECTION("an answer that begins and never ends") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      connection.wait_for_close();
    });
    Request request = get(server.url());
    request.timeout = 30ms;
    CHECK(code_of(loop, std::move(request)) == "timeout");
  }
  SECTION("closed without a word") {
    SocketServer server([](Connection& connection) { connection.read_request(); });
    CHECK(code_of(loop, post(server.url(), "x")) == "reset");
  }
  SECTION("reset without a word") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.reset_on_close();
    });
    CHECK(code_of(loop, post(server.url(), "x")) == "reset");
  }
  SECTION("cut short by its length") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    });
    CHECK(code_of(loop, get(server.url())) == "cut_short");
  }
  SECTION("cut short between two chunks") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    });
    CHECK(code_of(loop, get(server.url())) == "cut_short");
  }
  SECTION("cut short by a reset") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      std::this_thread::sleep_for(20ms);
      connection.reset_on_close();
    });
    CHECK(code_of(loop, get(server.url())) == "cut_short");
  }
  SECTION("cut short inside its head") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\nContent-Le");
    });
    CHECK(code_of(loop, get(server.url())) == "cut_short");
  }
  SECTION("no HTTP at all") {
    SocketServer server([](Connection& connection) {
      connection.read_request();
      connection.write("SSH-2.0-OpenSSH\r\n\r\n");
    });
    CHECK(code_of(loop, get(server.url())) == "bad_answer");
  }
  SECTION("no TLS where TLS was asked for") {
    SocketServer server([](Connection& connection) { connection.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
    CHECK(code_of(loop, get(server.url("/", "https"))) == "tls");
  }
}

TEST_CASE("What cannot be sent is refused before anything leaves", "[http]") {
  SocketServer server(serve_echo);
  CurlLoop loop;
  CHECK(code_of(loop, get("file:///etc/passwd")) == "bad_url");
  CHECK(code_of(loop, get(server.url("/a b"))) == "bad_url");
  Request request = get(server.url());
  request.headers.add("X-Forged", "1\r\nAuthorization: Bearer 2");
  CHECK(code_of(loop, request) == "bad_header");
  CHECK(server.connections() == 0);
}

TEST_CASE("A large answer arrives whole, one that is too large does not", "[http]") {
  SocketServer server([](Connection& connection) {
    while (!connection.read_request().empty()) connection.answer(std::string(8'000'000, 'z'));
  });
  CurlLoop loop;
  const auto whole = loop.run(loop.send(get(server.url())));
  REQUIRE(whole.ok());
  CHECK(whole.value().body == std::string(8'000'000, 'z'));

  CurlLoop::Options options;
  options.response_limit = 7'999'999;
  CurlLoop strict(options);
  CHECK(code_of(strict, get(server.url())) == "too_large");
}

TEST_CASE("Three hundred slow answers are waited for at once, and their connections serve again", "[http]") {
  std::atomic<int> waiting{0};
  SocketServer server([&waiting](Connection& connection) {
    for (int i = 0; !connection.read_request().empty(); ++i) {
      if (i == 0) {
        ++waiting;
        waiting.notify_all();
      }
      for (int have = waiting; have < 300; have = waiting) waiting.wait(have);
      connection.answer("ok");
    }
  });
  CurlLoop loop;
  for (int round = 0; round < 2; ++round) {
    std::vector<Result<Response>> results;
    TaskGroup group;
    for (int i = 0; i < 300; ++i) group.add(fetch(loop, get(server.url()), results));
    loop.run(group.wait());
    REQUIRE(results.size() == 300);
    CHECK(std::all_of(results.begin(), results.end(), [](const auto& result) { return result.ok(); }));
  }
  CHECK(server.connections() == 300);
}

TEST_CASE("Requests are dropped wherever they are: some on their way, some waiting for room", "[http]") {
  SocketServer silent([](Connection& connection) { connection.wait_for_close(); });
  SocketServer server(serve_echo);
  CurlLoop loop;
  std::vector<Task<Result<Response>>> dropped;
  for (int i = 0; i < 300; ++i) dropped.push_back(loop.send(get(silent.url())));
  for (auto& task : dropped) task.start();
  dropped.erase(dropped.begin() + 250, dropped.end());
  dropped.erase(dropped.begin(), dropped.begin() + 100);
  dropped.clear();
  CHECK(code_of(loop, get(server.url())) == "ok 200");
}

TEST_CASE("This machine is not reached through a proxy", "[http]") {
  SocketServer server(serve_echo);
  setenv("http_proxy", "http://127.0.0.1:9", 1);
  CurlLoop loop;
  const std::string code = code_of(loop, get(server.url()));
  unsetenv("http_proxy");
  CHECK(code == "ok 200");
}

TEST_CASE("Timers come in the order of time, then of the calls, and never early", "[http]") {
  CurlLoop loop;
  const auto start = loop.now();
  std::vector<int> order;
  std::vector<Loop::Duration> late;
  auto timer = [&](int number, Loop::Duration after) {
    loop.at(start + after, [&, number, after] {
      order.push_back(number);
      late.push_back(loop.now() - (start + after));
    });
  };
  timer(3, 12ms);
  timer(1, 5300us);
  timer(2, 5300us);
  timer(0, 1ms);
  while (order.size() < 4) loop.step();
  CHECK(order == std::vector<int>{0, 1, 2, 3});
  CHECK(std::all_of(late.begin(), late.end(), [](auto by) { return by >= 0ms; }));
}

TEST_CASE("Another thread wakes the loop", "[http]") {
  CurlLoop loop;
  bool called = false;
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  std::thread other([&] {
    loop.post([&] {
      called = true;
      there = std::this_thread::get_id();
    });
  });
  while (!called) loop.step();
  other.join();
  CHECK(there == here);
}

TEST_CASE("A task that is dropped takes its request along, and the loop goes on", "[http]") {
  SocketServer silent([](Connection& connection) { connection.wait_for_close(); });
  SocketServer server(serve_echo);
  CurlLoop loop;
  {
    auto dropped = loop.send(get(silent.url()));
    dropped.start();
    CHECK(code_of(loop, get(server.url())) == "ok 200");
    CHECK_FALSE(dropped.finished());
  }
  CHECK(code_of(loop, get(server.url())) == "ok 200");
}

TEST_CASE("A task may outlive its loop", "[http]") {
  SocketServer silent([](Connection& connection) { connection.wait_for_close(); });
  std::optional<CurlLoop> loop(std::in_place);
  auto left = loop->send(get(silent.url()));
  left.start();
  loop->post([] {});
  loop->step();
  loop.reset();
  CHECK_FALSE(left.finished());
}

TEST_CASE("A loop told to run faster keeps step: its time, its waits and their order", "[http]") {
  CurlLoop loop;
  const auto real = Loop::Clock::now();
  const auto before = loop.now();
  loop.run_at(100);
  CHECK(loop.now() - before < 30s);
  std::vector<int> order;
  loop.at(loop.now() + 6s, [&] { order.push_back(2); });
  loop.at(loop.now() + 5s, [&] { order.push_back(1); });
  const auto wait = [](CurlLoop& on) -> Task<void> { co_await on.sleep(10s); };
  loop.run(wait(loop));
  CHECK(loop.now() - before >= 10s);
  CHECK(Loop::Clock::now() - real < 9s);
  CHECK(order == std::vector<int>{1, 2});
}
