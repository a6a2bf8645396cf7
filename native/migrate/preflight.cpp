#include "native/migrate/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/journal/journal.h"
#include "native/migrate/where.h"

namespace teamferry::migrate {

using auth::Work;

namespace {

constexpr std::chrono::minutes kWorstClock{5};  // beyond it assertions fail, and "in the future" is not what it seems

void add_once(std::vector<Work>& works, Work work) {
  if (std::find(works.begin(), works.end(), work) == works.end()) works.push_back(work);
}

void add_works_of_run(journal::Journal& journal, bool accept_doubt, std::vector<Work>& works) {
  works.push_back(Work::import);
  for (const auto& conversation : journal.conversations()) {
    if (is_carried(conversation) && conversation.existing && !accept_doubt &&
        journal.totals(conversation.id).open() > 0) {
      add_once(works, is_chat(conversation) ? Work::tell_apart_chat : Work::tell_apart);
    }
    const bool open = conversation.state == "inProgress" || conversation.state == "completed";
    if (!is_carried(conversation) || open) continue;
    if (is_chat(conversation)) {
      add_once(works, Work::chats);
    } else {
      add_once(works, conversation.existing ? Work::import_existing : Work::create);
    }
  }
  for (const auto& team : journal.teams()) {
    if (team.state == "planned" || team.state == "creating") add_once(works, Work::create);
  }
}

// Who lets people into this conversation.
Work work_of(journal::Journal& journal, journal::ConversationId id) {
  const auto all = journal.conversations();
  const bool chat = std::any_of(all.begin(), all.end(), [&](const auto& c) { return c.id == id && is_chat(c); });
  return chat ? Work::chat_members : Work::channel_members;
}

void add_works_of_complete(journal::Journal& journal, std::vector<Work>& works) {
  works.push_back(Work::complete);
  for (const auto& member : journal.members()) {
    if (member.state != "planned" && member.state != "removed") continue;
    add_once(works, member.team != 0 ? Work::members : work_of(journal, member.conversation));
  }
}

bool is_telling_apart(Work work) {
  return work == Work::tell_apart || work == Work::tell_apart_chat;
}

// Nothing else that is required is missing.
bool lacks_only_telling_apart(const std::string& token, std::vector<Work> works) {
  return std::erase_if(works, is_telling_apart) > 0 && auth::check_roles(token, works);
}

}  // namespace

std::vector<Work> works_of(journal::Journal& journal, const std::vector<std::string>& commands, bool accept_doubt) {
  std::vector<Work> works;
  for (const auto& command : commands) {
    if (command == "run") add_works_of_run(journal, accept_doubt, works);
    if (command == "verify") works.push_back(Work::verify);
    if (command == "discard") works.push_back(Work::remove_team);
    if (command == "complete") add_works_of_complete(journal, works);
  }
  return works;
}

Task<Result<std::vector<std::string>>> preflight(journal::Journal& journal, auth::TokenSource& tokens,
                                                 std::vector<std::string> commands, bool accept_doubt) {
  auto asking = tokens.token();
  const auto token = co_await std::move(asking);
  if (!token) {
    if (token.error().retryable()) co_return std::vector<std::string>{};
    co_return token.error();
  }
  const auto works = works_of(journal, commands, accept_doubt);
  auto notes = auth::check_roles(*token, works);
  if (!notes) {
    Error error = notes.error();
    if (lacks_only_telling_apart(*token, works)) {
      error.message +=
          ". Or go on without it: with --accept-doubt a message whose answer was lost stays in doubt, since "
          "others write there too";
    }
    co_return error;
  }
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
