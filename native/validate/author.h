#pragma once

#include <optional>
#include <string_view>

#include "native/validate/finding.h"

namespace teamferry::validate {

// Who is to stand as the author of a message. What is not known is not judged.
struct AuthorFacts {
  std::string_view user_id;  // from.user.id
  std::string_view displayName, userIdentityType;
  bool has_other_identity = false;  // from.application or from.device is set
  std::optional<bool> in_tenant;    // R12: the app's own tenant knows the user
  std::optional<bool> guest;        // R14
  std::optional<bool> enabled;      // R17: accountEnabled
  std::optional<bool> licensed;     // R17: for Teams
  std::string_view kind_in_source;  // R16: "user", "bot", "guest", "deleted"
  bool stands_for_others = false;   // R16: a service user that is meant to post for bots and the like
};

// R12 to R17. Tested by tests/native/validate/author_test.cpp.
void check_author(const AuthorFacts& facts, Findings& findings);

// R12 alone. Documented: the author is a user of the app's tenant; observed: a mail address as the id is answered
// with a bare 400. https://learn.microsoft.com/graph/teams-import-messages (2026-08),
// https://github.com/MicrosoftDocs/msteams-docs/issues/2230
void check_user_id(std::string_view user_id, Findings& findings);

// A user's object id: a GUID of 8-4-4-4-12 hexadecimal digits that is not all zeros.
bool is_object_id(std::string_view text);

// The userPrincipalName of a guest: "ada_park_orbit.example#EXT#@acme.example".
bool is_guest_name(std::string_view userPrincipalName);

}  // namespace teamferry::validate
