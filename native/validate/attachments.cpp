#include "native/validate/attachments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "native/validate/author.h"
#include "native/validate/html_tags.h"

namespace teamferry::validate {
namespace {

std::string attachment_field(std::size_t index, const char* member) {
  return fmt::format("attachments[{}].{}", index, member);
}

// The address without query and fragment.
std::string_view path_of(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

std::string_view host_of(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == url.npos) return {};
  url.remove_prefix(begin + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  return url.substr(0, url.find(':'));
}

bool contains(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

// "/:b:/s/" and the like: what SharePoint puts into the addresses that it makes for sharing.
bool has_sharing_segment(std::string_view path) {
  for (auto at = path.find("/:"); at != path.npos; at = path.find("/:", at + 1)) {
    if (at + 4 < path.size() && path[at + 3] == ':' && path[at + 4] == '/') return true;
  }
  return false;
}

// R25. Documented: "the id must stand in the body", examples 3 and 4 of
// https://learn.microsoft.com/graph/api/chatmessage-post (2026-08)
void check_pairs(std::span<const AttachmentFacts> attachments, const Markers& markers, Findings& findings) {
  std::map<std::string_view, int> written;
  for (const auto& marker : markers) {
    if (marker.kind == Marker::Kind::attachment) ++written[marker.id];
  }
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const auto id = attachments[i].id;
    if (!known.insert({id, i}).second) {
      add_error(findings, "R25", attachment_field(i, "id"), fmt::format("two attachments have the id '{}'", shown(id)),
                "Leave one of them out");
      continue;
    }
    const auto found = written.find(id);
    if (found == written.end()) {
      add_error(findings, "R25", attachment_field(i, "id"), "the body does not show it",
                fmt::format("Add <attachment id=\"{}\"></attachment> to the body", shown(id)));
    } else if (found->second > 1) {
      add_error(findings, "R25", attachment_field(i, "id"), fmt::format("the body shows it {} times", found->second),
                "Leave one <attachment> in the body");
    }
  }
  for (const auto& [id, count] : written) {
    if (known.count(id)) continue;
    add_error(findings, "R25", "body.content",
              fmt::format("<attachment id=\"{}\"> has no entry in attachments", shown(id)),
              "Add the entry, or take the element out");
  }
}

// R29. Documented as out of scope: cards, code snippets, announcements, quotes, forwarded messages, meetings.
// Source: https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/
// import-external-messages-to-teams (2026-08)
void check_type(const AttachmentFacts& facts, std::size_t index, Findings& findings) {
  const auto type = facts.contentType;
  add_error(findings, "R29", attachment_field(index, "contentType"),
            type.empty() ? "it is missing" : fmt::format("'{}' is not imported", shown(type)),
            type == "messageReference" || type == "forwardedMessageReference"
                ? "Write what is quoted as a <blockquote>"
                : "Send files as reference; write cards, snippets and the like as HTML");
}

// R26, after example 4. That the id is the GUID of the file's eTag is documented there too.
void check_file(const AttachmentFacts& facts, std::size_t index, Findings& findings) {
  if (!is_object_id(facts.id)) {
    add_error(findings, "R26", attachment_field(index, "id"),
              fmt::format("'{}' is not the GUID of a file", shown(facts.id)),
              "Take the GUID out of the eTag of the driveItem");
  }
  if (facts.name.empty())
    add_error(findings, "R26", attachment_field(index, "name"), "it is missing", "Give the file's name");
  if (facts.has_content) {
    add_error(findings, "R26", attachment_field(index, "content"), "a file has a contentUrl and no content",
              "Leave content out");
  }
  if (facts.contentUrl.empty()) {
    return add_error(findings, "R26", attachment_field(index, "contentUrl"), "it is missing",
                     "Give the address of the file: webUrl of its folder and its name");
  }
  // R27. Observed: 403 "File attachment without extension is not supported in application context".
  if (!has_extension(facts.contentUrl)) {
    add_error(findings, "R27", attachment_field(index, "contentUrl"),
              fmt::format("{} ends without a file extension", shown(facts.contentUrl)),
              "Upload the file under a name with an extension, such as .bin");
  }
  // R28. Documented since 2026-07-30: links that SharePoint generates are out of scope.
  // Source: https://github.com/MicrosoftDocs/msteams-docs/pull/14516
  if (const auto fault = link_fault(facts.contentUrl); !fault.empty()) {
    add_error(findings, "R28", attachment_field(index, "contentUrl"),
              fmt::format("{} {}", shown(facts.contentUrl), fault), "Give webUrl of the folder and the file's name");
  } else if (!contains(host_of(facts.contentUrl), ".sharepoint")) {
    add_warning(findings, "R28", attachment_field(index, "contentUrl"),
                fmt::format("{} is not in SharePoint or OneDrive", shown(facts.contentUrl)),
                "Upload the file first, or write a link into the text");
  }
}

}  // namespace

bool has_extension(std::string_view contentUrl) {
  auto path = path_of(contentUrl);
  if (const auto scheme = path.find("://"); scheme != path.npos) path.remove_prefix(scheme + 3);
  const auto slash = path.rfind('/');
  if (slash == path.npos) return false;
  const auto name = path.substr(slash + 1);
  const auto dot = name.rfind('.');
  return dot != name.npos && dot > 0 && dot + 1 < name.size();
}

std::string_view link_fault(std::string_view contentUrl) {
  if (!contains(contentUrl.substr(0, 8), "https://") || host_of(contentUrl).empty()) return "is not an https address";
  if (has_sharing_segment(path_of(contentUrl))) return "is a sharing link";
  if (contains(contentUrl, "/_layouts/")) return "is a page that shows the file";
  if (const auto query = contentUrl.find('?'); query != contentUrl.npos) return "has a query, as sharing links do";
  if (equals_ignoring_case(host_of(contentUrl), "1drv.ms")) return "is a sharing link";
  return {};
}

void check_attachments(std::span<const AttachmentFacts> attachments, const Markers& markers, Findings& findings) {
  if (attachments.empty() && markers.empty()) return;
  Findings found;
  check_pairs(attachments, markers, found);
  for (std::size_t i = 0; i < attachments.size() && found.size() < kMostFindings; ++i) {
    attachments[i].contentType == "reference" ? check_file(attachments[i], i, found)
                                              : check_type(attachments[i], i, found);
  }
  add_first(findings, std::move(found));
}

}  // namespace teamferry::validate
