// A tar, packed by gzip or not. It has no table of contents: opening goes once from header to header, which for a
// tar.gz means inflating all of it; then each entry is read where it lies.
#include <fmt/format.h>

#include <vector>

#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/gzip.h"
#include "native/archive/openers.h"
#include "native/archive/tar_scan.h"

namespace teamferry::archive {
namespace {

struct TarPlace {
  std::uint64_t at, size;
};
using TarPlaces = std::vector<TarPlace>;

class TarArchive final : public Archive {
 public:
  TarArchive(std::unique_ptr<ByteSource> source, std::shared_ptr<const Catalog> catalog,
             std::shared_ptr<const TarPlaces> places)
      : source_(std::move(source)), catalog_(std::move(catalog)), places_(std::move(places)) {}

  std::unique_ptr<Archive> share() const override {
    return std::make_unique<TarArchive>(source_->share(), catalog_, places_);
  }
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

  Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) override {
    const auto* entry = catalog_->find(name);
    if (entry == nullptr) return catalog_->missing(name);
    const auto [at, size] = (*places_)[entry->place];
    if (size > cap) {
      return Error::argument("too_large", fmt::format("{}: the entry {} takes {} bytes, the limit is {}", path(),
                                                      shown_name(name), size, cap));
    }
    bytes.resize(size);
    auto got = source_->read_at(at, bytes.data(), size);
    if (got && *got == size) return done();
    return Error::argument("damaged",
                           fmt::format("{}: the entry {} cannot be read any more: {}", path(), shown_name(name),
                                       got ? "the file became shorter" : got.error().message));
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<const TarPlaces> places_;
};

// Takes an entry into the catalog, or notes why not. False when there are too many.
bool take_entry(const TarEntry& entry, Catalog& catalog, TarPlaces& places) {
  const auto refuse = [&](const char* code, const char* why) {
    catalog.report(code, entry.name,
                   fmt::format("{}: the entry {} is not read: {}", catalog.path(), shown_name(entry.name), why),
                   is_data_name(entry.name) || entry.kind == TarEntry::Kind::folder);
    return true;
  };
  if (!is_utf8(entry.name)) return refuse("bad_name", "its name is not UTF-8. Unpack it, rename it, give the folder");
  const auto checked = check_name(entry.name);
  if (checked.refused != nullptr) return refuse("bad_name", checked.refused);
  if (checked.name.empty() || is_mac_debris(checked.name)) return true;
  if (entry.kind == TarEntry::Kind::link) return refuse("link_refused", "it is a link. Pack the file itself");
  if (entry.kind == TarEntry::Kind::sparse) return refuse("unknown_packing", "it is packed with holes. Unpack the tar");
  if (entry.kind == TarEntry::Kind::other) return refuse("bad_name", "it is neither a file nor a folder");
  const auto place = places.size();
  places.push_back({entry.place, entry.size});
  return catalog.add(checked.name, place, entry.size, entry.stamp);
}

}  // namespace

Result<std::unique_ptr<Archive>> open_tar(const std::string& path, std::shared_ptr<const File> file, bool gzipped,
                                          const Limits& limits) {
  std::unique_ptr<ByteSource> source = std::make_unique<FileSource>(std::move(file));
  GzipSource* gzip = nullptr;
  if (gzipped) {
    auto unpacking = std::make_unique<GzipSource>(std::move(source), limits);
    gzip = unpacking.get();
    source = std::move(unpacking);
  }
  const auto broken = [&](const Error& error) {
    return Error::argument(error.code == "damaged" ? "damaged_tar" : error.code,
                           fmt::format("{}: {}. Check it with: tar -t{}f {}, and copy, download or export it again",
                                       path, error.message, gzipped ? "z" : "", shown_name(path)));
  };
  auto catalog = std::make_shared<Catalog>(path, limits);
  auto places = std::make_shared<TarPlaces>();
  TarScan scan(*source);
  while (true) {
    auto entry = scan.next();
    if (!entry) return broken(entry.error());
    if (!*entry) break;
    if (!take_entry(**entry, *catalog, *places)) {
      return Error::argument("too_many_entries",
                             fmt::format("{} holds more than {} entries", path, Catalog::kMostEntries));
    }
  }
  if (gzip != nullptr) {
    if (auto walked = gzip->walk(); !walked) return broken(walked.error());
  }
  if (!scan.has_end()) {
    catalog->report("cut_off", "",
                    fmt::format("{} lacks the mark of its end: files behind the last one may be missing. Compare "
                                "its size with the original",
                                path),
                    true);
  }
  catalog->finish(true);
  return std::unique_ptr<Archive>(
      std::make_unique<TarArchive>(std::move(source), std::move(catalog), std::move(places)));
}

}  // namespace teamferry::archive
