// One message, exactly once, without a journal: createdDateTime is its key. After a lost answer the same bytes are sent
// again; a 409 that follows is our own message, if it has our author, and is read.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "native/http/url.h"
#include "native/migrate/primitives_retry.h"

namespace teamferry::migrate {

using graph::ConversationRef;
using nlohmann::json;

namespace {

constexpr int kImportAttempts = 5;
constexpr std::chrono::seconds kFirstPause{2};  // doubles

std::string text_at(const json& object, const char* path) {
  const json::json_pointer at(path);
  return object.is_object() && object.contains(at) && object.at(at).is_string() ? object.at(at).get<std::string>()
                                                                                : std::string();
}

// Same moment, same author: nobody else's.
bool same_message(const json& found, const json& sent) {
  const auto time = DateTime::parse(text_at(sent, "/createdDateTime"));
  return time && DateTime::parse(text_at(found, "/createdDateTime")) == time &&
         text_at(found, "/from/user/id") == text_at(sent, "/from/user/id");
}

}  // namespace

// First where ids are moments, then in the list, which has the newest first.
Task<Result<std::string>> Primitives::find_message(ConversationRef ref, std::string root_id, std::string body) {
  const json sent = json::parse(body, nullptr, false);
  const auto time = DateTime::parse(text_at(sent, "/createdDateTime"));
  if (!time) co_return Error::argument("not_found", "a message without createdDateTime cannot be looked for");
  const bool reply = !root_id.empty();
  const std::string list = graph::path_of(ref) + "/messages" +
                           (reply ? fmt::format("/{}/replies", http::percent_encode(root_id)) : std::string());
  auto guessing = client_.get(client_.url(fmt::format("{}/{}", list, time->ms)), route_of_path(list) + "/{id}");
  auto guessed = co_await std::move(guessing);
  if (guessed && same_message(json::parse(guessed->body, nullptr, false), sent)) co_return std::move(guessed->body);
  graph::Pages all(client_, client_.url(list + "?$top=50"), route_of_path(list));
  while (true) {
    auto asking = all.next();
    auto page = co_await std::move(asking);
    if (!page) co_return page.error();
    if (!*page) break;
    for (const json& message : **page) {
      if (same_message(message, sent)) co_return message.dump(-1, ' ', false, json::error_handler_t::replace);
    }
  }
  co_return Error::argument("not_found", "it is not there");
}

Task<Result<std::string>> Primitives::import(ConversationRef ref, std::string root_id, std::string body) {
  http::Request request;
  const bool reply = !root_id.empty();
  const std::string list = graph::path_of(ref) + "/messages" +
                           (reply ? fmt::format("/{}/replies", http::percent_encode(root_id)) : std::string());
  request.method = "POST";
  request.url = client_.url(list);
  request.route = fmt::format("POST {}/messages{}", graph::route_of(ref), reply ? "/{message}/replies" : "");
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.body = body;
  request.retry = false;
  request.request_class =
      ref.is_chat() ? limits::RequestClass::import_to_chat : limits::RequestClass::import_to_channel;
  request.pace_key = ref.is_chat() ? ref.chat_id : ref.channel_id;

  std::optional<Error> lost;  // an attempt of ours that may have arrived
  Loop::Duration wait = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    auto sending = client_.exchange(request);
    auto answer = co_await std::move(sending);
    if (answer && json::parse(answer->body, nullptr, false).is_object()) co_return std::move(answer->body);
    Error error =
        answer ? Error::transport("unreadable", "the service agreed, but its answer is no message") : answer.error();
    if (error.status == 409 && !lost) co_return error;
    const bool again = error.status == 429 || error.status == 409 || error.ambiguous();
    if (!again) co_return error;
    if (error.status != 429 && error.status != 409) lost = error;
    if (error.status == 429) {
      ++slowed_down_;
      wait = std::max<Loop::Duration>(wait, error.retry_after.value_or(limits::unnamed_wait()));
    }
    auto pausing = pause(wait);
    const bool go_on = co_await std::move(pausing);
    if (lost) {
      auto looking = find_message(ref, root_id, body);
      auto found = co_await std::move(looking);
      if (found) co_return std::move(found);
    }
    if (!go_on || attempt == kImportAttempts) {
      if (!lost) co_return error;
      const std::string what = fmt::format("the message of {} arrived", text_at(json::parse(body), "/createdDateTime"));
      co_return unclear(what, *lost);
    }
    wait = std::min<Loop::Duration>(wait * 2, std::chrono::minutes(1));
  }
}

}  // namespace teamferry::migrate
