// Feeds any bytes to the readers of JSON. The first byte chooses how; the rest is the file.
// With clang: clang++ -fsanitize=fuzzer,address ...; in the test suite tests/native/archive/fuzz_test.cpp runs it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "native/archive/json_records.h"

using namespace teamferry::archive;

namespace {

// Reads every byte of a value, so that a sanitizer sees what a binding would.
std::size_t walk(const JsonValue& value) {
  std::size_t seen = 1;
  switch (value.type()) {
    case JsonValue::Type::array:
      for (const auto item : value.items()) seen += walk(item);
      break;
    case JsonValue::Type::object:
      for (const auto [key, member] : value.members()) seen += key.size() + walk(member);
      break;
    case JsonValue::Type::text:
      for (const char c : value.text()) seen += static_cast<unsigned char>(c);
      break;
    case JsonValue::Type::number:
      seen += value.number().length;
      break;
    default:
      break;
  }
  return seen;
}

}  // namespace

extern "C" int json_records_fuzzer(const std::uint8_t* data, std::size_t size) {
  static RecordReader reader;
  static std::size_t sink = 0;
  if (size == 0) return 0;
  RecordOptions options;
  options.format = static_cast<RecordOptions::Format>(data[0] % 3);
  if (data[0] & 8) options.at = "messages";
  const Bytes bytes(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  if (reader.start(bytes, "fuzz", options)) {
    JsonRecord record;
    std::size_t records = 0;
    while (reader.next(record)) {
      if (record.bad == record.reason.empty()) std::abort();  // a reason is given exactly when it is bad
      if (!record.bad) sink += walk(record.value);
      if (++records > size) std::abort();  // it must come to an end
    }
  }
  bool repaired = false;
  if (const auto value = reader.document(bytes, "fuzz", repaired)) sink += walk(*value);
  return 0;
}

#ifdef TEAMFERRY_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return json_records_fuzzer(data, size);
}
#endif
