#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "native/archive/bytes.h"
#include "native/archive/json_value.h"
#include "native/archive/sqlite_rows.h"
#include "native/base/result.h"

namespace teamferry::archive {

// One element of a file of records, or the report that it could not be read.
struct JsonRecord {
  std::size_t index = 0;   // its place in the file, from 0; good and bad ones count alike
  std::size_t offset = 0;  // where it begins, in bytes after a byte order mark; 0 when the file was parsed whole
  bool bad = false;        // `value` is not there; `reason` says why
  bool repaired = false;   // some of its text was not what it should be and was replaced: the loss text_repaired
  JsonValue value;         // any type: an array of one empty string gives a text
  std::string reason;      // of a bad one: one clause, "its structure is broken"
};

struct RecordOptions {
  enum class Format { detect, array, lines, bson };
  std::string at;                  // take the array that is this member of the top object
  Format format = Format::detect;  // by content: one array, one object, or one value a line or after another;
                                   // bson: documents of MongoDB, one after another, whatever `at` says
};

// Reads the records of one file after the other, on the hot path: a whole file is parsed by simdjson in one
// go. Where that fails, or the file is larger than kWholeDocument, a tolerant scanner cuts the file into its
// records and each is parsed alone; one that fails is repaired (stray bytes and lone surrogates become
// U+FFFD, bare control characters are escaped, numbers too large become text, \xNN is read) and tried again.
// What still fails is a bad record, and its neighbours are read. Documents of BSON are read by way of JSON.
//
// Memory: the file, and what simdjson needs for the largest piece that is parsed at once; both are reused.
// One reader belongs to one thread.
// Tested by tests/native/archive/json_records_test.cpp and fuzz_test.cpp.
class RecordReader {
 public:
  static constexpr std::size_t kWholeDocument = std::size_t{8} << 20;

  RecordReader();
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  // Begins with a file. `bytes` must stay as it is until the last next(); `name` is for errors. Fails when
  // the file holds no JSON at all, saying what it looks like, or when `at` names no array.
  Status start(const Bytes& bytes, std::string_view name, const RecordOptions& options = {});

  // Begins with what a query finds in a database of SQLite; otherwise as start().
  Status start_rows(Bytes& bytes, std::string_view name, const SqliteRows::Query& query);

  // Gives the next record; false after the last. Its value lives until the next call.
  bool next(JsonRecord& record);

  // Reads a whole file as one value, repaired if need be; `repaired` says so. The value lives until the
  // next call of anything here.
  Result<JsonValue> document(const Bytes& bytes, std::string_view name, bool& repaired);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace teamferry::archive
