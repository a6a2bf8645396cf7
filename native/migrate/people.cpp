#include "native/migrate/people.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/migrate/body.h"

namespace teamferry::migrate {
namespace {

using Decision = Author::Decision;

constexpr std::size_t kAtOnce = 1000;
constexpr std::size_t kShown = 20;

bool looks_like_mail(std::string_view text) {
  const auto at = text.find('@');
  return at != text.npos && at > 0 && text.find('.', at) != text.npos && text.find_first_of(" /<>", 0) == text.npos;
}

const char* text_of(Decision decision) {
  switch (decision) {
    case Decision::map:
      return "map";
    case Decision::fallback:
      return "fallback";
    case Decision::skip:
      return "skip";
  }
  return "";
}

Error another_number() {
  return Error::transport("directory", "the directory gave another number of answers than it was asked for");
}

}  // namespace

MappedPerson stranger_of(std::string_view id, const MappedPerson* introduces) {
  MappedPerson person;
  if (introduces) {
    person = *introduces;
  } else if (looks_like_mail(id)) {
    person.mail = id;
  }
  person.id = id;
  return person;
}

Status People::begin() {
  for (const auto& row : options_.rows) {
    if (!row.decision.empty() && row.decision != "map" && row.decision != "fallback" && row.decision != "skip") {
      return Error::argument("people_csv", fmt::format("people.csv, person {}: '{}' is no decision; use map, fallback "
                                                       "or skip",
                                                       row.person, row.decision));
    }
    rows_.emplace(row.person, &row);
  }
  if (!options_.fallback.empty()) {
    auto found = find_account(options_.fallback, "Migrated messages", "fallback");
    if (!found) return found.error();
    fallback_ = std::move(*found);
  }
  for (const auto& owner : options_.owners) {
    auto found = find_account(owner, owner, "owner");
    if (!found) return found.error();
    owners_.push_back(std::move(*found));
  }
  if (owners_.empty() && fallback_) owners_.push_back(*fallback_);
  return done();
}

// An account that is named by itself, and not by a person of the source.
Result<DirectoryUser> People::find_account(const std::string& who, const std::string& name, const char* role) {
  auto found = directory_.find({who});
  if (!found) return found.error();
  if (!found->empty() && found->front()) return std::move(*found->front());
  if (options_.provision) {
    MappedPerson person;
    person.id = person.mail = who;
    person.name = name;
    return options_.provision(person);
  }
  return Error::argument(std::string(role) + "_unknown",
                         fmt::format("the {} {} is not in the tenant; name another, or create it first", role, who));
}

Author People::decide(MappedPerson person, const PersonRow* row) const {
  Author author;
  author.person = std::move(person);
  const std::string& own = author.person.target.empty() ? author.person.mail : author.person.target;
  if (row && !row->decision.empty()) {
    if (row->decision == "skip") {
      author.decision = Decision::skip;
      author.decided_by = row->target.empty() ? "people.csv" : row->target;
    } else if (row->decision == "map") {
      author.decision = Decision::map;
      author.by_row = true;
      author.decided_by = row->target.empty() ? own : row->target;
    }
  } else if (!author.person.skip_reason.empty()) {
    author.decision = Decision::skip;
    author.decided_by = author.person.skip_reason;
  } else if (!own.empty()) {
    author.decision = Decision::map;
    author.decided_by = own;
  }
  return author;
}

void People::settle(Author& author, const std::optional<DirectoryUser>& user) {
  if (author.decision == Decision::map && user) {
    author.user = *user;
    if (author.user.displayName.empty()) author.user.displayName = author.shown();
  } else if (author.decision != Decision::skip) {
    // A row of people.csv is named with its line by whoever has read that file.
    if (author.decision == Decision::map && !author.by_row && !author.person.target.empty()) {
      author.warning = fmt::format(
          "{}: the script says {}, whom the tenant does not know; their messages go out under the fallback "
          "user",
          author.shown(), author.decided_by);
    }
    author.decision = Decision::fallback;
    author.decided_by.clear();
    if (fallback_) author.user = *fallback_;
  }
  if (!author.user.id.empty()) author.from = from_json(author.user.id, author.user.displayName);
}

// What the directory said, or the user that a rehearsal makes.
Result<std::optional<DirectoryUser>> People::provided(const Author& author, std::optional<DirectoryUser> user) {
  const bool makes = options_.provision && !author.person.mail.empty() && author.decided_by == author.person.mail;
  if (user || !makes) return user;
  auto made = options_.provision(author.person);
  if (!made) return made.error();
  return std::optional(std::move(*made));
}

Status People::look_up(std::size_t first, const Progress& progress) {
  std::vector<std::string> questions;
  std::vector<Author*> asked;
  const auto ask = [&]() -> Status {
    if (questions.empty()) return done();
    auto answers = directory_.find(questions);
    if (!answers) return answers.error();
    if (answers->size() != questions.size()) return another_number();
    for (std::size_t i = 0; i < asked.size(); ++i) {
      auto user = provided(*asked[i], std::move((*answers)[i]));
      if (!user) return user.error();
      settle(*asked[i], *user);
    }
    questions.clear();
    asked.clear();
    return done();
  };
  for (std::size_t i = first; i < authors_.size(); ++i) {
    Author& author = authors_[i];
    if (author.decision != Decision::map || author.decided_by.empty()) {
      settle(author, std::nullopt);
      continue;
    }
    questions.push_back(author.decided_by);
    asked.push_back(&author);
    if (questions.size() < kAtOnce) continue;
    if (auto status = ask(); !status) return status;
    if (progress) progress(i + 1 - first, authors_.size() - first);
  }
  return ask();
}

Status People::add(std::vector<MappedPerson> people, const Progress& progress) {
  const std::size_t first = authors_.size();
  for (auto& person : people) {
    if (by_id_.contains(person.id)) continue;
    const auto row = rows_.find(person.id);
    keep(decide(std::move(person), row == rows_.end() ? nullptr : row->second));
  }
  return look_up(first, progress);
}

Status People::add_decided() {
  std::vector<MappedPerson> people;
  for (const auto& row : options_.rows) {
    if (row.decision != "map" || row.person.empty() || by_id_.contains(row.person)) continue;
    MappedPerson person;
    person.id = row.person;
    person.name = row.name;
    people.push_back(std::move(person));
  }
  const std::size_t first = authors_.size();
  auto added = add(std::move(people));
  for (std::size_t i = first; i < authors_.size(); ++i) {
    authors_[i].listed = false;
    asked_for_[authors_[i].person.id] = false;
  }
  return added;
}

Result<Author*> People::author(std::string_view id, const MappedPerson* introduces) {
  const std::string_view key = id.empty() && introduces ? std::string_view(introduces->id) : id;
  if (const auto found = by_id_.find(key); found != by_id_.end()) return found->second;
  auto author = stranger(stranger_of(key, introduces));
  if (!author) return author.error();
  return &keep(std::move(*author));
}

Result<Author> People::stranger(MappedPerson person) {
  const auto row = rows_.find(person.id);
  Author author = decide(std::move(person), row == rows_.end() ? nullptr : row->second);
  if (author.decision != Decision::map || author.decided_by.empty()) {
    settle(author, std::nullopt);
    return author;
  }
  auto known = strangers_.find(author.decided_by);
  if (known == strangers_.end()) {
    auto answers = directory_.find({author.decided_by});
    if (!answers) return answers.error();
    if (answers->size() != 1) return another_number();
    auto user = provided(author, std::move(answers->front()));
    if (!user) return user.error();
    known = strangers_.emplace(author.decided_by, std::move(*user)).first;
  }
  settle(author, known->second);
  return author;
}

Author& People::keep(Author author) {
  authors_.push_back(std::move(author));
  by_id_.emplace(authors_.back().person.id, &authors_.back());
  return authors_.back();
}

void People::count(const Author& author, std::int64_t messages) {
  const auto found = by_id_.find(author.person.id);
  (found == by_id_.end() ? keep(author) : *found->second).messages += messages;
}

std::vector<std::string> People::warnings() const {
  std::vector<std::string> warnings;
  for (const auto& author : authors_) {
    if (!author.warning.empty()) warnings.push_back(author.warning);
  }
  return warnings;
}

const Author* People::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  if (!found->second->listed) asked_for_.find(id)->second = true;
  return found->second;
}

std::optional<Error> People::missing() const {
  std::vector<const Author*> missing;
  for (const auto& author : authors_) {
    if (author.messages > 0 && author.decision == Decision::fallback && author.user.id.empty()) {
      missing.push_back(&author);
    }
  }
  if (missing.empty()) return std::nullopt;
  std::stable_sort(missing.begin(), missing.end(), [](auto* a, auto* b) { return a->messages > b->messages; });
  std::string list;
  for (std::size_t i = 0; i < missing.size() && i < kShown; ++i) {
    const Author& author = *missing[i];
    list += fmt::format("\n  {} ({}{}{}), {} message{}", author.shown(), author.person.id,
                        author.person.mail.empty() ? "" : ", ", author.person.mail, author.messages,
                        author.messages == 1 ? "" : "s");
  }
  if (missing.size() > kShown) list += fmt::format("\n  and {} more", missing.size() - kShown);
  return Error::argument(
      "people_missing",
      fmt::format("{} {} nobody in the tenant, and there is no fallback user:{}\nGive --fallback MAIL, a user of "
                  "the tenant whose messages then begin with the author's name, or decide in people.csv",
                  missing.size(), missing.size() == 1 ? "author is" : "authors are", list));
}

bool People::is_in_export(const Author& author) const {
  return author.listed || author.messages > 0 || asked_for_.find(author.person.id)->second;
}

journal::Person to_journal(const Author& author) {
  journal::Person person;
  person.id = author.person.id;
  person.name = author.person.name;
  person.mail = author.person.mail;
  person.kind = author.person.kind;
  person.decision = text_of(author.decision);
  person.target = author.decided_by;
  person.graph_id = author.user.id;
  person.graph_name = author.user.displayName;
  person.messages = author.messages;
  return person;
}

}  // namespace teamferry::migrate
