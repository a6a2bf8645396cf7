#include "native/migrate/body.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace teamferry::migrate;
using nlohmann::json;

TEST_CASE("JSON strings are escaped so that another reader gets the same text", "[body]") {
  std::string text;
  for (int c = 0; c < 128; ++c) text += static_cast<char>(c);
  text += "é€😀";
  std::string out;
  append_json_string(out, text);
  CHECK(json::parse(out).get<std::string>() == text);
  out.clear();
  append_json_string(out, "a\"b\\c\nd\x01/é");
  CHECK(out == "\"a\\\"b\\\\c\\nd\\u0001/é\"");
}

TEST_CASE("A message body has what it needs and no more", "[body]") {
  std::string out;
  const auto from = from_json("id-1", "Ada \"A\"");
  write_message_body(out, {from, "<p>hi</p>", nullptr, "", ""});
  CHECK(out == R"({"from":{"user":{"id":"id-1","displayName":"Ada \"A\"","userIdentityType":"aadUser"}},)"
               R"("body":{"contentType":"html","content":"<p>hi</p>"}})");
  const std::vector<Mention> mentions{{"Bo", "id-2", "Bo Lind"}, {"Cy", "id-3", "Cy"}};
  write_message_body(out, {from, "x", &mentions, "About", "high"});
  const auto body = json::parse(out);
  CHECK(body["importance"] == "high");
  CHECK(body["subject"] == "About");
  CHECK(body["mentions"].size() == 2);
  CHECK(body["mentions"][1] == json::parse(R"({"id":1,"mentionText":"Cy","mentioned":{"user":
    {"id":"id-3","displayName":"Cy","userIdentityType":"aadUser"}}})"));
  write_message_body(out, {from, "x", nullptr, "", "normal"});
  CHECK_FALSE(json::parse(out).contains("importance"));
}

TEST_CASE("Text is read out of HTML", "[body]") {
  CHECK(text_of_html("<p>a &lt;b&gt; &amp; &#x1F600;&#233; &nope; &</p>") == "a <b> & 😀é &nope; &");
  CHECK(text_of_html("&mdash;&copy;&nbsp;&#xD800;&#x110000;") == "\u2014\u00A9\u00A0&#xD800;&#x110000;");
  CHECK(text_of_html("cut <b") == "cut ");
}

TEST_CASE("Teams and channels are born in migration mode", "[body]") {
  const auto team =
      json::parse(team_body({"https://graph.example/v1.0", "Acme", "was \"Acme\"", "2019-01-01T00:00:00.000Z"}));
  CHECK(team["@microsoft.graph.teamCreationMode"] == "migration");
  CHECK(team["template@odata.bind"] == "https://graph.example/v1.0/teamsTemplates('standard')");
  const auto channel = json::parse(channel_body("plans", "", "2019-01-01T00:00:00.000Z"));
  CHECK(channel == json::parse(R"({"@microsoft.graph.channelCreationMode":"migration","displayName":"plans",
    "membershipType":"standard","createdDateTime":"2019-01-01T00:00:00.000Z"})"));
}
