#include "native/validate/text.h"

#include <utf8proc.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <vector>

using namespace teamferry::validate;

TEST_CASE("Length counts in UTF-16 units and cutting keeps characters whole", "[validate]") {
  CHECK(utf16_units("aé€😀") == 5);
  CHECK(cut_to_units("a😀b", 2) == "a");
  CHECK(cut_to_units("a😀b", 3) == "a😀");
  CHECK(cut_to_units("ab", 9) == "ab");
}

TEST_CASE("Case folds in the alphabets that names are written in", "[validate]") {
  CHECK(fold_case("GENERAL Ünïß ŁÓDŹ") == fold_case("general üNÏß łódź"));
  CHECK(fold_case("ΑΒΓ ΣΊΓΜΑΣ") == fold_case("αβγ σίγμας"));
  CHECK(fold_case("ПРИВЕТ Ёлка") == fold_case("привет ёЛКА"));
  CHECK(fold_case("ＡＢ") == fold_case("ａｂ"));
  CHECK(fold_case("×÷ 日本") == "×÷ 日本");
  CHECK(fold_case("\xFF") == "\xFF");
}

TEST_CASE("R47: cleaning leaves what is clean", "[validate]") {
  CHECK(is_clean("a\tb\r\né"));
  CHECK_FALSE(is_clean("a\x1B"));
  CHECK_FALSE(is_clean("a\xC3"));
  CHECK(cleaned("a\x1B"
                "b\xC3|\xED\xA0\xBD|\xF0\x9F\x98") == "ab\uFFFD|\uFFFD|\uFFFD");
  CHECK(is_clean(cleaned("\x00\x01\xFF\xFE\x80")));
}

TEST_CASE("R47: the composed form is given once, and what is not UTF-8 is left alone", "[validate]") {
  CHECK(composed("e\xCC\x81") == "\xC3\xA9");
  CHECK(composed("\xC3\xA9") == "\xC3\xA9");
  CHECK(composed("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB") == "\xED\x95\x9C");  // Hangul
  CHECK(composed("\xE2\x84\xAB") == "\xC3\x85");                              // the sign of Angstrom is a letter
  CHECK(composed("a\xFF e\xCC\x81") == "a\xFF e\xCC\x81");
  CHECK(composed("").empty());
  CHECK(is_composed("plain"));
  CHECK_FALSE(is_composed("\xE2\x84\xAB"));
}

TEST_CASE("R47: every character, every sequence that has a composed form, and marks in any order are judged alike",
          "[validate]") {
  std::vector<char32_t> marks;
  std::map<int, char32_t> of_class;  // a mark of each combining class
  const auto judged = [](const std::string& text) { return is_composed(text) == (composed(text) == text); };
  std::vector<std::string> wrong;
  for (char32_t point = 0x80; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string text;
    append_character(text, point);
    if (!judged(text) || !judged("e" + text)) wrong.push_back(text);
    if (const int order = utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->combining_class; order != 0) {
      marks.push_back(point);
      of_class.emplace(order, point);
    }
    utf8proc_uint8_t* apart = utf8proc_NFD(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
    if (const std::string parts = reinterpret_cast<const char*>(apart); parts != text && !judged(parts))
      wrong.push_back(parts);
    std::free(apart);
  }
  for (const char32_t mark : marks) {
    for (const auto& [order, other] : of_class) {
      std::string text = "e";
      append_character(text, mark);
      append_character(text, other);
      if (!judged(text)) wrong.push_back(text);
    }
  }
  CHECK(marks.size() > 800);
  CHECK(wrong.empty());
}
