#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::validate {

// Where HTML refers to what stands beside it in the message.
struct Marker {
  enum class Kind {
    mention,     // <at id="0">Ada</at>
    attachment,  // <attachment id="..."></attachment>
    image,       // <img src="../hostedContents/1/$value">; other images are R46's
  };
  Kind kind = Kind::mention;
  std::string id;                     // "0", "1"; empty when it names none
  std::size_t begin = 0, end = 0;     // the whole element
  std::size_t inside = 0, close = 0;  // what stands between its tags
};
using Markers = std::vector<Marker>;

// In reading order; replaces what `markers` held. Costs next to nothing where there are none.
// Tested by tests/native/validate/mentions_test.cpp and attachments_test.cpp.
void find_markers(std::string_view html, Markers& markers);

}  // namespace teamferry::validate
