#include "fake_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace teamferry::fake {

using nlohmann::json;

namespace {

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

http::Response answer(int status, const json& body = nullptr) {
  http::Response response;
  response.status = status;
  if (!body.is_null()) response.body = body.dump();
  return response;
}

json channel_json(const Channel& channel) {
  json shown = {{"id", channel.id},
                {"createdDateTime", DateTime{channel.floor}.to_string()},
                {"migrationMode", channel.mode.empty() ? json() : json(channel.mode)}};
  const bool chat = channel.kind == "group";
  shown[chat ? "topic" : "displayName"] = channel.name;
  shown[chat ? "chatType" : "membershipType"] = channel.kind;
  return shown;
}

}  // namespace

Address parse(const std::string& url) {
  Address address;
  std::string path = url.substr(url.find("/v1.0") + 5);
  const auto mark = path.find('?');
  if (mark != std::string::npos) {
    address.query = decode(path.substr(mark + 1));
    path.resize(mark);
  }
  std::size_t at = 1;
  while (at <= path.size()) {
    const auto end = std::min(path.find('/', at), path.size());
    address.segments.push_back(decode(path.substr(at, end - at)));
    at = end + 1;
  }
  return address;
}

http::Response refusal(int status, const char* code, const std::string& message, const std::string& inner) {
  json error = {{"code", code}, {"message", message}, {"innerError", {{"date", "2026-01-01T00:00:00"}}}};
  if (!inner.empty()) error["innerError"]["message"] = inner;
  return answer(status, {{"error", error}});
}

bool is_import(const http::Request& request) {
  return request.method == "POST" && (request.url.ends_with("/messages") || request.url.ends_with("/replies"));
}

std::string conversation_of(const std::vector<std::string>& segments) {
  const std::size_t at = segments.empty() || segments[0] == "chats" ? 1 : 3;
  return segments.size() > at ? segments[at] : std::string();
}

std::int64_t time_of(const http::Request& import) {
  const json body = json::parse(import.body, nullptr, false);
  const auto time = body.is_object() ? DateTime::parse(body.value("createdDateTime", "")) : std::nullopt;
  return time ? time->ms : 0;
}

namespace {

// One request as the server acts upon it.
class Handler {
 public:
  Handler(Store& store, const http::Request& request)
      : store_(store),
        request_(request),
        address_(parse(request.url)),
        body_(json::parse(request.body, nullptr, false)) {}

  http::Response act() {
    const auto& s = address_.segments;
    if (s.size() == 2 && s[0] == "groups" && request_.method == "DELETE") return delete_team(s[1]);
    if (s.size() == 3 && s[0] == "users" && s[2] == "chats") return list_chats();
    if (!s.empty() && s[0] == "chats") return act_on_chat();
    if (s.empty() || s[0] != "teams") return refusal(400, "BadRequest", "Resource not found for the segment");
    const bool post = request_.method == "POST";
    if (s.size() == 1) return post ? create_team() : list_teams();
    Team* team = store_.team(s[1]);
    if (!team) return refusal(404, "NotFound", "No team found with Group Id " + s[1]);
    if (s.size() == 2) return get_team(*team);
    if (s[2] == "operations") return operation(*team);
    if (s[2] == "completeMigration") return complete_team(*team);
    if (s[2] == "primaryChannel") return answer(200, channel_json(team->channels[0]));
    if (s.size() == 3) return post ? create_channel(*team) : list_channels(*team);
    Channel* channel = store_.channel(s[1], s[3]);
    if (!channel || channel->ready > store_.now) return refusal(404, "NotFound", "channel not found");
    return act_on(*channel, team, 4);
  }

 private:
  http::Response act_on_chat() {
    const auto& s = address_.segments;
    if (s.size() == 1) return create_chat();
    Channel* chat = store_.chat(s[1]);
    if (!chat) return refusal(404, "NotFound", "chat not found");
    return act_on(*chat, nullptr, 2);
  }

  // `below`: the segments that name the conversation.
  http::Response act_on(Channel& channel, Team* team, std::size_t below) {
    const auto& s = address_.segments;
    if (s.size() == below) return answer(200, channel_json(channel));
    if (s[below] == "startMigration") return start(channel);
    if (s[below] == "completeMigration") return complete_channel(team, channel);
    if (request_.method == "POST") return import(channel, s.size() > below + 1 ? s[below + 1] : std::string());
    return read(store_, channel, request_, below);
  }

  http::Response create_chat() {
    Channel chat;
    chat.id = fmt::format("19:{}@thread.v2", ++store_.ids);
    chat.kind = "group";
    chat.name = body_.value("topic", "");
    chat.mode.clear();
    chat.floor = store_.now;
    chat.ready = store_.now + store_.provisioning;  // until it is listed
    store_.chats.push_back(chat);
    return answer(201, channel_json(chat));
  }

  http::Response list_chats() {
    json value = json::array();
    for (const auto& chat : store_.chats) {
      if (chat.ready <= store_.now) value.push_back(channel_json(chat));
    }
    return answer(200, {{"value", value}});
  }

  http::Response start(Channel& channel) {
    if (channel.mode == "inProgress") return refusal(400, "BadRequest", "it is in migration mode already");
    if (body_.is_object() && body_.contains("conversationCreationDateTime")) {
      const auto date = DateTime::parse(body_.value("conversationCreationDateTime", ""));
      if (!date || date->ms >= channel.floor) return refusal(400, "BadRequest", "must be older than the present one");
      channel.floor = date->ms;
    }
    channel.mode = "inProgress";
    channel.owner = store_.client_id;
    return answer(204);
  }

  http::Response create_team() {
    Team team;
    team.id = fmt::format("team-{}", ++store_.ids);
    team.name = body_.value("displayName", "");
    team.description = body_.value("description", "");
    team.operation = fmt::format("op-{}", store_.ids);
    team.ready = store_.now + store_.provisioning;
    Channel general;
    general.id = fmt::format("19:{}@thread.tacv2", ++store_.ids);
    general.name = "General";
    general.owner = store_.client_id;
    general.floor = DateTime::parse(body_.value("createdDateTime", "2010-01-01T00:00:00Z"))->ms;
    team.channels.push_back(general);
    store_.teams.push_back(team);
    auto response = answer(202);
    response.headers.add("Location", fmt::format("/teams('{}')/operations('{}')", team.id, team.operation));
    response.headers.add("Content-Location", fmt::format("/teams('{}')", team.id));
    return response;
  }

  http::Response delete_team(const std::string& id) {
    if (!store_.team(id)) return refusal(404, "NotFound", "Resource '" + id + "' does not exist");
    std::erase_if(store_.teams, [&](const Team& team) { return team.id == id; });
    return answer(204, nullptr);
  }

  http::Response list_teams() {
    json value = json::array();
    for (const auto& team : store_.teams) {
      if (team.ready > store_.now) continue;
      if (address_.query.find("displayName eq '" + team.name + "'") == std::string::npos) continue;
      value.push_back({{"id", team.id}, {"displayName", team.name}, {"description", team.description}});
    }
    return answer(200, {{"value", value}});
  }

  http::Response get_team(const Team& team) {
    if (team.ready > store_.now) return refusal(404, "NotFound", "not yet");
    return answer(200, {{"id", team.id}, {"displayName", team.name}, {"description", team.description}});
  }

  http::Response operation(const Team& team) {
    const bool ready = team.ready <= store_.now;
    return answer(
        200, {{"id", team.operation}, {"status", ready ? "succeeded" : "inProgress"}, {"targetResourceId", team.id}});
  }

  http::Response list_channels(const Team& team) {
    json value = json::array();
    for (const auto& channel : team.channels) value.push_back(channel_json(channel));
    return answer(200, {{"value", value}});
  }

  http::Response create_channel(Team& team) {
    const bool migrating = body_.contains("@microsoft.graph.channelCreationMode");
    const bool open = !team.completed && team.channels[0].mode == "inProgress";
    if (migrating != open) {
      return refusal(400, "BadRequest", "Migration channels can only be created in a team under migration.");
    }
    Channel channel;
    channel.kind = body_.value("membershipType", "standard");
    channel.name = body_.value("displayName", "");
    for (const auto& other : team.channels) {
      if (other.name == channel.name) {
        return refusal(400, "BadRequest", "Channel name already existed, please use other name.");
      }
    }
    channel.id = fmt::format("19:{}@thread.tacv2", ++store_.ids);
    channel.floor = store_.now;
    if (migrating) {
      channel.owner = store_.client_id;
      channel.floor = DateTime::parse(body_.value("createdDateTime", "2010-01-01T00:00:00Z"))->ms;
    } else {
      channel.mode.clear();
    }
    channel.ready = store_.now + store_.provisioning;
    team.channels.push_back(channel);
    return answer(202, {{"id", channel.id}, {"createdDateTime", nullptr}, {"membershipType", nullptr}});
  }

  http::Response complete_channel(Team* team, Channel& channel) {
    if (channel.owner != store_.client_id) {
      return refusal(403, "Forbidden", "Request Initiator does not match the import session intiator.");
    }
    if (channel.mode != "inProgress") return refusal(400, "BadRequest", "Channel has already been finalized.");
    if (team && channel.id == team->channels[0].id) {
      for (const auto& other : team->channels) {
        if (other.id != channel.id && other.mode == "inProgress") team->general_was_early = true;
      }
    }
    if (store_.on_complete) store_.on_complete(channel);
    channel.mode = "completed";
    return answer(204);
  }

  http::Response complete_team(Team& team) {
    const bool open = std::any_of(team.channels.begin(), team.channels.end(),
                                  [](const Channel& c) { return c.mode == "inProgress"; });
    if (open || team.general_was_early) {
      return refusal(400, "BadRequest", "All channels must be finalized before team.");
    }
    if (team.completed) return refusal(400, "BadRequest", "Team is not in migration mode.");
    team.completed = true;
    return answer(204);
  }

  http::Response import(Channel& channel, const std::string& root) {
    Import record{channel.id, 0, request_.body, store_.now, 0, ++store_.order};
    auto response = try_import(channel, root, record);
    record.status = response.status;
    store_.imports.push_back(std::move(record));
    return response;
  }

  http::Response try_import(Channel& channel, const std::string& root, Import& record) {
    if (!body_.is_object()) return refusal(400, "BadRequest", "Unable to read JSON request payload.");
    const auto time = DateTime::parse(body_.value("createdDateTime", ""));
    if (!time || !body_.contains("from")) {
      return refusal(401, "Unauthorized",
                     "Message POST is allowed in application-only context only for import purposes.");
    }
    record.ms = time->ms;
    if (channel.mode != "inProgress") {
      return refusal(403, "Forbidden", "InsufficientPrivileges",
                     "MessageWritesBlocked-Thread is not marked for import");
    }
    if (channel.owner != store_.client_id) {
      return refusal(403, "Forbidden", "BadRequest",
                     "InvalidRequestProperties-Only 1 application is allowed to operate within an import session.");
    }
    if (time->ms <= channel.floor) {
      return refusal(403, "Forbidden", "createdDateTime is less than thread creation time");
    }
    if (!root.empty()) {
      const Message* parent = channel.by_id(root);
      if (!parent || !parent->parent.empty()) return refusal(404, "NotFound", "no such root");
    }
    if (channel.at(time->ms)) return refusal(409, "Conflict", "StoreException");
    Message message;
    message.ms = time->ms;
    message.id =
        std::to_string(store_.ingestion_ids ? store_.now * 1000 + static_cast<std::int64_t>(++store_.ids) : time->ms);
    message.author = body_["from"]["user"].value("id", "");
    message.parent = root;
    message.contentType = body_["body"].value("contentType", "text");
    message.content = body_["body"].value("content", "");
    message.stored = store_.now;
    channel.messages.push_back(message);
    return shown(message);
  }

  Store& store_;
  const http::Request& request_;
  Address address_;
  json body_;
};

}  // namespace

http::Response act(Store& store, const http::Request& request) {
  return Handler(store, request).act();
}

}  // namespace teamferry::fake
