#include "native/archive/sniff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "native/archive/entry_name.h"

namespace teamferry::archive {
namespace {

struct Signature {
  std::string_view front;
  const char* what;
};

constexpr Signature kSignatures[] = {
    {"PK\x03\x04", "a zip file"},
    {"PK\x05\x06", "an empty zip file"},
    {"\x1F\x8B", "a gzip file"},
    {"BZh", "a bzip2 file"},
    {"\xFD"
     "7zXZ",
     "an xz file"},
    {"7z\xBC\xAF\x27\x1C", "a 7-Zip file"},
    {"\x28\xB5\x2F\xFD", "a zstd file"},
    {"Rar!", "a RAR file"},
    {"%PDF", "a PDF file"},
    {"\x89PNG", "a PNG image"},
    {"\xFF\xD8\xFF", "a JPEG image"},
    {"GIF8", "a GIF image"},
    {"SQLite format 3", "a SQLite database"},
    {"\xFF\xFE", "UTF-16 text; save it as UTF-8"},
    {"\xFE\xFF", "UTF-16 text; save it as UTF-8"},
    {"version https://git-lfs", "a Git LFS pointer; fetch the file itself with git lfs pull"},
};

bool starts_with_ignoring_case(std::string_view text, std::string_view front) {
  return text.size() >= front.size() && std::equal(front.begin(), front.end(), text.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
         });
}

}  // namespace

std::string looks_like(std::string_view bytes) {
  if (bytes.empty()) return "an empty file (0 bytes)";
  for (const auto& [front, what] : kSignatures) {
    if (bytes.starts_with(front)) return what;
  }
  auto text = bytes.substr(0, 4096);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == text.npos) return "an empty file (only white space)";
  text.remove_prefix(start);
  const auto shown = shown_name(text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 40)));
  for (const std::string_view tag : {"<!doctype html", "<html", "<head", "<body"}) {
    if (starts_with_ignoring_case(text, tag)) {
      return fmt::format("a web page, probably a sign-in page (it starts with {})", shown);
    }
  }
  if (text.starts_with('<')) return fmt::format("XML or HTML (it starts with {})", shown);
  const auto controls = std::count_if(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
  });
  if (controls > 0) return "binary data";
  return fmt::format("text that starts with {}", shown);
}

}  // namespace teamferry::archive
