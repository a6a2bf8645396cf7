#include "native/emulator/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "native/base/sha256.h"

namespace teamferry::emulator {
namespace {

namespace fs = std::filesystem;

constexpr char kUnfinished[] = "unfinished";

bool is_id(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Error disk_error(const fs::path& path, const char* what, const std::string& why) {
  return Error::state("emulator_state", fmt::format("cannot {} {}: {}", what, path.string(), why));
}

Status write_file(const fs::path& path, std::string_view bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return disk_error(path, "create", std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int failure = errno;
      ::close(fd);
      ::unlink(path.c_str());
      return disk_error(path, "write", std::strerror(failure));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(fd) != 0) return disk_error(path, "write", std::strerror(errno));
  return done();
}

}  // namespace

Result<std::unique_ptr<Blobs>> Blobs::open(const std::string& dir) {
  std::error_code failure;
  if (!dir.empty()) {
    if (fs::create_directories(dir, failure)) fs::permissions(dir, fs::perms::owner_all, failure);
    if (failure) return disk_error(dir, "create", failure.message());
    fs::remove(fs::path(dir) / kUnfinished, failure);
  }
  return std::unique_ptr<Blobs>(new Blobs(dir));
}

Result<std::string> Blobs::put(std::string_view bytes) {
  std::string id = sha256_hex(bytes);
  if (dir_.empty()) {
    memory_.try_emplace(id, bytes);
    return id;
  }
  const fs::path path = fs::path(dir_) / id;
  std::error_code failure;
  // After a power failure a name may stand for fewer bytes than were written to it.
  if (fs::file_size(path, failure) == bytes.size() && !failure) return id;
  const fs::path unfinished = fs::path(dir_) / kUnfinished;
  Status written = write_file(unfinished, bytes);
  if (!written) return written.error();
  fs::rename(unfinished, path, failure);
  if (failure) return disk_error(path, "create", failure.message());
  return id;
}

Result<std::string> Blobs::get(const std::string& id) const {
  const auto held = memory_.find(id);
  if (held != memory_.end()) return held->second;
  if (!dir_.empty() && is_id(id)) {
    std::ifstream file(fs::path(dir_) / id, std::ios::binary | std::ios::ate);
    std::string bytes(file ? static_cast<std::size_t>(file.tellg()) : 0, '\0');
    file.seekg(0);
    if (file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return bytes;
  }
  return Error::state("no_blob", fmt::format("there are no bytes with the id '{}'", id));
}

}  // namespace teamferry::emulator
