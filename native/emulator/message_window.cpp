#include "native/emulator/message_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return words;
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

// "property lt time and property gt time ..."
bool read_bounds(const std::vector<std::string_view>& words, std::string_view property, MessageWindow& window) {
  for (std::size_t i = 0; i < words.size(); i += 4) {
    if (i + 3 > words.size() || words[i] != property) return false;
    const auto time = read_time(words[i + 2]);
    if (!time) return false;
    if (words[i + 1] == "lt") {
      window.before = std::min(window.before.value_or(*time), *time);
    } else if (words[i + 1] == "gt") {
      window.after = std::max(window.after.value_or(*time), *time);
    } else {
      return false;
    }
    if (i + 3 == words.size()) return true;
    if (words[i + 3] != "and") return false;
  }
  return false;
}

}  // namespace

std::optional<MessageWindow> read_window(const Call& call, Answer& refused) {
  MessageWindow window;
  std::string_view property;
  const auto order = call.query.find("$orderby");
  if (order != call.query.end()) {
    const auto words = words_of(order->second);
    if (words.size() != 2 || (words[0] != "createdDateTime" && words[0] != "lastModifiedDateTime") ||
        words[1] != "desc") {
      refused = Answer::bad_request(
          "QueryOptions to order by must be 'createdDateTime desc' or 'lastModifiedDateTime desc'.");
      return std::nullopt;
    }
    property = words[0];
    window.link += fmt::format("$orderby={}&", percent_encode(order->second));
  }
  const auto filter = call.query.find("$filter");
  if (filter != call.query.end()) {
    if (property.empty() || !read_bounds(words_of(filter->second), property, window)) {
      refused = Answer::bad_request(
          "Invalid filter clause: only 'lt' and 'gt' of the property that $orderby names can be asked for.");
      return std::nullopt;
    }
    window.link += fmt::format("$filter={}&", percent_encode(filter->second));
  }
  return window;
}

}  // namespace teamferry::emulator
