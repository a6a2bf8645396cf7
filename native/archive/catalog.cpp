#include "native/archive/catalog.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/archive/entry_name.h"
#include "native/archive/glob.h"

namespace teamferry::archive {
namespace {

std::uint64_t mix(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

std::uint64_t hash_of(std::string_view name, std::uint64_t size, std::uint64_t stamp, std::uint64_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325u ^ seed;
  for (const unsigned char c : name) hash = (hash ^ c) * 0x100000001B3u;
  return mix(mix(mix(hash) + size) + stamp);
}

std::size_t common_front(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

}  // namespace

bool Catalog::add(std::string_view name, std::uint64_t place, std::uint64_t size, std::uint64_t stamp, bool link) {
  if (entries_.size() == kMostEntries || names_.size() + name.size() > UINT32_MAX) return false;
  Entry entry{place, static_cast<std::uint32_t>(names_.size()), static_cast<std::uint16_t>(name.size()), 0, link};
  entry.folder = name.ends_with('/');
  names_ += name;
  entries_.push_back(entry);
  marks_.emplace_back(size, stamp);
  return true;
}

void Catalog::report(std::string code, std::string_view entry, std::string message, bool data) {
  if (problems_.size() < kMostProblems) {
    problems_.push_back({std::move(code), std::string(entry), std::move(message), data});
  } else {
    ++problems_beyond_;
    data_beyond_ |= data;
  }
}

void Catalog::finish(bool wanted) {
  if (wanted) look_through_top();
  take_fingerprint();
  // The order of equal names is the order in the archive; marks_ follow along by position, so they are
  // looked at before sorting and by name_at afterwards no more.
  std::vector<std::uint32_t> order(entries_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    const int compared = name(entries_[a]).compare(name(entries_[b]));
    return compared != 0 ? compared < 0 : a < b;
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::sort(order.begin(), order.end(), before);

  Entries sorted;
  sorted.reserve(entries_.size());
  kibibytes_.reserve(entries_.size());
  std::uint32_t last = 0;
  for (const auto at : order) {
    const Entry& entry = entries_[at];
    if (entry.name_size == 0) continue;  // the folder that is looked through
    const bool twice = !sorted.empty() && name(sorted.back()) == name(entry);
    const auto kibibytes =
        static_cast<std::uint32_t>(std::min<std::uint64_t>((marks_[at].first + 1023) >> 10, UINT32_MAX));
    if (!twice) {
      sorted.push_back(entry);
      kibibytes_.push_back(kibibytes);
    } else if (!entry.folder) {
      report("duplicate_entry", name(entry),
             fmt::format("{} holds {} twice{}", path_, shown_name(name(entry)),
                         marks_[last] == marks_[at]
                             ? ", with equal content; it is read once"
                             : " with different content; the later one is read. Unpack the archive to look at both"));
      sorted.back() = entry;
      kibibytes_.back() = kibibytes;
    }
    last = at;
  }
  entries_ = std::move(sorted);
  marks_ = {};
  names_.shrink_to_fit();
  if (problems_beyond_ > 0) {
    problems_.push_back(
        {"more_problems", "", fmt::format("{}: {} more entries like these", path_, problems_beyond_), data_beyond_});
  }
}

void Catalog::look_through_top() {
  if (entries_.empty()) return;
  const auto first = name(entries_.front());
  const auto slash = first.find('/');
  if (slash == first.npos) return;
  const auto top = first.substr(0, slash + 1);
  bool holds_file = false;
  for (const auto& entry : entries_) {
    if (!name(entry).starts_with(top)) return;
    holds_file |= !entry.folder;
  }
  if (!holds_file) return;
  top_ = top;
  for (auto& entry : entries_) {
    entry.name_at += static_cast<std::uint32_t>(top_.size());
    entry.name_size = static_cast<std::uint16_t>(entry.name_size - top_.size());
  }
}

// A sum over the entries, so that packing the same files in another order gives the same text.
void Catalog::take_fingerprint() {
  std::uint64_t high = 0, low = 0, files = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].folder) continue;
    const auto [size, stamp] = marks_[i];
    high += hash_of(name(entries_[i]), size, stamp, 0x9E3779B97F4A7C15u);
    low += hash_of(name(entries_[i]), size, stamp, 0);
    ++files;
  }
  fingerprint_ = fmt::format("{}-{:016x}{:016x}", files, high, low);
}

Catalog::Entries::const_iterator Catalog::lower_bound(std::string_view wanted) const {
  return std::lower_bound(entries_.begin(), entries_.end(), wanted,
                          [this](const Entry& entry, std::string_view text) { return name(entry) < text; });
}

const Catalog::Entry* Catalog::find(std::string_view wanted) const {
  const auto at = lower_bound(wanted);
  return at != entries_.end() && name(*at) == wanted && !at->folder ? &*at : nullptr;
}

bool Catalog::has(std::string_view wanted) const {
  if (!wanted.ends_with('/')) return find(wanted) != nullptr;
  const auto at = lower_bound(wanted);
  return at != entries_.end() && name(*at).starts_with(wanted);
}

std::uint64_t Catalog::size(std::string_view wanted) const {
  std::uint64_t kibibytes = 0;
  const bool folder = wanted.ends_with('/');
  for (auto at = lower_bound(wanted); at != entries_.end(); ++at) {
    if (folder ? !name(*at).starts_with(wanted) : name(*at) != wanted) break;
    if (!at->folder) kibibytes += kibibytes_[static_cast<std::size_t>(at - entries_.begin())];
  }
  return kibibytes << 10;
}

std::vector<std::string_view> Catalog::list(std::string_view glob) const {
  if (glob.ends_with('/')) return list_folders(glob);
  std::vector<std::string_view> names;
  const auto front = literal_front(glob);
  for (auto at = lower_bound(front); at != entries_.end() && name(*at).starts_with(front); ++at) {
    if (!at->folder && glob_matches(glob, name(*at))) names.push_back(name(*at));
  }
  return names;
}

// Folders are the fronts of names: an archive need not have entries for them.
std::vector<std::string_view> Catalog::list_folders(std::string_view glob) const {
  std::vector<std::string_view> folders;
  const auto front = literal_front(glob);
  std::string_view previous;
  for (auto at = lower_bound(front); at != entries_.end() && name(*at).starts_with(front); ++at) {
    const auto whole = name(*at);
    const auto known = common_front(previous, whole);
    for (auto slash = whole.find('/'); slash != whole.npos; slash = whole.find('/', slash + 1)) {
      if (slash < known) continue;
      const auto folder = whole.substr(0, slash + 1);
      if (glob_matches(glob, folder)) folders.push_back(folder);
    }
    previous = whole;
  }
  return folders;
}

Error Catalog::missing(std::string_view wanted) const {
  for (const auto& problem : problems_) {
    if (problem.entry == wanted && problem.code != "duplicate_entry") {
      return Error::argument(problem.code, problem.message);
    }
  }
  return Error::argument("no_entry", fmt::format("{} has no file {}", path_, shown_name(wanted)));
}

}  // namespace teamferry::archive
