// Damaged and hostile HTML through the scanner, seeded; a sanitizer build is the judge of what it reads.
#include <catch2/catch.hpp>

#include "native/validate/conversation.h"
#include "native/validate/html.h"
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
    if (ChannelFacts facts; true) {
      const auto name = legal_channel_name(input, {});
      facts.displayName = name;
      if (!check_channel(facts).empty()) FAIL("not a legal name: " << name);
    }
  }
  SUCCEED();
}
