#include "native/validate/conversation_json.h"

#include <nlohmann/json.hpp>

#include "tests/native/validate/findings.h"

using namespace teamferry::validate;
using Json = nlohmann::json;

namespace {

Json team() {
  return Json::parse(R"j({"@microsoft.graph.teamCreationMode": "migration",
      "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
      "displayName": "Orbit archive", "description": "History", "visibility": "private",
      "firstChannelName": "General", "createdDateTime": "2019-01-07T08:00:00.000Z"})j");
}

Json channel() {
  return Json::parse(R"j({"@microsoft.graph.channelCreationMode": "migration", "displayName": "launch-room",
      "description": null, "membershipType": "standard", "createdDateTime": "2019-01-07T08:00:01.000Z"})j");
}

Json member(const std::string& user) {
  return {{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
          {"roles", Json::array({"owner"})},
          {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + user + "')"}};
}

Json chat() {
  return {{"chatType", "group"}, {"topic", "Orbit core"}, {"members", Json::array({member(kAda), member(kBo)})}};
}

Json with(Json body, const char* field, Json value) {
  body[field] = std::move(value);
  return body;
}

}  // namespace

TEST_CASE("R41: a team as JSON is born migrating from the standard template", "[validate]") {
  CHECK(lines(check_team_json(team())) == Lines{});
  CHECK(lines(check_team_json(with(team(), "template@odata.bind", "https://x.example/teamsTemplates/standard"))) ==
        Lines{});
  CHECK(lines(check_team_json(with(team(), "template@odata.bind", "https://x.example/teamsTemplates('retail')"))) ==
        Lines{"R41 error template@odata.bind: a team that is created for migration has the template standard, not "
              "retail"});
  CHECK(lines(check_team_json(with(team(), "@microsoft.graph.teamCreationMode", nullptr))) ==
        Lines{"R41 error @microsoft.graph.teamCreationMode: it is missing; nothing could be imported"});
}

TEST_CASE("R40: a channel as JSON is born migrating and standard", "[validate]") {
  CHECK(lines(check_channel_json(channel())) == Lines{});
  CHECK(
      lines(check_channel_json(with(channel(), "membershipType", "private"))).front().starts_with("R40 error member"));
  CHECK(lines(check_channel_json(with(channel(), "@microsoft.graph.channelCreationMode", "normal"))) ==
        Lines{"R40 error @microsoft.graph.channelCreationMode: 'normal' is not migration"});
}

TEST_CASE("R1, R2, R6: teams and channels have a time of their own", "[validate]") {
  CHECK(lines(check_team_json(with(team(), "createdDateTime", nullptr)))
            .front()
            .starts_with("R1 error createdDateTime: it is missing"));
  CHECK(lines(check_channel_json(with(channel(), "createdDateTime", "2019"))) ==
        Lines{"R1 error createdDateTime: '2019' is not a moment with its offset"});
  BirthContext context;
  context.now = at("2019-01-01T00:00:00Z");
  CHECK(lines(check_team_json(team(), context)) ==
        Lines{"R2 error createdDateTime: 2019-01-07T08:00:00.000Z is in the future"});
  context = {};
  context.team_created = at("2019-01-08T00:00:00Z");
  CHECK(lines(check_channel_json(channel(), context)).front().starts_with("R6 error createdDateTime: 2019-01-07"));
  context = {};
  context.oldest_message = at("2019-01-07T08:00:01.000Z");
  CHECK(lines(check_team_json(team(), context)) == Lines{});
  CHECK(lines(check_channel_json(channel(), context)).front().starts_with("R6 error createdDateTime: 2019-01-07"));
}

TEST_CASE("R38, R39: names and descriptions as JSON", "[validate]") {
  ChannelNames taken;
  taken.add("Launch-Room");
  BirthContext context;
  context.taken = &taken;
  CHECK(lines(check_channel_json(channel(), context))
            .front()
            .starts_with("R38 error displayName: 'launch-room' is taken"));
  CHECK(lines(check_channel_json(with(channel(), "displayName", nullptr))) ==
        Lines{"R38 error displayName: it is empty"});
  CHECK(lines(check_team_json(with(team(), "description", std::string(1025, 'x')))) ==
        Lines{"R39 error description: it has 1025 characters, the limit is 1024"});
}

TEST_CASE("R42, R43: chats as JSON", "[validate]") {
  CHECK(lines(check_chat_json(chat())) == Lines{});
  CHECK(lines(check_chat_json(with(chat(), "chatType", "oneOnOne"))) ==
        Lines{"R42 error topic: a chat of two has no topic"});
  auto doubled = chat();
  doubled["members"][1] = member(kAda);
  CHECK(lines(check_chat_json(doubled)).front() == "R42 error members: somebody is in it twice");
  auto shared = chat();
  shared["members"][0]["visibleHistoryStartDateTime"] = "0001-01-01T00:00:00Z";
  CHECK(lines(check_chat_json(shared)) ==
        Lines{"R42 error members[0].visibleHistoryStartDateTime: a new chat does not take it"});
  CHECK(lines(check_chat_json(with(chat(), "chatType", "meeting"))) ==
        Lines{"R43 error chatType: the chat of a meeting takes no import"});
  CHECK(lines(check_chat_json(with(chat(), "tenantId", kAda), kBo)).back().starts_with("R43 error tenantId"));
}

TEST_CASE("Members bind a user and have a role that is known", "[validate]") {
  CHECK(lines(check_member_json(member(kAda))) == Lines{});
  CHECK(bound_user("https://graph.microsoft.com/v1.0/users/ada@orbit.example") == "ada@orbit.example");
  CHECK(bound_user("https://graph.microsoft.com/v1.0/users('ada')") == "ada");
  CHECK(bound_user("https://graph.microsoft.com/v1.0/users/ada/manager") == "");
  CHECK(bound_user("ada") == "");
  CHECK(lines(check_member_json({{"roles", Json::array({7})}, {"visibleHistoryStartDateTime", "2019"}})) ==
        Lines{"shape error @odata.type: it is missing", "shape error user@odata.bind: it names no user",
              "shape error roles: number is no role",
              "R1 error visibleHistoryStartDateTime: '2019' is not a moment with its offset"});
}

TEST_CASE("What creates is named field by field where it is not as the service describes it", "[validate]") {
  CHECK(lines(check_team_json(with(team(), "name", "x"))) ==
        Lines{"shape error name: the service knows no such field"});
  CHECK(lines(check_team_json(with(team(), "visibility", "secret"))) ==
        Lines{"shape error visibility: 'secret' is unknown"});
  CHECK(lines(check_team_json(with(team(), "members", Json::array()))).front().starts_with("shape error members"));
  CHECK(lines(check_channel_json(with(channel(), "webUrl", "https://x.example"))) ==
        Lines{"shape warning webUrl: the service sets it itself"});
  CHECK(lines(check_channel_json(with(channel(), "description", 7))) ==
        Lines{"shape error description: it is not a text but number"});
  CHECK(lines(check_chat_json(Json::array())) == Lines{"shape error body: it is not an object but array"});
}
