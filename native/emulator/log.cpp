#include "native/emulator/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace teamferry::emulator {
namespace {
Error file_error(const std::string& path, const char* what) {
  return Error::state("emulator_state",
                      fmt::format("cannot {} the emulator's state {}: {}", what, path, std::strerror(errno)));
}
}  // namespace

Result<std::unique_ptr<Log>> Log::open(const std::string& path, const Replay& replay) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return file_error(path, "open");
  std::unique_ptr<Log> log(new Log(fd, path));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error(path, "lock");
    return Error::state("emulator_locked",
                        fmt::format("another emulator is running on {}: stop it, or choose another folder", path));
  }
  Status replayed = log->replay_all(replay);
  if (!replayed) return replayed.error();
  return log;
}

Log::~Log() {
  ::close(fd_);
}

Status Log::replay_all(const Replay& replay) {
  std::vector<char> block(1 << 20);
  std::string carried;  // the beginning of a line whose end is in the next block
  std::int64_t number = 0;
  for (;;) {
    const ssize_t got = ::read(fd_, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(path_, "read");
    if (got == 0) break;
    std::string_view rest(block.data(), static_cast<std::size_t>(got));
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (!carried.empty()) line = carried.append(line);
      ++number;
      Status read = replay(line);
      if (!read) {
        return Error::state("emulator_state", fmt::format("{} line {}: {}; choose another folder, or delete this one",
                                                          path_, number, read.error().message));
      }
      size_ += static_cast<std::int64_t>(line.size()) + 1;
      carried.clear();
    }
    carried.append(rest);
  }
  if (!carried.empty() && ::ftruncate(fd_, size_) != 0) return file_error(path_, "repair");
  return done();
}

Status Log::append(std::string_view line) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t put = ::write(fd_, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      Error error = file_error(path_, "write");
      // Half a line would swallow the next one.
      if (rest.size() != line.size() && ::ftruncate(fd_, size_) != 0) error = file_error(path_, "repair");
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  size_ += static_cast<std::int64_t>(line.size());
  return done();
}

}  // namespace teamferry::emulator
