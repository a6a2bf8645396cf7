#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// Finding the pieces of a JSON file without believing it: only strings, brackets and commas are looked at.
// Used where a file as a whole cannot be parsed. Never recurses.
namespace teamferry::archive {

struct Slice {
  std::size_t begin = 0, end = 0;
  bool closed = false;  // false: the text ended first
  std::size_t size() const { return end - begin; }
};

inline constexpr std::string_view kJsonSpace = " \t\r\n";

// The first position at or after `at` that is not white space; the size of the text if there is none.
std::size_t skip_space(std::string_view text, std::size_t at);

// The element of an array that begins at or after `at`, which lies inside the array: up to the comma or ']'
// that is not inside brackets or strings. `end` is that comma's or bracket's place, white space before it
// left off; `stop` is the place itself.
struct Element {
  Slice slice;
  std::size_t stop = 0;
};
Element scan_element(std::string_view text, std::size_t at);

// The value that begins at `at`, which is not white space: balanced brackets, a string, or anything else up
// to white space or a comma. Never empty.
Slice scan_value(std::string_view text, std::size_t at);

// The place of the value of the member `key` of the object that begins at `at`.
std::optional<std::size_t> find_member(std::string_view text, std::size_t at, std::string_view key);

// Where, inside a damaged piece, a line begins exactly as the first record did: same white space, same
// bracket. In a file with line ends that is the next record.
std::optional<std::size_t> next_record_line(std::string_view text, const Slice& piece, std::string_view indent,
                                            char bracket);

// The white space between the start of the line and `at`; nothing when something else stands there.
std::optional<std::string_view> indent_before(std::string_view text, std::size_t at);

}  // namespace teamferry::archive
