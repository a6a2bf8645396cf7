#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/import_draft.h"
#include "native/emulator/text.h"

// The message itself: header, author, text.
namespace teamferry::emulator {
namespace {

constexpr std::size_t kMostBytes = 28'672;          // text, mentions and attachments of one message (4.25)
constexpr std::size_t kMostRequestBytes = 4 << 20;  // of a whole import (E96)
constexpr std::size_t kKeepParser = 1 << 20;        // a rare huge body does not hold its memory for ever

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

Answer not_a_value(std::string_view text, std::string_view type) {
  return Answer::bad_request(fmt::format("'{}' is not a value of {}.", text, type));
}

}  // namespace

Refusal read_import(Draft& draft) {
  const http::Request& request = draft.call.request;
  if (request.body.size() > kMostRequestBytes) {
    const int status = draft.call.options.variants.too_large_status;
    return Answer::error(status, status == 400 ? "BadRequest" : "RequestEntityTooLarge", "Request Entity too large.");
  }
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kKeepParser) parser = simdjson::dom::parser();
  Element root;
  if (!says_json(request) || parser.parse(request.body).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return unreadable_json();
  }
  // What is the service's own to set is ignored: a copied message carries it (inferred; the table of 2.7 only says not
  // to send it). So a replyToId in a root makes no reply.
  return read_fields(draft.call, root, "microsoft.graph.chatMessage",
                     {{"createdDateTime", &draft.created},
                      {"from", &draft.from},
                      {"body", &draft.body},
                      {"subject", &draft.subject},
                      {"summary", &draft.summary},
                      {"importance", &draft.importance},
                      {"messageType", &draft.type},
                      {"mentions", &draft.mentions},
                      {"attachments", &draft.attachments},
                      {"hostedContents", &draft.hosted},
                      {"reactions", &draft.reactions},
                      {"locale", nullptr},
                      {"id", nullptr},
                      {"etag", nullptr},
                      {"replyToId", nullptr},
                      {"webUrl", nullptr},
                      {"chatId", nullptr},
                      {"channelIdentity", nullptr},
                      {"eventDetail", nullptr},
                      {"deletedDateTime", nullptr},
                      {"lastEditedDateTime", nullptr},
                      {"lastModifiedDateTime", nullptr},
                      {"policyViolation", nullptr},
                      {"messageHistory", nullptr},
                      {"replies", nullptr}});
}

Refusal read_fields(const Call& call, Element value, std::string_view type, std::initializer_list<Field> fields) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return Answer::bad_request(fmt::format("The value is not of the expected type '{}'.", type));
  }
  for (const auto [name, member] : object) {
    const std::string_view key = name;
    const auto* field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == key; });
    if (field == fields.end()) {
      if (key.find('@') != key.npos || call.options.variants.ignore_unknown_properties) continue;
      return unknown_member_answer(std::string(key), type);
    }
    if (field->member != nullptr && !member.is_null()) *field->member = member;
  }
  return std::nullopt;
}

Refusal wrong_type(std::string_view name, std::string_view type) {
  return Answer::bad_request(fmt::format("Cannot convert the value of '{}' to the expected type '{}'.", name, type));
}

Refusal read_string(const Value& member, std::string_view name, std::string_view& text) {
  if (member && member->get(text) != simdjson::SUCCESS) return wrong_type(name, "Edm.String");
  return std::nullopt;
}

Refusal read_items(const Value& member, std::string_view name, std::vector<Element>& items) {
  if (!member) return std::nullopt;
  simdjson::dom::array list;
  if (member->get(list) != simdjson::SUCCESS) {
    return Answer::bad_request(fmt::format("The value of '{}' is not a collection.", name));
  }
  for (const Element item : list) items.push_back(item);
  return std::nullopt;
}

Refusal count_bytes(Draft& draft, std::size_t bytes) {
  draft.bytes += bytes;
  if (draft.bytes <= kMostBytes) return std::nullopt;
  return Answer::error(413, "RequestEntityTooLarge", "Request Entity too large.");
}

void append_string(std::string& out, std::string_view name, std::string_view text) {
  out += '"';
  out += name;
  out += "\":\"";
  append_json_escaped(out, text);
  out += '"';
}

void append_member(std::string& out, std::string_view name, const Value& member) {
  out += '"';
  append_json_escaped(out, name);
  out += "\":";
  out += member ? simdjson::minify(*member) : "null";
}

Refusal read_header(Draft& draft) {
  std::string_view type = "message";
  std::string_view importance = "normal";
  if (auto refused = read_string(draft.type, "messageType", type)) return refused;
  if (auto refused = read_string(draft.importance, "importance", importance)) return refused;
  if (type != "message") return Answer::bad_request(fmt::format("Messages of type '{}' cannot be imported.", type));
  if (!is_one_of(importance, {"normal", "high", "urgent"})) return not_a_value(importance, "chatMessageImportance");
  draft.content.reserve(draft.call.request.body.size() + 256);
  for (const auto& [name, member] : {Field{"subject", &draft.subject}, Field{"summary", &draft.summary}}) {
    std::string_view text;
    if (auto refused = read_string(*member, name, text)) return refused;
    if (*member) {
      append_string(draft.content, name, text);
    } else {
      append_member(draft.content, name, *member);
    }
    draft.content += ',';
  }
  append_string(draft.content, "importance", importance);
  return std::nullopt;
}

Refusal read_author(Draft& draft) {
  Value application, user;
  if (auto refused =
          read_fields(draft.call, *draft.from, "microsoft.graph.chatMessageFromIdentitySet",
                      {{"application", &application}, {"device", nullptr}, {"user", &user}, {"conversation", nullptr}}))
    return refused;
  Value id, display_name, identity_type;
  if (user) {
    if (auto refused = read_fields(
            draft.call, *user, "microsoft.graph.teamworkUserIdentity",
            {{"id", &id}, {"displayName", &display_name}, {"userIdentityType", &identity_type}, {"tenantId", nullptr}}))
      return refused;
  }
  // The service says no more than this (E73). That an application is no author is inferred: no example has one.
  std::string_view author;
  if (application || !id || id->get(author) != simdjson::SUCCESS || !is_guid(author)) {
    return Answer::bad_request("Bad Request");
  }
  std::string_view type = "aadUser";
  if (auto refused = read_string(identity_type, "userIdentityType", type)) return refused;
  if (!is_one_of(type, {"aadUser", "onPremiseAadUser"})) {
    // Strangers are out of scope, whatever kind they are of.
    return Answer::bad_request(fmt::format("An author of userIdentityType '{}' cannot be imported.", type));
  }
  // Guests and disabled users of the tenant are as good as any (inferred: the rule only says "of the tenant").
  const User* known = draft.call.store.find_user(author);
  if (known == nullptr && !draft.call.options.variants.allow_unknown_authors) {
    return Answer::bad_request(fmt::format("The user '{}' of 'from' was not found in the tenant.", author));
  }
  std::string_view name = known != nullptr ? std::string_view(known->displayName) : "";
  if (auto refused = read_string(display_name, "displayName", name)) return refused;
  std::string& out = draft.content;
  out += R"(,"from":{"application":null,"device":null,"user":{"@odata.type":"#microsoft.graph.teamworkUserIdentity",)";
  append_string(out, "id", author);
  out += ',';
  append_string(out, "displayName", name);
  out += ',';
  append_string(out, "userIdentityType", type);
  out += R"(,"tenantId":")";
  out += draft.call.store.tenant().id;
  out += R"("}})";
  return std::nullopt;
}

Refusal read_body(Draft& draft) {
  Value type_member, content;
  if (draft.body) {
    if (auto refused = read_fields(draft.call, *draft.body, "microsoft.graph.itemBody",
                                   {{"contentType", &type_member}, {"content", &content}}))
      return refused;
  }
  if (!content) return Answer::bad_request("Missing body content.");
  if (auto refused = read_string(content, "content", draft.text)) return refused;
  if (draft.text.empty()) return Answer::bad_request("Body content is empty.");
  std::string_view type = "text";
  if (auto refused = read_string(type_member, "contentType", type)) return refused;
  if (!is_one_of(type, {"text", "html"})) return not_a_value(type, "bodyType");
  draft.html = type == "html";
  if (auto refused = count_bytes(draft, draft.text.size())) return refused;
  if (draft.html) draft.marks = marks_of(draft.text);
  return std::nullopt;
}

}  // namespace teamferry::emulator
