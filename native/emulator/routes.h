#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/answer.h"
#include "native/emulator/call.h"
#include "native/emulator/message_text.h"

namespace teamferry::emulator {

struct Route {
  const char* method;
  std::vector<std::string_view> path;          // "{}" takes any text
  const std::vector<std::string_view>& roles;  // any one is enough; empty: the route asks, since it depends on the body
  Answer (*act)(Call&);
};

const std::vector<Route>& routes();

// One function a route.

// routes_new_team.cpp
Answer create_team(Call& call);

// routes_teams.cpp
Answer list_teams(Call& call);
Answer get_team(Call& call);
Answer get_operation(Call& call);
Answer update_team(Call& call);
Answer complete_team(Call& call);
Answer delete_group(Call& call);

// routes_channels.cpp
Answer create_channel(Call& call);
Answer list_channels(Call& call);
Answer get_channel(Call& call);
Answer get_primary_channel(Call& call);
Answer update_channel(Call& call);

// routes_members.cpp
Answer list_team_members(Call& call);
Answer get_team_member(Call& call);
Answer add_team_member(Call& call);
Answer add_team_members(Call& call);
Answer remove_team_members(Call& call);
Answer update_team_member(Call& call);
Answer delete_team_member(Call& call);
Answer list_channel_members(Call& call);
Answer get_channel_member(Call& call);
Answer add_channel_member(Call& call);
Answer update_channel_member(Call& call);
Answer delete_channel_member(Call& call);

// routes_migration.cpp
Answer start_channel(Call& call);
Answer start_primary_channel(Call& call);
Answer start_chat(Call& call);
Answer complete_channel(Call& call);
Answer complete_primary_channel(Call& call);
Answer complete_chat(Call& call);
Answer start_user_chat(Call& call);
Answer complete_user_chat(Call& call);

// routes_chats.cpp
Answer create_chat(Call& call);
Answer list_chats(Call& call);
Answer list_user_chats(Call& call);
Answer get_chat(Call& call);
Answer get_user_chat(Call& call);
Answer update_chat(Call& call);

// routes_chat_members.cpp
Answer list_chat_members(Call& call);
Answer get_chat_member(Call& call);
Answer add_chat_member(Call& call);
Answer add_chat_members(Call& call);
Answer delete_chat_member(Call& call);

// routes_import.cpp
Answer import_channel_message(Call& call);
Answer import_reply(Call& call);
Answer import_chat_message(Call& call);

// routes_messages.cpp
Answer list_channel_messages(Call& call);
Answer get_channel_message(Call& call);
Answer list_replies(Call& call);
Answer get_reply(Call& call);
Answer list_chat_messages(Call& call);
Answer get_chat_message(Call& call);
Answer refuse_soft_delete(Call& call);
Answer refuse_delete_as_user(Call& call);

// routes_hosted.cpp: the pictures of a message, whose path is of that kind
template <MessageKind Kind>
Answer list_hosted(Call& call);
template <MessageKind Kind>
Answer get_hosted(Call& call);
template <MessageKind Kind>
Answer get_hosted_value(Call& call);

// routes_files.cpp
Answer get_files_folder(Call& call);
Answer get_primary_files_folder(Call& call);
Answer get_drive(Call& call);
Answer get_drive_item(Call& call);
Answer delete_drive_item(Call& call);
Answer list_drive_children(Call& call);
Answer create_drive_folder(Call& call);
Answer create_drive_link(Call& call);
Answer invite_to_drive_item(Call& call);

// routes_uploads.cpp
Answer put_drive_content(Call& call);
Answer get_drive_content(Call& call);
Answer create_upload_session(Call& call);
// What has an address outside the versions, without sign-in: key 0 is the token, `version` the first segment.
bool is_storage_address(std::string_view first_segment);
Answer answer_storage(Call& call);

// routes_users.cpp
Answer list_users(Call& call);
Answer get_user(Call& call);
Answer count_users(Call& call);
Answer list_deleted_users(Call& call);
Answer get_organization(Call& call);
Answer get_me(Call& call);

}  // namespace teamferry::emulator
