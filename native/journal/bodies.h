#pragma once

#include <string>
#include <unordered_map>

#include "native/journal/sqlite.h"

namespace teamferry::journal {

// The bodies of messages, one at a time, by whom they are sent. A thousand lanes each ask for the next of their own:
// what a read costs beside the bytes is paid for once in a while, since the neighbours of a body are read with it.
class Bodies {
 public:
  explicit Bodies(Database& db);

  // The body of `id`, or nothing if it has none.
  std::optional<std::string> take(RowId id);
  // Forgets what was read ahead: a plan is about to change it.
  void forget();

 private:
  std::optional<std::string> read(RowId id);

  Database& db_;
  Statement select_;
  std::unordered_map<RowId, std::string> ahead_;
  std::size_t bytes_ahead_ = 0;
};

}  // namespace teamferry::journal
