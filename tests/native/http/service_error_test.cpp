#include "native/http/service_error.h"

#include <catch2/catch.hpp>

#include "tests/support/scripted_transport.h"

using namespace teamferry;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {
const DateTime kNow = *DateTime::parse("2026-05-04T10:11:12Z");

Error read(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return service_error(answer(status, std::move(body), std::move(headers)), kNow);
}
}  // namespace

TEST_CASE("Graph's envelope gives code, message, ids and the innermost text", "[http]") {
  const auto error = read(403, R"({"error":{"code":"Forbidden","message":"InsufficientPrivileges","innerError":{
    "code":"1","message":"MessageWritesBlocked-Thread is not marked for import","date":"2026-05-04T10:11:12",
    "request-id":"r-1","client-request-id":"c-1"}}})");
  CHECK(error.kind == Error::Kind::service);
  CHECK(error.status == 403);
  CHECK(error.code == "Forbidden");
  CHECK(error.message == "InsufficientPrivileges");
  CHECK(error.inner_message == "MessageWritesBlocked-Thread is not marked for import");
  CHECK(error.request_id == "r-1");
  CHECK(error.client_request_id == "c-1");
  CHECK_FALSE(error.retry_after);
}

TEST_CASE("Inner errors are read at any depth and in both spellings", "[http]") {
  const auto error = read(400, R"({"error":{"code":"BadRequest","message":"Bad","innererror":{"message":"outer text",
    "innerError":{"innererror":{"message":"the reason","requestId":"deep"}}}}})");
  CHECK(error.inner_message == "the reason");
  CHECK(error.request_id == "deep");
}

TEST_CASE("A nesting without end is not followed without end", "[http]") {
  std::string body = R"({"error":{"code":"X","message":"m")";
  for (int i = 0; i < 5000; ++i) body += R"(,"innerError":{"message":"d")";
  body += std::string(5002, '}');
  CHECK(read(400, body).code == "X");
}

TEST_CASE("Headers outrank the body for ids", "[http]") {
  const auto error =
      read(500, R"({"error":{"code":"X","innerError":{"request-id":"body"}}})", {{"request-id", "head"}});
  CHECK(error.request_id == "head");
}

TEST_CASE("An answer that is no envelope still tells something", "[http]") {
  CHECK(read(502, "<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>").message ==
        "an HTML page, '502 Bad Gateway'");
  CHECK(read(503, "<p>We are <b>down</b>").message == "an HTML page, 'We are down'");
  CHECK(read(404, "").message == "not found");
  CHECK(read(413, "{}").message == "the request is too large");
  CHECK(read(400, R"({"error":null})").message == "the service finds the request wrong and does not say why");
  CHECK(read(400, "[1,2]").code.empty());
  CHECK(read(500, "plain words").message == "plain words");
  CHECK(read(418, R"({"error":{"code":7,"message":["x"]}})").message == "the service does not say why");
}

TEST_CASE("Foreign text becomes one printable line of bounded length", "[http]") {
  CHECK(one_line("a\x1b[31m\n\tb\xff") == "a [31m b?");
  CHECK(one_line("\xc3\xa4\xe2\x82\xac") == "\xc3\xa4\xe2\x82\xac");
  CHECK(one_line("\xe2\x82") == "??");
  CHECK(one_line(std::string(1000, 'x'), 10) == "xxxxxxxxxx...");
  CHECK(read(500, std::string(3'000'000, 'y')).message.size() < 400);
}

TEST_CASE("Retry-After is read whole, with a fraction, and as a date", "[http]") {
  CHECK(parse_retry_after("10", kNow) == 10s);
  CHECK(parse_retry_after(" 2.128 ", kNow) == 2128ms);
  CHECK(parse_retry_after("0.0001", kNow) == 1ms);
  CHECK(parse_retry_after("Mon, 04 May 2026 10:11:42 GMT", kNow) == 30s);
  CHECK(parse_retry_after("Monday, 04-May-26 10:11:42 GMT", kNow) == 30s);
  CHECK(parse_retry_after("Mon May  4 10:11:42 2026", kNow) == 30s);
}

TEST_CASE("Retry-After is never negative, endless or guessed", "[http]") {
  CHECK(parse_retry_after("Mon, 04 May 2026 10:00:00 GMT", kNow) == 0ms);
  CHECK(parse_retry_after("99999999999999999999999999999999999999", kNow) == 24h);
  CHECK(parse_retry_after("1e9", kNow) == std::nullopt);
  for (const char* text :
       {"", "-5", "soon", "1.2.3", "nan", "Mon, 04 May 10:11:42 GMT", "Mon, 99 May 2026 10:11:42 GMT"}) {
    INFO(text);
    CHECK_FALSE(parse_retry_after(text, kNow));
  }
}

TEST_CASE("A Retry-After date is seen from the answer's own clock", "[http]") {
  const auto error =
      read(429, "", {{"Date", "Mon, 04 May 2026 12:00:00 GMT"}, {"Retry-After", "Mon, 04 May 2026 12:00:07 GMT"}});
  CHECK(error.retry_after == 7s);
  CHECK(error.retryable());
}
