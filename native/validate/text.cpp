#include "native/validate/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace teamferry::validate {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Runs of upper-case letters with a fixed distance to their lower case, and runs where each upper-case letter
// stands before its lower case (distance 0, the parity of the first).
struct CaseRun {
  char32_t first, last;
  int distance;
};
constexpr CaseRun kRuns[] = {
    {0x41, 0x5A, 32},    {0xC0, 0xD6, 32},    {0xD8, 0xDE, 32},     {0x100, 0x12F, 0},  {0x132, 0x137, 0},
    {0x139, 0x148, 0},   {0x14A, 0x177, 0},   {0x179, 0x17E, 0},    {0x386, 0x386, 38}, {0x388, 0x38A, 37},
    {0x38C, 0x38C, 64},  {0x38E, 0x38F, 63},  {0x391, 0x3A1, 32},   {0x3A3, 0x3AB, 32}, {0x400, 0x40F, 80},
    {0x410, 0x42F, 32},  {0x460, 0x481, 0},   {0x48A, 0x4BF, 0},    {0x4D0, 0x52F, 0},  {0x531, 0x556, 48},
    {0x1E00, 0x1E95, 0}, {0x1EA0, 0x1EFF, 0}, {0xFF21, 0xFF3A, 32},
};

char32_t fold(char32_t point) {
  if (point == 0x178) return 0xFF;
  if (point == 0x3C2) return 0x3C3;  // the final sigma
  for (const auto& run : kRuns) {
    if (point < run.first) break;
    if (point > run.last) continue;
    if (run.distance != 0) return point + static_cast<char32_t>(run.distance);
    return (point - run.first) % 2 == 0 ? point + 1 : point;
  }
  return point;
}

bool barred(char32_t point) {
  return point < 0x20 && point != '\t' && point != '\n' && point != '\r';
}

// Characters that are composed by themselves and with whatever stands before or behind them: nearly all that people
// write with, so that few texts need the tables of Unicode.
struct AloneRun {
  char32_t first, last;
};
constexpr AloneRun kAlone[] = {
    {0x0, 0x2FF},     {0x388, 0x482},   {0x48A, 0x590},   {0x1E00, 0x1EFF},   {0x2002, 0x20CF},   {0x2190, 0x2328},
    {0x232B, 0x2ADB}, {0x2B00, 0x2BFF}, {0x3000, 0x3029}, {0x3030, 0x3098},   {0x309B, 0x312F},   {0x3200, 0x9FFF},
    {0xAC00, 0xD7A3}, {0xFE00, 0xFE0F}, {0xFF00, 0xFFEF}, {0x1F000, 0x1FAFF}, {0xE0020, 0xE007F},
};

bool stands_alone(char32_t point) {
  for (const auto& run : kAlone) {
    if (point <= run.last) return point >= run.first;
  }
  return false;
}

template <class Each>
void each_character(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto character = character_at(text);
    if (!each(character, text.substr(0, character.size))) return;
    text.remove_prefix(character.size);
  }
}

}  // namespace

void append_character(std::string& out, char32_t point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {1, true, lead};
  if (lead < 0xC2 || lead > 0xF4) return {1, false, 0};
  // A surrogate written out in three bytes is one lost character, not three.
  if (lead == 0xED && byte(1) >= 0xA0 && byte(1) <= 0xBF && (byte(2) & 0xC0) == 0x80) return {3, false, 0};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t point = lead & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) < low || byte(i) > high) return {i, false, 0};
    point = point << 6 | (byte(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {size, true, point};
}

std::size_t utf16_units(std::string_view text) {
  // Every byte that begins a character is a unit, and one that begins four bytes is two.
  std::size_t units = 0;
  for (const unsigned char c : text) units += (c & 0xC0) != 0x80 ? 1 + (c >= 0xF0) : 0;
  return units;
}

std::string_view cut_to_units(std::string_view text, std::size_t units) {
  std::size_t used = 0, end = 0;
  each_character(text, [&](const Character& character, std::string_view) {
    used += character.size == 4 ? 2 : 1;
    if (used > units) return false;
    end += character.size;
    return true;
  });
  return text.substr(0, end);
}

std::string fold_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](const Character& character, std::string_view bytes) {
    character.valid ? append_character(out, fold(character.point)) : void(out += bytes);
    return true;
  });
  return out;
}

bool is_clean(std::string_view text) {
  bool clean = true;
  each_character(text, [&](const Character& character, std::string_view) {
    clean = character.valid && !barred(character.point);
    return clean;
  });
  return clean;
}

std::string cleaned(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](const Character& character, std::string_view bytes) {
    if (!character.valid) {
      out += kReplacement;
    } else if (!barred(character.point)) {
      out += bytes;
    }
    return true;
  });
  return out;
}

bool is_composed(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const auto character = character_at(text.substr(at));
    if (!character.valid || !stands_alone(character.point)) return composed(text) == text;
    at += character.size;
  }
  return true;
}

std::string composed(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &out, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(out, std::free);
  if (size < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
}

}  // namespace teamferry::validate
