#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/import_draft.h"
#include "native/emulator/text.h"

// Attachments and the <attachment id> that stand for them in the text.
namespace teamferry::emulator {
namespace {

constexpr std::string_view kType = "microsoft.graph.chatMessageAttachment";
constexpr std::string_view kCard = "application/vnd.microsoft.";  // cards, code snippets, announcements

struct Attachment {
  Value id, type, url, content, name, thumbnail, app;
};

bool has_extension(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::string_view last = url.substr(url.rfind('/') + 1);  // none: the whole
  const std::string segment = percent_decode(last, false).value_or(std::string(last));
  const auto dot = segment.rfind('.');
  return dot != segment.npos && dot + 1 < segment.size();
}

Refusal check(const Call& call, const Attachment& a, std::string_view type) {
  if (type.substr(0, kCard.size()) == kCard) {
    if (call.options.variants.adaptive_cards) return std::nullopt;
    return Answer::bad_request(fmt::format("Attachments of type '{}' cannot be imported.", type));
  }
  // Nothing but links to files is in scope: not quotes, forwarded messages, meetings (the status is inferred).
  if (type != "reference") {
    return Answer::bad_request(fmt::format("Attachments of type '{}' cannot be imported.", type));
  }
  if (!a.url) return Answer::bad_request("An attachment of type 'reference' has no contentUrl.");
  if (!has_extension(a.url->get_string().value_unsafe())) {
    return Answer::error(403, "Forbidden", "File attachment without extension is not supported in application context");
  }
  return std::nullopt;
}

Refusal read_attachment(Draft& draft, Element item, std::vector<std::string_view>& ids) {
  Attachment a;
  const Field fields[] = {{"id", &a.id},           {"contentType", &a.type}, {"contentUrl", &a.url},
                          {"content", &a.content}, {"name", &a.name},        {"thumbnailUrl", &a.thumbnail},
                          {"teamsAppId", &a.app}};
  if (auto refused = read_fields(draft.call, item, kType,
                                 {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]}))
    return refused;
  for (const Field& field : fields) {
    std::string_view text;
    if (auto refused = read_string(*field.member, field.name, text)) return refused;
  }
  if (!a.id || !a.type) return Answer::bad_request("An attachment lacks its id or contentType.");
  if (a.content && a.url) {
    return Answer::bad_request("The content and contentUrl of an attachment are mutually exclusive.");
  }
  if (auto refused = check(draft.call, a, a.type->get_string().value_unsafe())) return refused;
  const std::string_view id = a.id->get_string().value_unsafe();
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
    return Answer::bad_request(fmt::format("Attachment Id '{}' is not unique.", id));
  }
  ids.push_back(id);
  if (std::none_of(draft.marks.begin(), draft.marks.end(),
                   [&](const Mark& mark) { return mark.kind == Mark::Kind::attachment && mark.value == id; })) {
    return Answer::bad_request(fmt::format("Body does not contain marker for attachment with Id '{}'.", id));
  }
  draft.content += ids.size() == 1 ? "{" : ",{";
  for (const Field& field : fields) {
    if (field.member != &a.id) draft.content += ',';
    append_member(draft.content, field.name, *field.member);
  }
  draft.content += '}';
  return count_bytes(draft, simdjson::minify(item).size());
}

}  // namespace

Refusal read_attachments(Draft& draft) {
  std::vector<Element> items;
  if (auto refused = read_items(draft.attachments, "attachments", items)) return refused;
  std::vector<std::string_view> ids;
  draft.content += R"(,"attachments":[)";
  for (const Element item : items) {
    if (auto refused = read_attachment(draft, item, ids)) return refused;
  }
  draft.content += ']';
  for (const Mark& mark : draft.marks) {
    if (mark.kind == Mark::Kind::attachment && std::find(ids.begin(), ids.end(), mark.value) == ids.end()) {
      return Answer::bad_request(fmt::format("No attachment has the Id '{}' of a marker.", mark.value));
    }
  }
  return std::nullopt;
}

}  // namespace teamferry::emulator
