#include "native/emulator/variants.h"

#include <catch2/catch.hpp>
#include <string>

using namespace teamferry::emulator;

TEST_CASE("Each variant's first value is the default and the other one changes something", "[variants]") {
  for (const Variant& variant : all_variants()) {
    INFO(variant.name);
    const std::string name = std::string(variant.name) + "=";
    Variants chosen;
    CHECK(chosen.set(name + std::string(variant.values[1])));
    CHECK_FALSE(chosen == Variants());
    CHECK(chosen.set(name + std::string(variant.values[0])));
    CHECK(chosen == Variants());
  }
}

TEST_CASE("A variant or a value that does not exist is refused with those that do", "[variants]") {
  Variants chosen;
  CHECK(chosen.set("import-status=202").error().message == "variant import-status: '202' is not one of 200, 201");
  CHECK(
      chosen.set("imports=1").error().message.starts_with("there is no variant 'imports'; there are parameter-names,"));
  CHECK(chosen.set("import-status").error().code == "bad_variant");
  CHECK(chosen == Variants());
}
