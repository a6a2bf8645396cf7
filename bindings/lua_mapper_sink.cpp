// What stdlib/run.lua hands over, as the planner's own types.

#include <array>
#include <utility>

#include <fmt/format.h>

#include "bindings/archive.h"
#include "bindings/lua_mapper.h"
#include "bindings/module.h"
#include "bindings/values.h"
#include "native/archive/entry_name.h"

namespace teamferry::bindings {

using migrate::MappedMessage;
using migrate::MappedPerson;
using migrate::MappedPlace;

namespace {

// The fields of a mapped message, in the order of the upvalues that hold their names: a lookup with an interned
// name costs a fraction of one with a C string.
enum Field {
  kId,
  kCreated,
  kFrom,
  kPerson,
  kReplyTo,
  kBody,
  kConversation,
  kSubject,
  kImportance,
  kAdded,
  kLosses,
  kFile,
  kIndex,
  kFields
};
constexpr std::array<const char*, kFields> kFieldNames = {
    "id",      "createdDateTime", "from",  "person", "replyToId", "body", "conversation",
    "subject", "importance",      "added", "losses", "file",      "index"};

// The view is valid as long as the table holds the value.
std::string_view field(lua_State* L, const char* name) {
  lua_getfield(L, 1, name);
  const auto text = lua_type(L, -1) == LUA_TSTRING ? text_at(L, -1) : std::string_view();
  lua_pop(L, 1);
  return text;
}

MappedPerson person_at(lua_State* L, int index) {
  MappedPerson person;
  lua_pushvalue(L, index);
  const int at = lua_gettop(L);
  const auto get = [&](const char* name) {
    lua_getfield(L, at, name);
    std::string text(text_at(L, -1));
    lua_pop(L, 1);
    return text;
  };
  person.id = get("id");
  person.name = get("name");
  person.mail = get("mail");
  if (auto kind = get("kind"); !kind.empty()) person.kind = std::move(kind);
  person.target = get("target");
  lua_pop(L, 1);
  return person;
}

}  // namespace

void LuaMapper::make_sink() {
  lua_State* L = host_->state();
  lua_newtable(L);
  for (const auto& [name, call] :
       {luaL_Reg{"person", guard<on_person>}, luaL_Reg{"conversation", guard<on_conversation>},
        luaL_Reg{"skipped", guard<on_skipped>}, luaL_Reg{"parked", guard<on_parked>}, luaL_Reg{"loss", guard<on_loss>},
        luaL_Reg{"proven", guard<on_proof>}}) {
    lua_pushlightuserdata(L, this);
    lua_pushcclosure(L, call, 1);
    lua_setfield(L, -2, name);
  }
  lua_pushlightuserdata(L, this);
  for (const char* name : kFieldNames) lua_pushstring(L, name);
  lua_pushcclosure(L, guard<on_message>, 1 + kFields);
  lua_setfield(L, -2, "message");
  sink_ = luaL_ref(L, LUA_REGISTRYINDEX);
}

// Makes the driver end at the next record.
void LuaMapper::stop() {
  lua_State* L = host_->state();
  stopped_ = true;
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_pushliteral(L, "the plan was stopped");
  lua_setfield(L, -2, "stopped");
  lua_pop(L, 1);
}

// What every call from the driver shares: the time spent behind a sink is not the script's, and what a sink throws
// is kept and thrown again once Lua is left.
template <class Deliver>
int LuaMapper::answer(lua_State* L, Deliver deliver) {
  if (!stopped_) {
    host_->budget().rest();
    bool more = false;
    try {
      more = !(stop_asked_ && *stop_asked_) && drain_bad() && deliver(L);
    } catch (const std::exception&) {
      failure_ = std::current_exception();
    }
    host_->budget().resume();
    if (!more) stop();
  }
  if (stopped_) throw CallError("the plan was stopped");
  return 0;
}

namespace {
LuaMapper& self_of(lua_State* L) {
  return *static_cast<LuaMapper*>(lua_touserdata(L, lua_upvalueindex(1)));
}
}  // namespace

int LuaMapper::on_person(lua_State* L) {
  LuaMapper& self = self_of(L);
  return self.answer(L, [&](lua_State* state) { return self.deliver_person(state); });
}
int LuaMapper::on_conversation(lua_State* L) {
  LuaMapper& self = self_of(L);
  return self.answer(L, [&](lua_State* state) { return self.deliver_place(state); });
}
int LuaMapper::on_message(lua_State* L) {
  LuaMapper& self = self_of(L);
  return self.answer(L, [&](lua_State* state) { return self.deliver_message(state); });
}
int LuaMapper::on_skipped(lua_State* L) {
  LuaMapper& self = self_of(L);
  return self.answer(L, [&](lua_State* state) { return self.deliver_skipped(state); });
}
int LuaMapper::on_parked(lua_State* L) {
  LuaMapper& self = self_of(L);
  return self.answer(L, [&](lua_State* state) { return self.deliver_parked(state); });
}

int LuaMapper::on_loss(lua_State* L) {
  self_of(L).noted_.push_back({std::string(text_at(L, 1)), std::string(text_at(L, 2))});
  return 0;
}

int LuaMapper::on_proof(lua_State* L) {
  if (const auto proven = std::exchange(self_of(L).proven_, nullptr)) proven();
  return 0;
}

std::string_view LuaMapper::place_text(lua_State* L, int file, int index) {
  place_ = text_at(L, file);
  if (place_.empty()) place_ = "a record made by the script";
  if (lua_isnumber(L, index)) fmt::format_to(std::back_inserter(place_), " record {}", lua_tointeger(L, index));
  return place_;
}

void LuaMapper::read_losses(lua_State* L, int index) {
  const int count = lua_istable(L, index) ? static_cast<int>(lua_objlen(L, index)) : 0;
  losses_.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    lua_rawgeti(L, index, i + 1);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    losses_[static_cast<std::size_t>(i)].kind.assign(text_at(L, -2));
    losses_[static_cast<std::size_t>(i)].detail.assign(text_at(L, -1));
    lua_pop(L, 3);
  }
}

void LuaMapper::take_noted(std::vector<migrate::Loss>& losses) {
  for (auto& loss : noted_) losses.push_back(std::move(loss));
  noted_.clear();
}

// For losses that belong to nothing the journal has a row for: a line a kind.
void LuaMapper::warn_of_noted(const std::string& where) {
  std::map<std::string, std::pair<int, std::string>> kinds;
  for (auto& loss : noted_) {
    auto& [count, example] = kinds[loss.kind];
    if (count++ == 0) example = std::move(loss.detail);
  }
  noted_.clear();
  for (const auto& [kind, seen] : kinds) {
    host_->warn_once(fmt::format("{}: {} {}{}{}", where, seen.first, kind, seen.second.empty() ? "" : ", for example ",
                                 seen.second));
  }
}

bool LuaMapper::deliver_person(lua_State* L) {
  if (!person_sink_) return true;
  lua_getfield(L, 1, "losses");
  read_losses(L, lua_gettop(L));
  lua_pop(L, 1);
  noted_.insert(noted_.end(), losses_.begin(), losses_.end());
  return (*person_sink_)(person_at(L, 1));
}

bool LuaMapper::deliver_place(lua_State* L) {
  if (!place_sink_) return true;
  MappedPlace place;
  place.source_id = field(L, "id");
  place.displayName = field(L, "displayName");
  if (place.displayName.empty()) place.displayName = field(L, "topic");
  if (place.displayName.empty()) place.displayName = field(L, "name");
  place.description = field(L, "description");
  place.membershipType = field(L, "membershipType");
  place.chatType = field(L, "chatType");
  place.skip_reason = field(L, "skipped");
  place.error = field(L, "error");
  place.target = field(L, "target");
  lua_getfield(L, 1, "members");
  for (int i = 1; lua_istable(L, -1) && i <= static_cast<int>(lua_objlen(L, -1)); ++i) {
    lua_rawgeti(L, -1, i);
    place.members.emplace_back(text_at(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  place.team = field(L, "team");
  lua_getfield(L, 1, "team");
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "displayName");
    place.team = text_at(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (const auto created = field(L, "createdDateTime"); !created.empty())
    place.createdDateTime = DateTime::parse(created);
  lua_getfield(L, 1, "losses");
  read_losses(L, lua_gettop(L));
  place.losses = losses_;
  take_noted(place.losses);
  lua_getfield(L, 1, "file");
  lua_getfield(L, 1, "index");
  place.record = place_text(L, -2, -1);
  lua_getfield(L, 1, "n");
  place.handle = static_cast<std::uint64_t>(lua_tointeger(L, -1));
  lua_pop(L, 4);
  return (*place_sink_)(place);
}

// What every message goes through on its way out, mapped or not.
bool LuaMapper::hand_over() {
  if (!map_) {
    message_.outcome = MappedMessage::Outcome::skipped;
    message_.reason = {};
  }
  return (*message_sink_)(message_);
}

bool LuaMapper::deliver_message(lua_State* L) {
  if (!message_sink_) return true;
  // Each field is pushed once and stays on the stack until the end, so that the views hold.
  lua_settop(L, 1);
  luaL_checkstack(L, kFields + 8, "message");
  for (int i = 0; i < kFields; ++i) {
    lua_pushvalue(L, lua_upvalueindex(2 + i));
    lua_rawget(L, 1);
  }
  const auto text = [L](Field which) { return text_at(L, 2 + which); };

  message_ = MappedMessage{};
  conversation_ = text(kConversation);
  message_.record = place_text(L, 2 + kFile, 2 + kIndex);
  message_.added = lua_toboolean(L, 2 + kAdded);
  message_.key = text(kId);
  if (!room_.empty() && conversation_ != room_) {
    message_.outcome = MappedMessage::Outcome::parked;
    message_.reason = "moved to another conversation, which is not carried yet; leave the field conversation out";
    return hand_over();
  }
  message_.createdDateTime = DateTime::parse(text(kCreated));
  message_.from = text(kFrom);
  if (lua_istable(L, 2 + kPerson)) message_.introduces = person_at(L, 2 + kPerson);
  message_.reply_to = text(kReplyTo);
  message_.content = text(kBody);
  message_.subject = text(kSubject);
  message_.importance = text(kImportance);
  read_losses(L, 2 + kLosses);
  if (reading_log(L).repaired) losses_.push_back({"text_repaired", ""});
  if (map_) take_noted(losses_);
  message_.losses = &losses_;
  return hand_over();
}

bool LuaMapper::deliver_skipped(lua_State* L) {
  const auto what = text_at(L, 4);
  if (what == "person") {
    if (!person_sink_ || text_at(L, 1) == "duplicate" || text_at(L, 5).empty()) return true;
    MappedPerson person;
    person.id = person.name = text_at(L, 5);
    person.skip_reason = text_at(L, 1);
    return (*person_sink_)(person);
  }
  if (what == "conversation") {
    host_->warn_once(fmt::format("{}: {}", place_text(L, 2, 3), text_at(L, 1)));
    return true;
  }
  if (!message_sink_) return true;
  message_ = MappedMessage{};
  conversation_ = {};
  message_.outcome = MappedMessage::Outcome::skipped;
  message_.reason = text_at(L, 1);
  message_.record = place_text(L, 2, 3);
  message_.key = text_at(L, 5);
  return hand_over();
}

bool LuaMapper::deliver_parked(lua_State* L) {
  const auto what = text_at(L, 4);
  if (what == "person") {
    host_->warn_once(fmt::format("{}: the person was left out: {}", place_text(L, 2, 3), text_at(L, 1)));
    return true;
  }
  if (what == "conversation" && !message_sink_) {
    if (!place_sink_) return true;
    const std::string record(place_text(L, 2, 3));
    return park_place(record, std::string(text_at(L, 1)));
  }
  if (!message_sink_) return true;
  message_ = MappedMessage{};
  conversation_ = {};
  message_.outcome = MappedMessage::Outcome::parked;
  reason_ = text_at(L, 1);
  if (const auto trace = text_at(L, 5); !trace.empty()) reason_.append("\n").append(trace);
  message_.reason = reason_;
  message_.record = place_text(L, 2, 3);
  return hand_over();
}

// A place that holds nothing but one record that failed, so that it is counted.
bool LuaMapper::park_place(const std::string& record, const std::string& error) {
  MappedPlace place;
  place.error = error;
  place.record = place.source_id = place.displayName = record;
  take_noted(place.losses);
  return (*place_sink_)(place);
}

// Files of the export that are not read at all: each counts as one record that failed.
void LuaMapper::park_refused() {
  for (const auto& refused : std::exchange(reading_log(host_->state()).refused, {})) {
    std::string name = archive::shown_name(refused.file);  // it may be anything
    name = refused.file.empty() ? "further files" : name.substr(1, name.size() - 2);
    if (!park_place(name, refused.reason)) return;
  }
}

// Records that could not be read are parked where they stand among their neighbours; those that tell of rooms, as
// rooms of their own.
bool LuaMapper::drain_bad() {
  auto& bad = reading_log(host_->state()).bad;
  if (bad.empty()) return true;
  const auto drained = std::exchange(bad, {});
  for (const auto& record : drained) {
    place_ = record.index ? fmt::format("{} record {}", record.file, record.index) : record.file;
    if (!message_sink_ && place_sink_) {
      parked_places_.insert(place_);
      if (!park_place(place_, fmt::format("cannot be read: {}", record.reason))) return false;
      continue;
    }
    if (parked_places_.contains(place_)) continue;  // a record that tells of a room may be a message, too
    if (!message_sink_) {
      host_->warn_once(fmt::format("{} cannot be read: {}", place_, record.reason));
      continue;
    }
    message_ = MappedMessage{};
    conversation_ = {};
    message_.outcome = MappedMessage::Outcome::parked;
    reason_ = fmt::format("cannot be read: {}", record.reason);
    message_.reason = reason_;
    message_.record = place_;
    if (!hand_over()) return false;
  }
  return true;
}

}  // namespace teamferry::bindings
