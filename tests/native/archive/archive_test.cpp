#include "native/archive/archive.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "native/archive/glob.h"
#include "tests/native/archive/samples.h"

using namespace teamferry::archive;
using Catch::Matchers::Contains;
using Names = std::vector<std::string_view>;

namespace {

constexpr std::string_view kCentral = "PK\x01\x02";

std::unique_ptr<Archive> open_ok(const std::string& path, const Limits& limits = {}) {
  auto opened = Archive::open(path, limits);
  if (!opened) FAIL(opened.error().to_string());
  return std::move(opened).value();
}

teamferry::Error open_error(const std::string& path) {
  auto opened = Archive::open(path);
  REQUIRE_FALSE(opened);
  return opened.error();
}

teamferry::Error read_error(Archive& archive, std::string_view name) {
  Bytes bytes;
  const auto read = archive.read(name, bytes);
  REQUIRE_FALSE(read);
  return read.error();
}

}  // namespace

TEST_CASE("A glob keeps within folders unless it has two stars", "[archive]") {
  CHECK(glob_matches("*/*.json", "general/2020-01-01.json"));
  CHECK_FALSE(glob_matches("*.json", "general/2020-01-01.json"));
  CHECK(glob_matches("**.json", "a/b/c.json"));
  CHECK(glob_matches("**/users.json", "users.json"));
  CHECK(glob_matches("**/users.json", "a/b/users.json"));
  CHECK_FALSE(glob_matches("**/users.json", "a/old-users.json"));
  CHECK(glob_matches("a/**/z", "a/z"));
  CHECK(glob_matches("a/**/z", "a/b/c/z"));
  CHECK(glob_matches("*a*b", "xaxbxab"));
  CHECK_FALSE(glob_matches("*a*b", "xaxbxa/b"));
  CHECK(
      glob_matches("20?"
                   "?-*",
                   "2020-01"));
  CHECK(glob_matches("caf?", "café"));
  CHECK_FALSE(glob_matches("a?b", "a/b"));
  CHECK(glob_matches("notes [part 2].json", "notes [part 2].json"));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK(glob_matches("**", ""));
}

TEST_CASE("A zip lists its names sorted by their bytes and reads each", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("acme.zip");
  ZipBuilder(path)
      .add("users.json", "[1]")
      .add("general/2020-01-02.json", "[2]")
      .add("general/2020-01-01.json", "[]")
      .add("a-b/x.json", "[4]", 0)
      .add("empty/", "")
      .add("a/deep/y.json", "[5]");
  auto archive = open_ok(path);
  CHECK(archive->list() ==
        Names{"a-b/x.json", "a/deep/y.json", "general/2020-01-01.json", "general/2020-01-02.json", "users.json"});
  CHECK(archive->list("general/*") == Names{"general/2020-01-01.json", "general/2020-01-02.json"});
  CHECK(archive->list("*/") == Names{"a-b/", "a/", "empty/", "general/"});
  CHECK(archive->list("**/") == Names{"a-b/", "a/", "a/deep/", "empty/", "general/"});
  CHECK(archive->read_text("users.json").value() == "[1]");
  CHECK(archive->read_text("a-b/x.json").value() == "[4]");
  CHECK(archive->has("general/"));
  CHECK(archive->has("empty/"));
  CHECK_FALSE(archive->has("gener/"));
  CHECK_FALSE(archive->has("general"));
  CHECK(archive->problems().empty());

  SECTION("a second handle reads the same entries") {
    const auto other = archive->share();
    CHECK(other->read_text("general/2020-01-02.json").value() == "[2]");
    CHECK(archive->read_text("general/2020-01-02.json").value() == "[2]");
  }
  SECTION("an entry that is not there is named together with the archive") {
    CHECK_THAT(read_error(*archive, "nobody.json").message, Contains("acme.zip has no file 'nobody.json'"));
  }
}

TEST_CASE("A folder reads like the zip of it", "[archive]") {
  Scratch scratch;
  scratch.write("export/users.json", "[1]");
  scratch.write("export/general/2020-01-01.json", "[2]");
  std::filesystem::create_directories(scratch.path("export/empty"));
  auto archive = open_ok(scratch.path("export"));
  CHECK(archive->list() == Names{"general/2020-01-01.json", "users.json"});
  CHECK(archive->list("*/") == Names{"empty/", "general/"});
  CHECK(archive->read_text("general/2020-01-01.json").value() == "[2]");
  CHECK(archive->share()->read_text("users.json").value() == "[1]");
}

TEST_CASE("Files and folders have a size in whole KiB", "[archive]") {
  Scratch scratch;
  scratch.write("export/general/1.json", std::string(2000, ' '));
  scratch.write("export/general/old/2.json", "[2]");
  scratch.write("export/general.json", std::string(5000, ' '));
  auto archive = open_ok(scratch.path("export"));
  CHECK(archive->size("general/1.json") == 2048);
  CHECK(archive->size("general/") == 3072);
  CHECK(archive->size("general") == 0);
  CHECK(archive->size("general.json") == 5120);
}

TEST_CASE("A single data file is an archive of one name", "[archive]") {
  Scratch scratch;
  auto archive = open_ok(scratch.write("chat.csv", "a,b\n"));
  CHECK(archive->list() == Names{"chat.csv"});
  CHECK(archive->read_text("chat.csv").value() == "a,b\n");
}

TEST_CASE("A single top folder is looked through and what a Mac leaves is not there", "[archive]") {
  Scratch scratch;
  const bool zipped = GENERATE(true, false);
  if (zipped) {
    ZipBuilder(scratch.path("a.zip"))
        .add("Acme export/", "")
        .add("Acme export/users.json", "[1]")
        .add("Acme export/general/2020-01-01.json", "[2]")
        .add("Acme export/.DS_Store", "x")
        .add("__MACOSX/Acme export/._users.json", "x");
  }
  if (!zipped) {
    scratch.write("a.zip/Acme export/users.json", "[1]");
    scratch.write("a.zip/Acme export/general/2020-01-01.json", "[2]");
    scratch.write("a.zip/.DS_Store", "x");
    scratch.write("a.zip/Acme export/general/._2020-01-01.json", "x");
  }
  auto archive = open_ok(scratch.path("a.zip"));
  CHECK(archive->list() == Names{"general/2020-01-01.json", "users.json"});
  CHECK(archive->read_text("users.json").value() == "[1]");
  CHECK(archive->problems().empty());
}

TEST_CASE("Names without the UTF-8 flag are UTF-8 when they can be, else code page 437", "[archive]") {
  Scratch scratch;
  ZipBuilder(scratch.path("a.zip")).add("ランダム/2020-01-01.json", "[1]").add("caf\x82/x.json", "[2]");
  auto archive = open_ok(scratch.path("a.zip"));
  CHECK(archive->read_text("ランダム/2020-01-01.json").value() == "[1]");
  CHECK(archive->read_text("café/x.json").value() == "[2]");
}

TEST_CASE("An entry that leaves the archive is refused by name and the others are read", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("a.zip");
  ZipBuilder(path)
      .add("users.json", "[1]")
      .add("../../etc/passwd", "x")
      .add("/etc/shadow", "x")
      .add("C:/boot.ini", "x")
      .add("general\\2020-01-01.json", "x")
      .add("nul_here.json", "x")
      .add("./general//2020-01-02.json", "[2]")
      .add_link("link.json", "/etc/passwd");
  auto bytes = slurp(path);
  bytes[place_of(bytes, "nul_here", 1) + 3] = '\0';
  bytes[place_of(bytes, "nul_here", 1) + 3] = '\0';
  auto archive = open_ok(scratch.write("a.zip", bytes));

  CHECK(archive->list() == Names{"general/2020-01-02.json", "users.json"});
  REQUIRE(archive->problems().size() == 6);
  std::string all;
  for (const auto& problem : archive->problems()) all += problem.message + '\n';
  CHECK_THAT(all, Contains("'../../etc/passwd' is not read: it climbs out of the archive"));
  CHECK_THAT(all, Contains("'/etc/shadow' is not read: it is an absolute path"));
  CHECK_THAT(all, Contains("'C:/boot.ini' is not read: it is an absolute path"));
  CHECK_THAT(all, Contains("'general\\2020-01-01.json' is not read: it holds a backslash"));
  CHECK_THAT(all, Contains("'nul\\x00here.json' is not read: it holds a NUL"));
  CHECK_THAT(all, Contains("'link.json' is not read: it is a symbolic link"));
  CHECK_THAT(read_error(*archive, "../../etc/passwd").message, Contains("climbs out"));
  Names lost;
  for (const auto& problem : archive->problems()) {
    if (problem.data) lost.push_back(problem.entry);
  }
  CHECK(lost == Names{"general\\2020-01-01.json", std::string_view("nul\0here.json", 13), "link.json"});
}

TEST_CASE("Backslashes part folders in a zip that has no slash, and lead nowhere else", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("a.zip");
  ZipBuilder(path)
      .add("acme\\users.json", "[1]")
      .add("acme\\general\\2020-01-01.json", "[2]")
      .add("acme\\general\\2020-01-02.json", "[3]");
  auto archive = open_ok(path);
  CHECK(archive->list() == Names{"general/2020-01-01.json", "general/2020-01-02.json", "users.json"});
  CHECK(archive->list("*/") == Names{"general/"});
  CHECK(archive->read_text("general/2020-01-02.json").value() == "[3]");
  CHECK(archive->problems().empty());

  const auto hostile = scratch.path("b.zip");
  ZipBuilder(hostile)
      .add("users.json", "[1]")
      .add("..\\..\\escape.json", "[2]")
      .add("\\root.json", "[3]")
      .add("C:\\boot.json", "[4]");
  archive = open_ok(hostile);
  CHECK(archive->list() == Names{"users.json"});
  REQUIRE(archive->problems().size() == 3);
  for (const auto& problem : archive->problems()) CHECK(problem.data);
  CHECK_THAT(archive->problems()[0].message, Contains("'../../escape.json' is not read: it climbs out"));
}

TEST_CASE("Backslashes part folders on disk when there is no folder, else such a name loses data", "[archive]") {
  Scratch scratch;
  scratch.write("a/users.json", "[1]");
  scratch.write("a/general\\2020-01-01.json", "[2]");
  scratch.write("a/..\\up.json", "[3]");
  scratch.write("a/general\\.\\dot.json", "[4]");
  auto archive = open_ok(scratch.path("a"));
  CHECK(archive->list() == Names{"general/2020-01-01.json", "users.json"});
  CHECK(archive->read_text("general/2020-01-01.json").value() == "[2]");
  CHECK(archive->problems().size() == 2);

  scratch.write("a/random/2020-01-01.json", "[5]");
  scratch.write("a/gen\\eral/2020-01-01.json", "[6]");
  archive = open_ok(scratch.path("a"));
  CHECK(archive->list() == Names{"random/2020-01-01.json", "users.json"});
  CHECK(archive->problems().size() == 4);
  for (const auto& problem : archive->problems()) CHECK(problem.data);
}

TEST_CASE("In a folder a link is followed to a file inside and refused elsewhere", "[archive]") {
  Scratch scratch;
  namespace fs = std::filesystem;
  scratch.write("secret.txt", "no");
  scratch.write("export/users.json", "[1]");
  scratch.write("export/general/x.json", "[2]");
  fs::create_symlink("users.json", scratch.path("export/people.json"));
  fs::create_symlink("../secret.txt", scratch.path("export/out.json"));
  fs::create_symlink("general", scratch.path("export/again"));
  fs::create_symlink("nowhere", scratch.path("export/dead.json"));
  auto archive = open_ok(scratch.path("export"));
  CHECK(archive->list() == Names{"general/x.json", "people.json", "users.json"});
  CHECK(archive->read_text("people.json").value() == "[1]");
  CHECK(archive->problems().size() == 3);
  CHECK_THAT(read_error(*archive, "out.json").message, Contains("'out.json' is not read: it is a link that leaves"));

  fs::remove(scratch.path("export/people.json"));
  fs::create_symlink("../secret.txt", scratch.path("export/people.json"));
  CHECK(read_error(*archive, "people.json").code == "link_refused");
}

TEST_CASE("One name twice in a zip is reported and the later one is read", "[archive]") {
  Scratch scratch;
  ZipBuilder(scratch.path("a.zip")).add("x.json", "[1]").add("y.json", "[]").add("x.json", "[2]").add("y.json", "[]");
  auto archive = open_ok(scratch.path("a.zip"));
  CHECK(archive->list() == Names{"x.json", "y.json"});
  CHECK(archive->read_text("x.json").value() == "[2]");
  REQUIRE(archive->problems().size() == 2);
  CHECK_THAT(archive->problems()[0].message, Contains("holds 'x.json' twice with different content"));
  CHECK_THAT(archive->problems()[1].message, Contains("holds 'y.json' twice, with equal content"));
}

TEST_CASE("A zip that is cut off, empty, or something else says so and what to do", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("acme.zip");
  ZipBuilder(path).add("users.json", std::string(5000, 'x'), 0).add("general/1.json", "[1]");
  const auto whole = slurp(path);

  SECTION("cut off") {
    for (const std::size_t size : {whole.size() - 20, whole.size() - 30, whole.size() / 2, std::size_t{40}}) {
      const auto error = open_error(scratch.write("acme.zip", whole.substr(0, size)));
      CHECK_THAT(error.message, Contains("acme.zip is cut off"));
      CHECK_THAT(error.message, Contains("unzip -t"));
    }
  }
  SECTION("bytes missing from the middle") {
    const auto error = open_error(scratch.write("acme.zip", whole.substr(0, 1000) + whole.substr(3000)));
    CHECK_THAT(error.message, Contains("acme.zip"));
  }
  SECTION("no entries") {
    ZipBuilder(scratch.path("none.zip")).close();
    CHECK(open_ok(scratch.path("none.zip"))->list().empty());
  }
  SECTION("a web page") {
    const auto error = open_error(scratch.write("acme.zip", "<!DOCTYPE html><title>Sign in</title>"));
    CHECK_THAT(error.message, Contains("is not a zip: it is a web page, probably a sign-in page"));
  }
  SECTION("nothing at all") {
    CHECK_THAT(open_error(scratch.write("acme.zip", "")).message, Contains("an empty file"));
    CHECK_THAT(open_error(scratch.path("absent.zip")).message, Contains("absent.zip: No such file"));
  }
  SECTION("a packing that is not read") {
    CHECK_THAT(open_error(scratch.write("acme.tar.bz2", "BZh91AY")).message, Contains("a bzip2 file, which is not"));
  }
}

TEST_CASE("A damaged entry is named and its neighbours are read", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("a.zip");
  ZipBuilder(path).add("a.json", "[\"aaaaaaaa\"]", 0).add("b.json", std::string(4000, 'b')).add("c.json", "[3]");
  auto bytes = slurp(path);
  bytes[place_of(bytes, "aaaaaaaa")] = 'x';
  bytes[place_of(bytes, "b.json") + 12] ^= 0x55;
  auto archive = open_ok(scratch.write("a.zip", bytes));
  CHECK_THAT(read_error(*archive, "a.json").message, Contains("the entry 'a.json' is damaged: its checksum is wrong"));
  CHECK_THAT(read_error(*archive, "b.json").message, Contains("the entry 'b.json' is damaged"));
  CHECK(archive->read_text("c.json").value() == "[3]");
}

TEST_CASE("An encrypted entry and an unknown packing are told apart from damage", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("a.zip");
  ZipBuilder(path).add("a.json", "[1]");
  auto bytes = slurp(path);
  const auto central = place_of(bytes, kCentral);
  SECTION("encrypted") {
    put16(bytes, central + 8, 1);
    auto archive = open_ok(scratch.write("a.zip", bytes));
    CHECK_THAT(read_error(*archive, "a.json").message, Contains("'a.json' is encrypted"));
  }
  SECTION("method 9, as Windows packs what is large") {
    put16(bytes, central + 10, 9);
    auto archive = open_ok(scratch.write("a.zip", bytes));
    CHECK_THAT(read_error(*archive, "a.json").message, Contains("packed by method 9"));
  }
}

TEST_CASE("A bomb is refused before it is inflated", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("a.zip");
  SECTION("by its ratio") {
    ZipBuilder(path).add_zeros("bomb.json", 12 << 20).add("ok.json", "[1]");
    auto archive = open_ok(path);
    CHECK(read_error(*archive, "bomb.json").code == "bomb");
    CHECK(archive->read_text("ok.json").value() == "[1]");
  }
  SECTION("when it claims almost 4 GiB") {
    ZipBuilder(path).add("bomb.json", std::string(1 << 20, '\0'));
    auto bytes = slurp(path);
    const auto central = place_of(bytes, kCentral);
    put32(bytes, central + 24, 0xFFFFFFF0u);
    auto archive = open_ok(scratch.write("a.zip", bytes));
    const auto error = read_error(*archive, "bomb.json");
    CHECK(error.code == "bomb");
    CHECK_THAT(error.message, Contains("a.zip: the entry 'bomb.json' claims to unpack"));
  }
  SECTION("when it claims to be larger packed than the whole archive") {
    ZipBuilder(path).add("bomb.json", std::string(1 << 20, '\0'));
    auto bytes = slurp(path);
    put32(bytes, place_of(bytes, kCentral) + 20, 0x7FFFFFF0u);
    auto archive = open_ok(scratch.write("a.zip", bytes));
    const auto error = read_error(*archive, "bomb.json");
    CHECK(error.code == "bomb");
    CHECK_THAT(error.message, Contains("claims to be 2147483632 bytes") && Contains("as in a zip bomb"));
  }
  SECTION("when it claims less than it holds") {
    ZipBuilder(path).add_zeros("bomb.json", 12 << 20);
    auto bytes = slurp(path);
    put32(bytes, place_of(bytes, kCentral) + 24, 100);
    auto archive = open_ok(scratch.write("a.zip", bytes));
    CHECK(read_error(*archive, "bomb.json").code == "damaged");
  }
}

TEST_CASE("Sizes above the caps are refused with both figures", "[archive]") {
  Scratch scratch;
  Limits limits;
  limits.read_bytes = 10;
  limits.entry_bytes = 20;
  const std::string eleven(11, 'x'), many(21, 'x');
  ZipBuilder(scratch.path("a.zip")).add("eleven", eleven, 0).add("many", many, 0);
  scratch.write("folder/eleven", eleven);
  scratch.write("folder/many", many);
  for (const auto* name : {"a.zip", "folder"}) {
    auto archive = open_ok(scratch.path(name), limits);
    Bytes bytes;
    CHECK(archive->read("eleven", bytes));
    CHECK(bytes.view() == eleven);
    CHECK_THAT(archive->read_text("eleven").error().message, Contains("11 bytes, the limit is 10"));
    CHECK_THAT(read_error(*archive, "many").message, Contains("21 bytes, the limit is 20"));
  }
}

TEST_CASE("A fingerprint changes with the content and not with the order of packing", "[archive]") {
  Scratch scratch;
  ZipBuilder(scratch.path("a.zip")).add("x", "1").add("y", "2");
  ZipBuilder(scratch.path("b.zip")).add("y", "2").add("x", "1");
  ZipBuilder(scratch.path("c.zip")).add("x", "2").add("y", "2");
  const auto print = [&](const char* name) { return open_ok(scratch.path(name))->fingerprint(); };
  CHECK(print("a.zip") == print("b.zip"));
  CHECK(print("a.zip") != print("c.zip"));
  scratch.write("folder/x", "1");
  const auto before = print("folder");
  CHECK(print("folder") == before);
  scratch.write("folder/x", "22");
  CHECK(print("folder") != before);
}

TEST_CASE("A zip of more entries than the old format can count is read whole", "[archive]") {
  Scratch scratch;
  const auto path = scratch.path("big.zip");
  constexpr int kEntries = 66'000;
  {
    ZipBuilder zip(path);
    for (int i = 0; i < kEntries; ++i) zip.add(fmt::format("c{}/{}.json", i % 400, i), "[]", 0);
  }
  auto archive = open_ok(path);
  CHECK(archive->list().size() == kEntries);
  CHECK(archive->list("c7/*").size() == kEntries / 400);
  CHECK(archive->list("*/").size() == 400);
  CHECK(archive->read_text("c399/65999.json").value() == "[]");
}

TEST_CASE("A real export whose names lack the UTF-8 flag is read", "[archive]") {
  const char* fixtures = std::getenv("TEAMFERRY_FIXTURES");
  if (fixtures == nullptr) {
    WARN("skipped: TEAMFERRY_FIXTURES names no folder of real exports");
    SUCCEED();
    return;
  }
  auto archive = open_ok(std::string(fixtures) + "/slack/zulip-fixtures/test_unicode_slack_importer.zip");
  CHECK(archive->has("users.json"));
  std::string all;
  for (const auto name : archive->list("*/")) all += name;
  CHECK_THAT(all, Contains("チャネル"));
  CHECK(archive->problems().empty());
}
