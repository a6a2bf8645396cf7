#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/import_draft.h"
#include "native/emulator/seed.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// The living messages of a seed. Each becomes the body that a client would post and goes through the steps of an
// import, so that a seed cannot hold what the service would not.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

json identity(const User& user) {
  return {{"user", {{"id", user.id}, {"displayName", user.displayName}, {"userIdentityType", "aadUser"}}}};
}

// {"html": ..., "mentions": ["ann@acme.example"]}: the first of these is <at id="0">, the second <at id="1">.
json mentions_of(const SeedValue& message, const Store& store) {
  json mentions = json::array();
  for (const SeedValue& each : message.items("mentions")) {
    const User& user = seed_user(each, store);
    mentions.push_back({{"id", mentions.size()}, {"mentionText", user.displayName}, {"mentioned", identity(user)}});
  }
  return mentions;
}

json reactions_of(const SeedValue& message, const Store& store, std::int64_t created) {
  json reactions = json::array();
  for (const SeedValue& each : message.items("reactions")) {
    each.keys({"type", "user", "createdDateTime"});
    reactions.push_back({{"reactionType", each.at("type").text()},
                         {"createdDateTime", print_time(each.time("createdDateTime").value_or(created))},
                         {"user", identity(seed_user(each.at("user"), store))}});
  }
  return reactions;
}

json body_of(const SeedValue& message, const Store& store, std::int64_t created) {
  const auto text = message.find("text");
  const auto html = message.find("html");
  if (text.has_value() == html.has_value()) message.fail("needs 'text' or 'html', and not both");
  json body = {{"from", identity(seed_user(message.at("from"), store))},
               {"importance", message.text("importance", "normal")},
               {"body", {{"contentType", text ? "text" : "html"}, {"content", text ? text->text() : html->text()}}},
               {"mentions", mentions_of(message, store)},
               {"reactions", reactions_of(message, store, created)}};
  if (const auto subject = message.find("subject")) body["subject"] = subject->text();
  return body;
}

// What an import would store of this body.
std::string content_of(const SeedValue& message, Store& store, std::int64_t created, std::int64_t now) {
  http::Request request;
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = body_of(message, store, created).dump(-1, ' ', false, json::error_handler_t::replace);
  const Caller nobody;
  const Options options;
  Stats stats;
  const Call call{request, nobody, store, options, stats, now, "", "v1.0", {}, {}};
  Draft draft(call);
  auto refused = read_import(draft);
  for (const auto step : {read_header, read_author, read_body, read_images, write_body, read_attachments, read_mentions,
                          read_reactions}) {
    if (!refused) refused = step(draft);
  }
  if (refused) message.fail(fmt::format("no such message can be: {}", refused->message));
  return std::move(draft.content);
}

std::uint64_t add(const SeedValue& value, Store& store, Conversation& conversation, std::uint64_t root,
                  std::int64_t earliest, std::int64_t now) {
  Message message;
  message.created = value.at("createdDateTime").time();
  if (message.created > now) value.at("createdDateTime").fail("is in the future");
  if (message.created <= earliest) {
    value.at("createdDateTime")
        .fail(root == 0 ? "is not later than the creation of its room" : "is not later than the message it replies to");
  }
  if (conversation.by_time.count(message.created) != 0) {
    value.at("createdDateTime").fail("is another message's millisecond; a room has one message in each");
  }
  message.stored = message.created;
  message.id = static_cast<std::uint64_t>(std::max<std::int64_t>(message.created, 1));
  message.root = root;
  message.content = content_of(value, store, message.created, now);
  const auto added = store.add_message(conversation, std::move(message));
  if (!added) throw StoreProblem{added.error()};
  return (*added)->id;
}

}  // namespace

void seed_messages(const SeedValue& room, Store& store, Conversation& conversation, std::int64_t now) {
  const bool chat = conversation.team == nullptr;
  std::vector<std::string_view> keys = {"createdDateTime", "from",       "text",     "html",
                                        "subject",         "importance", "mentions", "reactions"};
  for (const SeedValue& each : room.items("messages")) {
    std::vector<std::string_view> of_root = keys;
    if (!chat) of_root.push_back("replies");
    each.keys(of_root);
    const std::uint64_t root = add(each, store, conversation, 0, conversation.created, now);
    for (const SeedValue& reply : each.items("replies")) {
      reply.keys(keys);
      add(reply, store, conversation, root, each.at("createdDateTime").time(), now);
    }
  }
}

std::optional<std::int64_t> first_message_time(const SeedValue& room) {
  std::optional<std::int64_t> first;
  for (const SeedValue& each : room.items("messages")) {
    const std::int64_t time = each.at("createdDateTime").time();
    first = first ? std::min(*first, time) : time;
  }
  return first;
}

}  // namespace teamferry::emulator
