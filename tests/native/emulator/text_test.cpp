#include "native/emulator/text.h"

#include <catch2/catch.hpp>

namespace teamferry::emulator {

TEST_CASE("base64url is read back, and nonsense is not", "[text]") {
  for (const char* text : {"", "a", "ab", "abc", "\xff\xfe~"}) CHECK(from_base64url(base64url(text)) == text);
  CHECK(base64url("\xff\xff\xfe") == "___-");
  CHECK_FALSE(from_base64url("a+b"));
  CHECK_FALSE(from_base64url("YQ=="));
}

TEST_CASE("Percent escapes are read, broken ones refused", "[text]") {
  CHECK(percent_decode("19%3Aa+b%40c", false) == "19:a+b@c");
  CHECK(percent_decode("a+b%2B", true) == "a b+");
  for (const char* broken : {"%", "%4", "%4g", "a%"}) CHECK_FALSE(percent_decode(broken, false));
  CHECK(percent_encode("19:a@b'c~") == "19%3Aa%40b%27c~");
}

TEST_CASE("A GUID is 8-4-4-4-12 hexadecimal digits", "[text]") {
  CHECK(is_guid("7E1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7"));
  CHECK_FALSE(is_guid("7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f"));
  CHECK_FALSE(is_guid("7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3fg"));
  CHECK_FALSE(is_guid("ada.park@tenant.example"));
  CHECK(is_guid(random_guid()));
  CHECK(random_guid() != random_guid());
  CHECK(guid_of("a") == guid_of("a"));
  CHECK(guid_of("a") != guid_of("b"));
}

TEST_CASE("Characters are counted as UTF-16 units", "[text]") {
  CHECK(utf16_length("aä€") == 3);
  CHECK(utf16_length("🚀") == 2);
}

TEST_CASE("Text is escaped as JSON wants it", "[text]") {
  std::string out;
  append_json_escaped(out, std::string_view("a\"b\\c\n\r\t\x01\x1f\0ü/\x7f", 15));
  CHECK(out == "a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\\u0000ü/\x7f");
}

}  // namespace teamferry::emulator
