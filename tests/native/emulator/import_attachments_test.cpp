#include "tests/native/emulator/import_world.h"

namespace teamferry::emulator {
namespace {

constexpr char kId[] = "153fa47d-18c9-4179-be08-9879815a9f90";
constexpr char kMarker[] = "<p>see</p><attachment id=\"153fa47d-18c9-4179-be08-9879815a9f90\"></attachment>";

json file(const std::string& url = "https://tenant.example/sites/orbit/Shared%20Documents/plan.docx") {
  return {{"id", kId}, {"contentType", "reference"}, {"contentUrl", url}, {"name", "plan.docx"}};
}

// The answer to a message with this attachment and its marker.
Reply import_with(ImportWorld& world, const json& attachment) {
  json body = world.html(kMarker);
  body["attachments"] = json::array({attachment});
  return world.import(body);
}

}  // namespace

TEST_CASE("E86: a link to a file is echoed in the service's shape", "[import]") {
  ImportWorld world;
  const Reply reply = import_with(world, file());
  REQUIRE(reply.status == 200);
  json expected = file();
  expected["content"] = nullptr;
  expected["thumbnailUrl"] = nullptr;
  expected["teamsAppId"] = nullptr;
  CHECK(reply.body["attachments"] == json::array({expected}));
  CHECK(world.get(world.messages).body["value"][0]["attachments"] == json::array({expected}));
}

TEST_CASE("E87: a file whose address has no extension is 403 in the service's words", "[import]") {
  ImportWorld world;
  for (const char* url : {"https://tenant.example/docs/README", "https://tenant.example/a.b/README?x=y.z",
                          "https://tenant.example/docs/plan.", "https://tenant.example/:b:/s/orbit/Exy3?e=a.b",
                          "https://tenant.example/docs/", "https://tenant.example/docs/README#a.b"}) {
    INFO(url);
    const Reply reply = import_with(world, file(url));
    CHECK(reply.status == 403);
    CHECK(reply.code() == "Forbidden");
    CHECK(reply.message() == "File attachment without extension is not supported in application context");
  }
  CHECK(import_with(world, file("https://tenant.example/docs/plan%2Etxt?web=1")).status == 200);
}

TEST_CASE("E88: attachments and their markers belong together, both ways", "[import]") {
  ImportWorld world;
  json body = world.html("<p>see</p>");
  body["attachments"] = json::array({file()});
  CHECK(world.import(body).status == 400);
  CHECK(world.import(world.html(kMarker)).status == 400);
  body = world.html(kMarker);
  body["attachments"] = json::array({file(), file()});
  CHECK(world.import(body).status == 400);
  body = world.html(kMarker);
  body["body"]["contentType"] = "text";
  CHECK(world.import(body).status == 200);  // in a text it is text
  body = world.html(kMarker, "2019-02-05T00:00:00Z");
  body["body"]["contentType"] = "text";
  body["attachments"] = json::array({file()});
  CHECK(world.import(body).status == 400);
}

TEST_CASE("E89: content beside contentUrl is 400", "[import]") {
  ImportWorld world;
  json both = file();
  both["content"] = "{}";
  CHECK(import_with(world, both).status == 400);
  both["content"] = nullptr;
  CHECK(import_with(world, both).status == 200);
}

TEST_CASE("E90: a card is 400, or kept by option", "[import]") {
  Options options = World::unlimited();
  options.variants.adaptive_cards = GENERATE(false, true);
  ImportWorld world(options);
  const json card = {{"id", kId},
                     {"contentType", "application/vnd.microsoft.card.adaptive"},
                     {"content", "{\"type\":\"AdaptiveCard\"}"}};
  const Reply reply = import_with(world, card);
  CHECK(reply.status == (options.variants.adaptive_cards ? 200 : 400));
  if (reply.status == 200) CHECK(reply.body["attachments"][0]["content"] == card["content"]);
}

TEST_CASE("E90: quotes, meetings and whatever else is no link to a file are 400, with the option too", "[import]") {
  Options options = World::unlimited();
  options.variants.adaptive_cards = true;
  ImportWorld world(options);
  for (const char* type : {"messageReference", "forwardedMessageReference", "meetingReference", "image/png", ""}) {
    INFO(type);
    CHECK(import_with(world, {{"id", kId}, {"contentType", type}, {"content", "{}"}}).status == 400);
  }
}

TEST_CASE("E98: mentions and attachments count towards 28,672 bytes, pictures and reactions do not", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at>" + std::string(kMarker) + "<img src=\"../hostedContents/1/$value\">" +
                         std::string(14'000, 'x'));
  body["hostedContents"] = json::array({{{"@microsoft.graph.temporaryId", "1"},
                                         {"contentType", "image/png"},
                                         {"contentBytes", std::string(40'000, 'A')}}});
  body["reactions"] = json::array({{{"reactionType", std::string(30'000, 'x')},
                                    {"createdDateTime", "2019-02-04T20:00:00Z"},
                                    {"user", {{"user", {{"id", "someone"}}}}}}});
  body["mentions"] = json::array({{{"id", 0}, {"mentioned", {{"user", {{"id", "x"}, {"displayName", ""}}}}}}});
  body["attachments"] = json::array({file()});
  const bool by_mention = GENERATE(true, false);
  const std::string large(14'672, 'x');
  json over = body;
  if (by_mention) {
    over["mentions"][0]["mentioned"]["user"]["displayName"] = large;
  } else {
    over["attachments"][0]["name"] = large;
  }
  const Reply refused = world.import(over);
  CHECK(refused.status == 413);
  CHECK(refused.code() == "RequestEntityTooLarge");
  CHECK(world.import(body).status == 200);
}

TEST_CASE("An attachment that lacks something is 400", "[import]") {
  ImportWorld world;
  json bad = file();
  const int which = GENERATE(range(0, 6));
  INFO(which);
  if (which == 0) bad.erase("id");
  if (which == 1) bad.erase("contentType");
  if (which == 2) bad.erase("contentUrl");
  if (which == 3) bad["name"] = 7;
  if (which == 4) bad["contentURL"] = "x";
  if (which == 5) bad = nullptr;
  CHECK(import_with(world, bad).status == 400);
}

}  // namespace teamferry::emulator
