#include "native/journal/disk.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "native/journal/lock.h"
#include "sample.h"

using namespace teamferry;
using namespace teamferry::journal;
using Catch::Matchers::Contains;

namespace {

std::string this_boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

TEST_CASE("A journal on a file system of other machines is refused, with the way out", "[journal]") {
  for (const std::uint32_t type : {0x6969u, 0xFF534D42u, 0xFE534D42u, 0x01021997u, 0x65735546u}) {
    CHECK(network_file_system(type));
    const Status refused = refuse_network("/mnt/acme.db", type, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_on_network");
    CHECK_THAT(refused.error().message,
               Contains("/mnt/acme.db") && Contains("--journal") && Contains("TEAMFERRY_NETWORK_JOURNAL=allow"));
    CHECK(refuse_network("/mnt/acme.db", type, true));
  }
  for (const std::uint32_t type :
       {0xEF53u, 0x58465342u, 0x9123683Eu, 0x01021994u, 0x794C7630u}) {  // ext, XFS, Btrfs, …
    CHECK(refuse_network("/mnt/acme.db", type, false));
  }
}

TEST_CASE("A disk that is too small for a plan is named with both figures", "[journal]") {
  CHECK(check_room("acme.db", 1000, 1000));
  const Status refused = check_room("acme.db", 12'300'000, 4'500'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "journal_no_room");
  CHECK_THAT(refused.error().message, Contains("acme.db") && Contains("12.3 MB") && Contains("4.5 MB"));
  const TempFolder folder;
  CHECK(check_room(folder.file("acme.db"), 1));
  CHECK_FALSE(check_room(folder.file("acme.db"), UINT64_MAX));
}

TEST_CASE("A journal that the machine went down with is checked before anything is done with it", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db"), copy = folder.file("copy.db");
  write_plan(**Journal::open(path), 2000);
  {
    auto journal = std::move(Journal::open(path).value());
    REQUIRE(journal->set_meta("target", "global"));  // is in the log beside the file, as after a power failure
    for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(path + tail, copy + tail);
  }
  const auto left_by = [&copy](const std::string& boot) {
    std::ofstream(copy + ".lock") << "pid 1\nboot " << boot << "\n";
  };
  SECTION("and goes on if it is sound") {
    left_by("another");
    CHECK((*Journal::open(copy))->meta("target") == "global");
  }
  std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary).seekp(8192 * 12) << std::string(8192, 'x');
  SECTION("and is refused if it is not") {
    left_by("another");
    const auto opened = Journal::open(copy);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
    CHECK_THAT(opened.error().message, Contains(copy) && Contains("put back a copy"));
    CHECK_FALSE(Journal::open(copy));  // the next attempt finds the same
  }
  SECTION("which takes as long as the file is large: a mere death of the process cannot harm it") {
    left_by(this_boot());
    CHECK(Journal::open(copy));
  }
}
