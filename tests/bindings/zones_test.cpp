#include "bindings/zones.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "native/base/datetime.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

std::int64_t seconds(const std::string& text) {
  return teamferry::DateTime::parse(text + "Z")->ms / 1000;
}

}  // namespace

TEST_CASE("A zone knows summer and winter, before and after its table ends", "[zones]") {
  Zones zones;
  const Zone* berlin = zones.find("Europe/Berlin");
  if (!berlin) {
    WARN("no zone data on this machine");
    SUCCEED();
    return;
  }
  CHECK(berlin->offset_of_local(seconds("2018-10-22T09:55:00")) == 7200);
  CHECK(berlin->offset_of_local(seconds("2018-12-22T09:55:00")) == 3600);
  CHECK(berlin->offset_of_local(seconds("2090-07-01T12:00:00")) == 7200);
  CHECK(berlin->offset_of_local(seconds("2090-12-01T12:00:00")) == 3600);
  // 02:30 comes twice that night: the first is still summer.
  CHECK(berlin->offset_of_local(seconds("2018-10-28T02:30:00")) == 7200);
  CHECK(berlin->offset_of_local(seconds("2018-10-28T03:00:00")) == 3600);
  // 02:30 does not come at all that night.
  CHECK(berlin->offset_of_local(seconds("2018-03-25T02:30:00")) == 3600);
  CHECK(zones.find("America/New_York")->offset_of_local(seconds("2019-07-01T00:00:00")) == -4 * 3600);
  CHECK(zones.find("Australia/Sydney")->offset_of_local(seconds("2060-01-01T00:00:00")) == 11 * 3600);
  CHECK(zones.find("Asia/Kolkata")->offset_of_local(seconds("2019-07-01T00:00:00")) == 19800);
  CHECK(zones.find("Etc/UTC")->offset_of_local(seconds("2019-07-01T00:00:00")) == 0);
}

TEST_CASE("A zone agrees with the C library at every hour of forty years", "[zones]") {
  const std::string name = GENERATE("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca",
                                    "Europe/Dublin", "Asia/Tehran", "Pacific/Apia");
  Zones zones;
  const Zone* zone = zones.find(name);
  if (!zone) {
    SUCCEED("no zone data on this machine");
    return;
  }
  const char* before = std::getenv("TZ");
  const std::string kept = before ? before : "";
  setenv("TZ", name.c_str(), 1);
  tzset();
  int different = 0;
  for (std::int64_t at = seconds("2005-01-01T00:30:00"); at < seconds("2045-01-01T00:00:00"); at += 3600) {
    const std::time_t moment = at;
    std::tm local{};
    localtime_r(&moment, &local);
    different += zone->offset_at(at) != local.tm_gmtoff;
  }
  CHECK(different == 0);
  before ? setenv("TZ", kept.c_str(), 1) : unsetenv("TZ");
  tzset();
}

TEST_CASE("A name that is a path, and data that is no zone, give none", "[zones]") {
  const Folder folder;
  folder.write("cut", std::string("TZif2") + std::string(60, '\x7f')).write("no", "hello").write("empty", "");
  Zones zones(folder.path());
  CHECK(!zones.find("../etc/passwd"));
  CHECK(!zones.find("/etc/passwd"));
  CHECK(!zones.find("cut"));
  CHECK(!zones.find("no"));
  CHECK(!zones.find("empty"));
  CHECK(!zones.find(""));
}
