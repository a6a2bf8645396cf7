#include "bindings/survey_values.h"

#include <fmt/format.h>

#include "bindings/values.h"
#include "native/limits/limits.h"
#include "native/throttle/limits.h"

namespace teamferry::bindings {

namespace {

void set_count(lua_State* L, const char* key, std::int64_t value) {
  set_field(L, key, static_cast<double>(value));
}

void set_conversation(lua_State* L, journal::Journal& journal, const journal::Conversation& conversation,
                      const migrate::ConversationSurvey& sums) {
  set_field(L, "displayName", conversation.displayName);
  set_field(L, "source_id", conversation.source_id);
  set_field(L, "kind", conversation.kind);
  set_field(L, "reason", conversation.reason);
  set_count(L, "team", conversation.team);
  const auto totals = journal.totals(conversation.id);
  set_count(L, "records", totals.records());
  set_count(L, "skipped", totals.skipped());
  set_count(L, "failed", totals.failed());
  lua_newtable(L);
  for (const auto& [kind, count] : totals.losses_by_kind) set_count(L, kind.c_str(), count);
  lua_setfield(L, -2, "losses");
  set_count(L, "messages", sums.messages);
  set_count(L, "replies", sums.replies);
  set_count(L, "threads", sums.threads);
  set_count(L, "body_bytes", sums.body_bytes);
  set_count(L, "largest_body_bytes", sums.largest_body_bytes);
  set_count(L, "pages", sums.pages);
  if (sums.first) set_field(L, "first", sums.first->to_string());
  if (sums.last) set_field(L, "last", sums.last->to_string());
}

}  // namespace

void push_summary(lua_State* L, const Project::Survey& survey) {
  lua_newtable(L);
  const auto conversations = survey.journal->conversations();
  std::size_t at = 0;
  set_list(L, "conversations", conversations, [&](const journal::Conversation& conversation) {
    set_conversation(L, *survey.journal, conversation, survey.figures.conversations[at++]);
  });
  set_list(L, "people", survey.journal->people(), [L](const journal::Person& person) {
    set_field(L, "id", person.id);
    set_field(L, "name", person.name);
    set_field(L, "mail", person.mail);
    set_field(L, "kind", person.kind);
    set_field(L, "decision", person.decision);
    set_field(L, "target", person.target);
    set_field(L, "graph_name", person.graph_name);
    set_count(L, "messages", person.messages);
  });
  lua_newtable(L);
  for (const auto& [month, count] : survey.figures.months) set_count(L, month.c_str(), count);
  lua_setfield(L, -2, "months");
  lua_newtable(L);
  for (const auto& [name, found] : survey.constructs) {
    lua_newtable(L);
    set_count(L, "count", found.count);
    set_count(L, "messages", found.messages);
    lua_setfield(L, -2, name.c_str());
  }
  lua_setfield(L, -2, "constructs");
}

int pace(lua_State* L) {
  const std::string name(check_text(L, 1, "name"));
  const auto limits = throttle::limits_named(name);
  if (!limits) throw CallError(fmt::format("there is no pace '{}'; use {}", name, throttle::limits_names()));
  lua_newtable(L);
  lua_newtable(L);
  for (std::size_t i = 0; i < limits->classes.size(); ++i) {
    lua_newtable(L);
    set_field(L, "resource_rate", limits->classes[i].resource_rate);
    set_field(L, "tenant_rate", limits->classes[i].tenant_rate);
    lua_setfield(L, -2, std::string(limits::kRequestClasses[i]).c_str());
  }
  lua_setfield(L, -2, "classes");
  const auto& from = limits::in_force().provenance(name == "table" ? "requests.import_to_channel.resource_requests"
                                                                   : "pace.article_per_second");
  set_field(L, "source", from.source);
  set_field(L, "as_of", from.as_of);
  set_field(L, "mark", limits::to_string(from.mark));
  return 1;
}

}  // namespace teamferry::bindings
