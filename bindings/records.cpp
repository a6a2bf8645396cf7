// archive:records(): one iterator over the records of any number of files.

#include "bindings/records.h"

#include <algorithm>
#include <array>

#include "bindings/archive.h"
#include "bindings/host.h"
#include "bindings/json.h"
#include "bindings/module.h"

namespace teamferry::bindings {

namespace {

using archive::JsonRecord;

constexpr const char* kRecordsType = "teamferry.records";

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
  std::string sql;
  std::unique_ptr<Scratch> scratch;
  JsonRecord record;

  ~Records() { release(); }
  void release() {
    if (scratch && handle) handle->idle.push_back(std::move(scratch));
  }
};

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

// A text that records must hold to be given, for a search at the prompt; empty: all are.
class Needle {
 public:
  void set(std::string_view text) {
    text_ = text;
    as_is_ = std::ranges::all_of(text_, [](unsigned char c) {
      return c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '/' && c != '<' && c != '>' && c != '&';
    });
  }
  bool empty() const { return text_.empty(); }
  // False: no record of this file can hold it. Text that JSON need not escape stands in the file as it is, unless its
  // writer escaped letters all the same.
  bool may_be_in(std::string_view file) const {
    if (!as_is_ || file.find(text_) != std::string_view::npos) return true;
    for (auto at = file.find("\\u00"); at != std::string_view::npos; at = file.find("\\u00", at + 1)) {
      if (at + 4 < file.size() && file[at + 4] >= '2' && file[at + 4] <= '7') return true;
    }
    return false;
  }
  bool is_in(const archive::JsonValue& value) const {
    switch (value.type()) {
      case archive::JsonValue::Type::text:
        return value.text().find(text_) != std::string_view::npos;
      case archive::JsonValue::Type::array:
        for (const auto item : value.items()) {
          if (is_in(item)) return true;
        }
        return false;
      case archive::JsonValue::Type::object:
        for (const auto member : value.members()) {
          if (is_in(member.value)) return true;
        }
        return false;
      default:
        return false;
    }
  }

 private:
  std::string text_;
  bool as_is_ = true;
};

struct Reading {
  ReadingLog log;
  Places places;
  Needle needle;
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
    Host::of(L).budget().at_file(file);
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
    if (!reading.needle.empty() && !reading.needle.may_be_in(records.scratch->bytes.view())) continue;
    if (archive::is_sqlite(records.scratch->bytes.view())) {
      const archive::SqliteRows::Query query{.table = records.options.at, .sql = records.sql};
      if (auto started = records.scratch->reader.start_rows(records.scratch->bytes, file, query); !started) {
        refuse(started.error());
        continue;
      }
      return records.open = true;
    }
    auto options = records.options;
    if (ends_with_any(file, {".bson", ".BSON"})) options.format = archive::RecordOptions::Format::bson;
    if (auto started = records.scratch->reader.start(records.scratch->bytes, file, options); !started) {
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
      if (!reading.needle.empty() && !reading.needle.is_in(record.value)) continue;
      push_json(L, record.value, records.keep_null);
      reading.log.repaired = record.repaired;
    }
    const std::size_t index = records.record.index + (records.csv_only ? 0 : 1);
    ++reading.log.given;
    lua_pushvalue(L, lua_upvalueindex(kUpFile));
    if (lua_istable(L, 1)) reading.places.remember(L, 1, 2, index);
    lua_pushnumber(L, static_cast<double>(index));
    budget.at_record(index);
    budget.begin_record();
    return 3;
  }
  records.release();
  records.handle = nullptr;
  budget.at_file({});
  return 0;
}

void read_options(lua_State* L, int index, Records& records) {
  if (lua_isnoneornil(L, index)) return;
  if (!lua_istable(L, index)) throw CallError("records: the options are a table, as { at = \"messages\" }");
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    const std::string_view name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    if (name != "at" && name != "format" && name != "separator" && name != "encoding" && name != "null" &&
        name != "sql") {
      throw CallError(fmt::format("records: unknown option '{}'; there are at, format, separator, sql, null", name));
    }
  }
  records.options.at = text_field(L, index, "at");
  records.keep_null = flag_field(L, index, "null");
  records.separator = text_field(L, index, "separator");
  records.sql = text_field(L, index, "sql");
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

// A step emits this record by itself: its piece begins.
int place_of(lua_State* L) {
  Host::of(L).budget().begin_record();
  return reading_of(L).places.find(L, 1);
}

}  // namespace

int open_records(lua_State* L) {
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

int place_of_record(lua_State* L) {
  return guard<place_of>(L);
}

int only_with(lua_State* L) {
  reading_of(L).needle.set(optional_text(L, 1, "text").value_or(""));
  return 0;
}

ReadingLog& reading_log(lua_State* L) {
  return reading_of(L).log;
}

}  // namespace teamferry::bindings
