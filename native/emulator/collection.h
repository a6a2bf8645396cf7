#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "native/emulator/call.h"
#include "native/emulator/filter.h"
#include "native/emulator/text.h"

// Answers collections of the directory's kind: $filter, $select, $top and a next link that counts items.
namespace teamferry::emulator {

using Json = nlohmann::ordered_json;

// What a collection's things look like.
template <class Thing>
struct Shape {
  std::string path;  // "users": of the collection, in links and contexts
  std::vector<std::string_view> filterable;
  std::optional<std::string> (*lookup)(const Thing&, std::string_view property);
  Json (*print)(const Thing&, const Call&);  // every property there is
  std::vector<std::string_view> by_default;  // without $select; empty: all
  std::string context = {};                  // where it differs from the path: then pages say their count, too
  void (*expand)(const Thing&, const Call&, Json& selected) = nullptr;  // adds what $expand asks for
  bool directory = false;  // asks for ConsistencyLevel: eventual before it counts, negates or searches
};

// The members that $select names (or those by default), in the order of the type; nothing for an unknown one.
std::optional<Json> select(const Call& call, const Json& whole, const std::vector<std::string_view>& by_default,
                           Answer& refused);

// Whether the caller accepts what may be some seconds old, and asks for the count: the mark of an advanced query.
bool is_eventual(const Call& call);
bool wants_count(const Call& call);

// The refusal of an advanced query that is not marked as one.
std::optional<Answer> check_advanced(const Call& call, const std::optional<Filter>& filter);

// "(id,mail)" behind the context of a selection.
std::string select_context(const Call& call);

// `things_for` gives, in the collection's order, all that may match the filter: a std::vector<const Thing*>.
template <class Thing, class ThingsFor>
Answer answer_collection(const Call& call, const Shape<Thing>& shape, const ThingsFor& things_for, int top_by_default,
                         int top_most) {
  Answer refused;
  std::optional<Filter> filter;
  const auto wanted = call.query.find("$filter");
  if (wanted != call.query.end()) {
    std::string problem;
    filter = Filter::parse(wanted->second, shape.filterable, problem);
    if (!filter) return Answer::bad_request(std::move(problem));
  }
  if (shape.directory) {
    if (auto unmarked = check_advanced(call, filter)) return std::move(*unmarked);
  }
  const auto top = read_top(call, top_by_default, top_most, refused);
  if (!top) return refused;
  std::int64_t skip = 0;
  const std::string scope = shape.path + "?" + (filter ? wanted->second : "");
  if (call.query.count("$skiptoken") != 0) {
    const auto read = read_skip_token(call, scope, refused);
    if (!read) return refused;
    skip = *read;
  }

  Json page = {
      {"@odata.context", call.context((shape.context.empty() ? shape.path : shape.context) + select_context(call))}};
  Json value = Json::array();
  std::int64_t number = 0;
  const bool counts = shape.directory && wants_count(call) && is_eventual(call);
  bool more = false;
  for (const Thing* thing : things_for(filter)) {
    if (filter && !filter->matches([&](std::string_view name) { return shape.lookup(*thing, name); })) continue;
    if (number++ < skip) continue;
    if (value.size() == static_cast<std::size_t>(*top)) {
      more = true;
      if (counts) continue;
      break;
    }
    auto item = select(call, shape.print(*thing, call), shape.by_default, refused);
    if (!item) return refused;
    if (shape.expand != nullptr) shape.expand(*thing, call, *item);
    value.push_back(std::move(*item));
  }
  if (more) {
    std::string link = fmt::format("{}/{}/{}?", call.base, call.version, shape.path);
    for (const auto& [name, text] : call.query) {
      if (name != "$skiptoken")
        link += fmt::format("{}={}&", name[0] == '$' ? name : percent_encode(name), percent_encode(text));
    }
    page["@odata.nextLink"] =
        link + "$skiptoken=" + make_skip_token(call, scope, skip + static_cast<std::int64_t>(value.size()));
  }
  if (counts) page["@odata.count"] = number;
  if (!shape.context.empty()) page["@odata.count"] = value.size();
  page["value"] = std::move(value);
  return Answer::ok(page.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace teamferry::emulator
