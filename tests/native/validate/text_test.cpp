#include "native/validate/text.h"

#include <catch2/catch.hpp>

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
