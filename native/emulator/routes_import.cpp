#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/import_draft.h"
#include "native/emulator/message_text.h"
#include "native/emulator/routes.h"
#include "native/emulator/time.h"

// Import of messages: the hot path. A body is parsed once and what the client decides is kept as the JSON that will be
// answered.
namespace teamferry::emulator {
namespace {

Refusal check_session(const Call& call, const Conversation& conversation) {
  if (conversation.mode != Mode::in_progress) {
    return Answer::error(403, "Forbidden", "InsufficientPrivileges")
        .inner("1", "MessageWritesBlocked-Thread is not marked for import");
  }
  if (conversation.owner_app == call.caller.app) return std::nullopt;
  const int status = call.options.variants.other_app_status;
  return Answer::error(status, status == 400 ? "BadRequest" : "Forbidden", "InvalidRequestProperties")
      .inner("1",
             "InvalidRequestProperties-Only 1 application is allowed to operate within an import session. Please check "
             "the import operation initiator/ImportMetadata.ImportedBy.");
}

Refusal read_created(const Draft& draft, const Conversation& conversation, std::int64_t& created) {
  const Call& call = draft.call;
  if (!draft.created) {
    // A message without a time of its own is one of now (4.14), and gives way to others.
    created = std::max(call.now, conversation.floor() + 1);
    while (conversation.by_time.count(created) != 0) ++created;
    return std::nullopt;
  }
  std::string_view text;
  if (auto refused = read_string(draft.created, "createdDateTime", text)) return refused;
  const auto time = read_time(text);
  if (!time) return wrong_type("createdDateTime", "Edm.DateTimeOffset");
  created = *time;
  if (created > call.now) return Answer::bad_request("createdDateTime cannot be in the future.");
  if (created <= conversation.floor()) {
    const int status = call.options.variants.early_status;
    return Answer::error(status, status == 400 ? "BadRequest" : "Forbidden",
                         "createdDateTime is less than thread creation time");
  }
  if (conversation.by_time.count(created) != 0) {
    return Answer::error(409, "Conflict",
                         "Exception of type 'Microsoft.Skype.Messaging.ThreadService.Common.Store.Exceptions."
                         "StoreException' was thrown.");
  }
  return std::nullopt;
}

// The bytes before the message that speaks of them; what a kill in between leaves behind belongs to nobody.
Result<std::vector<HostedImage>> put_pictures(Draft& draft) {
  std::vector<HostedImage> pictures;
  for (NewImage& image : draft.images) {
    auto blob = draft.call.store.blobs().put(image.bytes);
    if (!blob) return blob.error();
    pictures.push_back({std::move(image.id), std::move(blob).value(), std::string(image.type)});
  }
  return pictures;
}

// `root_id`: of the path of a reply; nullptr for a root or a chat's message.
Answer import(Call& call, Conversation* conversation, const std::string* root_id, Answer not_there) {
  if (conversation == nullptr) return not_there;
  Draft draft(call);
  if (auto refused = read_import(draft)) return std::move(*refused);
  if (!draft.from) {
    return Answer::error(401, "Unauthorized",
                         "Message POST is allowed in application-only context only for import purposes. Refer to "
                         "https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/"
                         "import-external-messages-to-teams for more details.");
  }
  if (auto refused = check_session(call, *conversation)) return std::move(*refused);
  Message message;
  if (root_id != nullptr) {
    const Message* root = find_message(*conversation, *root_id);
    if (root == nullptr || root->root != 0) {
      return Answer::not_found(fmt::format("No message found with id {} that can be replied to.", *root_id));
    }
    message.root = root->id;
  }
  for (const auto step : {read_header, read_author, read_body, read_images, write_body, read_attachments, read_mentions,
                          read_reactions}) {
    if (auto refused = step(draft)) return std::move(*refused);
  }
  if (auto refused = read_created(draft, *conversation, message.created)) return std::move(*refused);
  auto pictures = put_pictures(draft);
  if (!pictures) return storage_failed(pictures.error());
  draft.content.shrink_to_fit();  // it is kept
  message.content = std::move(draft.content);
  message.stored = call.now;
  message.id = call.options.ingestion_ids ? call.store.next_ingestion_id(call.now)
                                          : static_cast<std::uint64_t>(std::max<std::int64_t>(message.created, 1));
  auto stored = call.store.add_message(*conversation, std::move(message), std::move(pictures).value());
  if (!stored) return storage_failed(stored.error());
  ++call.stats.imports;
  return Answer::success(call.options.variants.import_status, MessagePrinter(call, *conversation).entity(**stored));
}

}  // namespace

Answer import_channel_message(Call& call) {
  Answer refused;
  Conversation* channel = find_channel(call, refused);
  return import(call, channel, nullptr, std::move(refused));
}

Answer import_reply(Call& call) {
  Answer refused;
  Conversation* channel = find_channel(call, refused);
  return import(call, channel, &call.keys[2], std::move(refused));
}

Answer import_chat_message(Call& call) {
  Answer refused;
  Conversation* chat = find_chat(call, refused);
  return import(call, chat, nullptr, std::move(refused));
}

}  // namespace teamferry::emulator
