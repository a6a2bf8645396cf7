#include "native/migrate/authors.h"

namespace teamferry::migrate {

Result<Authors::Entry*> Authors::author(std::string_view id, const MappedPerson* introduces) {
  const std::string_view key = id.empty() && introduces ? std::string_view(introduces->id) : id;
  if (const auto found = by_id_.find(key); found != by_id_.end()) return found->second;
  const Author* author = listed_.find(key);
  if (!author) {
    auto decided = decide_(stranger_of(key, introduces));
    if (!decided) return decided.error();
    author = &strangers_.emplace_back(std::move(*decided));
  }
  Entry& entry = entries_.emplace_back(Entry{author, 0});
  by_id_.emplace(author->person.id, &entry);
  return &entry;
}

const Author* Authors::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? listed_.find(id) : found->second->author;
}

}  // namespace teamferry::migrate
