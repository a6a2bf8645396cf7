#include <fmt/format.h>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/graph/pages.h"
#include "native/graph/read_conversation.h"
#include "native/graph/wait.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

std::string channels_path(const std::string& team_id) {
  return fmt::format("/teams/{}/channels", http::percent_encode(team_id));
}

}  // namespace

Task<Result<std::string>> Client::create_channel(std::string team_id, std::string body_json) {
  auto sent = post_once(url(channels_path(team_id)), std::move(body_json), "/teams/{team}/channels");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  const json body = json::parse(response->body, nullptr, false);
  std::string id = body.is_object() ? text_of(body, "id") : std::string();
  if (const auto* location = response->headers.find("Location"); id.empty() && location) {
    id = key_of(*location, "channels");
  }
  if (id.empty()) co_return unreadable("POST /teams/{team}/channels", "it does not say which id the channel has");
  co_return id;
}

Task<Result<Channel>> Client::channel(std::string team_id, std::string channel_id) {
  return conversation({std::move(team_id), std::move(channel_id)});
}

Task<Result<Channel>> Client::wait_for_channel(std::string team_id, std::string channel_id, Patience patience) {
  Wait wait(loop(), std::move(patience));
  while (true) {
    auto asked = channel(team_id, channel_id);
    auto found = co_await std::move(asked);
    if (found || found.error().status != 404) co_return std::move(found);
    auto pausing = wait.pause();
    const bool look_again = co_await std::move(pausing);
    if (!look_again) break;
  }
  if (wait.stopped()) co_return Error::state("interrupted", "stopped before the channel was ready");
  co_return Error::state("not_ready",
                         fmt::format("channel {} of team {} was created but is still not found", channel_id, team_id));
}

Task<Result<std::vector<Channel>>> Client::channels(std::string team_id) {
  Pages pages(*this, url(channels_path(team_id)), "/teams/{team}/channels");
  std::vector<Channel> all;
  while (true) {
    auto asked = pages.next();
    auto page = co_await std::move(asked);
    if (!page) co_return page.error();
    if (!*page) co_return all;
    for (const auto& item : **page) {
      auto channel = read_conversation(item, "GET channels");
      if (!channel) co_return channel.error();
      all.push_back(std::move(*channel));
    }
  }
}

Task<Result<Channel>> Client::primary_channel(std::string team_id) {
  auto asked =
      get(url(fmt::format("/teams/{}/primaryChannel", http::percent_encode(team_id))), "/teams/{team}/primaryChannel");
  auto response = co_await std::move(asked);
  co_return read_conversation(response, "GET primaryChannel");
}

Task<Status> Client::complete_channel(std::string team_id, std::string channel_id) {
  auto sent = post_once(url(path_of({team_id, channel_id}) + "/completeMigration"), "",
                        "/teams/{team}/channels/{channel}/completeMigration");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

}  // namespace teamferry::graph
