#include <fmt/format.h>
#include <strings.h>

#include <array>
#include <chrono>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/graph/read_conversation.h"
#include "native/graph/wait.h"
#include "native/http/url.h"
#include "native/limits/limits.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// Two writes that met, as one-on-one chats show it (observed).
constexpr std::array<Loop::Duration, 5> kAfterMismatch = {2s, 5s, 15s, 30s, 60s};

bool names_no_segment(const Error& error) {
  return error.status == 400 && error.message.find("Resource not found for the segment") != std::string::npos;
}

// The version may be too old to know the action. A 404 may also speak of the conversation itself.
bool may_not_know(const Error& error) {
  return error.status == 404 || error.status == 405 || error.status == 501 || names_no_segment(error);
}

// It spoke of the action itself, so it knows it.
bool knows(const Result<http::Response>& response) {
  if (response) return true;
  const int status = response.error().status;
  return (status == 400 && !names_no_segment(response.error())) || status == 412;
}

// Absent is not null: older services leave the property out whatever the state is.
MigrationMode read_mode(const json& conversation) {
  const auto found = conversation.find("migrationMode");
  if (found == conversation.end()) return MigrationMode::unknown;
  if (found->is_null()) return MigrationMode::none;
  const std::string mode = text_of(conversation, "migrationMode");
  for (const auto known : {MigrationMode::inProgress, MigrationMode::completed}) {
    if (strcasecmp(mode.c_str(), to_string(known).data()) == 0) return known;
  }
  return MigrationMode::unknown;
}

}  // namespace

std::string_view to_string(MigrationMode mode) {
  switch (mode) {
    case MigrationMode::none:
      return "none";
    case MigrationMode::inProgress:
      return "inProgress";
    case MigrationMode::completed:
      return "completed";
    case MigrationMode::unknown:
      break;
  }
  return "unknown";
}

std::string path_of(const ConversationRef& ref) {
  if (ref.is_chat()) return "/chats/" + http::percent_encode(ref.chat_id);
  return fmt::format("/teams/{}/channels/{}", http::percent_encode(ref.team_id), http::percent_encode(ref.channel_id));
}

std::string_view route_of(const ConversationRef& ref) {
  return ref.is_chat() ? "/chats/{chat}" : "/teams/{team}/channels/{channel}";
}

Status check_membership(const Channel& created, std::string_view wanted) {
  if (strcasecmp(created.membershipType.c_str(), std::string(wanted).c_str()) == 0) return done();
  return Error::state("other_membership",
                      fmt::format("the channel '{}' was asked for as {} and became {}; channels born in migration mode "
                                  "are standard ones, others are created normally and started afterwards",
                                  created.displayName, wanted, created.membershipType));
}

Result<Conversation> read_conversation(const json& body, std::string_view what) {
  Conversation read;
  read.id = text_of(body, "id");
  if (read.id.empty()) return unreadable(what, "what it speaks of has no id");
  read.displayName = text_of(body, "displayName");
  read.description = text_of(body, "description");
  read.membershipType = text_of(body, "membershipType");
  read.topic = text_of(body, "topic");
  read.chatType = text_of(body, "chatType");
  read.webUrl = text_of(body, "webUrl");
  read.createdDateTime = date_of(body, "createdDateTime");
  read.originalCreatedDateTime = date_of(body, "originalCreatedDateTime");
  read.migrationMode = read_mode(body);
  read.json = compact(body);
  return read;
}

Result<Conversation> read_conversation(const Result<http::Response>& response, std::string_view what) {
  if (!response) return response.error();
  auto body = read_object(*response, what);
  if (!body) return body.error();
  return read_conversation(*body, what);
}

Task<Result<Conversation>> Client::create_chat(std::string body_json) {
  auto sent = post_once(url("/chats"), std::move(body_json), "/chats");
  auto response = co_await std::move(sent);
  co_return read_conversation(response, "POST /chats");
}

Task<Result<Conversation>> Client::chat(std::string chat_id) {
  return conversation(ConversationRef::chat(std::move(chat_id)));
}

Task<Result<Conversation>> Client::conversation(ConversationRef ref) {
  const std::string what = ref.is_chat() ? "GET chat" : "GET channel";
  const std::string path = path_of(ref);
  const std::string route(route_of(ref));
  const auto beta = beta_url(path);
  const bool beta_first = beta && modes_ == Version::beta;
  auto asked = get(beta_first ? *beta : url(path), route);
  auto response = co_await std::move(asked);
  auto read = read_conversation(response, what);
  if (!read) co_return read.error();
  const auto tells = [](const Conversation& conversation) {
    return json::parse(conversation.json).contains("migrationMode");
  };
  if (!beta || beta_first || modes_ == Version::neither || tells(*read)) co_return std::move(read);
  auto asked_beta = get(*beta, route);
  auto answered = co_await std::move(asked_beta);
  auto newer = read_conversation(answered, what);
  // What beta does not tell for a passing reason may be asked again with the next read.
  if (!newer) co_return std::move(read);
  modes_ = tells(*newer) ? Version::beta : Version::neither;
  co_return std::move(newer);
}

Task<Status> Client::act(std::string path, std::string body_json, std::string route) {
  const auto beta = beta_url(path);
  if (!beta || actions_ != Version::beta) {
    auto sent = post_once(url(path), body_json, route);
    auto response = co_await std::move(sent);
    if (beta && actions_ == Version::unsure && knows(response)) actions_ = Version::stable;
    if (response) co_return done();
    if (!beta || actions_ == Version::stable || !may_not_know(response.error())) co_return response.error();
  }
  auto sent = post_once(*beta, std::move(body_json), std::move(route));
  auto response = co_await std::move(sent);
  if (knows(response)) actions_ = Version::beta;
  if (!response) co_return response.error();
  co_return done();
}

Task<Status> Client::start_migration(ConversationRef ref, std::optional<DateTime> conversationCreationDateTime,
                                     std::function<bool()> should_stop) {
  if (no_start_migration()) co_return *no_start_migration();
  std::string body;
  if (conversationCreationDateTime) {
    body = json{{"conversationCreationDateTime", conversationCreationDateTime->to_string()}}.dump();
  }
  const std::string route = std::string(route_of(ref)) + "/startMigration";
  for (std::size_t mismatches = 0;; ++mismatches) {
    auto acting = act(path_of(ref) + "/startMigration", body, route);
    auto started = co_await std::move(acting);
    if (started || !limits::is_version_mismatch(started.error()) || mismatches == kAfterMismatch.size()) {
      co_return std::move(started);
    }
    const auto time = kAfterMismatch[mismatches];
    Wait wait(loop(), {time, time, should_stop});
    auto pausing = wait.pause();
    const bool again = co_await std::move(pausing);
    if (!again) co_return std::move(started);
  }
}

Task<Status> Client::complete_migration(ConversationRef ref) {
  if (!ref.is_chat()) return complete_channel(std::move(ref.team_id), std::move(ref.channel_id));
  return act(path_of(ref) + "/completeMigration", "", std::string(route_of(ref)) + "/completeMigration");
}

}  // namespace teamferry::graph
