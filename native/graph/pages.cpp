#include "native/graph/pages.h"

#include <algorithm>

#include "native/graph/json.h"

namespace teamferry::graph {

using nlohmann::json;

Pages::Pages(Connection& connection, std::string first, std::string route)
    : connection_(connection), first_(std::move(first)), route_(std::move(route)) {}

Task<Result<std::optional<json>>> Pages::next() {
  if (begun_ && next_link_.empty()) co_return std::optional<json>();
  begun_ = true;
  const std::string link = std::exchange(next_link_, "");
  auto asked = connection_.page(first_, link, route_);
  auto response = co_await std::move(asked);
  if (!response) co_return response.error();
  const std::string what = "GET " + route_;
  auto body = read_object(*response, what);
  if (!body) co_return body.error();
  const auto items = body->find("value");
  if (items == body->end() || !items->is_array()) co_return unreadable(what, "its answer holds no list");
  if (!std::all_of(items->begin(), items->end(), [](const json& item) { return item.is_object(); })) {
    co_return unreadable(what, "its list has a hole");
  }
  std::string following = text_of(*body, "@odata.nextLink");
  if (!following.empty() && following == link) co_return unreadable(what, "its pages have no end");
  next_link_ = std::move(following);
  co_return std::optional<json>(std::move(*items));
}

}  // namespace teamferry::graph
