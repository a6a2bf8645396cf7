#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "world.h"

// A whole migration under faults that a seed chooses: what is planned, what the service is like, what goes wrong, how
// often on one message, who else writes there, and where the program dies. The same seed gives the same migration.
namespace teamferry::fake {

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed);

  // Lives, dies, and at last lives to the end. Returns what breaks an invariant of DESIGN.md 4a; empty: nothing.
  std::string play();

 private:
  struct Planned {
    journal::RowId id = 0, root = 0;
    int room = 0;
    std::string author, content;
  };
  struct Stranger {
    std::string room, content;
    std::int64_t ms = 0;
  };
  unsigned dice(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
  void plan();
  void set_the_weather();
  void give_bad_luck();
  Fault fate(const http::Request& request);
  void let_strangers_write(Life& life, std::int64_t within_ms);
  void write_as_stranger();
  void watch_completions();
  void live_and_die();
  void live_to_the_end();
  std::string broken();
  std::string broken_row(const Planned& planned);
  bool may_end_unsent(const Planned& planned, journal::State state) const;

  World world_;
  std::uint64_t seed_;
  std::minstd_rand random_;
  std::uint64_t lives_ = 0;
  std::vector<std::string> rooms_;
  std::vector<Planned> planned_;
  std::map<std::string, std::vector<Fault>>
      luck_;                                    // by the text of a message: the fates of its next attempts, last first
  std::set<std::string> conflicts_, refusals_;  // texts that met a 409 out of nothing, and a plain refusal
  std::vector<Stranger> strangers_;
  int impostors_ = 0;       // strangers in the name of an author of ours
  std::string last_error_;  // of a life that was to be the last
  std::string complaint_;   // about something that a life did
};

}  // namespace teamferry::fake
