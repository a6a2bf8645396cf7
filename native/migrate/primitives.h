#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/graph/batch.h"
#include "native/graph/client.h"
#include "native/graph/members.h"
#include "native/graph/pages.h"
#include "native/graph/upload.h"

// What a script calls that has no plan and no journal: single steps of a migration, each with the checks and the
// patience that the engine has. Bodies and resources are JSON as Graph has them.
namespace teamferry::migrate {

struct RefusedMember {
  std::string user;  // as it was given
  Error why;
};

// A step was asked for that the conversation's state does not allow: an Error of code `state` names the transition.
// A create or an import whose answer was lost is looked for before it is repeated; where that cannot be told, the Error
// has the code `unclear`, and nobody should repeat it unseen.
//
// Belongs to the loop's thread. Tested by tests/native/migrate/primitives_test.cpp.
class Primitives {
 public:
  struct Options {
    graph::Patience team{std::chrono::seconds(10), std::chrono::minutes(15)};   // until a new team can be read
    graph::Patience channel{std::chrono::seconds(2), std::chrono::minutes(5)};  // … a new channel, a new state of one
    // Pauses before looking again for what may have been made.
    std::vector<Loop::Duration> lag{std::chrono::seconds(2), std::chrono::seconds(10), std::chrono::seconds(20)};
    std::function<bool()> stopping;  // true ends every wait
  };

  Primitives(graph::Client& client, Options options);

  // In migration mode, once its operation has succeeded. The bodies of what is created are complete and checked
  // (primitives_check.h).
  Task<Result<std::string>> create_team(std::string body);
  Task<Result<std::string>> team(std::string id);
  // Refused while one of its channels is open for import.
  Task<Result<std::string>> complete_team(std::string id);

  // In migration mode, once it can be read.
  Task<Result<std::string>> create_channel(std::string team_id, std::string body);
  Task<Result<std::string>> conversation(graph::ConversationRef ref);
  // By its name, letter case ignored. "General" is a team's first channel, whatever its language calls it.
  Task<Result<std::string>> channel_named(std::string team_id, std::string displayName);
  // A chat that does not migrate yet. A pair of people has one chat for ever: it is given again.
  Task<Result<std::string>> create_chat(std::string body);

  // The state is read before and after; gives the conversation as it then is.
  Task<Result<std::string>> start_migration(graph::ConversationRef ref, std::optional<DateTime> floor);
  Task<Result<std::string>> complete_migration(graph::ConversationRef ref);

  // The message as the service stored it. Keeps the pace of its conversation; `root_id` is empty for a root.
  Task<Result<std::string>> import(graph::ConversationRef ref, std::string root_id, std::string body);

  // To a team, unless `team_id` is empty, or to a channel or chat. Gives those whom the service did not take.
  Task<Result<std::vector<RefusedMember>>> add_members(graph::ConversationRef to, std::string team_id,
                                                       std::vector<graph::NewMember> members);

  // Into the folder of a channel, in the place of one of that name; gives the item.
  Task<Result<std::string>> upload(graph::ConversationRef to, std::string name,
                                   std::shared_ptr<graph::Content> content);

  // The answers stand in the order of the parts, of which there may be any number.
  Task<Result<std::vector<graph::BatchAnswer>>> batch(std::vector<graph::BatchPart> parts);

  // By mail address, principal name or id.
  Task<Result<std::string>> user(std::string who);

  // The items of the next page that has any, as a JSON array; nothing: that was all.
  Task<Result<std::optional<std::string>>> next_items(std::shared_ptr<graph::Pages> pages);
  std::shared_ptr<graph::Pages> pages(const std::string& path);

  // One request, whose answer is given as it came, unless that is a 429. `path` begins with '/'.
  Task<Result<http::Response>> exchange(std::string method, std::string path, std::string body);
  // Anything else; a change is tried once. `path` begins with '/'. The answer's body may be empty.
  Task<Result<std::string>> request(std::string method, std::string path, std::string body);

  // 429s that were waited out.
  int slowed_down() const { return slowed_down_; }

 private:
  // Pauses, unless somebody asked for the end: then false.
  Task<bool> pause(Loop::Duration time);
  // One that was refused with 429 has not happened: it is tried again.
  template <class T>
  Task<Result<T>> unless_throttled(std::function<Task<Result<T>>()> begin);
  Task<Result<std::string>> settled(graph::ConversationRef ref, graph::MigrationMode wanted);
  Task<Result<std::string>> find_new_team(std::string body, Error why);
  Task<Result<std::string>> find_message(graph::ConversationRef ref, std::string root_id, std::string body);

  graph::Client& client_;
  Options options_;
  int slowed_down_ = 0;
};

// Why nothing can be imported into a conversation that was last read like this; nothing if it may be tried.
std::optional<Error> refuse_import(graph::MigrationMode mode, std::string_view name);

// What a lost answer leaves: "whether team 'Orbit' was created cannot be told".
Error unclear(std::string_view what, const Error& why);

// The path as a log may hold it: what looks like an id, a name or an address becomes {id}, a query goes.
std::string route_of_path(std::string_view path);

// The path as somebody typed it, made fit for an address: "/teams?$filter=displayName eq 'Orbit'" has spaces. What is
// encoded already stays.
std::string typed_path(std::string_view path);

// Gives an empty object the form of a list where Graph's bodies have lists: Lua writes {} for both.
std::string with_lists(std::string body);

}  // namespace teamferry::migrate
