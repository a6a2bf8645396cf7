#pragma once

#include <zlib.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

// Tars and gzips that the tests of this folder write for themselves.
namespace teamferry::archive {

inline std::string gzip_of(std::string_view text, int level = Z_DEFAULT_COMPRESSION) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("no zlib");
  }
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Writes a tar entry by entry: TarBuilder().add("users.json", "[]").close().
class TarBuilder {
 public:
  TarBuilder& add(std::string_view name, std::string_view content, char type = '0') {
    return header(name, content.size(), type).put(content);
  }
  TarBuilder& add_link(std::string_view name, char type = '2') { return header(name, 0, type); }
  TarBuilder& add_folder(std::string_view name) { return header(name, 0, '5'); }

  // A name as GNU packs one of more than 100 bytes.
  TarBuilder& add_gnu(std::string_view name, std::string_view content) {
    add("././@LongLink", std::string(name) + '\0', 'L');
    return add(name.substr(0, 99), content);
  }

  // An entry that pax says something about: "path", "size".
  TarBuilder& add_pax(std::string_view key, std::string_view value, std::string_view content) {
    add("PaxHeaders/x", pax_record(key, value), 'x');
    return add("short", content);
  }

  TarBuilder& header(std::string_view name, std::size_t size, char type) {
    std::string block(512, '\0');
    block.replace(0, name.size(), name);
    block.replace(100, 7, "0000644");
    char number[13];
    std::snprintf(number, sizeof number, "%011zo", size);
    block.replace(124, 11, number, 11);
    block.replace(136, 11, "13370000000");
    block[156] = type;
    block.replace(257, 8,
                  std::string_view("ustar\0"
                                   "00",
                                   8));
    block.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const unsigned char c : block) sum += c;
    std::snprintf(number, sizeof number, "%06o", sum);
    block.replace(148, 7, number, 7);
    bytes_ += block;
    return *this;
  }

  TarBuilder& put(std::string_view content) {
    bytes_ += content;
    bytes_.resize((bytes_.size() + 511) / 512 * 512);
    return *this;
  }

  const std::string& without_end() const { return bytes_; }
  std::string close() const { return bytes_ + std::string(1024, '\0'); }

  static std::string pax_record(std::string_view key, std::string_view value) {
    const auto rest = key.size() + value.size() + 3;
    auto size = rest + 1;
    while (rest + std::to_string(size).size() != size) ++size;
    return std::to_string(size) + ' ' + std::string(key) + '=' + std::string(value) + '\n';
  }

 private:
  std::string bytes_;
};

}  // namespace teamferry::archive
