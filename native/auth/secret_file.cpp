#include "native/auth/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace teamferry::auth {
namespace {

constexpr std::size_t kLargest = 1024 * 1024;

class File {
 public:
  explicit File(const std::string& path) : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (number_ >= 0) close(number_);
  }
  File(const File&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

Result<Secret> read_secret_file(const std::string& path, std::string_view what) {
  const auto failed = [&](std::string_view why) {
    return Error::argument("secret_file", fmt::format("{} cannot be read from '{}': {}", what, path, why));
  };
  const File file(path);
  if (file.number() < 0) return failed(std::strerror(errno));
  // Its own growth would leave copies behind, so the text gets all its room at once.
  std::string content(kLargest + 1, '\0');
  std::size_t length = 0;
  while (length < content.size()) {
    const ssize_t got = read(file.number(), content.data() + length, content.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(std::strerror(errno));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  Secret whole(std::move(content));
  if (length > kLargest) return failed("it is larger than a mebibyte");
  return Secret(whole.reveal().substr(0, length));
}

Secret trimmed(const Secret& secret) {
  constexpr const char* kBlanks = " \t\r\n";
  const std::string& text = secret.reveal();
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return Secret();
  return Secret(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace teamferry::auth
