// One pass over the text with a stack of open elements on the side. What the parser of a browser would have to
// mend (an element closed out of order, a block inside a paragraph) is a finding; the judge in the tests is a
// parser of that kind, whose tree must then be the one that was written.
#include "native/validate/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "native/validate/html_tags.h"
#include "native/validate/html_url.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

using Severity = Finding::Severity;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// A form feed is white space to HTML, but R47 bars it wherever it stands.
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr auto make_stops() {
  std::array<bool, 256> stops{};
  for (int c = 0; c < 256; ++c) stops[c] = c < 0x20 || c >= 0x80 || c == '<' || c == '&';
  return stops;
}
constexpr auto kStops = make_stops();

// Collects findings, each kind of fault once, and not without end.
class Report {
 public:
  explicit Report(std::string_view field) : field_(field) {}

  bool full() const { return findings_.size() >= kMostFindings; }

  void add(const char* rule, Severity severity, std::string message, const char* cure) {
    const auto known = [&](const Finding& finding) { return finding.message == message; };
    if (full() || std::any_of(findings_.begin(), findings_.end(), known)) return;
    findings_.push_back({rule, severity, std::string(field_), std::move(message), cure});
  }
  void form(std::string message, const char* cure) { add("R45", Severity::warning, std::move(message), cure); }
  void danger(std::string message, const char* cure) { add("R46", Severity::error, std::move(message), cure); }

  Findings take() { return std::move(findings_); }

  // Looks at the character at the front of `text` that is not plain ASCII; returns its size.
  std::size_t check_character(std::string_view text) {
    const auto c = static_cast<unsigned char>(text.front());
    if (c < 0x20 && !is_space(text.front())) barred(c);
    if (c < 0x80) return 1;
    const auto character = character_at(text);
    if (!character.valid) {
      add("R47", Severity::error, "it is not valid UTF-8", "Replace stray bytes and lone surrogates by U+FFFD");
    }
    return character.size;
  }

  void check_form(std::string_view text) {
    if (is_composed(text)) return;
    add("R47", Severity::warning, "it holds characters in parts (not NFC)", "Write it composed, é as one character");
  }

  void barred(std::uint32_t point) {
    add("R47", Severity::error, fmt::format("it holds the control character U+{:04X}", point), "Remove it");
  }

 private:
  std::string_view field_;
  Findings findings_;
};

class Scanner {
 public:
  Scanner(std::string_view html, Report& report) : html_(html), report_(report) {}

  void run() {
    while (at_ < html_.size() && !report_.full()) {
      const char c = html_[at_];
      if (!kStops[static_cast<unsigned char>(c)]) {
        see_text();
        while (++at_ < html_.size() && !kStops[static_cast<unsigned char>(html_[at_])]) {
        }
      } else if (c == '<') {
        markup();
      } else if (c == '&') {
        see_text();
        reference();
      } else {
        if (!is_space(c)) see_text();
        at_ += report_.check_character(html_.substr(at_));
      }
    }
    while (depth_ > 0) unclosed(open_[--depth_], "the end");
  }

 private:
  static constexpr std::size_t kDeepest = 256;

  // Text that is not white space stands where only rows and cells may be.
  void see_text() {
    if (depth_ == 0 || !open_[depth_ - 1]->only_rows) return;
    if (std::all_of(html_.begin() + static_cast<std::ptrdiff_t>(at_),
                    html_.begin() + static_cast<std::ptrdiff_t>(std::min(html_.find('<', at_), html_.size())),
                    is_space)) {
      return;
    }
    report_.form(fmt::format("text stands in <{}> outside a cell", open_[depth_ - 1]->name), "Put it into a <td>");
  }

  // Numeric references can smuggle what R47 bars.
  void reference() {
    const auto reference = read_reference(html_.substr(at_));
    if (reference.numeric) {
      const auto point = reference.point;
      const bool surrogate = point >= 0xD800 && point < 0xE000;
      if ((point < 0x20 && point != '\t' && point != '\n' && point != '\r') || surrogate || point > 0x10FFFF) {
        report_.add("R47", Severity::error,
                    fmt::format("it holds a reference to U+{:04X}", static_cast<std::uint32_t>(point)), "Remove it");
      }
    }
    at_ += std::max<std::size_t>(reference.size, 1);
  }

  void markup() {
    const char next = at_ + 1 < html_.size() ? html_[at_ + 1] : '\0';
    if (is_letter(next)) return start_tag();
    if (next == '/' && at_ + 2 < html_.size() && is_letter(html_[at_ + 2])) return end_tag();
    if (next == '!' || next == '?' || next == '/') {
      report_.form(fmt::format("it holds a comment or declaration, <{}", next), "Remove it, or write &lt;");
      // As a parser does: a comment runs to its own end, anything else to the next '>'.
      const bool comment = html_.substr(at_, 4) == "<!--";
      const auto end = comment ? html_.find("-->", at_ + 2) : html_.find('>', at_);
      checked(html_.substr(at_, end - at_));
      at_ = end == html_.npos ? html_.size() : end + (comment ? 3 : 1);
      return;
    }
    see_text();
    report_.form("a < stands alone", "Write &lt;");
    ++at_;
  }

  std::string_view tag_name() {
    const auto begin = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>') ++at_;
    return html_.substr(begin, at_ - begin);
  }

  void start_tag() {
    ++at_;
    const auto name = tag_name();
    const Tag* tag = find_tag(name);
    if (tag == nullptr) unknown_tag(name);
    const bool self_closed = attributes(name, tag);
    if (tag == nullptr) tag = &kUnknownTag;
    check_place(*tag);
    if (tag->empty) return;
    if (self_closed) {
      report_.form(fmt::format("<{}/> is not closed by its slash", shown(name)), "Write the end tag");
    }
    if (depth_ == kDeepest) {
      report_.form("elements are nested deeper than 256", "Flatten them");
      return;
    }
    if (tag != &kUnknownTag) open_[depth_++] = tag;
  }

  void unknown_tag(std::string_view name) {
    checked(name);
    if (is_dangerous_tag(name)) {
      report_.danger(fmt::format("it holds <{}>", shown(name)), "Remove the element");
    } else {
      report_.form(fmt::format("<{}> is not a tag that Teams keeps", shown(name)), "Remove the tag or write &lt;");
    }
  }

  // Where a parser would close something by itself, or put the element elsewhere.
  void check_place(const Tag& tag) {
    const Tag* parent = depth_ > 0 ? open_[depth_ - 1] : nullptr;
    if (tag.parents != 0 && (parent == nullptr || !(tag.parents & parent->kind))) {
      report_.form(fmt::format("<{}> does not stand in its list or table", tag.name), "Put it where it belongs");
    }
    if (parent != nullptr && parent->only_rows && tag.parents == 0) {
      report_.form(fmt::format("<{}> stands in <{}> outside a cell", tag.name, parent->name), "Put it into a <td>");
    }
    if (tag.closes_paragraph && is_open(kParagraph)) {
      report_.form(fmt::format("<{}> stands in a <p>, which it would close", tag.name), "Close the <p> before it");
    }
    if (tag.kind == kHeading && parent != nullptr && parent->kind == kHeading) {
      report_.form(fmt::format("<{}> stands in another heading", tag.name), "Close the heading before it");
    }
    if (tag.kind == kLink && is_open(kLink)) {
      report_.form("a link stands in a link", "Close the first one before the second");
    }
  }

  // Open around here, as far as the cell that holds it all.
  bool is_open(TagKind kind) const {
    for (auto i = depth_; i > 0; --i) {
      if (open_[i - 1]->kind == kind) return true;
      if (open_[i - 1]->kind == kCell) return false;
    }
    return false;
  }

  void end_tag() {
    at_ += 2;
    const auto name = tag_name();
    const Tag* tag = find_tag(name);
    const auto rest = html_.find('>', at_);
    if (rest == html_.npos) {
      checked(html_.substr(at_));
      report_.form(fmt::format("</{} is cut off", shown(name)), "Close the tag");
    } else if (!std::all_of(html_.begin() + static_cast<std::ptrdiff_t>(at_),
                            html_.begin() + static_cast<std::ptrdiff_t>(rest), is_space)) {
      checked(html_.substr(at_, rest - at_));
      report_.form(fmt::format("</{}> holds more than its name", shown(name)), "Leave only the name");
    }
    at_ = rest == html_.npos ? html_.size() : rest + 1;
    if (tag == nullptr) return unknown_tag(name);
    const auto end = open_.begin() + static_cast<std::ptrdiff_t>(depth_);
    if (std::find(open_.begin(), end, tag) == end) {
      report_.form(fmt::format("</{}> closes nothing", tag->name), "Remove it");
      return;
    }
    while (open_[--depth_] != tag) unclosed(open_[depth_], fmt::format("</{}>", tag->name));
  }

  void unclosed(const Tag* tag, const std::string& before) {
    report_.form(fmt::format("<{}> is not closed before {}", tag->name, before), "Close elements in order");
  }

  // Reads to behind the '>'. True when the tag ends with "/>".
  bool attributes(std::string_view tag_name, const Tag* tag) {
    std::uint32_t seen = 0;
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '>') return ++at_, false;
      if (c == '/') {
        if (at_ + 1 < html_.size() && html_[at_ + 1] == '>') return at_ += 2, true;
        ++at_;
      } else if (is_space(c)) {
        ++at_;
      } else {
        attribute(tag_name, tag, seen);
      }
    }
    report_.form(fmt::format("<{} is cut off", shown(tag_name)), "Close the tag");
    return false;
  }

  void attribute(std::string_view tag_name, const Tag* tag, std::uint32_t& seen) {
    const auto begin = at_++;  // an attribute may begin with '='
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '/' && html_[at_] != '>' && html_[at_] != '=') {
      ++at_;
    }
    const auto name = html_.substr(begin, at_ - begin);
    const auto value = attribute_value(name);
    const int place = tag == nullptr ? -1 : find_attribute(*tag, name);
    if (place < 0) checked(name);
    if (name.size() > 2 && equals_ignoring_case(name.substr(0, 2), "on")) {
      return report_.danger(fmt::format("<{}> has the event attribute {}", shown(tag_name), shown(name)),
                            "Remove the attribute");
    }
    if (tag == nullptr) return;
    if (place < 0) {
      return report_.form(fmt::format("<{}> has the attribute {}, which Teams does not keep", tag->name, shown(name)),
                          "Remove the attribute");
    }
    if (seen & 1u << place) {
      report_.form(fmt::format("<{}> has the attribute {} twice", tag->name, shown(name)), "Keep one");
    }
    seen |= 1u << place;
    check_value(*tag, tag->attributes[static_cast<std::size_t>(place)], value);
  }

  std::string_view attribute_value(std::string_view name) {
    auto at = at_;
    while (at < html_.size() && is_space(html_[at])) ++at;
    if (at >= html_.size() || html_[at] != '=') {
      report_.form(fmt::format("the attribute {} has no value", shown(name)), "Write name=\"value\"");
      return {};
    }
    do {
      ++at;
    } while (at < html_.size() && is_space(html_[at]));
    at_ = at;
    if (at < html_.size() && (html_[at] == '"' || html_[at] == '\'')) {
      const auto end = std::min(html_.find(html_[at], at + 1), html_.size());
      at_ = std::min(end + 1, html_.size());
      return checked(html_.substr(at + 1, end - at - 1));
    }
    report_.form(fmt::format("the value of {} stands without quotes", shown(name)), "Write name=\"value\"");
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>') ++at_;
    return checked(html_.substr(at, at_ - at));
  }

  std::string_view checked(std::string_view value) {
    for (std::size_t i = 0; i < value.size();) {
      const auto c = static_cast<unsigned char>(value[i]);
      i += c < 0x20 || c >= 0x80 ? report_.check_character(value.substr(i)) : 1;
    }
    return value;
  }

  void check_value(const Tag& tag, std::string_view attribute, std::string_view value) {
    if (attribute == "href") return check_link(value);
    if (attribute == "src" && !is_hosted_content(value)) {
      report_.danger(fmt::format("an image comes from {}, which the service does not fetch", shown(value)),
                     "Send the picture as hosted content, ../hostedContents/1/$value, or as a link");
    }
    if (attribute == "style" && may_run(value)) {
      report_.danger(fmt::format("the style of <{}> can run or fetch something", tag.name), "Remove the style");
    }
  }

  void check_link(std::string_view value) {
    switch (judge_url(value)) {
      case UrlVerdict::safe:
        return;
      case UrlVerdict::dangerous:
        return report_.danger(fmt::format("a link goes to {}, which can run", shown(value)), "Remove the link");
      case UrlVerdict::relative:
        return report_.form(fmt::format("a link goes to {}, which is no whole address", shown(value)),
                            "Write the whole address, or the text alone");
      case UrlVerdict::unknown_scheme:
        return report_.form(fmt::format("a link goes to {}, which Teams does not open", shown(value)),
                            "Write the text alone");
    }
  }

  std::string_view html_;
  Report& report_;
  std::size_t at_ = 0;
  std::array<const Tag*, kDeepest> open_{};
  std::size_t depth_ = 0;
};

}  // namespace

Findings check_html(std::string_view html, std::string_view field) {
  Report report(field);
  Scanner(html, report).run();
  report.check_form(html);
  return report.take();
}

Findings check_text(std::string_view text, std::string_view field) {
  Report report(field);
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    i += c < 0x20 || c >= 0x80 ? report.check_character(text.substr(i)) : 1;
  }
  report.check_form(text);
  return report.take();
}

}  // namespace teamferry::validate
