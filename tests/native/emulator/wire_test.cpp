#include "native/emulator/wire.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::emulator {
namespace {

using State = RequestReader::State;

RequestReader reader(std::size_t limit = 100) {
  return RequestReader("https", "127.0.0.1:4711", [limit](std::string_view, std::string_view) { return limit; });
}

std::string url_of(const std::string& target, const std::string& host) {
  RequestReader reading = reader();
  reading.feed("GET " + target + " HTTP/1.1\r\n" + (host.empty() ? "" : "Host: " + host + "\r\n") + "\r\n");
  REQUIRE(reading.state() == State::done);
  return reading.request().url;
}

}  // namespace

TEST_CASE("A request reads the same however its bytes are cut", "[wire]") {
  const std::string text =
      "POST /v1.0/teams?a=b HTTP/1.1\r\nHost: h:1\r\nX-Two:  a b \r\nx-two: c\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHost: trailer\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    RequestReader reading = reader();
    std::string held;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      CHECK(reading.state() == State::reading);
      held += text.substr(at, piece);
      held.erase(0, reading.feed(held));
    }
    REQUIRE(reading.state() == State::done);
    CHECK(held.empty());
    const http::Request& request = reading.request();
    CHECK(request.method == "POST");
    CHECK(request.url == "https://h:1/v1.0/teams?a=b");
    CHECK(request.body == "abcde");
    std::vector<std::string> fields;
    for (const auto& [name, value] : request.headers) fields.push_back(name + "=" + value);
    CHECK(fields == std::vector<std::string>{"Host=h:1", "X-Two=a b", "x-two=c", "Transfer-Encoding=chunked"});
  }
}

TEST_CASE("What follows a request is left for the next", "[wire]") {
  RequestReader reading = reader();
  const std::string first = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";
  CHECK(reading.feed(first + "GET /b HTTP/1.0\r\n\r\n") == first.size());
  CHECK(reading.request().body == "hi");
  CHECK(reading.keep_alive());
  CHECK_FALSE(reading.http_1_0());
  reading.reset();
  CHECK_FALSE(reading.started());
  reading.feed("GET /b HTTP/1.0\r\n\r\n");
  CHECK(reading.request().body.empty());
  CHECK(reading.request().url == "https://127.0.0.1:4711/b");
  CHECK_FALSE(reading.keep_alive());
  CHECK(reading.http_1_0());
}

TEST_CASE("A host that is none, and a scheme that is not the connection's, have no say", "[wire]") {
  CHECK(url_of("/a?b", "localhost:1") == "https://localhost:1/a?b");
  CHECK(url_of("/a", "[::1]:1") == "https://[::1]:1/a");
  CHECK(url_of("http://other:2/a", "h") == "https://other:2/a");
  CHECK(url_of("https://other:2", "h") == "https://other:2/");
  for (const char* bad : {"", "x\"y", "a/b", "a b", "a@b", "<script>", "\xC3\xA9"}) {
    CHECK(url_of("/a", bad) == "https://127.0.0.1:4711/a");
  }
  for (const char* bad : {"*", "a", "ftp://h/a"}) CHECK(url_of(bad, "h").empty());
}

TEST_CASE("A body over its limit ends the reading with the header in hand", "[wire]") {
  std::vector<std::string> asked;
  RequestReader reading("http", "h", [&](std::string_view method, std::string_view target) {
    asked.push_back(std::string(method) + " " + std::string(target));
    return std::size_t{3};
  });
  for (const char* framing :
       {"Content-Length: 4\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n",
        "Content-Length: 18446744073709551615\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"}) {
    INFO(framing);
    reading.reset();
    reading.feed(std::string("PUT /a?b HTTP/1.1\r\nid: 7\r\n") + framing);
    CHECK(reading.state() == State::too_large);
    CHECK(reading.request().url == "http://h/a?b");
    CHECK(*reading.request().headers.find("ID") == "7");
  }
  CHECK(asked == std::vector<std::string>(4, "PUT /a?b"));
  reading.reset();
  reading.feed("PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  CHECK(reading.state() == State::done);
}

TEST_CASE("Headers and chunk lines have an end", "[wire]") {
  for (const char* begun : {"GET / HTTP/1.1\r\n", "GET /", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;",
                            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"}) {
    INFO(begun);
    RequestReader reading = reader();
    std::string held = begun;
    for (int i = 0; i < 100 && reading.state() == State::reading; ++i) {
      held += "A: " + std::string(2000, 'x') + (std::string_view(begun).back() == '\n' ? "\r\n" : "");
      held.erase(0, reading.feed(held));
    }
    CHECK(reading.state() == State::bad);
    CHECK((reading.status() == 431 || reading.status() == 400));
  }
}

TEST_CASE("A client that waits for 100 Continue is noticed once its header is there", "[wire]") {
  RequestReader reading = reader();
  std::string text = "POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n";
  text.erase(0, reading.feed(text));
  CHECK_FALSE(reading.wants_continue());
  text += "\r\n";
  text.erase(0, reading.feed(text));
  CHECK(reading.wants_continue());
  reading.feed("h");
  CHECK_FALSE(reading.wants_continue());
}

TEST_CASE("The head of an answer says how long it is and whether the connection stays", "[wire]") {
  http::Response response;
  response.status = 200;
  response.headers.add("A", "b");
  response.body = "xyz";
  CHECK(print_head(response, true, false) == "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\n");
  CHECK(print_head(response, true, true) ==
        "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n");
  response.body.clear();
  response.status = 204;
  CHECK(print_head(response, false, false) == "HTTP/1.1 204 No Content\r\nA: b\r\nConnection: close\r\n\r\n");
  response.status = 429;
  CHECK_THAT(print_head(response, true, false), Catch::Contains("HTTP/1.1 429 Too Many Requests\r\n"));
}

}  // namespace teamferry::emulator
