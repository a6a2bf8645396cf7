#include "native/validate/html_token.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace teamferry::validate;

namespace {

// "text|<p>|..." with the kind of what is neither text nor a tag.
std::string pieces(std::string_view html) {
  std::string out;
  HtmlTokens tokens(html);
  std::size_t at = 0;
  for (HtmlToken token; tokens.next(token);) {
    CHECK(token.begin == at);
    CHECK(token.end > token.begin);
    at = token.end;
    if (!out.empty()) out += '|';
    if (token.kind == HtmlToken::Kind::comment) out += '!';
    if (token.kind == HtmlToken::Kind::cut_off) out += '~';
    out += html.substr(token.begin, token.end - token.begin);
  }
  CHECK(at == html.size());
  return out;
}

std::string value(std::string_view inside, std::string_view name) {
  std::string out = "unset";
  return find_attribute_value(inside, name, out) ? out : "none";
}

}  // namespace

TEST_CASE("HTML falls into the pieces that a parser sees", "[html]") {
  CHECK(pieces("") == "");
  CHECK(pieces("a<b>c</b>d") == "a|<b>|c|</b>|d");
  CHECK(pieces("1 < 2<br/>") == "1 |< 2|<br/>");
  CHECK(pieces("<a title='>'>x") == "<a title='>'>|x");
  CHECK(pieces("<a title=\">") == "~<a title=\">");
  CHECK(pieces("<a b'>'>x") == "<a b'>|'>x");
  CHECK(pieces("<!-- <b> -->x<!b>y<?c>z</ d>") == "!<!-- <b> -->|x|!<!b>|y|!<?c>|z|!</ d>");
  CHECK(pieces("<!-->x-->") == "!<!-->|x-->");
  CHECK(pieces("x</b") == "x|~</b");
}

TEST_CASE("Attributes are read as a parser reads them", "[html]") {
  CHECK(value(" id=\"0\"", "id") == "0");
  CHECK(value(" ID = '0' ", "id") == "0");
  CHECK(value("/id=0/", "id") == "0/");
  CHECK(value(" id", "id") == "");
  CHECK(value(" id=1 id=2", "id") == "1");
  CHECK(value(" xid=1 data-id=2", "id") == "none");
  CHECK(value(" src='a&amp;b&#x41;&copy;'", "src") == "a&bA&copy;");
}

TEST_CASE("Text is read out of HTML", "[html]") {
  CHECK(text_inside("<b>Ada</b> &amp; <i>Bo</i><!-- no -->") == "Ada & Bo");
  CHECK(decoded("&#0;&#xD800;&#x1F600;&") == "\uFFFD\uFFFD\U0001F600&");
}
