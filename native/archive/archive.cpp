#include "native/archive/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "native/archive/entry_name.h"
#include "native/archive/file.h"
#include "native/archive/gzip.h"
#include "native/archive/openers.h"
#include "native/archive/sniff.h"
#include "native/archive/tar_scan.h"

namespace teamferry::archive {
namespace {

namespace fs = std::filesystem;

bool is_named_zip(const std::string& path) {
  auto ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".zip";
}

Error not_read_here(const std::string& path, std::string_view seen) {
  return Error::argument("unknown_packing", fmt::format("{} is {}, which is not read here. Unpack it and give the "
                                                        "folder instead",
                                                        path, looks_like(seen)));
}

// The front of what a gzip holds; empty if it makes no sense.
std::string front_within(const std::shared_ptr<const File>& file) {
  GzipSource source(std::make_unique<FileSource>(file), Limits{});
  std::string front(kTarBlock, '\0');
  const auto got = source.read_at(0, front.data(), front.size());
  front.resize(got ? *got : 0);
  return front;
}

// An archive in a file; nothing if it is another kind of file.
Result<std::unique_ptr<Archive>> open_packed(const std::string& path, const std::shared_ptr<const File>& file,
                                             const Limits& limits) {
  std::array<char, kTarBlock> front{};
  const auto got = file->read_at(0, front.data(), front.size());
  if (got < 0) return Error::argument("cannot_read", fmt::format("{}: cannot be read", path));
  const std::string_view seen(front.data(), static_cast<std::size_t>(got));
  if (seen.starts_with("PK\x03\x04") || seen.starts_with("PK\x05\x06")) return open_zip(path, file, limits);
  if (is_named_zip(path)) {
    return Error::argument(
        "not_a_zip", fmt::format("{} is not a zip: it is {}. Download or export it again", path, looks_like(seen)));
  }
  if (is_tar(seen)) return open_tar(path, file, false, limits);
  if (is_gzip(seen)) {
    if (is_tar(front_within(file)) || is_archive_name(path)) return open_tar(path, file, true, limits);
    return std::unique_ptr<Archive>();
  }
  for (const std::string_view packed : {"BZh",
                                        "\xFD"
                                        "7zXZ",
                                        "7z\xBC\xAF", "\x28\xB5\x2F\xFD", "Rar!"}) {
    if (seen.starts_with(packed)) return not_read_here(path, seen);
  }
  return std::unique_ptr<Archive>();
}

// What an archive is to its reader: archives alone in it are opened, data files packed alone are unpacked.
Result<std::unique_ptr<Archive>> as_read(std::unique_ptr<Archive> archive, int nesting) {
  if (nesting == 0 || !is_all_archives(*archive)) {
    return with_gridfs(with_unpacked(std::move(archive), false));
  }
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Archive>> parts;
  for (const auto name : archive->list("**")) {
    auto part = archive->open_inside(name);
    if (!part) return part;
    names.emplace_back(name);
    parts.push_back(std::move(*part));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return gathered(archive->path(), std::move(names), std::move(parts));
}

}  // namespace

Result<std::unique_ptr<Archive>> Archive::open(const std::string& path, const Limits& limits) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    auto folder = open_folder(path, limits);
    return folder ? as_read(std::move(*folder), limits.nesting) : std::move(folder);
  }
  const auto file = File::open(path);
  if (!file) return file.error();
  auto packed = open_packed(path, *file, limits);
  if (!packed) return packed;
  if (*packed) return as_read(std::move(*packed), limits.nesting);
  auto single = open_single_file(path, limits);
  return single ? with_unpacked(std::move(*single), true) : std::move(single);
}

Result<std::unique_ptr<Archive>> Archive::open_in(const std::string& folder, const std::string& paths,
                                                  const Limits& limits) {
  std::error_code ignored;
  const auto whole = fs::path(folder) / paths;
  if (paths.find(',') == paths.npos || fs::exists(whole, ignored)) return open(whole.string(), limits);
  std::vector<std::string> names;
  std::vector<std::unique_ptr<Archive>> parts;
  for (std::size_t at = 0; at <= paths.size();) {
    const auto end = std::min(paths.find(',', at), paths.size());
    const auto path = fs::path(folder) / paths.substr(at, end - at);
    at = end + 1;
    auto part = open(path.string(), limits);
    if (!part) return part;
    const auto name = path.filename().string();
    auto unique = name;
    for (int n = 2; std::find(names.begin(), names.end(), unique) != names.end(); ++n) {
      unique = fmt::format("{} {}", name, n);
    }
    names.push_back(unique);
    parts.push_back(std::move(*part));
  }
  return gathered(whole.string(), std::move(names), std::move(parts));
}

Result<std::unique_ptr<Archive>> Archive::open_inside(std::string_view name) {
  const auto shown = fmt::format("{}/{}", path(), name);
  auto within = limits();
  if (within.nesting == 0) {
    return Error::argument("nested", fmt::format("{}: archives lie too deep in one another here. Unpack them", shown));
  }
  --within.nesting;
  const auto file = file_of(name);
  if (!file) return file.error();
  auto packed = open_packed(shown, *file, within);
  if (!packed || *packed) return packed ? as_read(std::move(*packed), within.nesting) : std::move(packed);
  return Error::argument("not_an_archive", fmt::format("{} is no zip and no tar. Read it by its name", shown));
}

Result<std::shared_ptr<const File>> Archive::file_of(std::string_view name) {
  Bytes bytes;
  if (auto filled = read(name, bytes); !filled) return std::move(filled).error();
  return File::spool(bytes.view());
}

Result<std::string> Archive::read_text(std::string_view name) {
  Bytes bytes;
  auto read = read_capped(name, bytes, std::min(limits().read_bytes, limits().entry_bytes));
  if (!read) return std::move(read).error();
  return std::string(bytes.view());
}

}  // namespace teamferry::archive
