// Mentions, attachments and images: the repairs that change HTML and a list beside it together.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "native/limits/limits.h"
#include "native/validate/html_token.h"
#include "native/validate/message_json.h"
#include "native/validate/repair.h"
#include "native/validate/repair_json.h"

namespace teamferry::validate {
namespace {

using Json = nlohmann::json;

// The HTML with each marker replaced by what `write` gives for it; nothing: the marker stays.
using Write = std::function<std::optional<std::string>(const Marker&)>;
std::string rewritten(const std::string& html, const Markers& markers, const Write& write) {
  std::string out;
  std::size_t at = 0;
  for (const auto& marker : markers) {
    if (marker.begin < at) continue;
    const auto now = write(marker);
    if (!now) continue;
    out.append(html, at, marker.begin - at);
    out += *now;
    at = marker.end;
  }
  return out.append(html, at);
}

// Whether R23 takes it: one thing that can be mentioned, with id and name.
bool can_be_mentioned(Json& entry) {
  Json* mentioned = object_in(entry, "mentioned");
  if (mentioned == nullptr) return false;
  MentionFacts facts;
  facts.id = 0;
  facts.kinds = 0;
  for (const auto& [name, value] : mentioned->items()) {
    if (value.is_null() || name.find('@') != name.npos) continue;
    if (facts.kinds++ > 0) return false;
    facts.kind = name;
    facts.target_id = view_in(value, "id");
    facts.displayName = view_in(value, "displayName");
    facts.identity_type = view_in(value, name == "user" ? "userIdentityType" : "conversationIdentityType");
    Findings findings;
    check_mentions({&facts, 1}, "", {Marker{Marker::Kind::mention, "0"}}, findings);
    if (std::any_of(findings.begin(), findings.end(), [](const auto& f) { return f.rule == "R23"; })) return false;
  }
  return facts.kinds == 1;
}

// What an <at> refers to: the id as the body writes it.
std::string id_of(const Json& entry) {
  const auto id = entry.is_object() ? entry.find("id") : entry.end();
  if (!entry.is_object() || id == entry.end()) return {};
  return id->is_string() ? id->get<std::string>() : id->is_number_integer() ? id->dump() : std::string();
}

bool breaks(const Json& body, std::initializer_list<std::string_view> rules) {
  const auto findings = check_message_json(body);
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return std::find(rules.begin(), rules.end(), finding.rule) != rules.end();
  });
}

}  // namespace

// Entries are numbered anew in reading order, as soon as anything about their numbers is wrong; an <at> without an
// entry that can be used becomes @name, an entry without an <at> goes.
void repair_mentions(Json& body, Changes& changes) {
  std::string* html = html_of(body);
  if (html == nullptr || !breaks(body, {"R21", "R22", "R23", "R24"})) return;
  Json none = Json::array();
  Json* list = list_in(body, "mentions");
  if (list == nullptr) list = &none;
  Markers markers;
  find_markers(*html, markers);

  std::multimap<std::string, std::size_t> free;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (can_be_mentioned((*list)[i])) {
      free.insert({id_of((*list)[i]), i});
    } else {
      note(changes, "R23", fmt::format("mentions[{}]", i), view_in((*list)[i], "mentionText"), "");
    }
  }
  Json kept = Json::array();
  std::map<std::string, std::size_t> numbers;  // of ids that the body shows again
  const auto now = rewritten(*html, markers, [&](const Marker& marker) -> std::optional<std::string> {
    if (marker.kind != Marker::Kind::mention) return std::nullopt;
    const auto inside = html->substr(marker.inside, marker.close - marker.inside);
    const auto said = text_inside(inside);
    const auto found = free.find(marker.id);
    const auto again = numbers.find(marker.id);
    if (found == free.end() && again == numbers.end()) {
      note(changes, "R22", "body.content", said, "@" + said);
      return (said.starts_with('@') ? "" : "@") + inside;
    }
    std::size_t number = kept.size();
    if (found == free.end()) {
      number = again->second;
    } else {
      Json entry = std::move((*list)[found->second]);
      if (view_in(entry, "mentionText") != said) {
        note(changes, "R24", fmt::format("mentions[{}].mentionText", found->second), view_in(entry, "mentionText"),
             said);
        entry["mentionText"] = said;
      }
      free.erase(found);
      if (entry["id"] != number) {
        note(changes, "R21", fmt::format("mentions[{}].id", number), entry["id"].dump(), std::to_string(number));
        entry["id"] = number;
      }
      kept.push_back(std::move(entry));
      numbers[marker.id] = number;
    }
    return fmt::format("<at id=\"{}\">{}</at>", number, inside);
  });
  for (const auto& [id, index] : free) {
    note(changes, "R21", fmt::format("mentions[{}]", index), view_in((*list)[index], "mentionText"), "");
  }
  *html = now;
  if (list != &none) *list = std::move(kept);
}

void repair_attachments(Json& body, Changes& changes) {
  std::string* html = html_of(body);
  if (html == nullptr) return;
  Json* list = list_in(body, "attachments");
  std::set<std::string> known;
  if (list != nullptr) {
    Json kept = Json::array();
    for (auto& entry : *list) {
      const std::string id(view_in(entry, "id"));
      if (id.empty() || !known.insert(id).second) {
        note(changes, "R25", "attachments", view_in(entry, "name"), "");
        continue;
      }
      std::string* url = text_in(entry, "contentUrl");
      const bool file = view_in(entry, "contentType") == "reference";
      if (file && url != nullptr && entry.contains("content") && !entry["content"].is_null()) {
        note(changes, "R26", "attachments.content", view_in(entry, "content"), "");
        entry.erase("content");
      }
      if (file && url != nullptr && !has_extension(*url) && has_extension(*url + ".bin")) {
        note(changes, "R27", "attachments.contentUrl", *url, *url + ".bin");
        *url += ".bin";
        if (std::string* name = text_in(entry, "name")) *name += ".bin";
      }
      kept.push_back(std::move(entry));
    }
    *list = std::move(kept);
  }
  Markers markers;
  find_markers(*html, markers);
  auto missing = known;
  *html = rewritten(*html, markers, [&](const Marker& marker) -> std::optional<std::string> {
    if (marker.kind != Marker::Kind::attachment || missing.erase(marker.id) > 0) return std::nullopt;
    note(changes, "R25", "body.content", "<attachment id=\"" + marker.id + "\">", "");
    return html->substr(marker.inside, marker.close - marker.inside);
  });
  for (const auto& id : missing) {
    const auto element = fmt::format("<attachment id=\"{}\"></attachment>", id);
    note(changes, "R25", "body.content", "", element);
    *html += element;
  }
}

void repair_images(Json& body, Changes& changes, std::vector<Json>& as_files) {
  std::string* html = html_of(body);
  if (html == nullptr) return;
  Markers markers;
  find_markers(*html, markers);
  std::set<std::string> wanted, hosted;
  for (const auto& marker : markers) {
    if (marker.kind == Marker::Kind::image) wanted.insert(marker.id);
  }
  if (Json* list = list_in(body, "hostedContents")) {
    Json kept = Json::array();
    for (auto& entry : *list) {
      const std::string id(view_in(entry, "@microsoft.graph.temporaryId"));
      const auto bytes = read_base64(view_in(entry, "contentBytes"));
      if (wanted.count(id) == 0 || hosted.count(id) > 0 || !bytes) {
        note(changes, bytes ? "R32" : "R33", "hostedContents", id, "");
        continue;
      }
      if (bytes->size > limits::in_force().sizes.image_bytes || !is_hosted_type(bytes->type)) {
        note(changes, is_hosted_type(bytes->type) ? "R34" : "R33", "hostedContents", id, "a file");
        as_files.push_back(std::move(entry));
        continue;
      }
      const std::string says(view_in(entry, "contentType"));
      if (says != bytes->type && !(says == "image/jpg" && bytes->type == "image/jpeg")) {
        note(changes, "R33", "hostedContents.contentType", says, bytes->type);
        entry["contentType"] = std::string(bytes->type);
      }
      hosted.insert(id);
      kept.push_back(std::move(entry));
    }
    *list = std::move(kept);
  }
  *html = rewritten(*html, markers, [&](const Marker& marker) -> std::optional<std::string> {
    if (marker.kind != Marker::Kind::image || hosted.count(marker.id) > 0) return std::nullopt;
    note(changes, "R32", "body.content", "../hostedContents/" + marker.id + "/$value", "");
    return std::string();
  });
}

}  // namespace teamferry::validate
