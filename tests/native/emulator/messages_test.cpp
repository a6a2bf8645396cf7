#include <set>

#include "native/emulator/message_text.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/import_world.h"

namespace teamferry::emulator {
namespace {

struct Channel : ImportWorld {
  using ImportWorld::ImportWorld;
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

TEST_CASE("E131: a next link is absolute, of the version and host of its call, and safe in a URL", "[messages]") {
  Channel channel;
  for (int i = 0; i < 3; ++i) channel.root(i);
  const std::string version = GENERATE("/v1.0", "/beta");
  const std::string link = channel.get(version + channel.messages + "?$top=1&$expand=replies").body["@odata.nextLink"];
  CHECK_THAT(link, Catch::StartsWith("http://graph.example:8080" + version + "/teams('"));
  CHECK(link.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?$=&%'()") ==
        std::string::npos);
  const Reply next = channel.get(link);
  CHECK(next.status == 200);
  CHECK(next.body["value"][0]["replies"] == json::array());
}

TEST_CASE("E131: options that these lists do not have are 400", "[messages]") {
  Channel channel;
  const std::string root = channel.root(0);
  const std::string replies = channel.messages + "/" + root + "/replies";
  for (const char* option : {"$select=id", "$filter=createdDateTime%20lt%202020-01-01T00:00:00Z", "$count=true",
                             "$orderby=createdDateTime%20desc", "$search=x", "$skip=1"}) {
    INFO(option);
    CHECK(channel.get(channel.messages + "?" + option).status == 400);
    CHECK(channel.get(replies + "?" + option).status == 400);
  }
  CHECK(channel.get(replies + "?$expand=replies").status == 400);
  CHECK(channel.get(channel.messages + "?mine=1").status == 200);
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
  ImportWorld world;
  const std::string chat = world.new_chat();
  for (int i = 0; i < 21; ++i) {
    CHECK(world.post(chat + "/messages", world.message_body(print_time(1577836800000 + i))).status == 200);
  }
  const Reply list = world.get(chat + "/messages");
  REQUIRE(list.status == 200);
  CHECK(ids(list).size() == 20);
  CHECK(ids(list).front() == "1577836800020");
  CHECK(list.body["@odata.count"] == 20);
  CHECK(list.body["value"][0]["chatId"] == chat.substr(7));
  CHECK(list.body["value"][0]["channelIdentity"].is_null());
  CHECK(list.body["value"][0]["webUrl"].is_null());
  CHECK_THAT(list.body["@odata.context"].get<std::string>(), Catch::EndsWith("')/messages"));
  CHECK(ids(world.get(list.body["@odata.nextLink"])) == std::vector<std::string>{"1577836800000"});
  CHECK(world.get(chat + "/messages?$top=51").status == 400);
}

TEST_CASE("E135: a chat's messages can be asked for by time", "[messages]") {
  ImportWorld world;
  const std::string messages = world.new_chat() + "/messages";
  for (int i = 0; i < 10; ++i) {
    REQUIRE(world.post(messages, world.message_body("2020-01-01T00:00:0" + std::to_string(i) + "Z")).status == 200);
  }
  const auto seconds = [&](const std::string& query) {
    std::string found;
    Reply page = world.get(messages + "?" + query);
    for (;;) {
      if (page.status != 200) return std::to_string(page.status);
      for (const json& message : page.body["value"]) found += message["createdDateTime"].get<std::string>()[18];
      if (!page.body.contains("@odata.nextLink")) return found;
      page = world.get(page.body["@odata.nextLink"]);
    }
  };
  const std::string by = GENERATE("createdDateTime", "lastModifiedDateTime");
  const std::string order = "$orderby=" + by + "%20desc";
  CHECK(seconds(order) == "9876543210");
  CHECK(seconds(order + "&$filter=" + by + "%20lt%202020-01-01T00:00:04Z") == "3210");
  CHECK(seconds(order + "&$top=2&$filter=" + by + "%20gt%202020-01-01T00:00:04Z") == "98765");
  CHECK(seconds(order + "&$top=1&$filter=" + by + "%20gt%202020-01-01T01:00:02%2B01:00%20and%20" + by +
                "%20lt%202020-01-01T00:00:06.000Z") == "543");
  CHECK(seconds(order + "&$filter=" + by + "%20gt%202030-01-01T00:00:00Z").empty());

  for (const char* bad : {"$orderby=createdDateTime", "$orderby=createdDateTime%20asc", "$orderby=from%20desc",
                          "$filter=createdDateTime%20lt%202020-01-01T00:00:04Z", "$orderby="}) {
    INFO(bad);
    CHECK(seconds(bad) == "400");
  }
  const std::string other = by == "createdDateTime" ? "lastModifiedDateTime" : "createdDateTime";
  for (const std::string& bad :
       {other + "%20lt%202020-01-01T00:00:04Z", by + "%20ge%202020-01-01T00:00:04Z", by + "%20lt%20yesterday", by,
        by + "%20lt%202020-01-01T00:00:04Z%20or%20" + by + "%20gt%202020-01-01T00:00:04Z",
        by + "%20lt%202020-01-01T00:00:04Z%20and", std::string()}) {
    INFO(bad);
    CHECK(seconds(order + "&$filter=" + bad) == "400");
  }
}

TEST_CASE("E133: a mark belongs to its question", "[messages]") {
  ImportWorld world;
  const std::string messages = world.new_chat() + "/messages";
  for (int i = 0; i < 3; ++i) world.post(messages, world.message_body("2020-01-01T00:00:0" + std::to_string(i) + "Z"));
  const std::string asked =
      "$top=1&$orderby=createdDateTime%20desc&$filter=createdDateTime%20gt%202020-01-01T00:00:00Z";
  const std::string link = world.get(messages + "?" + asked).body["@odata.nextLink"];
  CHECK(world.get(link).body["value"].size() == 1);
  CHECK(world.get(messages + "?" + link.substr(link.find("$skiptoken"))).status == 400);
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

  const std::string in_chat = channel.new_chat() + "/messages";
  const Reply posted = channel.post(in_chat, channel.message_body());
  CHECK(channel.get(in_chat + "/" + posted.body["id"].get<std::string>()).body == posted.body);
  CHECK(channel.get(in_chat + "/1").code() == "NotFound");
}

TEST_CASE("E159: there is no delta of messages", "[messages]") {
  Channel channel;
  const Reply reply = channel.get(channel.messages + GENERATE("/delta", "/delta()"));
  CHECK(reply.status == 400);
  CHECK_THAT(reply.message(), Catch::StartsWith("Resource not found for the segment 'delta"));
}

TEST_CASE("E167: what was imported into a chat cannot be deleted by an app", "[messages]") {
  ImportWorld world;
  const std::string chat = world.new_chat();
  const std::string id = world.post(chat + "/messages", world.message_body()).body["id"];
  const std::string message = chat + "/messages/" + id;
  CHECK(world.call("DELETE", message).status == 405);
  CHECK(world.post(message + "/softDelete").status == 405);
  const std::string as_user = "/users/" + world.router->users().front().id + message;
  for (const Reply& reply : {world.call("DELETE", as_user), world.post(as_user + "/softDelete")}) {
    CHECK(reply.status == 412);
    CHECK(reply.code() == "PreconditionFailed");
    CHECK(reply.message() == "Requested API is not supported in application-only context");
  }
  CHECK(world.get(message).status == 200);
}

TEST_CASE("Events name their type to clients that ask for it", "[messages]") {
  const TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = (folder.path / "state").string();
  ImportWorld world(options);
  const std::string chat = world.new_chat();
  world.router.reset();
  {
    auto store = Store::open(options.data_dir);
    REQUIRE(store);
    Message message;
    message.id = 1577836800000;
    message.created = 1577836800000;
    message.content = event_content(R"({"@odata.type":"#microsoft.graph.chatRenamedEventMessageDetail"})");
    REQUIRE(store.value()->add_message(*store.value()->find_chat(chat.substr(7)), std::move(message)));
  }
  world.restart();
  const json event = world.get(chat + "/messages/1577836800000").body;
  CHECK(event["messageType"] == "unknownFutureValue");
  CHECK(event["from"].is_null());
  CHECK(event["eventDetail"]["@odata.type"] == "#microsoft.graph.chatRenamedEventMessageDetail");
  CHECK(event["body"]["content"] == "<systemEventMessage/>");
  http::Request request;
  request.method = "GET";
  request.url = "/v1.0" + chat + "/messages";
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  request.headers.add("Prefer", "include-unknown-enum-members");
  CHECK(world.send(request).body["value"][0]["messageType"] == "systemEventMessage");
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
