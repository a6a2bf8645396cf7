// How the engine fills what a service allows, on a clock that jumps: the emulator's throttle judges at the door,
// answers take 300 ms give or take 100.
//
//   bench_pace
//
// share of allowed: imports let through a second / what the profile allows in the long run: 5 a second and
// conversation by the article and by strict; by the table 0.83 of 1 a second and conversation, 0.83 of 50 all together.
#include <fmt/format.h>

#include "tests/native/migrate/paced_run.h"

using teamferry::emulator::Profile;
using teamferry::fake::PacedRun;

int main() {
  struct Case {
    PacedRun run;
    double allowed;  // a second
  };
  const Case cases[] = {
      {{"article", Profile::article, 1, 2000}, 5},      {{"article", Profile::article, 8, 1000}, 40},
      {{"table", Profile::table, 1, 2000}, 0.83},       {{"article", Profile::table, 1, 2000}, 0.83},
      {{"strict", Profile::strict, 1, 2000}, 5},        {{"article", Profile::strict, 1, 2000}, 5},
      {{"table", Profile::table, 200, 150}, 0.83 * 50}, {{"article", Profile::table, 200, 150}, 0.83 * 50},
  };
  fmt::print("{:>8} {:>8} {:>6} {:>7} {:>9} {:>9} {:>9} {:>6} {:>7} {:>9}\n", "pace", "judge", "conv", "sent",
             "seconds", "a second", "of allowed", "429s", "fair", "most in 1s");
  for (const auto& [run, allowed] : cases) {
    const auto figures = teamferry::fake::run_paced(run);
    fmt::print("{:>8} {:>8} {:>6} {:>7} {:>9.1f} {:>9.2f} {:>8.1f} % {:>6} {:>7.2f} {:>9}\n", run.pace,
               teamferry::emulator::name_of(run.judge), run.conversations, figures.sent, figures.seconds,
               figures.per_second, 100 * figures.per_second / allowed, figures.throttled, figures.fairness,
               figures.most_in_a_second);
    fflush(stdout);
  }
}
