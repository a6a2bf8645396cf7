#include "native/journal/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

namespace teamferry::journal {
namespace {

Error cannot_open(const std::string& path) {
  return Error::state("journal_io", fmt::format("{}: cannot be opened for writing ({}); check the folder and its "
                                                "permissions",
                                                path, std::strerror(errno)));
}

// Another one each time that the machine starts; empty where the system does not tell.
std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string boot_in(std::string_view holder) {
  constexpr std::string_view kBoot = "\nboot ";
  const auto at = holder.find(kBoot);
  if (at == holder.npos) return "";
  holder.remove_prefix(at + kBoot.size());
  return std::string(holder.substr(0, holder.find('\n')));
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& journal_path) {
  const std::string path = journal_path + ".lock";
  FileLock lock;
  lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.fd_ < 0) return cannot_open(path);
  lock.path_ = path;
  char holder[128] = {};
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_open(path);
    const auto length = ::pread(lock.fd_, holder, sizeof holder - 1, 0);
    std::string who = "another process";
    if (length > 0) who += fmt::format(" ({})", std::string(holder, std::strcspn(holder, "\n")));
    return Error::state("journal_locked",
                        fmt::format("{}: {} is working on this journal; wait for it or stop it. `status` can be asked "
                                    "meanwhile",
                                    journal_path, who));
  }
  if (::pread(lock.fd_, holder, sizeof holder - 1, 0) < 0) return cannot_open(path);
  const std::string before = boot_in(holder), now = boot_id();
  lock.from_another_boot_ = !before.empty() && !now.empty() && before != now;
  if (lock.from_another_boot_) return lock;
  if (auto signed_now = lock.sign(); !signed_now) return signed_now.error();
  return lock;
}

Status FileLock::sign() {
  const std::string holder = fmt::format("pid {}\nboot {}\n", ::getpid(), boot_id());
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, holder.data(), holder.size(), 0) < 0) return cannot_open(path_);
  return done();
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), from_another_boot_(other.from_another_boot_), path_(std::move(other.path_)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(from_another_boot_, other.from_another_boot_);
  std::swap(path_, other.path_);
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
