// Several archives as one: the parts of an export that came in pieces, or one export a conversation.
#include <fmt/format.h>

#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/openers.h"
#include "native/base/sha256.h"

namespace teamferry::archive {
namespace {

// What all handles share.
struct Gathering {
  std::vector<std::string> fronts;  // "a.zip/", one a part
  std::string fingerprint;
  std::unique_ptr<Catalog> catalog;  // the place of an entry is its part
};

class GatheredArchive final : public Archive {
 public:
  GatheredArchive(std::shared_ptr<const Gathering> all, std::vector<std::unique_ptr<Archive>> parts)
      : all_(std::move(all)), parts_(std::move(parts)) {}

  std::unique_ptr<Archive> share() const override {
    std::vector<std::unique_ptr<Archive>> parts;
    for (const auto& part : parts_) parts.push_back(part->share());
    return std::make_unique<GatheredArchive>(all_, std::move(parts));
  }
  const std::string& path() const override { return all_->catalog->path(); }
  std::vector<std::string_view> list(std::string_view glob) const override { return all_->catalog->list(glob); }
  bool has(std::string_view name) const override { return all_->catalog->has(name); }
  std::uint64_t size(std::string_view name) const override { return all_->catalog->size(name); }
  Status read(std::string_view name, Bytes& bytes) override { return read_capped(name, bytes, limits().entry_bytes); }
  const std::vector<Problem>& problems() const override { return all_->catalog->problems(); }
  const std::string& fingerprint() const override { return all_->fingerprint; }

 protected:
  const Limits& limits() const override { return limits_of(*parts_.front()); }

  Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) override {
    const auto* entry = all_->catalog->find(name);
    if (entry == nullptr) return all_->catalog->missing(name);
    return read_capped_of(*parts_[entry->place], inner_name(name, entry->place), bytes, cap);
  }

  Result<std::shared_ptr<const File>> file_of(std::string_view name) override {
    const auto* entry = all_->catalog->find(name);
    if (entry == nullptr) return all_->catalog->missing(name);
    return file_of_other(*parts_[entry->place], inner_name(name, entry->place));
  }

 private:
  std::string_view inner_name(std::string_view name, std::uint64_t part) const {
    return name.substr(all_->fronts[part].size());
  }

  std::shared_ptr<const Gathering> all_;
  std::vector<std::unique_ptr<Archive>> parts_;
};

}  // namespace

bool is_all_archives(const Archive& archive) {
  const auto names = archive.list("**");
  for (const auto name : names) {
    if (!is_archive_name(name) || name.find('/') != name.npos) return false;
  }
  return !names.empty();
}

Result<std::unique_ptr<Archive>> gathered(std::string path, std::vector<std::string> names,
                                          std::vector<std::unique_ptr<Archive>> parts) {
  auto all = std::make_shared<Gathering>();
  all->catalog = std::make_unique<Catalog>(std::move(path), Limits{});
  std::string marks;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    all->fronts.push_back(std::move(names[i]) + '/');
    const auto& front = all->fronts.back();
    const auto& part = *parts[i];
    for (const auto glob : {"**", "**/"}) {
      for (const auto name : part.list(glob)) {
        if (all->catalog->add(front + std::string(name), i, part.size(name), 0)) continue;
        return Error::argument("too_many_entries", fmt::format("{} holds more than {} entries", all->catalog->path(),
                                                               Catalog::kMostEntries));
      }
    }
    for (const auto& problem : part.problems()) {
      all->catalog->report(problem.code, front + problem.entry, problem.message, problem.data);
    }
    marks += front + part.fingerprint() + '\n';
  }
  all->fingerprint = sha256_hex(marks);
  all->catalog->finish(false);
  return std::unique_ptr<Archive>(std::make_unique<GatheredArchive>(std::move(all), std::move(parts)));
}

}  // namespace teamferry::archive
