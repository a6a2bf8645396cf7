#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "native/archive/bytes.h"
#include "native/base/result.h"

namespace teamferry::archive {

// What a hostile export may cost us. Sizes in bytes.
struct Limits {
  std::uint64_t read_bytes = std::uint64_t{64} << 20;  // most that read_text() hands out
  std::uint64_t entry_bytes = std::uint64_t{1} << 30;  // most that any entry may inflate to
  std::uint64_t ratio = 200;                           // most that an entry may grow by inflating, ...
  std::uint64_t ratio_from = std::uint64_t{10} << 20;  // ... looked at from this size on
  int nesting = 2;                                     // how many archives deep archives are opened by themselves
};

// Something about the export that its reader must hear of, and that does not keep the rest from being read.
struct Problem {
  std::string code;     // bad_name, duplicate_entry, link_refused, unreadable_folder
  std::string entry;    // the entry's name as far as it can be shown
  std::string message;  // one sentence with archive, entry and what was done or is to be done
  bool data = false;    // records may be missing for it: a data file that is not read, or a whole folder
};

class File;

// An export: a zip, a tar, a folder or one data file, read entry by entry.
//
// Names are UTF-8 with '/' between folders, sorted bytewise. A single top folder is looked through, and
// what a Mac adds (__MACOSX, .DS_Store, ._*) is not there. Names in a zip that are valid UTF-8 are UTF-8
// whether or not the entry says so; others are read as code page 437. Where no name has a '/', backslashes part
// folders: so pack some tools of Windows, and so are such zips unpacked elsewhere. An entry whose name leaves the
// archive is not listed; problems() names it and reading it gives its error.
//
// What gzip packs: a tar.gz is a tar, and a file packed alone is the file within. So is a data file inside of an
// archive: "C1.json.gz" is listed as "C1.json"; its own name is there for those who ask for it.
//
// Several archives are one: those of a list ("a.zip,b.zip"), and those of a folder or archive that holds nothing but
// archives. Each is a folder named like its file, "a.zip/"; a single one is looked through.
//
// A MongoDB dump has the files of its GridFS as entries: "uploads/ID" for what uploads.files.bson names.
//
// The index costs 20 bytes and the name an entry. A handle belongs to one thread; share() gives another
// thread a handle of its own over the same index.
// Tested by tests/native/archive/archive_test.cpp.
class Archive {
 public:
  virtual ~Archive() = default;

  // Opens by content, not by the ending of the name. Fails with the reason and the next step when the
  // path is missing, a cut-off zip, a packing not read here, or a web page that was saved as a zip.
  static Result<std::unique_ptr<Archive>> open(const std::string& path, const Limits& limits = {});

  // Opens what a user named, relative to `folder`: a path, or several archives with commas between them.
  static Result<std::unique_ptr<Archive>> open_in(const std::string& folder, const std::string& paths,
                                                  const Limits& limits = {});

  // Opens an archive that lies inside this one.
  Result<std::unique_ptr<Archive>> open_inside(std::string_view name);

  // A second handle for another thread.
  virtual std::unique_ptr<Archive> share() const = 0;

  virtual const std::string& path() const = 0;

  // The names that match `glob`, sorted: `*` within a folder, `**` across folders ("**/x" also finds "x"),
  // `?` one character; every other character is itself. A glob that ends in '/' gives folders, with that
  // '/', others give files. The views live as long as any handle on the archive.
  virtual std::vector<std::string_view> list(std::string_view glob = "**") const = 0;

  // True for a file, and for a folder when the name ends in '/'.
  virtual bool has(std::string_view name) const = 0;

  // How large a file is, or all files in a folder (a name that ends in '/') together, in bytes, rounded up to KiB: a
  // measure of the work, as the archive tells it. 0 for what is not there.
  virtual std::uint64_t size(std::string_view name) const = 0;

  // Fills `bytes` with the entry, its checksum checked. Capped by Limits::entry_bytes and ratio.
  virtual Status read(std::string_view name, Bytes& bytes) = 0;

  // The same as text, capped by Limits::read_bytes.
  Result<std::string> read_text(std::string_view name);

  virtual const std::vector<Problem>& problems() const = 0;

  // Equal for equal names, sizes and checksums (in a folder: modification times), so that a changed
  // export is noticed. Not meant to withstand forgery. Its cost is that of opening.
  virtual const std::string& fingerprint() const = 0;

 protected:
  virtual Status read_capped(std::string_view name, Bytes& bytes, std::uint64_t cap) = 0;
  virtual const Limits& limits() const = 0;

  // The entry as a file of its own; unless it lies on the disk, one without a name.
  virtual Result<std::shared_ptr<const File>> file_of(std::string_view name);

  // For archives that stand before others.
  static Status read_capped_of(Archive& other, std::string_view name, Bytes& bytes, std::uint64_t cap) {
    return other.read_capped(name, bytes, cap);
  }
  static Result<std::shared_ptr<const File>> file_of_other(Archive& other, std::string_view name) {
    return other.file_of(name);
  }
  static const Limits& limits_of(const Archive& other) { return other.limits(); }
};

}  // namespace teamferry::archive
