#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "native/base/datetime.h"
#include "native/validate/finding.h"

namespace teamferry::validate {

using Lines = std::vector<std::string>;

// "R21 error mentions[0].id: two mentions have the id 0" of each, so that a line of a test shows what was found.
inline Lines lines(const Findings& findings) {
  Lines out;
  for (const auto& finding : findings) {
    CHECK_FALSE(finding.cure.empty());
    out.push_back(finding.rule + (finding.severity == Finding::Severity::error ? " error " : " warning ") +
                  finding.field + ": " + finding.message);
  }
  return out;
}

inline DateTime at(const char* text) {
  return *DateTime::parse(text);
}

inline constexpr const char* kAda = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
inline constexpr const char* kBo = "82fe7758-5bb3-4f0d-a43f-e555fd399c6f";

}  // namespace teamferry::validate
