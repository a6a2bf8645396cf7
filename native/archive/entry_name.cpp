#include "native/archive/entry_name.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

namespace teamferry::archive {
namespace {

// The upper half of code page 437. Source: https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT
constexpr std::array<char16_t, 128> kCodePage437 = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE,
    0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6,
    0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA,
    0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514,
    0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C,
    0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4,
    0x03A6, 0x0398, 0x03A9, 0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00F7, 0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

void append_utf8(std::string& out, char16_t unit) {
  if (unit < 0x800) {
    out += static_cast<char>(0xC0 | unit >> 6);
  } else {
    out += static_cast<char>(0xE0 | unit >> 12);
    out += static_cast<char>(0x80 | (unit >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (unit & 0x3F));
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// In any letter case.
bool ends_like(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [name](std::string_view ending) {
    return name.size() >= ending.size() &&
           std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b); });
  });
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string decode_zip_name(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string name;
  for (const unsigned char c : bytes) {
    if (c < 0x80) {
      name += static_cast<char>(c);
    } else {
      append_utf8(name, kCodePage437[c - 0x80]);
    }
  }
  return name;
}

CheckedName check_name(std::string_view name) {
  CheckedName checked;
  const auto refuse = [&](const char* why) {
    checked.name.assign(name);
    checked.refused = why;
    return checked;
  };
  if (name.size() > kLongestName) return refuse("it is longer than 4,096 bytes");
  if (name.find('\0') != name.npos) return refuse("it holds a NUL character");
  if (name.find('\\') != name.npos) return refuse("it holds a backslash, which some systems read as a folder");
  if (name.starts_with('/') || (name.size() > 2 && name[1] == ':' && name[2] == '/' && is_letter(name[0]))) {
    return refuse("it is an absolute path");
  }
  for (std::size_t at = 0; at < name.size();) {
    const auto end = std::min(name.find('/', at), name.size());
    const auto part = name.substr(at, end - at);
    if (part == "..") return refuse("it climbs out of the archive with '..'");
    if (!part.empty() && part != ".") {
      checked.name += part;
      if (end < name.size()) checked.name += '/';
    }
    at = end + 1;
  }
  return checked;
}

std::string with_slashes(std::string_view name) {
  std::string slashed(name);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  return slashed;
}

bool is_data_name(std::string_view name) {
  return ends_like(name, {".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".bson"});
}

bool is_archive_name(std::string_view name) {
  return ends_like(name, {".zip", ".tar", ".tar.gz", ".tgz"});
}

std::string_view without_gz(std::string_view name) {
  if (!ends_like(name, {".gz"}) || is_archive_name(name)) return {};
  return name.substr(0, name.size() - 3);
}

bool is_mac_debris(std::string_view name) {
  while (!name.empty()) {
    const auto end = std::min(name.find('/'), name.size());
    const auto part = name.substr(0, end);
    if (part == "__MACOSX" || part == ".DS_Store" || part.starts_with("._")) return true;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

std::string shown_name(std::string_view name) {
  constexpr std::size_t kShown = 200;
  const bool utf8 = is_utf8(name);
  const bool cut = name.size() > kShown;
  if (cut) {
    auto end = kShown;
    while (utf8 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    name = name.substr(0, end);
  }
  std::string out = "'";
  for (const unsigned char c : name) {
    if (c < 0x20 || c == 0x7F || (c >= 0x80 && !utf8)) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + (cut ? "...'" : "'");
}

}  // namespace teamferry::archive
