#pragma once

#include <string>

#include "native/base/result.h"

namespace teamferry::journal {
class Journal;
}

namespace teamferry::migrate {

// Whom a journal belongs to. The first plan or run writes it down; every other identity is refused from then on,
// because only the application that opened a conversation may write to it and complete it (R44).
struct Identity {
  std::string tenant;     // as meta "tenant"
  std::string client_id;  // as meta "client_id"
  std::string target;     // Graph's address, or "emulator", as meta "target"
};

// Refuses a journal that belongs to somebody else (code `other_identity`), and then has changed nothing; writes down
// what the journal does not say yet. An empty member is not known to the caller: neither compared nor written.
// Throws journal::Failure if the journal cannot be read.
// Tested by tests/native/migrate/identity_test.cpp.
Status check_identity(journal::Journal& journal, const Identity& identity);

}  // namespace teamferry::migrate
