#include "native/migrate/evidence.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "native/base/sha256.h"

namespace teamferry::migrate {

using nlohmann::ordered_json;

namespace {

std::string dumped(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// A file for its owner alone; one that is there is emptied.
std::FILE* open_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  if (::fchmod(fd, 0600) == 0) {
    if (std::FILE* file = ::fdopen(fd, "w")) return file;
  }
  const int why = errno;
  ::close(fd);
  errno = why;
  return nullptr;
}

bool make_durable(std::FILE* file) {
  return std::ferror(file) == 0 && std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
}

}  // namespace

Result<EvidenceWriter> EvidenceWriter::create(std::string path, const std::string& key) {
  std::optional<EvidenceKey> signs;
  if (!key.empty()) {
    auto read = EvidenceKey::private_key(key);
    if (!read) return read.error();
    signs = std::move(*read);
  }
  EvidenceWriter writer(std::move(path), std::move(signs), nullptr);
  writer.file_.reset(open_private(writer.part()));
  if (!writer.file_) return writer.io_error();
  return writer;
}

EvidenceWriter::~EvidenceWriter() {
  if (file_) ::unlink(part().c_str());
}

Error EvidenceWriter::io_error() const {
  return Error::state("evidence_io", fmt::format("{}: the evidence cannot be written ({}); make room or name another "
                                                 "place, and verify again",
                                                 path_, std::strerror(errno)));
}

void EvidenceWriter::add(std::string_view kind, const ordered_json& fields) {
  last_ = fmt::format(R"({{"line":{},"kind":"{}")", ++lines_, kind);
  if (!fields.empty()) {
    const std::string members = dumped(fields);
    last_ += ',';
    last_.append(members, 1, members.size() - 2);
  }
  chain_ = sha256_hex(chain_ + last_);
  last_ += fmt::format(",\"chain\":\"{}\"}}\n", chain_);
  std::fwrite(last_.data(), 1, last_.size(), file_.get());
}

// The old signature goes first: a death between leaves evidence that misses its signature and says so.
Result<Evidence> EvidenceWriter::finish(ordered_json fields) {
  fields["key"] = key_ ? ordered_json(key_->fingerprint()) : ordered_json(nullptr);
  add("end", fields);
  if (!make_durable(file_.get())) return io_error();
  const std::string sig = path_ + ".sig";
  if (::unlink(sig.c_str()) != 0 && errno != ENOENT) return io_error();
  if (::rename(part().c_str(), path_.c_str()) != 0) return io_error();
  file_.reset();
  if (key_) {
    const std::unique_ptr<std::FILE, Close> file(open_private(sig));
    if (!file) return io_error();
    const std::string signature = key_->sign(last_);
    std::fwrite(signature.data(), 1, signature.size(), file.get());
    if (!make_durable(file.get())) return io_error();
  }
  return Evidence{path_, chain_, key_ ? key_->fingerprint() : "", lines_};
}

}  // namespace teamferry::migrate
