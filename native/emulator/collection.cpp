#include "native/emulator/collection.h"

#include <algorithm>

namespace teamferry::emulator {

std::optional<Json> select(const Call& call, const Json& whole, const std::vector<std::string_view>& by_default,
                           Answer& refused) {
  std::vector<std::string> names(by_default.begin(), by_default.end());
  const auto wanted = call.query.find("$select");
  if (wanted != call.query.end()) {
    names.clear();
    std::string_view rest = wanted->second;
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      if (!whole.contains(std::string(name))) {
        refused = Answer::bad_request(
            fmt::format("Parsing OData Select and Expand failed: Could not find a property named '{}'.", name));
        return std::nullopt;
      }
      names.emplace_back(name);
    }
  }
  if (names.empty()) return whole;
  Json chosen = Json::object();
  for (const auto& item : whole.items()) {
    if (std::find(names.begin(), names.end(), item.key()) != names.end()) chosen[item.key()] = item.value();
  }
  return chosen;
}

bool is_eventual(const Call& call) {
  const std::string* level = call.request.headers.find("ConsistencyLevel");
  return level != nullptr && lower_ascii(*level) == "eventual";
}

bool wants_count(const Call& call) {
  const auto found = call.query.find("$count");
  return found != call.query.end() && lower_ascii(found->second) == "true";
}

std::optional<Answer> check_advanced(const Call& call, const std::optional<Filter>& filter) {
  if (call.query.count("$search") != 0 && !is_eventual(call)) {
    return Answer::error(400, "Request_UnsupportedQuery",
                         "Request with $search query parameter only works through MSGraph with a special request "
                         "header: 'ConsistencyLevel: eventual'");
  }
  if (filter && filter->advanced() && !(is_eventual(call) && wants_count(call))) {
    return Answer::error(400, "Request_UnsupportedQuery",
                         "Unsupported or invalid query filter clause: not, ne and endsWith need the header "
                         "'ConsistencyLevel: eventual' and $count=true.");
  }
  return std::nullopt;
}

std::string select_context(const Call& call) {
  const auto wanted = call.query.find("$select");
  return wanted == call.query.end() || wanted->second.empty() ? "" : "(" + wanted->second + ")";
}

}  // namespace teamferry::emulator
