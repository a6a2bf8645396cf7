#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "native/emulator/faults.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// Fault rules as people write them. Strict: a misspelt member would otherwise be a rehearsal of nothing.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 1 << 20;
constexpr double kMostMs = 7 * 24 * 3600 * 1000.0;
constexpr double kMostCount = 1e9;

struct Word {
  std::string_view name;
  Fault fault;
};
constexpr std::array kWords = {
    Word{"status", Fault::status},
    Word{"reset-before", Fault::reset_before},
    Word{"reset-after", Fault::reset_after},
    Word{"half-answer", Fault::half_answer},
    Word{"gateway-html", Fault::gateway_html},
    Word{"slow", Fault::slow},
    Word{"expired-token", Fault::expired_token},
    Word{"clock-skew", Fault::clock_skew},
    Word{"no-roles", Fault::no_roles},
    Word{"inline-images-403", Fault::inline_images_403},
    Word{"oneonone-412", Fault::oneonone_412},
    Word{"wedge", Fault::wedge},
    Word{"read-lag", Fault::read_lag},
    Word{"provisioning", Fault::provisioning},
    Word{"files-delay", Fault::files_delay},
    Word{"no-retry-after", Fault::no_retry_after},
    Word{"retry-after-fraction", Fault::retry_after_fraction},
    Word{"retry-after-date", Fault::retry_after_date},
    Word{"timeout-after-commit", Fault::reset_after},  // its other name, so it stands behind the first
};

constexpr std::array<std::string_view, 4> kPers = {"request", "message", "conversation", "path"};

bool takes_ms(Fault fault) {
  return fault == Fault::slow || fault == Fault::clock_skew || fault == Fault::wedge || fault == Fault::read_lag ||
         fault == Fault::provisioning || fault == Fault::files_delay;
}
bool takes_status(Fault fault) {
  return fault == Fault::status || fault == Fault::gateway_html;
}
// Holds for all requests, without a choice.
bool is_general(Fault fault) {
  return fault == Fault::wedge || fault == Fault::read_lag || fault == Fault::provisioning ||
         fault == Fault::files_delay;
}

template <class List>
std::string names_in(const List& list) {
  std::string names;
  for (const auto& each : list) names += (names.empty() ? "" : ", ") + std::string(each);
  return names;
}

// Members of one rule. The first problem stays; what is read behind it does not matter.
class RuleReader {
 public:
  RuleReader(const json& object, std::string path) : object_(object), path_(std::move(path)) {}

  Result<FaultRule> read();

 private:
  void refuse(std::string_view member, std::string_view problem) {
    if (problem_.empty()) problem_ = fmt::format("{}{}{}: {}", path_, member.empty() ? "" : ".", member, problem);
  }
  const json* find(const char* member) {
    known_.insert(member);
    const auto found = object_.find(member);
    return found == object_.end() ? nullptr : &*found;
  }
  std::string text(const char* member) {
    const json* value = find(member);
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    refuse(member, "must be a text");
    return "";
  }
  double number(const char* member, double otherwise, double least, double most, bool whole) {
    const json* value = find(member);
    if (value == nullptr) return otherwise;
    const double given = value->is_number() ? value->get<double>() : NAN;
    if (given >= least && given <= most && (!whole || given == std::floor(given))) return given;
    refuse(member, fmt::format("must be a {}number from {} to {}", whole ? "whole " : "", least, most));
    return otherwise;
  }
  std::int64_t count(const char* member, std::int64_t otherwise) {
    return static_cast<std::int64_t>(number(member, static_cast<double>(otherwise), 1, kMostCount, true));
  }
  std::optional<std::int64_t> moment(const char* member) {
    const std::string value = text(member);
    if (find(member) == nullptr) return std::nullopt;
    const auto ms = read_time(value);
    if (!ms) refuse(member, "must be a time with its offset, such as 2026-05-04T10:00:00Z");
    return ms;
  }
  void read_what(FaultRule& rule);
  void read_where(FaultRule& rule);
  void read_how_often(FaultRule& rule);

  const json& object_;
  std::string path_;
  std::string problem_;
  std::set<std::string> known_;
};

void RuleReader::read_what(FaultRule& rule) {
  const std::string word = text("fault");
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.name == word; });
  if (found == kWords.end()) {
    std::string words;
    for (const Word& each : kWords) words += (words.empty() ? "" : ", ") + std::string(each.name);
    refuse("fault", fmt::format("must be one of {}", words));
    return;
  }
  rule.fault = found->fault;
  rule.name = text("name");
  if (rule.name.empty()) rule.name = word;
  if (takes_ms(rule.fault)) {
    if (find("ms") == nullptr) refuse("ms", "is missing");
    const double least = rule.fault == Fault::clock_skew ? -kMostMs : 0;
    rule.ms = std::chrono::milliseconds(static_cast<std::int64_t>(number("ms", 0, least, kMostMs, true)));
  }
  if (!takes_status(rule.fault)) return;
  const bool page = rule.fault == Fault::gateway_html;
  if (!page && find("status") == nullptr) refuse("status", "is missing");
  rule.status = static_cast<int>(number("status", 502, page ? 502 : 400, page ? 504 : 599, true));
  rule.acted = find("acted") != nullptr && *find("acted") == json(true);
  if (find("acted") != nullptr && !find("acted")->is_boolean()) refuse("acted", "must be true or false");
  if (!page) {
    rule.code = text("code");
    rule.message = text("message");
  }
  const json* retry_after = find("retryAfter");
  if (retry_after == nullptr ? rule.status == 429 : !retry_after->is_null()) {
    const double seconds = number("retryAfter", 10, 0, 86'400, false);
    rule.retry_after = std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(seconds * 1000)));
  }
}

void RuleReader::read_where(FaultRule& rule) {
  if (const json* on = find("on")) {
    std::vector<std::string> names;
    const json list = on->is_array() ? *on : json::array({*on});
    for (const json& each : list) {
      std::string wanted = each.is_string() ? each.get<std::string>() : "";
      int i = 0;
      while (i < kTraffics && name_of(static_cast<Traffic>(i)) != wanted) names.emplace_back(name_of(Traffic(i++)));
      if (i == kTraffics) {
        refuse("on", fmt::format("must be one of {}, or a list of them", names_in(names)));
        return;
      }
      rule.on.insert(static_cast<Traffic>(i));
    }
    if (rule.on.empty()) refuse("on", "must not be empty");
  }
  rule.method = text("method");
  if (rule.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != rule.method.npos) {
    refuse("method", "must be in capital letters");
  }
  const std::string path = text("path");
  if (find("path") == nullptr) return;
  if (path.size() < 2 || path.front() != '/') {
    refuse("path", "must begin with '/', such as /teams/*/channels");
    return;
  }
  for (const std::string_view segment : split(std::string_view(path).substr(1))) rule.path.emplace_back(segment);
  if (rule.path[0] == "v1.0" || rule.path[0] == "beta") refuse("path", "must not begin with the version");
  for (std::size_t i = 0; i < rule.path.size(); ++i) {
    const std::string& segment = rule.path[i];
    if (segment.empty()) refuse("path", "has an empty segment");
    if (segment == "**" ? i + 1 != rule.path.size() : segment != "*" && segment.find('*') != segment.npos) {
      refuse("path", "may have '*' only as a whole segment, and '**' only as the last one");
    }
  }
}

void RuleReader::read_how_often(FaultRule& rule) {
  const std::string per = text("per");
  if (find("per") != nullptr) {
    const auto found = std::find(kPers.begin(), kPers.end(), per);
    if (found == kPers.end()) refuse("per", fmt::format("must be one of {}", names_in(kPers)));
    rule.per = static_cast<Per>(found - kPers.begin());
  } else if (rule.fault == Fault::oneonone_412) {
    rule.per = Per::conversation;
  }
  rule.chance = number("chance", 1, 0, 1, false);
  rule.every = count("every", 0);
  rule.first = count("first", 0);
  rule.most = count("most", 0);
  const json* times = find("times");
  rule.times = times != nullptr && *times == json("always") ? FaultRule::kAlways : count("times", 1);
}

Result<FaultRule> RuleReader::read() {
  FaultRule rule;
  if (!object_.is_object()) {
    refuse("", "must be an object");
  } else {
    read_what(rule);
    if (problem_.empty() && !is_general(rule.fault)) {
      read_where(rule);
      read_how_often(rule);
    }
    rule.from = moment("from");
    rule.until = moment("until");
    for (const auto& item : object_.items()) {
      if (known_.count(item.key()) != 0) continue;
      refuse(item.key().substr(0, 100),
             fmt::format("is not a member of a rule of '{}'; there are {}", name_of(rule.fault), names_in(known_)));
    }
  }
  if (!problem_.empty()) return Error::argument("bad_faults", problem_);
  rule.source = object_.dump();
  return rule;
}

}  // namespace

std::string_view name_of(Fault fault) {
  return std::find_if(kWords.begin(), kWords.end(), [&](const Word& word) { return word.fault == fault; })->name;
}

Result<FaultList> read_faults(std::string_view text) {
  const auto refuse = [](std::string problem) { return Error::argument("bad_faults", std::move(problem)); };
  if (text.size() > kMostBytes) return refuse("has more than 1 MiB");
  json read;
  try {
    read = json::parse(text);
  } catch (const json::exception& problem) {
    // Its text ends with what was expected; the position is what helps.
    const std::string what = problem.what();
    return refuse("is not JSON: " + what.substr(what.find("at line") == what.npos ? 0 : what.find("at line")));
  }
  if (!read.is_object()) return refuse("must be an object with \"rules\"");
  FaultList list;
  for (const auto& item : read.items()) {
    if (item.key() != "rules" && item.key() != "seed") {
      return refuse(fmt::format("{}: is not a member; there are rules and seed", item.key().substr(0, 100)));
    }
  }
  if (const auto seed = read.find("seed"); seed != read.end()) {
    if (!seed->is_number_unsigned()) return refuse("seed: must be a whole number, zero or more");
    list.seed = seed->get<std::uint64_t>();
  }
  const auto rules = read.find("rules");
  if (rules == read.end() || !rules->is_array()) return refuse("rules: must be a list");
  if (rules->size() > kMostFaultRules) return refuse(fmt::format("rules: are more than {}", kMostFaultRules));
  for (std::size_t i = 0; i < rules->size(); ++i) {
    auto rule = RuleReader((*rules)[i], fmt::format("rules[{}]", i)).read();
    if (!rule) return rule.error();
    list.rules.push_back(std::move(rule).value());
  }
  return list;
}

Result<FaultList> read_faults_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error::argument("no_faults_file", fmt::format("{}: cannot be read", path));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto list = read_faults(text);
  if (!list) return Error::argument(list.error().code, fmt::format("{}: {}", path, list.error().message));
  return list;
}

}  // namespace teamferry::emulator
