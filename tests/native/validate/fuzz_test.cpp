// Damaged and hostile HTML and JSON through the checks, seeded; a sanitizer build is the judge of what they read.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "native/validate/conversation.h"
#include "native/validate/conversation_json.h"
#include "native/validate/floor.h"
#include "native/validate/html.h"
#include "native/validate/html_mend.h"
#include "native/validate/html_token.h"
#include "native/validate/message_json.h"
#include "native/validate/repair.h"
#include "native/validate/size.h"
#include "native/validate/text.h"
#include "tests/fuzz/mutate.h"

using namespace teamferry::validate;

TEST_CASE("No damaged HTML leads the scanner out of its text, and it always ends", "[fuzz]") {
  teamferry::fuzz::Mutator mutator(
      {"<p>Hi <a href=\"https://x.example/?a=1&amp;b\" title='t'>you</a><br/></p>",
       "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>",
       "<img src=\"../hostedContents/1/$value\" style=\"width:3px\">&#x1F600; \xF0\x9F\x98\x80"},
      {"<",    ">",        "</",          "<!--",     "\"",      "'",  "=",   "&",    "&#",   "&#x", ";",
       "\xC3", "\xED\xA0", "javascript:", "<script>", "onload=", "/>", "<b>", "</p>", "<td>", "\t"},
      45);
  for (int i = 0; i < 50'000; ++i) {
    const auto input = mutator.next();
    const auto findings = check_html(input);
    if (findings.size() > kMostFindings) FAIL("too many findings for " << input);
    // What is not clean text can never pass.
    if (!is_clean(input) && !has_error(findings) && findings.size() < kMostFindings) FAIL("not clean: " << input);
    if (!is_clean(cleaned(input))) FAIL("not cleaned: " << input);
    const auto mended = mended_html(input);
    if (!check_html(mended).empty()) FAIL("not mended: " << input << " -> " << mended);
    if (mended_html(mended) != mended) FAIL("mended twice: " << input << " -> " << mended);
    if (ChannelFacts facts; true) {
      const auto name = legal_channel_name(input, {});
      facts.displayName = name;
      if (!check_channel(facts).empty()) FAIL("not a legal name: " << name);
    }
  }
  SUCCEED();
}

TEST_CASE("No damaged JSON leads the checks of bodies astray, and what they name is text", "[fuzz]") {
  teamferry::fuzz::Mutator mutator(
      {R"j({"createdDateTime":"2019-02-04T19:58:15.511Z","from":{"user":{"id":"8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca",
"displayName":"Ada","userIdentityType":"aadUser"}},"body":{"contentType":"html","content":"<p><at id=\"0\">Bo</at></p>"},
"mentions":[{"id":0,"mentionText":"Bo","mentioned":{"user":{"id":"x","displayName":"Bo"}}}],"subject":null})j",
       R"j({"body":{"content":"<img src=\"../hostedContents/1/$value\"><attachment id=\"1\"></attachment>",
"contentType":"html"},"attachments":[{"id":"1","contentType":"reference","contentUrl":"https://a.sharepoint.com/:b:/x",
"name":"x"}],"hostedContents":[{"@microsoft.graph.temporaryId":"1","contentBytes":"iVBORw0KGgo=","contentType":"image/png"}],
"reactions":[{"reactionType":"\ud83d\udc4d","createdDateTime":"2019-02-04T20:00:00Z","user":{"user":{"id":"x"}}}]})j",
       R"j({"@microsoft.graph.teamCreationMode":"migration","template@odata.bind":"x/teamsTemplates('standard')",
"displayName":"x","createdDateTime":"2019-01-07T08:00:00Z","chatType":"group","topic":"t","members":[{"roles":["owner"],
"user@odata.bind":"x/users('a')"}],"conversationCreationDateTime":"2019-01-01T00:00:00Z"})j"},
      {"null",
       "[]",
       "{}",
       "{\"\":0}",
       "[[",
       "]]",
       "\"",
       "1e999",
       "-1",
       "18446744073709551616",
       "true",
       ",",
       ":",
       "\\u0000",
       "\\ud800",
       "\xFF",
       "</at>",
       "<at id=\\\"0\\\">",
       "&#0;",
       "====",
       "/:b:/",
       "users(')",
       "0001-01-01T00:00:00Z"},
      48);
  int parsed = 0;
  for (int i = 0; i < 12'000; ++i) {
    const auto input = mutator.next();
    const auto json = nlohmann::json::parse(input, nullptr, false);
    if (json.is_discarded()) continue;
    ++parsed;
    StartFacts start;
    start.createdDateTime = start.oldest = teamferry::DateTime{1'550'000'000'000};
    for (const auto& findings :
         {check_message_json(json, context_of(json)), check_team_json(json), check_channel_json(json),
          check_chat_json(json, "x"), check_member_json(json), check_start_json(json, start)}) {
      for (const auto& finding : findings) {
        if (!is_clean(finding.to_string())) FAIL("not text: " << finding.to_string() << " of " << input);
      }
    }
    const auto repaired = repair_message(json, context_of(json));
    const auto again = repair_message(repaired.body, context_of(json));
    if (again.body != repaired.body)
      FAIL("repaired twice: " << input << " -> " << repaired.body << " -> " << again.body);
    if (measure(json).bytes + measure(json).raw_bytes > json.dump().size()) FAIL("too big: " << input);
  }
  CHECK(parsed > 500);
}

TEST_CASE("The pieces of damaged HTML are the whole of it", "[fuzz]") {
  teamferry::fuzz::Mutator mutator({"<p>a<br/><a href='x' b=c d>e</a><!-- f --></p>"},
                                   {"<", ">", "</", "<!--", "-->", "'", "\"", "=", "/", "<?", "<at", " id=", "&#"}, 21);
  Markers markers;
  for (int i = 0; i < 50'000; ++i) {
    const auto input = mutator.next();
    std::size_t at = 0;
    HtmlTokens tokens(input);
    for (HtmlToken token; tokens.next(token);) {
      if (token.begin != at || token.end <= at || token.end > input.size()) FAIL("lost its place in " << input);
      at = token.end;
    }
    if (at != input.size()) FAIL("left something of " << input);
    find_markers(input, markers);
    for (const auto& marker : markers) {
      if (marker.inside > marker.close || marker.close > marker.end || marker.end > input.size())
        FAIL("marker in " << input);
    }
  }
  SUCCEED();
}
