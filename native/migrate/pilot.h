#pragma once

#include <optional>
#include <string>

#include "native/journal/journal.h"

namespace teamferry::migrate {

// The conversation that a person means by `name`: its displayName, in any letter case, with or without '#', or its id
// in the source; nothing if `name` is empty. Refuses a name that nobody has (with the nearest ones), one that several
// have, and what the plan does not carry. Tested by tests/native/migrate/pilot_test.cpp.
Result<std::optional<journal::ConversationId>> find_pilot(journal::Journal& journal, std::string_view name);

}  // namespace teamferry::migrate
