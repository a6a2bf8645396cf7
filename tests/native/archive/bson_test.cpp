#include "native/archive/bson.h"

#include <catch2/catch.hpp>

#include "native/archive/archive.h"
#include "native/archive/json_records.h"
#include "tests/native/archive/bson_samples.h"
#include "tests/native/archive/samples.h"
#include "tests/native/archive/tar_samples.h"

using namespace teamferry::archive;
using Catch::Matchers::Contains;
using Names = std::vector<std::string_view>;

namespace {

std::string as_json(const std::string& document) {
  std::string json;
  const char* wrong = bson_to_json(document, json);
  return wrong ? "error: " + std::string(wrong) : json;
}

// "msg" of each record, or what is wrong with it.
std::vector<std::string> messages_of(const std::string& bytes) {
  RecordReader reader;
  RecordOptions options;
  options.format = RecordOptions::Format::bson;
  const Bytes held(bytes);
  REQUIRE(reader.start(held, "rocketchat_message.bson", options));
  std::vector<std::string> out;
  JsonRecord record;
  while (reader.next(record)) {
    if (record.bad) {
      out.push_back(std::to_string(record.offset) + " " + record.reason);
    } else {
      out.push_back((record.repaired ? "repaired " : "") + std::string(record.value.find("msg")->text()));
    }
  }
  return out;
}

std::string decimal(std::uint64_t high, std::uint64_t low) {
  return as_json(BsonBuilder().add(0x13, "d", raw(low) + raw(high)).close());
}

}  // namespace

TEST_CASE("A document of BSON is written as the JSON that scripts expect", "[archive]") {
  const std::string id("\x5f\x00\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18\x29\x3a", 12);
  CHECK(as_json(BsonBuilder().close()) == "{}");
  CHECK(
      as_json(BsonBuilder()
                  .add(7, "_id", id)
                  .text("msg", "say \"hi\"\n\x01")
                  .add(9, "ts", raw(std::int64_t{1549310295511}))
                  .int32("n", -7)
                  .int64("big", 9007199254740993)
                  .add(1, "x", raw(2.5))
                  .add(1, "nan", raw(std::numeric_limits<double>::quiet_NaN()))
                  .add(8, "pinned", std::string_view("\1", 1))
                  .add(10, "none", "")
                  .add(4, "list", BsonBuilder().text("0", "a").add(3, "1", BsonBuilder().int32("b", 1).close()).close())
                  .binary("hash", "abcd")
                  .add(0x0B, "like", std::string_view("^a\0i\0", 5))
                  .add(0x11, "at", raw(std::uint64_t{1} << 63))
                  .close()) ==
      R"({"_id":"5f00a1b2c3d4e5f60718293a","msg":"say \"hi\"\u000a\u0001","ts":"2019-02-04T19:58:15.511Z","n":-7,)"
      R"("big":9007199254740993,"x":2.5,"nan":null,"pinned":true,"none":null,"list":["a",{"b":1}],"hash":"YWJjZA==",)"
      R"("like":"/^a/i","at":9223372036854775808})");
  CHECK(as_json(BsonBuilder().add(9, "ts", raw(INT64_MAX)).close()) == R"({"ts":9223372036854775807})");
  CHECK(as_json(BsonBuilder()
                    .add(0x0F, "f", raw(std::int32_t{4 + 6 + 5}) + BsonBuilder::counted("x") + BsonBuilder().close())
                    .add(0x0C, "p", BsonBuilder::counted("db") + id)
                    .close()) == R"({"f":"x","p":"5f00a1b2c3d4e5f60718293a"})");
}

TEST_CASE("A decimal of BSON keeps every digit", "[archive]") {
  constexpr std::uint64_t kOne = std::uint64_t{6176} << 49;  // exponent 0
  CHECK(decimal(kOne, 12345) == R"({"d":"12345"})");
  CHECK(decimal(kOne - (std::uint64_t{2} << 49), 12345) == R"({"d":"123.45"})");
  CHECK(decimal(kOne - (std::uint64_t{7} << 49) + (std::uint64_t{1} << 63), 12345) == R"({"d":"-0.0012345"})");
  CHECK(decimal(kOne + (std::uint64_t{3} << 49), 5) == R"({"d":"5E3"})");
  CHECK(decimal(kOne + 1, 0) == R"({"d":"18446744073709551616"})");
  CHECK(decimal(std::uint64_t{31} << 58, 0) == R"({"d":"NaN"})");
}

TEST_CASE("Documents of BSON are records, and a spoilt one is parked with its place", "[archive]") {
  const auto one = BsonBuilder().text("msg", "one").close(), two = BsonBuilder().text("msg", "two").close();
  CHECK(messages_of(one + two) == std::vector<std::string>{"one", "two"});
  CHECK(messages_of("").empty());
  auto spoilt = one;
  spoilt[4] = 0x55;
  CHECK(messages_of(one + spoilt + two) ==
        std::vector<std::string>{"one",
                                 std::to_string(one.size()) + " the document at byte " + std::to_string(one.size()) +
                                     ": an element of it makes no sense",
                                 "two"});
  CHECK(messages_of(BsonBuilder().text("msg", "caf\xE9").close()) ==
        std::vector<std::string>{"repaired caf\xEF\xBF\xBD"});
  const auto cut = messages_of(one + two.substr(0, 9));
  REQUIRE(cut.size() == 2);
  CHECK_THAT(cut[1], Contains("its end behind the end of the file; what follows cannot be read"));
  CHECK_THAT(messages_of(one + "\xFF\xFF\xFF\xFF....").at(1), Contains("no length that can be"));
}

TEST_CASE("Hostile BSON is refused by its lengths and its depth", "[archive]") {
  auto deep = BsonBuilder().close();
  for (int i = 0; i < 101; ++i) deep = BsonBuilder().add(3, "d", deep).close();
  CHECK(as_json(deep) == "error: it is nested deeper than 100");
  CHECK(as_json(BsonBuilder().add(2, "a", raw(std::int32_t{1000})).close()) ==
        "error: an element of it is longer than itself");
  CHECK(as_json(BsonBuilder().add(2, "a", raw(std::int32_t{2}) + "xx").close()) == "error: a text in it does not end");
  CHECK(as_json(BsonBuilder().add(3, "a", raw(std::int32_t{6}) + "xx").close()) == "error: a length in it is wrong");
}

TEST_CASE("The files of GridFS are entries by their ids", "[archive]") {
  Scratch scratch;
  const auto file = [](std::string_view id, std::int32_t size) {
    return BsonBuilder().text("_id", id).int32("length", size).int32("chunkSize", 3).text("filename", "a.txt").close();
  };
  const auto chunk = [](std::string_view id, std::int32_t n, std::string_view data) {
    return BsonBuilder().text("_id", "c").text("files_id", id).int32("n", n).binary("data", data).close();
  };
  const auto files =
      file("whole", 5) + file("gap", 6) + file("short", 9) + file("nothing", 4) + file("../out", 1) +
      BsonBuilder().add(7, "_id", "\x5f\x01\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18\x29\x3a").int64("length", 2000).close();
  const auto chunks = chunk("whole", 1, "lo") + chunk("whole", 0, "hel") + chunk("gap", 0, "abc") +
                      chunk("gap", 2, "def") + chunk("short", 0, "abc") +
                      BsonBuilder()
                          .add(7, "files_id", "\x5f\x01\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18\x29\x3a")
                          .int32("n", 0)
                          .binary("data", std::string(2000, 'z'))
                          .close();
  scratch.write("dump/rocketchat/uploads.files.bson", files);
  scratch.write("dump/rocketchat/uploads.chunks.bson", chunks);
  scratch.write("packed/uploads.files.bson.gz", gzip_of(files));
  scratch.write("packed/uploads.chunks.bson.gz", gzip_of(chunks));
  for (const char* folder : {"dump", "packed"}) {
    auto archive = Archive::open(scratch.path(folder)).value();
    CHECK(archive->list("uploads/*") == Names{"uploads/5f01a1b2c3d4e5f60718293a", "uploads/gap", "uploads/nothing",
                                              "uploads/short", "uploads/whole"});
    CHECK(archive->read_text("uploads/whole").value() == "hello");
    CHECK(archive->share()->read_text("uploads/5f01a1b2c3d4e5f60718293a").value() == std::string(2000, 'z'));
    CHECK(archive->size("uploads/whole") == 1 << 10);
    CHECK_THAT(archive->read_text("uploads/gap").error().message, Contains("lacks its piece 1"));
    CHECK_THAT(archive->read_text("uploads/short").error().message, Contains("takes 9 bytes, of which 3 are there"));
    CHECK_THAT(archive->read_text("uploads/nothing").error().message, Contains("has no bytes there"));
    CHECK(archive->read_text("uploads.files.bson").value() == files);
  }
  scratch.write("dump/rocketchat/uploads.chunks.bson", chunk("whole", 0, "hello") + std::string(9, '\xFF'));
  CHECK_THAT(Archive::open(scratch.path("dump")).value()->read_text("uploads/gap").error().message,
             Contains("the pieces cannot be read from byte"));
}
