#include "native/journal/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace teamferry::journal {
namespace {

Error cannot_open(const std::string& path) {
  return Error::state("journal_io", fmt::format("{}: cannot be opened for writing ({}); check the folder and its "
                                                "permissions",
                                                path, std::strerror(errno)));
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& journal_path) {
  const std::string path = journal_path + ".lock";
  FileLock lock;
  lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.fd_ < 0) return cannot_open(path);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_open(path);
    char holder[32] = {};
    const auto length = ::pread(lock.fd_, holder, sizeof holder - 1, 0);
    std::string who = "another process";
    if (length > 0) who += fmt::format(" ({})", std::string(holder, std::strcspn(holder, "\n")));
    return Error::state("journal_locked",
                        fmt::format("{}: {} is working on this journal; wait for it or stop it. `status` can be asked "
                                    "meanwhile",
                                    journal_path, who));
  }
  const std::string holder = fmt::format("pid {}\n", ::getpid());
  if (::ftruncate(lock.fd_, 0) != 0 || ::pwrite(lock.fd_, holder.data(), holder.size(), 0) < 0) {
    return cannot_open(path);
  }
  return lock;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Status make_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_open(path);
  struct stat about {};
  Status result = done();
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
    result = Error::state("journal_io", fmt::format("{}: is no plain file; name another journal", path));
  } else if ((about.st_mode & 0077) != 0 && ::fchmod(fd, 0600) != 0) {
    result = cannot_open(path);
  }
  ::close(fd);  // before SQLite opens it: closing drops the process's POSIX locks on the file
  return result;
}

}  // namespace teamferry::journal
