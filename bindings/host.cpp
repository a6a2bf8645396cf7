#include "bindings/host.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bindings/embedded.h"
#include "bindings/module.h"
#include "bindings/script_error.h"
#include "bindings/values.h"
#include "native/archive/json_records.h"
#include "native/base/sha256.h"

extern "C" int luaopen_lpeg(lua_State* L);

namespace teamferry::bindings {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxScriptBytes = std::size_t{16} << 20;

// Keys of the registry: only their addresses matter.
char kHostKey, kSandboxKey;

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > kMaxScriptBytes) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

const Embedded* find_embedded(std::string_view module) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, module, &Embedded::module);
  return found == files.end() ? nullptr : &*found;
}

// "scripts.slack" -> "scripts/slack"; nothing for names that are no names.
std::optional<std::string> module_path(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.front() == '.' || name.back() == '.') return std::nullopt;
  std::string path;
  for (const char c : name) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
    if (!letter && (c != '.' || path.back() == '/')) return std::nullopt;
    path += c == '.' ? '/' : c;
  }
  return path;
}

// Makes an error name a line of a script: the nearest one, if its own text begins inside of stdlib/.
int add_place(lua_State* L) {
  Budget::settle();
  Host::of(L).note_problem(lua_type(L, 1) == LUA_TSTRING ? text_at(L, 1) : std::string_view());
  if (lua_type(L, 1) != LUA_TSTRING) {
    if (luaL_callmeta(L, 1, "__tostring")) return 1;
    if (lua_isnil(L, 1)) return lua_pushliteral(L, "error without a message"), 1;
    return 1;
  }
  if (const std::string_view text = text_at(L, 1), own = without_our_place(text); own.size() != text.size()) {
    push_text(L, own);
    lua_replace(L, 1);
  }
  // A script that raised it itself gave its line, or left it out knowingly.
  bool inside = false;
  const std::string place = script_place(L, 1, inside);
  if (inside && !place.empty() && text_at(L, 1).find(place) == std::string_view::npos) {
    lua_pushfstring(L, "%s (from %s)", lua_tostring(L, 1), place.c_str());
    return 1;
  }
  lua_settop(L, 1);
  return 1;
}

}  // namespace

Result<std::unique_ptr<Host>> Host::create(Options options) {
  std::unique_ptr<Host> host(new Host(std::move(options)));
  if (auto opened = host->open(); !opened) return opened.error();
  return host;
}

Host::Host(Options options) : options_(std::move(options)), json_reader_(std::make_unique<archive::RecordReader>()) {
  memory_.limit = memory_.bound = options_.memory_bytes;
}

Host::~Host() {
  if (L_) lua_close(L_);
}

void* Host::allocate(void* memory, void* pointer, std::size_t old_size, std::size_t new_size) {
  auto& self = *static_cast<Memory*>(memory);
  if (new_size > old_size && self.used + (new_size - old_size) > self.bound) {
    self.record_is_over = self.in_record();
    return nullptr;
  }
  void* result = self.allocate(self.state, pointer, old_size, new_size);
  if (result || new_size == 0) self.used += new_size - old_size;
  return result;
}

Host& Host::of(lua_State* L) {
  lua_pushlightuserdata(L, &kHostKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  auto* host = static_cast<Host*>(lua_touserdata(L, -1));
  lua_pop(L, 1);
  return *host;
}

Status Host::open() {
  L_ = luaL_newstate();
  if (!L_) return Error::state("no_memory", "there is no memory for a Lua state");
  memory_.allocate = lua_getallocf(L_, &memory_.state);
  lua_setallocf(L_, &Host::allocate, &memory_);
  budget_ = std::make_unique<Budget>(L_, options_.budget, &memory_);

  lua_pushcfunction(L_, &Host::open_libraries);
  lua_pushlightuserdata(L_, this);
  return call(1, 0);
}

int Host::open_libraries(lua_State* L) {
  auto& self = *static_cast<Host*>(lua_touserdata(L, 1));
  lua_pushlightuserdata(L, &kHostKey);
  lua_pushlightuserdata(L, &self);
  lua_rawset(L, LUA_REGISTRYINDEX);
  // A loop that is compiled looks at no hook, so that no budget could end it. Little is lost: what takes the time here
  // are calls into C (patterns, LPeg, JSON, the planner), which end a trace. Plans of 50,000 Slack messages with the
  // compiler and without it could not be told apart (one run each: 3.2 and 3.1 s of processor time, user).
  luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  // What lives is small and what is thrown away is much: collecting when the heap is four times what lived, not
  // twice, saves a tenth of a plan for some megabytes.
  lua_gc(L, LUA_GCSETPAUSE, 400);
  static constexpr luaL_Reg kLibraries[] = {{"", luaopen_base},         {"table", luaopen_table},
                                            {"string", luaopen_string}, {"math", luaopen_math},
                                            {"bit", luaopen_bit},       {"lpeg", luaopen_lpeg}};
  for (const auto& library : kLibraries) {
    lua_pushcfunction(L, library.func);
    lua_pushstring(L, library.name);
    lua_call(L, 1, 0);
  }
  if (self.options_.commands) {
    open_native(L);
    for (const auto& library : {luaL_Reg{"io", luaopen_io}, luaL_Reg{"os", luaopen_os}}) {
      lua_pushcfunction(L, library.func);
      lua_pushstring(L, library.name);
      lua_call(L, 1, 0);
    }
  }

  // bindings/sandbox.lua is given the modules by name and returns its own functions.
  const Embedded* sandbox = find_embedded("bindings.sandbox");
  if (luaL_loadbufferx(L, sandbox->text.data(), sandbox->text.size(), "@bindings/sandbox.lua", "t")) {
    return lua_error(L);
  }
  lua_newtable(L);
  for (const Module* module : modules()) {
    if (module == &kNative && !self.options_.commands) continue;
    lua_newtable(L);
    add_functions(L, *module);
    lua_setfield(L, -2, module->name);
  }
  lua_call(L, 1, 1);
  lua_pushlightuserdata(L, &kSandboxKey);
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
  return 0;
}

Status Host::call(int arguments, int results) {
  const int base = lua_gettop(L_) - arguments;
  lua_pushcfunction(L_, add_place);
  lua_insert(L_, base);
  budget_->begin_reading();
  const int outcome = lua_pcall(L_, arguments, results, base);
  budget_->rest();
  Budget::settle();
  lua_remove(L_, base);
  if (outcome == 0) return done();
  std::size_t length = 0;
  const char* text = lua_tolstring(L_, -1, &length);
  std::string message = text ? std::string(text, length) : "an error that is not a text";
  lua_pop(L_, 1);
  if (outcome == LUA_ERRMEM || outcome == LUA_ERRERR) message = describe_failure(outcome);
  return Error::argument("script", std::move(message));
}

std::string Host::describe_failure(int outcome) {
  if (outcome == LUA_ERRMEM) {
    lua_gc(L_, LUA_GCCOLLECT, 0);  // what was taken is garbage now, and the next record needs room
    if (std::exchange(memory_.record_is_over, false)) {
      return fmt::format("this record needs more than {} MiB of memory; look for text or tables that grow without end",
                         options_.budget.record_bytes >> 20);
    }
    return fmt::format("the script needs more than {} MiB of memory", memory_.limit >> 20);
  }
  if (!problem_.empty()) return problem_;
  return "the script ran out of stack, or its error could not be told; look for a function that calls itself without "
         "end";
}

Status Host::require(std::string_view module) {
  lua_pushlightuserdata(L_, &kSandboxKey);
  lua_rawget(L_, LUA_REGISTRYINDEX);
  lua_getfield(L_, -1, "require");
  lua_remove(L_, -2);
  push_text(L_, module);
  return call(1, 1);
}

Result<std::string> Host::read_script(const ScriptPlace& script) {
  const fs::path path = fs::path(script.project) / script.file;
  auto text = read_file(path);
  if (!text) return Error::argument("script", fmt::format("cannot read the script {}", path.string()));
  return std::move(*text);
}

Status Host::load_script(const ScriptPlace& script) {
  lua_pushlightuserdata(L_, &kSandboxKey);
  lua_rawget(L_, LUA_REGISTRYINDEX);
  if (!script.module.empty()) {
    lua_getfield(L_, -1, "require_script");
    lua_remove(L_, -2);
    push_text(L_, script.module);
    return call(1, 1);
  }
  lua_getfield(L_, -1, "run");
  lua_remove(L_, -2);
  const auto text = read_script(script);
  if (!text) {
    lua_pop(L_, 1);
    return text.error();
  }
  loaded_.push_back({(fs::path(script.project) / script.file).string(), sha256_hex(*text)});
  push_text(L_, *text);
  push_text(L_, script.file);
  return call(2, 1);
}

bool Host::is_trusted(std::string_view module) {
  const bool ours = module.starts_with("stdlib.") || module.starts_with("bindings.") || module == "argparse";
  return ours && find_embedded(module);
}

Result<Host::Source> Host::find_module(std::string_view name) {
  const auto path = module_path(name);
  if (!path) {
    return Error::argument("script",
                           fmt::format("'{}' is no name of a script; write it with dots, as \"scripts.slack\"", name));
  }
  const Embedded* embedded = find_embedded(name);
  if (is_trusted(name)) return Source{std::string(embedded->text), std::string(embedded->path), true};

  std::vector<std::string> folders{options_.project};
  folders.insert(folders.end(), options_.path.begin(), options_.path.end());
  for (std::size_t i = 0; i < folders.size(); ++i) {
    for (const char* tail : {".lua", "/migrate.lua"}) {
      const fs::path file = fs::path(folders[i]) / (*path + tail);
      auto text = read_file(file);
      if (!text) continue;
      loaded_.push_back({file.string(), sha256_hex(*text)});
      return Source{std::move(*text), i == 0 ? *path + tail : file.string(), false};
    }
  }
  if (embedded) {
    loaded_.push_back({"shipped:" + std::string(embedded->path), sha256_hex(embedded->text)});
    return Source{std::string(embedded->text), std::string(embedded->path), false};
  }
  return Error::argument("script", fmt::format("looked in: {}, shipped", fmt::join(folders, ", ")));
}

Result<ScriptPlace> Host::find_script(std::string_view name) {
  std::error_code error;
  if (name.empty()) {
    if (fs::exists("migrate.lua", error)) return ScriptPlace{".", "migrate.lua", ""};
    return Error::argument("script",
                           "there is no migrate.lua in this folder; name a script or a project folder, for example: "
                           "teamferry plan slack --export export.zip");
  }
  const fs::path path{std::string(name)};
  if (fs::is_directory(path, error)) {
    if (fs::exists(path / "migrate.lua", error)) return ScriptPlace{path.string(), "migrate.lua", ""};
    // A folder may be called like a shipped script ("slack"): then the script is meant.
    if (!find_embedded("scripts." + std::string(name))) {
      return Error::argument("script", fmt::format("the folder {} has no migrate.lua; a project is a folder with that "
                                                   "file. An export is given with --export",
                                                   name));
    }
  }
  if (name.ends_with(".lua")) {
    if (!fs::exists(path, error)) return Error::argument("script", fmt::format("there is no script {}", name));
    const auto folder = path.parent_path();
    return ScriptPlace{folder.empty() ? "." : folder.string(), path.filename().string(), ""};
  }
  return ScriptPlace{".", "", std::string(name)};
}

void Host::warn_once(std::string text) {
  if (std::ranges::find(warnings_, text) == warnings_.end()) warnings_.push_back(std::move(text));
}

}  // namespace teamferry::bindings
