#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/message_text.h"
#include "native/emulator/message_window.h"
#include "native/emulator/routes.h"
#include "native/emulator/text.h"

// Reading messages back. Pages go by the creation time of the last message they showed, so that messages which arrive
// in between shift nothing.
namespace teamferry::emulator {
namespace {

constexpr int kDefaultTop = 20;
constexpr int kMostTop = 50;
constexpr std::size_t kMostExpanded = 1000;

// Prints up to `most` readable messages of the window, newest first.
struct Slice {
  std::size_t count = 0;
  std::int64_t last = 0;
  bool more = false;
};

template <class Print>
Slice slice(const Call& call, const Conversation& conversation, const Order& order, const MessageWindow& window,
            std::size_t most, const Print& print) {
  Slice slice;
  for (auto at = window.before ? order.upper_bound(*window.before) : order.begin(); at != order.end(); ++at) {
    if (window.after && at->first <= *window.after) break;
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
  const std::string collection = fmt::format("{}/replies", printer.path_of(root));
  std::string value;
  Slice taken;
  const auto replies = conversation.replies.find(root.id);
  if (replies != conversation.replies.end()) {
    taken = slice(call, conversation, replies->second, {}, kMostExpanded, [&](const Message& reply) {
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

// What a list can be asked for beside its pages.
enum class Extras { none, replies, window };

// The reference names the options that each list has; the others are refused.
std::optional<Answer> refuse_options(const Call& call, Extras extras) {
  for (const auto& [name, value] : call.query) {
    if (!name.starts_with('$') || name == "$top" || name == "$skiptoken" ||
        (extras == Extras::replies && name == "$expand") ||
        (extras == Extras::window && (name == "$orderby" || name == "$filter"))) {
      continue;
    }
    return Answer::bad_request(
        fmt::format("Query option '{}' is not allowed. To allow it, set the 'AllowedQueryOptions' property on "
                    "EnableQueryAttribute or QueryValidationSettings.",
                    name));
  }
  return std::nullopt;
}

Answer list(const Call& call, const Conversation& conversation, const Order& order, const MessagePrinter& printer,
            const std::string& collection, Extras extras) {
  Answer refused;
  if (auto no = refuse_options(call, extras)) return std::move(*no);
  const auto top = read_top(call, kDefaultTop, kMostTop, refused);
  if (!top) return refused;
  const auto expand = call.query.find("$expand");
  if (expand != call.query.end() && expand->second != "replies") {
    return Answer::bad_request(
        fmt::format("Parsing OData Select and Expand failed: '{}' cannot be expanded.", expand->second));
  }
  auto window = read_window(call, refused);
  if (!window) return refused;
  const std::string scope = collection + window->link;
  if (call.query.count("$skiptoken") != 0) {
    window->before = read_skip_token(call, scope, refused);
    if (!window->before) return refused;
  }
  std::string value;
  const Slice page = slice(call, conversation, order, *window, static_cast<std::size_t>(*top), [&](const Message& m) {
    if (!value.empty()) value += ',';
    value += '{';
    printer.append(value, m);
    if (expand != call.query.end()) append_replies(value, call, conversation, printer, m);
    value += '}';
  });
  std::string out = fmt::format(R"({{"@odata.context":"{}","@odata.count":{},)", call.context(collection), page.count);
  if (page.more) {
    out += fmt::format(R"("@odata.nextLink":"{}/{}/{}?$top={}{}&{}$skiptoken={}",)", call.base, call.version,
                       collection, *top, expand != call.query.end() ? "&$expand=replies" : "", window->link,
                       make_skip_token(call, scope, page.last));
  }
  out += R"("value":[)";
  out += value;
  out += "]}";
  return Answer::ok(std::move(out));
}

template <MessageKind Kind>
Answer get_message(const Call& call) {
  Answer refused;
  const auto [conversation, message] = find_message(call, Kind, refused);
  if (message == nullptr) return refused;
  return Answer::ok(MessagePrinter(call, *conversation).entity(*message));
}

}  // namespace

Answer list_channel_messages(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  const MessagePrinter printer(call, *channel);
  return list(call, *channel, channel->roots, printer, printer.collection(), Extras::replies);
}

Answer list_chat_messages(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  const MessagePrinter printer(call, *chat);
  return list(call, *chat, chat->roots, printer, printer.collection(), Extras::window);
}

Answer list_replies(Call& call) {
  Answer refused;
  const auto [channel, root] = find_message(call, MessageKind::root, refused);
  if (root == nullptr) return refused;
  static const Order kNone;
  const auto replies = channel->replies.find(root->id);
  const MessagePrinter printer(call, *channel);
  return list(call, *channel, replies == channel->replies.end() ? kNone : replies->second, printer,
              fmt::format("{}/replies", printer.path_of(*root)), Extras::none);
}

Answer get_channel_message(Call& call) {
  return get_message<MessageKind::root>(call);
}

Answer get_reply(Call& call) {
  return get_message<MessageKind::reply>(call);
}

Answer get_chat_message(Call& call) {
  return get_message<MessageKind::chat>(call);
}

Answer refuse_soft_delete(Call&) {
  return Answer::error(405, "Request_BadRequest", "Specified HTTP method is not allowed.");
}

Answer refuse_delete_as_user(Call&) {
  return Answer::error(412, "PreconditionFailed", "Requested API is not supported in application-only context");
}

}  // namespace teamferry::emulator
