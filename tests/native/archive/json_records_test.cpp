#include "native/archive/json_records.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <vector>

#include "native/archive/json_repair.h"
#include "native/archive/sniff.h"
#include "tests/native/archive/samples.h"

using namespace teamferry::archive;
using Catch::Matchers::Contains;
using Format = RecordOptions::Format;

namespace {

constexpr const char* kLost = "\xEF\xBF\xBD";

// The value as one line, so that a test compares a whole record.
std::string show(const JsonValue& value) {
  using Type = JsonValue::Type;
  std::string out;
  switch (value.type()) {
    case Type::null:
      return "null";
    case Type::boolean:
      return value.boolean() ? "true" : "false";
    case Type::text:
      return fmt::format("\"{}\"", value.text());
    case Type::number: {
      const auto number = value.number();
      return number.is_text() ? fmt::format("#{}", number.text()) : fmt::format("{}", number.value);
    }
    case Type::array:
      for (const auto item : value.items()) out += (out.empty() ? "" : ",") + show(item);
      return "[" + out + "]";
    case Type::object:
      for (const auto [key, member] : value.members()) {
        out += fmt::format("{}{}:{}", out.empty() ? "" : ",", key, show(member));
      }
      return "{" + out + "}";
  }
  return out;
}

// Every record as a line; "~" marks a repaired one, "!" a bad one with its index.
std::vector<std::string> records(std::string_view text, const RecordOptions& options = {}) {
  static RecordReader reader;  // one for all, as in production: what one file leaves must not show in the next
  const Bytes bytes(text);
  std::vector<std::string> lines;
  if (auto started = reader.start(bytes, "day.json", options); !started) return {"error: " + started.error().message};
  JsonRecord record;
  while (reader.next(record)) {
    CHECK(record.index == lines.size());
    lines.push_back(record.bad ? fmt::format("!{}", record.reason) : (record.repaired ? "~" : "") + show(record.value));
  }
  return lines;
}

using Lines = std::vector<std::string>;

std::string deep(int levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("The elements of an array are records of any type", "[json]") {
  CHECK(records(R"([{"a":1},{"b":[true,null]}])") == Lines{"{a:1}", "{b:[true,null]}"});
  CHECK(records("[\n\"\"\n]") == Lines{"\"\""});
  CHECK(records("[\n\n]").empty());
  CHECK(records("[]").empty());
  CHECK(records("\xEF\xBB\xBF[1]") == Lines{"1"});
  CHECK(records(R"([{"x":"\u00e9\ud83d\ude00\/"}])") == Lines{"{x:\"é😀/\"}"});
}

TEST_CASE("A member of the top object can hold the records", "[json]") {
  RecordOptions at;
  at.at = "messages";
  CHECK(records(R"({"guild":{"messages":[0]},"messages":[{"a":1},2],"count":2})", at) == Lines{"{a:1}", "2"});
  CHECK_THAT(records(R"({"a":[1]})", at)[0], Contains("day.json: 'messages' is not there"));
  CHECK_THAT(records(R"({"messages":{}})", at)[0], Contains("'messages' is not an array"));
  CHECK_THAT(records(R"([1])", at)[0], Contains("does not hold an object"));
  SECTION("also when the file is damaged elsewhere or cut off") {
    CHECK(records("{\"g\":\"\xFF\",\"n\":1.5e3,\"messages\":[1,{\"a\":\"\xFF\"}],\"z\":", at) ==
          Lines{"1", fmt::format("~{{a:\"{}\"}}", kLost)});
    CHECK(records(R"({"messages":[1,{"a":2},{"b)", at) ==
          Lines{"1", "{a:2}",
                "!it is not closed; what stands behind its beginning, 3 bytes up to the end of the file, could not be "
                "read either and may hold more records"});
  }
}

TEST_CASE("A file of one value a line is told from an object over several lines", "[json]") {
  CHECK(records("{\"a\":1}\n{\"a\":2}\r\n\n{\"a\":3}") == Lines{"{a:1}", "{a:2}", "{a:3}"});
  CHECK(records("{\n \"a\": 1\n}\n") == Lines{"{a:1}"});
  CHECK(records("{\"a\":1}{\"a\":2} {\n\"a\":3}") == Lines{"{a:1}", "{a:2}", "{a:3}"});
  RecordOptions lines;
  lines.format = Format::lines;
  CHECK(records("[1]\n[2]", lines) == Lines{"[1]", "[2]"});
  RecordOptions array;
  array.format = Format::array;
  CHECK_THAT(records("{\"a\":1}", array)[0], Contains("day.json holds an object where an array"));
}

TEST_CASE("A bad line does not cost its neighbours", "[json]") {
  const auto got = records("{\"a\":1}\n{\"a\":\n{\"a\":\"\xE9\"}\n{\"a\":3}\n");
  REQUIRE(got.size() == 4);
  CHECK(got[0] == "{a:1}");
  CHECK_THAT(got[1], Contains("!its structure is broken; it begins with '{\"a\":'"));
  CHECK(got[2] == fmt::format("~{{a:\"{}\"}}", kLost));
  CHECK(got[3] == "{a:3}");
}

TEST_CASE("Text that is not UTF-8 and lone surrogates become U+FFFD, and only there", "[json]") {
  CHECK(records("[{\"a\":\"x\xC3\"},{\"b\":\"ok\"}]") == Lines{fmt::format("~{{a:\"x{}\"}}", kLost), "{b:\"ok\"}"});
  CHECK(records(R"(["\ud83d","\ude00x","\ud83d\ude00","\ud83dA"])") ==
        Lines{fmt::format("~\"{}\"", kLost), fmt::format("~\"{}x\"", kLost), "\"😀\"", fmt::format("~\"{}A\"", kLost)});
  CHECK(records("[\"\xED\xA0\xBD|\xF0\x9F\x98|\xC0\x80|\xF5\"]") ==
        Lines{fmt::format("~\"{0}|{0}|{0}{0}|{0}\"", kLost)});
  CHECK(records(R"([{"\ud800":1}])") == Lines{fmt::format("~{{{}:1}}", kLost)});
}

TEST_CASE("What a lenient writer wrote is read", "[json]") {
  CHECK(records("[\"a\tb\nc\x01\"]") == Lines{"\"a\tb\nc\x01\""});
  CHECK(records(R"(["\x41\'\d"])") == Lines{R"(~"A'\d")"});
  CHECK(records(R"(["\u12G4"])") == Lines{R"(~"\u12G4")"});
  CHECK(records("[NaN, -Infinity, {\"a\": Infinity}]") == Lines{"~null", "~null", "~{a:null}"});
}

TEST_CASE("A number that Lua would not print as written arrives as text", "[json]") {
  CHECK(records("[1, -5, 1.5, 0.1, 99999999999999, 100000000000000]") ==
        Lines{"1", "-5", "1.5", "0.1", "99999999999999", "#100000000000000"});
  CHECK(records("[1152921504606846976, -9223372036854775808, 18446744073709551615]") ==
        Lines{"#1152921504606846976", "#-9223372036854775808", "#18446744073709551615"});
  CHECK(records("[1589553562.044519, 1589553562.044500]") == Lines{"#1589553562.044519", "1589553562.0445"});
  SECTION("also one that no 64 bits or no double hold") {
    CHECK(records("[123456789012345678901234567890, 1e999, 2]") ==
          Lines{"\"123456789012345678901234567890\"", "\"1e999\"", "2"});
  }
}

TEST_CASE("A cut-off array keeps what came before the cut", "[json]") {
  CHECK(records(R"([{"a":1},{"a":2},{"a":)") ==
        Lines{"{a:1}", "{a:2}",
              "!it is not closed; what stands behind its beginning, 5 bytes up to the end of the file, could not be "
              "read either and may hold more records"});
  CHECK(records(R"([{"a":1},{"a":2})") ==
        Lines{"{a:1}", "{a:2}", "!the file ends before its array does; records may be missing"});
  CHECK(records(R"([{"a":1},)") == Lines{"{a:1}", "!the file ends before its array does; records may be missing"});
  CHECK(records("[") == Lines{"!the file ends before its array does; records may be missing"});
}

TEST_CASE("A broken element is reported and the others are read", "[json]") {
  CHECK(records(R"([{"a":1},{"b":}, {"c":3}])") ==
        Lines{"{a:1}", "!its structure is broken; it begins with '{\"b\":}'", "{c:3}"});
  CHECK(records(R"([1,,2,])") == Lines{"1", "!there is nothing between two commas", "2"});
  CHECK(records(R"([{"a":[1}, {"c":3}])").back() == "{c:3}");
  CHECK(records(R"([{"a":1]}, {"c":3}])").back() == "{c:3}");
  CHECK(records(R"([{"a":1}}, {"c":3}])") == Lines{"{a:1}", "!its structure is broken; it begins with '}'", "{c:3}"});
  CHECK(records(R"([{"a":1} {"b":2}, {"c":3}])") == Lines{"{a:1}", "{b:2}", "{c:3}"});
  CHECK(records("[" + deep(2000) + ",7]") == Lines{"!it is nested deeper than 1,024", "7"});
  CHECK(records(R"([1] and more)") == Lines{"1", "!text follows the end of the array: 'and more'"});
}

TEST_CASE("In a file with line ends an element that never closes does not swallow the rest", "[json]") {
  const auto got = records("[\n    {\n        \"a\": 1\n    ,\n    {\n        \"b\": 2\n    },\n    {\"c\": 3}\n]");
  REQUIRE(got.size() == 3);
  CHECK_THAT(got[0], Contains("!its structure is broken"));
  CHECK(got[1] == "{b:2}");
  CHECK(got[2] == "{c:3}");
  CHECK(records("[\n{\"a\": \"no quote},\n{\"b\": 2},\n{\"c\": 3}\n]").back() == "{c:3}");
  CHECK(records("[\n  {\"a\": 1}\n  {\"b\": 2}\n]") == Lines{"{a:1}", "{b:2}"});
}

TEST_CASE("A file that is no JSON gives one error that says what it is", "[json]") {
  CHECK(records("<!DOCTYPE html>\n<html>") ==
        Lines{"error: day.json holds no JSON: it is a web page, probably a sign-in page (it starts with "
              "'<!DOCTYPE html>')"});
  CHECK(records("") == Lines{"error: day.json holds no JSON: it is an empty file (0 bytes)"});
  CHECK(records(" \n\t") == Lines{"error: day.json holds no JSON: it is an empty file (only white space)"});
  CHECK_THAT(records("id;name\n1;a")[0], Contains("text that starts with 'id;name'"));
  CHECK_THAT(records(std::string_view("\0\0\0\0", 4))[0], Contains("binary data"));
  CHECK_THAT(records("\xFF\xFE[\0")[0], Contains("UTF-16 text"));
}

TEST_CASE("A file too large to be parsed at once gives the same records", "[json]") {
  std::string text = "[";
  const int count = 60'000;
  for (int i = 0; i < count; ++i) {
    text += fmt::format("{}{{\"ts\":\"{}\",\"text\":\"{}\",\"e\":[{{\"k\":\"],}}\\\"\"}}]}}", i ? ",\n" : "", i,
                        std::string(150, 'x'));
  }
  text += "]";
  REQUIRE(text.size() > RecordReader::kWholeDocument);
  const Bytes bytes(text);
  RecordReader reader;
  REQUIRE(reader.start(bytes, "large.json"));
  JsonRecord record;
  int good = 0;
  while (reader.next(record)) {
    if (!record.bad && record.value.find("ts")->text() == std::to_string(good)) ++good;
  }
  CHECK(good == count);
}

TEST_CASE("Hostile damage costs time in proportion to the file", "[json]") {
  std::string text = "[\n";
  while (text.size() < (2 << 20)) text += "{\"a\": \"no quote},\n";
  const Bytes bytes(text);
  RecordReader reader;
  REQUIRE(reader.start(bytes, "hostile.json"));
  JsonRecord record;
  std::size_t bad = 0;
  while (reader.next(record)) bad += record.bad;
  CHECK(bad > 0);
}

TEST_CASE("A whole file is one value, repaired if need be", "[json]") {
  RecordReader reader;
  bool repaired = true;
  const Bytes good("{\"a\":1}"), spoilt("{\"a\":\"\xFF\"}"), cut("{\"a\":"), text("hello");
  CHECK(show(reader.document(good, "x.json", repaired).value()) == "{a:1}");
  CHECK_FALSE(repaired);
  CHECK(show(reader.document(spoilt, "x.json", repaired).value()) == fmt::format("{{a:\"{}\"}}", kLost));
  CHECK(repaired);
  CHECK_THAT(reader.document(cut, "x.json", repaired).error().message, Contains("x.json is not whole JSON: it is not"));
  CHECK_THAT(reader.document(text, "x.json", repaired).error().message, Contains("text that starts with 'hello'"));
}

TEST_CASE("A value knows its members", "[json]") {
  RecordReader reader;
  bool repaired = false;
  const Bytes bytes(R"({"a":{"b":[1,2,3]},"n":null})");
  const auto value = reader.document(bytes, "x.json", repaired).value();
  CHECK(value.size() == 2);
  CHECK(value.find("a")->find("b")->size() == 3);
  CHECK(value.find("n")->is_null());
  CHECK_FALSE(value.find("z"));
  CHECK_FALSE(value.find("n")->find("z"));
}

TEST_CASE("A buffer keeps its padding clear and gives back what a huge file needed", "[archive]") {
  Bytes bytes("abc");
  bytes.grow(5);
  CHECK(bytes.view().substr(0, 3) == "abc");
  bytes.resize(2);
  CHECK(bytes.view() == "ab");
  for (std::size_t i = 0; i < Bytes::kPadding; ++i) CHECK(bytes.data()[bytes.size() + i] == '\0');
}
