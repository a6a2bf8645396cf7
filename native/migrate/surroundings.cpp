#include "native/migrate/surroundings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <strings.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "native/auth/roles.h"
#include "native/http/service_error.h"
#include "native/http/url.h"
#include "native/limits/fields.h"

namespace teamferry::migrate {
namespace {

constexpr std::int64_t kSkewWarningMs = 30'000;
constexpr std::int64_t kSkewProblemMs = 300'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kOldLimitsDays = 180;
constexpr std::uintmax_t kLittleRoom = 1024ULL * 1024 * 1024;
constexpr std::uintmax_t kNoRoom = 100ULL * 1024 * 1024;

constexpr auth::Work kWorks[] = {auth::Work::plan,   auth::Work::create,   auth::Work::import,
                                 auth::Work::verify, auth::Work::complete, auth::Work::doctor};

Check line(std::string area, Level level, std::string code, std::string text, std::string step = "") {
  Check check;
  check.area = std::move(area);
  check.level = level;
  check.code = std::move(code);
  check.text = std::move(text);
  check.step = std::move(step);
  return check;
}

std::string host_of(const std::string& url) {
  const auto origin = http::origin_of(url);
  return origin ? origin->host : url;
}

Check unreachable(const Surroundings& world, const std::string& url, const Error& error) {
  std::string step;
  if (error.code == "tls") {
    step = "something between opens the connection: give its certificate authority with --ca FILE";
  } else if (!world.proxy.empty()) {
    step = fmt::format("look whether the proxy that {} names lets {} through", world.proxy, host_of(url));
  } else {
    step = fmt::format(
        "look whether this machine finds the name and may go out to {}:443; a proxy is named by the "
        "variable https_proxy",
        host_of(url));
  }
  Check check = line("network", Level::problem, "unreachable",
                     fmt::format("{} cannot be reached: {}", host_of(url), error.to_string()), std::move(step));
  check.error = error;
  return check;
}

struct Probe {
  Check check;
  std::optional<Check> clock;
};

// Any answer will do: it came from there, and has a date.
Task<Probe> probe(const Surroundings& world, std::string url) {
  http::Request request;
  request.url = url;
  request.timeout = std::chrono::seconds(20);
  request.authorize = false;
  request.route = "GET a first look";
  const DateTime asked = world.clock.now();
  const auto begun = world.loop.now();
  auto sending = world.transport.send(std::move(request));
  auto answer = co_await std::move(sending);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(world.loop.now() - begun);
  if (!answer) co_return Probe{unreachable(world, url, answer.error()), std::nullopt};
  const DateTime answered = world.clock.now();
  Probe probe{line("network", Level::ok, "reachable",
                   fmt::format("{} answers in {} ms{}", host_of(url), took.count(),
                               world.proxy.empty() ? "" : fmt::format(", through the proxy of {}", world.proxy))),
              std::nullopt};
  const auto* date = answer->headers.find("Date");
  if (const auto theirs = date ? http::parse_http_date(*date) : std::nullopt) {
    const DateTime between{asked.ms + (answered.ms - asked.ms) / 2};
    probe.clock = check_clock(between, DateTime{theirs->ms + 500});  // a date has whole seconds
  }
  co_return probe;
}

Check same_owner(const char* what, const std::string& ours, const std::string& theirs) {
  return line("sign-in", Level::problem, "other_identity",
              fmt::format("the journal belongs to the {} {}, and this sign-in is of {}", what, ours, theirs),
              fmt::format("sign in with the same {}, or name another journal", what));
}

bool guid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-';
}

bool differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && strcasecmp(a.c_str(), b.c_str()) != 0;
}

void check_claims(const Surroundings& world, const auth::Claims& claims, std::vector<Check>& checks) {
  if (guid(world.journal.tenant) && differ(world.journal.tenant, claims.tenant_id)) {
    checks.push_back(same_owner("tenant", world.journal.tenant, claims.tenant_id));
  }
  if (differ(world.journal.client_id, claims.client_id)) {
    checks.push_back(same_owner("application (client id)", world.journal.client_id, claims.client_id));
  }
  if (claims.delegated) {
    checks.push_back(line("roles", Level::problem, "delegated_token",
                          "the token is a person's; no migration call takes one",
                          "sign in as an application: client id, and a secret or a certificate"));
    return;
  }
  const auto gaps = auth::missing_roles(claims, kWorks);
  for (const auto& gap : gaps) {
    const bool required = gap.need == auth::Need::required;
    checks.push_back(line("roles", required ? Level::problem : Level::warning,
                          required ? "missing_role" : "missing_recommended_role",
                          fmt::format("{} lacks {}{}", fmt::join(gap.commands, ", "), gap.to_string(),
                                      required ? "" : " (it works without)"),
                          "add it to the app registration as an application permission and have an administrator "
                          "grant consent; some minutes later a new token has it"));
  }
  if (gaps.empty()) checks.push_back(line("roles", Level::ok, "roles", "every permission is there"));
}

void check_cloud(const Surroundings& world, const std::optional<auth::Claims>& claims, std::vector<Check>& checks) {
  constexpr std::string_view kGraphId = "00000003-0000-0000-c000-000000000000";
  const std::string wanted = world.cloud.scope.substr(0, world.cloud.scope.rfind("/.default"));
  if (claims && claims->audience != kGraphId && differ(claims->audience, wanted)) {
    checks.push_back(line("cloud", Level::problem, "other_cloud",
                          fmt::format("the token is for {}, and {} is asked", claims->audience, wanted),
                          "name the cloud of the tenant with --target"));
    return;
  }
  const bool global = world.cloud.name == "global";
  checks.push_back(line(
      "cloud", global ? Level::ok : Level::warning, global ? "cloud" : "national_cloud",
      fmt::format("{}: sign-in at {}, Graph at {}{}", world.cloud.name, world.cloud.login_url, world.cloud.graph_url,
                  global ? "" : "; this cloud has no startMigration, so only new teams can be filled"),
      global ? "" : "fill new teams; existing channels and chats take no imports here"));
}

std::string newest_date(const limits::Limits& limits) {
  std::string newest;
  for (const auto& [name, field] : limits::fields()) newest = std::max(newest, limits.provenance(name).as_of);
  return newest;
}

}  // namespace

Check check_clock(DateTime ours, DateTime theirs) {
  const std::int64_t skew = ours.ms - theirs.ms;
  const std::int64_t size = std::abs(skew);
  const Level level = size >= kSkewProblemMs ? Level::problem : size >= kSkewWarningMs ? Level::warning : Level::ok;
  if (level == Level::ok) return line("clock", level, "clock", "this machine's clock agrees with Microsoft's");
  return line("clock", level, "clock_skew",
              fmt::format("this machine's clock is {} s {}{}", size / 1000, skew > 0 ? "ahead" : "behind",
                          level == Level::problem ? "; from 5 minutes on a sign-in by certificate fails, and what "
                                                    "lies in the future cannot be told"
                                                  : ""),
              "set the clock by a time server (timedatectl set-ntp true), then ask doctor again");
}

Check check_age_of_limits(const std::string& as_of, DateTime now) {
  const auto read = DateTime::parse((as_of.size() == 4   ? as_of + "-12-31"
                                     : as_of.size() == 7 ? as_of + "-01"
                                                         : as_of) +
                                    "T00:00:00Z");
  if (!read) {
    return line("limits", Level::warning, "limits_undated", "the numbers of the service have no date",
                "compare them with Microsoft's pages, and give what has changed with --limits FILE");
  }
  const std::int64_t days = (now.ms - read->ms) / kDayMs;
  if (days <= kOldLimitsDays) {
    return line("limits", Level::ok, "limits", fmt::format("the numbers of the service were read in {}", as_of));
  }
  return line("limits", Level::warning, "limits_old",
              fmt::format("the numbers of the service were read in {}, {} days ago", as_of, days),
              "take a newer teamferry, or compare them with Microsoft's pages and give what has changed with "
              "--limits FILE");
}

std::vector<Check> check_journal(journal::Journal& journal) {
  std::vector<Check> checks;
  if (const Status sound = journal.check(); !sound) {
    checks.push_back(line("journal", Level::problem, sound.error().code, sound.error().message,
                          "put back a copy of the journal before anything else"));
    checks.back().error = sound.error();
  } else {
    checks.push_back(line("journal", Level::ok, "journal", fmt::format("{} is sound", journal.path())));
  }
  const auto folder = std::filesystem::absolute(journal.path()).parent_path();
  std::error_code failed;
  const auto room = std::filesystem::space(folder, failed);
  if (!failed && room.available < kLittleRoom) {
    const bool none = room.available < kNoRoom;
    checks.push_back(line("journal", none ? Level::problem : Level::warning, "disk_space",
                          fmt::format("{} MiB are free beside the journal", room.available / (1024 * 1024)),
                          "make room: a run stops when it cannot write down what it does"));
  }
  if (!journal.plan_finished()) {
    checks.push_back(line("journal", Level::warning, "plan_unfinished", "holds no finished plan", "teamferry plan"));
  }
  return checks;
}

Task<std::vector<Check>> check_surroundings(Surroundings world) {
  std::vector<Check> checks;
  std::optional<Check> clock;
  const std::string addresses[] = {world.cloud.login_url + "/common/v2.0/.well-known/openid-configuration",
                                   world.cloud.graph_url + "/v1.0/"};
  for (const auto& address : addresses) {
    auto probing = probe(world, address);
    Probe seen = co_await std::move(probing);
    checks.push_back(std::move(seen.check));
    if (seen.clock && (!clock || seen.clock->level > clock->level)) clock = std::move(seen.clock);
  }
  if (clock) checks.push_back(std::move(*clock));
  auto signing = world.tokens.token();
  auto token = co_await std::move(signing);
  std::optional<auth::Claims> claims;
  if (!token) {
    checks.push_back(line("sign-in", Level::problem, "sign_in_failed",
                          fmt::format("does not work: {}", token.error().to_string()),
                          "cure that first: nothing can be asked without it"));
    checks.back().error = token.error();
  } else {
    const std::string how = world.sign_in.empty() ? "" : " with " + world.sign_in;
    if (auto read = auth::read_claims(*token)) claims = std::move(*read);
    checks.push_back(
        line("sign-in", Level::ok, "sign_in",
             claims ? fmt::format("works{}, as application {} of tenant {}", how, claims->client_id, claims->tenant_id)
                    : fmt::format("works{}", how)));
  }
  if (claims) check_claims(world, *claims, checks);
  check_cloud(world, claims, checks);
  checks.push_back(check_age_of_limits(newest_date(world.limits), world.clock.now()));
  co_return checks;
}

}  // namespace teamferry::migrate
