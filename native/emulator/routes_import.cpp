#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "native/emulator/message_text.h"
#include "native/emulator/routes.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// Import of messages: the hot path. A body is parsed once and what the client decides is kept as the JSON that will be
// answered.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 28'672;  // text, mentions and attachments of one message
constexpr std::size_t kMostReactions = 250;

const std::vector<std::string_view> kMessageMembers = {"createdDateTime",
                                                       "from",
                                                       "body",
                                                       "subject",
                                                       "summary",
                                                       "importance",
                                                       "locale",
                                                       "messageType",
                                                       "mentions",
                                                       "attachments",
                                                       "hostedContents",
                                                       "reactions",
                                                       "id",
                                                       "etag",
                                                       "replyToId",
                                                       "webUrl",
                                                       "chatId",
                                                       "channelIdentity",
                                                       "eventDetail",
                                                       "deletedDateTime",
                                                       "lastEditedDateTime",
                                                       "lastModifiedDateTime",
                                                       "policyViolation",
                                                       "messageHistory",
                                                       "replies"};

// A member, or nullptr if it is absent or null.
const json* present(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string* text_of(const json& object, const char* name) {
  const json* member = present(object, name);
  return member != nullptr && member->is_string() ? &member->get_ref<const std::string&>() : nullptr;
}

Answer session_refused(const Call& call, const Conversation& conversation) {
  if (conversation.mode != Mode::in_progress) {
    return Answer::error(403, "Forbidden", "InsufficientPrivileges")
        .inner("1", "MessageWritesBlocked-Thread is not marked for import");
  }
  return Answer::error(call.options.variants.other_app_status,
                       call.options.variants.other_app_status == 400 ? "BadRequest" : "Forbidden",
                       "InvalidRequestProperties")
      .inner("1",
             "InvalidRequestProperties-Only 1 application is allowed to operate within an import session. Please check "
             "the import operation initiator/ImportMetadata.ImportedBy.");
}

// One message on its way in: each step reads a part of the body into `content`, or answers why not.
class Import {
 public:
  Import(Call& call, Conversation& conversation, const json& body)
      : call_(call), conversation_(conversation), body_(body) {}

  std::optional<Answer> read();
  std::optional<Answer> read_created(Message& message);
  std::string take_content() {
    content_.shrink_to_fit();  // it is kept
    return std::move(content_);
  }

 private:
  std::optional<Answer> read_header();
  std::optional<Answer> read_from();
  std::optional<Answer> read_body();
  std::optional<Answer> read_mentions();
  std::optional<Answer> read_lists();
  bool has_items(const char* name) const {
    const json* list = present(body_, name);
    return list != nullptr && list->is_array() && !list->empty();
  }
  void add_text(const char* name, const std::string& text) {
    content_ += '"';
    content_ += name;
    content_ += "\":\"";
    append_json_escaped(content_, text);
    content_ += '"';
  }

  Call& call_;
  Conversation& conversation_;
  const json& body_;
  std::string content_;
  std::size_t bytes_ = 0;  // that count towards the limit
};

std::optional<Answer> Import::read() {
  const std::string unknown = unknown_member(body_, kMessageMembers);
  if (!unknown.empty()) return unknown_member_answer(unknown, "microsoft.graph.chatMessage");
  content_.reserve(call_.request.body.size() + 256);
  for (auto step :
       {&Import::read_header, &Import::read_from, &Import::read_body, &Import::read_mentions, &Import::read_lists}) {
    if (auto refused = (this->*step)()) return refused;
  }
  if (bytes_ > kMostBytes) return Answer::error(413, "RequestEntityTooLarge", "Request Entity too large.");
  return std::nullopt;
}

std::optional<Answer> Import::read_header() {
  Answer refused;
  std::string type = "message";
  std::string importance = "normal";
  if (!read_text(body_, "messageType", type, refused) || !read_text(body_, "importance", importance, refused)) {
    return refused;
  }
  if (type != "message") return Answer::bad_request(fmt::format("Messages of type '{}' cannot be imported.", type));
  if (importance != "normal" && importance != "high" && importance != "urgent") {
    return Answer::bad_request(fmt::format("'{}' is not a value of chatMessageImportance.", importance));
  }
  for (const char* name : {"subject", "summary"}) {
    const json* member = present(body_, name);
    if (member == nullptr) {
      content_ += fmt::format(R"("{}":null,)", name);
      continue;
    }
    std::string text;
    if (!read_text(body_, name, text, refused)) return refused;
    add_text(name, text);
    content_ += ',';
  }
  add_text("importance", importance);
  return std::nullopt;
}

std::optional<Answer> Import::read_from() {
  const json* from = present(body_, "from");
  const json* user = from->is_object() ? present(*from, "user") : nullptr;
  const std::string* id = user != nullptr && user->is_object() ? text_of(*user, "id") : nullptr;
  // The service says no more than this.
  if (id == nullptr || !is_guid(*id)) return Answer::bad_request("Bad Request");
  const User* known = call_.store.find_user(*id);
  if (known == nullptr && !call_.options.variants.allow_unknown_authors) {
    return Answer::bad_request(fmt::format("The user '{}' of 'from' was not found in the tenant.", *id));
  }
  const std::string* name = text_of(*user, "displayName");
  const std::string* type = text_of(*user, "userIdentityType");
  content_ +=
      R"(,"from":{"application":null,"device":null,"user":{"@odata.type":"#microsoft.graph.teamworkUserIdentity",)";
  add_text("id", *id);
  content_ += ',';
  add_text("displayName", name != nullptr ? *name : known != nullptr ? known->displayName : "");
  content_ += ',';
  add_text("userIdentityType", type != nullptr ? *type : "aadUser");
  content_ += fmt::format(R"(,"tenantId":"{}"}}}})", kTenantId);
  return std::nullopt;
}

std::optional<Answer> Import::read_body() {
  const json* body = present(body_, "body");
  const std::string* content = body != nullptr && body->is_object() ? text_of(*body, "content") : nullptr;
  if (content == nullptr) return Answer::bad_request("Missing body content.");
  if (content->empty() && !has_items("attachments")) return Answer::bad_request("Body content is empty.");
  Answer refused;
  std::string type = "text";
  if (!read_text(*body, "contentType", type, refused)) return refused;
  if (type != "text" && type != "html") {
    return Answer::bad_request(fmt::format("'{}' is not a value of bodyType.", type));
  }
  content_ += R"(,"body":{)";
  add_text("contentType", type);
  content_ += ',';
  add_text("content", *content);
  content_ += '}';
  bytes_ += content->size();
  return std::nullopt;
}

// The ids of all <at id="n"> of a text.
std::set<std::int64_t> marks_in(const std::string& text) {
  std::set<std::int64_t> marks;
  constexpr std::string_view kStart = "<at id=";
  for (auto at = text.find(kStart); at != text.npos; at = text.find(kStart, at + 1)) {
    std::size_t i = at + kStart.size();
    if (i < text.size() && (text[i] == '"' || text[i] == '\'')) ++i;
    std::int64_t id = 0;
    std::size_t digits = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && digits < 10; ++i, ++digits)
      id = id * 10 + (text[i] - '0');
    if (digits > 0) marks.insert(id);
  }
  return marks;
}

std::optional<Answer> Import::read_mentions() {
  const json* mentions = present(body_, "mentions");
  const std::string& text = *text_of(*present(body_, "body"), "content");
  if (mentions != nullptr && !mentions->is_array()) return Answer::bad_request("'mentions' is not a collection.");
  std::set<std::int64_t> marks = marks_in(text);
  std::set<std::int64_t> ids;
  if (mentions != nullptr) {
    for (const json& mention : *mentions) {
      const json* id = mention.is_object() ? present(mention, "id") : nullptr;
      if (id == nullptr || !id->is_number_integer()) return Answer::bad_request("A mention has no Id.");
      const auto number = id->get<std::int64_t>();
      if (!ids.insert(number).second) return Answer::bad_request(fmt::format("Mention Id '{}' is not unique.", number));
      if (marks.count(number) == 0) {
        return Answer::bad_request(
            fmt::format("Neither Body nor adaptive card content contains marker for mention with Id '{}'.", number));
      }
    }
  }
  for (const std::int64_t mark : marks) {
    if (ids.count(mark) == 0) return Answer::bad_request(fmt::format("No mention has the Id '{}' of a marker.", mark));
  }
  return std::nullopt;
}

std::optional<Answer> Import::read_lists() {
  if (has_items("hostedContents")) {
    return Answer::error(501, "NotImplemented",
                         "This emulator does not take hostedContents: send the image as a link.");
  }
  for (const char* name : {"attachments", "mentions", "reactions"}) {
    const json* list = present(body_, name);
    if (list != nullptr && !list->is_array())
      return Answer::bad_request(fmt::format("'{}' is not a collection.", name));
    content_ += fmt::format(R"(,"{}":)", name);
    if (list == nullptr || list->empty()) {
      content_ += "[]";
      continue;
    }
    const std::string printed = dump(*list);
    content_ += printed;
    if (std::string_view(name) != "reactions") {
      bytes_ += printed.size();
      continue;
    }
    if (list->size() > kMostReactions) return Answer::bad_request("A message can have 250 reactions at most.");
    for (const json& reaction : *list) {
      if (!reaction.is_object() || text_of(reaction, "reactionType") == nullptr ||
          text_of(reaction, "createdDateTime") == nullptr || !read_time(*text_of(reaction, "createdDateTime")) ||
          present(reaction, "user") == nullptr) {
        return Answer::bad_request("A reaction lacks its reactionType, createdDateTime or user.");
      }
    }
  }
  return std::nullopt;
}

std::optional<Answer> Import::read_created(Message& message) {
  std::optional<std::int64_t> created;
  Answer refused;
  if (!read_date(body_, "createdDateTime", created, refused)) return refused;
  message.created = created.value_or(call_.now);
  // A message without a time of its own is one of now, and gives way to others.
  while (!created && conversation_.by_time.count(message.created) != 0) ++message.created;
  if (created && *created > call_.now) return Answer::bad_request("createdDateTime cannot be in the future.");
  if (message.created <= conversation_.created) {
    return Answer::error(call_.options.variants.early_status,
                         call_.options.variants.early_status == 400 ? "BadRequest" : "Forbidden",
                         "createdDateTime is less than thread creation time");
  }
  if (conversation_.by_time.count(message.created) != 0) {
    return Answer::error(409, "Conflict",
                         "Exception of type 'Microsoft.Skype.Messaging.ThreadService.Common.Store.Exceptions."
                         "StoreException' was thrown.");
  }
  return std::nullopt;
}

std::optional<Answer> throttled(const Call& call, Conversation& conversation) {
  if (call.options.profile == "off") return std::nullopt;
  const std::int64_t wait = conversation.bucket.take(call.now);
  if (wait == 0) return std::nullopt;
  Answer answer = Answer::error(429, "TooManyRequests", "Please retry again later.").inner("429", "Please retry after");
  answer.headers.emplace_back("Retry-After", std::to_string((wait + 999) / 1000));
  return answer;
}

// `root_id`: of the path of a reply; nullptr for a root or a chat's message.
Answer import(Call& call, Conversation* conversation, const std::string* root_id, const Answer& not_there) {
  if (conversation == nullptr) return not_there;
  if (auto refused = throttled(call, *conversation)) return *refused;
  Answer refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  if (present(*body, "from") == nullptr) {
    return Answer::error(401, "Unauthorized",
                         "Message POST is allowed in application-only context only for import purposes. Refer to "
                         "https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/"
                         "import-external-messages-to-teams for more details.");
  }
  if (conversation->mode != Mode::in_progress || conversation->owner_app != call.caller.app) {
    return session_refused(call, *conversation);
  }
  Message message;
  if (root_id != nullptr) {
    const Message* root = find_message(*conversation, *root_id);
    if (root == nullptr || root->root != 0) {
      return Answer::not_found(fmt::format("No message found with id {} that can be replied to.", *root_id));
    }
    message.root = root->id;
  }
  Import import(call, *conversation, *body);
  if (auto no = import.read()) return *no;
  if (auto no = import.read_created(message)) return *no;
  message.content = import.take_content();
  message.stored = call.now;
  message.id = call.options.ingestion_ids ? call.store.next_ingestion_id(call.now)
                                          : static_cast<std::uint64_t>(std::max<std::int64_t>(message.created, 1));
  auto stored = call.store.add_message(*conversation, std::move(message));
  if (!stored) return storage_failed(stored.error());
  ++call.stats.imports;
  return Answer::success(call.options.variants.import_status, MessagePrinter(call, *conversation).entity(**stored));
}

}  // namespace

Answer import_channel_message(Call& call) {
  Answer refused;
  Conversation* channel = find_channel(call, refused);
  return import(call, channel, nullptr, refused);
}

Answer import_reply(Call& call) {
  Answer refused;
  Conversation* channel = find_channel(call, refused);
  return import(call, channel, &call.keys[2], refused);
}

Answer import_chat_message(Call& call) {
  Answer refused;
  Conversation* chat = find_chat(call, refused);
  return import(call, chat, nullptr, refused);
}

}  // namespace teamferry::emulator
