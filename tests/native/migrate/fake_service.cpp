#include "fake_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fake_handler.h"

namespace teamferry::fake {

using std::chrono::milliseconds;

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
  for (auto& chat : chats) {
    if (chat.name == name) return &chat;
  }
  return nullptr;
}

Channel* Store::chat(const std::string& id) {
  for (auto& chat : chats) {
    if (chat.id == id) return &chat;
  }
  return nullptr;
}

std::vector<const Channel*> Store::everywhere() const {
  std::vector<const Channel*> all;
  for (const auto& team : teams) {
    for (const auto& channel : team.channels) all.push_back(&channel);
  }
  for (const auto& chat : chats) all.push_back(&chat);
  return all;
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
  for (const Channel* channel : everywhere()) {
    for (const auto& message : channel->messages) {
      const Message* parent = message.parent.empty() ? nullptr : channel->by_id(message.parent);
      all.push_back(fmt::format("{}|{}|{}|{}|{}", channel->name, message.ms, message.author, parent ? parent->ms : 0,
                                message.content));
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

namespace {

// Nothing was stored, and the client knows it.
bool refused_for_good(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 412 && status != 429;
}

}  // namespace

std::string Store::broken_invariant() const {
  std::map<std::pair<std::string, std::int64_t>, const Departure*> last;
  for (const auto& departure : departed) {
    const Departure*& before = last[{departure.channel, departure.ms}];
    if (before && before->body != departure.body && !refused_for_good(before->answered)) {
      const auto read = last_read.find(departure.channel);
      if (read == last_read.end() || read->second < before->order) {
        return fmt::format("{} {}: sent with two different bodies and no look between", departure.channel,
                           departure.ms);
      }
    }
    before = &departure;
  }
  for (const Channel* channel : everywhere()) {
    std::set<std::int64_t> times;
    for (const auto& message : channel->messages) {
      if (!times.insert(message.ms).second) return fmt::format("{} holds {} twice", channel->name, message.ms);
    }
  }
  return broken_pace;
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
      act(store_, late);
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
  constexpr Fault kAny[] = {Fault::throttle,    Fault::throttle_bare, Fault::error_before,
                            Fault::error_after, Fault::lost_before,   Fault::lost_after,
                            Fault::mismatch,    Fault::token,         Fault::empty_answer};
  const Fault chosen = kAny[random_() % std::size(kAny)];
  return chosen == Fault::empty_answer && !is_import(request) ? Fault::error_before : chosen;
}

// One whose token was refused at the door goes again at once with the next token, in the place that it had.
void Service::note_departure(const http::Request& request, std::uint64_t ticket, Fault fate) {
  const std::string conversation = conversation_of(parse(request.url).segments);
  const std::int64_t left = now();
  store_.departed.push_back({conversation, time_of(request), request.body, ticket, 0});
  if (again_.erase(request.body) > 0 || imports_a_second == 0 || !store_.broken_pace.empty()) return;
  if (fate == Fault::token) again_.insert(request.body);
  auto& counted = counted_[conversation];
  counted.push_back(left);
  const auto most = static_cast<std::size_t>(imports_a_second);
  if (counted.size() > most && left - counted[counted.size() - 1 - most] < 1000) {
    store_.broken_pace = fmt::format("{}: more than {} imports within a second", conversation, most);
  }
  if (left < held_until_[conversation]) store_.broken_pace = conversation + ": an import left before Retry-After";
}

void Service::note_answer(const http::Request& request, std::uint64_t ticket, const http::Response& response) {
  for (auto departure = store_.departed.rbegin(); departure != store_.departed.rend(); ++departure) {
    if (departure->order == ticket) {
      departure->answered = response.status;
      break;
    }
  }
  const std::string* wait = response.headers.find("Retry-After");
  if (!wait) return;
  held_until_[conversation_of(parse(request.url).segments)] = now() + 1000 * std::stoll(*wait);
}

Task<Result<http::Response>> Service::send(http::Request request) {
  const auto address = parse(request.url);
  const auto& s = address.segments;
  ++calls[request.method + " " + (s.size() == 6 || s.size() == 8 || s.size() == 2 || s.size() == 4 ? "one of " : "") +
          (s.size() % 2 == 1 ? s.back() : s[s.size() - 2])];
  if (is_import(request)) {
    departures[conversation_of(s)].push_back(std::chrono::duration_cast<milliseconds>(loop_.now() - start_).count());
  }
  if (request.method == "POST" && s.back() == "channels") {
    creations.push_back(std::chrono::duration_cast<milliseconds>(loop_.now() - start_).count());
  }
  const Fault fate = fault(request);
  const std::int64_t way = jitter ? latency / 5 + static_cast<std::int64_t>(random_() % (2 * latency)) : latency;
  const std::uint64_t ticket = ++store_.order;
  if (is_import(request)) note_departure(request, ticket, fate);
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
    case Fault::mismatch:
      response = refusal(412, "PreconditionFailed", "Version mismatch");
      break;
    case Fault::token:
      response = refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
      break;
    case Fault::conflict:
      response = refusal(409, "Conflict", "StoreException");
      break;
    case Fault::none:
    case Fault::error_after:
    case Fault::lost_after:
    case Fault::empty_answer: {
      response = act(store_, request);
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
  if (is_import(request)) note_answer(request, ticket, response);
  co_return response;
}

}  // namespace teamferry::fake
