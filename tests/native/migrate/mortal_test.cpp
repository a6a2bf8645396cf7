// Death at every moment of a migration by both roads, resumed: what Teams holds in the end is what it would hold if
// nothing had happened. By default at some hundred moments;
//
//   TEAMFERRY_CRASH_POINTS=all test_migrate "[mortal]"      at each, against three services, the answer lost or not
#include "mortal.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iterator>
#include <thread>

#include "migration.h"
#include "native/graph/chats.h"
#include "native/graph/members.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fate;
using fake::Migration;
using fake::MortalProgram;
using fake::Program;

namespace {

constexpr double kSpeed = 200;
constexpr std::size_t kStep = 10;

struct Service {
  const char* name;
  bool ingestion_ids;
  std::chrono::milliseconds read_lag;
};
constexpr Service kServices[] = {{"epoch ids", false, 0ms}, {"ingestion ids", true, 0ms}, {"read lag", true, 5000ms}};

emulator::Options options_of(const Service& service) {
  emulator::Options options = fake::strict();
  options.speed = kSpeed;
  options.ingestion_ids = service.ingestion_ids;
  options.read_lag = service.read_lag;
  return options;
}

// Channels with threads, General among them, a private one, a chat, and who is in them.
struct Mixed : Migration {
  explicit Mixed(const Service& service) : Migration("", "", options_of(service)), lag(service.read_lag / kSpeed) {
    room("C1", "General", 5);
    room("C2", "harbour", 10);
    auto& hidden = room("C3", "board", 3);
    hidden.place.membershipType = "private";
    auto& chat = mapper.room("G1", "Orbit core");
    chat.place.chatType = "group";
    chat.place.members = {"Ada", "Bo", "Cy"};
    fill(chat, 4);
    plan();
    world.options = migrate::Options{};
  }

  std::optional<Result<migrate::CompleteSummary>> live(Fate& fate) {
    return MortalProgram(world, *emulated, fate, kSpeed).live();
  }
  std::vector<std::string> content();

  std::chrono::duration<double, std::milli> lag;
};

// What somebody sees who may see everything: one line a message and a member, without ids.
std::vector<std::string> Mixed::content() {
  std::this_thread::sleep_for(lag);
  Program program(world, *emulated, "full");
  auto& client = program.client;
  std::vector<std::string> lines;
  const auto add = [&](const std::string& name, const graph::ConversationRef& where, graph::MigrationMode mode) {
    lines.push_back(fmt::format("{} is {}", name, graph::to_string(mode)));
    const auto members = program.loop.run(graph::members(client, where)).value();
    for (const auto& member : members) {
      lines.push_back(fmt::format(
          "{}: {} from {}", name, member.userId,
          member.visibleHistoryStartDateTime ? member.visibleHistoryStartDateTime->to_string() : "whenever"));
    }
    std::string next;
    do {
      const auto page = program.loop.run(client.messages_page(where, next, graph::Replies::expanded)).value();
      for (const auto& root : page.messages) {
        const auto line = [&](const graph::Message& message, const std::string& parent) {
          lines.push_back(fmt::format("{}: {} {} {} under {}", name, message.createdDateTime->to_string(),
                                      message.from_user_id, message.content, parent));
        };
        line(root, "-");
        for (const auto& reply : root.replies) line(reply, root.createdDateTime->to_string());
      }
      next = page.next_link;
    } while (!next.empty());
  };
  const auto teams = program.loop.run(client.teams_named("Acme")).value();
  for (const auto& team : teams) {
    lines.push_back("a team");
    const auto channels = program.loop.run(client.channels(team.id)).value();
    for (const auto& channel : channels) {
      add("#" + channel.displayName, {team.id, channel.id}, channel.migrationMode);
    }
  }
  const auto ada = directory.users.at("ada@acme.example").id;
  const auto chats = program.loop.run(graph::chats_of(client, ada)).value();
  for (const auto& chat : chats) {
    add("chat " + chat.topic, graph::ConversationRef::chat(chat.id), chat.migrationMode);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

struct Point {
  long at;
  bool loses;
};

// Each moment, and each answer once more as one that is lost.
std::vector<Point> points_of(const Fate& undisturbed, std::size_t step) {
  std::vector<Point> all;
  for (std::size_t i = 0; i < undisturbed.moments.size(); ++i) {
    all.push_back({static_cast<long>(i) + 1, false});
    if (undisturbed.moments[i] == Fate::Kind::answer) all.push_back({static_cast<long>(i) + 1, true});
  }
  std::vector<Point> some;
  for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  return some;
}

}  // namespace

TEST_CASE("Dead at any moment, its answer lost or not, a migration ends as if nothing had happened",
          "[migrate][mortal]") {
  const char* asked = std::getenv("TEAMFERRY_CRASH_POINTS");
  const bool all = asked && std::string(asked) == "all";
  int deaths = 0;
  for (const Service& service : kServices) {
    Mixed calm(service);
    Fate undisturbed;
    REQUIRE(calm.live(undisturbed)->ok());
    const auto expected = calm.content();
    REQUIRE(expected.size() > 20);
    const auto points = points_of(undisturbed, all ? 1 : kStep);
    for (const auto& [at, loses] : points) {
      INFO(service.name << ", dead at " << at << " of " << undisturbed.moments.size()
                        << (loses ? ", when an answer was lost" : ""));
      Mixed migration(service);
      Fate fate;
      fate.dies_at = at;
      fate.loses = loses;
      migration.live(fate);
      deaths += fate.dead ? 1 : 0;
      for (int life = 0; life < 3; ++life) {
        Fate none;
        const auto ended = migration.live(none);
        if (ended && *ended && (*ended)->waiting == 0) break;
      }
      const auto content = migration.content();
      std::vector<std::string> other;
      std::set_symmetric_difference(content.begin(), content.end(), expected.begin(), expected.end(),
                                    std::back_inserter(other));
      CHECK(other == std::vector<std::string>{});
      CHECK(migration.world.journal->totals().failed() == 0);
    }
  }
  if (all) WARN(deaths << " deaths");
  CHECK(deaths > 0);
}
