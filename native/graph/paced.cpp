#include "native/graph/paced.h"

#include <array>
#include <string_view>

#include "native/graph/json.h"

namespace teamferry::graph {
namespace {

using limits::RequestClass;

struct Row {
  std::string_view route;  // as the log has it; its end may be "*"
  RequestClass request_class;
  std::string_view resource;  // the collection whose key names it; empty: none
};

// The first row that agrees counts.
constexpr std::array kRows = {
    Row{"POST /teams/{team}/channels/{channel}/messages*", RequestClass::unpaced, ""},
    Row{"POST /chats/{chat}/messages", RequestClass::unpaced, ""},
    Row{"GET /teams/{team}/channels/{channel}/messages*", RequestClass::read_channel_messages, "channels"},
    Row{"GET /chats/{chat}/messages*", RequestClass::read_chat_messages, "chats"},
    Row{"POST /teams", RequestClass::create_team, ""},
    Row{"POST /teams/{team}/channels", RequestClass::create_channel, "teams"},
    Row{"POST /chats", RequestClass::create_chat, ""},
    Row{"POST /teams/{team}/completeMigration", RequestClass::complete, ""},
    Row{"POST /teams/{team}/channels/{channel}/completeMigration", RequestClass::complete, ""},
    Row{"POST /teams/{team}/members", RequestClass::add_team_member, "teams"},
    Row{"POST /teams/{team}/members/add", RequestClass::add_team_members, "teams"},
    Row{"POST /chats/{chat}/members*", RequestClass::change_chat_member, "chats"},
    Row{"DELETE /chats/{chat}/members*", RequestClass::change_chat_member, "chats"},
    Row{"GET /teams/{team}", RequestClass::read_team, "teams"},
    Row{"GET /teams/{team}/channels", RequestClass::list_channels, "teams"},
    Row{"GET /teams/{team}/channels/{channel}", RequestClass::read_channel, "channels"},
    Row{"GET /teams/{team}/primaryChannel", RequestClass::read_channel, "teams"},
    Row{"GET /chats/{chat}", RequestClass::read_chat, "chats"},
    Row{"GET /teams*", RequestClass::read_other, ""},
    Row{"GET /chats*", RequestClass::read_other, ""},
    // Every other POST: startMigration, completeMigration of a chat, members of a channel.
    Row{"POST /teams/{team}/channels/{channel}*", RequestClass::start, "channels"},
    Row{"POST /teams*", RequestClass::start, "teams"},
    Row{"POST /chats*", RequestClass::start, "chats"},
    // A script's own path, whatever it leads to.
    Row{"GET /{path}", RequestClass::read_other, ""},
    Row{"POST /{path}", RequestClass::start, ""},
    Row{"PATCH /{path}", RequestClass::start, ""},
    Row{"DELETE /{path}", RequestClass::start, ""},
};

bool agrees(std::string_view pattern, std::string_view route) {
  if (!pattern.ends_with('*')) return pattern == route;
  pattern.remove_suffix(1);
  return route.starts_with(pattern);
}

}  // namespace

void set_pace(http::Request& request) {
  if (request.request_class != RequestClass::unpaced) return;
  for (const Row& row : kRows) {
    if (!agrees(row.route, request.route)) continue;
    request.request_class = row.request_class;
    if (!row.resource.empty()) request.pace_key = key_of(request.url, row.resource);
    return;
  }
}

}  // namespace teamferry::graph
