#include "native/validate/repair.h"

#include "native/validate/message_json.h"
#include "tests/native/validate/findings.h"

using namespace teamferry;
using namespace teamferry::validate;
using Json = nlohmann::json;

namespace {

constexpr const char* kFile = "1b2c3d4e-0f1a-4b2c-9d3e-4f5a6b7c8d9e";
constexpr const char* kPng = "iVBORw0KGgoAAAAN";

Json message(const std::string& html) {
  return {{"createdDateTime", "2019-02-04T19:58:15.511Z"},
          {"from", {{"user", {{"id", kAda}, {"displayName", "Ada Park"}, {"userIdentityType", "aadUser"}}}}},
          {"body", {{"contentType", "html"}, {"content", html}}}};
}

Json mention(Json id, const char* text = "Bo") {
  return {{"id", std::move(id)},
          {"mentionText", text},
          {"mentioned", {{"user", {{"id", kBo}, {"displayName", "Bo"}, {"userIdentityType", "aadUser"}}}}}};
}

Json file(const std::string& url) {
  return {{"id", kFile}, {"contentType", "reference"}, {"contentUrl", url}, {"name", "plan"}};
}

Json image(const char* id, const std::string& bytes = kPng, const char* type = "image/png") {
  return {{"@microsoft.graph.temporaryId", id}, {"contentBytes", bytes}, {"contentType", type}};
}

// The repaired body, which passes; and what was changed: "R9 createdDateTime".
struct Result {
  Json body;
  Lines changes;
  std::string html;
};
Result repaired(const Json& body, const MessageContext& context = {}) {
  const auto out = repair_message(body, context);
  CHECK(lines(check_message_json(out.body, context)) == Lines{});
  CHECK(repair_message(out.body, context).changes.empty());
  Result result{out.body, {}, out.body["body"]["content"]};
  for (const auto& change : out.changes) result.changes.push_back(change.rule + " " + change.field);
  return result;
}

}  // namespace

TEST_CASE("A message that passes comes back as it is", "[validate]") {
  auto body =
      message("<p>Hi <at id=\"1\">Bo</at> and <at id=\"0\">Bo</at></p><img src=\"../hostedContents/1/$value\">");
  body["mentions"] = {mention(0), mention(1)};
  body["hostedContents"] = {image("1")};
  body["subject"] = "Launch";
  const auto result = repaired(body);
  CHECK(result.body == body);
  CHECK(result.changes == Lines{});
  CHECK(repair_message(7).body == 7);
}

TEST_CASE("R1, R3, R9: times are written as they are sent, replies after their root", "[validate]") {
  auto body = message("x");
  body["createdDateTime"] = "2019-02-04T20:58:15.5119+01:00";
  CHECK(repaired(body).body["createdDateTime"] == "2019-02-04T19:58:15.511Z");
  CHECK(repaired(body).changes == Lines{"R3 createdDateTime"});
  body["createdDateTime"] = "2019-02-04T19:58:15Z";
  CHECK(repaired(body).changes == Lines{"R1 createdDateTime"});
  MessageContext context;
  context.is_reply = true;
  context.root_time = at("2019-02-04T19:58:15.511Z");
  body = message("x");
  CHECK(repaired(body, context).body["createdDateTime"] == "2019-02-04T19:58:15.512Z");
  CHECK(repaired(body, context).changes == Lines{"R9 createdDateTime"});
}

TEST_CASE("R15, R18: what goes without saying is said", "[validate]") {
  auto body = message("x");
  body["from"]["user"].erase("userIdentityType");
  CHECK(repaired(body).changes == Lines{"R15 from.user.userIdentityType"});
  body = message("<at id=\"0\">Bo</at>");
  body["body"].erase("contentType");
  body["mentions"] = {mention(0)};
  CHECK(repaired(body).body["body"]["contentType"] == "html");
}

TEST_CASE("R21: mentions are numbered anew in reading order", "[validate]") {
  auto body = message("<at id=\"7\">Bo</at> <at id=\"7\">Bo</at> <at id=\"x\">Bo</at>");
  body["mentions"] = {mention("x"), mention(7), mention(7), mention(9)};
  const auto result = repaired(body);
  CHECK(result.html == "<at id=\"0\">Bo</at> <at id=\"1\">Bo</at> <at id=\"2\">Bo</at>");
  CHECK(result.body["mentions"].size() == 3);
  CHECK(result.body["mentions"][2]["id"] == 2);
  CHECK(result.changes.back() == "R21 mentions[3]");
}

TEST_CASE("R22, R23: who cannot be mentioned is named", "[validate]") {
  auto body = message("<at id=\"0\">Bo</at> <at id=\"1\">@<b>Cy</b></at> <at id=\"2\">Di</at>");
  auto nobody = mention(2, "Di");
  nobody["mentioned"]["user"]["id"] = "di@orbit.example";
  body["mentions"] = {mention(0), nobody};
  const auto result = repaired(body);
  CHECK(result.html == "<at id=\"0\">Bo</at> @<b>Cy</b> @Di");
  CHECK(result.changes == Lines{"R23 mentions[1]", "R22 body.content", "R22 body.content"});
}

TEST_CASE("R24: the entry says what the body says", "[validate]") {
  auto body = message("<at id=\"0\">B &amp; o</at>");
  body["mentions"] = {mention(0)};
  CHECK(repaired(body).body["mentions"][0]["mentionText"] == "B & o");
}

TEST_CASE("R25: attachments and their elements are paired", "[validate]") {
  auto body = message("<p>x</p><attachment id=\"9\"></attachment>");
  body["attachments"] = {file("https://acme.sharepoint.com/a/plan.pdf"),
                         file("https://acme.sharepoint.com/a/plan.pdf")};
  const auto result = repaired(body);
  CHECK(result.html == std::string("<p>x</p><attachment id=\"") + kFile + "\"></attachment>");
  CHECK(result.body["attachments"].size() == 1);
  CHECK(result.changes == Lines{"R25 attachments", "R25 body.content", "R25 body.content"});
}

TEST_CASE("R26, R27: a file has no content and a name with an extension", "[validate]") {
  auto body = message(std::string("<attachment id=\"") + kFile + "\"></attachment>");
  body["attachments"] = {file("https://acme.sharepoint.com/a/plan")};
  body["attachments"][0]["content"] = "{}";
  const auto result = repaired(body);
  CHECK(result.body["attachments"][0]["contentUrl"] == "https://acme.sharepoint.com/a/plan.bin");
  CHECK(result.body["attachments"][0]["name"] == "plan.bin");
  CHECK(result.changes == Lines{"R26 attachments.content", "R27 attachments.contentUrl"});
}

TEST_CASE("R30, R31: reactions are once each, 250 at most, and after the message", "[validate]") {
  auto body = message("x");
  const auto reaction = [](const char* type, const char* time, const std::string& user) {
    return Json{{"reactionType", type}, {"createdDateTime", time}, {"user", {{"user", {{"id", user}}}}}};
  };
  body["reactions"] = {reaction("👍", "2019-01-01T00:00:00Z", kAda), reaction("👍", "2020-01-01T00:00:00Z", kAda),
                       reaction(":x:", "2020-01-01T00:00:00Z", kAda), reaction("like", "2020-01-01T00:00:00Z", "bo")};
  for (int i = 100; i < 400; ++i) {
    body["reactions"].push_back(reaction("👍", "2020-01-01T00:00:00.000Z", std::to_string(i) + std::string(kBo + 3)));
  }
  MessageContext context;
  context.now = at("2019-12-31T00:00:00Z");
  const auto result = repair_message(body, context);
  CHECK(repair_message(result.body, context).changes.empty());
  CHECK(result.body["reactions"].size() == 250);
  CHECK(result.body["reactions"][0]["createdDateTime"] == "2019-02-04T19:58:15.511Z");
  CHECK(result.body["reactions"][1]["createdDateTime"] == "2019-12-31T00:00:00.000Z");
}

TEST_CASE("R32, R33, R34: images are those that are shown and can be hosted", "[validate]") {
  auto body = message(
      "<p>x</p><img src=\"../hostedContents/1/$value\"><img src=\"../hostedContents/2/$value\">"
      "<img src=\"../hostedContents/3/$value\">");
  body["hostedContents"] = {image("1", kPng, "image/gif"), image("2", std::string(kPng) + std::string(4'000'000, 'A')),
                            image("4"), image("1")};
  const auto out = repair_message(body);
  CHECK(lines(check_message_json(out.body)) == Lines{});
  CHECK(out.body["body"]["content"] == "<p>x</p><img src=\"../hostedContents/1/$value\">");
  CHECK(out.body["hostedContents"].size() == 1);
  CHECK(out.body["hostedContents"][0]["contentType"] == "image/png");
  REQUIRE(out.as_files.size() == 1);
  CHECK(out.as_files[0]["@microsoft.graph.temporaryId"] == "2");
}

TEST_CASE("R35, R36, R37: importance, subject and locale as the service has them", "[validate]") {
  auto body = message("x");
  body["importance"] = "urgent";
  body["subject"] = "<b>" + std::string(300, 'x') + "</b>";
  body["locale"] = "de-de";
  const auto result = repaired(body);
  CHECK(result.body["importance"] == "high");
  CHECK(result.body["subject"].get<std::string>() == std::string(255, 'x'));
  CHECK_FALSE(result.body.contains("locale"));
  MessageContext chat;
  chat.in_chat = true;
  CHECK_FALSE(repaired(body, chat).body.contains("subject"));
  CHECK(repaired(body, chat).body["importance"] == "urgent");
  body["importance"] = "low";
  CHECK(repaired(body).body["importance"] == "normal");
}

TEST_CASE("R19, R45, R46, R47: the HTML is mended, and never emptied", "[validate]") {
  CHECK(repaired(message("<p onclick=\"x\">a\x01<b>b</p>")).html == "<p>a<b>b</b></p>");
  CHECK(repaired(message("<p onclick=\"x\">a\x01<b>b</p>")).changes ==
        Lines{"R46 body.content", "R47 body.content", "R45 body.content"});
  CHECK(repaired(message("<script>x</script>")).html == "&nbsp;");
  CHECK(repaired(message("Cafe\xCC\x81")).html == "Caf\xC3\xA9");
  CHECK(repaired(message("Cafe\xCC\x81")).changes == Lines{"R47 body.content"});
  auto body = message("1 < 2\x02");
  body["body"]["contentType"] = "text";
  CHECK(repaired(body).html == "1 < 2");
}

TEST_CASE("Fields that the service does not take are left out", "[validate]") {
  auto body = message("x");
  body["id"] = "1549310295511";
  body["etag"] = "1";
  body["text"] = "y";
  body["body"]["extra"] = 1;
  CHECK(repaired(body).changes == Lines{"shape etag", "shape id", "shape text", "shape body.extra"});
}

TEST_CASE("R38, R39: names and descriptions are made legal", "[validate]") {
  const auto channel = repair_channel({{"displayName", "R&D"}, {"description", std::string(2000, 'x')}});
  CHECK(channel.body["displayName"] == "R-D");
  CHECK(channel.body["description"].get<std::string>().size() == 1024);
  REQUIRE(channel.changes.size() == 2);
  CHECK(channel.changes[0].before == "R&D");
  CHECK(channel.changes[0].after == "R-D");
  CHECK(repair_team({{"displayName", std::string(300, 'x')}}).body["displayName"].get<std::string>().size() == 256);
  CHECK(repair_team({{"displayName", "Orbit"}}).changes.empty());
}
