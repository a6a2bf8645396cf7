#include "native/migrate/support_bundle.h"

#include <sqlite3.h>
#include <strings.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/journal/schema.h"
#include "native/migrate/scrub.h"

namespace teamferry::migrate {
namespace {

using journal::State;
using nlohmann::ordered_json;

constexpr std::size_t kFailures = 200;
constexpr std::size_t kLogLines = 500;

// What stands before the first ": ": the kind of a reason, whatever follows may quote a message.
std::string kind_of(const std::string& reason) {
  return reason.substr(0, reason.find(": "));
}

// "403 Forbidden: ...": an answer of the service, which speaks of its own.
bool of_service(const std::string& reason) {
  const auto digit = [&](std::size_t i) { return i < reason.size() && reason[i] >= '0' && reason[i] <= '9'; };
  return digit(0) && digit(1) && digit(2) && reason.size() > 3 && reason[3] == ' ';
}

std::string date(DateTime moment) {
  return moment.ms == 0 ? std::string() : moment.to_string();
}

class Bundle {
 public:
  explicit Bundle(const BundleInput& input) : in_(input) {
    for (const auto& secret : in_.secrets) scrub_.hide_secret(secret);
    if (!in_.journal) return;
    for (const auto& person : in_.journal->people()) {
      for (const auto& name : {person.id, person.name, person.mail, person.graph_name, person.target}) {
        scrub_.hide_name(name);
      }
    }
    for (const auto& team : in_.journal->teams()) scrub_.hide_name(team.displayName);
    for (const auto& conversation : in_.journal->conversations()) {
      scrub_.hide_name(conversation.displayName);
      scrub_.hide_name(conversation.source_id);
    }
  }

  std::string text() {
    ordered_json all;
    all["about"] =
        "teamferry doctor --bundle: versions, settings, counts, states, ids of the service, error codes. No secrets, "
        "no texts of messages, no names, no mail addresses. Numbers of teams, conversations and messages are those of "
        "the journal.";
    all["made"] = in_.now.to_string();
    all["versions"] = {
        {"teamferry", in_.version}, {"journal_schema", journal::kSchemaVersion}, {"sqlite", sqlite3_libversion()}};
    all["settings"] = {{"cloud", in_.cloud},
                       {"target", in_.identity.target},
                       {"tenant", guid_or_hidden(in_.identity.tenant)},
                       {"client_id", in_.identity.client_id},
                       {"pace", in_.pace},
                       {"limits_overrides", ordered_json::parse(in_.limits_overrides, nullptr, false)}};
    all["checks"] = checks();
    if (in_.journal) all["journal"] = of_journal();
    if (!in_.log.empty()) all["log"] = log();
    return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  }

 private:
  static std::string guid_or_hidden(const std::string& tenant) {
    return tenant.size() == 36 && tenant[8] == '-' ? tenant : tenant.empty() ? "" : "<a domain>";
  }

  ordered_json error(const Error& what) const {
    return {{"status", what.status},           {"code", what.code},
            {"message", scrub_(what.message)}, {"inner_message", scrub_(what.inner_message)},
            {"request_id", what.request_id},   {"client_request_id", what.client_request_id}};
  }

  ordered_json checks() const {
    auto list = ordered_json::array();
    for (const auto& check : in_.checks) {
      ordered_json one{{"area", check.area}, {"level", to_string(check.level)}, {"code", check.code}};
      if (check.team != 0) one["team"] = check.team;
      if (check.conversation != 0) one["conversation"] = check.conversation;
      if (check.remedy != Remedy::none) one["remedy"] = to_string(check.remedy);
      if (check.error) one["error"] = error(*check.error);
      list.push_back(std::move(one));
    }
    return list;
  }

  ordered_json counts(const std::map<std::string, std::int64_t>& by_name) const {
    auto object = ordered_json::object();
    for (const auto& [name, n] : by_name) {
      const std::string kind = scrub_(kind_of(name));
      object[kind] = object.value(kind, std::int64_t{0}) + n;
    }
    return object;
  }

  static ordered_json states(const journal::Totals& totals) {
    auto object = ordered_json::object();
    for (const auto& [state, n] : totals.by_state) object[journal::name(state)] = n;
    return object;
  }

  ordered_json of_journal() const {
    auto& journal = *in_.journal;
    const auto totals = journal.totals();
    ordered_json all;
    all["belongs_to"] = {{"target", journal.meta("target").value_or("")},
                         {"tenant", guid_or_hidden(journal.meta("tenant").value_or(""))},
                         {"client_id", journal.meta("client_id").value_or("")},
                         {"project", journal.meta("project").value_or("")}};
    all["plan_finished"] = journal.plan_finished();
    all["records"] = totals.records();
    all["states"] = states(totals);
    all["skipped"] = counts(totals.skipped_by_reason);
    all["failed"] = counts(totals.failed_by_reason);
    all["losses"] = counts(totals.losses_by_kind);
    all["findings"] = counts(totals.findings_by_kind);
    all["accepted_failures"] = journal.meta("accepted_failures").value_or("");
    auto teams = ordered_json::array();
    for (const auto& team : journal.teams()) {
      teams.push_back({{"team", team.id}, {"graph_id", team.graph_id}, {"state", team.state}});
    }
    all["teams"] = std::move(teams);
    auto conversations = ordered_json::array();
    for (const auto& c : journal.conversations()) {
      conversations.push_back({{"conversation", c.id},
                               {"kind", c.kind},
                               {"team", c.team},
                               {"general", c.general},
                               {"graph_id", c.graph_id},
                               {"state", c.state},
                               {"owner", c.owner},
                               {"createdDateTime", date(c.floor)},
                               {"states", states(journal.totals(c.id))}});
    }
    all["conversations"] = std::move(conversations);
    auto sessions = ordered_json::array();
    for (const auto& s : journal.import_sessions()) {
      sessions.push_back({{"conversation", s.conversation},
                          {"graph_id", s.graph_id},
                          {"client_id", s.client_id},
                          {"call", s.call},
                          {"started", date(s.started)},
                          {"state", s.state},
                          {"seen", date(s.seen)},
                          {"refused", s.refused}});
    }
    all["import_sessions"] = std::move(sessions);
    auto creations = ordered_json::array();
    for (const auto& c : journal.creations()) {
      creations.push_back({{"kind", c.kind}, {"subject", c.subject}, {"state", c.state}, {"result", scrub_(c.result)}});
    }
    all["creations"] = std::move(creations);
    all["failures"] = failures();
    return all;
  }

  // The answers of the service word by word, scrubbed; of all else only what kind it is.
  ordered_json failures() const {
    auto list = ordered_json::array();
    for (const auto& row : in_.journal->messages_in({State::failed, State::blocked, State::doubt}, kFailures)) {
      list.push_back({{"conversation", journal::conversation_of(row.id)},
                      {"message", journal::ordinal_of(row.id)},
                      {"state", journal::name(row.state)},
                      {"reply", row.root != 0},
                      {"reason", of_service(row.reason) ? scrub_(row.reason) : scrub_(kind_of(row.reason))}});
    }
    return list;
  }

  // Only lines as our log has them, which begin with a moment: another file may have been named by mistake.
  ordered_json log() const {
    std::vector<std::string> lines;
    std::size_t others = 0;
    for (std::size_t at = 0; at < in_.log.size();) {
      const std::size_t end = std::min(in_.log.find('\n', at), in_.log.size());
      const std::string line = in_.log.substr(at, end - at);
      at = end + 1;
      if (line.size() > 25 && line[24] == ' ' && DateTime::parse(line.substr(0, 24))) {
        lines.push_back(scrub_(line));
      } else {
        ++others;
      }
    }
    if (lines.size() > kLogLines) lines.erase(lines.begin(), lines.end() - kLogLines);
    return {{"lines", lines}, {"lines_left_out", others}};
  }

  const BundleInput& in_;
  Scrubber scrub_;
};

}  // namespace

std::string support_bundle(const BundleInput& input) {
  return Bundle(input).text();
}

}  // namespace teamferry::migrate
