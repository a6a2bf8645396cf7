#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/message_text.h"
#include "native/emulator/routes.h"
#include "native/emulator/text.h"

// Reading messages back. Pages go by the creation time of the last message they showed, so that messages which arrive
// in between shift nothing.
namespace teamferry::emulator {
namespace {

constexpr int kDefaultTop = 20;
constexpr int kMostTop = 50;
constexpr std::size_t kMostExpanded = 1000;

Answer no_message(const std::string& id) {
  return Answer::not_found(fmt::format("No message found with id {}.", id));
}

// Appends up to `most` readable messages older than `before`; returns how many, and whether there are more.
struct Slice {
  std::size_t count = 0;
  std::int64_t last = 0;
  bool more = false;
};

template <class Print>
Slice slice(const Call& call, const Conversation& conversation, const Order& order, std::optional<std::int64_t> before,
            std::size_t most, const Print& print) {
  Slice slice;
  for (auto at = before ? order.upper_bound(*before) : order.begin(); at != order.end(); ++at) {
    const Message& message = conversation.messages[at->second];
    if (!readable(call, message)) continue;
    if (slice.count == most) {
      slice.more = true;
      break;
    }
    print(message);
    ++slice.count;
    slice.last = at->first;
  }
  return slice;
}

// "replies":[...] of a root, as $expand asks for.
void append_replies(std::string& out, const Call& call, const Conversation& conversation, const MessagePrinter& printer,
                    const Message& root) {
  const std::string collection = fmt::format("{}('{}')/replies", printer.collection(), root.id);
  std::string value;
  Slice taken;
  const auto replies = conversation.replies.find(root.id);
  if (replies != conversation.replies.end()) {
    taken = slice(call, conversation, replies->second, std::nullopt, kMostExpanded, [&](const Message& reply) {
      if (!value.empty()) value += ',';
      value += '{';
      printer.append(value, reply);
      value += '}';
    });
  }
  out +=
      fmt::format(R"(,"replies@odata.context":"{}","replies@odata.count":{},)", call.context(collection), taken.count);
  if (taken.more) {
    out += fmt::format(R"("replies@odata.nextLink":"{}/{}/{}?$skiptoken={}",)", call.base, call.version, collection,
                       make_skip_token(call, collection, taken.last));
  }
  out += R"("replies":[)" + value + ']';
}

Answer list(const Call& call, const Conversation& conversation, const Order& order, const std::string& collection,
            bool may_expand) {
  Answer refused;
  const auto top = read_top(call, kDefaultTop, kMostTop, refused);
  if (!top) return refused;
  bool expand = false;
  if (const auto wanted = call.query.find("$expand"); wanted != call.query.end()) {
    if (!may_expand || wanted->second != "replies") {
      return Answer::bad_request(
          fmt::format("Parsing OData Select and Expand failed: '{}' cannot be expanded.", wanted->second));
    }
    expand = true;
  }
  std::optional<std::int64_t> before;
  if (call.query.count("$skiptoken") != 0) {
    before = read_skip_token(call, collection, refused);
    if (!before) return refused;
  }
  const MessagePrinter printer(call, conversation);
  std::string value;
  const Slice page = slice(call, conversation, order, before, static_cast<std::size_t>(*top), [&](const Message& m) {
    if (!value.empty()) value += ',';
    value += '{';
    printer.append(value, m);
    if (expand) append_replies(value, call, conversation, printer, m);
    value += '}';
  });
  std::string out = fmt::format(R"({{"@odata.context":"{}","@odata.count":{},)", call.context(collection), page.count);
  if (page.more) {
    out += fmt::format(R"("@odata.nextLink":"{}/{}/{}?$top={}{}&$skiptoken={}",)", call.base, call.version, collection,
                       *top, expand ? "&$expand=replies" : "", make_skip_token(call, collection, page.last));
  }
  out += R"("value":[)";
  out += value;
  out += "]}";
  return Answer::ok(std::move(out));
}

Answer answer_message(const Call& call, const Conversation& conversation, const Message* message,
                      const std::string& id) {
  if (message == nullptr || !readable(call, *message)) return no_message(id);
  return Answer::ok(MessagePrinter(call, conversation).entity(*message));
}

// The root that key 2 names.
const Message* find_root(const Call& call, const Conversation& channel) {
  const Message* root = find_message(channel, call.keys[2]);
  return root != nullptr && root->root == 0 ? root : nullptr;
}

}  // namespace

Answer list_channel_messages(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  return list(call, *channel, channel->roots, MessagePrinter(call, *channel).collection(), true);
}

Answer list_chat_messages(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  return list(call, *chat, chat->roots, MessagePrinter(call, *chat).collection(), false);
}

Answer list_replies(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  const Message* root = find_root(call, *channel);
  if (root == nullptr || !readable(call, *root)) return no_message(call.keys[2]);
  static const Order kNone;
  const auto replies = channel->replies.find(root->id);
  return list(call, *channel, replies == channel->replies.end() ? kNone : replies->second,
              fmt::format("{}('{}')/replies", MessagePrinter(call, *channel).collection(), root->id), false);
}

Answer get_channel_message(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  return answer_message(call, *channel, find_root(call, *channel), call.keys[2]);
}

Answer get_reply(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  const Message* root = find_root(call, *channel);
  const Message* reply = root == nullptr ? nullptr : find_message(*channel, call.keys[3]);
  if (reply != nullptr && reply->root != root->id) reply = nullptr;
  return answer_message(call, *channel, reply, call.keys[3]);
}

Answer get_chat_message(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  return answer_message(call, *chat, find_message(*chat, call.keys[1]), call.keys[1]);
}

}  // namespace teamferry::emulator
