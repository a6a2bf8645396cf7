// An archive whose packed data files are shown as what they hold: "C1.json.gz" as "C1.json".
#include <fmt/format.h>

#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/gzip.h"
#include "native/archive/openers.h"

namespace teamferry::archive {
namespace {

enum : std::uint64_t { kAsItIs, kPacked };  // places of its entries

class UnpackedNames final : public Archive {
 public:
  UnpackedNames(std::unique_ptr<Archive> inner, std::shared_ptr<const Catalog> catalog)
      : inner_(std::move(inner)), catalog_(std::move(catalog)) {}

  std::unique_ptr<Archive> share() const override { return std::make_unique<UnpackedNames>(inner_->share(), catalog_); }
  const std::string& path() const override { return inner_->path(); }
  std::vector<std::string_view> list(std::string_view glob) const override { return catalog_->list(glob); }
  bool has(std::string_view name) const override { return catalog_->has(name) || inner_->has(name); }
  std::uint64_t size(std::string_view name) const override {
    return catalog_->has(name) ? catalog_->size(name) : inner_->size(name);
  }
  Status read(std::string_view name, Bytes& bytes) override { return read_capped(name, bytes, limits().entry_bytes); }
  const std::vector<Problem>& problems() const override { return inner_->problems(); }
  const std::string& fingerprint() const override { return inner_->fingerprint(); }

 protected:
  const Limits& limits() const override { return limits_of(*inner_); }

  Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) override {
    const auto* entry = catalog_->find(name);
    if (entry == nullptr || entry->place != kPacked) return read_capped_of(*inner_, name, bytes, cap);
    auto file = file_of_other(*inner_, std::string(name) + ".gz");
    if (!file) return std::move(file).error();
    auto unpacked = gunzip(std::make_unique<FileSource>(std::move(*file)), limits(), cap, bytes);
    if (unpacked) return unpacked;
    const auto& error = unpacked.error();
    return Error::argument(
        error.code, fmt::format("{}: {} {}", path(), shown_name(std::string(name) + ".gz"),
                                error.code == "too_large" ? error.message : "cannot be unpacked: " + error.message));
  }

  Result<std::shared_ptr<const File>> file_of(std::string_view name) override {
    const auto* entry = catalog_->find(name);
    return entry != nullptr && entry->place == kPacked ? Archive::file_of(name) : file_of_other(*inner_, name);
  }

 private:
  std::unique_ptr<Archive> inner_;
  std::shared_ptr<const Catalog> catalog_;
};

}  // namespace

std::unique_ptr<Archive> with_unpacked(std::unique_ptr<Archive> packed, bool any) {
  const auto name_within = [&](std::string_view name) -> std::string_view {
    const auto within = without_gz(name);
    return (any || is_data_name(within)) && !packed->has(within) ? within : std::string_view();
  };
  const auto names = packed->list("**");
  bool found = false;
  for (const auto name : names) found |= !name_within(name).empty();
  if (!found) return packed;
  auto catalog = std::make_shared<Catalog>(packed->path(), Limits{});
  for (const auto name : names) {
    const auto within = name_within(name);
    catalog->add(within.empty() ? name : within, within.empty() ? kAsItIs : kPacked, packed->size(name), 0);
  }
  for (const auto folder : packed->list("**/")) catalog->add(folder, kAsItIs, 0, 0);
  catalog->finish(false);
  return std::make_unique<UnpackedNames>(std::move(packed), std::move(catalog));
}

}  // namespace teamferry::archive
