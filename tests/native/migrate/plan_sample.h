#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "native/migrate/plan.h"

// A source that is a table, a tenant that is a list, and journals in memory.
namespace teamferry::migrate {

inline const DateTime kNoon{1549281600000};  // 2019-02-04T12:00:00.000Z
inline DateTime at(std::int64_t ms) {
  return DateTime{kNoon.ms + ms};
}

struct Said {
  std::string key;
  std::int64_t ms = 0;  // after noon
  std::string from = "U1";
  std::string content = "<p>hello</p>";
  std::string reply_to{};
  std::vector<Loss> losses{};
  MappedMessage::Outcome outcome = MappedMessage::Outcome::mapped;
  std::string reason{};
  bool added = false;
  bool timeless = false;
  std::optional<MappedPerson> introduces{};
};

inline Said reply(std::string key, std::int64_t ms, std::string to) {
  Said said{std::move(key), ms};
  said.reply_to = std::move(to);
  return said;
}
inline Said skipped(std::string key, std::string reason) {
  Said said{std::move(key)};
  said.outcome = MappedMessage::Outcome::skipped;
  said.reason = std::move(reason);
  return said;
}
inline Said parked(std::string key, std::string reason) {
  Said said{std::move(key)};
  said.outcome = MappedMessage::Outcome::parked;
  said.reason = std::move(reason);
  return said;
}

struct Room {
  MappedPlace place;
  std::vector<Said> messages;
};

class TableMapper : public Mapper {
 public:
  std::vector<MappedPerson> persons;
  std::vector<Room> rooms;
  std::vector<MappedPlace> again;  // handed over after the rooms

  Room& room(const std::string& id, const std::string& name = "") {
    Room room;
    room.place.source_id = id;
    room.place.displayName = name.empty() ? id : name;
    room.place.handle = rooms.size();
    rooms.push_back(std::move(room));
    return rooms.back();
  }
  void person(std::string id, std::string name, std::string mail = "") {
    MappedPerson p;
    p.id = std::move(id);
    p.name = std::move(name);
    p.mail = std::move(mail);
    persons.push_back(std::move(p));
  }

  Status people(const PersonSink& sink) override {
    for (const auto& p : persons) {
      if (!sink(p)) break;
    }
    return done();
  }
  Status conversations(const PlaceSink& sink) override {
    for (const auto& r : rooms) {
      if (!sink(r.place)) return done();
    }
    for (const auto& place : again) {
      if (!sink(place)) return done();
    }
    return done();
  }
  Status messages(const MappedPlace& place, bool map, const MessageSink& sink) override {
    const auto& room =
        *std::find_if(rooms.begin(), rooms.end(), [&](const Room& r) { return r.place.handle == place.handle; });
    int number = 0;
    for (const auto& said : room.messages) {
      const std::string record = room.place.displayName + ".json record " + std::to_string(++number);
      MappedMessage m;
      m.record = record;
      m.key = said.key;
      m.added = said.added;
      m.outcome = map ? said.outcome : MappedMessage::Outcome::skipped;
      if (map) {
        m.reason = said.reason;
        if (!said.timeless) m.createdDateTime = at(said.ms);
        m.from = said.from;
        m.introduces = said.introduces;
        m.reply_to = said.reply_to;
        m.content = said.content;
        m.losses = &said.losses;
      }
      if (!sink(m)) return done();
    }
    return done();
  }
  std::vector<std::string> warnings() override { return {}; }
};

class ListDirectory : public Directory {
 public:
  std::map<std::string, DirectoryUser> users;  // by mail, UPN or id
  std::vector<std::vector<std::string>> asked;

  void user(const std::string& mail, char digit, const std::string& name) {
    const std::string id = std::string(8, digit) + "-0000-4000-8000-" + std::string(12, digit);
    users[mail] = DirectoryUser{id, name, mail, mail};
  }
  Result<std::vector<std::optional<DirectoryUser>>> find(const std::vector<std::string>& who) override {
    asked.push_back(who);
    std::vector<std::optional<DirectoryUser>> answers;
    for (const auto& one : who) {
      const auto found = users.find(one);
      answers.push_back(found == users.end() ? std::nullopt : std::optional(found->second));
    }
    return answers;
  }
};

class FixedClock : public WallClock {
 public:
  DateTime now() const override { return at(1'000'000'000); }
};

// Ada (U1) and Bo (U2) are in the tenant, Cy (U3) is not; whoever is not goes out under the archive user.
struct Sample {
  TableMapper mapper;
  ListDirectory directory;
  FixedClock clock;
  PlanOptions options;
  std::unique_ptr<journal::Journal> journal = std::move(journal::Journal::open(":memory:").value());

  Sample() {
    journal->set_meta("project", "1a2b3c4d5e6f7a8b").value();
    mapper.person("U1", "Ada Park", "ada@acme.example");
    mapper.person("U2", "Bo Lind", "bo@acme.example");
    mapper.person("U3", "Cy Moss", "cy@gone.example");
    directory.user("ada@acme.example", 'a', "Ada Park");
    directory.user("bo@acme.example", 'b', "Bo Lind");
    directory.user("archive@acme.example", 'c', "Archive");
    options.team = "Acme";
    options.people.fallback = "archive@acme.example";
    options.clock = &clock;
    options.identity = {"tenant-1", "app-1", "emulator"};
    options.meta = {{"export", "acme.zip"}};
  }

  Result<PlanSummary> try_plan() { return plan(mapper, directory, *journal, options); }
  PlanSummary planned() { return try_plan().value(); }

  journal::Conversation conversation(const std::string& source_id) {
    for (auto& c : journal->conversations()) {
      if (c.source_id == source_id) return c;
    }
    throw std::logic_error("no conversation " + source_id);
  }
  // The first row with this key.
  journal::MessageRow row(const std::string& source_id, const std::string& key) {
    std::optional<journal::MessageRow> found;
    journal->each_message(conversation(source_id).id, [&](const journal::MessageRow& r) {
      if (r.key == key && (!found || r.id < found->id)) found = r;
      return true;
    });
    return found.value();
  }
  std::int64_t time(const std::string& source_id, const std::string& key) {
    return row(source_id, key).time.ms - kNoon.ms;
  }
  void commit(journal::Committer::Work work);
};

}  // namespace teamferry::migrate
