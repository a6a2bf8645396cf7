#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "native/emulator/clean_html.h"
#include "native/emulator/html_text.h"
#include "native/emulator/page_view.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// One message as Teams shows it. Messages were accepted as a client sent them, so no member of theirs is relied upon.
namespace teamferry::emulator::page {
namespace {

using nlohmann::json;

const json* member(const json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const json* object, const char* name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

const json& list_of(const json& object, const char* name) {
  static const json kNone = json::array();
  const json* value = member(&object, name);
  return value != nullptr && value->is_array() ? *value : kNone;
}

// "docx" of "plan.docx", as a tile.
std::string tile(std::string_view name) {
  const auto dot = name.rfind('.');
  const std::string_view extension = dot == name.npos ? std::string_view() : name.substr(dot + 1);
  const bool good =
      !extension.empty() && extension.size() <= 4 &&
      std::all_of(extension.begin(), extension.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
  return fmt::format(R"(<span class="tile" aria-hidden="true">{}</span>)", good ? std::string(extension) : "file");
}

std::string card(const json& attachment) {
  const std::string type = text_of(&attachment, "contentType");
  const std::string address = clean_link(text_of(&attachment, "contentUrl"));
  std::string name = text_of(&attachment, "name");
  if (name.empty()) name = address.empty() ? "Attachment" : address;
  const std::string shown = fmt::format("<bdi>{}</bdi>", escape_html(name));
  std::string html = R"(<span class="card">)" + tile(name);
  html += address.empty()
              ? shown
              : fmt::format(R"(<a href="{}" rel="noopener noreferrer nofollow">{}</a>)", escape_html(address), shown);
  if (!type.empty() && type != "reference") html += fmt::format(R"(<span class="soft">{}</span>)", escape_html(type));
  return html + "</span>";
}

// The attachments of a message, each shown once: where the text has its mark, or below.
class Cards {
 public:
  explicit Cards(const json& message) : list_(list_of(message, "attachments")), shown_(list_.size()) {}

  std::string take(std::string_view id) {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (!shown_[i] && text_of(&list_[i], "id") == id) {
        shown_[i] = true;
        return card(list_[i]);
      }
    }
    return "";
  }
  std::string rest() const {
    std::string html;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (!shown_[i]) html += card(list_[i]);
    }
    return html.empty() ? "" : R"(<div class="cards">)" + html + "</div>";
  }

 private:
  const json& list_;
  std::vector<bool> shown_;
};

// ".../hostedContents/{id}/$value" of this message's own pictures.
std::string picture_address(const Visit& visit, const Message& message, std::string_view src) {
  constexpr std::string_view kStart = "hostedContents/";
  const auto start = src.rfind(kStart);
  if (start == src.npos) return "";
  const std::string_view rest = src.substr(start + kStart.size());
  const std::string_view id = rest.substr(0, rest.find('/'));
  for (const HostedImage& picture : visit.conversation->pictures_of(message)) {
    if (picture.id == id) {
      return fmt::format("{}/pictures/{}/{}", address_of(*visit.conversation), message.id, percent_encode(id));
    }
  }
  return "";
}

std::string body_html(const Visit& visit, const Message& message, const json& content) {
  const json* body = member(&content, "body");
  const std::string text = text_of(body, "content");
  Cards cards(content);
  std::string html;
  if (text_of(body, "contentType") == "html") {
    HtmlHooks hooks;
    hooks.image = [&](std::string_view src) { return picture_address(visit, message, src); };
    hooks.attachment = [&](std::string_view id) { return cards.take(id); };
    html = R"(<div class="body" dir="auto">)" + clean_html(text, hooks) + "</div>";
  } else {
    html = R"(<div class="body plain" dir="auto">)" + escape_html(text) + "</div>";
  }
  return html + cards.rest();
}

// The emoji of a reaction, and a word for it.
std::pair<std::string, std::string> reaction_look(const json& reaction) {
  static constexpr std::pair<std::string_view, std::string_view> kLegacy[] = {
      {"like", "👍"}, {"heart", "❤️"}, {"laugh", "😆"}, {"surprised", "😮"}, {"sad", "🙁"}, {"angry", "😠"}};
  const std::string type = text_of(&reaction, "reactionType");
  const std::string name = text_of(&reaction, "displayName");
  for (const auto& [word, emoji] : kLegacy) {
    if (type == word) return {std::string(emoji), std::string(word)};
  }
  if (type == "custom") return {name.empty() ? "custom" : name, "custom reaction"};
  return {type, name.empty() ? "reaction" : name};
}

std::string reactions_html(const Visit& visit, const json& content) {
  struct Pill {
    std::string look, word;
    std::string names;
    std::size_t count = 0;
  };
  std::vector<Pill> pills;
  for (const json& reaction : list_of(content, "reactions")) {
    auto [look, word] = reaction_look(reaction);
    auto pill = std::find_if(pills.begin(), pills.end(), [&](const Pill& p) { return p.look == look; });
    if (pill == pills.end()) pill = pills.insert(pills.end(), Pill{look, word, "", 0});
    const json* identity = member(&reaction, "user");
    const json* user = member(identity, "user") != nullptr ? member(identity, "user") : identity;
    const User* known = visit.world.store.find_user(text_of(user, "id"));
    std::string name = known != nullptr ? known->displayName : text_of(user, "displayName");
    if (name.empty()) name = "Somebody";
    pill->names += (pill->names.empty() ? "" : ", ") + name;
    ++pill->count;
  }
  if (pills.empty()) return "";
  std::string html = R"(<ul class="reactions" aria-label="Reactions">)";
  for (const Pill& pill : pills) {
    html +=
        fmt::format(R"(<li title="{}: {}"><bdi aria-hidden="true">{}</bdi> {}<span class="hidden"> {}: {}</span></li>)",
                    escape_html(pill.word), escape_html(pill.names), escape_html(pill.look), pill.count,
                    escape_html(pill.word), escape_html(pill.names));
  }
  return html + "</ul>";
}

std::string marks_html(const json& content) {
  std::string html;
  const std::string importance = text_of(&content, "importance");
  if (importance == "high") html += R"(<span class="badge alert">Important</span>)";
  if (importance == "urgent") html += R"(<span class="badge alert">Urgent</span>)";
  if (const auto edited = read_time(text_of(&content, "lastEditedDateTime"))) {
    html += fmt::format(R"(<span class="soft" title="{}">Edited</span>)", print_time(*edited));
  }
  return html;
}

}  // namespace

std::string message_html(const Visit& visit, const Message& message, std::string_view replies_html) {
  const json content = json::parse("{" + message.content + "}", nullptr, false);
  const json* from = member(&content, "from");
  const json* who = member(from, "user");
  if (who == nullptr) who = member(from, "application");
  std::string id = text_of(who, "id");
  std::string name = text_of(who, "displayName");
  if (name.empty()) name = user_name(visit.world.store, id);
  const std::string subject = text_of(&content, "subject");

  std::string html = fmt::format(
      R"(<article id="m{}" aria-label="{} by {}"><div class="post">{}<div class="said"><p class="by"><strong><bdi>{}</bdi></strong> )"
      R"(<a class="when" href="#m{}">{}</a> {}</p>)",
      message.id, message.root == 0 ? "Message" : "Reply", escape_html(name), avatar(name, id), escape_html(name),
      message.id, time_html(message.created), marks_html(content));
  if (read_time(text_of(&content, "deletedDateTime"))) {
    html += R"(<p class="soft">This message has been deleted.</p>)";
  } else {
    if (!subject.empty()) {
      html += fmt::format(R"(<h3><bdi>{}</bdi></h3>)", escape_html(subject));
    }
    html += body_html(visit, message, content);
    html += reactions_html(visit, content);
  }
  html += "</div></div>";
  html += replies_html;
  return html + "</article>";
}

}  // namespace teamferry::emulator::page
