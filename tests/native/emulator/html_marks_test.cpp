#include "native/emulator/html_marks.h"

#include <catch2/catch.hpp>
#include <string>

namespace teamferry::emulator {
namespace {

// "at:0 img:x", which reads well in a failure.
std::string shown(std::string_view html) {
  std::string out;
  for (const Mark& mark : marks_of(html)) {
    if (!out.empty()) out += ' ';
    out += mark.kind == Mark::Kind::mention ? "at:" : mark.kind == Mark::Kind::attachment ? "attachment:" : "img:";
    out += mark.value;
  }
  return out;
}

}  // namespace

TEST_CASE("Marks are found in their order, in any spelling of a tag", "[html]") {
  CHECK(shown("<p>a<at id=\"0\">Ada</at><img alt='x' src='../y'/><attachment id=\"a-b\"></attachment>") ==
        "at:0 img:../y attachment:a-b");
  CHECK(shown("<AT ID=5>x</AT><at\n id = '6' >") == "at:5 at:6");
  CHECK(shown("<at title=\"a > b\" id=\"7\">") == "at:7");
  CHECK(shown("<img src=1 src=2>") == "img:1");
}

TEST_CASE("What only looks like a mark is none", "[html]") {
  CHECK(shown("").empty());
  CHECK(shown("<attach id=1><a id=2><p id=3>a < b at id=4").empty());
  CHECK(shown("<at>x</at><img alt=1></at id=2>").empty());
  CHECK(shown("<!-- <at id=1> --><at id=2>") == "at:2");
  CHECK(shown("<!-- <at id=1>").empty());
  CHECK(shown("&lt;at id=1&gt;").empty());
}

TEST_CASE("A tag that never ends, and a value that does, are read to the end of the text", "[html]") {
  CHECK(shown("<at id=\"1") == "at:1");
  CHECK(shown("<at id=") == "at:");
  CHECK(shown("<at id") == "at:");
  CHECK(shown("<at").empty());
  CHECK(shown("<at =id=1 ==2>").empty());
  CHECK(shown("<").empty());
}

TEST_CASE("A mark's value is a part of the text it was found in", "[html]") {
  const std::string html = "<img src=\"abc\">";
  CHECK(marks_of(html).at(0).value.data() == html.data() + 10);
}

TEST_CASE("Hostile HTML is read in one go", "[html]") {
  std::string html;
  for (int i = 0; i < 200'000; ++i) html += "<at <img ";
  CHECK(marks_of(html).empty());
  CHECK(marks_of(std::string(1'000'000, '<')).empty());
  CHECK(marks_of("<at" + std::string(1'000'000, '=')).empty());
}

}  // namespace teamferry::emulator
