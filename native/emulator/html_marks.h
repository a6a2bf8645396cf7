#pragma once

#include <string_view>
#include <vector>

namespace teamferry::emulator {

// Where a message's HTML refers to something that comes beside it.
struct Mark {
  enum class Kind {
    mention,     // <at id="0">
    attachment,  // <attachment id="...">
    image,       // <img src="...">
  };
  Kind kind;
  std::string_view value;  // of the attribute, as it is written: a part of the HTML
};

// All of them, in the order of the text. Reads tags as browsers do: letter case of names ignored, values in either
// quote or none, comments skipped. A tag without the attribute is no mark.
// Tested by tests/native/emulator/html_marks_test.cpp.
std::vector<Mark> marks_of(std::string_view html);

}  // namespace teamferry::emulator
