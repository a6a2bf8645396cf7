#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What an entry may be called. Names come from strangers.
namespace teamferry::archive {

// Longest name taken, in bytes; a path of Linux is no longer.
inline constexpr std::size_t kLongestName = 4096;

bool is_utf8(std::string_view bytes);

// The name of a zip entry as UTF-8: valid UTF-8 is UTF-8 whether or not the entry's flag says so (Slack does
// not set it), anything else is code page 437, as the zip format has it.
std::string decode_zip_name(std::string_view bytes);

// Brings a decoded name into the form of the index ("./a//b" is "a/b"; a folder keeps one '/' at its end), or
// says why it is refused: "it climbs out of the archive with '..'".
struct CheckedName {
  std::string name;
  const char* refused = nullptr;
};
CheckedName check_name(std::string_view name);

// "general\2020-09-13.json" as "general/2020-09-13.json".
std::string with_slashes(std::string_view name);

// True for a name that ends like a file of records: .json, .jsonl, .ndjson, .csv, .tsv, .bson.
bool is_data_name(std::string_view name);

// True for a name that ends like an archive: .zip, .tar, .tar.gz, .tgz.
bool is_archive_name(std::string_view name);

// "C1.json" for "C1.json.gz"; empty for a name that does not end so, and for archives.
std::string_view without_gz(std::string_view name);

// What macOS leaves behind: __MACOSX, .DS_Store, ._anything, at any depth.
bool is_mac_debris(std::string_view name);

// A name, path or piece of text for a message: in single quotes, control characters and stray bytes as \xNN, cut when
// long.
std::string shown_name(std::string_view name);

}  // namespace teamferry::archive
