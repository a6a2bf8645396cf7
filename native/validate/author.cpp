#include "native/validate/author.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace teamferry::validate {
namespace {

constexpr const char* kMapCure =
    "Map the person to a user of the tenant, or to the fallback user with a line that names the author";

// R13. Documented: nothing federated is imported; the other kinds have no user in the tenant.
// Source: https://learn.microsoft.com/graph/api/chat-startmigration (2026-08)
constexpr std::string_view kForeign[] = {"federatedUser", "anonymousGuest", "personalMicrosoftAccountUser",
                                         "skypeUser",     "phoneUser",      "emailUser"};

// R13, R15. Only aadUser is in the examples of the article.
void check_identity_type(std::string_view type, Findings& findings) {
  if (type == "aadUser") return;
  if (std::find(std::begin(kForeign), std::end(kForeign), type) != std::end(kForeign)) {
    return add_error(findings, "R13", "from.user.userIdentityType",
                     fmt::format("{} is nobody of the tenant; such authors are not imported", type), kMapCure);
  }
  add_warning(findings, "R15", "from.user.userIdentityType",
              type.empty() ? "it is missing" : fmt::format("'{}' was never seen on import", shown(type)),
              "Write aadUser");
}

// R16. The schema has from.application, no example of an import uses it (inferred: it does not work).
void check_kind(const AuthorFacts& facts, Findings& findings) {
  if (facts.has_other_identity) {
    add_warning(findings, "R16", "from", "no import is known to take an application or a device as the author",
                "Use from.user with a user that posts for bots");
  }
  const auto kind = facts.kind_in_source;
  if (kind.empty() || kind == "user" || kind == "guest" || facts.stands_for_others) return;
  add_warning(findings, "R16", "from.user.id",
              fmt::format("the author is a {} of the source, which is no user of its own", shown(kind)),
              "Let a service user post for it, with a line that names it");
}

// R14: only "a user of the same tenant" is documented (inferred for guests). R17: observed, authors without an active
// account or a licence make the import fail.
void check_account(const AuthorFacts& facts, Findings& findings) {
  if (facts.in_tenant == false) {
    add_error(findings, "R12", "from.user.id", fmt::format("{} is nobody of this tenant", facts.user_id), kMapCure);
  }
  if (facts.guest == true) {
    add_warning(findings, "R14", "from.user.id",
                fmt::format("{} is a guest; guests may be refused as authors", facts.user_id),
                "Try one message first, or map the person to the fallback user");
  }
  if (facts.enabled == false) {
    add_warning(findings, "R17", "from.user.id", fmt::format("the account of {} is disabled", facts.user_id),
                "Enable the account while the import runs, or map the person to the fallback user");
  } else if (facts.licensed == false) {
    add_warning(findings, "R17", "from.user.id", fmt::format("{} has no licence for Teams", facts.user_id),
                "Give it one while the import runs, or map the person to the fallback user");
  }
}

}  // namespace

bool is_object_id(std::string_view text) {
  if (text.size() != 36) return false;
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
    } else {
      if (!std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
      any |= text[i] != '0';
    }
  }
  return any;
}

bool is_guest_name(std::string_view userPrincipalName) {
  return userPrincipalName.find("#EXT#") != userPrincipalName.npos ||
         userPrincipalName.find("#ext#") != userPrincipalName.npos;
}

void check_user_id(std::string_view user_id, Findings& findings) {
  if (is_object_id(user_id)) return;
  add_error(findings, "R12", "from.user.id",
            user_id.empty() ? "it is missing" : fmt::format("'{}' is not a user's object id", shown(user_id)),
            kMapCure);
}

void check_author(const AuthorFacts& facts, Findings& findings) {
  check_user_id(facts.user_id, findings);
  check_kind(facts, findings);
  if (facts.user_id.empty()) return;
  check_identity_type(facts.userIdentityType, findings);
  if (facts.displayName.empty()) {
    add_warning(findings, "R15", "from.user.displayName", "it is missing", "Give the name that Teams shall show");
  }
  check_account(facts, findings);
}

}  // namespace teamferry::validate
