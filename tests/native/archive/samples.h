#pragma once

#include <zip.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

// Zips and folders that the tests of this folder write for themselves.
namespace teamferry::archive {

// A folder of its own for one test, gone with it.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "teamferry-archive-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }

  std::string write(std::string_view name, std::string_view content) const {
    const auto target = folder_ / name;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << content;
    return target.string();
  }

 private:
  std::filesystem::path folder_;
};

inline std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Writes a zip entry by entry: zip_builder.add("users.json", "[]").
class ZipBuilder {
 public:
  explicit ZipBuilder(const std::string& path) : zip_(zipOpen64(path.c_str(), APPEND_STATUS_CREATE)) {
    if (zip_ == nullptr) throw std::runtime_error("cannot write " + path);
  }
  ~ZipBuilder() { close(); }
  ZipBuilder(const ZipBuilder&) = delete;
  ZipBuilder& operator=(const ZipBuilder&) = delete;

  ZipBuilder& add(const std::string& name, std::string_view content, int level = Z_DEFAULT_COMPRESSION) {
    open(name, level, 0, 0);
    put(content);
    return *this;
  }

  // An entry as Unix packs a symbolic link.
  ZipBuilder& add_link(const std::string& name, std::string_view target) {
    constexpr std::uint32_t kLink = 0120777;
    open(name, 0, 3u << 8, static_cast<uLong>(kLink) << 16);
    put(target);
    return *this;
  }

  ZipBuilder& add_zeros(const std::string& name, std::uint64_t count) {
    open(name, 1, 0, 0);
    const std::string block(1 << 20, '\0');
    for (; count > 0; count -= std::min<std::uint64_t>(count, block.size())) {
      zipWriteInFileInZip(zip_, block.data(), static_cast<unsigned>(std::min<std::uint64_t>(count, block.size())));
    }
    zipCloseFileInZip(zip_);
    return *this;
  }

  void close() {
    if (zip_ != nullptr) zipClose(zip_, nullptr);
    zip_ = nullptr;
  }

 private:
  void open(const std::string& name, int level, uLong made_by, uLong attributes) {
    zip_fileinfo info{};
    info.external_fa = attributes;
    if (zipOpenNewFileInZip4_64(zip_, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, level == 0 ? 0 : Z_DEFLATED,
                                level, 0, -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nullptr, 0, made_by, 0,
                                0) != ZIP_OK) {
      throw std::runtime_error("cannot add " + name);
    }
  }
  void put(std::string_view content) {
    zipWriteInFileInZip(zip_, content.data(), static_cast<unsigned>(content.size()));
    zipCloseFileInZip(zip_);
  }

  zipFile zip_;
};

// The place of the n-th occurrence of `what`, for tests that spoil single bytes of a zip.
inline std::size_t place_of(const std::string& bytes, std::string_view what, int nth = 1) {
  std::size_t at = bytes.find(what);
  while (--nth > 0 && at != bytes.npos) at = bytes.find(what, at + 1);
  if (at == bytes.npos) throw std::runtime_error("not there");
  return at;
}

inline void put32(std::string& bytes, std::size_t at, std::uint32_t value) {
  std::memcpy(&bytes[at], &value, 4);
}
inline void put16(std::string& bytes, std::size_t at, std::uint16_t value) {
  std::memcpy(&bytes[at], &value, 2);
}

}  // namespace teamferry::archive
