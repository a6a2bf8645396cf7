#include "native/journal/disk.h"

#include <fmt/format.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace teamferry::journal {
namespace {

constexpr const char* kAllow = "TEAMFERRY_NETWORK_JOURNAL";

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string in_megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

std::optional<std::string> network_file_system(std::uint32_t type) {
  switch (type) {  // from linux/magic.h, and the sources of those that it does not list
    case 0x6969:
      return "NFS";
    case 0x517B:
    case 0xFE534D42:
    case 0xFF534D42:
      return "SMB";
    case 0x01021997:
      return "9P";
    case 0x65735546:
      return "FUSE";
    case 0x5346414F:
    case 0x6B414653:
      return "AFS";
    case 0x00C36400:
      return "Ceph";
    case 0x73757245:
      return "Coda";
    case 0x0BD00BD0:
      return "Lustre";
    case 0x47504653:
      return "GPFS";
    default:
      return std::nullopt;
  }
}

Status refuse_network(const std::string& path) {
  struct statfs about {};
  if (::statfs(folder_of(path).c_str(), &about) != 0) return done();  // opening it will say why
  const char* word = std::getenv(kAllow);
  return refuse_network(path, static_cast<std::uint32_t>(about.f_type), word && std::string_view(word) == "allow");
}

Status refuse_network(const std::string& path, std::uint32_t type, bool allowed) {
  const auto network = network_file_system(type);
  if (!network || allowed) return done();
  return Error::state(
      "journal_on_network",
      fmt::format("{}: lies on a network file system ({}), where a journal can be damaged without a word; "
                  "name one on a disk of this machine with --journal. If it is one, and no other machine "
                  "writes there, set {}=allow",
                  path, *network, kAllow));
}

Status check_room(const std::string& path, std::uint64_t needed_bytes) {
  struct statvfs about {};
  if (::statvfs(folder_of(path).c_str(), &about) != 0) return done();
  std::uint64_t bytes = std::uint64_t{about.f_bavail} * about.f_frsize;
  std::error_code none;
  if (const auto own = std::filesystem::file_size(path, none); !none) bytes += own;
  return check_room(path, needed_bytes, bytes);
}

Status check_room(const std::string& path, std::uint64_t needed_bytes, std::uint64_t free_bytes) {
  if (free_bytes >= needed_bytes) return done();
  return Error::state(
      "journal_no_room",
      fmt::format("{}: a plan of this export takes about {} there, and {} are free; make room, or name a "
                  "journal on another disk with --journal",
                  path, in_megabytes(needed_bytes), in_megabytes(free_bytes)));
}

}  // namespace teamferry::journal
