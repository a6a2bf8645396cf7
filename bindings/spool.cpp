#include "bindings/spool.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

namespace teamferry::bindings {

using migrate::MappedMessage;

namespace {

// Numbers and texts one after the other, in the machine's own order: the file never outlives the process.
class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) { out_.clear(); }
  void number(std::int64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    out_.append(value);
  }

 private:
  std::string& out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}
  std::int64_t number() {
    std::int64_t value = 0;
    const auto bytes = take(sizeof value);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(static_cast<std::uint64_t>(number())); }
  // How many items follow; each takes a byte at least.
  std::size_t count() {
    const auto count = static_cast<std::uint64_t>(number());
    if (count > in_.size()) throw std::out_of_range("a count in a spooled message");
    return count;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > in_.size()) throw std::out_of_range("a spooled message ends early");
    const auto bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }

  std::string_view in_;
};

constexpr std::int64_t kNone = INT64_MIN;

std::int64_t packed(const std::optional<DateTime>& time) {
  return time ? time->ms : kNone;
}
std::optional<DateTime> unpacked(std::int64_t ms) {
  if (ms == kNone) return std::nullopt;
  return DateTime{ms};
}

void pack(Packer& packer, const MappedMessage& message) {
  packer.number(static_cast<std::int64_t>(message.outcome));
  packer.number(message.added);
  packer.number(packed(message.createdDateTime));
  for (const auto text : {message.reason, message.record, message.key, message.from, message.reply_to, message.content,
                          message.subject, message.importance}) {
    packer.text(text);
  }
  packer.number(message.introduces.has_value());
  if (const auto& person = message.introduces) {
    for (const std::string* text : {&person->id, &person->name, &person->mail, &person->kind, &person->target}) {
      packer.text(*text);
    }
  }
  packer.number(message.losses ? static_cast<std::int64_t>(message.losses->size()) : 0);
  if (message.losses) {
    for (const auto& loss : *message.losses) {
      packer.text(loss.kind);
      packer.text(loss.detail);
    }
  }
}

void unpack(Unpacker& unpacker, MappedMessage& message, std::vector<migrate::Loss>& losses) {
  message.outcome = static_cast<MappedMessage::Outcome>(unpacker.number());
  message.added = unpacker.number() != 0;
  message.createdDateTime = unpacked(unpacker.number());
  for (std::string_view* text : {&message.reason, &message.record, &message.key, &message.from, &message.reply_to,
                                 &message.content, &message.subject, &message.importance}) {
    *text = unpacker.text();
  }
  if (unpacker.number() != 0) {
    auto& person = message.introduces.emplace();
    for (std::string* text : {&person.id, &person.name, &person.mail, &person.kind, &person.target}) {
      *text = unpacker.text();
    }
  }
  losses.resize(unpacker.count());
  for (auto& loss : losses) {
    loss.kind = unpacker.text();
    loss.detail = unpacker.text();
  }
  message.losses = &losses;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::create(std::string folder) {
  std::error_code no_folder;
  if (folder.empty()) folder = std::filesystem::temp_directory_path(no_folder).string();
  std::string name = (std::filesystem::path(folder) / "teamferry-XXXXXX").string();
  const int descriptor = no_folder ? -1 : mkstemp(name.data());
  std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "w+b");
  if (!file) {
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    return Error::state(
        "no_space", fmt::format("cannot make a temporary file in {} to sort the messages in: {}; set TMPDIR to a "
                                "folder that can be written",
                                no_folder ? "TMPDIR" : folder, no_folder ? no_folder.message() : std::strerror(error)));
  }
  unlink(name.c_str());
  return std::unique_ptr<Spool>(new Spool(file, std::move(folder)));
}

void Spool::failed(int error) {
  if (failure_) return;
  failure_ = Error::state("no_space", fmt::format("the temporary file in {} that the messages are sorted in cannot be "
                                                  "written: {}; make room there, or set TMPDIR to another folder",
                                                  folder_, std::strerror(error)));
}

void Spool::add(std::string_view conversation, const MappedMessage& message) {
  if (failure_) return;
  Packer packer(buffer_);
  pack(packer, message);
  const auto size = static_cast<std::uint64_t>(buffer_.size());
  if (std::fwrite(&size, sizeof size, 1, file_.get()) != 1 ||
      std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    return failed(errno);
  }
  auto found = offsets_.find(conversation);
  if (found == offsets_.end()) found = offsets_.emplace(std::string(conversation), std::vector<std::uint64_t>()).first;
  found->second.push_back(end_);
  end_ += sizeof size + size;
}

Status Spool::written() {
  if (!failure_ && std::fflush(file_.get()) != 0) failed(errno);
  if (failure_) return *failure_;
  return done();
}

Status Spool::each(const std::string& conversation, const migrate::MessageSink& sink) {
  if (auto flushed = written(); !flushed) return flushed;
  const auto found = offsets_.find(conversation);
  if (found == offsets_.end()) return done();
  const auto damaged = [this] {
    return Error::state("no_space", fmt::format("the temporary file in {} that the messages are sorted in cannot be "
                                                "read back; plan again, or set TMPDIR to another folder",
                                                folder_));
  };
  std::vector<migrate::Loss> losses;
  for (const std::uint64_t offset : found->second) {
    std::uint64_t size = 0;
    const bool there = fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) == 0 &&
                       std::fread(&size, sizeof size, 1, file_.get()) == 1 && size <= end_;
    if (there) buffer_.resize(size);
    if (!there || std::fread(buffer_.data(), 1, size, file_.get()) != size) return damaged();
    MappedMessage message;
    try {
      Unpacker unpacker(buffer_);
      unpack(unpacker, message, losses);
    } catch (const std::out_of_range&) {
      return damaged();
    }
    if (!sink(message)) break;
  }
  return done();
}

}  // namespace teamferry::bindings
