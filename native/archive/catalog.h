#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "native/archive/archive.h"

namespace teamferry::archive {

// The names of an archive, each with the place where it is found: one text holds them all, and twenty bytes
// an entry say where, and how large it is. Filled once by add(), closed by finish(), then only read, by any thread.
// Tested by tests/native/archive/archive_test.cpp.
class Catalog {
 public:
  static constexpr std::size_t kMostEntries = 5'000'000;
  static constexpr std::size_t kMostProblems = 1'000;

  struct Entry {
    std::uint64_t place;  // zip: offset in the central directory
    std::uint32_t name_at;
    std::uint16_t name_size;
    std::uint8_t folder;
    std::uint8_t link;
  };

  Catalog(std::string path, const Limits& limits) : path_(std::move(path)), limits_(limits) {}

  // Takes a name of check_name()'s form; one that ends in '/' is a folder. `stamp` (a checksum or a
  // time) only enters the fingerprint. False when the archive holds too many names.
  bool add(std::string_view name, std::uint64_t place, std::uint64_t size, std::uint64_t stamp, bool link = false);

  // Notes what is wrong with an entry, and whether records are lost by it; beyond kMostProblems they are only counted.
  void report(std::string code, std::string_view entry, std::string message, bool data = false);

  // Looks through a single top folder if wanted, sorts, keeps the last of equal names and reports them.
  void finish(bool look_through_top);

  const Entry* find(std::string_view name) const;
  bool has(std::string_view name) const;
  std::uint64_t size(std::string_view name) const;  // as Archive::size()
  std::vector<std::string_view> list(std::string_view glob) const;
  std::string_view name(const Entry& entry) const { return {names_.data() + entry.name_at, entry.name_size}; }

  // The error for a name that find() does not know.
  Error missing(std::string_view name) const;

  const std::string& path() const { return path_; }
  const Limits& limits() const { return limits_; }
  const std::string& top() const { return top_; }  // the folder looked through, with its '/', or empty
  const std::vector<Problem>& problems() const { return problems_; }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  using Entries = std::vector<Entry>;
  Entries::const_iterator lower_bound(std::string_view name) const;
  void look_through_top();
  void take_fingerprint();
  std::vector<std::string_view> list_folders(std::string_view glob) const;

  std::string path_;
  Limits limits_;
  std::string names_;
  Entries entries_;
  std::vector<std::uint32_t> kibibytes_;                        // of each entry; filled by finish()
  std::vector<std::pair<std::uint64_t, std::uint64_t>> marks_;  // size and stamp of each add(); gone after finish()
  std::string top_;
  std::vector<Problem> problems_;
  std::size_t problems_beyond_ = 0;
  bool data_beyond_ = false;  // any of those
  std::string fingerprint_;
};

}  // namespace teamferry::archive
