#include "native/validate/html_tags.h"

#include <algorithm>

namespace teamferry::validate {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool kEmpty = true, kClosesP = true, kOnlyRows = true;

// Sorted by name.
constexpr Tag kTags[] = {
    {"a", kLink, false, false, false, 0, {"href", "title"}},
    {"at", kOther, false, false, false, 0, {"id"}},
    {"attachment", kOther, false, false, false, 0, {"id"}},
    {"b"},
    {"blockquote", kOther, false, kClosesP},
    {"br", kOther, kEmpty},
    {"code"},
    {"codeblock", kOther, false, false, false, 0, {"class"}},
    {"del"},
    {"div", kOther, false, kClosesP},
    {"em"},
    {"emoji", kOther, false, false, false, 0, {"id", "alt", "title"}},
    {"h1", kHeading, false, kClosesP},
    {"h2", kHeading, false, kClosesP},
    {"h3", kHeading, false, kClosesP},
    {"hr", kOther, kEmpty, kClosesP},
    {"i"},
    {"img", kOther, kEmpty, false, false, 0, {"src", "width", "height", "alt", "itemid", "style"}},
    {"li", kOther, false, false, false, kList},
    {"ol", kList, false, kClosesP, false, 0, {"start"}},
    {"p", kParagraph, false, kClosesP},
    {"pre", kOther, false, kClosesP},
    {"s"},
    {"span"},
    {"strike"},
    {"strong"},
    {"sub"},
    {"sup"},
    {"table", kTable, false, kClosesP, kOnlyRows},
    {"tbody", kTableBody, false, false, kOnlyRows, kTable},
    {"td", kCell, false, false, false, kRow, {"colspan", "rowspan"}},
    {"th", kCell, false, false, false, kRow, {"colspan", "rowspan"}},
    {"tr", kRow, false, false, kOnlyRows, kTable | kTableBody},
    {"u"},
    {"ul", kList, false, kClosesP},
};

constexpr std::string_view kDangerousTags[] = {"applet",   "base",     "embed",     "form",   "frame",   "frameset",
                                               "iframe",   "link",     "math",      "meta",   "noembed", "noframes",
                                               "noscript", "object",   "plaintext", "script", "select",  "style",
                                               "svg",      "template", "textarea",  "title",  "xmp"};

}  // namespace

const Tag kUnknownTag{"unknown"};

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) { return lower(a) == b; });
}

const Tag* find_tag(std::string_view name) {
  if (name.empty() || name.size() > 10) return nullptr;
  const char first = lower(name.front());
  for (const auto& tag : kTags) {
    if (tag.name.front() == first && equals_ignoring_case(name, tag.name)) return &tag;
  }
  return nullptr;
}

int find_attribute(const Tag& tag, std::string_view name) {
  for (std::size_t i = 0; i < tag.attributes.size() && !tag.attributes[i].empty(); ++i) {
    if (equals_ignoring_case(name, tag.attributes[i])) return static_cast<int>(i);
  }
  return -1;
}

bool is_dangerous_tag(std::string_view name) {
  return std::any_of(std::begin(kDangerousTags), std::end(kDangerousTags),
                     [&](std::string_view tag) { return equals_ignoring_case(name, tag); });
}

}  // namespace teamferry::validate
