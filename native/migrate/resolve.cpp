#include "native/migrate/resolve.h"

#include <cstring>

namespace teamferry::migrate {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A start tag at the front of `html`, which begins with '<' and its name.
struct StartTag {
  std::size_t size = 0;  // 0: no tag ends here
  std::string_view name;
  std::string_view inside;  // between the name and '>'
};

StartTag start_tag(std::string_view html) {
  StartTag tag;
  std::size_t at = 1;
  while (at < html.size() && ((html[at] >= 'a' && html[at] <= 'z') || (html[at] >= 'A' && html[at] <= 'Z'))) ++at;
  tag.name = html.substr(1, at - 1);
  if (at < html.size() && !is_space(html[at]) && html[at] != '>' && html[at] != '/') return {};
  char quote = 0;
  for (std::size_t i = at; i < html.size(); ++i) {
    if (quote) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i];
    } else if (html[i] == '>') {
      tag.inside = html.substr(at, i - at);
      tag.size = i + 1;
      return tag;
    }
  }
  return {};
}

// The value of an attribute, character references read; false when it is not there.
bool attribute(std::string_view inside, std::string_view name, std::string& value) {
  for (std::size_t i = 0; i < inside.size();) {
    while (i < inside.size() && (is_space(inside[i]) || inside[i] == '/')) ++i;
    const std::size_t start = i;
    while (i < inside.size() && inside[i] != '=' && !is_space(inside[i]) && inside[i] != '/') ++i;
    const auto found = inside.substr(start, i - start);
    if (i >= inside.size() || inside[i] != '=') {
      if (found == name) return value.clear(), true;
      continue;
    }
    ++i;
    std::string_view text;
    if (i < inside.size() && (inside[i] == '"' || inside[i] == '\'')) {
      const auto end = inside.find(inside[i], i + 1);
      if (end == inside.npos) return false;
      text = inside.substr(i + 1, end - i - 1);
      i = end + 1;
    } else {
      const std::size_t from = i;
      while (i < inside.size() && !is_space(inside[i])) ++i;
      text = inside.substr(from, i - from);
    }
    if (found == name) return value = text_of_html(text), true;
  }
  return false;
}

std::string_view without(std::string_view text, char sign) {
  if (text.starts_with(sign)) text.remove_prefix(1);
  return text;
}

class Resolver {
 public:
  Resolver(std::string_view html, const Names& names, const NoteLoss& loss, Resolved& out)
      : html_(html), names_(names), loss_(loss), out_(out) {}

  void run() {
    out_.html.clear();
    out_.mentions.clear();
    std::size_t from = 0;
    for (std::size_t at = 0; at + 2 < html_.size();) {
      const auto* next = static_cast<const char*>(std::memchr(html_.data() + at, '<', html_.size() - at));
      if (!next) break;
      at = static_cast<std::size_t>(next - html_.data());
      if (at + 2 >= html_.size() || html_[at + 1] != 'a') {  // every marker begins with <a
        ++at;
        continue;
      }
      const std::size_t begin = out_.html.size();
      out_.html.append(html_, from, at - from);
      if (const std::size_t size = marker(html_.substr(at))) {
        from = at += size;
      } else {
        out_.html.resize(begin);
        ++at;
      }
    }
    out_.html.append(html_, from);
  }

 private:
  // Writes what the marker at the front of `html` becomes; returns its size, 0 when it is none.
  std::size_t marker(std::string_view html) {
    const StartTag tag = start_tag(html);
    if (tag.size == 0) return 0;
    if (tag.name == "at") {
      if (!attribute(tag.inside, "person", id_)) id_.clear();
      return mention(html, tag.size);
    }
    if (tag.name == "attachment" && attribute(tag.inside, "file", id_)) {
      loss_("file_missing", "files are not carried yet: " + id_);
      return element(html, tag.size, "</attachment>", "");
    }
    if (tag.name != "a") return 0;
    if (attribute(tag.inside, "message", id_)) {  // it may name the room as well, which is not what it shows
      const std::size_t size = element(html, tag.size, "</a>", "");
      out_.html += label_;
      loss_("link_as_text", id_);
      return size;
    }
    if (attribute(tag.inside, "conversation", id_)) {
      const std::size_t size = element(html, tag.size, "</a>", "");
      channel();
      return size;
    }
    return 0;
  }

  // Finds the label of an element; returns the size of the whole. One that never ends has no label.
  std::size_t element(std::string_view html, std::size_t start, std::string_view end_tag, std::string_view absent) {
    const auto end = html.find(end_tag, start);
    if (end == html.npos) {
      label_ = absent;
      return start;
    }
    label_ = html.substr(start, end - start);
    return end + end_tag.size();
  }

  std::size_t mention(std::string_view html, std::size_t start) {
    const std::size_t size = element(html, start, "</at>", "");
    std::string text(text_of_html(label_));
    if (text.starts_with('@')) text.erase(0, 1);
    if (text.empty()) text = names_.person(id_);
    if (text.empty()) text = id_;
    MentionedUser user;
    if (names_.user(id_, user)) {
      out_.html += "<at id=\"" + std::to_string(out_.mentions.size()) + "\">";
      append_html_text(out_.html, text);
      out_.html += "</at>";
      out_.mentions.push_back({std::move(text), std::string(user.user_id), std::string(user.displayName)});
    } else {
      out_.html += '@';
      append_html_text(out_.html, text);
      loss_("mention_unknown", text);
    }
    return size;
  }

  void channel() {
    out_.html += '#';
    if (const auto name = names_.channel(id_); !name.empty()) {
      append_html_text(out_.html, name);
    } else if (const auto label = without(label_, '#'); !label.empty()) {
      out_.html += label;
    } else {
      append_html_text(out_.html, id_);
    }
  }

  std::string_view html_;
  const Names& names_;
  const NoteLoss& loss_;
  Resolved& out_;
  std::string id_;
  std::string_view label_;
};

}  // namespace

void resolve_markers(std::string_view html, const Names& names, const NoteLoss& loss, Resolved& out) {
  Resolver(html, names, loss, out).run();
}

}  // namespace teamferry::migrate
