#include "bindings/lua_mapper.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "bindings/archive.h"
#include "bindings/module.h"
#include "bindings/records.h"
#include "bindings/values.h"
#include "native/base/sha256.h"

namespace teamferry::bindings {

using migrate::MappedMessage;
using migrate::MappedPlace;

namespace {

constexpr std::uint64_t kNowhere = UINT64_MAX;

Error interrupted() {
  return Error::state("interrupted",
                      "interrupted while planning; nothing was sent. Run the same command to plan again");
}

}  // namespace

struct LuaMapper::Others {
  std::mutex mutex;
  std::vector<std::pair<Host::Level, std::string>> lines;
  std::map<std::string, Construct> constructs;
};

Result<std::unique_ptr<LuaMapper>> LuaMapper::open(Options options) {
  return open(std::move(options), nullptr);
}

Result<std::unique_ptr<LuaMapper>> LuaMapper::open(Options options, std::shared_ptr<Others> others) {
  options.host.project = options.script.project;
  options.host.budget.stop = options.stop;
  Host::Options host_options = options.host;
  if (others) {
    host_options.log = [others](Host::Level level, std::string_view line) {
      const std::lock_guard lock(others->mutex);
      others->lines.emplace_back(level, line);
    };
  }
  auto host = Host::create(std::move(host_options));
  if (!host) return host.error();
  std::unique_ptr<LuaMapper> mapper(new LuaMapper(std::move(*host)));
  mapper->options_ = options;
  mapper->is_other_ = others != nullptr;
  mapper->others_ = others ? std::move(others) : std::make_shared<Others>();
  mapper->stop_asked_ = options.stop;
  lua_State* L = mapper->host_->state();
  const StackGuard guard(L);

  const auto refused = [&options](const Error& error) { return options.stop && *options.stop ? interrupted() : error; };
  if (auto required = mapper->host_->require("bindings.mapper"); !required) return refused(required.error());
  lua_getfield(L, -1, "start");
  if (auto loaded = mapper->host_->load_script(options.script); !loaded) return refused(loaded.error());
  const std::string file = options.script.file.empty() ? options.script.module + ".lua" : options.script.file;
  push_text(L, file);
  lua_newtable(L);
  for (const auto& [name, value] : options.args) {
    push_text(L, value);
    lua_setfield(L, -2, name.c_str());
  }
  lua_pushboolean(L, options.survey);
  if (auto started = mapper->host_->call(4, 2); !started) return refused(started.error());
  lua_pop(L, 1);  // the arguments are a field of the job, too
  mapper->job_ = luaL_ref(L, LUA_REGISTRYINDEX);
  mapper->make_sink();
  mapper->heed_hangs();
  return mapper;
}

// Tells the driver which records an earlier process did not survive, and where to note one that this does not. A note
// holds for the scripts that it was made with: once they are changed, the record is tried again.
void LuaMapper::heed_hangs() {
  if (options_.hangs.empty()) return;
  std::string scripts;
  for (const auto& file : host_->loaded()) scripts += file.path + " " + file.sha256 + "\n";
  const std::string key = sha256_hex(scripts);
  host_->budget().note_hangs_in(options_.hangs, key);
  std::ifstream notes(options_.hangs);
  if (!notes) return;
  lua_State* L = host_->state();
  const StackGuard guard(L);
  lua_newtable(L);
  bool any = false;
  for (std::string line; std::getline(notes, line);) {
    const auto index = line.find(' '), file = line.find(' ', index + 1);
    if (file == line.npos || std::string_view(line).substr(0, index) != key) continue;
    any = true;
    set_flag(L, fmt::format("{} record {}", line.substr(file + 1), line.substr(index + 1, file - index - 1)).c_str(),
             true);
  }
  if (any) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
    lua_insert(L, -2);
    lua_setfield(L, -2, "hung");
  } else if (!is_other_) {
    std::error_code gone;
    std::filesystem::remove(options_.hangs, gone);
  }
}

LuaMapper::~LuaMapper() {
  if (!is_other_ || !options_.survey) return;
  const auto own = own_constructs();
  const std::lock_guard lock(others_->mutex);
  for (const auto& [name, construct] : own) {
    auto& all = others_->constructs[name];
    all.count += construct.count;
    all.messages += construct.messages;
  }
}

migrate::Mapper::Another LuaMapper::another() {
  if (spool_) return nullptr;
  return [options = options_, others = others_]() -> Result<std::unique_ptr<Mapper>> {
    auto opened = open(options, others);
    if (!opened) return opened.error();
    return std::unique_ptr<Mapper>(std::move(*opened));
  };
}

void LuaMapper::on_proven(std::function<void()> proven) {
  proven_ = std::move(proven);
  if (proven_) return;
  lua_State* L = host_->state();
  const StackGuard guard(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "trials");
  lua_newtable(L);
  set_flag(L, "over", true);
  lua_setfield(L, -2, "message");
}

void LuaMapper::tell_log() {
  std::vector<std::pair<Host::Level, std::string>> lines;
  {
    const std::lock_guard lock(others_->mutex);
    lines.swap(others_->lines);
  }
  for (const auto& [level, line] : lines) host_->log(level, line);
}

// A record of a room names what its messages are read from: a file, or a folder, with its '/' or without.
std::uint64_t LuaMapper::size_of(const MappedPlace& place) {
  if (place.handle == 0 || place.handle == kNowhere || spool_) return 0;
  lua_State* L = host_->state();
  const StackGuard guard(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "world");
  lua_getfield(L, -1, "export");
  const Handle* handle = handle_or_null(L, -1);
  if (!handle) return 0;
  const auto& archive = *handle->archive;
  lua_getfield(L, -3, "entries");
  lua_rawgeti(L, -1, static_cast<int>(place.handle));
  lua_getfield(L, -1, "rooms");
  const int rooms = lua_gettop(L);
  std::uint64_t size = 0;
  for (int i = 1; lua_rawgeti(L, rooms, i), lua_istable(L, -1); ++i) {
    std::set<std::string> names;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
      if (lua_type(L, -1) != LUA_TSTRING) continue;
      std::string name(text_at(L, -1));
      if (!name.empty() && !archive.has(name)) name += '/';
      if (archive.has(name)) names.insert(std::move(name));
    }
    for (const auto& name : names) size += archive.size(name);
    lua_pop(L, 1);
  }
  return size;
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
  if (stop_asked_ && *stop_asked_) return interrupted();
  if (stopped_) return done();  // the one who stopped it knows why
  return outcome;
}

Status LuaMapper::people(const migrate::PersonSink& sink) {
  person_sink_ = &sink;
  auto outcome = drive("people", 0);
  drain_bad();
  warn_of_noted("people");
  person_sink_ = nullptr;
  return outcome;
}

Status LuaMapper::conversations(const migrate::PlaceSink& sink) {
  place_sink_ = &sink;
  parked_places_.clear();
  auto outcome = drive("conversations", 0);
  drain_bad();
  if (outcome && !stopped_) park_refused();
  warn_of_noted("conversations");
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
    return spool_->intact();
  };
  message_sink_ = &aside;
  map_ = true;
  room_.clear();
  auto outcome = drive("all_messages", 0);
  if (outcome && !stopped_) drain_bad();
  message_sink_ = nullptr;
  warn_of_noted("the export");
  if (auto written = spool_->written(); !written) return written;
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
    if (map) warn_of_noted("#" + place.displayName);
    noted_.clear();  // of a room that stays behind
  }
  message_sink_ = nullptr;
  return outcome;
}

std::map<std::string, LuaMapper::Construct> LuaMapper::constructs() {
  auto found = own_constructs();
  const std::lock_guard lock(others_->mutex);
  for (const auto& [name, construct] : others_->constructs) {
    found[name].count += construct.count;
    found[name].messages += construct.messages;
  }
  return found;
}

std::map<std::string, LuaMapper::Construct> LuaMapper::own_constructs() {
  lua_State* L = host_->state();
  const StackGuard guard(L);
  std::map<std::string, Construct> found;
  lua_rawgeti(L, LUA_REGISTRYINDEX, job_);
  lua_getfield(L, -1, "seen");
  if (!lua_istable(L, -1)) return found;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 3)) {
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    found[std::string(text_at(L, -4))] = {lua_tointeger(L, -2), lua_tointeger(L, -1)};
  }
  return found;
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
