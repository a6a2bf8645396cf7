#pragma once

#include <cstddef>

#include <nlohmann/json_fwd.hpp>

namespace teamferry::validate {

// How big JSON is when it is written without white space.
struct JsonSize {
  std::size_t bytes = 0;      // in UTF-8
  std::size_t units = 0;      // in UTF-16
  std::size_t raw_bytes = 0;  // of all contentBytes, which the other two do not count
};

// R20: what the service is known to measure, a message without the bytes of its images. Never recurses, so that no
// nesting is too deep. Tested by tests/native/validate/size_test.cpp.
JsonSize measure(const nlohmann::json& body);

}  // namespace teamferry::validate
