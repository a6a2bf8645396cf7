// A folder, or a single data file, as an archive.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/file.h"
#include "native/archive/openers.h"

namespace teamferry::archive {
namespace {

namespace fs = std::filesystem;

// Places of entries: how the name of the index leads to the file.
constexpr std::uint64_t kAsNamed = 0, kBackslashed = 1;

// True when the file that `path` leads to lies in `root`, both without links.
bool leads_inside(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const auto real = fs::canonical(path, error);
  if (error) return false;
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  return end == root.end() && rest != real.end();
}

class FolderArchive final : public Archive {
 public:
  FolderArchive(fs::path root, std::shared_ptr<const Catalog> catalog)
      : root_(std::move(root)), catalog_(std::move(catalog)) {}

  std::unique_ptr<Archive> share() const override { return std::make_unique<FolderArchive>(root_, catalog_); }
  const std::string& path() const override { return catalog_->path(); }
  std::vector<std::string_view> list(std::string_view glob) const override { return catalog_->list(glob); }
  bool has(std::string_view name) const override { return catalog_->has(name); }
  std::uint64_t size(std::string_view name) const override { return catalog_->size(name); }
  Status read(std::string_view name, Bytes& bytes) override {
    return read_capped(name, bytes, catalog_->limits().entry_bytes);
  }
  const std::vector<Problem>& problems() const override { return catalog_->problems(); }
  const std::string& fingerprint() const override { return catalog_->fingerprint(); }

 protected:
  const Limits& limits() const override { return catalog_->limits(); }

  Result<std::shared_ptr<const File>> file_of(std::string_view name) override {
    const auto* entry = catalog_->find(name);
    if (entry == nullptr) return catalog_->missing(name);
    std::string inside = catalog_->top() + std::string(name);
    if (entry->place == kBackslashed) std::replace(inside.begin(), inside.end(), '/', '\\');
    const auto path = root_ / inside;
    // A link was looked at when the folder was opened; it may lead elsewhere by now.
    if (entry->link && !leads_inside(root_, path)) {
      return Error::argument("link_refused", fmt::format("{} now leads out of the folder", shown_name(path.string())));
    }
    return File::open(path.string(), entry->link);
  }

  Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) override {
    const auto file = file_of(name);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (size > cap) {
      return Error::argument("too_large", fmt::format("{}: the file {} takes {} bytes, the limit is {}", path(),
                                                      shown_name(name), size, cap));
    }
    bytes.resize(size);
    const auto got = (*file)->read_at(0, bytes.data(), size);
    if (got < 0) {
      return Error::argument("cannot_read", fmt::format("{}: {}: {}", path(), shown_name(name), std::strerror(errno)));
    }
    if (static_cast<std::uint64_t>(got) < size) bytes.grow(static_cast<std::size_t>(got));
    return done();
  }

 private:
  fs::path root_;
  std::shared_ptr<const Catalog> catalog_;
};

std::uint64_t stamp_of(const struct stat& info) {
  return static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
}

class FolderWalk {
 public:
  FolderWalk(fs::path root, Catalog& catalog) : root_(std::move(root)), catalog_(catalog) {}

  Status run() {
    backslashed_ = is_flat_with_backslashes();
    std::vector<std::string> waiting{""};
    while (!waiting.empty()) {
      const auto folder = std::move(waiting.back());
      waiting.pop_back();
      std::error_code error;
      fs::directory_iterator at(root_ / folder, error);
      for (; !error && at != fs::directory_iterator(); at.increment(error)) {
        if (auto taken = take(folder + at->path().filename().string(), waiting); !taken) return taken;
      }
      if (!error) continue;
      if (folder.empty()) {
        return Error::argument("cannot_open", fmt::format("{}: {}", catalog_.path(), error.message()));
      }
      catalog_.report(
          "unreadable_folder", folder,
          fmt::format("{}: the folder {} cannot be read: {}", catalog_.path(), shown_name(folder), error.message()),
          true);
    }
    return done();
  }

 private:
  // What becomes of a zip with backslashes when a tool that takes them for letters unpacks it: no folder at all.
  bool is_flat_with_backslashes() const {
    bool any = false;
    std::error_code error;
    for (fs::directory_iterator at(root_, error); !error && at != fs::directory_iterator(); at.increment(error)) {
      if (is_mac_debris(at->path().filename().string())) continue;
      if (at->is_directory(error)) return false;
      any |= at->path().filename().string().find('\\') != std::string::npos;
    }
    return any && !error;
  }

  Status take(const std::string& name, std::vector<std::string>& waiting) {
    if (is_mac_debris(name)) return done();
    if (!is_utf8(name)) return refuse("bad_name", name, "its name is not UTF-8. Rename it");
    const bool slashed = backslashed_ && name.find('\\') != name.npos;
    const auto shown = slashed ? with_slashes(name) : name;
    const auto checked = check_name(shown);
    if (checked.refused) return refuse("bad_name", name, checked.refused);
    if (checked.name != shown) return refuse("bad_name", name, "a part of its path is empty or a dot");
    const auto path = root_ / name;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return refuse("cannot_read", name, std::strerror(errno));
    const bool link = S_ISLNK(info.st_mode);
    if (link) {
      if (::stat(path.c_str(), &info) != 0) return refuse("link_refused", name, "it is a link that leads nowhere");
      if (!leads_inside(root_, path)) return refuse("link_refused", name, "it is a link that leaves the folder");
      if (S_ISDIR(info.st_mode)) return refuse("link_refused", name, "it is a link to a folder. Copy the folder");
    }
    if (S_ISDIR(info.st_mode)) {
      waiting.push_back(name + '/');
      return add(name + '/', kAsNamed, info, false);
    }
    if (!S_ISREG(info.st_mode)) return refuse("bad_name", name, "it is neither a file nor a folder");
    return add(shown, slashed ? kBackslashed : kAsNamed, info, link);
  }

  Status add(const std::string& name, std::uint64_t place, const struct stat& info, bool link) {
    if (catalog_.add(name, place, static_cast<std::uint64_t>(info.st_size), stamp_of(info), link)) return done();
    return Error::argument("too_many_entries",
                           fmt::format("{} holds more than {} files", catalog_.path(), Catalog::kMostEntries));
  }

  Status refuse(const char* code, const std::string& name, const char* why) {
    std::error_code ignored;
    catalog_.report(code, name, fmt::format("{}: {} is not read: {}", catalog_.path(), shown_name(name), why),
                    is_data_name(name) || fs::is_directory(root_ / name, ignored));
    return done();
  }

  fs::path root_;
  Catalog& catalog_;
  bool backslashed_ = false;  // names are paths of Windows
};

}  // namespace

Result<std::unique_ptr<Archive>> open_folder(const std::string& path, const Limits& limits) {
  std::error_code error;
  const auto root = fs::canonical(path, error);
  if (error) return Error::argument("cannot_open", fmt::format("{}: {}", path, error.message()));
  auto catalog = std::make_shared<Catalog>(path, limits);
  if (auto walked = FolderWalk(root, *catalog).run(); !walked) return std::move(walked).error();
  catalog->finish(true);
  return std::unique_ptr<Archive>(std::make_unique<FolderArchive>(root, std::move(catalog)));
}

Result<std::unique_ptr<Archive>> open_single_file(const std::string& path, const Limits& limits) {
  std::error_code error;
  const auto real = fs::canonical(path, error);
  struct stat info {};
  if (error || ::stat(real.c_str(), &info) != 0) {
    return Error::argument("cannot_open", fmt::format("{}: cannot be looked at", path));
  }
  auto catalog = std::make_shared<Catalog>(path, limits);
  catalog->add(real.filename().string(), kAsNamed, static_cast<std::uint64_t>(info.st_size), stamp_of(info));
  catalog->finish(false);
  return std::unique_ptr<Archive>(std::make_unique<FolderArchive>(real.parent_path(), std::move(catalog)));
}

}  // namespace teamferry::archive
