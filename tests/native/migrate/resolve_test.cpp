#include "native/migrate/resolve.h"

#include <catch2/catch.hpp>

using namespace teamferry::migrate;

namespace {

class SampleNames : public Names {
 public:
  std::string_view person(std::string_view id) const override {
    if (id == "U1") return "Ada Park";
    if (id == "U3") return "Cy <Moss>";
    return {};
  }
  bool user(std::string_view id, MentionedUser& found) const override {
    if (id != "U1" && id != "U\"2") return false;
    found = {"guid-1", "Ada P."};
    return true;
  }
  std::string_view channel(std::string_view id) const override {
    return id == "C1" ? std::string_view("R&D") : std::string_view();
  }
};

struct Outcome {
  Resolved resolved;
  std::vector<std::string> losses;
};

Outcome resolve(std::string_view html) {
  Outcome outcome;
  resolve_markers(
      html, SampleNames(),
      [&](std::string_view kind, std::string_view detail) {
        outcome.losses.push_back(std::string(kind) + " " + std::string(detail));
      },
      outcome.resolved);
  return outcome;
}

std::string html(std::string_view text) {
  return resolve(text).resolved.html;
}

}  // namespace

TEST_CASE("HTML without markers is left as it is", "[resolve]") {
  for (const char* text : {"", "<", "<a", "a < b", "<p>hello</p>", "<a href=\"https://acme.example\">x</a>",
                           "<abbr>x</abbr>", "<attachment id=\"1\"></attachment>", "<a>x</a>", "ends with <a"}) {
    CHECK(html(text) == text);
  }
  CHECK(resolve("<a href=\"x\">x</a>").losses.empty());
}

TEST_CASE("Mentions are numbered in reading order", "[resolve]") {
  const auto outcome = resolve("<p><at person=\"U1\">Ada</at> and <at person=\"U1\"></at></p>");
  CHECK(outcome.resolved.html == "<p><at id=\"0\">Ada</at> and <at id=\"1\">Ada Park</at></p>");
  REQUIRE(outcome.resolved.mentions.size() == 2);
  CHECK(outcome.resolved.mentions[0].text == "Ada");
  CHECK(outcome.resolved.mentions[1].text == "Ada Park");
  CHECK(outcome.resolved.mentions[1].displayName == "Ada P.");
  CHECK(outcome.losses.empty());
}

TEST_CASE("A mention's text is the text inside its element", "[resolve]") {
  const auto outcome = resolve("<at person='U1'>@A &amp; <b>B&#39;s</b></at>");
  CHECK(outcome.resolved.mentions.at(0).text == "A & B's");
  CHECK(outcome.resolved.html == "<at id=\"0\">A &amp; B's</at>");
}

TEST_CASE("An id is read with its character references", "[resolve]") {
  CHECK(resolve("<at class=x person=\"U&quot;2\">x</at>").resolved.mentions.size() == 1);
}

TEST_CASE("Somebody outside the tenant is mentioned in plain text", "[resolve]") {
  const auto outcome = resolve("<at person=\"U3\"></at>, <at person=\"U9\"></at>, <at id=\"0\">Zoe</at>");
  CHECK(outcome.resolved.html == "@Cy &lt;Moss&gt;, @U9, @Zoe");
  CHECK(outcome.resolved.mentions.empty());
  CHECK(outcome.losses ==
        std::vector<std::string>{"mention_unknown Cy <Moss>", "mention_unknown U9", "mention_unknown Zoe"});
}

TEST_CASE("A room reads as the channel it becomes", "[resolve]") {
  CHECK(html("see <a conversation=\"C1\">#research</a>!") == "see #R&amp;D!");
  CHECK(html("see <a conversation=\"C9\">#old &amp; gone</a>") == "see #old &amp; gone");
  CHECK(html("see <a conversation=\"C9\"></a>") == "see #C9");
}

TEST_CASE("A link to a message becomes its label, as a loss", "[resolve]") {
  const auto outcome = resolve("as <a message=\"17.1\"><i>said</i></a> before");
  CHECK(outcome.resolved.html == "as <i>said</i> before");
  CHECK(outcome.losses == std::vector<std::string>{"link_as_text 17.1"});

  // The room that it stands in is not what it shows.
  const auto elsewhere = resolve("see <a message=\"17.1\" conversation=\"C1\">what Cy said</a>");
  CHECK(elsewhere.resolved.html == "see what Cy said");
  CHECK(elsewhere.losses == std::vector<std::string>{"link_as_text 17.1"});
}

TEST_CASE("A file that is not carried is a loss", "[resolve]") {
  const auto outcome = resolve("<p>x</p><attachment file=\"F1\"></attachment>");
  CHECK(outcome.resolved.html == "<p>x</p>");
  REQUIRE(outcome.losses.size() == 1);
  CHECK(outcome.losses[0].starts_with("file_missing"));
}

TEST_CASE("Markers that never end take nothing with them", "[resolve]") {
  CHECK(html("<at person=\"U1\">Ada <b>x</b>") == "<at id=\"0\">Ada Park</at>Ada <b>x</b>");
  CHECK(html("<at person=\"U1") == "<at person=\"U1");
  CHECK(html("<a conversation=\"C1\">x") == "#R&amp;Dx");
}
