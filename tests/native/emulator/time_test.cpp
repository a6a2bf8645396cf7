#include "native/emulator/time.h"

#include <catch2/catch.hpp>

namespace teamferry::emulator {

TEST_CASE("Times are read in every form of DateTimeOffset", "[time]") {
  CHECK(read_time("1970-01-01T00:00:00Z") == 0);
  CHECK(read_time("2019-02-04T19:58:15.511Z") == 1549310295511);
  CHECK(read_time("2019-02-04T19:58:15.511+00:00") == 1549310295511);
  CHECK(read_time("2019-02-04T21:28:15.511+01:30") == 1549310295511);
  CHECK(read_time("2019-02-04T14:58:15.5-05:00") == 1549310295500);
  CHECK(read_time("2000-02-29T00:00Z") == 951782400000);
  CHECK(read_time("0001-01-01T00:00:00Z") == kMinTime);
}

TEST_CASE("Fractions are cut to the millisecond, also before 1970", "[time]") {
  CHECK(read_time("2019-02-04T19:58:15.5119999Z") == 1549310295511);
  CHECK(read_time("1969-12-31T23:59:59.9999Z") == -1);
}

TEST_CASE("What is not a DateTimeOffset is no time", "[time]") {
  for (const char* text :
       {"", "2019-02-04", "2019-02-04T19:58:15.511", "2019-02-30T00:00:00Z", "2019-13-01T00:00:00Z",
        "2019-02-04T24:00:00Z", "2019-02-04T23:60:00Z", "2019-02-04T23:59:60Z", "2019-02-04T19:58:15.Z",
        "2019-02-04T19:58:15Z ", "2019-02-04T19:58:15+1:00", "2019-02-04T19:58:15+15:00", "2019-02-04 19:58:15Z",
        "19-02-04T19:58:15Z", "0000-01-01T00:00:00Z", "2019-02-04T19:58:15.1234567890123Z", "1549310295511"}) {
    INFO(text);
    CHECK_FALSE(read_time(text));
  }
}

TEST_CASE("Times are printed as the service does, trailing zeros dropped", "[time]") {
  CHECK(print_time(1549310295511) == "2019-02-04T19:58:15.511Z");
  CHECK(print_time(1549310295500) == "2019-02-04T19:58:15.5Z");
  CHECK(print_time(1549310295000) == "2019-02-04T19:58:15Z");
  CHECK(print_time(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(print_time(kMinTime) == "0001-01-01T00:00:00Z");
  CHECK(print_long_time(1549310295050) == "2019-02-04T19:58:15.0500000Z");
  CHECK(print_http_date(1549310295511) == "Mon, 04 Feb 2019 19:58:15 GMT");
  CHECK(print_spaced_time(1549310295511) == "2019-02-04 19:58:15Z");
}

TEST_CASE("Printed times are read back as they were", "[time]") {
  for (std::int64_t ms = -70'000'000'000'000; ms < 70'000'000'000'000; ms += 86'399'999'000'123) {
    const std::int64_t valid = ms < kMinTime ? kMinTime : ms;
    CHECK(read_time(print_time(valid)) == valid);
  }
  for (std::int64_t day = -1000; day < 40'000; day += 13) {
    CHECK(read_time(print_time(day * 86'400'000 + 1)) == day * 86'400'000 + 1);
  }
}

}  // namespace teamferry::emulator
