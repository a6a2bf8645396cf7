#include "bindings/archive.h"

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/json.h"
#include "bindings/module.h"
#include "bindings/values.h"
#include "native/archive/json_records.h"

namespace teamferry::bindings {

namespace {

using archive::Archive;
using archive::Bytes;
using archive::JsonRecord;
using archive::RecordReader;

constexpr const char* kHandleType = "teamferry.archive";
constexpr const char* kRecordsType = "teamferry.records";

// What reading one file after the other needs, used again by the next iterator of the same handle.
struct Scratch {
  Bytes bytes;
  RecordReader reader;
};

struct Handle {
  std::unique_ptr<Archive> archive;
  std::vector<std::unique_ptr<Scratch>> idle;
};

// One run of records() over its files.
struct Records {
  Handle* handle = nullptr;  // kept alive by an upvalue of the iterator
  std::vector<std::string_view> files;
  std::size_t next_file = 0;
  bool open = false;
  bool keep_null = false;
  bool csv_only = false;
  archive::RecordOptions options;
  std::string separator;
  std::unique_ptr<Scratch> scratch;
  JsonRecord record;

  ~Records() { release(); }
  void release() {
    if (scratch && handle) handle->idle.push_back(std::move(scratch));
  }
};

template <class T>
T& check_userdata(lua_State* L, int index, const char* type, const char* call) {
  void* data = lua_touserdata(L, index);
  bool fits = false;
  if (data && lua_getmetatable(L, index)) {
    lua_getfield(L, LUA_REGISTRYINDEX, type);
    fits = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
  }
  if (!fits) throw CallError(fmt::format("{} takes a colon: export:{}(…)", call, call));
  return *static_cast<T*>(data);
}

template <class T>
int collect(lua_State* L) {
  static_cast<T*>(lua_touserdata(L, 1))->~T();
  return 0;
}

Handle& handle_at(lua_State* L, const char* call) {
  return check_userdata<Handle>(L, 1, kHandleType, call);
}

bool is_glob(std::string_view name) {
  return name.find_first_of("*?") != std::string_view::npos;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  for (const auto ending : endings) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

bool is_csv(std::string_view name) {
  return ends_with_any(name, {".csv", ".CSV", ".tsv", ".TSV"});
}
bool is_data(std::string_view name) {
  return is_csv(name) || ends_with_any(name, {".json", ".jsonl", ".ndjson", ".JSON"});
}

// The last records given out, held so that an address always means the same record: a reading step may take records
// from an iterator and emit them one by one, and each still knows where it came from.
class Places {
 public:
  static constexpr int kRemembered = 16;

  void remember(lua_State* L, int record, int file, std::size_t index) {  // absolute stack indices
    at_ = (at_ + 1) % kRemembered;
    push_ring(L);
    lua_pushvalue(L, record);
    lua_rawseti(L, -2, at_ * 2 + 1);
    lua_pushvalue(L, file);
    lua_rawseti(L, -2, at_ * 2 + 2);
    lua_pop(L, 1);
    index_[static_cast<std::size_t>(at_)] = index;
  }

  // Pushes file and index of the record at `index` and returns 2, or returns 0.
  int find(lua_State* L, int record) {
    push_ring(L);
    for (int back = 0; back < kRemembered; ++back) {
      const int at = (at_ + kRemembered - back) % kRemembered;
      lua_rawgeti(L, -1, at * 2 + 1);
      if (lua_rawequal(L, -1, record)) {
        lua_rawgeti(L, -2, at * 2 + 2);
        lua_pushnumber(L, static_cast<double>(index_[static_cast<std::size_t>(at)]));
        return 2;
      }
      lua_pop(L, 1);
    }
    return 0;
  }

 private:
  void push_ring(lua_State* L) {
    if (ring_ == LUA_NOREF) {
      lua_createtable(L, kRemembered * 2, 0);
      ring_ = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, ring_);
  }
  int ring_ = LUA_NOREF;
  int at_ = 0;
  std::array<std::size_t, kRemembered> index_{};
};

struct Reading {
  ReadingLog log;
  Places places;
};

char kReadingKey;

Reading& reading_of(lua_State* L) {
  lua_pushlightuserdata(L, &kReadingKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  auto* reading = static_cast<Reading*>(lua_touserdata(L, -1));
  lua_pop(L, 1);
  if (reading) return *reading;
  lua_pushlightuserdata(L, &kReadingKey);
  reading = new (lua_newuserdata(L, sizeof(Reading))) Reading;
  lua_newtable(L);
  lua_pushcfunction(L, collect<Reading>);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return *reading;
}

// Upvalues of an iterator over records.
constexpr int kUpRecords = 1, kUpHandle = 2, kUpFile = 3, kUpRows = 4;

// Goes on to the next file that can be read; false after the last. A file that cannot is a bad record.
bool open_next(lua_State* L, Records& records, Reading& reading) {
  while (records.next_file < records.files.size()) {
    const std::string_view file = records.files[records.next_file++];
    const auto refuse = [&](const Error& error) { reading.log.bad.push_back({std::string(file), 0, error.message}); };
    if (auto read = records.handle->archive->read(file, records.scratch->bytes); !read) {
      refuse(read.error());
      continue;
    }
    push_text(L, file);
    lua_replace(L, lua_upvalueindex(kUpFile));
    if (is_csv(file)) {
      lua_getfield(L, lua_upvalueindex(kUpRows), "rows");
      push_text(L, records.scratch->bytes.view());
      push_text(L, records.separator);
      lua_call(L, 2, 1);  // raises what is wrong with the file as a whole
      lua_setfield(L, lua_upvalueindex(kUpRows), "iterator");
      records.record.index = 0;
      records.csv_only = true;
      return records.open = true;
    }
    records.csv_only = false;
    if (auto started = records.scratch->reader.start(records.scratch->bytes, file, records.options); !started) {
      refuse(started.error());
      continue;
    }
    return records.open = true;
  }
  return false;
}

int next_record(lua_State* L) {
  auto& records = *static_cast<Records*>(lua_touserdata(L, lua_upvalueindex(kUpRecords)));
  Reading& reading = reading_of(L);
  lua_settop(L, 0);
  if (!records.handle) return 0;
  Budget& budget = Host::of(L).budget();
  budget.begin_reading();
  while (records.open || open_next(L, records, reading)) {
    if (records.csv_only) {
      lua_getfield(L, lua_upvalueindex(kUpRows), "iterator");
      lua_call(L, 0, 1);
      if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        records.open = false;
        continue;
      }
      ++records.record.index;
      reading.log.repaired = false;
    } else {
      JsonRecord& record = records.record;
      if (!records.scratch->reader.next(record)) {
        records.open = false;
        continue;
      }
      if (record.bad) {
        reading.log.bad.push_back({std::string(records.files[records.next_file - 1]), record.index + 1, record.reason});
        continue;
      }
      push_json(L, record.value, records.keep_null);
      reading.log.repaired = record.repaired;
    }
    const std::size_t index = records.record.index + (records.csv_only ? 0 : 1);
    ++reading.log.given;
    lua_pushvalue(L, lua_upvalueindex(kUpFile));
    if (lua_istable(L, 1)) reading.places.remember(L, 1, 2, index);
    lua_pushnumber(L, static_cast<double>(index));
    budget.begin_record();
    return 3;
  }
  records.release();
  records.handle = nullptr;
  return 0;
}

void read_options(lua_State* L, int index, Records& records) {
  if (lua_isnoneornil(L, index)) return;
  if (!lua_istable(L, index)) throw CallError("records: the options are a table, as { at = \"messages\" }");
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    const std::string_view name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (name != "at" && name != "format" && name != "separator" && name != "encoding" && name != "null") {
      throw CallError(fmt::format("records: unknown option '{}'; there are at, format, separator, null", name));
    }
  }
  records.options.at = text_field(L, index, "at");
  records.keep_null = flag_field(L, index, "null");
  records.separator = text_field(L, index, "separator");
  if (const auto encoding = text_field(L, index, "encoding"); !encoding.empty() && encoding != "utf-8") {
    throw CallError("records: encoding is not carried yet; only utf-8 is read");
  }
  const auto format = text_field(L, index, "format");
  if (format == "jsonl" || format == "lines") {
    records.options.format = archive::RecordOptions::Format::lines;
  } else if (format == "json" || format == "array") {
    records.options.format = archive::RecordOptions::Format::array;
  } else if (!format.empty() && format != "csv") {
    throw CallError(fmt::format("records: format '{}' is not one of json, jsonl, csv", format));
  }
}

int records(lua_State* L) {
  Handle& handle = handle_at(L, "records");
  const bool named = !lua_isnoneornil(L, 2) && !lua_istable(L, 2);
  const std::string name(named ? check_text(L, 2, "name") : "");
  lua_settop(L, 3);

  auto* run = new (lua_newuserdata(L, sizeof(Records))) Records;  // at 4
  if (luaL_newmetatable(L, kRecordsType)) {
    lua_pushcfunction(L, collect<Records>);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  read_options(L, named || lua_isnil(L, 2) ? 3 : 2, *run);
  run->handle = &handle;
  if (!named) {
    for (const auto file : handle.archive->list("**")) {
      if (is_data(file)) run->files.push_back(file);
    }
    if (run->files.empty()) {
      Host::of(L).warn_once(fmt::format("{} holds no JSON, JSONL or CSV file", handle.archive->path()));
    }
  } else {
    run->files = handle.archive->list(name);
    if (run->files.empty() && !is_glob(name)) {
      Host::of(L).warn_once(fmt::format("the export has no {}", name));
    }
  }
  if (handle.idle.empty()) {
    run->scratch = std::make_unique<Scratch>();
  } else {
    run->scratch = std::move(handle.idle.back());
    handle.idle.pop_back();
  }
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  bool any_csv = false;
  for (const auto file : run->files) any_csv = any_csv || is_csv(file);
  if (any_csv) {
    if (auto loaded = Host::of(L).require("stdlib.csv"); !loaded) throw CallError(loaded.error().message);
    lua_newtable(L);
    lua_getfield(L, -2, "rows");
    lua_setfield(L, -2, "rows");
    lua_remove(L, -2);
  } else {
    lua_pushnil(L);
  }
  lua_pushcclosure(L, guard<next_record>, 4);
  return 1;
}

int list(lua_State* L) {
  Handle& handle = handle_at(L, "list");
  const auto glob = optional_text(L, 2, "glob").value_or("**");
  const auto names = handle.archive->list(glob);
  lua_createtable(L, static_cast<int>(names.size()), 0);
  for (std::size_t i = 0; i < names.size(); ++i) {
    push_text(L, names[i]);
    lua_rawseti(L, -2, static_cast<int>(i + 1));
  }
  return 1;
}

int has(lua_State* L) {
  Handle& handle = handle_at(L, "has");
  lua_pushboolean(L, handle.archive->has(check_text(L, 2, "name")));
  return 1;
}

int read(lua_State* L) {
  Handle& handle = handle_at(L, "read");
  const auto text = handle.archive->read_text(check_text(L, 2, "name"));
  if (!text) return push_failure(L, text.error());
  push_text(L, *text);
  return 1;
}

int json(lua_State* L) {
  Handle& handle = handle_at(L, "json");
  const std::string name(check_text(L, 2, "name"));
  lua_settop(L, 3);
  const bool keep_null = lua_istable(L, 3) && flag_field(L, 3, "null");
  Bytes bytes;
  if (auto filled = handle.archive->read(name, bytes); !filled) return push_failure(L, filled.error());
  bool repaired = false;
  const auto value = Host::of(L).json_reader().document(bytes, name, repaired);
  if (!value) return push_failure(L, value.error());
  if (repaired) Host::of(L).warn_once(fmt::format("{} has damaged text, which was repaired", name));

  const bool pick = lua_istable(L, 3) && (lua_getfield(L, 3, "only"), lua_istable(L, -1)) && value->is_object();
  if (!pick) {
    push_json(L, *value, keep_null);
    return 1;
  }
  const int only = lua_gettop(L);
  lua_newtable(L);
  for (int i = 1; lua_rawgeti(L, only, i), lua_type(L, -1) == LUA_TSTRING; ++i) {
    if (const auto member = value->find(lua_tostring(L, -1)); member && (keep_null || !member->is_null())) {
      push_json(L, *member, keep_null);
      lua_rawset(L, -3);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return 1;
}

// The next line of the text in upvalue 1, from the byte in upvalue 2 on.
int next_line(lua_State* L) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, lua_upvalueindex(1), &size);
  const auto from = static_cast<std::size_t>(lua_tonumber(L, lua_upvalueindex(2)));
  if (from >= size) return 0;
  const std::string_view rest(data + from, size - from);
  const std::size_t end = rest.find_first_of("\r\n");
  std::size_t next = size;
  if (end != std::string_view::npos) {
    const bool pair = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
    next = from + end + (pair ? 2 : 1);
  }
  lua_pushnumber(L, static_cast<double>(next));
  lua_replace(L, lua_upvalueindex(2));
  push_text(L, rest.substr(0, end));
  return 1;
}

int lines(lua_State* L) {
  Handle& handle = handle_at(L, "lines");
  const std::string name(check_text(L, 2, "name"));
  const auto text = handle.archive->read_text(name);
  if (!text) {
    if (!handle.archive->has(name)) {
      Host::of(L).warn_once(fmt::format("the export has no {}", name));
    } else {
      throw CallError(text.error().message);
    }
  }
  std::string_view view = text ? std::string_view(*text) : std::string_view();
  if (view.starts_with("\xEF\xBB\xBF")) view.remove_prefix(3);
  push_text(L, view);
  lua_pushnumber(L, 0);
  lua_pushcclosure(L, guard<next_line>, 2);
  return 1;
}

int handle_to_string(lua_State* L) {
  push_text(L, "export " + handle_at(L, "tostring").archive->path());
  return 1;
}

// Another export inside the project's folder.
int open(lua_State* L) {
  namespace fs = std::filesystem;
  const std::string name(check_text(L, 1, "path"));
  const fs::path project = fs::weakly_canonical(Host::of(L).options().project);
  const fs::path path = fs::weakly_canonical(project / name);
  const auto inside = path.lexically_relative(project);
  if (inside.empty() || *inside.begin() == "..") {
    return push_failure(L, Error::argument("outside", fmt::format("archive.open: {} is outside of the project {}", name,
                                                                  project.string())));
  }
  auto opened = Archive::open(path.string());
  if (!opened) return push_failure(L, opened.error());
  push_archive(L, std::move(*opened));
  return 1;
}

int place_of(lua_State* L) {
  return reading_of(L).places.find(L, 1);
}

constexpr Function kOpening[] = {
    {"open", guard<open>, "open(path) -> archive | nil, err",
     "Opens another zip, folder or file inside the project's folder."},
};

constexpr Function kMethods[] = {
    {"records", guard<records>, "archive:records([name or glob] [, options]) -> iterator",
     "Gives the records of JSON, JSONL and CSV files, several in name order; by default of every data file. Options: "
     "at, "
     "format, separator, null. A named file that is missing gives none, and one warning."},
    {"list", guard<list>, "archive:list([glob]) -> { name, … }",
     "The names of entries, sorted. * within a folder, ** across, ? one character; a glob that ends in / lists "
     "folders."},
    {"json", guard<json>, "archive:json(name [, { only, null }]) -> value | nil, err",
     "One JSON file as a value; `only` picks members of the top object."},
    {"lines", guard<lines>, "archive:lines(name) -> iterator", "The lines of a text file, whatever ends them."},
    {"read", guard<read>, "archive:read(name) -> text | nil, err", "A whole file as text, at most 64 MiB."},
    {"has", guard<has>, "archive:has(name) -> boolean",
     "Whether there is such a file; a name that ends in / is a folder."},
};

}  // namespace

const Module kArchive = {"archive", "Opens exports.", kOpening};
const Module kArchiveMethods = {"export", "What a handle on an export can do.", kMethods};

int place_of_record(lua_State* L) {
  return guard<place_of>(L);
}

void push_archive(lua_State* L, std::unique_ptr<Archive> archive) {
  for (const auto& problem : archive->problems()) Host::of(L).warn_once(problem.message);
  new (lua_newuserdata(L, sizeof(Handle))) Handle{std::move(archive), {}};
  if (luaL_newmetatable(L, kHandleType)) {
    lua_newtable(L);
    add_functions(L, kArchiveMethods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, collect<Handle>);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, guard<handle_to_string>);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

ReadingLog& reading_log(lua_State* L) {
  return reading_of(L).log;
}

}  // namespace teamferry::bindings
