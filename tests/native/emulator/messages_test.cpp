#include <set>

#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

struct Channel : World {
  std::string path, messages;
  explicit Channel(Options wanted = unlimited()) : World(std::move(wanted)) {
    path = new_channel(new_team());
    messages = path + "/messages";
  }
  // The id of a root made `second` seconds into 2020.
  std::string root(int second) {
    const Reply reply = post(messages, message_body(print_time(1577836800000 + second * 1000)));
    REQUIRE(reply.status == 200);
    return reply.body["id"];
  }
  std::string reply_to(const std::string& root_id, int second) {
    const Reply reply =
        post(messages + "/" + root_id + "/replies", message_body(print_time(1577836800000 + second * 1000)));
    REQUIRE(reply.status == 200);
    return reply.body["id"];
  }
};

std::vector<std::string> ids(const Reply& reply) {
  std::vector<std::string> found;
  for (const json& message : reply.body["value"]) found.push_back(message["id"]);
  return found;
}

}  // namespace

TEST_CASE("E131: 120 roots come newest first in pages of 50, 50 and 20, without replies", "[messages]") {
  Channel channel;
  std::vector<std::string> expected;
  for (int i = 0; i < 120; ++i) expected.insert(expected.begin(), channel.root(i));
  channel.reply_to(expected.front(), 500);

  std::vector<std::string> seen;
  std::vector<std::size_t> sizes;
  Reply page = channel.get(channel.messages + "?$top=50");
  for (;;) {
    REQUIRE(page.status == 200);
    const auto part = ids(page);
    CHECK(page.body["@odata.count"] == part.size());
    sizes.push_back(part.size());
    seen.insert(seen.end(), part.begin(), part.end());
    if (!page.body.contains("@odata.nextLink")) break;
    page = channel.get(page.body["@odata.nextLink"]);
  }
  CHECK(sizes == std::vector<std::size_t>{50, 50, 20});
  CHECK(seen == expected);
}

TEST_CASE("E131: a page that ends with the last message has no next link", "[messages]") {
  Channel channel;
  for (int i = 0; i < 50; ++i) channel.root(i);
  CHECK_FALSE(channel.get(channel.messages + "?$top=50").body.contains("@odata.nextLink"));
  CHECK(ids(channel.get(channel.messages)).size() == 20);
}

TEST_CASE("E131: messages that arrive between two pages shift nothing", "[messages]") {
  Channel channel;
  for (int i = 0; i < 30; i += 2) channel.root(i);
  const Reply first = channel.get(channel.messages + "?$top=10");
  const Reply undisturbed = channel.get(first.body["@odata.nextLink"]);
  channel.root(100);
  channel.root(25);
  CHECK(ids(channel.get(first.body["@odata.nextLink"])) == ids(undisturbed));
}

TEST_CASE("E132: more than 50 a page is 400, and so is nonsense", "[messages]") {
  Channel channel;
  const Reply reply = channel.get(channel.messages + "?$top=51");
  CHECK(reply.status == 400);
  CHECK(reply.message() ==
        "The limit of '50' for Top query has been exceeded. The value from the incoming request is '51'.");
  for (const char* top : {"0", "-1", "x", "", "1.5", "99999999999999999999"}) {
    INFO(top);
    CHECK(channel.get(channel.messages + "?$top=" + top).status == 400);
  }
}

TEST_CASE("E133: a next link answers the same again; a changed one is 400", "[messages]") {
  Channel channel;
  for (int i = 0; i < 5; ++i) channel.root(i);
  const std::string link = channel.get(channel.messages + "?$top=2").body["@odata.nextLink"];
  CHECK(ids(channel.get(link)) == ids(channel.get(link)));
  CHECK(ids(channel.get(link)).size() == 2);

  std::string changed = link;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  CHECK(channel.get(changed).status == 400);
  CHECK(channel.get(channel.messages + "?$skiptoken=").status == 400);
  CHECK(channel.get(channel.messages + "?$skiptoken=MTIz").status == 400);
  const std::string other = channel.new_channel(channel.path.substr(0, channel.path.find("/channels")), "other");
  CHECK(channel.get(other + "/messages" + link.substr(link.find('?'))).status == 400);
}

TEST_CASE("E134: replies list on their own and inside their roots", "[messages]") {
  Channel channel;
  const std::string root = channel.root(0);
  const std::string lonely = channel.root(1);
  const std::string one = channel.reply_to(root, 10);
  const std::string two = channel.reply_to(root, 20);

  const Reply replies = channel.get(channel.messages + "/" + root + "/replies?$top=50");
  CHECK(replies.status == 200);
  CHECK(ids(replies) == std::vector<std::string>{two, one});
  CHECK(replies.body["value"][0]["replyToId"] == root);
  CHECK(ids(channel.get(channel.messages + "/" + lonely + "/replies")).empty());
  CHECK(channel.get(channel.messages + "/1/replies").status == 404);
  CHECK(channel.get(channel.messages + "/" + one + "/replies").status == 404);

  const Reply expanded = channel.get(channel.messages + "?$expand=replies&$top=1");
  CHECK(expanded.body["value"][0]["replies"] == json::array());
  const Reply next = channel.get(expanded.body["@odata.nextLink"]);
  REQUIRE(next.body["value"][0]["replies"].size() == 2);
  CHECK(next.body["value"][0]["replies"][1]["id"] == one);
  CHECK(next.body["value"][0]["replies@odata.count"] == 2);
  CHECK(channel.get(channel.messages + "?$expand=hostedContents").status == 400);
}

TEST_CASE("E134: a thread of more than 1,000 replies goes on behind a link", "[messages]") {
  Channel channel;
  const std::string root = channel.root(0);
  for (int i = 1; i <= 1001; ++i) channel.reply_to(root, i);
  const Reply expanded = channel.get(channel.messages + "?$expand=replies");
  CHECK(expanded.body["value"][0]["replies"].size() == 1000);
  CHECK(ids(channel.get(expanded.body["value"][0]["replies@odata.nextLink"])).size() == 1);

  std::set<std::string> seen;
  std::string link = channel.messages + "/" + root + "/replies?$top=50";
  for (;;) {
    const Reply page = channel.get(link);
    for (const std::string& id : ids(page)) CHECK(seen.insert(id).second);
    if (!page.body.contains("@odata.nextLink")) break;
    link = page.body["@odata.nextLink"];
  }
  CHECK(seen.size() == 1001);
}

TEST_CASE("E135: a chat's messages list newest first with their chat", "[messages]") {
  World world;
  const auto users = world.router->users();
  json members = json::array();
  for (int i = 0; i < 3; ++i) {
    members.push_back({{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
                       {"roles", json::array({"owner"})},
                       {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + users[i].id + "')"}});
  }
  const Reply created = world.post("/chats", {{"chatType", "group"}, {"topic", "Orbit core"}, {"members", members}});
  REQUIRE(created.status == 201);
  CHECK(created.body["migrationMode"].is_null());
  const std::string id = created.body["id"];
  const std::string chat = "/chats/" + id;
  CHECK(world.post(chat + "/messages", world.message_body()).status == 403);
  REQUIRE(world.post(chat + "/startMigration", {{"conversationCreationDateTime", "2019-01-01T00:00:00Z"}}).status ==
          204);
  CHECK(world.post(chat + "/messages", world.message_body("2019-02-04T19:58:15.511Z")).status == 200);
  CHECK(world.post(chat + "/messages", world.message_body("2019-02-04T19:58:15.512Z")).status == 200);
  const Reply list = world.get(chat + "/messages");
  REQUIRE(list.status == 200);
  CHECK(ids(list) == std::vector<std::string>{"1549310295512", "1549310295511"});
  CHECK(list.body["value"][0]["chatId"] == id);
  CHECK(list.body["value"][0]["channelIdentity"].is_null());
  CHECK(world.get(chat + "/messages/1549310295512").status == 200);
  // E78: a chat is flat.
  const Reply threaded = world.post(chat + "/messages/1549310295512/replies", world.message_body());
  CHECK(threaded.status == 400);
  CHECK(threaded.message() == "Resource not found for the segment 'replies'.");
  CHECK(world.post(chat + "/completeMigration").status == 204);
  CHECK(world.get(chat).body["migrationMode"] == "completed");
}

TEST_CASE("E124, E125: a pair has one chat for life", "[messages]") {
  World world;
  const auto users = world.router->users();
  const auto chat = [&](std::vector<int> who) {
    json members = json::array();
    for (const int i : who) {
      members.push_back({{"roles", json::array({"owner"})},
                         {"user@odata.bind", "https://graph.microsoft.com/v1.0/users/" + users[i].id}});
    }
    return world.post("/chats", {{"chatType", "oneOnOne"}, {"members", members}});
  };
  CHECK(chat({0, 1}).body["id"] == chat({1, 0}).body["id"]);
  CHECK(chat({0}).status == 400);
  CHECK(chat({0, 1, 2}).status == 400);
  CHECK(chat({0, 0}).message() == "Cannot create one-on-one chat with duplicate members");
}

TEST_CASE("E136: a single message equals the answer to its import", "[messages]") {
  Channel channel;
  const Reply root = channel.post(channel.messages, channel.message_body());
  CHECK(channel.get(channel.messages + "/" + root.body["id"].get<std::string>()).body == root.body);
  const std::string replies = channel.messages + "/" + root.body["id"].get<std::string>() + "/replies";
  const Reply reply = channel.post(replies, channel.message_body("2019-02-04T20:00:00Z"));
  const std::string reply_id = reply.body["id"];
  CHECK(channel.get(replies + "/" + reply_id).body == reply.body);
  CHECK(channel.get(channel.messages + "/" + reply_id).status == 404);
  CHECK(channel.get(channel.messages + "/1/replies/" + reply_id).status == 404);
  CHECK(channel.get(channel.messages + "/1").code() == "NotFound");
}

TEST_CASE("A read lag hides a message from reads, not from its replies or its millisecond", "[messages]") {
  Options options = World::unlimited();
  options.read_lag = std::chrono::seconds(5);
  Channel channel(options);
  const std::string root = channel.root(0);
  const std::string reply = channel.reply_to(root, 1);
  CHECK(channel.get(channel.messages + "/" + root).status == 404);
  CHECK(ids(channel.get(channel.messages)).empty());
  CHECK(channel.post(channel.messages, channel.message_body("2020-01-01T00:00:00Z")).status == 409);
  channel.clock.ms += 5000;
  CHECK(channel.get(channel.messages + "/" + root).status == 200);
  CHECK(ids(channel.get(channel.messages)) == std::vector<std::string>{root});
  CHECK(ids(channel.get(channel.messages + "/" + root + "/replies")) == std::vector<std::string>{reply});
}

}  // namespace teamferry::emulator
