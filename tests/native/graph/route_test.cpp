// What the log says of each call: a template, and nothing of the ids, names and addresses that were asked for.
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <random>

#include "native/graph/batch.h"
#include "native/graph/client.h"
#include "native/graph/directory.h"
#include "native/graph/hosted.h"
#include "native/graph/members.h"
#include "native/graph/pipeline.h"
#include "native/graph/upload.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;

namespace {

class FixedToken : public auth::TokenSource {
 public:
  Task<Result<std::string>> token() override { co_return "planted-token"; }
  Task<Result<std::string>> renew(std::string) override { co_return "planted-token"; }
};

// Every planted word is distinct from everything in a template.
const std::string kTeam = "planted-team", kChannel = "19:planted-channel@thread.tacv2", kMessage = "1549310295511",
                  kChat = "19:planted-chat@thread.v2", kMail = "planted.person@orbit.example",
                  kName = "Planted archive";
const ConversationRef kHere = {kTeam, kChannel};
const Folder kFolder = {"planted-drive", "planted-folder", "https://orbit.example/planted"};
const std::string kNext = "https://graph.example/v1.0/teams/planted-team/x?$skiptoken=planted-skip";

struct Row {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  FixedToken tokens;
  throttle::Pace pace{throttle::no_limits()};
  std::vector<std::string> lines;
  Pipeline pipeline{loop, wall, wire, tokens, pace, options()};
  Client client{loop, pipeline, {"https://graph.example", "v1.0"}};

  Pipeline::Options options() {
    Pipeline::Options chosen;
    chosen.graph_url = "https://graph.example";
    chosen.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
    chosen.log = [this](const Attempt& attempt) { lines.push_back(attempt.route); };
    return chosen;
  }
  template <class T>
  void does(Task<T> task) {
    (void)loop.run(std::move(task));
  }
};

const std::vector<std::function<void(Row&)>> kCalls = {
    [](Row& r) { r.does(r.client.create_team(R"({"displayName":"Planted archive"})")); },
    [](Row& r) { r.does(r.client.operation("/teams/planted-team/operations/planted-operation")); },
    [](Row& r) { r.does(r.client.team(kTeam)); },
    [](Row& r) { r.does(r.client.teams_named(kName)); },
    [](Row& r) { r.does(r.client.complete_team(kTeam)); },
    [](Row& r) { r.does(r.client.create_channel(kTeam, "{}")); },
    [](Row& r) { r.does(r.client.channel(kTeam, kChannel)); },
    [](Row& r) { r.does(r.client.channels(kTeam)); },
    [](Row& r) { r.does(r.client.primary_channel(kTeam)); },
    [](Row& r) { r.does(r.client.complete_channel(kTeam, kChannel)); },
    [](Row& r) { r.does(r.client.create_chat(R"({"topic":"Planted archive"})")); },
    [](Row& r) { r.does(r.client.chat(kChat)); },
    [](Row& r) { r.does(r.client.conversation(kHere)); },
    [](Row& r) { r.does(r.client.start_migration(kHere, std::nullopt)); },
    [](Row& r) { r.does(r.client.start_migration(ConversationRef::chat(kChat), std::nullopt)); },
    [](Row& r) { r.does(r.client.complete_migration(kHere)); },
    [](Row& r) { r.does(r.client.complete_migration(ConversationRef::chat(kChat))); },
    [](Row& r) { r.does(r.client.import_message(ConversationRef::chat(kChat), "", "{}")); },
    [](Row& r) { r.does(r.client.messages_page(ConversationRef::chat(kChat), "")); },
    [](Row& r) { r.does(r.client.message(ConversationRef::chat(kChat), kMessage)); },
    [](Row& r) { r.does(r.client.import_message(kHere, "", "{}")); },
    [](Row& r) { r.does(r.client.import_message(kHere, kMessage, "{}")); },
    [](Row& r) { r.does(r.client.message(kHere, kMessage)); },
    [](Row& r) { r.does(r.client.reply(kHere, kMessage, kMessage)); },
    [](Row& r) { r.does(r.client.messages_page(kHere, "")); },
    [](Row& r) { r.does(r.client.messages_page(kHere, kNext, Replies::expanded)); },
    [](Row& r) { r.does(r.client.replies_page(kHere, kMessage, kNext)); },
    [](Row& r) { r.does(r.client.find_user(kMail)); },
    [](Row& r) { r.does(r.client.find_user("8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca")); },
    [](Row& r) { r.does(r.client.find_users({kMail})); },
    [](Row& r) { r.does(r.client.delete_team(kTeam)); },
    [](Row& r) { r.does(r.client.call("GET", "/users/planted.person@orbit.example?$top=5")); },
    [](Row& r) { r.does(r.client.call("PATCH", "/teams/planted-team", "{}")); },
    [](Row& r) { r.does(team_members(r.client, kTeam)); },
    [](Row& r) { r.does(add_team_member(r.client, kTeam, {kMail})); },
    [](Row& r) { r.does(add_team_members(r.client, kTeam, {{kMail}})); },
    [](Row& r) { r.does(members(r.client, kHere)); },
    [](Row& r) { r.does(add_member(r.client, ConversationRef::chat(kChat), {kMail})); },
    [](Row& r) { r.does(remove_member(r.client, ConversationRef::chat(kChat), "planted-member")); },
    [](Row& r) { r.does(batch(r.client, {{"/users/planted.person@orbit.example"}})); },
    [](Row& r) { r.does(hosted_content(r.client, kHere, kMessage, kMessage, "planted-image")); },
    [](Row& r) { r.does(files_folder(r.client, kHere, {})); },
    [](Row& r) { r.does(drive_of_user(r.client, kMail)); },
    [](Row& r) { r.does(item_in(r.client, kFolder, kName)); },
    [](Row& r) { r.does(invite(r.client, "planted-drive", "planted-item", {kMail})); },
    [](Row& r) { r.does(create_link(r.client, "planted-drive", "planted-item")); },
    [](Row& r) {
      TextContent small("x"), large(std::string(limits::in_force().sizes.small_upload_bytes + 1, 'x'));
      r.does(upload(r.client, {kFolder, kName}, small));
      r.does(upload(r.client, {kFolder, kName}, large));
    },
    [](Row& r) {
      Directory directory(r.client, "mail eq 'planted.person@orbit.example'");
      r.does(directory.next());
    },
};

}  // namespace

TEST_CASE("Every call is in the log as a template, without an id, a name or a mail address", "[graph][log]") {
  Row row;
  row.wire.otherwise([](const Request&) {
    return answer(200, R"({"value":[],"uploadUrl":"https://planted.example/lanted?planted=token"})");
  });
  for (std::size_t i = 0; i < kCalls.size(); ++i) {
    const auto before = row.lines.size();
    kCalls[i](row);
    INFO("call " << i);
    CHECK(row.lines.size() > before);
  }
  for (const auto& line : row.lines) {
    INFO(line);
    CHECK(line.find(" /") < 7);
    for (const char* planted : {"lanted", "thread", "orbit", "15493", "8c0a1a67", "skip", "@", "?", "http"}) {
      CHECK(line.find(planted) == std::string::npos);
    }
  }
}

TEST_CASE("An error about a page elsewhere names the place without what its address carries", "[graph][log]") {
  Row row;
  for (const char* next : {"https://evil.example/x?token=planted-token", "nonsense?token=planted-token"}) {
    const auto refused = row.loop.run(row.client.messages_page(kHere, next));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "foreign_link");
    CHECK(refused.error().message.find("planted-token") == std::string::npos);
  }
}
