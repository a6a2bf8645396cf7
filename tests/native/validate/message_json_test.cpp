#include "native/validate/message_json.h"

#include <nlohmann/json.hpp>

#include "native/limits/limits.h"
#include "tests/native/validate/findings.h"

using namespace teamferry;
using namespace teamferry::validate;
using Json = nlohmann::json;

namespace {

// A message with one of everything, as the reference shows them.
Json full() {
  return Json::parse(R"j({
    "createdDateTime": "2019-02-04T19:58:15.511Z",
    "from": {"user": {"id": "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca", "displayName": "Ada Park",
                      "userIdentityType": "aadUser"}, "application": null},
    "body": {"contentType": "html", "content": "<p>Hi <at id=\"0\">Bo</at></p><img src=\"../hostedContents/1/$value\"><attachment id=\"1b2c3d4e-0f1a-4b2c-9d3e-4f5a6b7c8d9e\"></attachment>"},
    "subject": null, "importance": "normal", "messageType": "message",
    "mentions": [{"id": 0, "mentionText": "Bo", "mentioned": {"application": null, "user": {
        "@odata.type": "#microsoft.graph.teamworkUserIdentity", "id": "82fe7758-5bb3-4f0d-a43f-e555fd399c6f",
        "displayName": "Bo", "userIdentityType": "aadUser"}}}],
    "attachments": [{"id": "1b2c3d4e-0f1a-4b2c-9d3e-4f5a6b7c8d9e", "contentType": "reference", "content": null,
        "contentUrl": "https://acme.sharepoint.com/sites/Orbit/Shared%20Documents/a.pdf", "name": "a.pdf"}],
    "hostedContents": [{"@microsoft.graph.temporaryId": "1", "contentBytes": "iVBORw0KGgoAAAAN",
        "contentType": "image/png"}],
    "reactions": [{"reactionType": "👍", "createdDateTime": "2019-02-04T20:00:00Z",
        "user": {"user": {"id": "82fe7758-5bb3-4f0d-a43f-e555fd399c6f"}}}]})j");
}

Lines found(const Json& body, const MessageContext& context = {}) {
  return lines(check_message_json(body, context));
}

Lines with(const char* pointer, Json value) {
  auto body = full();
  body[Json::json_pointer(pointer)] = std::move(value);
  return found(body);
}

}  // namespace

TEST_CASE("A message with one of everything passes", "[validate]") {
  CHECK(found(full()) == Lines{});
}

TEST_CASE("Each rule sees its part of a message as JSON", "[validate]") {
  CHECK(with("/createdDateTime", "2019").front().starts_with("R1 error"));
  CHECK(with("/from/user/id", "ada").front().starts_with("R12 error from.user.id"));
  CHECK(with("/from/user/userIdentityType", "emailUser").front().starts_with("R13 error"));
  CHECK(with("/from/user/displayName", "").front().starts_with("R15 warning"));
  CHECK(with("/from/application", Json::object()).front().starts_with("R16 warning"));
  CHECK(with("/from", nullptr) == Lines{"R12 error from.user.id: it is missing"});
  CHECK(with("/body/contentType", "markdown").front().starts_with("R18 error"));
  CHECK(with("/mentions/0/id", 1).front().starts_with("R22 error"));
  CHECK(with("/mentions/0/mentioned", nullptr) == Lines{"R23 error mentions[0].mentioned: it names 0 things"});
  CHECK(with("/mentions/0/mentionText", "Cy").front().starts_with("R24 warning"));
  CHECK(with("/attachments/0/id", kBo).front().starts_with("R25 error"));
  CHECK(with("/attachments/0/content", "{}").front().starts_with("R26 error attachments[0].content"));
  CHECK(with("/attachments/0/contentUrl", "https://acme.sharepoint.com/a").front().starts_with("R27 error"));
  CHECK(with("/attachments/0/contentType", "messageReference").front().starts_with("R29 error"));
  CHECK(with("/reactions/0/user", nullptr).front().starts_with("R30 error reactions[0].user.user.id"));
  CHECK(with("/reactions/0/createdDateTime", "2018-01-01T00:00:00Z").front().starts_with("R31 warning"));
  CHECK(with("/hostedContents/0/@microsoft.graph.temporaryId", "2").front().starts_with("R32 error"));
  CHECK(with("/hostedContents/0/contentType", "image/gif").front().starts_with("R33 error"));
  CHECK(with("/importance", "low") == Lines{"R35 error importance: 'low' is unknown"});
  CHECK(with("/importance", "urgent") == Lines{"R35 warning importance: channels have no urgent messages"});
  CHECK(with("/locale", "de-de") == Lines{"R37 warning locale: the service makes en-us of 'de-de'"});
  CHECK(with("/locale", "en-us") == Lines{});
}

TEST_CASE("R18, R19: a message needs a body, which is text unless it says otherwise", "[validate]") {
  auto body = full();
  for (const char* part : {"mentions", "attachments", "hostedContents"}) body.erase(part);
  body["body"] = {{"content", "1 < 2"}};
  CHECK(found(body) == Lines{});
  body.erase("body");
  CHECK(found(body) == Lines{"R19 error body.content: it is empty"});
}

TEST_CASE("R36: a subject is plain, short, and of a root in a channel", "[validate]") {
  CHECK(with("/subject", "Launch & more, 1 < 2") == Lines{});
  CHECK(with("/subject", std::string(256, 'x')) ==
        Lines{"R36 warning subject: it has 256 characters, the limit is 255"});
  CHECK(with("/subject", "<b>Launch</b>") ==
        Lines{"R36 warning subject: '<b>Launch</b>' shows its tags as they are written"});
  auto body = full();
  body["subject"] = "Launch";
  MessageContext context;
  context.is_reply = true;
  CHECK(found(body, context) == Lines{"R36 warning subject: a reply has none"});
  context = {};
  context.in_chat = true;
  CHECK(found(body, context) == Lines{"R36 warning subject: a message of a chat has none"});
  body["importance"] = "urgent";
  body.erase("subject");
  CHECK(found(body, context) == Lines{});
}

TEST_CASE("R20, R48: mentions and reactions count toward the size, images do not", "[validate]") {
  auto body = full();
  body["hostedContents"][0]["contentBytes"] =
      "iVBORw0KGgoAAAAN" + std::string(limits::in_force().sizes.message_hard_bytes, 'A');
  CHECK(found(body) == Lines{});
  body["body"]["content"] =
      body["body"]["content"].get<std::string>() + std::string(limits::in_force().sizes.message_soft_bytes - 1500, 'x');
  const auto reaction = body["reactions"][0];
  for (int i = 0; i < 5; ++i) {
    auto another = reaction;
    another["reactionType"] = std::vector<std::string>{"😀", "😁", "😂", "🤣", "😃"}[static_cast<std::size_t>(i)];
    body["reactions"].push_back(another);
  }
  const auto shown = found(body);
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].starts_with("R20 warning body.content: the message takes 25"));
  CHECK(shown[1].ends_with("bytes of it are mentions, attachments and reactions, which count as well"));
  body["body"]["content"] = body["body"]["content"].get<std::string>() + std::string(3000, 'x');
  CHECK(found(body).size() == 1);
  CHECK(found(body).front().starts_with("R20 error"));
}

TEST_CASE("R34: the whole request is limited", "[validate]") {
  auto body = full();
  for (int i = 2; i < 4; ++i) {
    const auto id = std::to_string(i);
    body["hostedContents"].push_back({{"@microsoft.graph.temporaryId", id},
                                      {"contentType", "image/png"},
                                      {"contentBytes", "iVBORw0KGgoAAAAN" + std::string(2'800'000, 'A')}});
    body["body"]["content"] =
        body["body"]["content"].get<std::string>() + "<img src=\"../hostedContents/" + id + "/$value\">";
  }
  CHECK(found(body).front().starts_with("R34 error hostedContents: the request takes 56"));
}

TEST_CASE("Fields that the service does not know or sets itself are named", "[validate]") {
  CHECK(with("/text", "x") == Lines{"shape error text: the service knows no such field"});
  CHECK(with("/@odata.type", "#microsoft.graph.chatMessage") == Lines{});
  for (const char* field :
       {"id", "etag", "webUrl", "chatId", "channelIdentity", "lastModifiedDateTime", "lastEditedDateTime",
        "deletedDateTime", "policyViolation", "eventDetail", "messageHistory"}) {
    CHECK(with((std::string("/") + field).c_str(), "1") ==
          Lines{std::string("shape warning ") + field + ": the service sets it itself"});
    CHECK(with((std::string("/") + field).c_str(), nullptr) == Lines{});
  }
  CHECK(with("/replyToId", "1549310295511") == Lines{"R11 error replyToId: it does not make a reply (inferred)"});
  CHECK(with("/messageType", "systemEventMessage") ==
        Lines{"shape error messageType: 'systemEventMessage' is not imported"});
  CHECK(with("/mentions/0/user", "x") == Lines{"shape error mentions[0].user: the service knows no such field"});
  CHECK(with("/body/text", "x") == Lines{"shape error body.text: the service knows no such field"});
}

TEST_CASE("Values of another type are named and not read", "[validate]") {
  CHECK(found(7) == Lines{"shape error body: it is not an object but number"});
  CHECK(with("/subject", 7) == Lines{"shape error subject: it is not a text but number"});
  CHECK(with("/reactions", Json::object()) == Lines{"shape error reactions: it is not a list but object"});
  CHECK(with("/reactions/0", "like").front() == "shape error reactions[0]: it is not an object but string");
  CHECK(with("/mentions/0/id", "0").front() == "shape error mentions[0].id: it is not a whole number but string");
  CHECK(with("/mentions/0/id", 18446744073709551615u).front() ==
        "R21 error mentions[0].id: it is not a whole number of 32 bits");
  CHECK(with("/body", "<p>Hi</p>").front() == "shape error body: it is not an object but string");
}

TEST_CASE("R5, R11: a channel or chat says what its messages may be", "[validate]") {
  auto context = context_of({{"createdDateTime", "2020-01-01T00:00:00Z"}, {"displayName", "General"}});
  CHECK_FALSE(context.in_chat);
  CHECK(found(full(), context).front().starts_with("R5 error"));
  context = context_of({{"chatType", "group"}, {"createdDateTime", nullptr}});
  CHECK(context.in_chat);
  context.is_reply = true;
  CHECK(found(full(), context).front().starts_with("R11 error"));
}
