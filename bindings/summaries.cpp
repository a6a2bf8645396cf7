#include "bindings/summaries.h"

#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

double seconds(Loop::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void set_count(lua_State* L, const char* key, std::int64_t value) {
  set_field(L, key, static_cast<double>(value));
}

template <class Map>
void set_counts(lua_State* L, const char* key, const Map& counts) {
  lua_newtable(L);
  for (const auto& [name, count] : counts) set_count(L, std::string(name).c_str(), count);
  lua_setfield(L, -2, key);
}

void set_texts(lua_State* L, const char* key, const std::vector<std::string>& texts) {
  lua_createtable(L, static_cast<int>(texts.size()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    push_text(L, texts[i]);
    lua_rawseti(L, -2, static_cast<int>(i + 1));
  }
  lua_setfield(L, -2, key);
}

void set_error(lua_State* L, const char* key, const Error& error) {
  push_failure(L, error);
  lua_remove(L, -2);
  lua_setfield(L, -2, key);
}

}  // namespace

void push_progress(lua_State* L, const migrate::Progress& progress) {
  lua_newtable(L);
  set_field(L, "doing", progress.doing);
  set_count(L, "done", progress.done);
  set_count(L, "total", progress.total);
  set_count(L, "failed", progress.failed);
  set_field(L, "rate", progress.rate);
  if (!progress.waiting_for.empty()) {
    set_field(L, "waiting_for", progress.waiting_for);
    set_field(L, "wait_s", seconds(progress.wait));
  }
  if (progress.left) set_field(L, "left_s", seconds(*progress.left));
  set_count(L, "throttled", progress.throttled);
}

void push_moment(lua_State* L, const migrate::PlanMoment& moment) {
  lua_newtable(L);
  set_field(L, "conversation", moment.conversation);
  set_count(L, "conversations", static_cast<std::int64_t>(moment.conversations));
  set_count(L, "conversations_done", static_cast<std::int64_t>(moment.conversations_done));
  set_count(L, "records", moment.records);
  set_count(L, "people", static_cast<std::int64_t>(moment.people));
  set_count(L, "people_done", static_cast<std::int64_t>(moment.people_done));
}

void push_summary(lua_State* L, const migrate::PlanSummary& summary) {
  lua_newtable(L);
  set_count(L, "people_mapped", summary.people_mapped);
  set_count(L, "people_fallback", summary.people_fallback);
  set_count(L, "fresh", summary.fresh);
  set_count(L, "changed_after_sent", summary.changed_after_sent);
  set_count(L, "vanished", summary.vanished);
  set_count(L, "forgotten", summary.forgotten);
  set_count(L, "longest_lane", summary.longest_lane);
  set_field(L, "forecast_seconds", summary.forecast_seconds);
  set_texts(L, "warnings", summary.warnings);
  set_texts(L, "limits", summary.limits);
}

void push_summary(lua_State* L, const migrate::RunSummary& summary) {
  lua_newtable(L);
  set_count(L, "sent", summary.sent);
  set_count(L, "sent_by_read", summary.sent_by_read);
  set_count(L, "moved", summary.moved);
  set_count(L, "throttled", summary.throttled);
  set_count(L, "waiting", summary.waiting);
  set_list(L, "stopped", summary.stopped, [L](const migrate::Stopped& stopped) {
    set_field(L, "conversation", stopped.conversation);
    set_error(L, "error", stopped.error);
  });
  if (summary.error) set_error(L, "error", *summary.error);
  set_flag(L, "interrupted", summary.interrupted);
  set_flag(L, "whole", summary.whole());
  set_field(L, "seconds", summary.seconds);
  set_field(L, "sending_seconds", summary.sending_seconds);
}

void push_summary(lua_State* L, const migrate::VerifySummary& summary) {
  lua_newtable(L);
  set_list(L, "conversations", summary.conversations, [L](const migrate::VerifySummary::Conversation& conversation) {
    set_field(L, "displayName", conversation.displayName);
    set_count(L, "expected", conversation.expected);
    set_count(L, "found", conversation.found);
    set_count(L, "equal", conversation.equal);
    set_count(L, "missing", conversation.missing);
    set_count(L, "extra", conversation.extra);
    set_count(L, "different", conversation.different);
    set_count(L, "marked_deleted", conversation.marked_deleted);
  });
  set_counts(L, "by_kind", summary.by_kind);
  set_list(L, "examples", summary.examples, [L](const migrate::Difference& difference) {
    set_field(L, "kind", difference.kind);
    set_field(L, "conversation", difference.conversation);
    set_field(L, "record", difference.record);
    set_field(L, "graph_id", difference.graph_id);
    set_field(L, "time", difference.time.to_string());
  });
  set_flag(L, "ok", summary.ok());
  if (summary.evidence) {
    push_summary(L, *summary.evidence);
    lua_setfield(L, -2, "evidence");
  }
  set_field(L, "seconds", summary.seconds);
}

void push_summary(lua_State* L, const migrate::CompleteSummary& summary) {
  lua_newtable(L);
  set_count(L, "channels", summary.channels);
  set_count(L, "channels_before", summary.channels_before);
  set_count(L, "teams", summary.teams);
  set_count(L, "chats", summary.chats);
  set_count(L, "members", summary.members);
  set_count(L, "members_refused", summary.members_refused);
  set_count(L, "waiting", summary.waiting);
  set_count(L, "left_behind", summary.left_behind);
  set_field(L, "seconds", summary.seconds);
}

void push_summary(lua_State* L, const migrate::Discarded& discarded) {
  lua_createtable(L, 0, 3);
  set_field(L, "displayName", discarded.displayName);
  set_field(L, "graph_id", discarded.graph_id);
  lua_pushboolean(L, discarded.gone_before);
  lua_setfield(L, -2, "gone_before");
}

void push_summary(lua_State* L, const journal::Difference& found) {
  lua_newtable(L);
  set_count(L, "rows", found.rows);
  set_count(L, "changed", found.changed);
  set_count(L, "sent", found.sent);
  set_counts(L, "changes", found.changes);
  set_counts(L, "skipped", found.skipped);
  set_counts(L, "failed", found.failed);
  set_counts(L, "losses", found.losses);
  set_counts(L, "findings", found.findings);
  set_list(L, "samples", found.samples, [L](const journal::Difference::Sample& sample) {
    set_field(L, "kind", sample.kind);
    set_field(L, "conversation", sample.conversation);
    set_field(L, "record", sample.record);
    if (!sample.time.empty()) set_field(L, "time", sample.time);
    set_field(L, "before", sample.before);
    set_field(L, "after", sample.after);
  });
}

namespace {

void set_evidence(lua_State* L, const migrate::Evidence& evidence) {
  set_field(L, "path", evidence.path);
  set_field(L, "head", evidence.head);
  set_count(L, "lines", evidence.lines);
  if (!evidence.key.empty()) set_field(L, "key", evidence.key);
}

}  // namespace

void push_summary(lua_State* L, const migrate::Evidence& evidence) {
  lua_createtable(L, 0, 4);
  set_evidence(L, evidence);
}

void push_summary(lua_State* L, const migrate::CheckedEvidence& checked) {
  lua_createtable(L, 0, 10);
  set_evidence(L, {"", checked.head, checked.key, checked.lines});
  set_field(L, "command", checked.command);
  set_field(L, "made", checked.made);
  set_field(L, "project", checked.project);
  set_field(L, "target", checked.target);
  set_flag(L, "signature_holds", checked.signature_holds);
  if (checked.ok) set_flag(L, "ok", *checked.ok);
  set_counts(L, "by_state", checked.by_state);
}

void push_summary(lua_State* L, const Project::Preflight& found) {
  lua_newtable(L);
  set_field(L, "sign_in", found.sign_in);
  set_texts(L, "notes", found.notes);
}

namespace {

void set_check(lua_State* L, const migrate::Check& check) {
  set_field(L, "area", check.area);
  set_field(L, "subject", check.subject);
  set_field(L, "level", std::string(to_string(check.level)));
  set_field(L, "code", check.code);
  set_field(L, "text", check.text);
  set_field(L, "step", check.step);
  if (check.remedy != migrate::Remedy::none) {
    set_field(L, "remedy", std::string(to_string(check.remedy)));
    set_field(L, "remedy_text", std::string(sentence(check.remedy)));
  }
  if (check.team != 0) set_count(L, "team", check.team);
  if (check.conversation != 0) set_count(L, "conversation", check.conversation);
  if (check.error) set_error(L, "error", *check.error);
}

}  // namespace

void push_check(lua_State* L, const migrate::Check& check) {
  lua_newtable(L);
  set_check(L, check);
}

void push_summary(lua_State* L, const std::vector<migrate::Check>& checks) {
  lua_newtable(L);
  set_list(L, "checks", checks, [L](const migrate::Check& check) { set_check(L, check); });
}

void push_summary(lua_State* L, const std::vector<migrate::Cure>& cures) {
  lua_newtable(L);
  set_list(L, "cures", cures, [L](const migrate::Cure& cure) {
    set_check(L, cure.check);
    set_field(L, "outcome", cure.outcome);
    if (cure.error) set_error(L, "error", *cure.error);
  });
}

void push_summary(lua_State* L, journal::Journal* journal) {
  const auto totals = journal->totals();
  lua_newtable(L);
  set_count(L, "records", totals.records());
  set_count(L, "sent", totals.sent());
  set_count(L, "skipped", totals.skipped());
  set_count(L, "failed", totals.failed());
  set_count(L, "open", totals.open());
  lua_newtable(L);
  for (const auto& [state, count] : totals.by_state) set_count(L, journal::name(state), count);
  lua_setfield(L, -2, "by_state");
  set_counts(L, "skipped_by_reason", totals.skipped_by_reason);
  set_counts(L, "failed_by_reason", totals.failed_by_reason);
  set_counts(L, "losses", totals.losses_by_kind);
  set_flag(L, "plan_finished", journal->plan_finished());
  for (const char* key : {"target", "tenant", "client_id", "args"}) {
    if (const auto value = journal->meta(key)) set_field(L, key, *value);
  }
  set_list(L, "teams", journal->teams(), [L](const journal::Team& team) {
    set_field(L, "displayName", team.displayName);
    set_field(L, "graph_id", team.graph_id);
    set_field(L, "state", team.state);
  });
  set_list(L, "conversations", journal->conversations(), [L, journal](const journal::Conversation& conversation) {
    set_field(L, "displayName", conversation.displayName);
    set_field(L, "source_id", conversation.source_id);
    set_field(L, "kind", conversation.kind);
    set_field(L, "type", conversation.type);
    set_field(L, "reason", conversation.reason);
    set_field(L, "state", conversation.state);
    set_field(L, "graph_id", conversation.graph_id);
    const auto own = journal->totals(conversation.id);
    set_count(L, "records", own.records());
    set_count(L, "sent", own.sent());
    set_count(L, "skipped", own.skipped());
    set_count(L, "failed", own.failed());
    set_count(L, "open", own.open());
  });
  using journal::State;
  set_list(L, "failures", journal->messages_in({State::failed, State::blocked, State::doubt}, 100),
           [L](const journal::MessageRow& row) {
             set_field(L, "record", row.record);
             set_field(L, "reason", row.reason);
             set_field(L, "state", journal::name(row.state));
           });
  set_texts(L, "finding_lines", journal->findings(100));
}

}  // namespace teamferry::bindings
