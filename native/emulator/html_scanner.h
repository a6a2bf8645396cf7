#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Takes HTML apart as the standard's tokenizer does, so that a text means here what it would mean to a browser.
// Tested by tests/native/emulator/clean_html_test.cpp.
namespace teamferry::emulator {

struct Tag {
  std::string name;                                             // lower case
  std::vector<std::pair<std::string, std::string>> attributes;  // names in lower case, values decoded

  const std::string* find(std::string_view attribute) const;  // the first of that name, or nullptr
};

// Calls back in the order of the input, once for each piece. Comments, declarations, the content of scripts, styles
// and their like, and a tag that never ends are left out. Text comes raw, with its character references. Linear.
void scan_html(std::string_view html, const std::function<void(std::string_view text)>& on_text,
               const std::function<void(const Tag&)>& on_start,
               const std::function<void(std::string_view name)>& on_end);

}  // namespace teamferry::emulator
