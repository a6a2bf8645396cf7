#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "native/base/result.h"
#include "native/emulator/emulator.h"
#include "native/emulator/seed_reader.h"
#include "native/emulator/store.h"

// A tenant to begin with, described by a JSON file. What the keys mean stands in examples/emulator/README.md.
// Tested by tests/native/emulator/seed_test.cpp.
namespace teamferry::emulator {

struct Seed {
  std::string file;
  std::shared_ptr<const nlohmann::json> document;
  Tenant tenant;  // with the digest of the file and of the certificates it names
};

// Reads the file, and the tenant in it. Errors of this and of apply_seed have the code bad_seed, and name the file, the
// place in it and what is expected there.
Result<Seed> read_seed(const std::string& file);

// Adds apps, users, teams and chats to a store that began with the seed's tenant, and marks it as seeded. After an
// error the store is half filled. `now` in ms: nothing may be later.
Status apply_seed(const Seed& seed, Store& store, std::int64_t now);

// The store that these options ask for: with a seed, an empty folder gets it, one that has it already is as it was
// left, and any other is refused with the code seed_changed. A wrong seed leaves no folder behind.
Result<std::unique_ptr<Store>> open_store(const Options& options, std::int64_t now);

// The parts, each of which throws a SeedProblem. The store's failures are thrown as StoreProblem.
struct StoreProblem {
  Error error;
};
void must(const Status& done_or_not);                                    // throws a StoreProblem
void seed_teams(const SeedValue& root, Store& store, std::int64_t now);  // seed_rooms.cpp
void seed_chats(const SeedValue& root, Store& store, std::int64_t now);  // seed_rooms.cpp
const User& seed_user(const SeedValue& name, const Store& store);        // whom a text names
void seed_messages(const SeedValue& room, Store& store, Conversation& conversation,
                   std::int64_t now);                                   // seed_messages.cpp
std::optional<std::int64_t> first_message_time(const SeedValue& room);  // seed_messages.cpp

}  // namespace teamferry::emulator
