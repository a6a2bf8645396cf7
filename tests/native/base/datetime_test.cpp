#include "native/base/datetime.h"

#include <catch2/catch.hpp>

using teamferry::DateTime;

namespace {
std::string again(std::string_view text) {
  const auto parsed = DateTime::parse(text);
  return parsed ? parsed->to_string() : "none";
}
}  // namespace

TEST_CASE("DateTime reads every form the service prints", "[base]") {
  CHECK(again("2019-02-04T19:58:15.511Z") == "2019-02-04T19:58:15.511Z");
  CHECK(again("2019-02-04T19:58:15Z") == "2019-02-04T19:58:15.000Z");
  CHECK(again("2026-05-04T17:17:43.15Z") == "2026-05-04T17:17:43.150Z");
  CHECK(again("2020-05-28T10:00:00+00:00") == "2020-05-28T10:00:00.000Z");
  CHECK(again("2020-05-28T10:00:00.5+02:30") == "2020-05-28T07:30:00.500Z");
  CHECK(again("2026-05-04T10:00:31.765432109876Z") == "2026-05-04T10:00:31.765Z");
}

TEST_CASE("DateTime cuts what is finer than a millisecond and never rounds", "[base]") {
  CHECK(again("2019-02-04T19:58:15.5119999Z") == "2019-02-04T19:58:15.511Z");
  CHECK(again("2019-12-31T23:59:59.9999999Z") == "2019-12-31T23:59:59.999Z");
  CHECK(again("1969-12-31T23:59:59.0025302Z") == "1969-12-31T23:59:59.002Z");
}

TEST_CASE("DateTime reads nothing from what is not a moment", "[base]") {
  for (const char* text :
       {"", "2019-02-04", "2019-02-04T19:58:15", "2019-02-30T00:00:00Z", "2019-13-01T00:00:00Z", "2019-02-04T24:00:00Z",
        "2019-02-04T19:58:15.Z", "2019-02-04T19:58:15Zx", "19-02-04T19:58:15Z", "2019-02-04T19:58:15+0200",
        "2019-02-04 19:58:15Z", "2019-02-04T19:58:15.1234567890123Z"}) {
    INFO(text);
    CHECK_FALSE(DateTime::parse(text));
  }
}

TEST_CASE("DateTime counts from 1970 in both directions", "[base]") {
  CHECK(DateTime::parse("1970-01-01T00:00:00Z")->ms == 0);
  CHECK(DateTime::parse("2001-09-09T01:46:40.001Z")->ms == 1000000000001);
  CHECK(DateTime{-1}.to_string() == "1969-12-31T23:59:59.999Z");
}
