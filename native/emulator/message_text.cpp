#include "native/emulator/message_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "native/emulator/hosted.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

// An event's content begins with its detail, and says no from.
constexpr std::string_view kEventStart = R"("eventDetail":)";

Answer no_message(const std::string& id) {
  // Graph has a delta function here; this emulator does not, and says so as of any other unknown segment (inferred).
  if (id == "delta" || id == "delta()") {
    return Answer::bad_request(fmt::format("Resource not found for the segment '{}'.", id));
  }
  return Answer::not_found(fmt::format("No message found with id {}.", id));
}

}  // namespace

MessagePrinter::MessagePrinter(const Call& call, const Conversation& conversation)
    : call_(call), conversation_(conversation), encoded_id_(percent_encode(conversation.id)) {
  const std::string* prefer = call.request.headers.find("Prefer");
  names_events_ = prefer != nullptr && prefer->find("include-unknown-enum-members") != prefer->npos;
  collection_ = conversation.team == nullptr
                    ? fmt::format("chats('{}')/messages", encoded_id_)
                    : fmt::format("teams('{}')/channels('{}')/messages", conversation.team->id, encoded_id_);
}

void MessagePrinter::append(std::string& out, const Message& m) const {
  const bool event = m.content.starts_with(kEventStart);
  const std::string created = print_time(m.created);
  auto to = std::back_inserter(out);
  fmt::format_to(to, R"("id":"{}","replyToId":)", m.id);
  if (m.root == 0) {
    out += "null";
  } else {
    fmt::format_to(to, R"("{}")", m.root);
  }
  fmt::format_to(to,
                 R"(,"etag":"{}","messageType":"{}","createdDateTime":"{}","lastModifiedDateTime":"{}",)"
                 R"("lastEditedDateTime":null,"deletedDateTime":null,)",
                 m.id,
                 !event          ? "message"
                 : names_events_ ? "systemEventMessage"
                                 : "unknownFutureValue",
                 created, created);
  if (conversation_.team == nullptr) {
    fmt::format_to(to, R"("chatId":"{}","webUrl":null,"channelIdentity":null,)", conversation_.id);
  } else {
    fmt::format_to(to,
                   R"("chatId":null,"webUrl":"https://teams.microsoft.com/l/message/{}/{}?groupId={}&tenantId={})"
                   R"(&createdTime={}&parentMessageId={}","channelIdentity":{{"teamId":"{}","channelId":"{}"}},)",
                   encoded_id_, m.id, conversation_.team->id, call_.store.tenant().id, m.created,
                   m.root == 0 ? m.id : m.root, conversation_.team->id, conversation_.id);
  }
  out += R"("locale":"en-us","policyViolation":null,)";
  if (!event) out += R"("eventDetail":null,)";
  append_content(out, m);
  out += R"(,"messageHistory":[])";
}

void MessagePrinter::append_content(std::string& out, const Message& m) const {
  std::string_view rest = m.content;
  const auto& pictures = conversation_.pictures_of(m);
  if (pictures.empty()) {
    out += rest;
    return;
  }
  const std::string address = fmt::format(
      "{}/{}/{}/messages/{}/hostedContents/", call_.base, call_.version,
      conversation_.team == nullptr ? fmt::format("chats/{}", conversation_.id)
                                    : fmt::format("teams/{}/channels/{}", conversation_.team->id, conversation_.id),
      m.root == 0 ? std::to_string(m.id) : fmt::format("{}/replies/{}", m.root, m.id));
  for (;;) {
    const auto start = rest.find(kHostedStart);
    if (start == rest.npos) break;
    out += rest.substr(0, start);
    rest.remove_prefix(start + kHostedStart.size());
    // The text may speak of such an address without having a picture there.
    const bool ours = std::any_of(pictures.begin(), pictures.end(),
                                  [&](const HostedImage& picture) { return rest.starts_with(picture.id); });
    out += ours ? std::string_view(address) : kHostedStart;
  }
  out += rest;
}

std::string MessagePrinter::path_of(const Message& message) const {
  return message.root == 0 ? fmt::format("{}('{}')", collection_, message.id)
                           : fmt::format("{}('{}')/replies('{}')", collection_, message.root, message.id);
}

std::string MessagePrinter::entity(const Message& message) const {
  std::string out;
  out.reserve(message.content.size() + 1536);
  out += R"({"@odata.context":")";
  out += call_.context(message.root == 0 ? fmt::format("{}/$entity", collection_)
                                         : fmt::format("{}('{}')/replies/$entity", collection_, message.root));
  out += R"(",)";
  append(out, message);
  out += '}';
  return out;
}

std::string event_content(std::string_view detail) {
  return fmt::format(
      R"({}{},"subject":null,"summary":null,"importance":"normal","from":null,)"
      R"("body":{{"contentType":"html","content":"<systemEventMessage/>"}},"attachments":[],"mentions":[],)"
      R"("reactions":[])",
      kEventStart, detail);
}

const Message* find_message(const Conversation& conversation, std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failure != std::errc() || end != id.data() + id.size() || id.front() == '0') return nullptr;
  return conversation.find(number);
}

bool readable(const Call& call, const Message& message) {
  return message.stored + call.options.read_lag.count() <= call.now;
}

FoundMessage find_message(const Call& call, MessageKind kind, Answer& refused) {
  const bool chat = kind == MessageKind::chat;
  FoundMessage found;
  found.conversation = chat ? find_chat(call, refused) : find_channel(call, refused);
  if (found.conversation == nullptr) return found;
  const std::string& key = call.keys[chat ? 1 : 2];
  const Message* root = find_message(*found.conversation, key);
  if (root == nullptr || root->root != 0 || !readable(call, *root)) {
    refused = no_message(key);
    return found;
  }
  if (kind != MessageKind::reply) {
    found.message = root;
    return found;
  }
  const Message* reply = find_message(*found.conversation, call.keys[3]);
  if (reply != nullptr && reply->root == root->id && readable(call, *reply)) {
    found.message = reply;
  } else {
    refused = no_message(call.keys[3]);
  }
  return found;
}

}  // namespace teamferry::emulator
