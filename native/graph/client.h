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
#include "native/http/transport.h"

// The calls of Microsoft Graph that a migration needs, one function each. Facts, endpoints and odd answers
// are those of the fact sheet (sections 2 and 7); Graph's own fields keep Graph's spelling.
namespace teamferry::graph {

struct Config {
  std::string graph_url = "https://graph.microsoft.com";  // a host, with or without a version behind it
  std::string version = "v1.0";                           // used when the address carries none
};

// Where a conversation stands. `unknown`: the answer had no such property, as older services give it;
// `none`: null, it never was in migration mode. Read without regard to case; a value of later times is unknown.
enum class MigrationMode { unknown, none, inProgress, completed };
std::string_view to_string(MigrationMode mode);

struct CreatedTeam {
  std::string team_id;
  std::string operation_path;  // "/teams/{id}/operations/{id}", below the version; empty if none was named
};

struct Operation {
  std::string status;  // notStarted, inProgress, succeeded, failed
  std::string targetResourceId;
  std::string error_code;
  std::string error_message;
};

struct Team {
  std::string id;
  std::string displayName;
  std::string description;
};

struct Channel {
  std::string id;
  std::string displayName;
  std::string description;
  std::string membershipType;
  std::string webUrl;
  std::optional<DateTime> createdDateTime;
  MigrationMode migrationMode = MigrationMode::unknown;
};

// A channel of a team.
struct ConversationRef {
  std::string team_id;
  std::string channel_id;
};

// The answer to an import. The message is in Graph even if the body could not be read: then `id` is empty.
struct Imported {
  std::string id;
  std::optional<DateTime> createdDateTime;
};

struct Message {
  std::string id;
  std::string replyToId;  // empty: a root
  std::optional<DateTime> createdDateTime;
  std::string from_user_id;  // empty: no user (an application, nobody)
  std::string from_display;
  std::string contentType;  // "html" or "text"
  std::string content;
  bool deleted = false;  // deletedDateTime is set
  std::string messageType;
  std::vector<Message> replies;   // filled by Replies::expanded only
  std::string replies_next_link;  // more of them: hand it to replies_page()
};

struct MessagePage {
  std::vector<Message> messages;
  std::string next_link;  // empty: the last page
};

enum class Replies { left_out, expanded };

struct User {
  std::string id;
  std::string displayName;
  std::string mail;
  std::string userPrincipalName;
  bool accountEnabled = true;
};

// How long and how often to look for something that was just created.
struct Patience {
  Loop::Duration pause;     // between two looks; the service asks for more than 30 s between polls of an operation
  Loop::Duration deadline;  // from the call on
  // true ends the wait with code `interrupted`, within half a second and the answer that is due. Empty: never.
  std::function<bool()> should_stop = {};
};

// Every function gives an answer or an Error whose `code` is Graph's, or ours:
//   unreadable (kind transport: it may have happened, look before repeating), unexpected_status, operation_failed,
//   not_ready, interrupted, foreign_link.
// Reads ride the retry policy; what creates something is tried once, on a fresh connection, and its caller
// looks before repeating it.
//
// The row of policies and the loop must outlive the client and the tasks it gave out. Belongs to the loop's thread.
// Tested by tests/native/graph/client_test.cpp, and against the emulator by tests/native/graph/emulator_test.cpp.
class Client {
 public:
  Client(Loop& loop, http::Transport& row, Config config);

  // The absolute address of a path below the version: what a body's "...@odata.bind" names.
  std::string url(std::string_view path) const;

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

  // Channels. create_channel() returns the id.
  Task<Result<std::string>> create_channel(std::string team_id, std::string body_json);
  Task<Result<Channel>> channel(std::string team_id, std::string channel_id);
  // A new channel is not found for some seconds; every other error ends the wait.
  Task<Result<Channel>> wait_for_channel(std::string team_id, std::string channel_id, Patience patience);
  Task<Result<std::vector<Channel>>> channels(std::string team_id);
  Task<Result<Channel>> primary_channel(std::string team_id);
  Task<Status> complete_channel(std::string team_id, std::string channel_id);

  // Sends the bytes exactly once and keeps no pace: both are the caller's, who knows what an unclear answer means.
  // Any 2xx is success. An empty `root_id` makes a root.
  Task<Result<Imported>> import_message(ConversationRef in, std::string root_id, std::string body_json);

  // Messages, newest first, 50 a page. An empty `next_link` asks for the first page.
  Task<Result<Message>> message(ConversationRef in, std::string id);
  Task<Result<Message>> reply(ConversationRef in, std::string root_id, std::string id);
  Task<Result<MessagePage>> messages_page(ConversationRef in, std::string next_link,
                                          Replies replies = Replies::left_out);
  Task<Result<MessagePage>> replies_page(ConversationRef in, std::string root_id, std::string next_link);

  // By mail address, user principal name or id; nothing if the tenant has no such user.
  Task<Result<std::optional<User>>> find_user(std::string who);
  // The same for many, eight at a time; the answers stand in the order of the questions.
  Task<std::vector<Result<std::optional<User>>>> find_users(std::vector<std::string> whom);

 private:
  Task<Result<http::Response>> get(std::string address, std::string route);
  Task<Result<http::Response>> create(std::string path, std::string body_json, std::string route);
  Task<Result<http::Response>> exchange(http::Request request);
  Task<Result<http::Response>> page(std::string first, std::string next_link, std::string route);
  Task<Result<std::vector<User>>> users_where(std::string filter);
  Task<Result<std::optional<User>>> user_by_key(std::string key);

  Loop& loop_;
  http::Transport& row_;
  std::string base_;  // "https://graph.microsoft.com/v1.0"
};

}  // namespace teamferry::graph
