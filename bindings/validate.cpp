// The module `validate`: the rules of native/validate for bodies that scripts make. Pure, so steps may ask it; what
// scripts call is stdlib/validate.lua, which adds the time where there is one.

#include <nlohmann/json.hpp>

#include "bindings/findings.h"
#include "bindings/graph_call.h"
#include "bindings/graph_handles.h"
#include "bindings/module.h"
#include "bindings/values.h"
#include "native/limits/limits.h"
#include "native/validate/conversation_json.h"
#include "native/validate/html.h"
#include "native/validate/message_json.h"
#include "native/validate/repair.h"
#include "native/validate/size.h"

namespace teamferry::bindings {

void set_finding(lua_State* L, const validate::Finding& finding) {
  set_field(L, "rule", finding.rule);
  set_field(L, "severity", finding.severity == validate::Finding::Severity::error ? "error" : "warning");
  set_field(L, "field", finding.field);
  set_field(L, "message", finding.message);
  set_field(L, "cure", finding.cure);
}

void push_findings(lua_State* L, const validate::Findings& findings) {
  lua_createtable(L, static_cast<int>(findings.size()), 0);
  int at = 0;
  for (const auto& finding : findings) {
    lua_newtable(L);
    set_finding(L, finding);
    lua_rawseti(L, -2, ++at);
  }
}

namespace {

using Json = nlohmann::json;

Json json_at(lua_State* L, int index, const char* name) {
  return Json::parse(check_body(L, index, name));
}

// A field of a table that is a handle perhaps, whose methods are no fields.
std::string raw_field(lua_State* L, int index, const char* name) {
  lua_pushstring(L, name);
  lua_rawget(L, index);
  std::string text(lua_type(L, -1) == LUA_TSTRING ? text_at(L, -1) : std::string_view());
  lua_pop(L, 1);
  return text;
}

// The channel or chat at 2, the present at 3; both may be absent.
validate::MessageContext context_at(lua_State* L) {
  validate::MessageContext context;
  if (!lua_isnoneornil(L, 2)) {
    luaL_checktype(L, 2, LUA_TTABLE);
    context = validate::context_of(
        {{"chatType", raw_field(L, 2, "chatType")}, {"createdDateTime", raw_field(L, 2, "createdDateTime")}});
  }
  if (const auto now = optional_text(L, 3, "now")) context.now = DateTime::parse(*now);
  return context;
}

validate::BirthContext birth_at(lua_State* L) {
  validate::BirthContext context;
  if (const auto now = optional_text(L, 2, "now")) context.now = DateTime::parse(*now);
  return context;
}

int message(lua_State* L) {
  push_findings(L, validate::check_message_json(json_at(L, 1, "body"), context_at(L)));
  return 1;
}

int html(lua_State* L) {
  push_findings(L, validate::check_html(check_text(L, 1, "text")));
  return 1;
}

int team(lua_State* L) {
  push_findings(L, validate::check_team_json(json_at(L, 1, "body"), birth_at(L)));
  return 1;
}

int channel(lua_State* L) {
  push_findings(L, validate::check_channel_json(json_at(L, 1, "body"), birth_at(L)));
  return 1;
}

int chat(lua_State* L) {
  push_findings(L, validate::check_chat_json(json_at(L, 1, "body")));
  return 1;
}

int member(lua_State* L) {
  push_findings(L, validate::check_member_json(json_at(L, 1, "body")));
  return 1;
}

int size(lua_State* L) {
  const auto size = validate::measure(json_at(L, 1, "body"));
  lua_pushnumber(L, static_cast<double>(std::max(size.bytes, size.units)));
  return 1;
}

int repair(lua_State* L) {
  Json body = json_at(L, 1, "body");
  const bool channel = body.contains("@microsoft.graph.channelCreationMode");
  const bool team = body.contains("@microsoft.graph.teamCreationMode");
  const auto repaired = channel ? validate::repair_channel(std::move(body))
                        : team  ? validate::repair_team(std::move(body))
                                : validate::repair_message(std::move(body), context_at(L));
  if (push_json_text(L, repaired.body.dump(-1, ' ', false, Json::error_handler_t::replace)) != 1) return 2;
  lua_newtable(L);
  int at = 0;
  for (const auto& change : repaired.changes) {
    lua_newtable(L);
    set_field(L, "rule", change.rule);
    set_field(L, "field", change.field);
    set_field(L, "before", change.before);
    set_field(L, "after", change.after);
    lua_rawseti(L, -2, ++at);
  }
  return 2;
}

int get_limits(lua_State* L) {
  const auto& limits = limits::in_force();
  lua_newtable(L);
  const auto set = [L](const char* name, auto value) { set_field(L, name, static_cast<double>(value)); };
  set("message_soft_bytes", limits.sizes.message_soft_bytes);
  set("message_hard_bytes", limits.sizes.message_hard_bytes);
  set("request_bytes", limits.sizes.request_bytes);
  set("image_bytes", limits.sizes.image_bytes);
  set("channel_name_units", limits.sizes.channel_name_units);
  set("team_name_units", limits.sizes.team_name_units);
  set("description_units", limits.sizes.description_units);
  set("chat_topic_units", limits.sizes.chat_topic_units);
  set("subject_units", limits.sizes.subject_units);
  set("reactions_per_message", limits.counts.reactions_per_message);
  set("chat_members_at_creation", limits.counts.chat_members_at_creation);
  set("channels_per_team", limits.counts.channels_per_team);
  set("largest_shift_ms", limits.times.largest_shift_ms);
  return 1;
}

constexpr Function kFunctions[] = {
    {"message", guard<message>, "message(body [, channel or chat [, now]]) -> findings",
     "What the rules have against a chatMessage as it is sent; an empty list if it is fine."},
    {"html", guard<html>, "html(text) -> findings", "What the rules have against the HTML of a body."},
    {"team", guard<team>, "team(body [, now]) -> findings", "Of a body that creates a team in migration mode."},
    {"channel", guard<channel>, "channel(body [, now]) -> findings",
     "Of a body that creates a channel in migration mode."},
    {"chat", guard<chat>, "chat(body) -> findings", "Of a body that creates a chat."},
    {"member", guard<member>, "member(body) -> findings", "Of a member of a team, channel or chat."},
    {"size", guard<size>, "size(body) -> bytes",
     "How big a message is as the service counts: without the bytes of images, in UTF-8 bytes or UTF-16 units, "
     "whichever is more."},
    {"repair", guard<repair>, "repair(body [, channel or chat [, now]]) -> body, changes",
     "The body with what can be mended without a decision mended, and what was changed: rule, field, before, after."},
    {"get_limits", guard<get_limits>, "get_limits() -> table", "The limits in force, as scripts know validate.limits."},
};

}  // namespace

const Module kValidate = {"validate", "What Teams takes, before anything is sent.", kFunctions};

}  // namespace teamferry::bindings
