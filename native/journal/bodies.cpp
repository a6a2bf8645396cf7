#include "native/journal/bodies.h"

namespace teamferry::journal {
namespace {

constexpr int kNeighbours = 16;
constexpr std::size_t kBytesAtOnce = 64 * 1024;       // a body with images stands alone
constexpr std::size_t kMostAhead = 32 * 1024 * 1024;  // bytes, of all lanes

}  // namespace

Bodies::Bodies(Database& db)
    : db_(db), select_(db, "SELECT id, json FROM body WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3") {}

std::optional<std::string> Bodies::take(RowId id) {
  const auto known = ahead_.find(id);
  if (known == ahead_.end()) return read(id);
  std::string body = std::move(known->second);
  ahead_.erase(known);
  bytes_ahead_ -= body.size();
  return body;
}

void Bodies::forget() {
  ahead_.clear();
  bytes_ahead_ = 0;
}

std::optional<std::string> Bodies::read(RowId id) {
  const bool planning = db_.in_transaction();  // what is being written is not kept
  if (bytes_ahead_ > kMostAhead) forget();     // of messages that nobody sends any more
  const RowId last = planning ? id : row_id(conversation_of(id), UINT32_MAX);
  std::optional<std::string> wanted;
  std::size_t bytes = 0;
  select_.bind(id, last, kNeighbours);
  while (bytes < kBytesAtOnce && select_.step()) {
    const RowId found = select_.integer(0);
    bytes += select_.text(1).size();
    if (found == id) {
      wanted = select_.string(1);
    } else if (!wanted) {
      break;
    } else {
      if (ahead_.emplace(found, select_.string(1)).second) bytes_ahead_ += select_.text(1).size();
    }
  }
  select_.reset();
  return wanted;
}

}  // namespace teamferry::journal
