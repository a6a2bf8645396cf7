#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "native/migrate/people.h"

namespace teamferry::migrate {

// Who wrote the messages of one conversation: those that the export lists, and strangers.
//
// A stranger is whom this conversation introduces, whatever another one says of the same id. So a conversation is
// planned alike whichever were planned before it, or beside it on other threads.
// Tested by tests/native/migrate/authors_test.cpp.
class Authors : public KnownPeople {
 public:
  // Decides for a stranger: People::stranger, on the thread that `listed` belongs to.
  using Decide = std::function<Result<Author>(MappedPerson)>;

  // Both must outlive it, and nobody may be added to `listed` meanwhile.
  Authors(const People& listed, const Decide& decide) : listed_(listed), decide_(decide) {}

  struct Entry {
    const Author* author = nullptr;
    std::int64_t messages = 0;  // of this conversation
  };

  // The author with this id. Who is no stranger is found without a look at `introduces`. The reference holds as
  // long as this object.
  Result<Entry*> author(std::string_view id, const MappedPerson* introduces);

  const Author* find(std::string_view id) const override;

  // In the order of their first message.
  const std::deque<Entry>& all() const { return entries_; }

 private:
  const People& listed_;
  const Decide& decide_;
  std::deque<Entry> entries_;
  std::deque<Author> strangers_;
  std::unordered_map<std::string_view, Entry*> by_id_;
};

}  // namespace teamferry::migrate
