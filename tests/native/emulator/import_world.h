#pragma once

#include "tests/native/emulator/world.h"

namespace teamferry::emulator {

// A migrating channel to import into.
struct ImportWorld : World {
  std::string team, path, messages;
  explicit ImportWorld(Options wanted = unlimited()) : World(std::move(wanted)) {
    team = new_team();
    path = new_channel(team);
    messages = path + "/messages";
  }
  Reply import(const json& body, const std::string& as = "full") { return post(messages, body, as); }
  Reply import_at(const std::string& created) { return import(message_body(created)); }

  // A body with this HTML.
  json html(const std::string& content, const std::string& created = "2019-02-04T19:58:15.511Z") const {
    json body = message_body(created);
    body["body"]["content"] = content;
    return body;
  }

  // The path of a migrating group chat.
  std::string new_chat() {
    const auto users = router->users();
    json members = json::array();
    for (std::size_t i = 0; i < 3; ++i) {
      members.push_back({{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
                         {"roles", json::array({"owner"})},
                         {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + users[i].id + "')"}});
    }
    const Reply created = post("/chats", {{"chatType", "group"}, {"topic", "Orbit core"}, {"members", members}});
    REQUIRE(created.status == 201);
    const std::string chat = "/chats/" + created.body["id"].get<std::string>();
    REQUIRE(post(chat + "/startMigration", {{"conversationCreationDateTime", "2019-01-01T00:00:00Z"}}).status == 204);
    return chat;
  }
};

}  // namespace teamferry::emulator
