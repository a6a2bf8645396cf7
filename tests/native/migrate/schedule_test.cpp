// The exactly-once protocol (DESIGN.md 4a) under faults that nobody thought of. By default 500 seeds;
//
//   TEAMFERRY_SEEDS=10000 test_migrate "[schedule]"      as many, from 1 on
//   TEAMFERRY_SEED=4711 test_migrate "[schedule]"        this one alone
#include "schedule.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace teamferry;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

TEST_CASE("Whatever a seed does to a migration, nothing is lost and nothing comes twice", "[migrate][schedule]") {
  const auto alone = from_environment("TEAMFERRY_SEED", 0);
  const auto last = alone != 0 ? alone : from_environment("TEAMFERRY_SEEDS", 500);
  for (std::uint64_t seed = alone != 0 ? alone : 1; seed <= last; ++seed) {
    INFO("alone: TEAMFERRY_SEED=" << seed << " test_migrate \"[schedule]\"");
    CHECK(fake::Schedule(seed).play() == "");
  }
}
