#include "native/emulator/blobs.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace teamferry::emulator {
namespace {

namespace fs = std::filesystem;

constexpr char kIdOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "blobs-XXXXXX").string();
    root = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(root); }
  std::string dir() const { return (root / "blobs").string(); }
  fs::path root;
};

std::unique_ptr<Blobs> open(const std::string& dir) {
  auto opened = Blobs::open(dir);
  REQUIRE(opened);
  return std::move(opened).value();
}

}  // namespace

TEST_CASE("Bytes come back by their SHA-256, in memory and on disk", "[blobs]") {
  Folder place;
  const bool on_disk = GENERATE(false, true);
  const auto blobs = open(on_disk ? place.dir() : "");
  const std::string zeros(3, '\0');
  CHECK(blobs->put("abc").value() == kIdOfAbc);
  CHECK(blobs->put("abc").value() == kIdOfAbc);
  CHECK(blobs->get(kIdOfAbc).value() == "abc");
  CHECK(blobs->get(blobs->put(zeros).value()).value() == zeros);
  CHECK(blobs->get(blobs->put("").value()).value().empty());
  const std::string large(3'000'000, 'x');
  CHECK(blobs->get(blobs->put(large).value()).value() == large);
}

TEST_CASE("An id that was never given out finds nothing, and leads nowhere", "[blobs]") {
  Folder place;
  const bool on_disk = GENERATE(false, true);
  const auto blobs = open(on_disk ? place.dir() : "");
  std::ofstream(place.root / "secret") << "key";
  for (const std::string& id :
       {std::string(), std::string("../secret"), std::string("/etc/hostname"), std::string("."), std::string(kIdOfAbc),
        std::string(64, 'g'), std::string(64, 'A'), std::string(1 << 20, 'a')}) {
    const auto read = blobs->get(id);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "no_blob");
  }
}

TEST_CASE("Blobs on disk are their owner's alone, and no half is left", "[blobs]") {
  Folder place;
  const auto blobs = open(place.dir());
  blobs->put("abc").value();
  CHECK(fs::status(place.dir()).permissions() == fs::perms::owner_all);
  int files = 0;
  for (const auto& file : fs::directory_iterator(place.dir())) {
    ++files;
    CHECK(file.path().filename() == kIdOfAbc);
    CHECK(file.status().permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  }
  CHECK(files == 1);
}

TEST_CASE("What was acknowledged is there after a kill", "[blobs][durability]") {
  Folder place;
  int done[2];
  REQUIRE(pipe(done) == 0);
  const pid_t child = fork();
  if (child == 0) {
    auto blobs = Blobs::open(place.dir());
    if (!blobs || !blobs.value()->put("abc")) _exit(1);
    std::ofstream(fs::path(place.dir()) / "unfinished") << "half of the ne";
    if (write(done[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = 0;
  REQUIRE(read(done[0], &byte, 1) == 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(done[0]);
  close(done[1]);
  const auto blobs = open(place.dir());
  CHECK(blobs->get(kIdOfAbc).value() == "abc");
  CHECK_FALSE(fs::exists(fs::path(place.dir()) / "unfinished"));
}

TEST_CASE("A blob cut short by a power failure is mended by the next put", "[blobs]") {
  Folder place;
  const auto blobs = open(place.dir());
  std::ofstream(fs::path(place.dir()) / kIdOfAbc) << "a";
  CHECK(blobs->put("abc").value() == kIdOfAbc);
  CHECK(blobs->get(kIdOfAbc).value() == "abc");
}

TEST_CASE("A disk that takes no more is an error, not a crash", "[blobs]") {
  Folder place;
  const auto blobs = open(place.dir());
  fs::remove_all(place.dir());
  CHECK_FALSE(blobs->put("abc"));
  std::ofstream(place.root / "file") << "";
  CHECK_FALSE(Blobs::open((place.root / "file" / "blobs").string()));
}

}  // namespace teamferry::emulator
