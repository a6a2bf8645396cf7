#include "native/emulator/message_text.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {

MessagePrinter::MessagePrinter(const Call& call, const Conversation& conversation)
    : call_(call), conversation_(conversation), encoded_id_(percent_encode(conversation.id)) {
  collection_ = conversation.team == nullptr
                    ? fmt::format("chats('{}')/messages", encoded_id_)
                    : fmt::format("teams('{}')/channels('{}')/messages", conversation.team->id, encoded_id_);
}

void MessagePrinter::append(std::string& out, const Message& m) const {
  const std::string created = print_time(m.created);
  auto to = std::back_inserter(out);
  fmt::format_to(to, R"("id":"{}","replyToId":)", m.id);
  if (m.root == 0) {
    out += "null";
  } else {
    fmt::format_to(to, R"("{}")", m.root);
  }
  fmt::format_to(to,
                 R"(,"etag":"{}","messageType":"message","createdDateTime":"{}","lastModifiedDateTime":"{}",)"
                 R"("lastEditedDateTime":null,"deletedDateTime":null,)",
                 m.id, created, created);
  if (conversation_.team == nullptr) {
    fmt::format_to(to, R"("chatId":"{}","webUrl":null,"channelIdentity":null,)", conversation_.id);
  } else {
    fmt::format_to(to,
                   R"("chatId":null,"webUrl":"https://teams.microsoft.com/l/message/{}/{}?groupId={}&tenantId={})"
                   R"(&createdTime={}&parentMessageId={}","channelIdentity":{{"teamId":"{}","channelId":"{}"}},)",
                   encoded_id_, m.id, conversation_.team->id, kTenantId, m.created, m.root == 0 ? m.id : m.root,
                   conversation_.team->id, conversation_.id);
  }
  out += R"("locale":"en-us","policyViolation":null,"eventDetail":null,)";
  out += m.content;
  out += R"(,"messageHistory":[])";
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

const Message* find_message(const Conversation& conversation, std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failure != std::errc() || end != id.data() + id.size() || id.front() == '0') return nullptr;
  return conversation.find(number);
}

bool readable(const Call& call, const Message& message) {
  return message.stored + call.options.read_lag.count() <= call.now;
}

}  // namespace teamferry::emulator
