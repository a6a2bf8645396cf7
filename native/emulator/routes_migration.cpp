#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "native/emulator/routes.h"
#include "native/emulator/session.h"
#include "native/emulator/time.h"

// The life of an import session: started by an app, and completed by the same one.
namespace teamferry::emulator {
namespace {

using nlohmann::json;
using Find = Conversation* (*)(const Call&, Answer&);

constexpr char kDate[] = "conversationCreationDateTime";

// National clouds, and v1.0 before 2026, know neither startMigration nor the completion of chats (E51, 4.2).
std::optional<Answer> absent(const Call& call, std::string_view action) {
  const Variants& variants = call.options.variants;
  if (variants.start_anywhere && (variants.v1_start || call.version != "v1.0")) return std::nullopt;
  return Answer::bad_request(fmt::format("Resource not found for the segment '{}'.", action));
}

struct Wish {
  std::optional<std::int64_t> created;
  bool misspelt = false;  // under the name that early pages gave it
};

// The parameters of startMigration; nothing, and `refused` is the answer.
std::optional<Wish> read_wish(const Call& call, Answer& refused) {
  constexpr char kEarlyName[] = "conversationCreatedDateTime";
  const auto body = read_object(call, true, refused);
  if (!body) return std::nullopt;
  Wish wish;
  wish.misspelt = call.options.variants.lenient_names && body->contains(kEarlyName) && !body->contains(kDate);
  const char* name = wish.misspelt ? kEarlyName : kDate;
  const std::string unknown = unknown_member(*body, {name});
  if (!unknown.empty()) {
    refused = Answer::bad_request(
        fmt::format("The parameter '{}' is not a parameter of the action 'startMigration'.", unknown));
    return std::nullopt;
  }
  if (!read_date(*body, name, wish.created, refused)) return std::nullopt;
  return wish;
}

// Why the conversation cannot be started; nothing: it can.
std::optional<Answer> start_problem(const Conversation& conversation, std::optional<std::int64_t> created) {
  if (conversation.chat_type == "meeting") return Answer::bad_request("Meeting chats cannot be migrated.");
  if (!conversation.home_tenant.empty()) {
    return Answer::bad_request("Chats that are hosted by another tenant cannot be migrated.");
  }
  if (conversation.mode == Mode::in_progress) {
    return Answer::bad_request("Migration is already in progress for this conversation.");
  }
  if (created && *created <= kMinTime) {
    return Answer::bad_request("'ConversationCreationDateTime' must be later than the smallest date.");
  }
  if (created && *created >= conversation.created) {
    return Answer::bad_request("'ConversationCreationDateTime' must be older than the existing 'CreatedDateTime'");
  }
  return std::nullopt;
}

Answer start(const Call& call, const Conversation& conversation) {
  Answer refused;
  const auto wish = read_wish(call, refused);
  if (!wish) return refused;
  if (auto problem = start_problem(conversation, wish->created)) return *problem;
  std::optional<std::int64_t> import_floor;
  if (!wish->created && call.options.variants.empty_start_is_now) import_floor = call.now;
  Status started = call.store.start(conversation, call.caller.app, wish->created, import_floor);
  if (!started) return storage_failed(started.error());
  Answer answer = Answer::none();
  if (wish->misspelt) {
    answer.headers.emplace_back("Warning", fmt::format(R"(299 - "the parameter's name is {}")", kDate));
  }
  return answer;
}

// Why the session cannot be completed; nothing: it can.
std::optional<Answer> complete_problem(const Call& call, const Conversation& conversation) {
  const char* kind = conversation.team != nullptr ? "Channel" : "Chat";
  if (conversation.mode == Mode::completed) {
    return Answer::bad_request(fmt::format("{} has already been finalized.", kind));
  }
  if (conversation.mode == Mode::none) return Answer::bad_request(fmt::format("{} is not in migration mode.", kind));
  if (conversation.owner_app != call.caller.app) return not_initiator(call);
  return std::nullopt;
}

Answer complete(const Call& call, const Conversation& conversation) {
  Answer refused;
  if (!read_no_parameters(call, refused)) return refused;
  if (auto problem = complete_problem(call, conversation)) return *problem;
  Status completed = call.store.complete(conversation, call.now);
  return completed ? Answer::none() : storage_failed(completed.error());
}

Answer start_found(const Call& call, Find find) {
  if (auto refused = absent(call, "startMigration")) return *refused;
  Answer refused;
  const Conversation* found = find(call, refused);
  return found == nullptr ? refused : start(call, *found);
}

Answer complete_found(const Call& call, Find find) {
  Answer refused;
  const Conversation* found = find(call, refused);
  return found == nullptr ? refused : complete(call, *found);
}

Answer complete_found_chat(const Call& call, Find find) {
  if (auto refused = absent(call, "completeMigration")) return *refused;
  return complete_found(call, find);
}

}  // namespace

void print_session(const Call& call, const Conversation& conversation, Json& printed) {
  if (!call.options.variants.mode_on_v1 && call.version == "v1.0") return;
  const char* mode = conversation.mode == Mode::in_progress ? "inProgress" : "completed";
  const auto& original = conversation.original_created;
  printed["migrationMode"] = conversation.mode == Mode::none ? Json(nullptr) : Json(mode);
  printed["originalCreatedDateTime"] = original ? Json(print_time(*original)) : Json(nullptr);
}

Answer not_initiator(const Call& call) {
  const int status = call.options.variants.other_app_status;
  return Answer::error(status, status == 400 ? "BadRequest" : "Forbidden",
                       "Request Initiator does not match the import session intiator.");
}

bool read_no_parameters(const Call& call, Answer& refused) {
  const auto body = read_object(call, true, refused);
  if (!body) return false;
  const std::string unknown = unknown_member(*body, {});
  if (unknown.empty()) return true;
  refused = Answer::bad_request(
      fmt::format("The parameter '{}' is not a parameter of the action 'completeMigration'.", unknown));
  return false;
}

Answer start_channel(Call& call) {
  return start_found(call, find_channel);
}

Answer start_primary_channel(Call& call) {
  return start_found(call, find_primary_channel);
}

Answer start_chat(Call& call) {
  return start_found(call, find_chat);
}

Answer start_user_chat(Call& call) {
  return start_found(call, find_user_chat);
}

Answer complete_channel(Call& call) {
  return complete_found(call, find_channel);
}

Answer complete_primary_channel(Call& call) {
  return complete_found(call, find_primary_channel);
}

Answer complete_chat(Call& call) {
  return complete_found_chat(call, find_chat);
}

Answer complete_user_chat(Call& call) {
  return complete_found_chat(call, find_user_chat);
}

}  // namespace teamferry::emulator
