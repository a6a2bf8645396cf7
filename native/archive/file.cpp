#include "native/archive/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace teamferry::archive {

Result<std::shared_ptr<const File>> File::open(const std::string& path, bool follow) {
  // Without O_NONBLOCK a named pipe in an export would hold the program for ever.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
  if (descriptor < 0) {
    const int reason = errno;
    const char* code = reason == ENOENT ? "no_file" : "cannot_open";
    return Error::argument(code, fmt::format("{}: {}", path, std::strerror(reason)));
  }
  struct stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(descriptor);
    return Error::argument("cannot_open", fmt::format("{}: not a regular file", path));
  }
  return std::shared_ptr<const File>(new File(descriptor, static_cast<std::uint64_t>(info.st_size)));
}

Result<std::shared_ptr<const File>> File::spool(std::string_view bytes) {
  const auto folder = std::filesystem::temp_directory_path().string();
  const auto failed = [&] {
    return Error::argument("cannot_write", fmt::format("{}: an archive inside of an archive is unpacked here, and {}. "
                                                       "Make room, or name another folder in TMPDIR",
                                                       folder, std::strerror(errno)));
  };
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed();
  std::shared_ptr<const File> file(new File(descriptor, bytes.size()));
  while (!bytes.empty()) {
    const auto put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed();
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return file;
}

File::~File() {
  ::close(descriptor_);
}

std::int64_t File::read_at(std::uint64_t position, char* into, std::uint64_t count) const {
  std::uint64_t done = 0;
  while (done < count) {
    const auto got = ::pread(descriptor_, into + done, count - done, static_cast<off_t>(position + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::uint64_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

}  // namespace teamferry::archive
