#include "native/migrate/identity.h"

#include <fmt/format.h>

#include "native/journal/journal.h"

namespace teamferry::migrate {

Status check_identity(journal::Journal& journal, const Identity& identity) {
  struct Fact {
    const char* key;
    const std::string& value;
    const char* what;
  };
  const Fact facts[] = {{"target", identity.target, "target"},
                        {"tenant", identity.tenant, "tenant"},
                        {"client_id", identity.client_id, "application (client id)"}};
  const auto known = [&journal](const Fact& fact) { return journal.meta(fact.key).value_or(""); };
  for (const auto& fact : facts) {
    const std::string ours = known(fact);
    if (ours.empty() || fact.value.empty() || ours == fact.value) continue;
    return Error::state("other_identity",
                        fmt::format("{}: this journal belongs to {} '{}', and this is '{}'; go on with the same {}, or "
                                    "name another journal",
                                    journal.path(), fact.what, ours, fact.value, fact.what));
  }
  for (const auto& fact : facts) {
    if (fact.value.empty() || !known(fact).empty()) continue;
    if (auto status = journal.set_meta(fact.key, fact.value); !status) return status;
  }
  return done();
}

}  // namespace teamferry::migrate
