#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "native/validate/finding.h"
#include "native/validate/markers.h"

namespace teamferry::validate {

// What the rules want to know of the bytes of an image.
struct ImageBytes {
  std::size_t size = 0;   // as they are, not as base64
  std::string_view type;  // by what they begin with: "image/png"; empty when it is no picture known here
};

// By the bytes at the front; twelve are enough.
std::string_view sniff_type(std::string_view bytes);

// The same of standard base64; nothing when it is not that. Decodes no more than the front.
std::optional<ImageBytes> read_base64(std::string_view base64);

// One entry of `hostedContents`. Views are only looked at during the call.
struct ImageFacts {
  std::string_view temporaryId;  // @microsoft.graph.temporaryId
  std::string_view contentType;
  std::optional<ImageBytes> bytes;  // nothing: missing, or not base64
};

// R32 to R34: each stands in the body and each picture of the body is there, of a kind that the service hosts, not too
// big. `markers` is find_markers of the body; `request_bytes` the size of the whole JSON.
// Tested by tests/native/validate/images_test.cpp.
void check_images(std::span<const ImageFacts> images, const Markers& markers, std::size_t request_bytes,
                  Findings& findings);

// R33: png, jpeg (also written jpg) or gif.
bool is_hosted_type(std::string_view contentType);

}  // namespace teamferry::validate
