#include "native/graph/members.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "native/graph/json.h"
#include "native/graph/pages.h"
#include "native/http/url.h"
#include "native/limits/limits.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

constexpr const char* kType = "#microsoft.graph.aadUserConversationMember";

// A place with members: its path below the version, and how a log names it.
struct Place {
  std::string path;
  std::string route;
};

Place team_place(const std::string& team_id) {
  return {fmt::format("/teams/{}/members", http::percent_encode(team_id)), "/teams/{team}/members"};
}

Place place_of(const ConversationRef& ref) {
  return {path_of(ref) + "/members", fmt::format("{}/members", route_of(ref))};
}

// "users('ada@x.example')" as the documents write it; only what an address cannot hold is encoded.
std::string user_key(const std::string& user) {
  std::string key;
  for (const char c : odata_text(user)) {
    key += c == '\'' || c == '@' ? std::string(1, c) : http::percent_encode(std::string_view(&c, 1));
  }
  return key;
}

json member_body(const Connection& graph, const NewMember& member) {
  json body = {{"@odata.type", kType},
               {"roles", member.roles},
               {"user@odata.bind", graph.url(fmt::format("/users({})", user_key(member.user)))}};
  if (member.visibleHistoryStartDateTime) {
    body["visibleHistoryStartDateTime"] = member.visibleHistoryStartDateTime->to_string();
  }
  return body;
}

Member read_member(const json& body) {
  Member member{text_of(body, "id"),
                text_of(body, "userId"),
                text_of(body, "displayName"),
                text_of(body, "email"),
                {},
                date_of(body, "visibleHistoryStartDateTime"),
                compact(body)};
  for (const auto& role : array_of(body, "roles")) {
    if (role.is_string()) member.roles.push_back(role.get<std::string>());
  }
  return member;
}

Task<Result<std::vector<Member>>> list(Connection& graph, Place place) {
  Pages pages(graph, graph.url(place.path), place.route);
  std::vector<Member> all;
  while (true) {
    auto asked = pages.next();
    auto page = co_await std::move(asked);
    if (!page) co_return page.error();
    if (!*page) co_return all;
    for (const auto& item : **page) {
      all.push_back(read_member(item));
      if (all.back().id.empty()) co_return unreadable("GET " + place.route, "a member has no id");
    }
  }
}

// Answered with the member (201), with its address alone, or with nothing (204).
Task<Result<Joined>> add(Connection& graph, Place place, NewMember member) {
  auto sent = graph.post_once(graph.url(place.path), member_json(graph, member), place.route);
  auto response = co_await std::move(sent);
  if (!response && response.error().status == 409) co_return Joined{"", true};
  if (!response) co_return response.error();
  const json body = json::parse(response->body, nullptr, false);
  Joined joined{body.is_object() ? text_of(body, "id") : ""};
  if (const auto* location = response->headers.find("Location"); joined.id.empty() && location) {
    joined.id = key_of(*location, "members");
  }
  co_return joined;
}

// What the service says about one of those it was to add: {"userId": "..", "error": null | {"code", "message"}}.
Status read_result(const json& result, const std::string& user) {
  const auto error = result.find("error");
  if (error == result.end() || error->is_null()) return done();
  Error refused;
  refused.kind = Error::Kind::service;
  refused.code = error->is_object() ? text_of(*error, "code") : "";
  const std::string message = error->is_object() ? text_of(*error, "message") : "";
  refused.message = fmt::format("{} was not added{}{}", user, message.empty() ? "" : ": ", message);
  return refused;
}

Task<Result<std::vector<Status>>> add_many(Connection& graph, Place place, std::vector<NewMember> whom) {
  if (whom.empty()) co_return std::vector<Status>();
  if (whom.size() > members_at_once()) {
    co_return Error::argument(
        "too_many", fmt::format("{} members are too many for one call; it takes {}", whom.size(), members_at_once()));
  }
  json values = json::array();
  for (const auto& member : whom) values.push_back(member_body(graph, member));
  const std::string route = place.route + "/add";
  auto sent = graph.post_once(graph.url(place.path + "/add"), compact({{"values", std::move(values)}}), route);
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  auto body = read_object(*response, "POST " + route);
  if (!body) co_return body.error();
  const json& results = array_of(*body, "value");
  std::vector<Status> became;
  for (std::size_t i = 0; i < whom.size(); ++i) {
    // By the id; where a user principal name was given, by the place, if the list is whole.
    auto found = std::find_if(results.begin(), results.end(), [&](const json& result) {
      return strcasecmp(text_of(result, "userId").c_str(), whom[i].user.c_str()) == 0;
    });
    if (found == results.end() && results.size() == whom.size()) found = results.begin() + static_cast<long>(i);
    became.push_back(found == results.end()
                         ? Status(unreadable("POST " + route, "it does not tell what became of " + whom[i].user))
                         : read_result(*found, whom[i].user));
  }
  co_return became;
}

}  // namespace

std::size_t members_at_once() {
  return static_cast<std::size_t>(limits::in_force().counts.members_per_call);
}

std::string member_json(const Connection& graph, const NewMember& member) {
  return compact(member_body(graph, member));
}

Task<Result<std::vector<Member>>> team_members(Connection& graph, std::string team_id) {
  return list(graph, team_place(team_id));
}

Task<Result<std::vector<Member>>> members(Connection& graph, ConversationRef of) {
  return list(graph, place_of(of));
}

Task<Result<Joined>> add_team_member(Connection& graph, std::string team_id, NewMember member) {
  return add(graph, team_place(team_id), std::move(member));
}

Task<Result<Joined>> add_member(Connection& graph, ConversationRef to, NewMember member) {
  return add(graph, place_of(to), std::move(member));
}

Task<Result<std::vector<Status>>> add_team_members(Connection& graph, std::string team_id,
                                                   std::vector<NewMember> members) {
  return add_many(graph, team_place(team_id), std::move(members));
}

Task<Result<std::vector<Status>>> add_members(Connection& graph, ConversationRef to, std::vector<NewMember> members) {
  return add_many(graph, place_of(to), std::move(members));
}

Task<Status> remove_member(Connection& graph, ConversationRef from, std::string membership_id) {
  const Place place = place_of(from);
  auto sent =
      graph.send_once("DELETE", graph.url(fmt::format("{}/{}", place.path, http::percent_encode(membership_id))), "",
                      place.route + "/{member}");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

}  // namespace teamferry::graph
