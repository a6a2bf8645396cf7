#include "native/archive/tar_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace teamferry::archive {
namespace {

using TarHeader = std::array<char, kTarBlock>;

// Longest text that stands before an entry: names are shorter, and comments are no reason to hold memory.
constexpr std::uint64_t kLongestText = 1 << 20;

struct TarField {
  std::size_t at, size;
};
constexpr TarField kName{0, 100}, kSize{124, 12}, kTime{136, 12}, kChecksum{148, 8}, kMagic{257, 6}, kPrefix{345, 155};
constexpr std::size_t kType = 156;

std::string_view field_of(std::string_view header, const TarField& field) {
  return header.substr(field.at, field.size);
}

std::string_view text_of(std::string_view header, const TarField& field) {
  const auto text = field_of(header, field);
  return text.substr(0, text.find('\0'));
}

// Octal digits among spaces and zeros, or, if the highest bit is set, a binary number as GNU writes large ones.
std::optional<std::uint64_t> number_of(std::string_view header, const TarField& field) {
  auto text = field_of(header, field);
  std::uint64_t value = 0;
  if (static_cast<unsigned char>(text[0]) == 0x80) {
    for (const unsigned char c : text.substr(1)) {
      if (value >> 55) return std::nullopt;
      value = value << 8 | c;
    }
    return value;
  }
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return value;
  text.remove_prefix(begin);
  text = text.substr(0, text.find_first_of(std::string_view(" \0", 2)));
  for (const char c : text) {
    if (c < '0' || c > '7' || value >> 60) return std::nullopt;
    value = value << 3 | static_cast<unsigned>(c - '0');
  }
  return value;
}

// The sum of all bytes with the field itself as spaces; some packers added them up with their signs.
bool sum_holds(std::string_view header) {
  const auto wanted = number_of(header, kChecksum);
  if (!wanted) return false;
  std::int64_t plain = 0, with_signs = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.size;
    plain += own ? ' ' : static_cast<unsigned char>(header[i]);
    with_signs += own ? ' ' : static_cast<signed char>(header[i]);
  }
  const auto sum = static_cast<std::int64_t>(*wanted);
  return sum == plain || sum == with_signs;
}

bool is_empty(std::string_view header) {
  return header.find_first_not_of('\0') == header.npos;
}

TarEntry::Kind kind_of(char type) {
  switch (type) {
    case '1':
    case '2':
      return TarEntry::Kind::link;
    case '3':
    case '4':
    case '6':
      return TarEntry::Kind::other;
    case '5':
    case 'D':  // GNU: a folder with the names in it
      return TarEntry::Kind::folder;
    case 'S':
      return TarEntry::Kind::sparse;
    case 'M':  // the rest of a file that began on another volume
    case 'V':
      return TarEntry::Kind::other;
    default:
      return TarEntry::Kind::file;
  }
}

Error broken_tar(std::string why) {
  return Error::argument("damaged", std::move(why));
}

}  // namespace

struct TarScan::Said {
  std::optional<std::string> name;
  std::optional<std::uint64_t> size;
  bool sparse = false;

  // Records of "length key=value\n". False if they are none.
  bool take_pax(std::string_view records) {
    while (!records.empty()) {
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
      const auto digits = static_cast<std::size_t>(end - records.data());
      if (error != std::errc() || length > records.size() || length < digits + 4) return false;
      const auto record = records.substr(digits + 1, length - digits - 2);
      const auto equals = record.find('=');
      if (records[digits] != ' ' || equals == record.npos) return false;
      const auto key = record.substr(0, equals), value = record.substr(equals + 1);
      if (key == "path") name = value;
      if (key == "size") {
        std::uint64_t number = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
        if (read.ec != std::errc() || read.ptr != value.data() + value.size()) return false;
        size = number;
      }
      if (key.starts_with("GNU.sparse.")) sparse = true;
      records.remove_prefix(length);
    }
    return true;
  }
};

bool is_tar(std::string_view front) {
  return front.size() >= kTarBlock && !is_empty(front.substr(0, kTarBlock)) && sum_holds(front.substr(0, kTarBlock));
}

Result<std::uint64_t> TarScan::read(std::uint64_t place, char* into, std::uint64_t count) {
  return source_.read_at(place, into, count);
}

// The content of a header that says something about the next one.
Result<std::string> TarScan::text(std::uint64_t size) {
  if (size > kLongestText) return broken_tar("a name or note in it takes more than 1 MiB");
  std::string text(size, '\0');
  auto got = read(at_, text.data(), size);
  if (!got) return std::move(got).error();
  if (*got < size) return broken_tar("it is cut off");
  at_ += (size + kTarBlock - 1) / kTarBlock * kTarBlock;
  return text;
}

// Fails if the last byte of an entry of that size is not there.
Status TarScan::see_end(std::uint64_t size) {
  char last = 0;
  if (size == 0) return done();
  if (size > UINT64_MAX / 2 - at_) return broken_tar("an entry of it claims to have no end");
  auto got = read(at_ + size - 1, &last, 1);
  if (!got) return std::move(got).error();
  if (*got < 1) return broken_tar("it is cut off");
  at_ += (size + kTarBlock - 1) / kTarBlock * kTarBlock;
  return done();
}

Result<std::optional<TarEntry>> TarScan::next() {
  Said said;
  int empty = 0;
  while (true) {
    TarHeader block;
    auto got = read(at_, block.data(), block.size());
    if (!got) return std::move(got).error();
    if (*got == 0) return std::optional<TarEntry>();
    if (*got < block.size()) return broken_tar("it is cut off");
    const auto header_at = at_;
    at_ += kTarBlock;
    const std::string_view header(block.data(), block.size());
    if (is_empty(header)) {
      has_end_ = ++empty == 2;
      if (has_end_) return std::optional<TarEntry>();
      continue;
    }
    empty = 0;
    const auto size = number_of(header, kSize);
    if (!sum_holds(header) || !size) {
      return broken_tar(fmt::format("the header at byte {} has a wrong checksum", header_at));
    }
    const char type = header[kType];
    if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
      auto content = text(*size);
      if (!content) return std::move(content).error();
      if (type == 'x' && !said.take_pax(*content)) {
        return broken_tar(fmt::format("the extended header at byte {} makes no sense", header_at));
      }
      if (type == 'L') said.name = content->substr(0, content->find('\0'));
      continue;
    }

    TarEntry entry;
    entry.kind = said.sparse ? TarEntry::Kind::sparse : kind_of(type);
    if (said.name) {
      entry.name = std::move(*said.name);
    } else {
      const bool ustar = header.substr(kMagic.at, kMagic.size) == std::string_view("ustar\0", 6);
      const auto front = ustar ? text_of(header, kPrefix) : std::string_view();
      entry.name.append(front).append(front.empty() ? "" : "/").append(text_of(header, kName));
    }
    if (entry.kind == TarEntry::Kind::file && entry.name.ends_with('/')) entry.kind = TarEntry::Kind::folder;
    if (entry.kind == TarEntry::Kind::folder && !entry.name.ends_with('/')) entry.name += '/';
    entry.size = said.size.value_or(*size);
    entry.place = at_;
    entry.stamp = number_of(header, kTime).value_or(0);
    // Links and folders have no content, whatever their header says; but GNU's 'D' does.
    const bool hollow =
        entry.kind == TarEntry::Kind::link || type == '5' || (type >= '3' && type <= '4') || type == '6';
    if (hollow) entry.size = 0;
    if (auto seen = see_end(entry.size); !seen) return std::move(seen).error();
    return std::optional<TarEntry>(std::move(entry));
  }
}

}  // namespace teamferry::archive
