#include <catch2/catch.hpp>
#include <cstring>

#include "bindings/module.h"

using namespace teamferry::bindings;

TEST_CASE("Every function that scripts can call says how and what for", "[docs]") {
  std::vector<const Module*> all(modules().begin(), modules().end());
  all.push_back(&kArchiveMethods);
  for (const Module* module : {&kProject, &kGraph, &kTeamMethods, &kChannelMethods, &kChatMethods})
    all.push_back(module);
  for (const Module* module : all) {
    CHECK(std::strlen(module->summary) > 0);
    for (const Function& function : module->functions) {
      INFO(module->name << "." << function.name);
      CHECK(std::strlen(function.summary) > 10);
      CHECK(std::string(function.signature).find(std::string(function.name) + "(") != std::string::npos);
    }
  }
}
