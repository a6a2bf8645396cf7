#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "native/emulator/page.h"

// The pieces that the screens of the page are made of. All that is handed in as text is escaped here; what is called
// html is not.
namespace teamferry::emulator::page {

// Who looks at what.
struct Visit {
  const PageWorld& world;
  std::string base;                          // "http://127.0.0.1:4711"
  std::map<std::string, std::string> query;  // decoded
  std::string section;                       // "requests": the first part of the address below /look
  const Team* team = nullptr;
  const Conversation* conversation = nullptr;  // of the team, or a chat

  std::string asked(const char* name) const;
};

struct Screen {
  std::string title;
  std::string html;  // of <main>, with the h1
  int status = 200;
};

// Screens.
Screen show_overview(const Visit& visit);
Screen show_teams(const Visit& visit);
Screen show_chats(const Visit& visit);
Screen show_team(const Visit& visit);
Screen show_members(const Visit& visit);
Screen show_conversation(const Visit& visit);
Screen show_thread(const Visit& visit, std::string_view root_id);
Screen show_requests(const Visit& visit);
Screen show_certificate(const Visit& visit);
Screen show_nothing();  // 404

// A whole document.
std::string print_document(const Visit& visit, const Screen& screen);
extern const std::string_view kStyle;
extern const std::string_view kIcon;  // SVG

// page_message.cpp: one message as an <article>; `replies_html` stands below it.
std::string message_html(const Visit& visit, const Message& message, std::string_view replies_html = {});

// Addresses; ready for an attribute.
std::string address_of(const Team& team);
std::string address_of(const Conversation& conversation);

// "launch-room", the topic of a chat, or the names of who is in it.
std::string name_of(const Store& store, const Conversation& conversation);
const Members& members_of(const Conversation& conversation);
std::string user_name(const Store& store, const std::string& id);

std::string link(std::string_view address, std::string_view text);
std::string avatar(std::string_view name, std::string_view id, bool square = false);
std::string time_html(std::int64_t ms, bool with_seconds = false);
std::string day_of(std::int64_t ms);                                                  // "Monday, 4 February 2019"
std::string number(std::uint64_t value);                                              // "12,345"
std::string count(std::uint64_t value, std::string_view one, std::string_view many);  // "1 post"
std::string badge(const Conversation& conversation);

// A table with a caption and heads; the captions of one screen differ.
std::string table(std::string_view caption, std::initializer_list<const char*> columns, std::string_view rows_html);

// Which part of a list that is counted is shown.
struct Part {
  std::size_t first = 0;
  std::size_t last = 0;  // behind it
  std::string pager;     // HTML; empty when everything is shown
};
Part part_of(const Visit& visit, std::size_t size, std::string_view address);
inline constexpr std::size_t kListed = 50;

}  // namespace teamferry::emulator::page
