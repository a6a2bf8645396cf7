#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "native/emulator/html_text.h"
#include "native/emulator/message_text.h"
#include "native/emulator/page_view.h"

// Messages in the order of their times, a page at once. A page is found by the time of its edge, never by counting:
// the last page of 100,000 messages costs what the first does.
namespace teamferry::emulator::page {
namespace {

constexpr std::size_t kShown = 50;
constexpr std::size_t kReplies = 3;  // below a root

struct Slice {
  std::vector<std::uint32_t> numbers;  // oldest first
  std::int64_t first = 0;              // times of the edges
  std::int64_t last = 0;
  bool older = false;
  bool newer = false;
};

std::optional<std::int64_t> read_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The part of an order (newest first) that the address asks for: ?before= and ?after= a time, ?at=first or ?at=last.
Slice slice(const Visit& visit, const Order& order, bool from_start) {
  auto newest = order.begin();  // of the slice
  auto behind = order.begin();  // its oldest, and one further
  const auto before = read_number(visit.asked("before"));
  const auto after = read_number(visit.asked("after"));
  const std::string at = visit.asked("at");
  bool from_newest = !after && (at == "last" || (at != "first" && !from_start));
  if (before) from_newest = order.upper_bound(*before) != order.end();  // nothing is older: the oldest there are
  if (!before && after) from_newest = order.lower_bound(*after) == order.begin();  // likewise
  if (from_newest) {
    newest = behind = before ? order.upper_bound(*before) : order.begin();
    for (std::size_t i = 0; i < kShown && behind != order.end(); ++i) ++behind;
  } else {
    newest = behind = after && !before ? order.lower_bound(*after) : order.end();
    for (std::size_t i = 0; i < kShown && newest != order.begin(); ++i) --newest;
  }
  Slice slice;
  slice.older = behind != order.end();
  slice.newer = newest != order.begin();
  if (newest == behind) return slice;
  slice.last = newest->first;
  for (auto each = newest; each != behind; ++each) {
    slice.numbers.push_back(each->second);
    slice.first = each->first;
  }
  std::reverse(slice.numbers.begin(), slice.numbers.end());
  return slice;
}

std::string pager(const Slice& slice, const std::string& address, const char* label) {
  if (!slice.older && !slice.newer) return "";
  const auto step = [&](bool there, const std::string& to, const char* name) {
    return there ? fmt::format(R"(<a href="{}?{}">{}</a>)", address, to, name) : fmt::format("<span>{}</span>", name);
  };
  return fmt::format(
      R"(<nav class="pager" aria-label="{}">{}{}{}{}</nav>)", label, step(slice.older, "at=first", "First"),
      step(slice.older, fmt::format("before={}", slice.first), "Older"),
      step(slice.newer, fmt::format("after={}", slice.last), "Newer"), step(slice.newer, "at=last", "Last"));
}

const Order& replies_of(const Conversation& conversation, const Message& root) {
  static const Order kNone;
  const auto found = conversation.replies.find(root.id);
  return found == conversation.replies.end() ? kNone : found->second;
}

std::string thread_address(const Conversation& conversation, const Message& root) {
  return fmt::format("{}/messages/{}", address_of(conversation), root.id);
}

// The first replies of a root, and the way to the others.
std::string replies_html(const Visit& visit, const Message& root) {
  const Order& order = replies_of(*visit.conversation, root);
  if (order.empty()) return "";
  std::string html = R"(<div class="replies">)";
  std::size_t shown = 0;
  for (auto reply = order.rbegin(); reply != order.rend() && shown < kReplies; ++reply, ++shown) {
    html += message_html(visit, visit.conversation->messages[reply->second]);
  }
  if (shown < order.size()) {
    html += fmt::format(R"(<p class="more">{}</p>)", link(thread_address(*visit.conversation, root),
                                                          "Show all " + count(order.size(), "reply", "replies")));
  }
  return html + "</div>";
}

std::string banner(const Visit& visit) {
  const Conversation& conversation = *visit.conversation;
  if (conversation.mode != Mode::in_progress) return "";
  std::string who;
  for (const App& app : visit.world.options.apps) {
    if (app.client_id == conversation.owner_app) who = app.name.empty() ? app.client_id : app.name;
  }
  if (who.empty()) who = conversation.owner_app;
  return fmt::format(R"(<p class="banner"><strong>Migration for this conversation is in progress...</strong> )"
                     R"(<span>Started by the app <bdi>{}</bdi>; messages must be later than {}.</span></p>)",
                     escape_html(who), time_html(conversation.floor()));
}

std::string heading(const Visit& visit, const std::string& name) {
  const Conversation& conversation = *visit.conversation;
  std::string html = "<header class=\"head\">";
  if (conversation.team != nullptr) {
    html +=
        fmt::format(R"(<p class="soft">{}</p>)", link(address_of(*conversation.team), conversation.team->display_name));
  } else {
    html += fmt::format(R"(<p class="soft">{}</p>)", conversation.chat_type == "oneOnOne"  ? "One-on-one chat"
                                                     : conversation.chat_type == "meeting" ? "Meeting chat"
                                                                                           : "Group chat");
  }
  html += fmt::format(R"(<h1><bdi>{}</bdi> {}</h1>)", escape_html(name), badge(conversation));
  if (!conversation.description.empty()) html += fmt::format(R"(<p>{}</p>)", escape_html(conversation.description));
  html += fmt::format(
      R"(<p class="soft">{} · {} · created {}</p></header>)",
      count(conversation.messages.size(), "message", "messages"),
      link(address_of(conversation) + "/members", count(members_of(conversation).size(), "member", "members")),
      time_html(conversation.created));
  return html;
}

// Messages below the day they are of.
std::string days_html(const Visit& visit, const Slice& slice, bool with_replies) {
  std::string html;
  std::string day;
  for (const std::uint32_t number : slice.numbers) {
    const Message& message = visit.conversation->messages[number];
    std::string its_day = day_of(message.created);
    if (its_day != day) {
      day = std::move(its_day);
      html += fmt::format(R"(<h2 class="day">{}</h2>)", day);
    }
    html += message_html(visit, message, with_replies ? replies_html(visit, message) : "");
  }
  return html;
}

}  // namespace

Screen show_conversation(const Visit& visit) {
  const std::string name = name_of(visit.world.store, *visit.conversation);
  const Slice shown = slice(visit, visit.conversation->roots, false);
  const std::string address = address_of(*visit.conversation);
  std::string html = heading(visit, name) + banner(visit) + pager(shown, address, "Messages, from above");
  if (visit.conversation->roots.empty()) html += R"(<p class="empty">No messages yet.</p>)";
  html += days_html(visit, shown, true) + pager(shown, address, "Messages, from below");
  return {name, std::move(html)};
}

Screen show_thread(const Visit& visit, std::string_view root_id) {
  const Message* root = find_message(*visit.conversation, root_id);
  if (root == nullptr || root->root != 0) return show_nothing();
  const std::string name = name_of(visit.world.store, *visit.conversation);
  const Order& order = replies_of(*visit.conversation, *root);
  const Slice shown = slice(visit, order, true);
  const std::string address = thread_address(*visit.conversation, *root);
  std::string html =
      fmt::format(R"(<header class="head"><p class="soft">{}</p><h1>Thread</h1><p class="soft">{}</p></header>)",
                  link(fmt::format("{}?before={}", address_of(*visit.conversation), root->created + 1), name),
                  count(order.size(), "reply", "replies"));
  html += banner(visit) + fmt::format(R"(<h2 class="day">{}</h2>)", day_of(root->created)) + message_html(visit, *root);
  html += R"(<div class="thread">)" + pager(shown, address, "Replies, from above");
  html += order.empty() ? R"(<p class="empty">No replies.</p>)" : days_html(visit, shown, false);
  html += pager(shown, address, "Replies, from below") + "</div>";
  return {"Thread in " + name, std::move(html)};
}

}  // namespace teamferry::emulator::page
