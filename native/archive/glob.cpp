#include "native/archive/glob.h"

#include <cstddef>

namespace teamferry::archive {
namespace {

std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
  return size;
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view name) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t g = 0, n = 0;
  std::size_t star = kNone, star_end = 0;    // behind the last '*', and how far it has eaten
  std::size_t stars = kNone, stars_end = 0;  // the same for the last "**"
  bool whole_folders = false;                // it was "**/"
  while (g < glob.size() || n < name.size()) {
    if (g < glob.size()) {
      if (glob.substr(g, 2) == "**") {
        whole_folders = glob.substr(g, 3) == "**/" && (g == 0 || glob[g - 1] == '/');
        stars = g += whole_folders ? 3 : 2;
        stars_end = n;
        star = kNone;
        continue;
      }
      if (glob[g] == '*') {
        star = ++g;
        star_end = n;
        continue;
      }
      if (n < name.size() && (glob[g] == '?' ? name[n] != '/' : glob[g] == name[n])) {
        n += glob[g] == '?' ? character_size(name, n) : 1;
        ++g;
        continue;
      }
    }
    if (star != kNone && star_end < name.size() && name[star_end] != '/') {
      n = ++star_end;
      g = star;
      continue;
    }
    if (stars == kNone || stars_end >= name.size()) return false;
    if (whole_folders) {
      const auto slash = name.find('/', stars_end);
      if (slash == name.npos) return false;
      stars_end = slash + 1;
    } else {
      ++stars_end;
    }
    n = stars_end;
    g = stars;
    star = kNone;
  }
  return true;
}

std::string_view literal_front(std::string_view glob) {
  return glob.substr(0, glob.find_first_of("*?"));
}

}  // namespace teamferry::archive
