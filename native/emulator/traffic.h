#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/store.h"

// What kind of request one is, and what it is about: throttling and faults ask for both.
// Tested by tests/native/emulator/throttle_test.cpp.
namespace teamferry::emulator {

// The kinds that a fault rule can name: "sign-in", "imports", ...
enum class Traffic { sign_in, imports, reads, starts, completions, creations, members, uploads, batches, others };
inline constexpr int kTraffics = 10;
std::string_view name_of(Traffic traffic);

// What shares a budget "per resource".
enum class Scope { none, team, conversation };

// One row of the service's page of limits, edition of 2026 (section 5.1 of the fact sheet). Counts are requests per
// second; all requests of one row share its budgets.
struct Limit {
  std::string_view name;
  int per_app = 0;     // over all tenants
  int per_tenant = 0;  // of one app in one tenant
  Scope scope = Scope::none;
  int per_resource = 0;
  std::chrono::milliseconds resource_window{1000};  // that per_resource is counted in
};

struct TrafficClass {
  Traffic traffic = Traffic::others;
  const Limit* limit = nullptr;  // nullptr: the page of Teams says nothing, as for users and drives
};

// Of the decoded segments behind the version. Never fails: what no row names is `others`, or `reads` if it is a GET.
TrafficClass classify(std::string_view method, const std::vector<std::string>& segments);

// The team and the conversation that a path names; nullptr for what it does not name, or what is not there.
struct Place {
  const Team* team = nullptr;
  const Conversation* conversation = nullptr;
};
Place find_place(const Store& store, const std::vector<std::string>& segments);

// The path with names in place of the ids that are drawn at random, so that two runs of the same project give the
// same text: "POST teams/Orbit/channels/launch/messages".
std::string stable_path(std::string_view method, const std::vector<std::string>& segments, const Place& place);
std::string stable_name(const Place& place);

// "/teams/*/channels/*/messages" against segments: "*" stands for one of them, "**" at the end for any rest.
bool matches_path(const std::vector<std::string>& pattern, const std::vector<std::string>& segments);

}  // namespace teamferry::emulator
