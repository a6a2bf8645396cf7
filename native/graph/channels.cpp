#include <fmt/format.h>
#include <strings.h>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/graph/wait.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

std::string channel_path(const std::string& team_id, const std::string& channel_id) {
  return fmt::format("/teams/{}/channels/{}", http::percent_encode(team_id), http::percent_encode(channel_id));
}

// Absent is not null: older services leave the property out whatever the state is.
MigrationMode read_mode(const json& channel) {
  const auto found = channel.find("migrationMode");
  if (found == channel.end()) return MigrationMode::unknown;
  if (found->is_null()) return MigrationMode::none;
  const std::string mode = text_of(channel, "migrationMode");
  for (const auto known : {MigrationMode::inProgress, MigrationMode::completed}) {
    if (strcasecmp(mode.c_str(), to_string(known).data()) == 0) return known;
  }
  return MigrationMode::unknown;
}

Result<Channel> read_channel(const json& body, std::string_view what) {
  Channel channel{text_of(body, "id"),
                  text_of(body, "displayName"),
                  text_of(body, "description"),
                  text_of(body, "membershipType"),
                  text_of(body, "webUrl"),
                  date_of(body, "createdDateTime"),
                  read_mode(body)};
  if (channel.id.empty()) return unreadable(what, "its channel has no id");
  return channel;
}

Result<Channel> read_channel(const Result<http::Response>& response, std::string_view what) {
  if (!response) return response.error();
  auto body = read_object(*response, what);
  if (!body) return body.error();
  return read_channel(*body, what);
}

}  // namespace

Task<Result<std::string>> Client::create_channel(std::string team_id, std::string body_json) {
  auto sent = create(fmt::format("/teams/{}/channels", http::percent_encode(team_id)), std::move(body_json),
                     "/teams/{team}/channels");
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
  auto asked = get(url(channel_path(team_id, channel_id)), "/teams/{team}/channels/{channel}");
  auto response = co_await std::move(asked);
  co_return read_channel(response, "GET channel");
}

Task<Result<Channel>> Client::wait_for_channel(std::string team_id, std::string channel_id, Patience patience) {
  Wait wait(loop_, std::move(patience));
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
  const std::string what = "GET channels";
  std::vector<Channel> all;
  std::string next_link;
  do {
    auto asked = page(url(fmt::format("/teams/{}/channels", http::percent_encode(team_id))), next_link,
                      "/teams/{team}/channels");
    auto response = co_await std::move(asked);
    if (!response) co_return response.error();
    auto body = read_object(*response, what);
    if (!body) co_return body.error();
    const json& items = array_of(*body, "value");
    if (!items.is_array()) co_return unreadable(what, "its answer holds no list");
    for (const auto& item : items) {
      auto channel = item.is_object() ? read_channel(item, what) : unreadable(what, "its list holds no channels");
      if (!channel) co_return channel.error();
      all.push_back(std::move(*channel));
    }
    std::string following = text_of(*body, "@odata.nextLink");
    if (!following.empty() && following == next_link) co_return unreadable(what, "its pages have no end");
    next_link = std::move(following);
  } while (!next_link.empty());
  co_return all;
}

Task<Result<Channel>> Client::primary_channel(std::string team_id) {
  auto asked =
      get(url(fmt::format("/teams/{}/primaryChannel", http::percent_encode(team_id))), "/teams/{team}/primaryChannel");
  auto response = co_await std::move(asked);
  co_return read_channel(response, "GET primaryChannel");
}

Task<Status> Client::complete_channel(std::string team_id, std::string channel_id) {
  auto sent = create(channel_path(team_id, channel_id) + "/completeMigration", "",
                     "/teams/{team}/channels/{channel}/completeMigration");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

}  // namespace teamferry::graph
