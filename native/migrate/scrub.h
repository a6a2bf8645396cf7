#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace teamferry::migrate {

// Takes out of a text what a stranger must not read: mail addresses, tokens, quoted sentences, and the names it was
// told. Ids of the service, names of permissions and numbers stay, for they are what support asks for.
// The cost of a text does not grow with the number of names. Tested by tests/native/migrate/support_bundle_test.cpp.
class Scrubber {
 public:
  // A name of a person, a channel, a team, in any letter case, where it stands as whole words. Shorter than three
  // characters: ignored.
  void hide_name(std::string_view name);
  // A secret, wherever it stands. Shorter than four characters: ignored.
  void hide_secret(std::string_view secret);

  std::string operator()(std::string_view text) const;

 private:
  std::size_t name_at(std::string_view folded, std::size_t at) const;

  std::unordered_map<std::string, std::vector<std::string>> names_;  // by their first word, folded
  std::vector<std::string> secrets_;
};

}  // namespace teamferry::migrate
