#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "native/emulator/html_text.h"
#include "native/emulator/page_view.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator::page {
namespace {

constexpr std::size_t kTeamsAside = 20;     // around the one that is shown
constexpr std::size_t kChannelsAside = 30;  // likewise
constexpr std::size_t kChatsAside = 20;
constexpr std::size_t kNamesOfChat = 4;

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days day_number(std::int64_t ms) {
  return std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
}

// The first character of a word, whatever its language; empty for one that has none to show.
std::string_view first_character(std::string_view word) {
  std::size_t size = 1;
  while (size < word.size() && (static_cast<unsigned char>(word[size]) & 0xC0U) == 0x80U) ++size;
  return word.substr(0, std::min(size, word.size()));
}

std::string initials(std::string_view name) {
  const std::string_view edge = " \t\n,.'\"()";
  const auto start = name.find_first_not_of(edge);
  if (start == name.npos) return "?";
  std::string letters(first_character(name.substr(start)));
  const auto space = name.find_last_of(" \t", name.find_last_not_of(edge));
  if (space != name.npos && space > start) letters += first_character(name.substr(space + 1));
  for (char& c : letters) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return escape_html(letters);
}

// A stretch of at most `most` that has `at` in it, or begins with the list.
template <class Things, class Is>
std::pair<std::size_t, std::size_t> stretch(const Things& things, std::size_t most, const Is& is) {
  const auto found = std::find_if(things.begin(), things.end(), is);
  const auto at = found == things.end() ? std::size_t{0} : static_cast<std::size_t>(found - things.begin());
  const std::size_t first = at < most ? 0 : std::min(at - most / 2, things.size() - most);
  return {first, std::min(things.size(), first + most)};
}

std::string entry(const Visit& visit, const Conversation& conversation) {
  const std::string name = name_of(visit.world.store, conversation);
  return fmt::format(R"(<li><a href="{}"{}>{}<bdi>{}</bdi>{}</a></li>)", address_of(conversation),
                     &conversation == visit.conversation ? R"( aria-current="page")" : "",
                     conversation.team == nullptr ? avatar(name, conversation.id)
                                                  : R"(<span class="hash" aria-hidden="true">#</span>)",
                     escape_html(name),
                     conversation.mode == Mode::in_progress ? R"(<span class="mark">importing</span>)" : "");
}

std::string team_aside(const Visit& visit, const Team& team, bool open) {
  const auto& channels = team.channels;
  const auto [first, last] =
      stretch(channels, kChannelsAside, [&](const Conversation* c) { return c == visit.conversation; });
  std::string html = fmt::format(R"(<li><details{}><summary>{}<bdi>{}</bdi></summary><ul>)", open ? " open" : "",
                                 avatar(team.display_name, team.id, true), escape_html(team.display_name));
  html += fmt::format(R"(<li><a href="{}"{}><span class="hash" aria-hidden="true">i</span>About this team</a></li>)",
                      address_of(team),
                      &team == visit.team && visit.conversation == nullptr ? R"( aria-current="page")" : "");
  for (std::size_t i = first; i < last; ++i) html += entry(visit, *channels[i]);
  if (last - first < channels.size()) {
    html += fmt::format(R"(<li>{}</li>)", link(address_of(team), "All " + number(channels.size()) + " channels"));
  }
  return html + "</ul></details></li>";
}

std::string aside(const Visit& visit) {
  const auto& teams = visit.world.store.teams();
  const auto& chats = visit.world.store.chats();
  std::string html =
      R"(<nav class="rooms" id="rooms" aria-label="Teams and chats"><div class="stay"><p class="label" id="teams">Teams</p>)";
  const auto [first, last] = stretch(teams, kTeamsAside, [&](const auto& t) { return t.get() == visit.team; });
  html += teams.empty() ? R"(<p class="empty">No teams yet</p>)" : R"(<ul aria-labelledby="teams">)";
  for (std::size_t i = first; i < last; ++i) {
    html += team_aside(visit, *teams[i], teams[i].get() == visit.team || teams.size() <= 3);
  }
  if (!teams.empty()) html += "</ul>";
  if (last - first < teams.size()) html += link("/look/teams", "All " + number(teams.size()) + " teams");

  html += R"(<p class="label" id="chats">Chats</p>)";
  const auto [from, to] = stretch(chats, kChatsAside, [&](const Conversation* c) { return c == visit.conversation; });
  html += chats.empty() ? R"(<p class="empty">No chats yet</p>)" : R"(<ul aria-labelledby="chats">)";
  for (std::size_t i = from; i < to; ++i) html += entry(visit, *chats[i]);
  if (!chats.empty()) html += "</ul>";
  if (to - from < chats.size()) html += link("/look/chats", "All " + number(chats.size()) + " chats");
  return html + "</div></nav>";
}

}  // namespace

std::string Visit::asked(const char* name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

std::string address_of(const Team& team) {
  return "/look/teams/" + percent_encode(team.id);
}

std::string address_of(const Conversation& conversation) {
  const std::string id = percent_encode(conversation.id);
  return conversation.team == nullptr ? "/look/chats/" + id : address_of(*conversation.team) + "/channels/" + id;
}

std::string user_name(const Store& store, const std::string& id) {
  const User* user = store.find_user(id);
  return user == nullptr || user->displayName.empty() ? "Somebody" : user->displayName;
}

const Members& members_of(const Conversation& conversation) {
  const bool as_team = conversation.team != nullptr && conversation.membership == "standard";
  return as_team ? conversation.team->members : conversation.members;
}

std::string name_of(const Store& store, const Conversation& conversation) {
  if (!conversation.display_name.empty()) return conversation.display_name;
  std::string names;
  const Members& members = conversation.members;
  for (std::size_t i = 0; i < members.size() && i < kNamesOfChat; ++i) {
    names += (i == 0 ? "" : ", ") + user_name(store, members[i].user);
  }
  if (members.size() > kNamesOfChat) names += fmt::format(" and {} more", members.size() - kNamesOfChat);
  return names.empty() ? "Without a name" : names;
}

std::string link(std::string_view address, std::string_view text) {
  return fmt::format(R"(<a href="{}">{}</a>)", address, escape_html(text));
}

std::string avatar(std::string_view name, std::string_view id, bool square) {
  std::size_t hash = 0;
  for (const char c : id) hash = hash * 31 + static_cast<unsigned char>(c);
  return fmt::format(R"(<span class="avatar c{}{}" aria-hidden="true">{}</span>)", hash % 8, square ? " square" : "",
                     initials(name));
}

std::string time_html(std::int64_t ms, bool with_seconds) {
  const year_month_day date(day_number(ms));
  const std::int64_t second = (ms - std::chrono::milliseconds(day_number(ms).time_since_epoch()).count()) / 1000;
  const std::string exact = print_time(ms);
  return fmt::format(R"(<time datetime="{}" title="{}">{} {:.3} {} {:02}:{:02}{}</time>)", exact, exact,
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), second / 3600, second / 60 % 60,
                     with_seconds ? fmt::format(":{:02}", second % 60) : "");
}

std::string day_of(std::int64_t ms) {
  const sys_days day = day_number(ms);
  const year_month_day date(day);
  return fmt::format("{}, {} {} {}", kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()));
}

std::string number(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string count(std::uint64_t value, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number(value), value == 1 ? one : many);
}

std::string badge(const Conversation& conversation) {
  std::string html;
  if (conversation.team != nullptr && conversation.membership != "standard") {
    html += fmt::format(R"(<span class="badge">{}</span>)", escape_html(conversation.membership));
  }
  if (conversation.mode == Mode::in_progress) html += R"(<span class="badge busy">importing</span>)";
  if (conversation.mode == Mode::completed) html += R"(<span class="badge">migration completed</span>)";
  return html;
}

std::string table(std::string_view caption, std::initializer_list<const char*> columns, std::string_view rows_html) {
  // It scrolls by itself where it is too wide, which a keyboard can only do when it takes the focus.
  std::string html = fmt::format(
      R"(<div class="wide" tabindex="0" role="region" aria-label="{}"><table class="list"><caption>{}</caption><thead><tr>)",
      caption, caption);
  for (const char* column : columns) html += fmt::format(R"(<th scope="col">{}</th>)", column);
  return fmt::format("{}</tr></thead><tbody>{}</tbody></table></div>", html, rows_html);
}

Part part_of(const Visit& visit, std::size_t size, std::string_view address) {
  const std::size_t pages = std::max<std::size_t>(1, (size + kListed - 1) / kListed);
  std::size_t page = 1;
  const std::string asked = visit.asked("page");
  if (!asked.empty() && asked.size() <= 9 && asked.find_first_not_of("0123456789") == asked.npos) {
    page = std::clamp<std::size_t>(std::stoul(asked), 1, pages);
  }
  Part part;
  part.first = (page - 1) * kListed;
  part.last = std::min(size, page * kListed);
  if (pages == 1) return part;
  const auto step = [&](bool there, std::size_t to, const char* name) {
    if (!there) return fmt::format("<span>{}</span>", name);
    return fmt::format(R"(<a href="{}?page={}">{}</a>)", address, to, name);
  };
  part.pager = fmt::format(
      R"(<nav class="pager" aria-label="Pages">{}{}<span class="where">{} to {} of {}</span>{}{}</nav>)",
      step(page > 1, 1, "First"), step(page > 1, page - 1, "Previous"), number(part.first + 1), number(part.last),
      number(size), step(page < pages, page + 1, "Next"), step(page < pages, pages, "Last"));
  return part;
}

std::string print_document(const Visit& visit, const Screen& screen) {
  const auto here = [&](std::string_view section) { return visit.section == section ? R"( aria-current="page")" : ""; };
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{} - teamferry emulator</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/look/style.css"><link rel="icon" href="/look/icon.svg"></head><body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><a class="brand" href="/">teamferry emulator</a>
<span class="note">A local rehearsal, not Microsoft Teams</span>
<nav aria-label="Emulator"><a class="narrow" href="#rooms">Teams and chats</a><a href="/look/requests"{}>Requests</a>
<a href="/look/certificate"{}>Certificate</a></nav></header>
<div class="columns">{}
<main id="main" tabindex="-1">{}</main></div>
<footer>All times are UTC. This page shows what the emulator holds and changes nothing.</footer></body></html>
)",
      escape_html(screen.title), here("requests"), here("certificate"), aside(visit), screen.html);
}

Screen show_nothing() {
  return {"Not here",
          R"(<h1>Not here</h1><p>There is no such page, or what it showed was deleted. <a href="/">Overview</a></p>)",
          404};
}

}  // namespace teamferry::emulator::page
