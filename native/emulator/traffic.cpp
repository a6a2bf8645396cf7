#include "native/emulator/traffic.h"

#include <algorithm>
#include <array>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using std::chrono::minutes;

// The rows of the page. Where a row of the page has no number, there is none here.
constexpr Limit kPostChannelMessages{"POST channel messages", 500, 50, Scope::conversation, 1};
constexpr Limit kPostChatMessages{"POST chat messages", 200, 20, Scope::conversation, 1};
constexpr Limit kGetChannelMessages{"GET channel messages", 200, 20, Scope::conversation, 1};
constexpr Limit kGetChatMessages{"GET chat messages", 200, 20, Scope::conversation, 1};
constexpr Limit kPostTeams{"POST teams", 100, 10};
constexpr Limit kPostChannels{"POST channels", 100, 10, Scope::team, 4};
constexpr Limit kCompleteMigration{"completeMigration", 100, 10};
constexpr Limit kDefaultPost{"default POST", 300, 30, Scope::conversation, 1};
constexpr Limit kGetTeam{"GET team", 1500, 30, Scope::team, 4};
constexpr Limit kGetChannel{"GET channel", 600, 30, Scope::conversation, 1};
constexpr Limit kGetChat{"GET chat", 2000, 200, Scope::conversation, 1};
constexpr Limit kGetChannels{"GET channels", 1200, 60, Scope::team, 4};
constexpr Limit kPostTeamMembers{"POST team members", 300, 30, Scope::team, 4, minutes(1)};
constexpr Limit kAddTeamMembers{"POST team members/add", 100, 10, Scope::team, 4, minutes(1)};
constexpr Limit kChangeChatMembers{"POST or DELETE chat members", 300, 30, Scope::conversation, 4, minutes(1)};
constexpr Limit kPostChats{"POST chats", 200, 20};
// Not on our copy of the page: inferred from its row of other reads of Teams.
constexpr Limit kDefaultGet{"default GET", 1500, 30};

struct Row {
  std::string_view method;
  std::string_view path;
  TrafficClass kind;
};

// The first row that agrees counts.
constexpr std::array kRows = {
    Row{"POST", "teams/*/channels/*/messages", {Traffic::imports, &kPostChannelMessages}},
    Row{"POST", "teams/*/channels/*/messages/*/replies", {Traffic::imports, &kPostChannelMessages}},
    Row{"POST", "chats/*/messages", {Traffic::imports, &kPostChatMessages}},
    Row{"GET", "teams/*/channels/*/messages/**", {Traffic::reads, &kGetChannelMessages}},
    Row{"GET", "teams/*/primaryChannel/messages/**", {Traffic::reads, &kGetChannelMessages}},
    Row{"GET", "chats/*/messages/**", {Traffic::reads, &kGetChatMessages}},
    Row{"GET", "teams/*", {Traffic::reads, &kGetTeam}},
    Row{"GET", "teams/*/channels", {Traffic::reads, &kGetChannels}},
    Row{"GET", "teams/*/channels/*", {Traffic::reads, &kGetChannel}},
    Row{"GET", "teams/*/primaryChannel", {Traffic::reads, &kGetChannel}},
    Row{"GET", "chats/*", {Traffic::reads, &kGetChat}},
    Row{"GET", "teams/**", {Traffic::reads, &kDefaultGet}},
    Row{"GET", "chats/**", {Traffic::reads, &kDefaultGet}},
    Row{"POST", "teams", {Traffic::creations, &kPostTeams}},
    Row{"POST", "teams/*/channels", {Traffic::creations, &kPostChannels}},
    Row{"POST", "chats", {Traffic::creations, &kPostChats}},
    Row{"POST", "teams/*/completeMigration", {Traffic::completions, &kCompleteMigration}},
    Row{"POST", "teams/*/channels/*/completeMigration", {Traffic::completions, &kCompleteMigration}},
    Row{"POST", "teams/*/primaryChannel/completeMigration", {Traffic::completions, &kCompleteMigration}},
    Row{"POST", "chats/*/completeMigration", {Traffic::completions, &kDefaultPost}},
    Row{"POST", "teams/*/channels/*/startMigration", {Traffic::starts, &kDefaultPost}},
    Row{"POST", "teams/*/primaryChannel/startMigration", {Traffic::starts, &kDefaultPost}},
    Row{"POST", "chats/*/startMigration", {Traffic::starts, &kDefaultPost}},
    Row{"POST", "teams/*/members", {Traffic::members, &kPostTeamMembers}},
    Row{"POST", "teams/*/members/add", {Traffic::members, &kAddTeamMembers}},
    Row{"POST", "chats/*/members", {Traffic::members, &kChangeChatMembers}},
    Row{"DELETE", "chats/*/members/*", {Traffic::members, &kChangeChatMembers}},
    Row{"POST", "teams/**", {Traffic::others, &kDefaultPost}},
    Row{"POST", "chats/**", {Traffic::others, &kDefaultPost}},
    Row{"POST", "$batch", {Traffic::batches, nullptr}},  // its parts are counted, not itself
    Row{"GET", "**", {Traffic::reads, nullptr}},
    Row{"PUT", "**", {Traffic::uploads, nullptr}},
    Row{"POST", "drives/**", {Traffic::uploads, nullptr}},
    Row{"POST", "users/*/drive/**", {Traffic::uploads, nullptr}},
};

constexpr std::array<std::string_view, kTraffics> kNames = {"sign-in",   "imports", "reads",   "starts",  "completions",
                                                            "creations", "members", "uploads", "batches", "others"};

// The same, over the text of a row: nothing is allocated on the way of a request.
bool agrees(std::string_view pattern, const std::vector<std::string>& segments, std::size_t first) {
  std::size_t i = first;
  while (!pattern.empty()) {
    const std::string_view part = pattern.substr(0, pattern.find('/'));
    if (part == "**") return true;
    if (i == segments.size() || (part != "*" && part != segments[i])) return false;
    pattern.remove_prefix(std::min(pattern.size(), part.size() + 1));
    ++i;
  }
  return i == segments.size();
}

// "users/{id}/chats/..." is another spelling of "chats/...".
std::size_t start_of(const std::vector<std::string>& segments) {
  return segments.size() > 2 && segments[0] == "users" && segments[2] == "chats" ? 2 : 0;
}

}  // namespace

std::string_view name_of(Traffic traffic) {
  return kNames[static_cast<std::size_t>(traffic)];
}

TrafficClass classify(std::string_view method, const std::vector<std::string>& segments) {
  const std::size_t first = start_of(segments);
  for (const Row& row : kRows) {
    if (row.method == method && agrees(row.path, segments, first)) return row.kind;
  }
  return {};
}

Place find_place(const Store& store, const std::vector<std::string>& segments) {
  Place place;
  const std::size_t first = start_of(segments);
  if (segments.size() < first + 2) return place;
  if (segments[first] == "chats") place.conversation = store.find_chat(segments[first + 1]);
  if (segments[first] != "teams") return place;
  place.team = store.find_team(lower_ascii(segments[first + 1]));
  if (place.team == nullptr || segments.size() < first + 3) return place;
  if (segments[first + 2] == "primaryChannel") place.conversation = place.team->channels.front();
  if (segments[first + 2] == "channels" && segments.size() > first + 3) {
    place.conversation = store.find_channel(*place.team, segments[first + 3]);
  }
  return place;
}

std::string stable_name(const Place& place) {
  std::string name = place.team != nullptr ? place.team->display_name : "";
  if (place.conversation == nullptr) return name;
  // The id of a one-on-one chat is made of its two users.
  return name + '/' +
         (place.conversation->chat_type == "oneOnOne" ? place.conversation->id : place.conversation->display_name);
}

std::string stable_path(std::string_view method, const std::vector<std::string>& segments, const Place& place) {
  std::string path(method);
  path += ' ';
  const std::size_t first = start_of(segments);
  for (std::size_t i = first; i < segments.size(); ++i) {
    if (i != first) path += '/';
    const bool team = i == first + 1 && place.team != nullptr;
    const bool channel = i == first + 3 && segments[first + 2] == "channels" && place.conversation != nullptr;
    const bool chat = i == first + 1 && place.team == nullptr && place.conversation != nullptr;
    path += team ? place.team->display_name : channel || chat ? stable_name(place) : segments[i];
  }
  return path;
}

bool matches_path(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "**") return true;
    if (i == segments.size() || (pattern[i] != "*" && pattern[i] != segments[i])) return false;
  }
  return pattern.size() == segments.size();
}

}  // namespace teamferry::emulator
