#pragma once

#include <string>
#include <string_view>

namespace teamferry::migrate {

// What a reader sees of a message body: tags dropped, an <emoji> as its alt, entities decoded, blanks folded into
// single spaces. The service rewrites markup (attributes, image addresses, emoji), so two bodies are the same
// message when their visible texts are equal. Bodies whose contentType is not html are only folded.
// Tested by tests/native/migrate/verify_test.cpp.
std::string visible_text(std::string_view contentType, std::string_view content);

// Appends HTML text with its character references read; what is none stays as it is.
void append_decoded(std::string& out, std::string_view text);

}  // namespace teamferry::migrate
