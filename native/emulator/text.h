#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Small works on text, ids and digests that several parts of the emulator need.
// Tested by tests/native/emulator/text_test.cpp.
namespace teamferry::emulator {

std::string lower_ascii(std::string_view text);

// Letter case removed as far as names of channels need it: Latin, Greek and Cyrillic.
std::string fold_case(std::string_view utf8);

// UTF-16 code units: what the service counts as characters.
std::size_t utf16_length(std::string_view utf8);

// "%41" and, in forms and queries, '+'. Nothing for a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);

std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

bool is_guid(std::string_view text);
std::string random_guid();                   // unpredictable
std::string quick_guid();                    // unique, cheap: request ids
std::string guid_of(std::string_view text);  // follows from the text alone
std::string random_bytes(std::size_t count);
std::string hmac_sha256(std::string_view key, std::string_view text);
bool equal_in_constant_time(std::string_view a, std::string_view b);

// As inside a JSON string, quotes not included. The text must be UTF-8.
void append_json_escaped(std::string& out, std::string_view text);

// The parts between the slashes.
std::vector<std::string_view> split(std::string_view text);

}  // namespace teamferry::emulator
