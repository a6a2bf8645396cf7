#include "native/emulator/page.h"

#include <string>

#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

constexpr char kPixel[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

http::Response look(World& world, const std::string& path, Peer peer = {}, const std::string& host = "127.0.0.1:4711",
                    const std::string& method = "GET") {
  http::Request request;
  request.method = method;
  request.url = "http://" + host + path;
  return world.router->handle(request, peer).response;
}

std::string show(World& world, const std::string& path) {
  const http::Response response = look(world, path);
  INFO(path);
  CHECK(response.status == 200);
  return response.body;
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (auto at = text.find(of); at != text.npos; at = text.find(of, at + of.size())) ++count;
  return count;
}

bool contains(const std::string& text, const std::string& what) {
  return text.find(what) != text.npos;
}

// Where the page shows what Graph has at "/teams/{id}/channels/{id}".
std::string page_of(const std::string& path) {
  std::string out = "/look" + path;
  for (auto at = out.find(':'); at != out.npos; at = out.find(':')) out.replace(at, 1, "%3A");
  for (auto at = out.find('@'); at != out.npos; at = out.find('@')) out.replace(at, 1, "%40");
  return out;
}

std::string time_of(int number) {
  return print_time(*read_time("2019-02-04T00:00:00Z") + number * 60'000LL);
}

// A channel with that many roots: "root 0", "root 1", ...
std::string filled_channel(World& world, int roots) {
  const std::string channel = world.new_channel(world.new_team());
  for (int i = 0; i < roots; ++i) {
    json body = world.message_body(time_of(i));
    body["body"]["content"] = "<p>root " + std::to_string(i) + ".</p>";
    REQUIRE(world.post(channel + "/messages", body).status == 200);
  }
  return channel;
}

// The first "before=..." or the like on a page, as an address.
std::string link_named(const std::string& html, const std::string& name) {
  const auto end = html.find("\">" + name + "</a>");
  if (end == html.npos) return "";
  const auto start = html.rfind("href=\"", end) + 6;
  return html.substr(start, end - start);
}

}  // namespace

TEST_CASE("The page shows an empty tenant in words", "[emulator]") {
  World world;
  const std::string html = show(world, "/");
  CHECK(contains(html, "<!DOCTYPE html>"));
  CHECK(contains(html, "<html lang=\"en\">"));
  CHECK(contains(html, "No teams yet"));
  CHECK(contains(html, "No chats yet"));
  CHECK(html == show(world, "/look"));
}

TEST_CASE("The page shows a channel with authors, times, replies, reactions and mentions", "[emulator]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  const auto users = world.router->users();
  json body = world.message_body();
  body["subject"] = "Launch <plan>";
  body["importance"] = "high";
  body["body"]["content"] = "<p>Hi <at id=\"0\">Bruno</at>, <em>moved</em></p>";
  body["mentions"] = json::array({{{"id", 0},
                                   {"mentionText", "Bruno"},
                                   {"mentioned", {{"user", {{"id", users[1].id}, {"displayName", "Bruno"}}}}}}});
  const json user = {{"user", {{"id", users[1].id}, {"displayName", "Bruno"}}}};
  body["reactions"] =
      json::array({{{"reactionType", "like"}, {"createdDateTime", "2019-02-04T20:00:00Z"}, {"user", user}},
                   {{"reactionType", "🚀"}, {"createdDateTime", "2019-02-04T20:00:00Z"}, {"user", user}}});
  const Reply root = world.post(channel + "/messages", body);
  REQUIRE(root.status == 200);
  const std::string id = root.body["id"];
  for (int i = 0; i < 5; ++i) {
    json reply = world.message_body(time_of(10'000 + i));
    reply["body"] = {{"contentType", "text"}, {"content", "reply " + std::to_string(i) + ".\n<b>plain</b>"}};
    REQUIRE(world.post(channel + "/messages/" + id + "/replies", reply).status == 200);
  }

  const std::string html = show(world, page_of(channel));
  CHECK(contains(html, "<bdi>Ada</bdi>"));
  CHECK(contains(html,
                 "<time datetime=\"2019-02-04T19:58:15.511Z\" title=\"2019-02-04T19:58:15.511Z\">4 Feb 2019 19:58"));
  CHECK(contains(html, "<h2 class=\"day\">Monday, 4 February 2019</h2>"));
  CHECK(contains(html, "<h3><bdi>Launch &lt;plan&gt;</bdi></h3>"));
  CHECK(contains(html, "Important"));
  CHECK(contains(html, "<span class=\"at\">Bruno</span>, <em>moved</em>"));
  CHECK(contains(html, "title=\"like: " + users[1].displayName + "\"><bdi aria-hidden=\"true\">👍</bdi> 1"));
  CHECK(contains(html, "🚀</bdi> 1"));
  CHECK(contains(html, "reply 0.\n&lt;b&gt;plain&lt;/b&gt;"));
  CHECK(contains(html, "reply 2."));
  CHECK_FALSE(contains(html, "reply 3."));  // the others are one link away
  CHECK(contains(html, "Migration for this conversation is in progress..."));

  const std::string thread = show(world, link_named(html, "Show all 5 replies"));
  CHECK(contains(thread, "<em>moved</em>"));
  CHECK(contains(thread, "reply 4."));

  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  const std::string later = show(world, page_of(channel));
  CHECK_FALSE(contains(later, "is in progress"));
  CHECK(contains(later, "migration completed"));
}

TEST_CASE("The page shows pictures of messages and serves nothing else as a picture", "[emulator]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  json body = world.message_body();
  body["body"]["content"] =
      "<p>sketch</p><img src=\"../hostedContents/1/$value\" alt=\"a sketch\"><img src=\"https://x.example/1.gif\">";
  body["hostedContents"] =
      json::array({{{"@microsoft.graph.temporaryId", "1"}, {"contentBytes", kPixel}, {"contentType", "image/png"}}});
  const Reply sent = world.post(channel + "/messages", body);
  REQUIRE(sent.status == 200);
  const std::string html = show(world, page_of(channel));
  const auto start = html.find("<img src=\"");
  REQUIRE(start != html.npos);
  const std::string address = html.substr(start + 10, html.find('"', start + 10) - start - 10);
  CHECK(contains(html, "alt=\"a sketch\""));
  CHECK(contains(html, "Image not shown"));
  CHECK_FALSE(contains(html, "x.example"));
  const http::Response picture = look(world, address);
  CHECK(picture.status == 200);
  CHECK(*picture.headers.find("Content-Type") == "image/png");
  CHECK(*picture.headers.find("X-Content-Type-Options") == "nosniff");
  CHECK(picture.body.substr(1, 3) == "PNG");
  CHECK(look(world, address + "x").status == 404);
}

TEST_CASE("The page shows files as cards, each once, and links that may lead somewhere", "[emulator]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  const std::string guid = "6c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
  json body = world.message_body();
  body["body"]["content"] = "<p>see</p><attachment id=\"" + guid + "\"></attachment>";
  body["attachments"] = json::array({{{"id", guid},
                                      {"contentType", "reference"},
                                      {"contentUrl", "https://files.example/a/plan.docx"},
                                      {"name", "plan <1>.docx"}}});
  REQUIRE(world.post(channel + "/messages", body).status == 200);
  const std::string html = show(world, page_of(channel));
  CHECK(contains(html,
                 "<a href=\"https://files.example/a/plan.docx\" rel=\"noopener noreferrer nofollow\">"
                 "<bdi>plan &lt;1&gt;.docx</bdi></a>"));
  CHECK(occurrences(html, "class=\"card\"") == 1);
}

TEST_CASE("The page shows edited and deleted messages, and whatever a message is made of", "[emulator]") {
  auto store = std::move(Store::open("").value());
  Conversation wanted;
  wanted.id = "19:odd@thread.v2";
  wanted.chat_type = "group";
  REQUIRE(store->add_chat(wanted));
  Conversation* chat = store->chats().front();
  const std::vector<std::string> contents = {
      R"("body":{"contentType":"text","content":"edited one"},"lastEditedDateTime":"2019-02-04T20:00:00Z")",
      R"("body":{"contentType":"text","content":"secret"},"deletedDateTime":"2019-02-04T20:00:00Z")",
      R"("from":7,"body":[],"subject":{},"reactions":[1,{"user":[]}],"attachments":[null,{"id":{}}],"mentions":0)",
      R"("body":null,"from":null,"reactions":null)",
      "no JSON",
      ""};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    Message message;
    message.created = static_cast<std::int64_t>(i) + 1'000;
    message.id = i + 1;
    message.content = contents[i];
    REQUIRE(store->add_message(*chat, message));
  }
  const Options options;
  const Stats stats;
  const RequestLog log;
  http::Request request;
  request.url = "http://localhost/look/chats/" + chat->id;
  const std::string html = answer_page(request, true, {*store, options, stats, log, 5'000}).body;
  CHECK(occurrences(html, "<article") == contents.size());
  CHECK(contains(html, ">Edited</span>"));
  CHECK(contains(html, "This message has been deleted."));
  CHECK_FALSE(contains(html, "secret"));
}

TEST_CASE("The page's messages come fifty at a time, found from either end", "[emulator]") {
  World world;
  const std::string address = page_of(filled_channel(world, 120));
  const std::string newest = show(world, address);
  CHECK(occurrences(newest, "<article") == 50);
  CHECK(newest.find(">root 70.<") < newest.find(">root 119.<"));  // the newest is the last
  CHECK_FALSE(contains(newest, ">root 69.<"));
  CHECK(link_named(newest, "Newer").empty());
  const std::string middle = show(world, link_named(newest, "Older"));
  CHECK(contains(middle, ">root 20.<"));
  CHECK(contains(middle, ">root 69.<"));
  CHECK(occurrences(middle, "<article") == 50);
  const std::string oldest = show(world, link_named(middle, "Older"));
  CHECK(contains(oldest, ">root 0.<"));
  CHECK(occurrences(oldest, "<article") == 20);
  CHECK(link_named(oldest, "Older").empty());
  CHECK(contains(show(world, link_named(newest, "First")), ">root 49.<"));
  CHECK(contains(show(world, link_named(oldest, "Newer")), ">root 20.<"));
  CHECK(show(world, link_named(oldest, "Last")) == newest);
  // Whatever stands in an address, something is shown.
  for (const char* query :
       {"?before=x", "?before=", "?before=99999999999999999999", "?at=", "?at=<b>", "?%zz", "?page=0"}) {
    CHECK(show(world, address + query) == newest);
  }
  CHECK(contains(show(world, address + "?before=-9223372036854775808"), ">root 0.<"));
  CHECK(show(world, address + "?after=9223372036854775807") == newest);
}

TEST_CASE("A page of a large channel costs what a page of a small one does", "[emulator]") {
  World world;
  const std::string small = page_of(filled_channel(world, 100));
  const std::string large = page_of(filled_channel(world, 5'000));
  CHECK(show(world, large + "?at=first").size() < show(world, small + "?at=first").size() + 2'000);
  CHECK(contains(show(world, large), ">root 4999.<"));
}

TEST_CASE("The page shows chats and their members with what they see", "[emulator]") {
  World world;
  const auto users = world.router->users();
  json members = json::array();
  for (std::size_t i = 0; i < 3; ++i) {
    members.push_back({{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
                       {"roles", json::array({"owner"})},
                       {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + users[i].id + "')"}});
  }
  const Reply made = world.post("/chats", {{"chatType", "group"}, {"topic", "Orbit <core>"}, {"members", members}});
  REQUIRE(made.status == 201);
  const std::string address = page_of("/chats/" + made.body["id"].get<std::string>());
  const std::string html = show(world, address);
  CHECK(contains(html, "<bdi>Orbit &lt;core&gt;</bdi>"));
  CHECK(contains(html, "No messages yet."));
  CHECK(contains(html, "Group chat"));
  const std::string list = show(world, address + "/members");
  CHECK(contains(list, users[0].displayName));
  CHECK(contains(list, users[0].mail));
  CHECK(contains(list, "<td>owner</td>"));
  CHECK(contains(list, ">Sees</th>"));
  CHECK(contains(show(world, "/look/chats"), "Orbit &lt;core&gt;"));
}

TEST_CASE("Lists of the page are cut into pages", "[emulator]") {
  World world;
  for (int i = 0; i < 60; ++i) {
    json body = world.team_body();
    body["displayName"] = "Team " + std::to_string(i) + ".";
    REQUIRE(world.post("/teams", body).status == 202);
  }
  const std::string first = show(world, "/look/teams");
  CHECK(contains(first, "1 to 50 of 60"));
  CHECK(occurrences(first, "<th scope=\"row\">") == 50);
  const std::string second = show(world, link_named(first, "Next"));
  CHECK(contains(second, "51 to 60 of 60"));
  CHECK(occurrences(second, "<th scope=\"row\">") == 10);
  CHECK(occurrences(first, "<details") <= 20);
  CHECK(contains(first, "All 60 teams"));
}

TEST_CASE("Nothing that a client names gets out of its place on the page", "[emulator]") {
  World world;
  const std::string evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'";
  json team_body = world.team_body();
  team_body["displayName"] = evil;
  team_body["description"] = evil;
  const std::string team = World::team_path(world.post("/teams", team_body));
  const std::string channel = world.new_channel(team);
  json body = world.message_body();
  body["from"]["user"]["displayName"] = evil;
  body["subject"] = evil;
  body["body"]["content"] = "</div></article></main>" + evil + "<svg/onload=alert(1)><a href=javascript:alert(1)>x</a>";
  body["reactions"] = json::array({{{"reactionType", evil},
                                    {"displayName", evil},
                                    {"createdDateTime", "2019-02-04T20:00:00Z"},
                                    {"user", {{"user", {{"id", world.router->users()[1].id}}}}}}});
  REQUIRE(world.post(channel + "/messages", body).status == 200);
  for (const std::string& path :
       {page_of(team), page_of(channel), page_of(team) + "/members", std::string("/"), std::string("/look/teams")}) {
    const std::string html = show(world, path);
    INFO(path);
    CHECK_FALSE(contains(html, "<script"));
    CHECK_FALSE(contains(html, "<img"));
    CHECK_FALSE(contains(html, "<svg"));
    CHECK_FALSE(contains(html, "javascript:"));
    CHECK_FALSE(contains(html, "\"><script"));
    CHECK(occurrences(html, "</main>") == 1);
    CHECK(occurrences(html, "<article") == occurrences(html, "</article>"));
    CHECK(occurrences(html, "<div") == occurrences(html, "</div>"));
  }
}

TEST_CASE("Every answer of the page forbids scripts, frames and foreign content", "[emulator]") {
  World world;
  for (const char* path : {"/", "/look/style.css", "/look/icon.svg", "/look/nothing", "/look/certificate",
                           "/look/teams/x/channels/y", "/look/chats/x/pictures/1/2", "/look/%zz", "/look/teams/%00"}) {
    const http::Response response = look(world, path);
    INFO(path);
    const std::string policy = *response.headers.find("Content-Security-Policy");
    CHECK(contains(policy, "default-src 'none'"));
    CHECK(contains(policy, "frame-ancestors 'none'"));
    CHECK(contains(policy, "base-uri 'none'"));
    CHECK(contains(policy, "form-action 'none'"));
    CHECK_FALSE(contains(policy, "unsafe"));
    CHECK(*response.headers.find("X-Content-Type-Options") == "nosniff");
    CHECK(*response.headers.find("Referrer-Policy") == "no-referrer");
    CHECK(*response.headers.find("Cache-Control") == "no-store");
  }
  CHECK(look(world, "/look/nothing").status == 404);
  CHECK(look(world, "/look/%zz").status == 404);
}

TEST_CASE("The page answers this machine under its own names only", "[emulator]") {
  World world;
  for (const char* host : {"127.0.0.1:4711", "localhost:4711", "LOCALHOST", "[::1]:4711", "[::1]"}) {
    INFO(host);
    CHECK(look(world, "/", {}, host).status == 200);
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:4711",
                           "[::1].evil.example", "", "[", "0.0.0.0", "10.1.2.3:4711"}) {
    INFO(host);
    const http::Response refused = look(world, "/", {}, host);
    CHECK(refused.status == 403);
    CHECK_FALSE(contains(refused.body, "<"));
  }
  http::Request disguised;
  disguised.url = "http://127.0.0.1:4711/";
  disguised.headers.add("Host", "evil.example");
  CHECK(world.router->handle(disguised).response.status == 403);
  Peer stranger;
  stranger.loopback = false;
  CHECK(look(world, "/look/teams", stranger).status == 403);
  CHECK(look(world, "/", {}, "127.0.0.1", "POST").status == 405);
  CHECK(look(world, "/", {}, "127.0.0.1", "HEAD").status == 200);
}

TEST_CASE("The page tells what each app requested, with status and rule", "[emulator]") {
  Options options;
  options.profile = "article";
  World world(options);
  CHECK(contains(show(world, "/look/requests"), "No requests yet."));
  const std::string channel = world.new_channel(world.new_team());
  for (int i = 0; i < 6; ++i) world.post(channel + "/messages", world.message_body(time_of(i)));
  world.get("/teams?$filter=displayName eq '<b>'", "second");
  const std::string html = show(world, "/look/requests");
  CHECK(contains(html, ">full</a></th>"));
  CHECK(contains(html, ">second</a></th>"));
  CHECK(occurrences(html, "<span class=\"bad\">429</span></td><td>") == 1);
  CHECK_FALSE(contains(html, "<span class=\"bad\">429</span></td><td></td>"));  // the rule is told
  CHECK_FALSE(contains(html, "<b>"));
  const std::string own = show(world, link_named(html, "second"));
  CHECK(occurrences(own, "<tr class=\"request\">") == 2);  // with its sign-in
  for (int i = 0; i < 120; ++i) world.get("/teams/" + std::to_string(i));
  const std::string newest = show(world, "/look/requests");
  CHECK(occurrences(newest, "<tr class=\"request\">") == 50);
  CHECK(contains(newest, "/v1.0/teams/119<"));
  const std::string older = show(world, link_named(newest, "Older"));
  CHECK(contains(older, "/v1.0/teams/69<"));
  CHECK_FALSE(contains(older, "/v1.0/teams/70<"));
  CHECK(contains(show(world, "/look/requests?before=x&app=<b>"), "No requests here."));
}

TEST_CASE("The page tells how to hand the authority to one client", "[emulator]") {
  World world;
  const std::string html = show(world, "/look/certificate");
  CHECK(contains(html, "href=\"/ca.pem\""));
  CHECK(contains(html, "NODE_EXTRA_CA_CERTS"));
  CHECK(contains(html, "curl --cacert teamferry-ca.pem https://127.0.0.1:4711/v1.0"));
  CHECK(contains(html, "Never put it into the certificate store of a system"));
}

}  // namespace teamferry::emulator
