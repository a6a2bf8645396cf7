#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "native/archive/archive.h"
#include "native/archive/gzip.h"
#include "tests/native/archive/samples.h"
#include "tests/native/archive/tar_samples.h"

using namespace teamferry::archive;
using Catch::Matchers::Contains;
using Names = std::vector<std::string_view>;

namespace {

std::unique_ptr<Archive> opened_packed(const std::string& path, const Limits& limits = {}) {
  auto opened = Archive::open(path, limits);
  if (!opened) FAIL(opened.error().to_string());
  return std::move(opened).value();
}

std::string refusal(const std::string& path, const Limits& limits = {}) {
  auto opened = Archive::open(path, limits);
  REQUIRE_FALSE(opened);
  return opened.error().message;
}

// Text that deflate cannot make much of, so that it takes many blocks.
std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string text(size, ' ');
  for (auto& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

}  // namespace

TEST_CASE("A tar and a tar.gz are read like a zip, whatever their names end in", "[archive]") {
  Scratch scratch;
  const auto tar = TarBuilder()
                       .add_folder("realm/")
                       .add("realm/users.json", "[1]")
                       .add("realm/general/2.json", std::string(1500, 'x'))
                       .add("realm/general/1.json", "")
                       .add("realm/._users.json", "debris")
                       .close();
  for (const auto& path :
       {scratch.write("a.tar", tar), scratch.write("a.tgz", gzip_of(tar)), scratch.write("no ending", gzip_of(tar))}) {
    auto archive = opened_packed(path);
    CHECK(archive->list() == Names{"general/1.json", "general/2.json", "users.json"});
    CHECK(archive->list("*/") == Names{"general/"});
    CHECK(archive->read_text("users.json").value() == "[1]");
    CHECK(archive->read_text("general/2.json").value() == std::string(1500, 'x'));
    CHECK(archive->read_text("general/1.json").value().empty());
    CHECK_THAT(archive->read_text("absent").error().message, Contains("has no file 'absent'"));
    CHECK(archive->problems().empty());
    CHECK(archive->size("general/") == 2 << 10);
    auto other = archive->share();
    CHECK(other->read_text("general/2.json").value() == std::string(1500, 'x'));
    CHECK(archive->read_text("users.json").value() == "[1]");
  }
}

TEST_CASE("Long names and sizes of a tar come from its extended headers", "[archive]") {
  Scratch scratch;
  const std::string deep = "folder/" + std::string(150, 'n') + ".json", accents = "caf\xC3\xA9.json";
  auto archive = opened_packed(scratch.write("a.tar", TarBuilder()
                                                          .add_gnu(deep, "[1]")
                                                          .add_pax("path", accents, "[2]")
                                                          .add("PaxHeaders/s", TarBuilder::pax_record("size", "3"), 'x')
                                                          .header("big.json", 0, '0')
                                                          .put("[3]")
                                                          .add("g", TarBuilder::pax_record("comment", "x"), 'g')
                                                          .add("last.json", "[4]")
                                                          .close()));
  CHECK(archive->list() == Names{"big.json", accents, deep, "last.json"});
  CHECK(archive->read_text(deep).value() == "[1]");
  CHECK(archive->read_text(accents).value() == "[2]");
  CHECK(archive->read_text("big.json").value() == "[3]");
  CHECK(archive->read_text("last.json").value() == "[4]");
}

TEST_CASE("A tar's entries that leave it, link or have strange names are not read, and said", "[archive]") {
  Scratch scratch;
  auto archive = opened_packed(scratch.write("a.tar", TarBuilder()
                                                          .add("../../etc/passwd", "x")
                                                          .add("/etc/shadow.json", "x")
                                                          .add_link("link.json")
                                                          .add_link("hard.json", '1')
                                                          .add("caf\xE9.json", "x")
                                                          .add("holes.json", "x", 'S')
                                                          .add_link("device", '3')
                                                          .add("fine.json", "[]")
                                                          .close()));
  CHECK(archive->list() == Names{"fine.json"});
  std::string all;
  for (const auto& problem : archive->problems()) {
    all += fmt::format("{}{} {}\n", problem.code, problem.data ? "!" : "", problem.message);
  }
  CHECK_THAT(all, Contains("bad_name ") && Contains("'../../etc/passwd' is not read: it climbs out"));
  CHECK_THAT(all, Contains("bad_name! ") && Contains("'/etc/shadow.json' is not read: it is an absolute path"));
  CHECK_THAT(all, Contains("link_refused! ") && Contains("'link.json' is not read: it is a link"));
  CHECK_THAT(all, Contains("'hard.json' is not read: it is a link"));
  CHECK_THAT(all, Contains("'caf\\xe9.json' is not read: its name is not UTF-8"));
  CHECK_THAT(all, Contains("unknown_packing! ") && Contains("'holes.json' is not read: it is packed with holes"));
  CHECK_THAT(all, Contains("'device' is not read: it is neither a file nor a folder"));
  CHECK(archive->problems().size() == 7);
  CHECK_THAT(archive->read_text("link.json").error().message, Contains("it is a link. Pack the file itself"));
}

TEST_CASE("A damaged tar is refused with what is wrong and what to do", "[archive]") {
  Scratch scratch;
  TarBuilder builder;
  builder.add("users.json", std::string(2000, 'u')).add("general.json", std::string(2000, 'g'));
  const auto tar = builder.close();
  SECTION("cut off within an entry") {
    CHECK_THAT(refusal(scratch.write("a.tar", tar.substr(0, 4000))),
               Contains("a.tar: it is cut off. Check it with: tar -tf") && Contains("export it again"));
    CHECK_THAT(refusal(scratch.write("a.tgz", gzip_of(tar.substr(0, 4000)))), Contains("it is cut off"));
  }
  SECTION("cut off between two entries, which only the missing end shows") {
    auto archive = opened_packed(scratch.write("a.tar", builder.without_end()));
    CHECK(archive->list().size() == 2);
    REQUIRE(archive->problems().size() == 1);
    CHECK(archive->problems()[0].data);
    CHECK_THAT(archive->problems()[0].message, Contains("lacks the mark of its end"));
  }
  SECTION("a header that does not add up") {
    auto bytes = tar;
    bytes[2560] ^= 1;
    CHECK_THAT(refusal(scratch.write("a.tar", bytes)), Contains("the header at byte 2560 has a wrong checksum"));
  }
  SECTION("a size beyond all bounds") {
    TarBuilder large;
    large.add("PaxHeaders/s", TarBuilder::pax_record("size", "9223372036854775807"), 'x').add("x.json", "[]");
    CHECK_THAT(refusal(scratch.write("a.tar", large.close())), Contains("claims to have no end"));
  }
  SECTION("an extended header of nonsense") {
    TarBuilder odd;
    odd.add("PaxHeaders/s", "7 path\n", 'x').add("x.json", "[]");
    CHECK_THAT(refusal(scratch.write("a.tar", odd.close())), Contains("the extended header at byte 0 makes no sense"));
  }
  SECTION("packed bytes that are cut off, spoilt or no tar") {
    const auto packed = gzip_of(noise(600) + tar);
    CHECK_THAT(refusal(scratch.write("a.tgz", packed)), Contains("the header at byte 0 has a wrong checksum"));
    const auto good = gzip_of(tar);
    CHECK_THAT(refusal(scratch.write("a.tgz", good.substr(0, good.size() - 4))), Contains("it is cut off"));
    auto spoilt = good;
    spoilt[spoilt.size() - 8] ^= 1;
    CHECK_THAT(refusal(scratch.write("a.tgz", spoilt)), Contains("its checksum is wrong") && Contains("tar -tzf"));
  }
  SECTION("a bomb") {
    CHECK_THAT(refusal(scratch.write("a.tgz", gzip_of(TarBuilder().add("x", std::string(40 << 20, '\0')).close()))),
               Contains("as bombs do"));
  }
}

TEST_CASE("A gzip is read at any place, and its members are one text", "[archive]") {
  const auto text = noise(20 << 20);
  const auto half = text.size() / 2 + 12345;
  for (const auto& packed : {gzip_of(text, 1), gzip_of(text.substr(0, half), 1) + gzip_of(text.substr(half), 6),
                             gzip_of(text, 1) + std::string(100, '\0')}) {
    GzipSource source(std::make_unique<MemorySource>(packed), Limits{});
    REQUIRE(source.walk().value() == text.size());
    auto other = source.share();
    std::mt19937 random(3);
    std::string piece(1000, ' ');
    for (int i = 0; i < 12; ++i) {
      const auto at = random() % (text.size() - 500);
      auto& reader = i % 3 == 0 ? *other : source;
      const auto got = reader.read_at(at, piece.data(), piece.size()).value();
      REQUIRE(got == std::min<std::uint64_t>(piece.size(), text.size() - at));
      REQUIRE(std::string_view(piece).substr(0, got) == std::string_view(text).substr(at, got));
    }
    CHECK(source.read_at(text.size(), piece.data(), 1).value() == 0);
    CHECK(source.read_at(text.size() * 9, piece.data(), 1).value() == 0);
  }
}

TEST_CASE("A file that gzip packs alone is the file within", "[archive]") {
  Scratch scratch;
  SECTION("given by itself") {
    auto archive = opened_packed(scratch.write("chat.txt.gz", gzip_of("hello")));
    CHECK(archive->list() == Names{"chat.txt"});
    CHECK(archive->read_text("chat.txt").value() == "hello");
  }
  SECTION("a data file in a folder or an archive; others keep their names") {
    scratch.write("x/C1.json.gz", gzip_of("[1]") + gzip_of("[2]"));
    scratch.write("x/both.json", "[3]");
    scratch.write("x/both.json.gz", gzip_of("[4]"));
    scratch.write("x/files/log.gz", gzip_of("a log"));
    ZipBuilder(scratch.path("x.zip"))
        .add("C1.json.gz", gzip_of("[1]") + gzip_of("[2]"))
        .add("both.json", "[3]")
        .add("both.json.gz", gzip_of("[4]"))
        .add("files/log.gz", gzip_of("a log"));
    for (const char* name : {"x", "x.zip"}) {
      auto archive = opened_packed(scratch.path(name));
      CHECK(archive->list() == Names{"C1.json", "both.json", "both.json.gz", "files/log.gz"});
      CHECK(archive->list("*/") == Names{"files/"});
      CHECK(archive->read_text("C1.json").value() == "[1][2]");
      CHECK(archive->read_text("both.json").value() == "[3]");
      CHECK(archive->size("C1.json") == 1 << 10);
      CHECK(archive->size("C1.json.gz") == 1 << 10);
      CHECK(archive->has("C1.json.gz"));
      CHECK(archive->read_text("C1.json.gz").value() == gzip_of("[1]") + gzip_of("[2]"));
      CHECK(archive->share()->read_text("C1.json").value() == "[1][2]");
    }
  }
  SECTION("damaged, it is named and its neighbours are read") {
    auto packed = gzip_of("[1]");
    packed.resize(packed.size() - 6);
    scratch.write("x/a.json.gz", packed);
    scratch.write("x/b.json.gz", "[2]");
    scratch.write("x/c.json.gz", gzip_of(std::string(40 << 20, ' ')));
    scratch.write("x/d.json.gz", gzip_of("[4]"));
    Limits limits;
    limits.read_bytes = 2;
    auto archive = opened_packed(scratch.path("x"), limits);
    Bytes bytes;
    CHECK_THAT(archive->read("a.json", bytes).error().message,
               Contains("'a.json.gz' cannot be unpacked: it is cut off"));
    CHECK_THAT(archive->read("b.json", bytes).error().message, Contains("'b.json.gz' cannot be unpacked: its packed"));
    CHECK_THAT(archive->read("c.json", bytes).error().message, Contains("as bombs do"));
    CHECK_THAT(archive->read_text("d.json").error().message, Contains("would take more than 2 bytes"));
    REQUIRE(archive->read("d.json", bytes));
    CHECK(bytes.view() == "[4]");
  }
}

TEST_CASE("Several archives are one export, each a folder named like its file", "[archive]") {
  Scratch scratch;
  const auto make = [&](const std::string& name, std::string_view content) {
    const auto path = scratch.path(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    ZipBuilder(path).add("_chat.txt", content).add("photos/1.jpg", "jpg");
    return path;
  };
  make("parts/a.zip", "one");
  make("parts/b.zip", "two");
  SECTION("in a list") {
    const auto archive = Archive::open_in(scratch.path("parts"), "a.zip,b.zip").value();
    CHECK(archive->list("*/_chat.txt") == Names{"a.zip/_chat.txt", "b.zip/_chat.txt"});
    CHECK(archive->read_text("b.zip/_chat.txt").value() == "two");
    CHECK(archive->size("b.zip/") == 2 << 10);
    CHECK(archive->list("**/") == Names{"a.zip/", "a.zip/photos/", "b.zip/", "b.zip/photos/"});
    const auto twice = Archive::open_in(scratch.path("parts"), "a.zip," + scratch.path("parts/a.zip")).value();
    CHECK(twice->list("*/_chat.txt") == Names{"a.zip 2/_chat.txt", "a.zip/_chat.txt"});
    CHECK_FALSE(Archive::open_in(scratch.path("parts"), "a.zip,absent.zip"));
  }
  SECTION("alone in a folder, a zip or a tar") {
    ZipBuilder(scratch.path("outer.zip"))
        .add("x/a.zip", slurp(scratch.path("parts/a.zip")), 0)
        .add("x/b.zip", slurp(scratch.path("parts/b.zip")), 0);
    scratch.write("outer.tgz", gzip_of(TarBuilder()
                                           .add("a.zip", slurp(scratch.path("parts/a.zip")))
                                           .add("b.zip", slurp(scratch.path("parts/b.zip")))
                                           .close()));
    for (const char* name : {"parts", "outer.zip", "outer.tgz"}) {
      const auto archive = opened_packed(scratch.path(name));
      CHECK(archive->read_text("a.zip/_chat.txt").value() == "one");
      CHECK(archive->share()->read_text("b.zip/_chat.txt").value() == "two");
      CHECK_THAT(archive->read_text("c.zip/x").error().message, Contains("has no file 'c.zip/x'"));
    }
  }
  SECTION("their fingerprint changes with any of them") {
    const auto before = opened_packed(scratch.path("parts"))->fingerprint();
    CHECK(opened_packed(scratch.path("parts"))->fingerprint() == before);
    make("parts/b.zip", "2wo");
    CHECK(opened_packed(scratch.path("parts"))->fingerprint() != before);
  }
  SECTION("what is wrong with one is said of it") {
    scratch.write("parts/c.tar", TarBuilder().add_link("users.json").close());
    const auto archive = opened_packed(scratch.path("parts"));
    REQUIRE(archive->problems().size() == 1);
    CHECK(archive->problems()[0].entry == "c.tar/users.json");
    scratch.write("parts/d.zip", "not a zip");
    CHECK_THAT(refusal(scratch.path("parts")), Contains("d.zip is not a zip"));
  }
  SECTION("a single one is looked through; one among other files is a file") {
    ZipBuilder(scratch.path("outer.zip")).add("a.zip", slurp(scratch.path("parts/a.zip")), 0);
    CHECK(opened_packed(scratch.path("outer.zip"))->read_text("_chat.txt").value() == "one");
    scratch.write("parts/users.json", "[]");
    auto archive = opened_packed(scratch.path("parts"));
    CHECK(archive->list() == Names{"a.zip", "b.zip", "users.json"});
    CHECK(archive->open_inside("b.zip").value()->read_text("_chat.txt").value() == "two");
    CHECK_THAT(archive->open_inside("users.json").error().message, Contains("parts/users.json is no zip and no tar"));
    CHECK_THAT(archive->open_inside("absent").error().message, Contains("has no file 'absent'"));
  }
}

TEST_CASE("Archives within archives are opened two deep and no deeper", "[archive]") {
  Scratch scratch;
  ZipBuilder(scratch.path("1.zip")).add("chat.json", "[]");
  for (int i = 2; i <= 5; ++i) {
    ZipBuilder(scratch.path(fmt::format("{}.zip", i)))
        .add(fmt::format("{}.zip", i - 1), slurp(scratch.path(fmt::format("{}.zip", i - 1))), 0);
  }
  CHECK(opened_packed(scratch.path("3.zip"))->list() == Names{"chat.json"});
  const auto deep = opened_packed(scratch.path("5.zip"));
  CHECK(deep->list() == Names{"2.zip"});
  CHECK_THAT(deep->open_inside("2.zip").error().message, Contains("archives lie too deep in one another"));
}
