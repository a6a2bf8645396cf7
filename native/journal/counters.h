#pragma once

#include <map>

#include "native/journal/sqlite.h"

namespace teamferry::journal {

// Changes of the counter table, gathered in memory and written by the transaction that makes them true.
class Counters {
 public:
  void add(ConversationId conversation, std::string_view kind, std::string_view name, std::int64_t n);
  // A row that comes (+1) into or goes (-1) from a state.
  void row(ConversationId conversation, State state, std::string_view reason, bool added, int sign);
  void merge(const Counters& other);
  void clear() { changes_.clear(); }
  void write(Statement& upsert);

  static constexpr const char* kUpsert =
      "INSERT INTO counter VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n";

 private:
  struct Key {
    ConversationId conversation;
    std::string kind, name;
  };
  struct View {
    ConversationId conversation;
    std::string_view kind, name;
  };
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      if (a.conversation != b.conversation) return a.conversation < b.conversation;
      if (const int order = std::string_view(a.kind).compare(b.kind); order != 0) return order < 0;
      return std::string_view(a.name) < std::string_view(b.name);
    }
  };
  std::map<Key, std::int64_t, Less> changes_;
};

// What a failed row is counted under: its reason up to the first ": ".
std::string_view group_of(std::string_view reason);

}  // namespace teamferry::journal
