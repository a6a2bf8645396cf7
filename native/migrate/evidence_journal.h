#pragma once

#include <functional>
#include <optional>
#include <string>

#include "native/base/datetime.h"
#include "native/journal/journal.h"
#include "native/migrate/evidence.h"
#include "native/migrate/session.h"

// What a journal gives as evidence; evidence.h says what stands in it.
// Tested by tests/native/migrate/evidence_test.cpp.
namespace teamferry::migrate {

// What was read of one message that was sent.
struct ReadBack {
  std::string found;  // "equal", or the kind of Difference
  std::string read;   // SHA-256, hex; empty: nothing was there
};
using ReadBackOf = std::function<ReadBack(const journal::MessageRow&)>;

class JournalEvidence {
 public:
  // `command` names what makes it. Writes what comes before the conversations. Errors as EvidenceWriter::create.
  static Result<JournalEvidence> begin(journal::Journal& journal, std::string_view command, DateTime now,
                                       const std::string& path, const std::string& key);

  // One conversation and all its messages. `read_back` is asked about those that were sent; `sums` if it was read.
  void conversation(const journal::Conversation& conversation, const ReadBackOf& read_back,
                    const VerifySummary::Conversation* sums);
  // `ok`: whether all was found as sent; nothing if nothing was read. Notes the head in the journal, for the next one.
  Result<Evidence> finish(std::optional<bool> ok);

 private:
  JournalEvidence(journal::Journal& journal, EvidenceWriter writer) : journal_(journal), writer_(std::move(writer)) {}

  journal::Journal& journal_;
  EvidenceWriter writer_;
};

// Of the whole journal, with nothing read back. Throws journal::Failure.
Result<Evidence> write_evidence(journal::Journal& journal, std::string_view command, DateTime now,
                                const std::string& path, const std::string& key);

}  // namespace teamferry::migrate
