#include "native/validate/finding.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::validate {

std::string Finding::to_string() const {
  return fmt::format("{} {}: {}{}{}", rule, field, message, cure.empty() ? "" : ". ", cure);
}

bool has_error(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Finding::Severity::error; });
}

}  // namespace teamferry::validate
