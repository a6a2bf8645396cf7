#include "native/emulator/faults.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

// A number that follows from the text alone, on every machine: FNV-1a, then the finish of SplitMix64.
std::uint64_t hash_of(std::string_view text, std::uint64_t start) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ (start * 0x9e3779b97f4a7c15ULL);
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
  return h ^ (h >> 31);
}

bool has_images(const std::string& body) {
  if (body.find("\"hostedContents\"") == body.npos) return false;
  const json read = json::parse(body, nullptr, false);
  const auto images = read.is_object() ? read.find("hostedContents") : read.end();
  return read.is_object() && images != read.end() && images->is_array() && !images->empty();
}

// What an import says of its time, as the service would read it; the whole body if it says nothing readable.
std::string created_of(const std::string& body) {
  const json read = json::parse(body, nullptr, false);
  const auto created = read.is_object() ? read.find("createdDateTime") : read.end();
  if (!read.is_object() || created == read.end() || !created->is_string()) return body;
  const auto ms = read_time(created->get_ref<const std::string&>());
  return ms ? std::to_string(*ms) : created->get<std::string>();
}

bool gives_the_answer(Fault fault) {
  switch (fault) {
    case Fault::status:
    case Fault::reset_before:
    case Fault::reset_after:
    case Fault::half_answer:
    case Fault::gateway_html:
    case Fault::expired_token:
    case Fault::inline_images_403:
    case Fault::oneonone_412:
    case Fault::wedge:
      return true;
    default:
      return false;
  }
}

bool is_standing(Fault fault) {
  return fault == Fault::read_lag || fault == Fault::provisioning || fault == Fault::files_delay;
}

bool holds(const FaultRule& rule, std::int64_t now) {
  return (!rule.from || now >= *rule.from) && (!rule.until || now < *rule.until);
}

}  // namespace

Faults::Faults(std::vector<FaultRule> rules, std::uint64_t seed) {
  replace(std::move(rules), seed);
}

void Faults::replace(std::vector<FaultRule> rules, std::uint64_t seed) {
  rules_.clear();
  wedged_.clear();
  seed_ = seed;
  add(std::move(rules));
}

void Faults::add(std::vector<FaultRule> rules) {
  for (FaultRule& rule : rules) {
    State state;
    state.rule = std::move(rule);
    rules_.push_back(std::move(state));
  }
}

bool Faults::concerns(const FaultRule& rule, const Incoming& incoming) const {
  if (is_standing(rule.fault) || !holds(rule, incoming.now)) return false;
  if (!rule.on.empty() && rule.on.count(incoming.traffic) == 0) return false;
  if (!rule.method.empty() && rule.method != incoming.request.method) return false;
  if (!rule.path.empty() && !matches_path(rule.path, incoming.segments)) return false;
  const Conversation* conversation = incoming.place.conversation;
  if (rule.per == Per::message && incoming.traffic != Traffic::imports) return false;
  if (rule.per == Per::conversation && conversation == nullptr) return false;
  switch (rule.fault) {
    case Fault::expired_token:
      return incoming.traffic != Traffic::sign_in;
    case Fault::no_roles:
      return incoming.traffic == Traffic::sign_in;
    case Fault::inline_images_403:
      return incoming.traffic == Traffic::imports && has_images(incoming.request.body);
    case Fault::oneonone_412:
      return incoming.traffic == Traffic::starts && conversation != nullptr && conversation->chat_type == "oneOnOne";
    case Fault::wedge:
      return conversation != nullptr &&
             (incoming.traffic == Traffic::starts || incoming.traffic == Traffic::completions);
    default:
      return true;
  }
}

bool Faults::chosen(const State& state, std::size_t index, std::string_view unit) const {
  const FaultRule& rule = state.rule;
  if (rule.first != 0 && state.units > rule.first) return false;
  if (rule.every != 0 && state.units % rule.every != 0) return false;
  if (rule.chance >= 1) return true;
  const double drawn = static_cast<double>(hash_of(unit, seed_ + hash_of("rule", index)) >> 11) * 0x1p-53;
  return drawn < rule.chance;
}

bool Faults::hit(State& state, std::size_t index, const Incoming& incoming) {
  const FaultRule& rule = state.rule;
  ++state.looked_at;
  if (rule.most != 0 && state.hits >= static_cast<std::uint64_t>(rule.most)) return false;
  if (rule.per == Per::request) {
    if (state.left == 0) {
      ++state.units;
      if (!chosen(state, index, std::to_string(state.looked_at))) return false;
      state.left = rule.times;
    }
    if (rule.times != FaultRule::kAlways) --state.left;
    return true;
  }
  // What is drawn for it follows from its names, which are the same in the next run; what is left of it is kept by
  // its ids, which are its own.
  std::string name, id;
  if (rule.per == Per::path) {
    name = stable_path(incoming.request.method, incoming.segments, incoming.place);
    id = incoming.request.method;
    for (const std::string& segment : incoming.segments) id += '/' + segment;
  } else {
    name = stable_name(incoming.place);
    id = incoming.place.conversation != nullptr ? incoming.place.conversation->id : "";
  }
  if (rule.per == Per::message) {
    const std::string created = created_of(incoming.request.body);
    name += '\n' + created;
    id += '\n' + created;
  }
  const bool numbered = rule.first != 0 || rule.every != 0;
  auto known = state.row.find(hash_of(id, 0));
  if (known == state.row.end()) {
    ++state.units;
    const bool yes = chosen(state, index, name);
    if (!yes && !numbered) return false;  // drawn again next time, with the same result
    known = state.row.emplace(hash_of(id, 0), yes ? rule.times : 0).first;
  }
  if (known->second == 0) return false;
  if (rule.times != FaultRule::kAlways) --known->second;
  return true;
}

// A start within the time sticks: from then on starts are 400 and completions do nothing, until the rules change.
bool Faults::wedged(const FaultRule& rule, const Incoming& incoming) {
  const std::string& id = incoming.place.conversation->id;
  if (wedged_.count(id) != 0) return true;
  const auto completed = completed_.find(id);
  if (incoming.traffic != Traffic::starts || completed == completed_.end() ||
      incoming.now - completed->second >= rule.ms.count()) {
    return false;
  }
  wedged_.insert(id);
  return true;
}

Befallen Faults::decide(const Incoming& incoming) {
  Befallen befallen;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    State& state = rules_[i];
    const FaultRule& rule = state.rule;
    if (!concerns(rule, incoming)) continue;
    if (rule.fault == Fault::wedge) {
      ++state.looked_at;
      if (!wedged(rule, incoming)) continue;
    } else if (!hit(state, i, incoming)) {
      continue;
    }
    if (gives_the_answer(rule.fault)) {
      if (befallen.answer != nullptr) continue;
      befallen.answer = &rule;
    }
    switch (rule.fault) {
      case Fault::slow:
        befallen.slow += rule.ms;
        break;
      case Fault::clock_skew:
        befallen.skew += rule.ms;
        break;
      case Fault::no_roles:
        befallen.no_roles = true;
        break;
      case Fault::no_retry_after:
        befallen.retry_after = RetryAfter::none;
        break;
      case Fault::retry_after_fraction:
        befallen.retry_after = RetryAfter::fraction;
        break;
      case Fault::retry_after_date:
        befallen.retry_after = RetryAfter::date;
        break;
      default:
        break;
    }
    ++state.hits;
    ++hits_;
    befallen.names += (befallen.names.empty() ? "" : ", ") + rule.name;
  }
  return befallen;
}

std::chrono::milliseconds Faults::standing(Fault fault, std::chrono::milliseconds otherwise, std::int64_t now) const {
  for (const State& state : rules_) {
    if (state.rule.fault == fault && holds(state.rule, now)) otherwise = std::max(otherwise, state.rule.ms);
  }
  return otherwise;
}

void Faults::consent() {
  for (State& state : rules_) {
    if (state.rule.fault == Fault::no_roles) state.units = std::max(state.units, state.rule.first);
  }
}

void Faults::completed(const std::string& conversation_id, std::int64_t now) {
  completed_[conversation_id] = now;
}

std::vector<Faults::Active> Faults::active() const {
  std::vector<Active> active;
  for (const State& state : rules_) active.push_back({&state.rule, state.looked_at, state.hits});
  return active;
}

}  // namespace teamferry::emulator
