#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// BSON, the form of a MongoDB dump: documents one after another, each beginning with its length.
// Source: https://bsonspec.org/spec.html
namespace teamferry::archive {

// No document of MongoDB is larger than 16 MiB, and its tools bound what they send at 48.
inline constexpr std::size_t kLongestBson = std::size_t{64} << 20;
inline constexpr std::size_t kShortestBson = 5;

// The length that the document at the front of `bytes` claims; nothing if it cannot be one.
std::optional<std::size_t> bson_length(std::string_view bytes);

// Writes one whole document as JSON: an ObjectId as its 24 hex digits, a date as the text of 24 characters of
// SCRIPTING.md 7, binary as base64, a decimal as text, NaN as null. Bytes that are no UTF-8 stay as they are, for the
// repair of JSON. Gives what is wrong as a clause, or nullptr. Nesting is at most 100 deep, as in MongoDB.
// Tested by tests/native/archive/bson_test.cpp and fuzz_test.cpp.
const char* bson_to_json(std::string_view document, std::string& json);

// One element of a document: where it lies, without looking into it.
struct BsonElement {
  unsigned char type = 0;
  std::string_view name;
  std::string_view value;  // its bytes
};

// The element at `at` within a document, which is moved behind it; nothing at the end or if it makes no sense.
// `whole` may lack its tail: an element whose value is cut off has an empty one, and `at` is where it would end.
std::optional<BsonElement> bson_element(std::string_view whole, std::size_t& at);

// An id as a name: a text as it is, an ObjectId as hex, a number as digits; empty for others.
std::string bson_id(const BsonElement& element);

inline constexpr unsigned char kBsonText = 0x02, kBsonBinary = 0x05, kBsonObjectId = 0x07, kBsonInt32 = 0x10,
                               kBsonInt64 = 0x12, kBsonDouble = 0x01;

}  // namespace teamferry::archive
