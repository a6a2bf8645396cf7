#include "native/migrate/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/journal/journal.h"

namespace teamferry::migrate {

using auth::Work;

namespace {

constexpr std::chrono::minutes kWorstClock{5};  // beyond it assertions fail, and "in the future" is not what it seems

void add_works_of_run(journal::Journal& journal, std::vector<Work>& works) {
  works.push_back(Work::import);
  bool creates = false;
  for (const auto& conversation : journal.conversations()) {
    const bool open = conversation.state == "inProgress" || conversation.state == "completed";
    creates = creates || (conversation.kind == "channel" && !open);
  }
  for (const auto& team : journal.teams()) {
    creates = creates || (team.state != "created" && team.state != "completed");
  }
  if (creates) works.push_back(Work::create);
}

}  // namespace

std::vector<Work> works_of(journal::Journal& journal, const std::vector<std::string>& commands) {
  std::vector<Work> works;
  for (const auto& command : commands) {
    if (command == "run") add_works_of_run(journal, works);
    if (command == "verify") works.push_back(Work::verify);
    if (command == "complete") works.push_back(Work::complete);
  }
  return works;
}

Task<Result<std::vector<std::string>>> preflight(journal::Journal& journal, auth::TokenSource& tokens,
                                                 std::vector<std::string> commands) {
  auto asking = tokens.token();
  const auto token = co_await std::move(asking);
  if (!token) {
    if (token.error().retryable()) co_return std::vector<std::string>{};
    co_return token.error();
  }
  const auto works = works_of(journal, commands);
  auto notes = auth::check_roles(*token, works);
  if (!notes) co_return notes.error();
  const auto ahead = tokens.clock_ahead().value_or(std::chrono::milliseconds(0));
  if (std::chrono::abs(ahead) > kWorstClock) {
    notes->push_back(
        fmt::format("this machine's clock is {} minutes {} the sign-in's; set it right, or messages of the "
                    "last minutes and signed sign-ins may be refused",
                    std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(ahead)).count(),
                    ahead.count() > 0 ? "ahead of" : "behind"));
  }
  co_return std::move(notes);
}

}  // namespace teamferry::migrate
