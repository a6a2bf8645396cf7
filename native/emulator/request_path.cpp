#include "native/emulator/request_path.h"

#include <algorithm>

#include "native/emulator/drive_path.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

// "teams('id')" is "teams/id", and a bound action may carry its namespace.
void add_segment(std::vector<std::string>& segments, std::string segment) {
  constexpr std::string_view kNamespace = "microsoft.graph.";
  if (segment.compare(0, kNamespace.size(), kNamespace) == 0) segment.erase(0, kNamespace.size());
  const auto open = segment.find("('");
  if (open == segment.npos || open == 0 || segment.size() < open + 4 ||
      segment.compare(segment.size() - 2, 2, "')") != 0) {
    segments.push_back(std::move(segment));
    return;
  }
  std::string key = segment.substr(open + 2, segment.size() - open - 4);
  for (auto quote = key.find("''"); quote != key.npos; quote = key.find("''", quote + 1)) key.erase(quote, 1);
  segments.push_back(segment.substr(0, open));
  segments.push_back(std::move(key));
}

}  // namespace

Url split_url(std::string_view url) {
  Url parts;
  const auto scheme = url.find("://");
  const auto host = scheme == url.npos ? 0 : scheme + 3;
  const auto path = std::min(url.find_first_of("/?", host), url.size());
  parts.base = url.substr(0, path);
  std::string_view rest = url.substr(path);
  const auto question = std::min(rest.find('?'), rest.size());
  parts.path = rest.substr(0, question);
  parts.query = rest.substr(std::min(rest.size(), question + 1));
  return parts;
}

std::optional<std::vector<std::string>> read_path(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  for (const std::string_view part : split(path)) {
    auto decoded = percent_decode(part, false);
    if (!decoded) return std::nullopt;
    add_segment(segments, std::move(*decoded));
    if (!names_drive(segments)) continue;
    const auto rest = static_cast<std::size_t>(part.data() + part.size() - path.data());
    decoded = percent_decode(path.substr(std::min(path.size(), rest + 1)), false);
    if (!decoded) return std::nullopt;
    add_drive_path(segments, *decoded);
    break;
  }
  return segments;
}

std::optional<std::map<std::string, std::string>> read_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name || !value) return std::nullopt;
    if (!name->empty()) query[std::move(*name)] = std::move(*value);
  }
  return query;
}

}  // namespace teamferry::emulator
