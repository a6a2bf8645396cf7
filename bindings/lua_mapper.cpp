#include "bindings/lua_mapper.h"

#include <array>

#include <fmt/format.h>

#include "bindings/archive.h"
#include "bindings/module.h"
#include "bindings/values.h"

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
  kEdited,
  kSubject,
  kImportance,
  kAdded,
  kLosses,
  kFile,
  kIndex,
  kFields
};
constexpr std::array<const char*, kFields> kFieldNames = {
    "id",      "createdDateTime", "from",  "person", "replyToId", "body", "conversation", "lastEditedDateTime",
    "subject", "importance",      "added", "losses", "file",      "index"};

constexpr std::uint64_t kNowhere = UINT64_MAX;

std::string_view text_at(lua_State* L, int index) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, index, &size);
  return data ? std::string_view(data, size) : std::string_view();
}

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

Result<std::unique_ptr<LuaMapper>> LuaMapper::open(Options options) {
  options.host.project = options.script.project;
  auto host = Host::create(std::move(options.host));
  if (!host) return host.error();
  std::unique_ptr<LuaMapper> mapper(new LuaMapper(std::move(*host)));
  mapper->stop_asked_ = options.stop;
  lua_State* L = mapper->host_->state();
  const StackGuard guard(L);

  if (auto required = mapper->host_->require("bindings.mapper"); !required) return required.error();
  lua_getfield(L, -1, "start");
  if (auto loaded = mapper->host_->load_script(options.script); !loaded) return loaded.error();
  const std::string file = options.script.file.empty() ? options.script.module + ".lua" : options.script.file;
  push_text(L, file);
  lua_newtable(L);
  for (const auto& [name, value] : options.args) {
    push_text(L, value);
    lua_setfield(L, -2, name.c_str());
  }
  if (auto started = mapper->host_->call(3, 2); !started) return started.error();
  lua_pop(L, 1);  // the arguments are a field of the job, too
  mapper->job_ = luaL_ref(L, LUA_REGISTRYINDEX);
  mapper->make_sink();
  return mapper;
}

LuaMapper::~LuaMapper() = default;

void LuaMapper::make_sink() {
  lua_State* L = host_->state();
  lua_newtable(L);
  for (const auto& [name, call] :
       {luaL_Reg{"person", guard<on_person>}, luaL_Reg{"conversation", guard<on_conversation>},
        luaL_Reg{"skipped", guard<on_skipped>}, luaL_Reg{"parked", guard<on_parked>}}) {
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

std::string LuaMapper::arg(const char* name) {
  lua_State* L = host_->state();
  const StackGuard guard(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "args");
  lua_getfield(L, -1, name);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "displayName");
    if (lua_isstring(L, -1)) return std::string(text_at(L, -1));
    lua_pop(L, 1);
    std::string joined;
    for (int i = 1; lua_rawgeti(L, -1, i), !lua_isnil(L, -1); ++i) {
      if (i > 1) joined += ',';
      joined += text_at(L, -1);
      lua_pop(L, 1);
    }
    return joined;
  }
  if (lua_isboolean(L, -1)) return lua_toboolean(L, -1) ? "true" : "false";
  return std::string(text_at(L, -1));
}

Status LuaMapper::drive(const char* method, int n) {
  lua_State* L = host_->state();
  const StackGuard guard(L);
  stopped_ = false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, method);
  lua_insert(L, -2);
  if (n > 0) lua_pushinteger(L, n);
  lua_rawgeti(L, LUA_REGISTRYINDEX, sink_);
  auto outcome = host_->call(n > 0 ? 3 : 2, 0);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (stop_asked_ && *stop_asked_) {
    return Error::state("interrupted",
                        "interrupted while planning; nothing was sent. Run the same command to plan again");
  }
  if (stopped_) return done();  // the one who stopped it knows why
  return outcome;
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
    host_->budget().begin_reading();
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

bool LuaMapper::deliver_person(lua_State* L) {
  if (!person_sink_) return true;
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
  if (lua_istable(L, 2 + kPerson)) {
    message_.introduces = person_at(L, 2 + kPerson);
    message_.introduces->listed = false;
  }
  message_.reply_to = text(kReplyTo);
  message_.content = text(kBody);
  message_.subject = text(kSubject);
  message_.importance = text(kImportance);
  if (const auto edited = text(kEdited); !edited.empty()) message_.lastEditedDateTime = DateTime::parse(edited);
  read_losses(L, 2 + kLosses);
  if (reading_log(L).repaired) losses_.push_back({"text_repaired", ""});
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
    MappedPlace place;
    place.error = text_at(L, 1);
    place.record = place.source_id = place.displayName = place_text(L, 2, 3);
    return (*place_sink_)(place);
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

// Records that could not be read are parked where they stand among their neighbours.
bool LuaMapper::drain_bad() {
  auto& bad = reading_log(host_->state()).bad;
  if (bad.empty()) return true;
  const auto drained = std::exchange(bad, {});
  for (const auto& record : drained) {
    place_ = record.index ? fmt::format("{} record {}", record.file, record.index) : record.file;
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

Status LuaMapper::people(const migrate::PersonSink& sink) {
  person_sink_ = &sink;
  auto outcome = drive("people", 0);
  drain_bad();
  person_sink_ = nullptr;
  return outcome;
}

Status LuaMapper::conversations(const migrate::PlaceSink& sink) {
  place_sink_ = &sink;
  auto outcome = drive("conversations", 0);
  drain_bad();
  lua_State* L = host_->state();
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "reads_all");
  const bool reads_all = lua_toboolean(L, -1);
  lua_pop(L, 2);
  if (outcome && !stopped_ && reads_all) outcome = read_stream();
  place_sink_ = nullptr;
  return outcome;
}

// Reads the one stream that holds all rooms: they come to light as messages name them, so the messages are put aside.
Status LuaMapper::read_stream() {
  auto spool = Spool::create();
  if (!spool) return spool.error();
  spool_ = std::move(*spool);
  const migrate::MessageSink aside = [this](const MappedMessage& message) {
    spool_->add(conversation_, message);
    return true;
  };
  message_sink_ = &aside;
  map_ = true;
  room_.clear();
  auto outcome = drive("all_messages", 0);
  if (outcome && !stopped_) drain_bad();
  message_sink_ = nullptr;
  if (!outcome || stopped_ || !spool_->has("")) return outcome;
  MappedPlace nowhere;  // a home for records that were skipped or parked before they named a conversation
  nowhere.displayName = "(no conversation)";
  nowhere.handle = kNowhere;
  (void)(*place_sink_)(nowhere);
  return done();
}

Status LuaMapper::messages(const MappedPlace& place, bool map, const migrate::MessageSink& sink) {
  message_sink_ = &sink;
  map_ = map;
  Status outcome = done();
  if (place.handle == 0) {  // a room that failed to map: the room's own record stands for it
    message_ = MappedMessage{};
    message_.outcome = MappedMessage::Outcome::parked;
    message_.reason = place.error;
    message_.record = place.record;
    hand_over();
  } else if (spool_) {
    outcome = spool_->each(place.source_id, [&](const MappedMessage& message) {
      message_ = message;
      return hand_over();
    });
  } else {
    room_ = place.source_id;
    outcome = drive("messages", static_cast<int>(place.handle));
    if (outcome && !stopped_) drain_bad();
  }
  message_sink_ = nullptr;
  return outcome;
}

Status LuaMapper::finish(const std::map<std::string, std::int64_t>& summary) {
  lua_State* L = host_->state();
  const StackGuard guard(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "finish");
  lua_insert(L, -2);
  lua_newtable(L);
  for (const auto& [name, count] : summary) set_field(L, name.c_str(), static_cast<double>(count));
  if (auto called = host_->call(2, 2); !called) return called;
  if (lua_toboolean(L, -2)) return done();
  return Error::argument("refused", fmt::format("the script refuses this plan: {}", text_at(L, -1)));
}

}  // namespace teamferry::bindings
