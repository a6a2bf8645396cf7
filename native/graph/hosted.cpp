#include "native/graph/hosted.h"

#include <fmt/format.h>

#include "native/graph/json.h"
#include "native/http/url.h"

namespace teamferry::graph {

std::string hosted_id(std::string_view src) {
  return key_of(src, "hostedContents");
}

Task<Result<HostedContent>> hosted_content(Connection& graph, ConversationRef in, std::string root_id,
                                           std::string message_id, std::string id) {
  std::string message = path_of(in) + "/messages/";
  if (!root_id.empty()) message += http::percent_encode(root_id) + "/replies/";
  message += http::percent_encode(message_id);
  http::Request request;
  request.url = graph.url(fmt::format("{}/hostedContents/{}/$value", message, http::percent_encode(id)));
  request.route = fmt::format("GET {}/messages/{{message}}{}/hostedContents/{{content}}/$value", route_of(in),
                              root_id.empty() ? "" : "/replies/{reply}");
  auto asked = graph.exchange(std::move(request));
  auto response = co_await std::move(asked);
  if (!response) co_return response.error();
  const auto* type = response->headers.find("Content-Type");
  co_return HostedContent{std::move(response->body), type ? *type : ""};
}

}  // namespace teamferry::graph
