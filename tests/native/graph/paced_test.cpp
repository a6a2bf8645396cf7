#include "native/graph/paced.h"

#include <catch2/catch.hpp>
#include <string>

using namespace teamferry;
using limits::RequestClass;

namespace {

std::string pace_of(std::string route, std::string path) {
  http::Request request;
  request.route = std::move(route);
  request.url = "https://graph.example/v1.0" + path;
  graph::set_pace(request);
  return std::string(limits::name_of(request.request_class)) + " " + request.pace_key;
}

}  // namespace

TEST_CASE("Each request has its row of the table, and the conversation or team that it is about", "[graph]") {
  const std::string channel = "/teams/{team}/channels/{channel}";
  CHECK(pace_of("GET " + channel + "/messages", "/teams/t/channels/c/messages?$top=50") == "read_channel_messages c");
  CHECK(pace_of("GET " + channel + "/messages/{message}/replies", "/teams('t')/channels('c')/messages('1')/replies") ==
        "read_channel_messages c");
  CHECK(pace_of("GET /chats/{chat}/messages", "/chats/19%3Ax%40thread.v2/messages") ==
        "read_chat_messages 19:x@thread.v2");
  CHECK(pace_of("POST /teams", "/teams") == "create_team ");
  CHECK(pace_of("POST /teams/{team}/channels", "/teams/t/channels") == "create_channel t");
  CHECK(pace_of("POST /chats", "/chats") == "create_chat ");
  CHECK(pace_of("POST /teams/{team}/completeMigration", "/teams/t/completeMigration") == "complete ");
  CHECK(pace_of("POST " + channel + "/completeMigration", "/teams/t/channels/c/completeMigration") == "complete ");
  CHECK(pace_of("POST " + channel + "/startMigration", "/teams/t/channels/c/startMigration") == "start c");
  CHECK(pace_of("POST /chats/{chat}/startMigration", "/chats/x/startMigration") == "start x");
  CHECK(pace_of("POST /chats/{chat}/completeMigration", "/chats/x/completeMigration") == "start x");
  CHECK(pace_of("GET /teams/{team}", "/teams/t") == "read_team t");
  CHECK(pace_of("GET /teams/{team}/channels", "/teams/t/channels") == "list_channels t");
  CHECK(pace_of("GET " + channel, "/teams/t/channels/c") == "read_channel c");
  CHECK(pace_of("GET /teams/{team}/primaryChannel", "/teams/t/primaryChannel") == "read_channel t");
  CHECK(pace_of("GET /chats/{chat}", "/chats/x") == "read_chat x");
  CHECK(pace_of("GET /teams/{team}/operations/{operation}", "/teams/t/operations/o") == "read_other ");
  CHECK(pace_of("POST /teams/{team}/members", "/teams/t/members") == "add_team_member t");
  CHECK(pace_of("POST /teams/{team}/members/add", "/teams/t/members/add") == "add_team_members t");
  CHECK(pace_of("POST /chats/{chat}/members", "/chats/x/members") == "change_chat_member x");
  CHECK(pace_of("DELETE /chats/{chat}/members/{member}", "/chats/x/members/m") == "change_chat_member x");
}

TEST_CASE("A path of a script's own has the rows of all other requests", "[graph]") {
  CHECK(pace_of("GET /{path}", "/teams/t/tags") == "read_other ");
  CHECK(pace_of("DELETE /{path}", "/teams/t/tags/1") == "start ");
}

TEST_CASE("A pace that the caller has chosen is kept", "[graph]") {
  http::Request request;
  request.route = "GET /teams/{team}";
  request.url = "https://graph.example/v1.0/teams/t";
  request.request_class = RequestClass::import_to_chat;
  request.pace_key = "19:x";
  graph::set_pace(request);
  CHECK(request.request_class == RequestClass::import_to_chat);
  CHECK(request.pace_key == "19:x");
}

TEST_CASE("Imports are paced by their lane, and what is not Teams by nobody", "[graph]") {
  CHECK(pace_of("POST /teams/{team}/channels/{channel}/messages", "/teams/t/channels/c/messages") == "unpaced ");
  CHECK(pace_of("POST /teams/{team}/channels/{channel}/messages/{message}/replies",
                "/teams/t/channels/c/messages/1/replies") == "unpaced ");
  CHECK(pace_of("POST /chats/{chat}/messages", "/chats/x/messages") == "unpaced ");
  CHECK(pace_of("GET /users", "/users?$top=999") == "unpaced ");
  CHECK(pace_of("PUT /drives/{drive}/items/{item}/content", "/drives/d/items/i/content") == "unpaced ");
}
