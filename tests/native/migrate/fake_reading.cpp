#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fake_handler.h"

namespace teamferry::fake {

using nlohmann::json;

namespace {

json message_json(const Message& message) {
  json from = nullptr;
  if (!message.author.empty()) from = {{"user", {{"id", message.author}, {"displayName", "Somebody"}}}};
  return {{"id", message.id},
          {"replyToId", message.parent.empty() ? json() : json(message.parent)},
          {"createdDateTime", DateTime{message.ms}.to_string()},
          {"deletedDateTime", message.deleted ? json(DateTime{message.ms}.to_string()) : json()},
          {"messageType", "message"},
          {"from", from},
          {"body", {{"contentType", message.contentType}, {"content", message.content}}}};
}

http::Response page_of(const json& body) {
  http::Response response;
  response.status = 200;
  response.body = body.dump();
  return response;
}

class Reading {
 public:
  Reading(const Store& store, const Channel& channel, const http::Request& request)
      : store_(store), channel_(channel), request_(request), address_(parse(request.url)) {}

  http::Response answer(std::size_t below) const {
    const auto& s = address_.segments;
    if (s.size() == below + 1) return list("");
    if (s.size() == below + 3) return list(s[below + 1]);
    const bool reply = s.size() == below + 4;
    const Message* message = channel_.by_id(s[below + (reply ? 3 : 1)]);
    if (!message || !visible(*message) || message->parent != (reply ? s[below + 1] : "")) {
      return refusal(404, "NotFound", "no such message");
    }
    return shown(*message);
  }

 private:
  bool visible(const Message& message) const { return message.stored + store_.read_lag <= store_.now; }

  // Newest first, a page at a time; the token is how many were skipped.
  http::Response list(const std::string& parent) const {
    const auto token = address_.query.find("skiptoken=");
    const std::size_t skip = token == std::string::npos ? 0 : std::stoul(address_.query.substr(token + 10));
    const bool expand = address_.query.find("expand=replies") != std::string::npos;
    const auto all = children(parent);
    json value = json::array();
    for (std::size_t i = skip; i < std::min(all.size(), skip + store_.page); ++i) {
      value.push_back(message_json(*all[i]));
      if (expand) add_replies(all[i]->id, value.back());
    }
    json page = {{"value", value}};
    if (skip + store_.page < all.size()) {
      page["@odata.nextLink"] =
          link(fmt::format("{}skiptoken={}", expand ? "expand=replies&$" : "$", skip + store_.page));
    }
    return page_of(page);
  }

  std::vector<const Message*> children(const std::string& parent) const {
    std::vector<const Message*> found;
    for (const auto& message : channel_.messages) {
      if (message.parent == parent && visible(message)) found.push_back(&message);
    }
    std::sort(found.begin(), found.end(), [](const Message* a, const Message* b) { return a->ms > b->ms; });
    return found;
  }

  void add_replies(const std::string& root, json& into) const {
    const auto replies = children(root);
    json value = json::array();
    for (std::size_t i = 0; i < std::min(replies.size(), store_.inline_replies); ++i) {
      value.push_back(message_json(*replies[i]));
    }
    into["replies"] = value;
    if (replies.size() > store_.inline_replies) {
      const auto base = request_.url.substr(0, request_.url.find('?'));
      into["replies@odata.nextLink"] = fmt::format("{}/{}/replies?$skiptoken={}", base, root, store_.inline_replies);
    }
  }

  std::string link(const std::string& query) const {
    return request_.url.substr(0, request_.url.find('?')) + "?" + query;
  }

  const Store& store_;
  const Channel& channel_;
  const http::Request& request_;
  Address address_;
};

}  // namespace

http::Response shown(const Message& message) {
  return page_of(message_json(message));
}

http::Response read(Store& store, const Channel& channel, const http::Request& request, std::size_t below) {
  if (!store.readable) {
    return refusal(403, "Forbidden",
                   "Missing role permissions on the request. API requires one of "
                   "'ChannelMessage.Read.All'. Roles on the request 'Teamwork.Migrate.All'.");
  }
  store.last_read[channel.id] = ++store.order;
  return Reading(store, channel, request).answer(below);
}

}  // namespace teamferry::fake
