#include <fmt/format.h>
#include <simdjson.h>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/http/url.h"
#include "native/limits/limits.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

std::string first_page() {
  return fmt::format("$top={}", limits::in_force().counts.messages_per_page);
}

std::string messages_route(const ConversationRef& in) {
  return fmt::format("{}/messages", route_of(in));
}

std::string replies_path(const ConversationRef& in, const std::string& root_id) {
  return fmt::format("{}/messages/{}/replies", path_of(in), http::percent_encode(root_id));
}

std::string replies_route(const ConversationRef& in) {
  return fmt::format("{}/messages/{{message}}/replies", route_of(in));
}

std::optional<Error> refuse_replies(const ConversationRef& in) {
  if (!in.is_chat()) return std::nullopt;
  return Error::argument("no_replies", "a chat has no replies: its messages stand one after another");
}

Result<Message> read_one(const json& body, const std::string& what) {
  const json& from = object_of(body, "from");
  const json& user = object_of(from, "user");
  const json& text = object_of(body, "body");
  Message message;
  message.id = text_of(body, "id");
  if (message.id.empty()) return unreadable(what, "a message has no id");
  message.replyToId = text_of(body, "replyToId");
  message.createdDateTime = date_of(body, "createdDateTime");
  message.from_user_id = text_of(user, "id");
  message.from_display = text_of(user.empty() ? object_of(from, "application") : user, "displayName");
  message.contentType = text_of(text, "contentType");
  message.content = text_of(text, "content");
  message.deleted = !text_of(body, "deletedDateTime").empty();
  message.messageType = text_of(body, "messageType");
  message.replies_next_link = text_of(body, "replies@odata.nextLink");
  return message;
}

// One that cannot be read fails the page: a list with a hole would look like a message that never arrived.
Result<std::vector<Message>> read_list(const json& items, const std::string& what,
                                       Result<Message> (*read)(const json&, const std::string&)) {
  std::vector<Message> messages;
  messages.reserve(items.size());
  for (const auto& item : items) {
    if (!item.is_object()) return unreadable(what, "its list holds something that is no message");
    auto message = read(item, what);
    if (!message) return message.error();
    messages.push_back(std::move(*message));
  }
  return messages;
}

// Replies have no replies of their own, so two levels are all there is to read.
Result<Message> read_message(const json& body, const std::string& what) {
  auto message = read_one(body, what);
  if (!message) return message;
  auto replies = read_list(array_of(body, "replies"), what, &read_one);
  if (!replies) return replies.error();
  message->replies = std::move(*replies);
  return message;
}

Result<Message> read_answer(const Result<http::Response>& response, const std::string& what) {
  if (!response) return response.error();
  auto body = read_object(*response, what);
  if (!body) return body.error();
  return read_message(*body, what);
}

Result<MessagePage> read_page(const Result<http::Response>& response, const std::string& what) {
  if (!response) return response.error();
  auto body = read_object(*response, what);
  if (!body) return body.error();
  const json& items = array_of(*body, "value");
  if (!items.is_array()) return unreadable(what, "its answer holds no list");
  auto messages = read_list(items, what, &read_message);
  if (!messages) return messages.error();
  return MessagePage{std::move(*messages), text_of(*body, "@odata.nextLink")};
}

// The one answer that comes by the hundred thousand, and of which two properties matter: it is not made into a tree.
// Nothing is read from what is not JSON as a whole.
Imported read_imported(std::string body) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object answer;
  Imported imported;
  if (parser.parse(body).get(answer) != simdjson::SUCCESS) return imported;
  std::string_view id, time;
  if (answer["id"].get(id) == simdjson::SUCCESS) imported.id = id;
  if (answer["createdDateTime"].get(time) == simdjson::SUCCESS) imported.createdDateTime = DateTime::parse(time);
  imported.json = std::move(body);
  return imported;
}

}  // namespace

Task<Result<Imported>> Client::import_message(ConversationRef in, std::string root_id, std::string body_json) {
  if (!root_id.empty()) {
    if (auto refused = refuse_replies(in)) co_return *refused;
  }
  http::Request request;
  request.method = "POST";
  request.url = url(root_id.empty() ? path_of(in) + "/messages" : replies_path(in, root_id));
  request.route = fmt::format("POST {}", root_id.empty() ? messages_route(in) : replies_route(in));
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(body_json);
  request.retry = false;
  auto sent = exchange(std::move(request));
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return read_imported(std::move(response->body));
}

Task<Result<Message>> Client::message(ConversationRef in, std::string id) {
  auto asked =
      get(url(fmt::format("{}/messages/{}", path_of(in), http::percent_encode(id))), messages_route(in) + "/{message}");
  auto response = co_await std::move(asked);
  co_return read_answer(response, "GET message");
}

Task<Result<Message>> Client::reply(ConversationRef in, std::string root_id, std::string id) {
  if (auto refused = refuse_replies(in)) co_return *refused;
  auto asked = get(url(fmt::format("{}/{}", replies_path(in, root_id), http::percent_encode(id))),
                   replies_route(in) + "/{reply}");
  auto response = co_await std::move(asked);
  co_return read_answer(response, "GET reply");
}

Task<Result<MessagePage>> Client::messages_page(ConversationRef in, std::string next_link, Replies replies) {
  const bool expanded = replies == Replies::expanded && !in.is_chat();
  const std::string first = url(path_of(in) + "/messages?" + first_page() + (expanded ? "&$expand=replies" : ""));
  auto asked = page(first, std::move(next_link), messages_route(in));
  auto response = co_await std::move(asked);
  co_return read_page(response, "GET messages");
}

Task<Result<MessagePage>> Client::replies_page(ConversationRef in, std::string root_id, std::string next_link) {
  if (auto refused = refuse_replies(in)) co_return *refused;
  auto asked = page(url(replies_path(in, root_id)) + "?" + first_page(), std::move(next_link), replies_route(in));
  auto response = co_await std::move(asked);
  co_return read_page(response, "GET replies");
}

}  // namespace teamferry::graph
