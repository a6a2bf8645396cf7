#include "native/validate/mentions.h"

#include "tests/native/validate/findings.h"

using namespace teamferry::validate;

namespace {

MentionFacts user(std::int64_t id = 0) {
  return {id, "Ada", 1, "user", kAda, "Ada Park", "aadUser"};
}

Lines found(const std::vector<MentionFacts>& mentions, std::string_view html) {
  Markers markers;
  find_markers(html, markers);
  Findings findings;
  check_mentions(mentions, html, markers, findings);
  return lines(findings);
}

}  // namespace

TEST_CASE("Markers are found in reading order, whatever stands around them", "[validate]") {
  Markers markers;
  const std::string_view html =
      "x<AT ID='0'>A<b>da</b></AT><!-- <at id=\"9\"> --><attachment id=\"f\"></attachment>"
      "<img width=1 src=\"../hostedContents/1/$value\"><img src=\"https://x.example/a.png\"><at>";
  find_markers(html, markers);
  REQUIRE(markers.size() == 4);
  CHECK(html.substr(markers[0].begin, markers[0].end - markers[0].begin) == "<AT ID='0'>A<b>da</b></AT>");
  CHECK(html.substr(markers[0].inside, markers[0].close - markers[0].inside) == "A<b>da</b>");
  CHECK(markers[1].kind == Marker::Kind::attachment);
  CHECK(markers[1].id == "f");
  CHECK(markers[2].kind == Marker::Kind::image);
  CHECK(markers[2].id == "1");
  CHECK(markers[3].id.empty());
  CHECK(markers[3].end == html.size());
  find_markers("<p>no</p>", markers);
  CHECK(markers.empty());
}

TEST_CASE("R21 numbers each mention once and shows it in the body", "[validate]") {
  CHECK(found({user(), user(-7)}, "<at id=\"0\">Ada</at> <at id=\"-7\">Ada</at>") == Lines{});
  CHECK(found({user()}, "hello") == Lines{"R21 error mentions[0].id: no <at id=\"0\"> stands in the body"});
  CHECK(found({user(), user()}, "<at id=\"0\">Ada</at>") ==
        Lines{"R21 error mentions[1].id: two mentions have the id 0"});
  auto mention = user();
  mention.id = 3'000'000'000;
  CHECK(found({mention}, "x") == Lines{"R21 error mentions[0].id: it is not a whole number of 32 bits"});
  mention.id = std::nullopt;
  CHECK(found({mention}, "x") == Lines{"R21 error mentions[0].id: it is not a whole number of 32 bits"});
}

TEST_CASE("R22 wants an entry for each <at>", "[validate]") {
  CHECK(found({}, "<at id=\"5\">Ada</at>") == Lines{"R22 error body.content: <at id=\"5\"> has no entry in mentions"});
  CHECK(found({user()}, "<at id=\"0\">Ada</at><at id=\"zero\">Bo</at><at>Cy</at>") ==
        Lines{"R22 error body.content: <at id=\"zero\"> has no entry in mentions",
              "R22 error body.content: <at id=\"\"> has no entry in mentions"});
}

TEST_CASE("R23 wants one thing that can be mentioned", "[validate]") {
  const auto with = [](std::string_view kind, std::string_view id, std::string_view name, std::string_view type) {
    auto mention = user();
    mention.kind = kind;
    mention.target_id = id;
    mention.displayName = name;
    mention.identity_type = type;
    return found({mention}, "<at id=\"0\">Ada</at>");
  };
  for (const char* type : {"team", "channel", "chat"}) {
    CHECK(with("conversation", "19:x@thread.tacv2", "General", type) == Lines{});
  }
  CHECK(with("tag", "x", "On call", "") == Lines{});
  CHECK(with("application", "x", "Bot", "") == Lines{});
  CHECK(with("user", "ada@orbit.example", "Ada", "aadUser") ==
        Lines{"R23 error mentions[0].mentioned.user.id: 'ada@orbit.example' is not a user's object id"});
  CHECK(with("user", "", "", "federatedUser") ==
        Lines{"R23 error mentions[0].mentioned.user.id: it is missing",
              "R23 error mentions[0].mentioned.user.displayName: it is missing",
              "R23 error mentions[0].mentioned.user.userIdentityType: 'federatedUser' does not fit"});
  CHECK(with("conversation", "x", "y", "") ==
        Lines{"R23 error mentions[0].mentioned.conversation.conversationIdentityType: '' does not fit"});
  CHECK(with("device", "x", "y", "") == Lines{"R23 error mentions[0].mentioned: device cannot be mentioned"});
  auto mention = user();
  mention.kinds = 2;
  CHECK(found({mention}, "<at id=\"0\">Ada</at>") == Lines{"R23 error mentions[0].mentioned: it names 2 things"});
}

TEST_CASE("R24 wants the text of the body in the entry", "[validate]") {
  auto mention = user();
  CHECK(found({mention}, "<at id=\"0\"><b>A</b>da</at>") == Lines{});
  mention.mentionText = "R&D";
  CHECK(found({mention}, "<at id=\"0\">R&amp;D</at>") == Lines{});
  CHECK(found({mention}, "<at id=\"0\">Ada</at>") ==
        Lines{"R24 warning mentions[0].mentionText: it is 'R&D', the body says 'Ada'"});
}

TEST_CASE("A thousand bad mentions give a page of findings", "[validate]") {
  std::vector<MentionFacts> mentions(1000, user());
  CHECK(found(mentions, "").size() == kMostFindings);
}
