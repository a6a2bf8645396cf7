// gumbo, a parser by the HTML5 standard, judges the scanner: HTML that passes must give a tree with exactly
// the elements that were written, in their order and nesting.
#include <gumbo.h>

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "native/validate/html.h"
#include "native/validate/html_mend.h"

using namespace teamferry::validate;

namespace {

constexpr const char* kTags[] = {"p",  "div", "b",  "a",     "ul",    "ol", "li", "blockquote", "pre", "code", "h1",
                                 "h2", "hr",  "br", "table", "tbody", "tr", "td", "th",         "at",  "span", "u"};

bool is_empty(const std::string& tag) {
  return tag == "br" || tag == "hr" || tag == "img";
}

// Some of it well-formed, some nearly so.
class Writer {
 public:
  explicit Writer(std::mt19937& random) : random_(random) {}

  void element(int depth) {
    const std::string tag = kTags[random_() % std::size(kTags)];
    wish(depth, tag);
  }

  std::string html;

 private:
  void open(const std::string& tag) {
    html += "<" + tag + (tag == "a" ? " href=\"https://x.example\"" : tag == "at" ? " id=\"0\"" : "") + ">";
  }

  // Mostly the children that a tag asks for, so that tables and lists pass often enough.
  void wish(int depth, const std::string& tag) {
    open(tag);
    if (is_empty(tag)) return;
    const auto children = depth > 0 ? random_() % 3 : 0;
    for (unsigned i = 0; i < children; ++i) {
      const bool stray = random_() % 8 == 0;
      if (!stray && (tag == "ul" || tag == "ol")) {
        wish(depth - 1, "li");
      } else if (!stray && tag == "table") {
        wish(depth - 1, "tbody");
      } else if (!stray && tag == "tbody") {
        wish(depth - 1, "tr");
      } else if (!stray && tag == "tr") {
        wish(depth - 1, random_() % 2 ? "td" : "th");
      } else {
        if (random_() % 2) html += "x &amp; y";
        element(depth - 1);
      }
    }
    if (random_() % 20 != 0) html += "</" + tag + ">";
  }

  std::mt19937& random_;
};

// The tags in order of writing; <tbody> left out, since a parser adds it where it is not written.
std::string written(const std::string& html) {
  std::string tags;
  for (std::size_t at = 0; (at = html.find('<', at)) != html.npos;) {
    const auto end = html.find_first_of(" >", at);
    const auto tag = html.substr(at + 1, end - at - 1);
    if (tag != "tbody" && tag != "/tbody") tags += "<" + tag + ">";
    at = end;
  }
  return tags;
}

void walk(const GumboNode* node, std::string& tags) {
  if (node->type != GUMBO_NODE_ELEMENT) return;
  const auto& element = node->v.element;
  std::string name = gumbo_normalized_tagname(element.tag);
  if (element.tag == GUMBO_TAG_UNKNOWN) {
    GumboStringPiece piece = element.original_tag;
    gumbo_tag_from_original_text(&piece);
    name.assign(piece.data, piece.length);
  }
  const bool shown = name != "tbody";
  if (shown) tags += "<" + name + ">";
  for (unsigned i = 0; i < element.children.length; ++i) {
    walk(static_cast<const GumboNode*>(element.children.data[i]), tags);
  }
  if (shown && !is_empty(name)) tags += "</" + name + ">";
}

std::string parsed(const std::string& html) {
  GumboOptions options = kGumboDefaultOptions;
  options.fragment_context = GUMBO_TAG_DIV;
  GumboOutput* output = gumbo_parse_with_options(&options, html.data(), html.size());
  std::string tags;
  const auto& root = output->root->v.element;
  for (unsigned i = 0; i < root.children.length; ++i) {
    walk(static_cast<const GumboNode*>(root.children.data[i]), tags);
  }
  gumbo_destroy_output(&options, output);
  return tags;
}

}  // namespace

TEST_CASE("What the scanner passes, a parser of HTML5 leaves as it was written", "[html]") {
  std::mt19937 random(45);
  int passed = 0;
  constexpr int kRounds = 30'000;
  for (int i = 0; i < kRounds; ++i) {
    Writer writer(random);
    writer.element(5);
    writer.element(3);
    if (!check_html(writer.html).empty()) continue;
    ++passed;
    if (written(writer.html) != parsed(writer.html)) {
      INFO(writer.html);
      CHECK(written(writer.html) == parsed(writer.html));
    }
  }
  CHECK(passed > kRounds / 20);
}

TEST_CASE("What is mended, a parser of HTML5 leaves as it was written, whatever it was before", "[html]") {
  std::mt19937 random(47);
  constexpr const char* kPieces[] = {"<font color=red>",
                                     "</font>",
                                     "<script>",
                                     "</script>",
                                     "x < y",
                                     "&#1;",
                                     "<!--",
                                     "-->",
                                     "</p>",
                                     "</b>",
                                     "</td>",
                                     "</table>",
                                     "</ul>",
                                     "<li>",
                                     "<td>",
                                     "<tr>",
                                     "<h1>",
                                     "<h4>",
                                     "<a href='javascript:x'>",
                                     "<img src='https://x.example/a.png' alt=\"'\">",
                                     "<p onclick=x>",
                                     "<svg>",
                                     "<select>",
                                     "<",
                                     "\"",
                                     "<at id=0",
                                     "<blockquote>",
                                     "<pre>"};
  for (int i = 0; i < 20'000; ++i) {
    Writer writer(random);
    writer.element(4);
    for (auto pieces = random() % 6; pieces > 0; --pieces) {
      writer.html.insert(random() % (writer.html.size() + 1), kPieces[random() % std::size(kPieces)]);
    }
    const auto mended = mended_html(writer.html);
    if (written(mended) != parsed(mended)) {
      INFO(writer.html << " -> " << mended);
      CHECK(written(mended) == parsed(mended));
    }
  }
  SUCCEED();
}
