#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/result.h"
#include "native/migrate/evidence_key.h"

// Evidence: a file that tells later, without journal and target, what was planned, sent and read back, and that nobody
// has touched since.
//
// JSON lines {"line":N,"kind":K,...,"chain":H}. N counts from 1. H is the SHA-256, as 64 hex digits, of the H of the
// line before (nothing in front of the first) and the bytes of this line up to `,"chain"`. So whoever changes one line
// has to change every H below it, down to the last, the head, which is printed when the file is made; where a key is at
// hand the last line is signed as well, detached, in FILE.sig. Kinds, in this order:
//
//   evidence      format, command, made, project (id of the journal), target, tenant, client_id, export,
//                 export_fingerprint, export_sha256 (of a file), previous (head of the evidence before)
//   script        path and sha256 of each script of the plan
//   accepted      how many messages may stay behind, and why, if somebody said so
//   team          displayName, state, id
//   conversation  displayName, source_id, id, state, floor, reason; its messages follow:
//   message       key and record of the export, state; of a planned one time and body (SHA-256 of the planned body); of
//   a
//                 sent one sent (SHA-256 of the bytes that were sent; absent if it was found there), id (Graph's
//                 answer), found (equal, or what differs) and read (SHA-256 of what was read: createdDateTime, id,
//                 author, id of the root, visible text, a line feed behind each); of others the reason
//   sums          of that conversation, if it was read: expected, found, equal, missing, different, extra
//   end           rows by state, ok (everything sent was found as sent; absent if nothing was read), key (fingerprint
//   of
//                 the key that signs, or null)
//
// Texts of messages are in it as hashes alone. One line is in memory at a time. To check a signature without us:
//   tail -n 1 FILE > last; openssl pkeyutl -verify -pubin -inkey PUBLIC.pem -rawin -in last -sigfile FILE.sig
//
// Tested by tests/native/migrate/evidence_test.cpp.
namespace teamferry::migrate {

// What was written, to be told to a person.
struct Evidence {
  std::string path;
  std::string head;
  std::string key;  // fingerprint; empty: not signed
  std::int64_t lines = 0;
};

class EvidenceWriter {
 public:
  // Writes to `path`.part, mode 0600, until finish() puts it in the place of what was there. `key`: PEM of a private
  // key that signs; empty: none. Errors: `evidence_key`, `evidence_io`.
  static Result<EvidenceWriter> create(std::string path, const std::string& key);
  EvidenceWriter(EvidenceWriter&&) = default;
  EvidenceWriter& operator=(EvidenceWriter&&) = delete;
  ~EvidenceWriter();  // without finish() the file before stays

  // `fields` is an object; its members follow line and kind. What is no UTF-8 is replaced. A write that fails is told
  // by finish().
  void add(std::string_view kind, const nlohmann::ordered_json& fields);
  // Adds the line `end` with these fields and the key, and makes the file durable.
  Result<Evidence> finish(nlohmann::ordered_json fields);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  EvidenceWriter(std::string path, std::optional<EvidenceKey> key, std::FILE* file)
      : path_(std::move(path)), key_(std::move(key)), file_(file) {}
  std::string part() const { return path_ + ".part"; }
  Error io_error() const;

  std::string path_;
  std::optional<EvidenceKey> key_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string chain_;
  std::string last_;  // the line that was added last, as it stands in the file
  std::int64_t lines_ = 0;
};

// What evidence says of itself, once it is known that nobody has touched it.
struct CheckedEvidence {
  std::string command, made, project, target;
  std::string head;
  std::string key;               // fingerprint of the key that signed it; empty: not signed
  bool signature_holds = false;  // checked with a public key
  std::optional<bool> ok;        // what `end` says
  std::int64_t lines = 0;
  std::map<std::string, std::int64_t> by_state;
};

struct EvidenceToCheck {
  std::string path;
  std::string public_key;  // PEM; empty: the signature is not checked
  std::string head;        // as it was printed; empty: any
};

// Reads the file once. Errors: `evidence_broken` names the line and what befell it (changed, removed, moved, doubled,
// appended, cut off), or the signature; `evidence_io`, `evidence_key`.
Result<CheckedEvidence> check_evidence(const EvidenceToCheck& what);

}  // namespace teamferry::migrate
