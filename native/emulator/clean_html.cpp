#include "native/emulator/clean_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include "native/emulator/html_scanner.h"
#include "native/emulator/html_text.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

// How an element stands among others.
enum class Kind {
  phrase,  // within a line
  link,    // a phrase that does not nest
  block,   // ends a paragraph
  list,
  item,
  table,
  body,
  row,
  cell,
  empty,  // has no end
};

struct Element {
  std::string_view name;    // as messages write it
  std::string_view shown;   // as the page does
  std::string_view marked;  // class of the page's style sheet
  Kind kind;
};

constexpr std::array kElements = {
    Element{"p", "p", "", Kind::block},
    Element{"div", "div", "", Kind::block},
    Element{"blockquote", "blockquote", "", Kind::block},
    Element{"pre", "pre", "", Kind::block},
    Element{"codeblock", "pre", "", Kind::block},
    Element{"h1", "div", "h1", Kind::block},
    Element{"h2", "div", "h2", Kind::block},
    Element{"h3", "div", "h3", Kind::block},
    Element{"br", "br", "", Kind::empty},
    Element{"hr", "hr", "", Kind::block},
    Element{"span", "span", "", Kind::phrase},
    Element{"b", "b", "", Kind::phrase},
    Element{"strong", "strong", "", Kind::phrase},
    Element{"i", "i", "", Kind::phrase},
    Element{"em", "em", "", Kind::phrase},
    Element{"u", "u", "", Kind::phrase},
    Element{"s", "s", "", Kind::phrase},
    Element{"strike", "s", "", Kind::phrase},
    Element{"del", "del", "", Kind::phrase},
    Element{"sub", "sub", "", Kind::phrase},
    Element{"sup", "sup", "", Kind::phrase},
    Element{"code", "code", "", Kind::phrase},
    Element{"at", "span", "at", Kind::phrase},
    Element{"a", "a", "", Kind::link},
    Element{"ul", "ul", "", Kind::list},
    Element{"ol", "ol", "", Kind::list},
    Element{"li", "li", "", Kind::item},
    Element{"table", "table", "", Kind::table},
    Element{"tbody", "tbody", "", Kind::body},
    Element{"tr", "tr", "", Kind::row},
    Element{"td", "td", "", Kind::cell},
    Element{"th", "th", "", Kind::cell},
    Element{"img", "img", "", Kind::empty},
    Element{"attachment", "", "", Kind::empty},
    Element{"emoji", "", "", Kind::empty},
};

const Element* find_element(std::string_view name) {
  const auto found = std::find_if(kElements.begin(), kElements.end(), [&](const Element& e) { return e.name == name; });
  return found == kElements.end() ? nullptr : &*found;
}

// "3" of a colspan; zero for what is no small number.
int small_number(const std::string* text, int most) {
  if (text == nullptr || text->empty() || text->size() > 4) return 0;
  int value = 0;
  for (const char c : *text) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return std::min(value, most);
}

constexpr std::size_t kMostBrought = 6;  // tbody, tr, td, ul and li for one start

class Cleaner {
 public:
  explicit Cleaner(const HtmlHooks& hooks) : hooks_(hooks) {}

  void text(std::string_view raw);
  void start(const Tag& tag);
  void end(std::string_view name);
  std::string finish() {
    close_to(0);
    return std::move(out_);
  }

 private:
  void open(const Element& element, std::string_view attributes = {});
  void close_to(std::size_t depth);
  void make_room(const Element& element);
  void enter_row();
  void enter_cell();
  void void_element(const Element& element, const Tag& tag);
  void image(const Tag& tag);

  // How many elements stay open when the innermost one that `is` accepts is closed; nothing is looked at beyond a
  // table's edge. Nothing: there is none.
  template <class Is>
  std::optional<std::size_t> innermost(const Is& is, bool across_cells = false) const {
    for (std::size_t depth = stack_.size(); depth-- > 0;) {
      if (is(*stack_[depth])) return depth;
      if (stack_[depth]->kind == Kind::table) return std::nullopt;
      if (!across_cells && stack_[depth]->kind == Kind::cell) return std::nullopt;
    }
    return std::nullopt;
  }
  bool in_table() const {
    return std::any_of(stack_.begin(), stack_.end(), [](const Element* e) { return e->kind == Kind::table; });
  }

  const HtmlHooks& hooks_;
  std::string out_;
  std::vector<const Element*> stack_;
  std::array<std::size_t, kElements.size()> too_deep_{};  // starts left out, whose ends must close nothing
};

void Cleaner::close_to(std::size_t depth) {
  while (stack_.size() > depth) {
    out_ += "</";
    out_ += stack_.back()->shown;
    out_ += '>';
    stack_.pop_back();
  }
}

void Cleaner::open(const Element& element, std::string_view attributes) {
  out_ += '<';
  out_ += element.shown;
  if (!element.marked.empty()) fmt::format_to(std::back_inserter(out_), " class=\"{}\"", element.marked);
  out_ += attributes;
  out_ += '>';
  stack_.push_back(&element);
}

// Rows right in a table would get a body from a browser, and cells right in either a row.
void Cleaner::enter_row() {
  static const Element& body = *find_element("tbody");
  static const Element& row = *find_element("tr");
  if (stack_.back()->kind == Kind::table) open(body);
  if (stack_.back()->kind == Kind::body) open(row);
}

// Text and elements right in a table would be moved in front of it by a browser.
void Cleaner::enter_cell() {
  static const Element& cell = *find_element("td");
  if (stack_.empty()) return;
  enter_row();
  if (stack_.back()->kind == Kind::row) open(cell);
}

// Closes what a browser would close by itself before this element, and opens what it would miss.
void Cleaner::make_room(const Element& element) {
  static const Element& list = *find_element("ul");
  static const Element& body = *find_element("tbody");
  const auto is_table = [](const Element& e) { return e.kind == Kind::table; };
  switch (element.kind) {
    case Kind::body:
      if (const auto table = innermost(is_table, true)) close_to(*table + 1);
      return;
    case Kind::row:
      if (const auto part =
              innermost([](const Element& e) { return e.kind == Kind::body || e.kind == Kind::table; }, true)) {
        close_to(*part + 1);
      }
      if (stack_.back()->kind == Kind::table) open(body);
      return;
    case Kind::cell:
      if (const auto part = innermost(
              [](const Element& e) { return e.kind == Kind::row || e.kind == Kind::body || e.kind == Kind::table; },
              true)) {
        close_to(*part + 1);
      }
      enter_row();
      return;
    case Kind::item:
      enter_cell();
      if (const auto place = innermost([](const Element& e) { return e.kind == Kind::list; })) {
        close_to(*place + 1);
      } else {
        make_room(list);
        open(list);
      }
      return;
    case Kind::phrase:
    case Kind::empty:
      enter_cell();
      return;
    case Kind::link:
      enter_cell();
      if (const auto link = innermost([](const Element& e) { return e.kind == Kind::link; })) close_to(*link);
      return;
    case Kind::block:
    case Kind::list:
    case Kind::table:
      enter_cell();
      if (const auto paragraph = innermost([](const Element& e) { return e.name == "p"; })) close_to(*paragraph);
      return;
  }
}

void Cleaner::text(std::string_view raw) {
  const bool blank = raw.find_first_not_of(" \t\r\n") == raw.npos;
  if (!blank) {
    enter_cell();
  } else if (!stack_.empty() && (stack_.back()->kind == Kind::table || stack_.back()->kind == Kind::body ||
                                 stack_.back()->kind == Kind::row)) {
    return;
  }
  append_html_text(out_, raw);
}

void Cleaner::image(const Tag& tag) {
  const std::string* src = tag.find("src");
  const std::string* alt = tag.find("alt");
  const std::string address = src != nullptr && hooks_.image ? hooks_.image(*src) : "";
  const std::string words = alt != nullptr ? escape_html(*alt) : "";
  if (address.empty()) {
    out_ += R"(<span class="missing">Image not shown)" + (words.empty() ? "" : ": " + words) + "</span>";
    return;
  }
  out_ += fmt::format(R"(<img src="{}" alt="{}" loading="lazy" decoding="async")", escape_html(address), words);
  for (const char* side : {"width", "height"}) {
    if (const int pixels = small_number(tag.find(side), 4000)) out_ += fmt::format(R"( {}="{}")", side, pixels);
  }
  out_ += '>';
}

void Cleaner::void_element(const Element& element, const Tag& tag) {
  if (element.name == "br" || element.name == "hr") {
    out_ += fmt::format("<{}>", element.name);
  } else if (element.name == "img") {
    image(tag);
  } else if (element.name == "emoji") {
    const std::string* alt = tag.find("alt");
    if (alt != nullptr) out_ += escape_html(*alt);
  } else if (const std::string* id = tag.find("id"); id != nullptr && hooks_.attachment) {
    // It brings links.
    static const Element& link = *find_element("a");
    const std::string shown = hooks_.attachment(*id);
    if (shown.empty()) return;
    make_room(link);
    out_ += shown;
  }
}

void Cleaner::start(const Tag& tag) {
  const Element* element = find_element(tag.name);
  if (element == nullptr) return;
  const bool table_part = element->kind == Kind::body || element->kind == Kind::row || element->kind == Kind::cell;
  if (table_part && !in_table()) return;
  if (element->kind == Kind::empty || element->name == "hr") {
    make_room(*element);
    void_element(*element, tag);
    return;
  }
  if (stack_.size() + kMostBrought > kMostDepth) {
    ++too_deep_[static_cast<std::size_t>(element - kElements.data())];
    return;
  }
  make_room(*element);
  std::string attributes;
  if (element->kind == Kind::link) {
    const std::string* href = tag.find("href");
    const std::string address = href != nullptr ? clean_link(*href) : "";
    if (!address.empty()) {
      attributes = fmt::format(R"( href="{}" rel="noopener noreferrer nofollow")", escape_html(address));
    }
    if (const std::string* title = tag.find("title")) attributes += fmt::format(R"( title="{}")", escape_html(*title));
  } else if (element->name == "ol") {
    if (const int first = small_number(tag.find("start"), 9999)) attributes = fmt::format(R"( start="{}")", first);
  } else if (element->kind == Kind::cell) {
    for (const char* name : {"colspan", "rowspan"}) {
      if (const int count = small_number(tag.find(name), 100)) attributes += fmt::format(R"( {}="{}")", name, count);
    }
  }
  open(*element, attributes);
}

void Cleaner::end(std::string_view name) {
  const Element* element = find_element(name);
  if (element == nullptr || element->kind == Kind::empty || element->name == "hr") return;
  std::size_t& left_out = too_deep_[static_cast<std::size_t>(element - kElements.data())];
  if (left_out > 0) {
    --left_out;
    return;
  }
  const bool table_part = element->kind == Kind::table || element->kind == Kind::body || element->kind == Kind::row ||
                          element->kind == Kind::cell;
  if (const auto open = innermost([&](const Element& e) { return &e == element; }, table_part)) close_to(*open);
}

}  // namespace

std::string clean_link(std::string_view href) {
  // A browser skips tabs and line ends anywhere, and spaces and controls around; so must whoever judges an address.
  std::string address;
  for (const char c : href) {
    if (c != '\t' && c != '\n' && c != '\r') address += c;
  }
  const auto edge = [](char c) { return static_cast<unsigned char>(c) > ' '; };
  address.erase(address.begin(), std::find_if(address.begin(), address.end(), edge));
  address.erase(std::find_if(address.rbegin(), address.rend(), edge).base(), address.end());
  if (std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
    return "";
  const std::string start = lower_ascii(std::string_view(address).substr(0, 8));
  for (const std::string_view scheme : {"https://", "http://", "mailto:"}) {
    if (start.compare(0, scheme.size(), scheme) == 0) return address;
  }
  return "";
}

std::string clean_html(std::string_view html, const HtmlHooks& hooks) {
  Cleaner cleaner(hooks);
  scan_html(
      html, [&](std::string_view text) { cleaner.text(text); }, [&](const Tag& tag) { cleaner.start(tag); },
      [&](std::string_view name) { cleaner.end(name); });
  return cleaner.finish();
}

}  // namespace teamferry::emulator
