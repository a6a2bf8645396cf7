#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teamferry::validate {

// Text as the rules measure it. Tested by tests/native/validate/text_test.cpp.

// UTF-16 units that valid UTF-8 text takes; a stray byte counts as one.
std::size_t utf16_units(std::string_view text);

// The longest front of valid UTF-8 `text` that takes at most `units` UTF-16 units; never cuts a character.
std::string_view cut_to_units(std::string_view text, std::size_t units);

// The same text with case folded for comparing names: Latin, Greek, Cyrillic, Armenian and full-width
// letters; others as they are. Close to what the service compares by; it has the last word.
std::string fold_case(std::string_view text);

// R47: true when `text` is valid UTF-8 without control characters but tab, line feed and carriage return.
bool is_clean(std::string_view text);

// The same text without what R47 bars: control characters go, each cut-off character, stray byte or lone
// surrogate becomes U+FFFD.
std::string cleaned(std::string_view text);

// R47: true when `text` is in the composed form (NFC), where é is one character; text that is not UTF-8 passes.
bool is_composed(std::string_view text);

// The same text in the composed form. Text that is not UTF-8 comes back as it is.
std::string composed(std::string_view text);

// Appends a character as UTF-8. Requires a point that text can hold.
void append_character(std::string& out, char32_t point);

// One character at the front of `text`: how many bytes it takes and whether they are one. What is not is taken
// as far as it could have become a character. Requires `text` not to be empty.
struct Character {
  std::size_t size = 1;
  bool valid = true;
  char32_t point = 0;  // only if valid
};
Character character_at(std::string_view text);

}  // namespace teamferry::validate
