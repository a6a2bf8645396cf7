#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teamferry::validate {

// UTF-16 units that valid UTF-8 text takes; a stray byte counts as one.
std::size_t utf16_units(std::string_view text);

bool valid_utf8(std::string_view text);

// The longest front of valid UTF-8 `text` that takes at most `units` UTF-16 units; never cuts a character.
std::string_view cut_to_units(std::string_view text, std::size_t units);

// The same text with case folded for comparing names: Latin, Greek, Cyrillic, Armenian and full-width
// letters; others as they are. Close to what the service compares by; it has the last word.
std::string fold_case(std::string_view text);

// R47: no control character but tab, line feed and carriage return, and valid UTF-8. The first one is
// cleaned from `text`: control characters go, each stray byte or lone surrogate becomes U+FFFD.
bool clean_text(std::string_view text);
std::string cleaned_text(std::string_view text);

}  // namespace teamferry::validate
