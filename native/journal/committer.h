#pragma once

#include <memory>
#include <string>

#include "native/journal/journal.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {

std::unique_ptr<Committer> make_direct_committer(Database& db);

// Opens a connection of its own on `path`. Throws Failure.
std::unique_ptr<Committer> make_threaded_committer(const std::string& path, Loop& loop);

// What every connection that writes a run sets: WAL, FULL, a small cache.
void prepare_for_writing(Database& db);

}  // namespace teamferry::journal
