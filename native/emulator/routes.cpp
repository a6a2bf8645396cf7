#include "native/emulator/routes.h"

#include "native/emulator/text.h"

// Every path that the emulator knows, and which roles open it.
namespace teamferry::emulator {
namespace {

using Roles = std::vector<std::string_view>;
using Kind = MessageKind;

// Any one of them is enough. Empty: the route asks by itself, since it depends on the body.
const Roles kByBody = {};
const Roles kAnybody = {};
const Roles kMigrate = {"Teamwork.Migrate.All"};
const Roles kTeamRead = {"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All",
                         "Group.Read.All",     "Group.ReadWrite.All",   "Directory.Read.All"};
const Roles kMemberRead = {"TeamMember.Read.All", "TeamMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"};
const Roles kChannelRead = {"Channel.ReadBasic.All", "ChannelSettings.Read.All", "ChannelSettings.ReadWrite.All",
                            "Group.Read.All", "Group.ReadWrite.All"};
const Roles kMemberWrite = {"TeamMember.ReadWriteNonOwnerRole.All", "TeamMember.ReadWrite.All", "Group.ReadWrite.All"};
const Roles kChannelMemberRead = {"ChannelMember.Read.All", "ChannelMember.ReadWrite.All", "Group.Read.All",
                                  "Group.ReadWrite.All"};
const Roles kChannelMemberWrite = {"ChannelMember.ReadWrite.All", "Group.ReadWrite.All"};
const Roles kChatMemberRead = {"ChatMember.Read.All", "ChatMember.ReadWrite.All", "Chat.ReadBasic.All", "Chat.Read.All",
                               "Chat.ReadWrite.All"};
const Roles kChatMemberWrite = {"ChatMember.ReadWrite.All", "Chat.ReadWrite.All"};
const Roles kChannelCreate = {"Channel.Create", "Teamwork.Migrate.All", "Group.ReadWrite.All"};
const Roles kChannelMessageRead = {"ChannelMessage.Read.All"};
const Roles kChatCreate = {"Chat.Create", "Chat.ReadWrite.All"};
const Roles kChatRead = {"Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"};
const Roles kChatMessageRead = {"Chat.Read.All", "ChatMessage.Read.All", "Chat.ReadWrite.All"};
const Roles kUserRead = {"User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"};
const Roles kOrganizationRead = {"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All"};
const Roles kFilesWrite = {"Files.ReadWrite.All", "Sites.ReadWrite.All"};
const Roles kFilesRead = {"Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"};
const Roles kGroupWrite = {"Group.ReadWrite.All"};

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> kRoutes = {
      {"POST", split("teams/{}/channels/{}/messages"), kMigrate, import_channel_message},
      {"POST", split("teams/{}/channels/{}/messages/{}/replies"), kMigrate, import_reply},
      {"POST", split("chats/{}/messages"), kMigrate, import_chat_message},
      {"GET", split("teams/{}/channels/{}/messages"), kChannelMessageRead, list_channel_messages},
      {"GET", split("teams/{}/channels/{}/messages/{}"), kChannelMessageRead, get_channel_message},
      {"GET", split("teams/{}/channels/{}/messages/{}/replies"), kChannelMessageRead, list_replies},
      {"GET", split("teams/{}/channels/{}/messages/{}/replies/{}"), kChannelMessageRead, get_reply},
      {"GET", split("chats/{}/messages"), kChatMessageRead, list_chat_messages},
      {"GET", split("chats/{}/messages/{}"), kChatMessageRead, get_chat_message},
      {"GET", split("teams/{}/channels/{}/messages/{}/hostedContents"), kChannelMessageRead, list_hosted<Kind::root>},
      {"GET", split("teams/{}/channels/{}/messages/{}/hostedContents/{}"), kChannelMessageRead, get_hosted<Kind::root>},
      {"GET", split("teams/{}/channels/{}/messages/{}/hostedContents/{}/$value"), kChannelMessageRead,
       get_hosted_value<Kind::root>},
      {"GET", split("teams/{}/channels/{}/messages/{}/replies/{}/hostedContents"), kChannelMessageRead,
       list_hosted<Kind::reply>},
      {"GET", split("teams/{}/channels/{}/messages/{}/replies/{}/hostedContents/{}"), kChannelMessageRead,
       get_hosted<Kind::reply>},
      {"GET", split("teams/{}/channels/{}/messages/{}/replies/{}/hostedContents/{}/$value"), kChannelMessageRead,
       get_hosted_value<Kind::reply>},
      {"GET", split("chats/{}/messages/{}/hostedContents"), kChatMessageRead, list_hosted<Kind::chat>},
      {"GET", split("chats/{}/messages/{}/hostedContents/{}"), kChatMessageRead, get_hosted<Kind::chat>},
      {"GET", split("chats/{}/messages/{}/hostedContents/{}/$value"), kChatMessageRead, get_hosted_value<Kind::chat>},
      // Nothing imported can be taken back by an application (E167).
      {"POST", split("chats/{}/messages/{}/softDelete"), kAnybody, refuse_soft_delete},
      {"POST", split("users/{}/chats/{}/messages/{}/softDelete"), kAnybody, refuse_delete_as_user},
      {"DELETE", split("users/{}/chats/{}/messages/{}"), kAnybody, refuse_delete_as_user},
      {"POST", split("teams"), kByBody, create_team},
      {"GET", split("teams"), kTeamRead, list_teams},
      {"GET", split("teams/{}"), kTeamRead, get_team},
      {"GET", split("teams/{}/operations/{}"), kTeamRead, get_operation},
      {"PATCH", split("teams/{}"), kByBody, update_team},
      {"GET", split("teams/{}/members"), kMemberRead, list_team_members},
      {"GET", split("teams/{}/members/{}"), kMemberRead, get_team_member},
      {"POST", split("teams/{}/members"), kMemberWrite, add_team_member},
      {"POST", split("teams/{}/members/add"), kMemberWrite, add_team_members},
      {"POST", split("teams/{}/members/remove"), kMemberWrite, remove_team_members},
      {"PATCH", split("teams/{}/members/{}"), kMemberWrite, update_team_member},
      {"DELETE", split("teams/{}/members/{}"), kMemberWrite, delete_team_member},
      {"POST", split("teams/{}/completeMigration"), kMigrate, complete_team},
      {"POST", split("teams/{}/channels"), kChannelCreate, create_channel},
      {"GET", split("teams/{}/channels"), kChannelRead, list_channels},
      {"GET", split("teams/{}/channels/{}"), kChannelRead, get_channel},
      {"PATCH", split("teams/{}/channels/{}"), kByBody, update_channel},
      {"GET", split("teams/{}/channels/{}/members"), kChannelMemberRead, list_channel_members},
      {"GET", split("teams/{}/channels/{}/members/{}"), kChannelMemberRead, get_channel_member},
      {"POST", split("teams/{}/channels/{}/members"), kChannelMemberWrite, add_channel_member},
      {"PATCH", split("teams/{}/channels/{}/members/{}"), kChannelMemberWrite, update_channel_member},
      {"DELETE", split("teams/{}/channels/{}/members/{}"), kChannelMemberWrite, delete_channel_member},
      {"GET", split("teams/{}/primaryChannel"), kChannelRead, get_primary_channel},
      {"POST", split("teams/{}/channels/{}/startMigration"), kMigrate, start_channel},
      {"POST", split("teams/{}/channels/{}/completeMigration"), kMigrate, complete_channel},
      {"POST", split("teams/{}/primaryChannel/startMigration"), kMigrate, start_primary_channel},
      {"POST", split("teams/{}/primaryChannel/completeMigration"), kMigrate, complete_primary_channel},
      {"POST", split("chats"), kChatCreate, create_chat},
      {"GET", split("chats"), kChatRead, list_chats},
      {"GET", split("chats/{}"), kChatRead, get_chat},
      {"PATCH", split("chats/{}"), kByBody, update_chat},
      {"GET", split("chats/{}/members"), kChatMemberRead, list_chat_members},
      {"GET", split("chats/{}/members/{}"), kChatMemberRead, get_chat_member},
      {"POST", split("chats/{}/members"), kChatMemberWrite, add_chat_member},
      {"POST", split("chats/{}/members/add"), kChatMemberWrite, add_chat_members},
      {"DELETE", split("chats/{}/members/{}"), kChatMemberWrite, delete_chat_member},
      {"GET", split("users/{}/chats"), kChatRead, list_user_chats},
      {"GET", split("users/{}/chats/{}"), kChatRead, get_user_chat},
      {"POST", split("users/{}/chats/{}/startMigration"), kMigrate, start_user_chat},
      {"POST", split("users/{}/chats/{}/completeMigration"), kMigrate, complete_user_chat},
      {"POST", split("chats/{}/startMigration"), kMigrate, start_chat},
      {"POST", split("chats/{}/completeMigration"), kMigrate, complete_chat},
      // Every address in a drive has become one of these (drive_path.h).
      {"GET", split("teams/{}/channels/{}/filesFolder"), kFilesRead, get_files_folder},
      {"GET", split("teams/{}/primaryChannel/filesFolder"), kFilesRead, get_primary_files_folder},
      {"GET", split("drives/{}"), kFilesRead, get_drive},
      {"GET", split("drives/{}/items/{}"), kFilesRead, get_drive_item},
      {"DELETE", split("drives/{}/items/{}"), kFilesWrite, delete_drive_item},
      {"GET", split("drives/{}/items/{}/content"), kFilesRead, get_drive_content},
      {"PUT", split("drives/{}/items/{}/content"), kFilesWrite, put_drive_content},
      {"GET", split("drives/{}/items/{}/children"), kFilesRead, list_drive_children},
      {"POST", split("drives/{}/items/{}/children"), kFilesWrite, create_drive_folder},
      {"POST", split("drives/{}/items/{}/createUploadSession"), kFilesWrite, create_upload_session},
      {"POST", split("drives/{}/items/{}/createLink"), kFilesWrite, create_drive_link},
      {"POST", split("drives/{}/items/{}/invite"), kFilesWrite, invite_to_drive_item},
      {"GET", split("users"), kUserRead, list_users},
      {"GET", split("users/$count"), kUserRead, count_users},
      {"GET", split("users/{}"), kUserRead, get_user},
      {"GET", split("directory/deletedItems/user"), kUserRead, list_deleted_users},
      {"GET", split("organization"), kOrganizationRead, get_organization},
      {"GET", split("me"), kAnybody, get_me},
      {"GET", split("me/{}"), kAnybody, get_me},
      {"DELETE", split("groups/{}"), kGroupWrite, delete_group},
  };
  return kRoutes;
}

}  // namespace teamferry::emulator
