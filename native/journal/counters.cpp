#include "native/journal/counters.h"

namespace teamferry::journal {

void Counters::add(ConversationId conversation, std::string_view kind, std::string_view name, std::int64_t n) {
  const auto found = changes_.find(View{conversation, kind, name});
  if (found != changes_.end()) {
    found->second += n;
  } else {
    changes_.emplace(Key{conversation, std::string(kind), std::string(name)}, n);
  }
}

void Counters::row(ConversationId conversation, State state, std::string_view reason, bool added, int sign) {
  add(conversation, "state", name(state), sign);
  if (added) {
    add(conversation, "added", name(state), sign);
    return;
  }
  if (state == State::skipped) add(conversation, "skipped", reason, sign);
  if (state == State::failed || state == State::blocked || state == State::doubt) {
    add(conversation, "failed", group_of(reason), sign);
  }
}

void Counters::merge(const Counters& other) {
  for (const auto& [key, n] : other.changes_) add(key.conversation, key.kind, key.name, n);
}

void Counters::write(Statement& upsert) {
  for (const auto& [key, n] : changes_) {
    if (n != 0) upsert.run(key.conversation, key.kind, key.name, n);
  }
  changes_.clear();
}

std::string_view group_of(std::string_view reason) {
  constexpr std::size_t kLongest = 80;
  return reason.substr(0, std::min(reason.find(": "), kLongest));
}

}  // namespace teamferry::journal
