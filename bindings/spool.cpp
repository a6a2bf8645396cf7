#include "bindings/spool.h"

#include <cstring>

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
    std::memcpy(&value, in_.data(), sizeof value);
    in_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view text() {
    const auto size = static_cast<std::size_t>(number());
    const auto value = in_.substr(0, size);
    in_.remove_prefix(size);
    return value;
  }

 private:
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
  packer.number(packed(message.lastEditedDateTime));
  for (const auto text : {message.reason, message.record, message.key, message.from, message.reply_to,
                          message.contentType, message.content, message.subject, message.importance}) {
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
  message.lastEditedDateTime = unpacked(unpacker.number());
  for (std::string_view* text : {&message.reason, &message.record, &message.key, &message.from, &message.reply_to,
                                 &message.contentType, &message.content, &message.subject, &message.importance}) {
    *text = unpacker.text();
  }
  if (unpacker.number() != 0) {
    auto& person = message.introduces.emplace();
    for (std::string* text : {&person.id, &person.name, &person.mail, &person.kind, &person.target}) {
      *text = unpacker.text();
    }
    person.listed = false;
  }
  losses.resize(static_cast<std::size_t>(unpacker.number()));
  for (auto& loss : losses) {
    loss.kind = unpacker.text();
    loss.detail = unpacker.text();
  }
  message.losses = &losses;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::create() {
  std::FILE* file = std::tmpfile();
  if (!file) {
    return Error::state("no_space", "cannot make a temporary file to sort the messages in; is TMPDIR writable?");
  }
  return std::unique_ptr<Spool>(new Spool(file));
}

void Spool::add(std::string_view conversation, const MappedMessage& message) {
  Packer packer(buffer_);
  pack(packer, message);
  const auto size = static_cast<std::uint64_t>(buffer_.size());
  auto found = offsets_.find(conversation);
  if (found == offsets_.end()) found = offsets_.emplace(std::string(conversation), std::vector<std::uint64_t>()).first;
  found->second.push_back(end_);
  std::fwrite(&size, sizeof size, 1, file_.get());  // a full disk shows when it is read back
  std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get());
  end_ += sizeof size + size;
}

Status Spool::each(const std::string& conversation, const migrate::MessageSink& sink) {
  const auto found = offsets_.find(conversation);
  if (found == offsets_.end()) return done();
  std::fflush(file_.get());
  std::vector<migrate::Loss> losses;
  for (const std::uint64_t offset : found->second) {
    std::uint64_t size = 0;
    const bool there = fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) == 0 &&
                       std::fread(&size, sizeof size, 1, file_.get()) == 1 && size <= end_;
    if (there) buffer_.resize(size);
    if (!there || std::fread(buffer_.data(), 1, size, file_.get()) != size) {
      return Error::state("no_space",
                          "the temporary file with the mapped messages cannot be read back; is the disk full?");
    }
    Unpacker unpacker(buffer_);
    MappedMessage message;
    unpack(unpacker, message, losses);
    if (!sink(message)) break;
  }
  return done();
}

}  // namespace teamferry::bindings
