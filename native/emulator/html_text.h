#pragma once

#include <string>
#include <string_view>

// Text as HTML, for the page. Whatever the bytes: control characters (but tab and line ends) are dropped, what is not
// UTF-8 becomes U+FFFD. Linear. Tested by tests/native/emulator/clean_html_test.cpp.
namespace teamferry::emulator {

bool is_letter(char c);  // of ASCII

// Plain text, for content and for attributes in double quotes.
std::string escape_html(std::string_view text);

// Text that stands in HTML: its character references stay, everything else is escaped.
void append_html_text(std::string& out, std::string_view text);

// The value of an attribute as it stands in HTML, with references by number and the usual names read.
std::string decode_html(std::string_view text);

}  // namespace teamferry::emulator
