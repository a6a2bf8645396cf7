#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "native/base/result.h"

// What a changed script would change: a journal is copied, the copy is planned anew, and the two are compared row by
// row. Nothing is written to the first. Errors are those of Journal::open. Tested by
// tests/native/journal/difference_test.cpp.
namespace teamferry::journal {

// Copies a journal, also beside a process that writes it, to a file that is not there yet. In the copy nothing has been
// sent: planning it shows what the scripts make of every record, of those that were sent as well.
Status copy_unsent(const std::string& from, const std::string& to);

struct Difference {
  // One row that differs. A state is "planned" whatever has become of it since; the texts are bodies, or reasons.
  struct Sample {
    std::string kind;          // as in `changes`
    std::string conversation;  // displayName, of the later plan if it is there
    std::string record;        // where the export holds it
    std::string time;          // createdDateTime, of the later plan if it is there
    std::string before, after;
  };

  std::int64_t rows = 0;     // of the later plan
  std::int64_t changed = 0;  // planned in both, and not the same
  std::int64_t sent = 0;     // of those that changed or went: they stay in Teams as they are
  // body, author, time, place, thread: of those that changed, one may differ in several. new, gone: in one plan only.
  // now skipped, now failed, now planned: in both, and planned in one.
  std::map<std::string, std::int64_t> changes;
  std::map<std::string, std::int64_t> skipped;   // of those now skipped, by reason
  std::map<std::string, std::int64_t> failed;    // of those now failed, by the rule or the head of the error
  std::map<std::string, std::int64_t> losses;    // by kind, how many more; less than 0: fewer
  std::map<std::string, std::int64_t> findings;  // likewise
  std::vector<Sample> samples;  // one a kind and conversation first, then more, in the order of the conversations
};

// Compares the plan in `before` with that in `after`, a copy of it that was planned anew and may be written to. Rows
// are the same if conversation and key are; one that is in another conversation now is found by its record. `most`: how
// many samples of each kind.
Result<Difference> compare(const std::string& before, const std::string& after, int most);

}  // namespace teamferry::journal
