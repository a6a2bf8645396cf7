// Runs the fuzzers of tests/fuzz over seeded mutations, so that every build of the suite, and above all the
// one with sanitizers, walks through damaged input. TEAMFERRY_FUZZ_ROUNDS asks for more.
#include <catch2/catch.hpp>

#include "tests/fuzz/bson_fuzzer.cpp"          // NOLINT: the fuzzers are programs of their own elsewhere
#include "tests/fuzz/json_records_fuzzer.cpp"  // NOLINT: the fuzzers are programs of their own elsewhere
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/zip_fuzzer.cpp"  // NOLINT
#include "tests/native/archive/bson_samples.h"
#include "tests/native/archive/samples.h"
#include "tests/native/archive/tar_samples.h"

namespace {

int rounds(int usual) {
  const char* wish = std::getenv("TEAMFERRY_FUZZ_ROUNDS");
  return wish ? std::atoi(wish) : usual;
}

template <class Run>
void fuzz(std::vector<std::string> seeds, std::vector<std::string> words, int count, Run run) {
  teamferry::fuzz::Mutator mutator(std::move(seeds), std::move(words), 20260801);
  for (int i = 0; i < count; ++i) {
    const auto input = mutator.next();
    run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
}

std::string zip_bytes(bool several) {
  Scratch scratch;
  ZipBuilder zip(scratch.path("a.zip"));
  zip.add("users.json", "[{\"id\":\"U1\"}]");
  if (several) zip.add("general/", "").add("general/1.json", std::string(3000, 'x')).add("x", "stored", 0);
  zip.close();
  return slurp(scratch.path("a.zip"));
}

}  // namespace

TEST_CASE("No damaged JSON crashes the reader, holds it up or goes unreported", "[fuzz]") {
  const std::string mode(1, '\0');
  fuzz({mode + R"([{"ts":"1589553562.044500","text":"a\nb","n":[1,2.5e3,-7]},{"x":"\ud83d\ude00"}])",
        mode + "[\n    {\n        \"a\": {\"x\": 1}\n    },\n    {\n        \"b\": \"é\"\n    }\n]",
        mode + "{\"a\":1}\n{\"b\":[null,true]}\n{\"c\":\"\"}\n", std::string("\x02") + "{\"a\":1}\n[2]\n",
        std::string("\x08") + R"({"guild":{},"messages":[{"id":1},{"id":"2"}],"z":0})", mode + "[\"\"]"},
       {"\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\ud83d",
        "\\u",
        "\xC3",
        "\xED\xA0\x80",
        "NaN",
        "-Infinity",
        "1e999",
        "123456789012345678901",
        "\n",
        "\n    {",
        "\\x4",
        "\xEF\xBB\xBF",
        std::string(1, '\0'),
        std::string(1100, '['),
        "messages"},
       rounds(50'000), json_records_fuzzer);
  SUCCEED();
}

TEST_CASE("No damaged zip crashes the reader or makes it write beyond its caps", "[fuzz]") {
  fuzz({zip_bytes(true), zip_bytes(false)},
       {"PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "\xFF\xFF\xFF\xFF", "../", "/",
        std::string(8, '\0'), std::string(4, '\x7F')},
       rounds(1'000), zip_fuzzer);
  SUCCEED();
}

TEST_CASE("No damaged tar or gzip crashes the reader or makes it write beyond its caps", "[fuzz]") {
  const auto tar = TarBuilder()
                       .add_folder("a/")
                       .add("a/users.json", "[{\"id\":\"U1\"}]")
                       .add_gnu(std::string(150, 'n'), "x")
                       .add_pax("path", "caf\xC3\xA9", std::string(700, 'y'))
                       .close();
  const auto zip = zip_bytes(true);
  fuzz({tar, gzip_of(tar), gzip_of("[1]") + gzip_of("[2]"), TarBuilder().add("a.zip", zip).add("b.zip", zip).close()},
       {std::string(512, '\0'), "ustar", "777777777777", "\x80\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "9 size=9\n",
        "\x1F\x8B\x08", "../", "/", std::string(8, '\0')},
       rounds(2'000), zip_fuzzer);
  SUCCEED();
}

TEST_CASE("No damaged BSON crashes the reader or makes JSON that is none", "[fuzz]") {
  const auto inner = BsonBuilder().int32("a", 1).add(1, "b", raw(0.1)).close();
  const auto document = BsonBuilder()
                            .add(7, "_id", "123456789012")
                            .text("msg", "caf\xC3\xA9")
                            .add(4, "list", BsonBuilder().add(3, "0", inner).close())
                            .add(0x13, "d", std::string(16, '\x30'))
                            .binary("data", "abc")
                            .add(9, "ts", raw(std::int64_t{1549310295511}))
                            .close();
  fuzz({document + document, BsonBuilder().add(3, "x", document).close()},
       {std::string(4, '\0'), "\xFF\xFF\xFF\x7F", "\x01", "\x0F", "\x0B", "\x0C", "\x11", "\x03", "\x04", "\xC3"},
       rounds(20'000), bson_fuzzer);
  SUCCEED();
}
