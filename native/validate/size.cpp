#include "native/validate/size.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

using Json = nlohmann::json;

void add_ascii(JsonSize& size, std::size_t count) {
  size.bytes += count;
  size.units += count;
}

// With its quotes and what JSON has to escape.
void add_string(JsonSize& size, std::string_view text) {
  size.bytes += text.size();
  size.units += utf16_units(text);
  add_ascii(size, 2);
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t') {
      add_ascii(size, 1);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      add_ascii(size, 5);
    }
  }
}

}  // namespace

JsonSize measure(const Json& body) {
  JsonSize size;
  std::vector<const Json*> open{&body};
  while (!open.empty()) {
    const Json& value = *open.back();
    open.pop_back();
    if (value.is_string()) {
      add_string(size, value.get_ref<const std::string&>());
    } else if (value.is_array()) {
      add_ascii(size, value.empty() ? 2 : value.size() + 1);
      for (const auto& item : value) open.push_back(&item);
    } else if (value.is_object()) {
      std::size_t members = 0;
      for (const auto& [key, member] : value.items()) {
        if (key == "contentBytes" && member.is_string()) {
          size.raw_bytes += member.get_ref<const std::string&>().size();
          continue;
        }
        ++members;
        add_string(size, key);
        open.push_back(&member);
      }
      add_ascii(size, members == 0 ? 2 : 2 * members + 1);
    } else {
      add_ascii(size, value.dump().size());
    }
  }
  return size;
}

}  // namespace teamferry::validate
