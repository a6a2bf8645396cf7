#include "native/validate/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "native/validate/text.h"

namespace teamferry::validate {

std::string Finding::to_string() const {
  return fmt::format("{} {}: {}{}{}", rule, field, message, cure.empty() ? "" : ". ", cure);
}

void add_error(Findings& findings, const char* rule, std::string field, std::string message, std::string cure) {
  findings.push_back({rule, Finding::Severity::error, std::move(field), std::move(message), std::move(cure)});
}

void add_warning(Findings& findings, const char* rule, std::string field, std::string message, std::string cure) {
  findings.push_back({rule, Finding::Severity::warning, std::move(field), std::move(message), std::move(cure)});
}

void add_first(Findings& findings, Findings found) {
  if (found.size() > kMostFindings) found.resize(kMostFindings);
  findings.insert(findings.end(), std::move_iterator(found.begin()), std::move_iterator(found.end()));
}

bool has_error(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Finding::Severity::error; });
}

std::string shown(std::string_view text) {
  const auto front = cut_to_units(text, 60);
  return cleaned(front) + (front.size() < text.size() ? "..." : "");
}

}  // namespace teamferry::validate
