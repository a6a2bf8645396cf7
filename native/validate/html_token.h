#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace teamferry::validate {

// HTML cut into the pieces that a parser of HTML5 sees, whatever is wrong with it: tags, comments and the text between
// them. Copies nothing. check_html judges in the same terms; what looks for something in a body, or mends it, reads it
// with this. Tested by tests/native/validate/html_token_test.cpp.
struct HtmlToken {
  enum class Kind {
    text,     // also a '<' that begins nothing
    start,    // <name ...>
    end,      // </name ...>
    comment,  // <!-- -->, and what a parser takes for one: <! >, <? >, </ >
    cut_off,  // a tag that never ends, to the end of the text
  };
  Kind kind = Kind::text;
  std::size_t begin = 0, end = 0;  // where it stands in the text
  std::string_view name;           // of a tag, as it is written
  std::string_view inside;         // between the name and '>', with the slash of "/>"
};

class HtmlTokens {
 public:
  explicit HtmlTokens(std::string_view html, std::size_t from = 0) : html_(html), at_(from) {}

  // False at the end.
  bool next(HtmlToken& token);

 private:
  void tag(HtmlToken& token, std::size_t name_at);

  std::string_view html_;
  std::size_t at_;
};

// The attributes inside a start tag.
struct HtmlAttribute {
  std::string_view name, value;  // as they are written
  bool has_value = false;
};

class HtmlAttributes {
 public:
  explicit HtmlAttributes(std::string_view inside) : inside_(inside) {}
  // False at the end, or at a '>' that stands outside of a value.
  bool next(HtmlAttribute& attribute);

  // After next() gave false: where that '>' stands; the size of the text if there is none.
  std::size_t size_before_end() const { return at_; }

 private:
  std::string_view inside_;
  std::size_t at_ = 0;
};

// The first attribute of that name, which is given in lower case, with its character references read.
// False when it is not there.
bool find_attribute_value(std::string_view inside, std::string_view lower_name, std::string& value);

// Text with its character references read; those that html_url.h does not know stay as they are.
std::string decoded(std::string_view text);

// What is left of HTML without its tags, references read.
std::string text_inside(std::string_view html);

}  // namespace teamferry::validate
