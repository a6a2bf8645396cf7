#include "native/archive/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "native/archive/file.h"
#include "native/archive/openers.h"
#include "native/archive/sniff.h"

namespace teamferry::archive {
namespace {

namespace fs = std::filesystem;

bool is_named_zip(const std::string& path) {
  auto ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".zip";
}

}  // namespace

Result<std::unique_ptr<Archive>> Archive::open(const std::string& path, const Limits& limits) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return open_folder(path, limits);
  auto file = File::open(path);
  if (!file) return std::move(file).error();

  std::array<char, 512> front{};
  const auto got = (*file)->read_at(0, front.data(), front.size());
  if (got < 0) return Error::argument("cannot_read", fmt::format("{}: cannot be read", path));
  const std::string_view seen(front.data(), static_cast<std::size_t>(got));
  if (seen.starts_with("PK\x03\x04") || seen.starts_with("PK\x05\x06")) return open_zip(path, *file, limits);
  if (is_named_zip(path)) {
    return Error::argument(
        "not_a_zip", fmt::format("{} is not a zip: it is {}. Download or export it again", path, looks_like(seen)));
  }
  for (const std::string_view packed : {"\x1F\x8B", "BZh",
                                        "\xFD"
                                        "7zXZ",
                                        "7z\xBC\xAF", "\x28\xB5\x2F\xFD", "Rar!"}) {
    if (seen.starts_with(packed)) {
      return Error::argument("unknown_packing", fmt::format("{} is {}, which is not read here. Unpack it and give "
                                                            "the folder instead",
                                                            path, looks_like(seen)));
    }
  }
  return open_single_file(path, limits);
}

Result<std::string> Archive::read_text(std::string_view name) {
  Bytes bytes;
  auto read = read_capped(name, bytes, std::min(limits().read_bytes, limits().entry_bytes));
  if (!read) return std::move(read).error();
  return std::string(bytes.view());
}

}  // namespace teamferry::archive
