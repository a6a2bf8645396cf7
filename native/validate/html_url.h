#pragma once

#include <cstddef>
#include <string_view>

namespace teamferry::validate {

// A character reference at the front of `text`, which begins with '&'. Size 1 when it is only an ampersand.
struct Reference {
  std::size_t size = 1;
  char32_t point = 0;  // 0 for a name that this scanner does not know
  bool numeric = false;
};
Reference read_reference(std::string_view text);

// Where a link leads, read as a browser does: references are resolved, line ends and tabs dropped, case
// ignored; so "java&#115;cript:" and "java\nscript:" are what they are.
enum class UrlVerdict { safe, dangerous, relative, unknown_scheme };
UrlVerdict judge_url(std::string_view value);

// "../hostedContents/{id}/$value": the one source of an image that the service takes.
bool is_hosted_content(std::string_view value);

// A style that names an address or an expression.
bool may_run(std::string_view style);

}  // namespace teamferry::validate
