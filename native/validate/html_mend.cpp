// One pass over the tokens with a stack of what is open in the output. Every element that is written first makes its
// place: what may not hold it is closed, what has to hold it is opened.
#include "native/validate/html_mend.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "native/validate/html_tags.h"
#include "native/validate/html_token.h"
#include "native/validate/html_url.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

constexpr std::size_t kDeepest = 200;  // of the scanner's 256

struct Renamed {
  std::string_view from, to;
};
constexpr Renamed kRenamed[] = {{"h4", "h3"},       {"h5", "h3"},      {"h6", "h3"},     {"ins", "u"},
                                {"tt", "code"},     {"kbd", "code"},   {"samp", "code"}, {"center", "div"},
                                {"thead", "tbody"}, {"tfoot", "tbody"}};

// Tags of which nothing is kept, neither tag nor what is in it; other tags that are not kept lose only the tag.
constexpr std::string_view kSilent[] = {"script", "style",    "title",  "template", "iframe",
                                        "object", "noscript", "svg",    "math",     "textarea",
                                        "select", "noembed",  "applet", "noframes", "head"};

bool is_silent(std::string_view name) {
  return std::any_of(std::begin(kSilent), std::end(kSilent),
                     [&](std::string_view tag) { return equals_ignoring_case(name, tag); });
}

const Tag* kept_tag(std::string_view name) {
  for (const auto& renamed : kRenamed) {
    if (equals_ignoring_case(name, renamed.from)) return find_tag(renamed.to);
  }
  return find_tag(name);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == text.npos;
}

class Mender {
 public:
  explicit Mender(std::string_view html) : html_(html) { out_.reserve(html.size() + 16); }

  std::string run() {
    HtmlTokens tokens(html_);
    for (HtmlToken token; tokens.next(token);) {
      const auto piece = html_.substr(token.begin, token.end - token.begin);
      switch (token.kind) {
        case HtmlToken::Kind::text:
        case HtmlToken::Kind::cut_off:
          text(piece);
          break;
        case HtmlToken::Kind::start:
          if (is_silent(token.name)) {
            tokens = HtmlTokens(html_, behind_silent(token));
          } else {
            start(token);
          }
          break;
        case HtmlToken::Kind::end:
          end(token.name);
          break;
        case HtmlToken::Kind::comment:
          break;
      }
    }
    close_to(0);
    return std::move(out_);
  }

 private:
  // Behind the end tag of that name; the end of the text if it never comes, as it is to a parser.
  std::size_t behind_silent(const HtmlToken& begin) const {
    for (auto at = html_.find("</", begin.end); at != html_.npos; at = html_.find("</", at + 2)) {
      if (!equals_ignoring_case(html_.substr(at + 2, begin.name.size()), lower(begin.name))) continue;
      const auto close = html_.find('>', at);
      return close == html_.npos ? html_.size() : close + 1;
    }
    return html_.size();
  }

  static std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }

  const Tag* top() const { return open_.empty() ? nullptr : open_.back(); }

  void close_to(std::size_t depth) {
    while (open_.size() > depth) {
      out_ += "</";
      out_ += open_.back()->name;
      out_ += '>';
      open_.pop_back();
    }
  }

  // The depth at which the last element of these kinds stands, counted from 1; 0 if there is none. What is no part of
  // a table is looked for no farther than the cell around here.
  std::size_t find_open(unsigned kinds) const {
    const bool of_table = kinds & (kTable | kTableBody | kRow);
    for (auto i = open_.size(); i > 0; --i) {
      if (open_[i - 1]->kind & kinds) return i;
      if (open_[i - 1]->kind == kCell && !of_table) return 0;
    }
    return 0;
  }

  void open(const Tag& tag, std::string_view attributes = {}) {
    out_ += '<';
    out_ += tag.name;
    out_ += attributes;
    out_ += '>';
    if (!tag.empty) open_.push_back(&tag);
  }

  // Rows and cells of a table, when what comes now may only stand in a cell.
  void enter_cell() {
    if (top() == nullptr || !top()->only_rows) return;
    const Tag& cell = *find_tag("td");
    make_place(cell);
    open(cell);
  }

  void make_place(const Tag& tag) {
    if (tag.parents != 0) {
      if (const auto depth = find_open(tag.parents); depth != 0) return close_to(depth);
      const Tag& parent = *find_tag(tag.parents & kList ? "ul" : tag.parents & kRow ? "tr" : "table");
      make_place(parent);
      return open(parent);
    }
    enter_cell();
    if (tag.closes_paragraph) {
      if (const auto depth = find_open(kParagraph); depth != 0) close_to(depth - 1);
    }
    if (tag.kind == kHeading && top() != nullptr && top()->kind == kHeading) close_to(open_.size() - 1);
    if (tag.kind == kLink) {
      if (const auto depth = find_open(kLink); depth != 0) close_to(depth - 1);
    }
  }

  void start(const HtmlToken& token) {
    const Tag* tag = kept_tag(token.name);
    if (tag == nullptr || (open_.size() >= kDeepest && !tag->empty)) return;
    if (tag->name == "img") return image(token.inside);
    make_place(*tag);
    open(*tag, attributes(*tag, token.inside));
  }

  void image(std::string_view inside) {
    std::string source, label, hosted;
    find_attribute_value(inside, "alt", label);
    find_attribute_value(inside, "src", source);
    const Tag& picture = *find_tag("img");
    if (const auto kept = attributes(picture, inside); find_attribute_value(kept, "src", hosted)) {
      make_place(picture);
      return open(picture, kept);
    }
    const bool link = judge_url(source) == UrlVerdict::safe && find_open(kLink) == 0;
    if (label.empty()) label = judge_url(source) == UrlVerdict::safe ? source : std::string();
    if (label.empty()) return;
    const Tag& tag = *find_tag("a");
    if (link) {
      make_place(tag);
      open(tag, " href=\"" + quoted(source, true) + '"');
    }
    text(quoted(cleaned(label), true));
    if (link) close_to(open_.size() - 1);
  }

  static std::string quoted(std::string_view value, bool ampersands) {
    std::string out;
    for (const char c : value) {
      if (c == '"') {
        out += "&quot;";
      } else if (c == '<') {
        out += "&lt;";
      } else if (c == '&' && ampersands) {
        out += "&amp;";
      } else {
        out += c;
      }
    }
    return out;
  }

  static bool is_kept(const Tag& tag, std::string_view name, std::string_view value) {
    if (name == "href") return judge_url(value) == UrlVerdict::safe;
    if (name == "src") return is_hosted_content(value);
    if (name == "style") return !may_run(value);
    return !tag.name.empty();
  }

  std::string attributes(const Tag& tag, std::string_view inside) {
    std::string out;
    std::uint32_t seen = 0;
    HtmlAttributes all(inside);
    for (HtmlAttribute attribute; all.next(attribute);) {
      const int place = find_attribute(tag, attribute.name);
      if (place < 0 || seen & 1u << place) continue;
      seen |= 1u << place;
      const auto name = tag.attributes[static_cast<std::size_t>(place)];
      const auto value = quoted(attribute.value, false);
      if (!is_kept(tag, name, value)) continue;
      out += ' ';
      out += name;
      out += "=\"";
      out += value;
      out += '"';
    }
    return out;
  }

  void end(std::string_view name) {
    const Tag* tag = kept_tag(name);
    if (tag == nullptr || tag->empty) return;
    const bool of_table = tag->only_rows || tag->kind == kCell;
    for (auto i = open_.size(); i > 0; --i) {
      if (open_[i - 1] == tag) return close_to(i - 1);
      if (open_[i - 1]->kind == kCell && !of_table) return;
    }
  }

  void text(std::string_view text) {
    if (!is_blank(text)) enter_cell();
    while (!text.empty()) {
      const auto taken = std::min(text.find_first_of("<&"), text.size());
      out_ += text.substr(0, taken);
      text.remove_prefix(taken);
      if (text.empty()) return;
      if (text.front() == '<') {
        out_ += "&lt;";
        text.remove_prefix(1);
        continue;
      }
      ampersand(text);
    }
  }

  // What stands behind it may go, and the next piece come up to it: a reference is closed here, and what is none cannot
  // become one.
  void ampersand(std::string_view& text) {
    const auto reference = read_reference(text);
    const auto written = text.substr(0, reference.size);
    text.remove_prefix(reference.size);
    if (reference.numeric) {
      if (!is_allowed(reference.point)) return;
      out_ += written;
      if (!written.ends_with(';')) out_ += ';';
    } else {
      out_ += written;
      if (written == "&" && (text.empty() || text.front() == '#')) out_ += "amp;";
    }
  }

  static bool is_allowed(char32_t point) {
    if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
    return point <= 0x10FFFF && (point < 0xD800 || point >= 0xE000);
  }

  std::string_view html_;
  std::string out_;
  std::vector<const Tag*> open_;
};

}  // namespace

std::string mended_html(std::string_view html) {
  if (is_clean(html) && is_composed(html)) return Mender(html).run();
  const auto clean = composed(cleaned(html));
  return Mender(clean).run();
}

}  // namespace teamferry::validate
