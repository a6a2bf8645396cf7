#include "native/graph/hints.h"

#include <fmt/format.h>

namespace teamferry::graph {
namespace {

bool fits(const Hint& hint, const Error& error, std::string_view route) {
  if (hint.status != 0 && hint.status != error.status) return false;
  if (!route.ends_with(hint.route)) return false;
  if (hint.text.starts_with('=')) return error.inner_message.empty() && error.message == hint.text.substr(1);
  return error.message.find(hint.text) != std::string::npos || error.inner_message.find(hint.text) != std::string::npos;
}

}  // namespace

// The source's marks: D documented, D* long-standing platform behaviour, O observed, I inferred; TD#n and GI#n are
// issues of MicrosoftDocs/msteams-docs and microsoftgraph/microsoft-graph-docs.
const std::vector<Hint>& hints() {
  static const std::vector<Hint> kHints = {
      // Sessions
      {0, "", "Only 1 application is allowed",
       "The migration was started by another app; only that client id can import into it and complete it",
       "O TD#14151"},
      {0, "", "Request Initiator does not match",
       "The migration was started by another app; only that client id can complete it", "O TD#14151"},
      {0, "", "not marked for import",
       "The conversation is not in migration mode: it was never started, or it is completed; start its migration first",
       "O T2T"},
      {0, "/messages", "Failed to execute backend request",
       "Seen where the migration of the conversation was never started", "O TD#13680"},
      {0, "", "All channels must be finalized before team",
       "A channel is still in migration mode, or General was completed before the others: General comes last",
       "O TD#11973"},
      {0, "", "can only be created in a team under migration",
       "The team was not created in migration mode, or its General is completed already: channels come before that",
       "O TD#11973"},
      {0, "", "must be older than the existing",
       "The date of a conversation only moves back: give an older one, or none to leave it where it is", "O C2T"},
      {412, "", "Version mismatch", "Two writes met, as one-on-one chats show it; try again in a minute", "O TD#14265"},
      {400, "", "Resource not found for the segment 'startMigration'",
       "This Graph does not offer it; national clouds have migration of new teams only", "D CSDL"},
      // Messages
      {401, "", "only for import purposes",
       "It is about the message, not the sign-in: an import has both from.user.id and createdDateTime", "O TD#14026"},
      {0, "", "less than thread creation time",
       "The message is too early: it has to be later than the createdDateTime of the conversation, which a start with "
       "an "
       "older conversationCreationDateTime moves back",
       "O TD#13475"},
      {400, "/messages", "=Bad Request",
       "Graph says no more; seen where from.user.id was a mail address instead of the user's id in Entra", "O TD#2230"},
      {400, "/replies", "=Bad Request",
       "Graph says no more; seen where from.user.id was a mail address instead of the user's id in Entra", "O TD#2230"},
      {409, "", "StoreException", "Another message of the conversation has the same millisecond", "O TD#7654"},
      {0, "", "File attachment without extension",
       "The last part of contentUrl needs a file extension: upload the file under a name that has one", "O C2T"},
      {0, "", "marker for mention", "Each mention needs its <at id=\"n\">name</at> in the body", "D*"},
      {413, "/messages", "", "A message holds some 28 KB, and the request with its images 4 MB: split it", "O GI#7218"},
      {413, "/replies", "", "A message holds some 28 KB, and the request with its images 4 MB: split it", "O GI#7218"},
      {400, "", "Invalid request body was sent", "Seen with inline images of more than about 1 MB", "O GI#10203"},
      {0, "", "not supported in application-only context",
       "An app cannot delete messages of chats, imported ones neither", "O C2T"},
      // Members and rights
      {0, "", "RosterAddMemberBlocked", "The members of a one-on-one chat are fixed", "O C2T"},
      {403, "/members", "do not have permission to perform this operation",
       "A team in migration mode takes no members before its completion", "O TD#6649"},
      {403, "/members/add", "do not have permission to perform this operation",
       "A team in migration mode takes no members before its completion", "O TD#6649"},
      {403, "", "Missing role permissions",
       "Give the app one of these application permissions with admin consent; consent shows in new tokens only, some "
       "minutes later",
       "D*"},
  };
  return kHints;
}

void add_hint(Error& error, std::string_view route) {
  if (error.kind != Error::Kind::service) return;
  for (const Hint& hint : hints()) {
    if (!fits(hint, error, route)) continue;
    const bool ends = error.message.empty() || error.message.ends_with('.');
    error.message = fmt::format("{}{}{}.", error.message, error.message.empty() ? "" : ends ? " " : ". ", hint.hint);
    return;
  }
}

}  // namespace teamferry::graph
