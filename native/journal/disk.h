#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "native/base/result.h"

// Whether a disk is fit to hold a journal: near enough, and large enough.
// Tested by tests/native/journal/disk_test.cpp.
namespace teamferry::journal {

// The name of a file system that other machines may write to as well, by the f_type of statfs(2): "NFS"; nothing for
// one of this machine. SQLite's shared memory and its locks do not reach across machines, so a journal there can be
// lost without a word (https://www.sqlite.org/wal.html, "WAL does not work over a network filesystem").
std::optional<std::string> network_file_system(std::uint32_t type);

// Error `journal_on_network` if the file lies, or would lie, on such a file system. TEAMFERRY_NETWORK_JOURNAL=allow in
// the environment is the word of somebody who knows that no other machine touches it: FUSE may be a disk of this
// machine.
Status refuse_network(const std::string& path);
Status refuse_network(const std::string& path, std::uint32_t type, bool allowed);

// Error `journal_no_room` with both figures if fewer than `needed_bytes` are free where the file lies or would lie;
// what it has already counts as free. What cannot be asked is no hindrance.
Status check_room(const std::string& path, std::uint64_t needed_bytes);
Status check_room(const std::string& path, std::uint64_t needed_bytes, std::uint64_t free_bytes);

}  // namespace teamferry::journal
