#include "native/migrate/plan_workers.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Matchers::Contains;

namespace {

// A table that several may read.
class SharedTable : public TableMapper {
 public:
  std::function<Status(const MappedPlace&)> before;  // of each room, on the worker's thread
  bool proves_itself = true;
  std::atomic<int> opened = 0;

  Another another() override {
    return [this]() -> Result<std::unique_ptr<Mapper>> {
      ++opened;
      return std::unique_ptr<Mapper>(std::make_unique<Reader>(*this));
    };
  }

 private:
  class Reader : public Mapper {
   public:
    explicit Reader(SharedTable& table) : table_(table) {}
    Status people(const PersonSink& sink) override { return table_.people(sink); }
    Status conversations(const PlaceSink& sink) override { return table_.conversations(sink); }
    Status messages(const MappedPlace& place, bool map, const MessageSink& sink) override {
      if (table_.before) {
        if (auto status = table_.before(place); !status) return status;
      }
      auto read = table_.messages(place, map, sink);
      if (proven_) std::exchange(proven_, nullptr)();
      return read;
    }
    std::vector<std::string> warnings() override { return {}; }
    void on_proven(std::function<void()> proven) override {
      proven_ = std::move(proven);
      if (table_.proves_itself && proven_) std::exchange(proven_, nullptr)();
    }

   private:
    SharedTable& table_;
    std::function<void()> proven_;
  };
};

// Rooms in which the same stranger goes by different names, and mentions.
void fill(TableMapper& mapper) {
  for (int i = 0; i < 12; ++i) {
    auto& room = mapper.room("C" + std::to_string(10 + i));
    for (int k = 0; k < 3 + i; ++k) room.messages.push_back({std::to_string(k), k});
    Said hook{"hook", 100};
    hook.from = "B1";
    hook.introduces.emplace();
    hook.introduces->id = "B1";
    hook.introduces->name = "Hook of " + room.place.source_id;
    room.messages.push_back(hook);
    room.messages.push_back({"mention", 200, "U1", R"(<p><at person="B1"></at></p>)"});
    room.messages.push_back(skipped("s", "event"));
  }
}

std::string dump(journal::Journal& journal) {
  std::string text;
  for (const auto& person : journal.people())
    text += person.id + " " + person.name + " " + std::to_string(person.messages) + "\n";
  for (const auto& conversation : journal.conversations()) {
    text += conversation.body + "\n";
    journal.each_message(conversation.id, [&](const journal::MessageRow& row) {
      text += std::to_string(row.id) + " " + row.key + " " + row.time.to_string() + " " + row.body + "\n";
      return true;
    });
  }
  return text;
}

struct Planned {
  std::string text;
  std::optional<Error> error;
};

Planned plan_with(TableMapper& mapper, std::size_t workers) {
  Sample sample;
  sample.options.workers = workers;
  mapper.person("U1", "Ada Park", "ada@acme.example");
  auto planned = plan(mapper, sample.directory, *sample.journal, sample.options);
  if (!planned) return {"", planned.error()};
  return {dump(*sample.journal), {}};
}

}  // namespace

TEST_CASE("The largest conversations come first, others as they stand", "[workers]") {
  CHECK(longest_first({3, 9, 0, 9, 4}) == std::vector<std::size_t>{1, 3, 4, 0, 2});
}

TEST_CASE("A plan is the same with any number of workers, whoever introduces a stranger first", "[workers]") {
  TableMapper alone;
  fill(alone);
  const auto expected = plan_with(alone, 1);
  CHECK_THAT(expected.text, Contains("B1 Hook of C10 12") && Contains("@Hook of C21"));
  for (const std::size_t workers : {2, 5, 40}) {
    SharedTable table;
    fill(table);
    const auto planned = plan_with(table, workers);
    CHECK(planned.text == expected.text);
    CHECK(table.opened == static_cast<int>(std::min<std::size_t>(workers, 12)));
  }
}

TEST_CASE("Nobody else begins before the mapping is proven", "[workers]") {
  SharedTable table;
  fill(table);
  table.proves_itself = false;
  std::atomic<int> before_proof = 0;
  table.before = [&](const MappedPlace& place) {
    if (place.handle == 0) before_proof = table.opened.load();  // the first in order proves it when it has ended
    return done();
  };
  CHECK_FALSE(plan_with(table, 3).error);
  CHECK(before_proof == 1);
  CHECK(table.opened == 3);
}

TEST_CASE("Of conversations that fail the first in order is told, and the plan ends", "[workers]") {
  SharedTable table;
  fill(table);
  std::atomic<int> waiting = 0;
  table.before = [&](const MappedPlace& place) -> Status {
    if (place.handle > 2) return done();
    ++waiting;
    while (waiting < 3) std::this_thread::yield();  // all three have begun
    return Error::argument("broken", "room " + place.source_id + " is broken");
  };
  const auto planned = plan_with(table, 3);
  REQUIRE(planned.error);
  CHECK(planned.error->message == "room C10 is broken");
}

TEST_CASE("What a mapper throws on its thread is thrown on the caller's", "[workers]") {
  SharedTable table;
  fill(table);
  table.before = [&](const MappedPlace& place) -> Status {
    if (place.handle == 5) throw std::logic_error("a slip");
    return done();
  };
  CHECK_THROWS_WITH(plan_with(table, 4), "a slip");
}
