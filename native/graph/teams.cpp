#include <fmt/format.h>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/graph/pages.h"
#include "native/graph/wait.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

// The addresses come as /teams('id')/operations('id') or /teams/id/operations/id, with or without host and version.
Result<CreatedTeam> read_created_team(const http::Response& response) {
  const auto* location = response.headers.find("Location");
  const auto* content_location = response.headers.find("Content-Location");
  CreatedTeam created;
  if (location) created.team_id = key_of(*location, "teams");
  if (created.team_id.empty() && content_location) created.team_id = key_of(*content_location, "teams");
  if (created.team_id.empty()) return unreadable("POST /teams", "it does not say where the team is");
  const std::string operation = location ? key_of(*location, "operations") : std::string();
  if (!operation.empty()) {
    created.operation_path =
        fmt::format("/teams/{}/operations/{}", http::percent_encode(created.team_id), http::percent_encode(operation));
  }
  return created;
}

Operation read_operation(const json& body) {
  const json& error = object_of(body, "error");
  return {text_of(body, "status"), text_of(body, "targetResourceId"), text_of(error, "code"),
          text_of(error, "message")};
}

Team read_team(const json& body) {
  return {text_of(body, "id"), text_of(body, "displayName"), text_of(body, "description"), compact(body)};
}

}  // namespace

Task<Result<CreatedTeam>> Client::create_team(std::string body_json) {
  auto sent = post_once(url("/teams"), std::move(body_json), "/teams");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return read_created_team(*response);
}

Task<Result<Operation>> Client::operation(std::string operation_path) {
  auto asked = get(url(operation_path), "/teams/{team}/operations/{operation}");
  auto response = co_await std::move(asked);
  if (!response) co_return response.error();
  auto body = read_object(*response, "GET operation");
  if (!body) co_return body.error();
  co_return read_operation(*body);
}

Task<Result<Team>> Client::wait_for_team(CreatedTeam created, Patience patience) {
  Wait wait(loop(), std::move(patience));
  bool succeeded = created.operation_path.empty();
  std::string seen = "no operation";
  do {
    if (!succeeded) {
      auto polled = operation(created.operation_path);
      auto state = co_await std::move(polled);
      if (!state && state.error().status != 404) co_return state.error();
      seen = state ? state->status : "not found";
      if (seen == "failed") {
        co_return Error::state("operation_failed",
                               fmt::format("the team was not created: {} {}", state->error_code, state->error_message));
      }
      succeeded = seen == "succeeded";
    }
    if (succeeded) {
      auto asked = team(created.team_id);
      auto found = co_await std::move(asked);
      if (found || found.error().status != 404) co_return std::move(found);
    }
    auto pausing = wait.pause();
    const bool look_again = co_await std::move(pausing);
    if (!look_again) break;
  } while (true);
  if (wait.stopped()) co_return Error::state("interrupted", "stopped before the team was ready");
  co_return Error::state(
      "not_ready", fmt::format("team {} was not ready in time; its creation stands at '{}'", created.team_id, seen));
}

Task<Result<Team>> Client::team(std::string team_id) {
  auto asked = get(url("/teams/" + http::percent_encode(team_id)), "/teams/{team}");
  auto response = co_await std::move(asked);
  if (!response) co_return response.error();
  auto body = read_object(*response, "GET team");
  if (!body) co_return body.error();
  co_return read_team(*body);
}

Task<Result<std::vector<Team>>> Client::teams_named(std::string displayName) {
  const std::string filter = fmt::format("displayName eq {}", odata_text(displayName));
  Pages pages(*this, url("/teams?$filter=" + http::percent_encode(filter)), "/teams");
  std::vector<Team> teams;
  while (true) {
    auto asked = pages.next();
    auto page = co_await std::move(asked);
    if (!page) co_return page.error();
    if (!*page) co_return teams;
    for (const auto& item : **page) {
      teams.push_back(read_team(item));
      if (teams.back().id.empty()) co_return unreadable("GET /teams", "a team has no id");
    }
  }
}

Task<Status> Client::complete_team(std::string team_id) {
  auto sent = post_once(url(fmt::format("/teams/{}/completeMigration", http::percent_encode(team_id))), "",
                        "/teams/{team}/completeMigration");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

Task<Status> Client::delete_team(std::string team_id) {
  auto sent = send_once("DELETE", url("/groups/" + http::percent_encode(team_id)), "", "/groups/{group}");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

}  // namespace teamferry::graph
