#include "fake_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace teamferry::fake {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

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

struct Address {
  std::vector<std::string> segments;
  std::string query;
};

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

http::Response answer(int status, const json& body = nullptr) {
  http::Response response;
  response.status = status;
  if (!body.is_null()) response.body = body.dump();
  return response;
}

http::Response refusal(int status, const char* code, const std::string& message, const std::string& inner = "") {
  json error = {{"code", code}, {"message", message}, {"innerError", {{"date", "2026-01-01T00:00:00"}}}};
  if (!inner.empty()) error["innerError"]["message"] = inner;
  return answer(status, {{"error", error}});
}

bool is_import(const http::Request& request) {
  return request.method == "POST" && (request.url.ends_with("/messages") || request.url.ends_with("/replies"));
}

json message_json(const Message& message) {
  json from = nullptr;
  if (!message.author.empty()) from = {{"user", {{"id", message.author}, {"displayName", "Somebody"}}}};
  return {{"id", message.id},
          {"replyToId", message.parent.empty() ? json() : json(message.parent)},
          {"createdDateTime", DateTime{message.ms}.to_string()},
          {"deletedDateTime", message.deleted ? json(DateTime{message.ms}.to_string()) : json()},
          {"messageType", "message"},
          {"from", from},
          {"body", {{"contentType", message.contentType}, {"content", message.content}}}};
}

json channel_json(const Channel& channel) {
  return {{"id", channel.id},
          {"displayName", channel.name},
          {"membershipType", "standard"},
          {"createdDateTime", DateTime{channel.floor}.to_string()},
          {"migrationMode", channel.mode}};
}

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
    if (s.size() == 4) return answer(200, channel_json(*channel));
    if (s[4] == "completeMigration") return complete_channel(*team, *channel);
    if (post) return import(*channel, s.size() > 5 ? s[5] : std::string());
    return read(*channel);
  }

 private:
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
    if (team.completed || team.channels[0].mode != "inProgress") {
      return refusal(400, "BadRequest", "Migration channels can only be created in a team under migration.");
    }
    Channel channel;
    channel.name = body_.value("displayName", "");
    for (const auto& other : team.channels) {
      if (other.name == channel.name) {
        return refusal(400, "BadRequest", "Channel name already existed, please use other name.");
      }
    }
    channel.id = fmt::format("19:{}@thread.tacv2", ++store_.ids);
    channel.owner = store_.client_id;
    channel.floor = DateTime::parse(body_.value("createdDateTime", "2010-01-01T00:00:00Z"))->ms;
    channel.ready = store_.now + store_.provisioning;
    team.channels.push_back(channel);
    return answer(202, {{"id", channel.id}, {"createdDateTime", nullptr}, {"membershipType", nullptr}});
  }

  http::Response complete_channel(Team& team, Channel& channel) {
    if (channel.owner != store_.client_id) {
      return refusal(403, "Forbidden", "Request Initiator does not match the import session intiator.");
    }
    if (channel.mode != "inProgress") return refusal(400, "BadRequest", "Channel has already been finalized.");
    if (channel.id == team.channels[0].id) {
      for (const auto& other : team.channels) {
        if (other.id != channel.id && other.mode == "inProgress") team.general_was_early = true;
      }
    }
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
    return answer(200, message_json(message));
  }

  bool visible(const Message& message) const { return message.stored + store_.read_lag <= store_.now; }

  http::Response read(Channel& channel) {
    if (!store_.readable) {
      return refusal(403, "Forbidden",
                     "Missing role permissions on the request. API requires one of "
                     "'ChannelMessage.Read.All'. Roles on the request 'Teamwork.Migrate.All'.");
    }
    store_.last_read[channel.id] = ++store_.order;
    const auto& s = address_.segments;
    if (s.size() == 5) return list(channel, "");
    if (s.size() == 7) return list(channel, s[5]);
    const std::string id = s.size() == 6 ? s[5] : s[7];
    const std::string parent = s.size() == 6 ? std::string() : s[5];
    const Message* message = channel.by_id(id);
    if (!message || !visible(*message) || message->parent != parent) return refusal(404, "NotFound", "no such message");
    return answer(200, message_json(*message));
  }

  // Newest first, a page at a time; the token is how many were skipped.
  http::Response list(const Channel& channel, const std::string& parent) {
    std::size_t skip = 0;
    const auto token = address_.query.find("$skiptoken=");
    if (token != std::string::npos) skip = std::stoul(address_.query.substr(token + 11));
    const bool expand = address_.query.find("expand=replies") != std::string::npos;
    const auto all = children(channel, parent);
    json value = json::array();
    for (std::size_t i = skip; i < std::min(all.size(), skip + store_.page); ++i) {
      value.push_back(message_json(all[i]));
      if (expand) add_replies(channel, all[i].id, value.back());
    }
    json page = {{"value", value}};
    if (skip + store_.page < all.size()) {
      page["@odata.nextLink"] =
          link(fmt::format("{}skiptoken={}", expand ? "expand=replies&$" : "$", skip + store_.page));
    }
    return answer(200, page);
  }

  std::vector<Message> children(const Channel& channel, const std::string& parent) const {
    std::vector<Message> found;
    for (const auto& message : channel.messages) {
      if (message.parent == parent && visible(message)) found.push_back(message);
    }
    std::sort(found.begin(), found.end(), [](const Message& a, const Message& b) { return a.ms > b.ms; });
    return found;
  }

  void add_replies(const Channel& channel, const std::string& root, json& into) const {
    const auto replies = children(channel, root);
    json value = json::array();
    for (std::size_t i = 0; i < std::min(replies.size(), store_.inline_replies); ++i) {
      value.push_back(message_json(replies[i]));
    }
    into["replies"] = value;
    if (replies.size() > store_.inline_replies) {
      const auto base = request_.url.substr(0, request_.url.find('?'));
      into["replies@odata.nextLink"] = fmt::format("{}/{}/replies?$skiptoken={}", base, root, store_.inline_replies);
    }
  }

  std::string link(const std::string& query) const {
    return request_.url.substr(0, request_.url.find('?')) + "?" + query;
  }

  Store& store_;
  const http::Request& request_;
  Address address_;
  json body_;
};

}  // namespace

const Message* Channel::at(std::int64_t ms) const {
  for (const auto& message : messages) {
    if (message.ms == ms) return &message;
  }
  return nullptr;
}

const Message* Channel::by_id(const std::string& message_id) const {
  for (const auto& message : messages) {
    if (message.id == message_id) return &message;
  }
  return nullptr;
}

Team* Store::team(const std::string& id) {
  for (auto& team : teams) {
    if (team.id == id) return &team;
  }
  return nullptr;
}

Channel* Store::channel(const std::string& team_id, const std::string& id) {
  Team* in = team(team_id);
  if (!in) return nullptr;
  for (auto& channel : in->channels) {
    if (channel.id == id) return &channel;
  }
  return nullptr;
}

Channel* Store::channel_named(const std::string& name) {
  for (auto& team : teams) {
    for (auto& channel : team.channels) {
      if (channel.name == name) return &channel;
    }
  }
  return nullptr;
}

void Store::stranger(const std::string& channel, std::int64_t ms, std::string author, std::string content,
                     std::string parent) {
  Message message;
  message.id = std::to_string(ms);
  message.ms = ms;
  message.author = std::move(author);
  message.parent = std::move(parent);
  message.contentType = "html";
  message.content = std::move(content);
  message.stored = 0;
  channel_named(channel)->messages.push_back(message);
}

std::vector<std::string> Store::content() const {
  std::vector<std::string> all;
  for (const auto& team : teams) {
    for (const auto& channel : team.channels) {
      for (const auto& message : channel.messages) {
        const Message* parent = message.parent.empty() ? nullptr : channel.by_id(message.parent);
        all.push_back(fmt::format("{}|{}|{}|{}|{}", channel.name, message.ms, message.author, parent ? parent->ms : 0,
                                  message.content));
      }
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string Store::broken_invariant() const {
  std::map<std::pair<std::string, std::int64_t>, const Import*> last;
  for (const auto& import : imports) {
    const Import*& before = last[{import.channel, import.ms}];
    if (before && before->body != import.body) {
      const bool refused = before->status >= 400 && before->status < 500 && before->status != 429;
      const auto read = last_read.find(import.channel);
      if (!refused && (read == last_read.end() || read->second < before->order)) {
        return fmt::format("{} {}: sent with two different bodies and no look between", import.channel, import.ms);
      }
    }
    before = &import;
  }
  for (const auto& team : teams) {
    for (const auto& channel : team.channels) {
      std::set<std::int64_t> times;
      for (const auto& message : channel.messages) {
        if (!times.insert(message.ms).second) return fmt::format("{} holds {} twice", channel.name, message.ms);
      }
    }
  }
  return "";
}

Service::Service(Loop& loop, Store& store, std::uint64_t seed)
    : loop_(loop),
      store_(store),
      random_(static_cast<std::minstd_rand::result_type>(seed * 7919 + 13)),
      start_(loop.now()),
      start_ms_(store.now) {
  // What an earlier client had put on the wire may still arrive, any time.
  for (auto& [id, request] : std::exchange(store.in_transit, {})) {
    if (random_() % 2 == 0) continue;
    loop_.at(loop_.now() + milliseconds(random_() % 3000), [this, late = request] {
      store_.now = now();
      Handler(store_, late).act();
    });
  }
}

Service::~Service() {
  store_.now = now() + 500;
}

std::int64_t Service::now() const {
  return start_ms_ + std::chrono::duration_cast<milliseconds>(loop_.now() - start_).count();
}

Fault Service::fault(const http::Request& request) {
  if (script) {
    const Fault scripted = script(request);
    if (scripted != Fault::none) return scripted;
  }
  const double dice = std::uniform_real_distribution<double>()(random_);
  if (dice >= fault_rate) return Fault::none;
  constexpr Fault kAny[] = {Fault::throttle,    Fault::throttle_bare, Fault::error_before, Fault::error_after,
                            Fault::lost_before, Fault::lost_after,    Fault::empty_answer};
  const Fault chosen = kAny[random_() % std::size(kAny)];
  return chosen == Fault::empty_answer && !is_import(request) ? Fault::error_before : chosen;
}

Task<Result<http::Response>> Service::send(http::Request request) {
  const auto address = parse(request.url);
  const auto& s = address.segments;
  ++calls[request.method + " " + (s.size() == 6 || s.size() == 8 || s.size() == 2 || s.size() == 4 ? "one of " : "") +
          (s.size() % 2 == 1 ? s.back() : s[s.size() - 2])];
  if (is_import(request)) {
    departures[s[3]].push_back(std::chrono::duration_cast<milliseconds>(loop_.now() - start_).count());
  }
  if (request.method == "POST" && s.back() == "channels") {
    creations.push_back(std::chrono::duration_cast<milliseconds>(loop_.now() - start_).count());
  }
  const Fault fate = fault(request);
  const std::int64_t way = jitter ? latency / 5 + static_cast<std::int64_t>(random_() % (2 * latency)) : latency;
  const std::uint64_t ticket = ++store_.order;
  if (fate != Fault::lost_before) store_.in_transit[ticket] = request;
  auto there = loop_.sleep(milliseconds(way / 2));
  co_await there;
  store_.in_transit.erase(ticket);
  store_.now = now();
  http::Response response;
  switch (fate) {
    case Fault::throttle:
      response = refusal(429, "TooManyRequests", "Please retry again later.");
      response.headers.add("Retry-After", "3");
      break;
    case Fault::throttle_bare:
      response = refusal(429, "TooManyRequests", "Please retry again later.");
      break;
    case Fault::error_before:
      response = refusal(503, "ServiceUnavailable", "try later");
      break;
    case Fault::lost_before:
      break;
    case Fault::refuse:
      response = refusal(400, "BadRequest", "Bad Request");
      break;
    case Fault::none:
    case Fault::error_after:
    case Fault::lost_after:
    case Fault::empty_answer: {
      Handler handler(store_, request);
      response = handler.act();
      if (fate == Fault::error_after) response = refusal(504, "GatewayTimeout", "too slow");
      if (fate == Fault::empty_answer && response.status < 300) response.body.clear();
    }
  }
  auto back = loop_.sleep(milliseconds(way - way / 2));
  co_await back;
  store_.now = now();
  if (fate == Fault::lost_before || fate == Fault::lost_after) {
    co_return Error::transport("reset", "connection reset by peer");
  }
  co_return response;
}

}  // namespace teamferry::fake
