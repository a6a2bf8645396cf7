#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "native/auth/token.h"
#include "native/base/result.h"

// Which application permission opens which call of Graph, and what each piece of work cannot or should not do without.
// One table; the preflight of commands, `doctor` and the manual all read it.
// Source: https://learn.microsoft.com/graph/permissions-reference and the pages of the calls, as of 2026-08.
// Tested by tests/native/auth/roles_test.cpp.
namespace teamferry::auth {

// One kind of call. Any one of the permissions is enough; the one that gives least away stands first.
struct Permission {
  std::string_view primitive;  // a function of graph::Client, or the family of functions that share the permission
  std::vector<std::string_view> any_of;
};
const std::vector<Permission>& permissions();

// What people do, in pieces that need different permissions. `run` is import, and before it create or
// import_existing where there is something to create or to switch.
enum class Work {
  plan,             // looks people up
  create,           // teams and channels that are born in migration mode
  import,           // messages into conversations that are in migration mode
  import_existing,  // channels that lived before: startMigration
  tell_apart,       // others' messages from ours, in channels that lived before ...
  tell_apart_chat,  // ... and in chats
  verify,
  complete,
  members,
  channel_members,  // of private and shared channels
  chats,
  chat_members,
  files,
  remove_team,
  doctor,
};
// The command in which a person meets it: "run" for create and import.
std::string_view command_of(Work work);

enum class Need { required, recommended };

// A row of the table: this work makes these calls.
struct Want {
  Work work;
  std::string_view primitive;
  Need need;
  std::string_view purpose;  // goes on after "to": "read messages back"
};
const std::vector<Want>& wants();

// A permission that is not there.
struct Gap {
  std::vector<std::string_view> any_of;  // the least first; never empty
  Need need = Need::required;            // required as soon as one piece of work requires it
  std::vector<std::string_view> commands;
  std::vector<std::string_view> purposes;

  // "ChannelMessage.Read.All (or Group.Read.All), to read messages back"
  std::string to_string() const;
};

// What the claims lack for all of this work: required gaps first, otherwise in the order of the table.
std::vector<Gap> missing_roles(const Claims& claims, std::span<const Work> works);

// The same as a verdict on a sign-in that has just been made. The value holds a sentence for each recommended
// permission that is missing, to be shown and passed over.
//
// An Error says which command needs which permission, and what an administrator does next. Codes: `missing_role`;
// `no_roles` if there are none at all; `delegated_token` for a person's token. Its kind is `service` with status 0: the
// sign-in answered, but what it gave does not do. A token whose claims cannot be read is no reason to stop: then there
// is nothing to say.
Result<std::vector<std::string>> check_roles(std::string_view token, std::span<const Work> works);

}  // namespace teamferry::auth
