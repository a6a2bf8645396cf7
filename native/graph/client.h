#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/base/datetime.h"
#include "native/base/loop.h"
#include "native/base/result.h"
#include "native/base/task.h"
#include "native/graph/connection.h"
#include "native/graph/conversation.h"
#include "native/graph/message.h"
#include "native/graph/team.h"
#include "native/graph/user.h"

// The calls of Microsoft Graph that a migration needs, one function each. Facts, endpoints and odd answers
// are those of the fact sheet (sections 2 and 7); Graph's own fields keep Graph's spelling.
namespace teamferry::graph {

// How long and how often to look for something that was just created.
struct Patience {
  Loop::Duration pause;     // between two looks; the service asks for more than 30 s between polls of an operation
  Loop::Duration deadline;  // from the call on
  // true ends the wait with code `interrupted`, within half a second and the answer that is due. Empty: never.
  std::function<bool()> should_stop = {};
};

// Teams, channels, chats, messages and users. Beside it: members.h, files.h, upload.h, hosted.h, directory.h, batch.h,
// pages.h for any collection, and Connection::call() for all else. The errors are those of Connection, and of ours:
//   unreadable (kind transport: it may have happened, look before repeating), operation_failed, not_ready, interrupted,
//   no_replies.
// Reads ride the retry policy; what creates something is tried once, on a fresh connection, and its caller
// looks before repeating it.
//
// Tested by tests/native/graph/client_test.cpp, conversations_test.cpp and users_test.cpp, and against the emulator by
// tests/native/graph/emulator_test.cpp.
class Client : public Connection {
 public:
  using Connection::Connection;

  // Teams. `body_json` is the finished body of the request.
  Task<Result<CreatedTeam>> create_team(std::string body_json);
  Task<Result<Operation>> operation(std::string operation_path);
  // Polls until the operation says succeeded and the team can be read, or, without an operation, until it can be
  // read. The first look is at once.
  Task<Result<Team>> wait_for_team(CreatedTeam created, Patience patience);
  Task<Result<Team>> team(std::string team_id);
  // All teams of that exact name: where one is looked for whose creation had no clear answer.
  Task<Result<std::vector<Team>>> teams_named(std::string displayName);
  Task<Status> complete_team(std::string team_id);
  // Deletes the team with all that is in it, which is the only way back from a migration gone wrong. Its group stays in
  // the recycle bin for 30 days.
  Task<Status> delete_team(std::string team_id);

  // Channels, born migrating or made normally: the body says which. create_channel() returns the id.
  Task<Result<std::string>> create_channel(std::string team_id, std::string body_json);
  Task<Result<Channel>> channel(std::string team_id, std::string channel_id);
  // A new channel is not found for some seconds; every other error ends the wait.
  Task<Result<Channel>> wait_for_channel(std::string team_id, std::string channel_id, Patience patience);
  Task<Result<std::vector<Channel>>> channels(std::string team_id);
  Task<Result<Channel>> primary_channel(std::string team_id);
  Task<Status> complete_channel(std::string team_id, std::string channel_id);

  // A chat is created normally; its migration starts later. A pair of people who have a chat get that one, with all
  // that is in it.
  Task<Result<Conversation>> create_chat(std::string body_json);
  Task<Result<Conversation>> chat(std::string chat_id);

  // The state of a channel or a chat. Where v1.0 leaves migrationMode out, beta is asked once; which of them tells it
  // is remembered (2.6).
  Task<Result<Conversation>> conversation(ConversationRef ref);

  // Opens the conversation for imports. The date is the new floor: strictly older than createdDateTime as it stands;
  // nothing leaves the floor where it is. Tried once, but for two answers that surely did nothing: where v1.0 does not
  // know the action, beta is asked, and which of them knows it is remembered (4.2); two writes that met (412) are tried
  // again after 2, 5, 15, 30 and 60 s, unless should_stop says to end. Where the cloud has no such call, it is refused
  // with the error of Config::no_start_migration (code `road_b_unavailable`), and nothing leaves.
  Task<Status> start_migration(ConversationRef ref, std::optional<DateTime> conversationCreationDateTime,
                               std::function<bool()> should_stop = {});
  // Closes it. A 204 says that it was still open.
  Task<Status> complete_migration(ConversationRef ref);

  // Sends the bytes exactly once and keeps no pace: both are the caller's, who knows what an unclear answer means.
  // Any 2xx is success. An empty `root_id` makes a root; a chat has nothing else.
  Task<Result<Imported>> import_message(ConversationRef in, std::string root_id, std::string body_json);

  // Messages, newest first, 50 a page. An empty `next_link` asks for the first page. Chats have no replies.
  Task<Result<Message>> message(ConversationRef in, std::string id);
  Task<Result<Message>> reply(ConversationRef in, std::string root_id, std::string id);
  Task<Result<MessagePage>> messages_page(ConversationRef in, std::string next_link,
                                          Replies replies = Replies::left_out);
  Task<Result<MessagePage>> replies_page(ConversationRef in, std::string root_id, std::string next_link);

  // By mail address, user principal name, id or alias; nothing if the tenant has no such user.
  Task<Result<std::optional<User>>> find_user(std::string who);
  // The same for many, eight at a time; the answers stand in the order of the questions.
  Task<std::vector<Result<std::optional<User>>>> find_users(std::vector<std::string> whom);

 private:
  enum class Version { unsure, stable, beta, neither };

  // An action of a conversation that v1.0 has only since 2026.
  Task<Status> act(std::string path, std::string body_json, std::string route);
  Task<Result<std::vector<User>>> users_where(std::string filter);
  Task<Result<std::optional<User>>> user_by_key(std::string key);

  Version actions_ = Version::unsure;  // where they were found
  Version modes_ = Version::unsure;    // where migrationMode was found
};

}  // namespace teamferry::graph
