#include "native/graph/chats.h"

#include <fmt/format.h>

#include "native/graph/json.h"
#include "native/graph/pages.h"
#include "native/graph/read_conversation.h"
#include "native/http/url.h"

namespace teamferry::graph {

Task<Result<std::vector<Conversation>>> chats_of(Connection& graph, std::string user) {
  Pages pages(graph, graph.url(fmt::format("/users/{}/chats", http::percent_encode(user))), "/users/{user}/chats");
  std::vector<Conversation> all;
  while (true) {
    auto asked = pages.next();
    auto page = co_await std::move(asked);
    if (!page) co_return page.error();
    if (!*page) co_return all;
    for (const auto& item : **page) {
      auto chat = read_conversation(item, "GET chats");
      if (!chat) co_return chat.error();
      all.push_back(std::move(*chat));
    }
  }
}

}  // namespace teamferry::graph
