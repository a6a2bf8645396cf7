#include "native/migrate/survey.h"

#include <algorithm>
#include <unordered_map>

#include "native/limits/limits.h"

namespace teamferry::migrate {
namespace {

constexpr std::size_t kMonth = 7;  // characters of "2019-02"

bool arrives(journal::State state) {
  return state == journal::State::planned || state == journal::State::sending || state == journal::State::sent;
}

ConversationSurvey survey(journal::Journal& journal, journal::ConversationId id, Survey& whole) {
  ConversationSurvey sums;
  sums.id = id;
  std::unordered_map<journal::RowId, std::int64_t> replies;  // by root
  journal.each_message(id, [&](const journal::MessageRow& row) {
    if (!arrives(row.state)) return true;
    ++sums.messages;
    if (row.root != 0) {
      ++sums.replies;
      ++replies[row.root];
    }
    if (!sums.first) sums.first = row.time;  // rows come in the order of time
    sums.last = row.time;
    const auto bytes = static_cast<std::int64_t>(row.body.size());
    sums.body_bytes += bytes;
    sums.largest_body_bytes = std::max(sums.largest_body_bytes, bytes);
    ++whole.months[row.time.to_string().substr(0, kMonth)];
    return true;
  });
  sums.threads = static_cast<std::int64_t>(replies.size());
  const std::int64_t page = limits::in_force().counts.messages_per_page;
  sums.pages = std::max<std::int64_t>(1, (sums.messages - sums.replies + page - 1) / page);
  for (const auto& [root, count] : replies)
    sums.pages += count / page;  // a page of roots brings the first page of each
  return sums;
}

}  // namespace

Survey survey(journal::Journal& journal) {
  Survey whole;
  for (const auto& conversation : journal.conversations()) {
    whole.conversations.push_back(survey(journal, conversation.id, whole));
  }
  return whole;
}

}  // namespace teamferry::migrate
