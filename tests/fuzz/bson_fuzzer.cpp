// Reads any bytes as a dump of MongoDB.
// With clang: clang++ -fsanitize=fuzzer,address ...; in the test suite tests/native/archive/fuzz_test.cpp runs it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "native/archive/bson.h"
#include "native/archive/json_records.h"

using namespace teamferry::archive;

extern "C" int bson_fuzzer(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(std::string_view(reinterpret_cast<const char*>(data), size));
  RecordReader reader;
  RecordOptions options;
  options.format = RecordOptions::Format::bson;
  if (!reader.start(bytes, "dump.bson", options)) std::abort();
  JsonRecord record;
  std::size_t last = 0;
  while (reader.next(record)) {
    if (record.offset < last || record.offset >= size) std::abort();
    if (record.bad == record.reason.empty()) std::abort();
    if (!record.bad && !record.value.is_object()) std::abort();
    last = record.offset;
  }
  return 0;
}

#ifdef TEAMFERRY_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return bson_fuzzer(data, size);
}
#endif
