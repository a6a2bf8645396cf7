#include <catch2/catch.hpp>

#include "plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Contains;

namespace {

std::vector<std::string> names(Sample& s, int team, const std::string& source_id = "") {
  const auto conversation = source_id.empty() ? 0 : s.conversation(source_id).id;
  std::vector<std::string> names;
  for (const auto& member : s.journal->members()) {
    if (member.team != team || member.conversation != conversation) continue;
    names.push_back(member.name + (member.owner ? " owns" : ""));
  }
  return names;
}

Room& room(Sample& s, const std::string& id, std::vector<std::string> members) {
  auto& room = s.mapper.room(id);
  room.place.members = std::move(members);
  room.messages = {{id + "-1", 1}};
  return room;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A new team gets everybody of its rooms who is in the tenant, and an owner", "[plan][members]") {
  Sample s;
  room(s, "C1", {"U1", "U3"});
  room(s, "C2", {"U2", "U1", "U9"});
  room(s, "C3", {"U2"}).place.skip_reason = "not chosen";
  s.planned();
  CHECK(names(s, 1) == Names{"Archive owns", "Ada Park", "Bo Lind"});
  CHECK(names(s, 0).empty());
  CHECK(s.journal->totals().losses_by_kind["member_missing"] == 2);
}

TEST_CASE("Whom the tenant does not know is missing once in a team, and in each room of its own", "[plan][members]") {
  Sample s;
  room(s, "C1", {"U1", "U9"});
  room(s, "C2", {"U1", "U9"});
  room(s, "C3", {"U1", "U9"}).place.membershipType = "private";
  room(s, "C4", {"U2", "U9"}).place.membershipType = "private";
  s.planned();
  CHECK(s.journal->totals().losses_by_kind["member_missing"] == 3);
}

TEST_CASE("Owners that are named own what is made, and must be there", "[plan][members]") {
  Sample s;
  room(s, "C1", {"U1", "U2"}).place.membershipType = "private";
  s.options.people.owners = {"bo@acme.example"};
  s.planned();
  CHECK(names(s, 1) == Names{"Bo Lind owns", "Ada Park"});
  CHECK(names(s, 0, "C1") == Names{"Bo Lind owns", "Ada Park"});
  CHECK_THAT(s.conversation("C1").body, Contains("bbbbbbbb-0000") && !Contains("aaaaaaaa-0000"));
  s.options.people.owners = {"nobody@acme.example"};
  CHECK(s.try_plan().error().code == "owner_unknown");
}

TEST_CASE("A private channel is created normally, and waits for its team", "[plan][members]") {
  Sample s;
  room(s, "C1", {"U1"});
  room(s, "C2", {"U1", "U2"}).place.membershipType = "private";
  s.planned();
  CHECK(s.conversation("C1").road == "born");
  const auto secret = s.conversation("C2");
  CHECK(secret.road == "switched");
  CHECK(secret.type == "private");
  CHECK_THAT(secret.body, !Contains("channelCreationMode") && !Contains("createdDateTime") && Contains("\"private\""));
  SECTION("without anybody to own it, it is skipped") {
    Sample lonely;
    lonely.options.people.fallback.clear();
    room(lonely, "C2", {}).place.membershipType = "private";
    lonely.planned();
    CHECK(lonely.conversation("C2").reason == "nobody in the tenant can own it");
  }
}

TEST_CASE("A group chat starts with two of its members, and is kept for a single one", "[plan][members]") {
  Sample s;
  room(s, "G1", {"U1", "U2", "U3"}).place.chatType = "group";
  room(s, "G2", {"U1", "U3"}).place.chatType = "group";
  s.planned();
  CHECK(names(s, 0, "G1") == Names{"Ada Park owns", "Bo Lind owns"});
  CHECK(names(s, 0, "G2") == Names{"Ada Park owns", "Archive owns"});
  CHECK(s.conversation("G1").kind == "chat");
  CHECK_THAT(s.conversation("G1").body, Contains(R"("topic":"G1")"));
}

TEST_CASE("Nobody is added to a team that lives already", "[plan][members]") {
  Sample s;
  s.options.team = "57fb72d0-5d47-48da-87f1-594bed003375";
  room(s, "C1", {"U1", "U2"});
  s.mapper.rooms.back().place.displayName = "General";
  s.planned();
  CHECK(s.journal->members().empty());
  const auto team = s.journal->teams().at(0);
  CHECK(team.state == "existing");
  CHECK(team.graph_id == s.options.team);
  CHECK(s.conversation("C1").road == "switched");
  CHECK(s.conversation("C1").displayName == "General (2)");
  SECTION("a channel of it is filled when the place names it") {
    s.mapper.rooms.back().place.target = "19:general@thread.tacv2";
    s.planned();
    CHECK(s.conversation("C1").existing);
    CHECK(s.conversation("C1").graph_id == "19:general@thread.tacv2");
    s.options.team = "Acme";
    CHECK(s.try_plan().error().code == "invalid");
  }
}
