// A zip through minizip, entry by entry. The central directory is walked once, by position and not by the
// count in the end record (which some packers let overflow at 65,536), into a Catalog; an entry is then
// reached by its position there. Bytes come by pread through two windows, one that stays with the central
// directory and one with the data, since reading an entry goes from the one to the other.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unzip.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "native/archive/catalog.h"
#include "native/archive/entry_name.h"
#include "native/archive/file.h"
#include "native/archive/openers.h"

namespace teamferry::archive {
namespace {

// What minizip reads from.
class ZipStream {
 public:
  explicit ZipStream(std::shared_ptr<const File> file) : file_(std::move(file)) {}

  void directory_starts_at(std::uint64_t position) { directory_ = position; }

  std::uint64_t read(char* into, std::uint64_t count) {
    std::uint64_t done = 0;
    while (done < count && position_ < file_->size()) {
      Window& window = windows_[position_ >= directory_];
      if (position_ < window.from || position_ >= window.from + window.size) {
        const auto got = file_->read_at(position_, window.bytes, kWindow);
        if (got <= 0) {
          failed_ = true;
          break;
        }
        window.from = position_;
        window.size = static_cast<std::uint64_t>(got);
      }
      const auto at = position_ - window.from;
      const auto part = std::min(count - done, window.size - at);
      std::memcpy(into + done, window.bytes + at, part);
      done += part;
      position_ += part;
    }
    return done;
  }

  std::uint64_t tell() const { return position_; }
  bool seek(std::uint64_t offset, int origin) {
    if (origin == ZLIB_FILEFUNC_SEEK_CUR) offset += position_;
    if (origin == ZLIB_FILEFUNC_SEEK_END) offset += file_->size();
    if (offset > file_->size()) return false;
    position_ = offset;
    return true;
  }
  bool failed() const { return failed_; }

 private:
  static constexpr std::uint64_t kWindow = 32 << 10;
  struct Window {
    std::uint64_t from = 0, size = 0;
    char bytes[kWindow];
  };
  std::shared_ptr<const File> file_;
  std::uint64_t position_ = 0;
  std::uint64_t directory_ = UINT64_MAX;
  bool failed_ = false;
  Window windows_[2];
};

zlib_filefunc64_def functions_for(ZipStream& stream) {
  zlib_filefunc64_def functions{};
  functions.opaque = &stream;
  functions.zopen64_file = [](voidpf opaque, const void*, int) { return opaque; };
  functions.zread_file = [](voidpf, voidpf at, void* into, uLong count) -> uLong {
    return static_cast<ZipStream*>(at)->read(static_cast<char*>(into), count);
  };
  functions.zwrite_file = [](voidpf, voidpf, const void*, uLong) -> uLong { return 0; };
  functions.ztell64_file = [](voidpf, voidpf at) -> ZPOS64_T { return static_cast<ZipStream*>(at)->tell(); };
  functions.zseek64_file = [](voidpf, voidpf at, ZPOS64_T offset, int origin) -> long {
    return static_cast<ZipStream*>(at)->seek(offset, origin) ? 0 : -1;
  };
  functions.zclose_file = [](voidpf, voidpf) { return 0; };
  functions.zerror_file = [](voidpf, voidpf at) -> int { return static_cast<ZipStream*>(at)->failed(); };
  return functions;
}

// One handle of minizip on the file.
struct ZipHandle {
  explicit ZipHandle(std::shared_ptr<const File> file) : stream(std::move(file)) {
    auto functions = functions_for(stream);
    zip = unzOpen2_64("", &functions);
  }
  ~ZipHandle() {
    if (zip != nullptr) unzClose(zip);
  }
  ZipHandle(const ZipHandle&) = delete;
  ZipHandle& operator=(const ZipHandle&) = delete;

  ZipStream stream;
  unzFile zip = nullptr;
};

constexpr std::uint64_t kDirectoryHeader = 46;
constexpr std::uint64_t kEmptyZip = 22 + 0xFFFF;  // nothing but an end record and its comment
constexpr uLong kEncrypted = 1;

bool is_link(const unz_file_info64& info) {
  constexpr uLong kUnix = 3;
  return (info.version >> 8 & 0xFF) == kUnix && S_ISLNK(info.external_fa >> 16);
}

// Takes the entries of a table of contents into a catalog, in their order. Names with backslashes wait until it is
// known whether any name has a '/': some tools of Windows pack "general\2020-09-13.json" and no '/' at all.
class Entries {
 public:
  explicit Entries(Catalog& catalog) : catalog_(catalog) {}

  // False when there are too many.
  bool take(std::string_view raw, const unz_file_info64& info, std::uint64_t place) {
    Entry entry{decode_zip_name(raw), place, info.uncompressed_size, info.crc, is_link(info)};
    if (!slashed_ && entry.name.find('/') != entry.name.npos) {
      slashed_ = true;
      for (auto& waiting : std::exchange(waiting_, {})) refuse(waiting.name, check_name(waiting.name).refused);
    }
    if (slashed_ || entry.name.find('\\') == entry.name.npos) return add(entry);
    if (waiting_.size() == Catalog::kMostEntries) return false;
    waiting_.push_back(std::move(entry));
    return true;
  }

  bool finish() {
    for (auto& entry : std::exchange(waiting_, {})) {
      entry.name = with_slashes(entry.name);
      if (!add(entry)) return false;
    }
    return true;
  }

 private:
  struct Entry {
    std::string name;
    std::uint64_t place, size, checksum;
    bool link;
  };

  bool add(const Entry& entry) {
    const auto checked = check_name(entry.name);
    if (checked.refused != nullptr) {
      refuse(checked.name, checked.refused);
    } else if (checked.name.empty() || is_mac_debris(checked.name)) {
      return true;
    } else if (entry.link) {
      refuse(checked.name, "it is a symbolic link. Pack the file itself", "link_refused");
    } else {
      return catalog_.add(checked.name, entry.place, entry.size, entry.checksum);
    }
    return true;
  }

  void refuse(const std::string& name, const char* why, const char* code = "bad_name") {
    catalog_.report(code, name, fmt::format("{}: the entry {} is not read: {}", catalog_.path(), shown_name(name), why),
                    is_data_name(name));
  }

  Catalog& catalog_;
  bool slashed_ = false;
  std::vector<Entry> waiting_;
};

class ZipArchive final : public Archive {
 public:
  ZipArchive(std::shared_ptr<const File> file, std::shared_ptr<const Catalog> catalog, std::uint64_t directory)
      : file_(std::move(file)), catalog_(std::move(catalog)), directory_(directory), handle_(file_) {
    handle_.stream.directory_starts_at(directory_);
  }

  std::unique_ptr<Archive> share() const override { return std::make_unique<ZipArchive>(file_, catalog_, directory_); }
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
    unz_file_info64 info{};
    const unz64_file_pos position{entry->place, 0};
    if (handle_.zip == nullptr || unzGoToFilePos64(handle_.zip, &position) != UNZ_OK ||
        unzGetCurrentFileInfo64(handle_.zip, &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK) {
      return damaged(name, "its line in the table of contents cannot be read any more");
    }
    if (auto refused = refuse(name, info, cap); !refused) return refused;
    return inflate(name, bytes, info.uncompressed_size);
  }

 private:
  // What can be told before a byte is inflated.
  Status refuse(std::string_view name, const unz_file_info64& info, std::uint64_t cap) const {
    const auto fail = [&](const char* code, const std::string& why) -> Status {
      return Error::argument(code, fmt::format("{}: the entry {} {}", path(), shown_name(name), why));
    };
    if (info.flag & kEncrypted) return fail("encrypted", "is encrypted. Unpack it with its password, give the folder");
    if (info.compression_method != 0 && info.compression_method != Z_DEFLATED) {
      return fail("unknown_packing", fmt::format("is packed by method {}, which is not read here. Unpack the archive "
                                                 "and give the folder instead",
                                                 info.compression_method));
    }
    if (info.compressed_size > file_->size()) {
      return fail("bomb",
                  fmt::format("claims to be {} bytes that unpack into {}, in an archive of {} bytes: its header "
                              "is forged, as in a zip bomb, or damaged. Export the archive again",
                              info.compressed_size, info.uncompressed_size, file_->size()));
    }
    const auto& limits = catalog_->limits();
    if (info.uncompressed_size > limits.ratio_from && info.uncompressed_size / limits.ratio > info.compressed_size) {
      return fail("bomb", fmt::format("claims to unpack {} bytes into {}, as zip bombs do. If the export is to be "
                                      "trusted, unpack it and give the folder",
                                      info.compressed_size, info.uncompressed_size));
    }
    if (info.uncompressed_size > cap) {
      return fail("too_large", fmt::format("would take {} bytes, the limit is {}", info.uncompressed_size, cap));
    }
    return done();
  }

  Status inflate(std::string_view name, Bytes& bytes, std::uint64_t declared) {
    if (unzOpenCurrentFile(handle_.zip) != UNZ_OK) {
      return damaged(name, "its own header does not agree with the table of contents");
    }
    bytes.resize(declared);
    std::uint64_t size = 0;
    int got = 1;
    while (size < declared && got > 0) {
      const auto part = std::min<std::uint64_t>(declared - size, 1 << 28);
      got = unzReadCurrentFile(handle_.zip, bytes.data() + size, static_cast<unsigned>(part));
      if (got > 0) size += static_cast<std::uint64_t>(got);
    }
    const bool checksum_holds = unzCloseCurrentFile(handle_.zip) == UNZ_OK;
    if (got < 0) return damaged(name, "its packed bytes make no sense");
    if (size < declared) return damaged(name, fmt::format("it ends after {} of {} bytes", size, declared));
    if (!checksum_holds) return damaged(name, "its checksum is wrong");
    return done();
  }

  Status damaged(std::string_view name, const std::string& why) const {
    return Error::argument("damaged",
                           fmt::format("{}: the entry {} is damaged: {}. Check the archive with: unzip -t {}, "
                                       "and copy or export it again",
                                       path(), shown_name(name), why, shown_name(path())));
  }

  std::shared_ptr<const File> file_;
  std::shared_ptr<const Catalog> catalog_;
  std::uint64_t directory_;
  ZipHandle handle_;
};

Error cut_off(const std::string& path, const char* why) {
  return Error::argument("damaged_zip", fmt::format("{} {}. Check it with: unzip -t {}, and copy, download or export "
                                                    "it again",
                                                    path, why, shown_name(path)));
}

}  // namespace

Result<std::unique_ptr<Archive>> open_zip(const std::string& path, std::shared_ptr<const File> file,
                                          const Limits& limits) {
  ZipHandle handle(file);
  char front[4] = {};
  if (file->read_at(0, front, 4) == 4 && std::memcmp(front, "PK\x05\x06", 4) == 0 && file->size() <= kEmptyZip) {
    auto none = std::make_shared<Catalog>(path, limits);  // minizip does not find an end record at the very front
    none->finish(false);
    return std::unique_ptr<Archive>(std::make_unique<ZipArchive>(std::move(file), std::move(none), 0));
  }
  if (handle.zip == nullptr) return cut_off(path, "is cut off: the table of contents at its end is missing");
  unz_global_info64 global{};
  if (unzGetGlobalInfo64(handle.zip, &global) != UNZ_OK) return cut_off(path, "has no readable table of contents");

  auto catalog = std::make_shared<Catalog>(path, limits);
  unz64_file_pos position{0, 0};
  std::uint64_t directory = file->size();
  std::uint64_t count = 0;
  std::string raw(0x10000, '\0');  // longer than any name
  Entries entries(*catalog);
  const auto too_many = [&path] {
    return Error::argument("too_many_entries",
                           fmt::format("{} holds more than {} entries", path, Catalog::kMostEntries));
  };
  int state = unzGoToFirstFile(handle.zip);
  if (state == UNZ_OK && unzGetFilePos64(handle.zip, &position) == UNZ_OK) {
    directory = position.pos_in_zip_directory;
    handle.stream.directory_starts_at(directory);
  }
  while (state == UNZ_OK) {
    unz_file_info64 info{};
    if (unzGetCurrentFileInfo64(handle.zip, &info, raw.data(), raw.size(), nullptr, 0, nullptr, 0) != UNZ_OK) break;
    const auto name = std::string_view(raw).substr(0, info.size_filename);
    if (!entries.take(name, info, position.pos_in_zip_directory)) return too_many();
    ++count;
    position.pos_in_zip_directory +=
        kDirectoryHeader + info.size_filename + info.size_file_extra + info.size_file_comment;
    state = unzGoToFilePos64(handle.zip, &position);
  }
  // Packers that know no zip64 write the count modulo 65,536, or 65,535 for any above.
  const bool counted = count == global.number_entry || (count & 0xFFFF) == global.number_entry ||
                       (global.number_entry == 0xFFFF && count > 0xFFFF);
  if (!counted) return cut_off(path, "has a damaged table of contents");
  if (!entries.finish()) return too_many();
  catalog->finish(true);
  return std::unique_ptr<Archive>(std::make_unique<ZipArchive>(std::move(file), std::move(catalog), directory));
}

}  // namespace teamferry::archive
