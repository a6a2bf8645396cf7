#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::validate {

// What a rule has against a planned thing. Rules carry the numbers of the project's fact sheet of the
// service (R1, R2, ...), each of which has its source; "shape" stands for what is not the JSON that the service
// describes: a field that it does not know or sets itself, a value of another type. The caller adds the name of
// the record.
struct Finding {
  enum class Severity {
    error,    // the service would refuse it, or show something else than was planned: do not send
    warning,  // it goes out, repaired or as it is
  };
  std::string rule;  // "R20"
  Severity severity = Severity::error;
  std::string field;    // where, in Graph's spelling: "body.content"
  std::string message;  // what is wrong, with the value
  std::string cure;     // what to do about it

  // "R19 body.content: it is empty. Send a space when there are only attachments"
  std::string to_string() const;
};

using Findings = std::vector<Finding>;

// One check of one body names no more than this: who made a thousand faults made one of them a thousand times.
inline constexpr std::size_t kMostFindings = 20;

void add_error(Findings& findings, const char* rule, std::string field, std::string message, std::string cure);
void add_warning(Findings& findings, const char* rule, std::string field, std::string message, std::string cure);

// Appends the first kMostFindings of `found`.
void add_first(Findings& findings, Findings found);

// True when any of them is an error.
bool has_error(const Findings& findings);

// A strange text as findings quote it: cleaned, and cut to 60 characters.
std::string shown(std::string_view text);

}  // namespace teamferry::validate
