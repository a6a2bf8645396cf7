#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::emulator {

// The part of OData's $filter that finding users and teams needs: eq, ne, in, startsWith, endsWith,
// any(x:x eq ...) and any(x:startsWith(x,...)), and, or, not, parentheses. Letter case of values is ignored, as the
// directory does. Tested by tests/native/emulator/users_test.cpp and teams_test.cpp.
class Filter {
 public:
  // The value of a property, of a collection one a line; nothing for null.
  using Lookup = std::function<std::optional<std::string>(std::string_view property)>;

  // Nothing when the text is no filter or names a property that is not in `known`; `problem` says what is wrong.
  static std::optional<Filter> parse(std::string_view text, const std::vector<std::string_view>& known,
                                     std::string& problem);

  bool matches(const Lookup& lookup) const { return test_(lookup); }

  // A property and the value it has, in lower case.
  struct Equality {
    std::string property, value;
  };

  // What matches is equal in at least one of these, so that an index finds all of it; nothing when the filter asks
  // something else.
  const std::optional<std::vector<Equality>>& only() const { return only_; }

  // Whether it has not, ne or endsWith: the directory wants such queries marked as advanced.
  bool advanced() const { return advanced_; }

 private:
  friend struct FilterParser;
  using Test = std::function<bool(const Lookup&)>;
  Filter(Test test, std::optional<std::vector<Equality>> only, bool advanced)
      : test_(std::move(test)), only_(std::move(only)), advanced_(advanced) {}

  Test test_;
  std::optional<std::vector<Equality>> only_;
  bool advanced_;
};

}  // namespace teamferry::emulator
