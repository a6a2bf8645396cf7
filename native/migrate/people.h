#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "native/journal/journal.h"
#include "native/migrate/directory.h"
#include "native/migrate/mapper.h"

namespace teamferry::migrate {

// A row of people.csv: what the user decided. An empty decision leaves it to the script and the directory.
struct PersonRow {
  std::string person;     // the source's id
  std::string decision;   // map, fallback, skip
  std::string target;     // of map: mail, UPN or id; of skip: the reason
  std::string name = {};  // shown, for somebody whom nothing else names
};

// Somebody in the source, and whose name their messages go out under.
struct Author {
  enum class Decision { map, fallback, skip };
  MappedPerson person;
  Decision decision = Decision::fallback;
  std::string decided_by;  // the mail, UPN or id; of skip: the reason
  bool by_row = false;     // people.csv has decided so
  bool listed = true;      // false: only people.csv names them, as far as is known
  DirectoryUser user;      // map and fallback: where the messages go
  std::string from;        // the JSON of `from`
  std::int64_t messages = 0;
  std::string warning;  // a decision that found nobody

  const std::string& shown() const { return person.name.empty() ? person.id : person.name; }
  bool mapped() const { return decision == Decision::map; }
};

// Somebody whom nobody listed: as a message introduces them, or by an id that looks like a mail address.
MappedPerson stranger_of(std::string_view id, const MappedPerson* introduces);

struct PeopleOptions {
  std::vector<PersonRow> rows;
  std::string fallback;  // mail, UPN or id of the user for authors whom nobody in the tenant is; empty: none
  // Mail, UPN or id of those who own the new teams and their private channels; none: the fallback does.
  std::vector<std::string> owners = {};
  // Makes a user in the tenant for somebody with a mail address that the directory does not know, and for the
  // fallback and owners. Only a rehearsal has one.
  std::function<Result<DirectoryUser>(const MappedPerson&)> provision;
};

// Who is known by an id of the source.
class KnownPeople {
 public:
  virtual ~KnownPeople() = default;
  // Null for a stranger.
  virtual const Author* find(std::string_view id) const = 0;
};

// Decides for each person of the source who they are in the tenant: people.csv first, then the script, then the
// mail address. Whom nobody is goes out under the fallback user.
//
// Belongs to one thread, but for find() while nobody is added.
// Tested by tests/native/migrate/people_test.cpp.
class People : public KnownPeople {
 public:
  People(Directory& directory, const PeopleOptions& options) : directory_(directory), options_(options) {}

  // Looks the fallback and the owners up. Fails, naming whom the tenant does not know.
  Status begin();

  // How many of the people of one add() are looked up by now.
  using Progress = std::function<void(std::size_t done, std::size_t all)>;

  // Decides for all of the listed people at once. Of equal ids the first counts.
  Status add(std::vector<MappedPerson> people, const Progress& progress = {});

  // Once all listed people are added: those whom nobody lists and a row maps, so that mentions of them, too, are
  // mentions.
  Status add_decided();

  // The author with this id. One that nobody listed is decided on first sight: by `introduces`, or by the id
  // where it looks like a mail address. The reference holds as long as this object.
  Result<Author*> author(std::string_view id, const MappedPerson* introduces);

  // Notes that somebody was asked for.
  const Author* find(std::string_view id) const override;

  // Decides for somebody whom nobody listed, without adding them. The directory is asked once for each address.
  Result<Author> stranger(MappedPerson person);

  // Counts messages for somebody, and adds them if they are new.
  void count(const Author& author, std::int64_t messages);

  // Who is to own what is created: PeopleOptions::owners, or the fallback, or nobody.
  const std::vector<DirectoryUser>& owners() const { return owners_; }

  const std::deque<Author>& all() const { return authors_; }

  // Those who wrote messages, have no user of their own, and no fallback user either: an error that lists them and
  // what to do, else nothing.
  std::optional<Error> missing() const;

  // What a person should know: targets of scripts that found nobody.
  std::vector<std::string> warnings() const;

  // Whether anything of the export names them; false for whom a row of people.csv made up.
  bool is_in_export(const Author& author) const;

 private:
  Result<DirectoryUser> find_account(const std::string& who, const std::string& name, const char* role);
  Author decide(MappedPerson person, const PersonRow* row) const;
  Author& keep(Author author);
  void settle(Author& author, const std::optional<DirectoryUser>& user);
  Result<std::optional<DirectoryUser>> provided(const Author& author, std::optional<DirectoryUser> user);
  Status look_up(std::size_t first, const Progress& progress);

  Directory& directory_;
  const PeopleOptions& options_;
  std::optional<DirectoryUser> fallback_;
  std::vector<DirectoryUser> owners_;
  std::map<std::string, const PersonRow*, std::less<>> rows_;
  std::deque<Author> authors_;
  std::map<std::string, Author*, std::less<>> by_id_;
  // Of those whom only people.csv names: whether a mention or a room does too. Grows in add_decided() alone.
  mutable std::map<std::string, std::atomic<bool>, std::less<>> asked_for_;
  std::map<std::string, std::optional<DirectoryUser>> strangers_;  // what the directory said of them, by address
};

journal::Person to_journal(const Author& author);

}  // namespace teamferry::migrate
