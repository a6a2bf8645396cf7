// Chats, from a plan to the history that their members see, against the emulator.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "migration.h"
#include "native/graph/chats.h"
#include "native/graph/members.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Migration;
using fake::Program;

namespace {

std::vector<graph::Member> members_of(Migration& migration, const journal::Conversation& chat) {
  Program program(migration.world, *migration.emulated, "full");
  return program.loop.run(graph::members(program.client, graph::ConversationRef::chat(chat.graph_id))).value();
}

bool all_see_the_history(Migration& migration, const journal::Conversation& chat) {
  for (const auto& member : members_of(migration, chat)) {
    if (!member.visibleHistoryStartDateTime || *member.visibleHistoryStartDateTime > chat.floor) return false;
  }
  return true;
}

void group(Migration& migration, int messages) {
  auto& room = migration.mapper.room("G1", "Orbit core");
  room.place.chatType = "group";
  room.place.members = {"Ada", "Bo", "Cy"};
  migration.fill(room, messages);
}

}  // namespace

TEST_CASE("A group chat is created, filled, completed, and shows its history to everybody", "[migrate][roads][chat]") {
  Migration migration;
  group(migration, 9);
  REQUIRE(migration.plan().planned == 9);
  const auto sent = migration.run();
  CHECK(sent.whole());
  CHECK(sent.sent == 9);
  const auto completed = migration.complete();
  REQUIRE(completed.ok());
  CHECK(completed->chats == 1);
  CHECK(completed->members == 1);  // two came with the creation, and see all since then
  const auto chat = migration.conversation("G1");
  CHECK(chat.state == "completed");
  CHECK(members_of(migration, chat).size() == 3);
  CHECK(all_see_the_history(migration, chat));
  CHECK(migration.verify().ok());
  SECTION("a second completion changes nothing") {
    const auto again = migration.complete();
    REQUIRE(again.ok());
    CHECK(again->chats == 0);
    CHECK(again->members == 0);
  }
}

TEST_CASE("Whoever joined without the history is removed and added again, also after a death in between",
          "[migrate][roads][chat]") {
  Migration migration;
  group(migration, 3);
  migration.plan();
  migration.run();
  const auto chat = migration.conversation("G1");
  const auto cy = migration.directory.users.at("cy@acme.example").id;
  {
    Program program(migration.world, *migration.emulated, "full");
    const auto where = graph::ConversationRef::chat(chat.graph_id);
    REQUIRE(program.loop.run(graph::add_member(program.client, where, {cy, {"owner"}})).ok());
    if (GENERATE(false, true)) {  // removed, and the program died
      auto members = migration.world.journal->members();
      const auto row = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.user == cy; });
      row->state = "removed";
      journal::Committer::Work work = [&](journal::Transaction& t) { t.member(*row); };
      REQUIRE(program.loop.run(program.committer->commit(work)).ok());
      const auto roster = members_of(migration, chat);
      const auto out = std::find_if(roster.begin(), roster.end(), [&](const auto& m) { return m.userId == cy; });
      REQUIRE(program.loop.run(graph::remove_member(program.client, where, out->id)).ok());
    }
  }
  CHECK_FALSE(members_of(migration, chat).empty());
  REQUIRE(migration.complete().ok());
  CHECK(members_of(migration, chat).size() == 3);
  CHECK(all_see_the_history(migration, chat));
  for (const auto& member : migration.world.journal->members()) CHECK(member.state == "done");
}

TEST_CASE("A group chat whose creation got no answer is found, and not made twice", "[migrate][roads][chat]") {
  const char* fault = GENERATE("reset-after", "reset-before");
  Migration migration(fmt::format(R"({{"fault": "{}", "method": "POST", "path": "/chats", "first": 1}})", fault));
  group(migration, 3);
  migration.world.options.team_lag = {50ms, 50ms};
  migration.plan();
  CHECK(migration.run().whole());
  Program program(migration.world, *migration.emulated, "full");
  const auto ada = migration.directory.users.at("ada@acme.example").id;
  CHECK(program.loop.run(graph::chats_of(program.client, ada)).value().size() == 1);
}

TEST_CASE("Who is in a chat that lived before sees what was imported only when somebody asks for that",
          "[migrate][roads][chat]") {
  Migration migration("", R"({
    "tenant": { "domain": "acme.example", "displayName": "Acme" },
    "users": [ { "displayName": "Dee", "mail": "dee@acme.example" }, { "displayName": "Eli", "mail": "eli@acme.example" } ],
    "chats": [ { "chatType": "group", "topic": "Night shift", "createdDateTime": "2022-06-01T00:00:00Z", "members": [
      "dee@acme.example", { "user": "eli@acme.example", "visibleHistoryStartDateTime": "2022-07-01T00:00:00Z" } ] } ]
  })");
  group(migration, 3);
  const auto dee = migration.emulated->ensure_user("Dee", "dee@acme.example").value().id;
  {
    Program program(migration.world, *migration.emulated, "full");
    const auto chats = program.loop.run(graph::chats_of(program.client, dee)).value();
    migration.mapper.rooms.front().place.target = chats.at(0).id;
  }
  migration.plan();
  migration.world.options.confirm_existing = true;
  REQUIRE(migration.run().sent == 3);
  REQUIRE(migration.complete().ok());
  const auto chat = migration.conversation("G1");
  CHECK(chat.state == "completed");
  CHECK_FALSE(all_see_the_history(migration, chat));
  migration.world.options.readd_members = true;
  REQUIRE(migration.complete().ok());
  CHECK(all_see_the_history(migration, chat));
  CHECK(members_of(migration, chat).size() == 2);
}

TEST_CASE("Direct messages go to the chat that the two have, after a word of confirmation", "[migrate][roads][chat]") {
  Migration migration;
  auto& room = migration.mapper.room("D1", "Ada, Bo");
  room.place.chatType = "oneOnOne";
  room.place.members = {"Ada", "Bo"};
  migration.fill(room, 4);
  migration.plan();
  const auto asked = migration.run();
  REQUIRE(asked.stopped.size() == 1);
  CHECK(asked.stopped[0].error.code == "not_confirmed");
  CHECK(asked.sent == 0);
  migration.world.options.confirm_existing = true;
  CHECK(migration.run().sent == 4);
  REQUIRE(migration.complete().ok());
  CHECK(migration.conversation("D1").state == "completed");
  CHECK(migration.verify().ok());
}

TEST_CASE("A completed chat is opened again for what a later export adds", "[migrate][roads][chat]") {
  Migration migration;
  group(migration, 3);
  migration.plan();
  migration.run();
  REQUIRE(migration.complete().ok());
  migration.fill(migration.mapper.rooms.front(), 2, 3);
  REQUIRE(migration.plan().planned == 5);
  journal::Committer::Work long_ago = [&](journal::Transaction& t) {
    t.session_seen(migration.conversation("G1").graph_id, "completed", migrate::kNoon);
  };
  REQUIRE(VirtualLoop().run(migration.world.journal->direct_committer()->commit(long_ago)).ok());
  CHECK(migration.run().sent == 2);
  CHECK(migration.conversation("G1").state == "inProgress");
  REQUIRE(migration.complete().ok());
  CHECK(migration.verify().ok());
}
