#include <nlohmann/json.hpp>

#include "native/emulator/routes.h"
#include "native/emulator/time.h"

// The life of a migration session: started, and completed by the app that started it.
namespace teamferry::emulator {

Answer not_initiator(const Call& call) {
  return Answer::error(call.options.variants.other_app_status,
                       call.options.variants.other_app_status == 400 ? "BadRequest" : "Forbidden",
                       "Request Initiator does not match the import session intiator.");
}

static Answer start(Call& call, const Conversation* conversation, const Answer& not_there) {
  if (conversation == nullptr) return not_there;
  Answer refused;
  const auto body = read_object(call, true, refused);
  if (!body) return refused;
  const std::string unknown = unknown_member(*body, {"conversationCreationDateTime"});
  if (!unknown.empty()) {
    return Answer::bad_request("The parameter '" + unknown + "' is not a parameter of the action 'startMigration'.");
  }
  std::optional<std::int64_t> floor;
  if (!read_date(*body, "conversationCreationDateTime", floor, refused)) return refused;
  if (conversation->mode == Mode::in_progress) {
    return Answer::bad_request("Migration is already in progress for this conversation.");
  }
  if (floor && *floor <= kMinTime) {
    return Answer::bad_request("'ConversationCreationDateTime' must be later than the smallest date.");
  }
  if (floor && *floor >= conversation->created) {
    return Answer::bad_request("'ConversationCreationDateTime' must be older than the existing 'CreatedDateTime'");
  }
  Status started = call.store.start(*conversation, call.caller.app, floor);
  return started ? Answer::none() : storage_failed(started.error());
}

static Answer complete(Call& call, const Conversation* conversation, const Answer& not_there) {
  if (conversation == nullptr) return not_there;
  Answer refused;
  const auto body = read_object(call, true, refused);
  if (!body) return refused;
  if (conversation->mode == Mode::completed) return Answer::bad_request("Channel has already been finalized.");
  if (conversation->mode == Mode::none) return Answer::bad_request("The conversation is not in migration mode.");
  if (conversation->owner_app != call.caller.app) return not_initiator(call);
  Status completed = call.store.complete(*conversation, call.now);
  return completed ? Answer::none() : storage_failed(completed.error());
}

Answer start_channel(Call& call) {
  Answer refused;
  const Conversation* found = find_channel(call, refused);
  return start(call, found, refused);
}

Answer start_primary_channel(Call& call) {
  Answer refused;
  const Conversation* found = find_primary_channel(call, refused);
  return start(call, found, refused);
}

Answer start_chat(Call& call) {
  Answer refused;
  const Conversation* found = find_chat(call, refused);
  return start(call, found, refused);
}

Answer complete_channel(Call& call) {
  Answer refused;
  const Conversation* found = find_channel(call, refused);
  return complete(call, found, refused);
}

Answer complete_primary_channel(Call& call) {
  Answer refused;
  const Conversation* found = find_primary_channel(call, refused);
  return complete(call, found, refused);
}

Answer complete_chat(Call& call) {
  Answer refused;
  const Conversation* found = find_chat(call, refused);
  return complete(call, found, refused);
}

}  // namespace teamferry::emulator
