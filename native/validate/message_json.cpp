#include "native/validate/message_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "native/validate/json_fields.h"
#include "native/validate/size.h"

namespace teamferry::validate {
namespace {

constexpr auto kReadOnly = FieldRule::Use::read_only;

constexpr FieldRule kMessage[] = {
    {"body"},
    {"from"},
    {"createdDateTime"},
    {"subject"},
    {"importance"},
    {"locale"},
    {"messageType"},
    {"summary"},
    {"mentions"},
    {"attachments"},
    {"hostedContents"},
    {"reactions"},
    {"id", kReadOnly},
    {"etag", kReadOnly},
    {"replyToId"},  // R11
    {"replies", kReadOnly},
    {"webUrl", kReadOnly},
    {"chatId", kReadOnly},
    {"channelIdentity", kReadOnly},
    {"lastModifiedDateTime", kReadOnly},
    {"lastEditedDateTime", kReadOnly},
    {"deletedDateTime", kReadOnly},
    {"policyViolation", kReadOnly},
    {"eventDetail", kReadOnly},
    {"messageHistory", kReadOnly},
};
constexpr FieldRule kBody[] = {{"contentType"}, {"content"}};
constexpr FieldRule kMention[] = {{"id"}, {"mentionText"}, {"mentioned"}};
constexpr FieldRule kAttachment[] = {{"id"},   {"contentType"},  {"contentUrl"}, {"content"},
                                     {"name"}, {"thumbnailUrl"}, {"teamsAppId"}};
constexpr FieldRule kReaction[] = {
    {"reactionType"}, {"createdDateTime"}, {"user"}, {"displayName"}, {"reactionContentUrl"}};
constexpr FieldRule kImage[] = {{"contentBytes"}, {"contentType"}, {"id", kReadOnly}};
constexpr FieldRule kFrom[] = {{"user"}, {"application"}, {"device"}};
constexpr FieldRule kUser[] = {{"id"}, {"displayName"}, {"userIdentityType"}, {"tenantId", kReadOnly}};

// The first member that is not an annotation, and how many there are.
void read_mentioned(const Json& mentioned, MentionFacts& facts) {
  facts.kinds = 0;
  if (!mentioned.is_object()) return;
  for (const auto& [name, value] : mentioned.get_ref<const Json::object_t&>()) {
    if (value.is_null() || name.find('@') != name.npos) continue;
    if (facts.kinds++ == 0) facts.kind = name;
  }
}

MentionFacts mention_of(const Fields& entry) {
  entry.check_names(kMention);
  MentionFacts facts;
  facts.id = entry.number("id");
  facts.mentionText = entry.text("mentionText");
  facts.kinds = 0;
  if (const Json* mentioned = entry.raw("mentioned")) read_mentioned(*mentioned, facts);
  const auto target = entry.object("mentioned").object(facts.kind);
  facts.target_id = target.text("id");
  facts.displayName = target.text("displayName");
  facts.identity_type = target.text(facts.kind == "user" ? "userIdentityType" : "conversationIdentityType");
  return facts;
}

AttachmentFacts attachment_of(const Fields& entry) {
  entry.check_names(kAttachment);
  return {entry.text("id"), entry.text("contentType"), entry.text("contentUrl"), entry.text("name"),
          entry.has("content")};
}

ReactionFacts reaction_of(const Fields& entry) {
  entry.check_names(kReaction);
  return {entry.text("reactionType"), entry.text("createdDateTime"), entry.object("user").object("user").text("id"),
          entry.text("reactionContentUrl")};
}

ImageFacts image_of(const Fields& entry) {
  entry.check_names(kImage);
  return {entry.text("@microsoft.graph.temporaryId"), entry.text("contentType"),
          read_base64(entry.text("contentBytes"))};
}

AuthorFacts author_of(const Fields& from) {
  from.check_names(kFrom);
  const auto user = from.object("user");
  user.check_names(kUser);
  AuthorFacts facts;
  facts.user_id = user.text("id");
  facts.displayName = user.text("displayName");
  facts.userIdentityType = user.text("userIdentityType");
  facts.has_other_identity = from.has("application") || from.has("device");
  return facts;
}

// "replyToId" and "messageType" say what the message is not.
void check_kind(const Fields& body, Findings& findings) {
  if (body.has("replyToId")) {
    add_error(findings, "R11", "replyToId", "it does not make a reply (inferred)",
              "Post the message to the replies of its root, without this field");
  }
  const auto type = body.text("messageType");
  if (!type.empty() && type != "message") {
    add_error(findings, "shape", "messageType", fmt::format("'{}' is not imported", shown(type)), "Leave it out");
  }
}

std::size_t bytes_of(const Json& body, std::initializer_list<const char*> lists) {
  std::size_t bytes = 0;
  for (const char* name : lists) {
    const auto found = body.find(name);
    if (found != body.end() && found->is_array() && !found->empty()) bytes += measure(*found).bytes;
  }
  return bytes;
}

}  // namespace

Findings check_message_json(const Json& json, const MessageContext& context) {
  Findings shape;
  const Fields body(&json, "", shape);
  if (!body.there()) return shape;
  body.check_names(kMessage);
  check_kind(body, shape);

  std::vector<MentionFacts> mentions;
  body.each("mentions", [&](const Fields& entry) { mentions.push_back(mention_of(entry)); });
  std::vector<AttachmentFacts> attachments;
  body.each("attachments", [&](const Fields& entry) { attachments.push_back(attachment_of(entry)); });
  std::vector<ReactionFacts> reactions;
  body.each("reactions", [&](const Fields& entry) { reactions.push_back(reaction_of(entry)); });
  std::vector<ImageFacts> images;
  body.each("hostedContents", [&](const Fields& entry) { images.push_back(image_of(entry)); });

  MessageFacts facts;
  facts.context = context;
  facts.createdDateTime = body.text("createdDateTime");
  facts.author = author_of(body.object("from"));
  const auto content = body.object("body");
  content.check_names(kBody);
  facts.contentType = content.has("contentType") ? content.text("contentType") : "text";  // the service's default
  facts.content = content.text("content");
  facts.subject = body.text("subject");
  facts.importance = body.text("importance");
  facts.locale = body.text("locale");
  facts.mentions = mentions;
  facts.attachments = attachments;
  facts.reactions = reactions;
  facts.images = images;
  const auto size = measure(json);
  facts.json_bytes = size.bytes;
  facts.json_units = size.units;
  facts.request_bytes = size.bytes + size.raw_bytes;
  facts.parts_bytes = bytes_of(json, {"mentions", "attachments", "reactions"});

  Findings findings;
  add_first(findings, std::move(shape));
  auto found = check_message(facts);
  findings.insert(findings.end(), std::move_iterator(found.begin()), std::move_iterator(found.end()));
  return findings;
}

MessageContext context_of(const Json& channel_or_chat) {
  Findings ignored;
  const Fields fields(&channel_or_chat, "", ignored);
  MessageContext context;
  context.in_chat = fields.has("chatType");
  context.floor = DateTime::parse(fields.text("createdDateTime"));
  return context;
}

}  // namespace teamferry::validate
