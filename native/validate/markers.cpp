#include "native/validate/markers.h"

#include <algorithm>

#include "native/validate/html_tags.h"
#include "native/validate/html_token.h"
#include "native/validate/html_url.h"

namespace teamferry::validate {
namespace {

constexpr std::string_view kImageFront = "../hostedContents/", kImageEnd = "/$value";

bool may_have_markers(std::string_view html) {
  for (std::size_t at = 0; (at = html.find('<', at)) < html.size(); ++at) {
    const char next = at + 1 < html.size() ? html[at + 1] : '\0';
    const char after = at + 2 < html.size() ? html[at + 2] : '\0';
    if ((next | 0x20) == 'a' && (after | 0x20) == 't') return true;
    if ((next | 0x20) == 'i' && (after | 0x20) == 'm') return true;
  }
  return false;
}

// The next end tag of that name; one that never comes leaves the element empty.
void find_close(std::string_view html, std::string_view name, Marker& marker) {
  HtmlTokens tokens(html, marker.inside);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind == HtmlToken::Kind::start && equals_ignoring_case(token.name, name)) return;
    if (token.kind != HtmlToken::Kind::end || !equals_ignoring_case(token.name, name)) continue;
    marker.close = token.begin;
    marker.end = token.end;
    return;
  }
}

}  // namespace

void find_markers(std::string_view html, Markers& markers) {
  markers.clear();
  if (!may_have_markers(html)) return;
  HtmlTokens tokens(html);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind != HtmlToken::Kind::start) continue;
    Marker marker;
    marker.begin = token.begin;
    marker.end = marker.inside = marker.close = token.end;
    if (equals_ignoring_case(token.name, "img")) {
      std::string source;
      if (!find_attribute_value(token.inside, "src", source) || !is_hosted_content(source)) continue;
      marker.kind = Marker::Kind::image;
      marker.id = source.substr(kImageFront.size(), source.size() - kImageFront.size() - kImageEnd.size());
    } else {
      const bool mention = equals_ignoring_case(token.name, "at");
      if (!mention && !equals_ignoring_case(token.name, "attachment")) continue;
      marker.kind = mention ? Marker::Kind::mention : Marker::Kind::attachment;
      find_attribute_value(token.inside, "id", marker.id);
      find_close(html, mention ? "at" : "attachment", marker);
    }
    markers.push_back(std::move(marker));
  }
}

}  // namespace teamferry::validate
