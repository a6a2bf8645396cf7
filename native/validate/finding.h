#pragma once

#include <string>
#include <vector>

namespace teamferry::validate {

// What a rule has against a planned thing. Rules carry the numbers of the project's fact sheet of the
// service (R1, R2, ...), each of which has its source. The caller adds the name of the record.
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

// True when any of them is an error.
bool has_error(const Findings& findings);

}  // namespace teamferry::validate
