// The primitives of the commands in stdlib/cli/. No script sees them.

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "bindings/emulator_values.h"
#include "bindings/graph_call.h"
#include "bindings/graph_handles.h"
#include "bindings/graph_session.h"
#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/project.h"
#include "bindings/script_error.h"
#include "bindings/stop.h"
#include "bindings/summaries.h"
#include "bindings/survey_values.h"
#include "bindings/target_values.h"
#include "bindings/user_values.h"
#include "bindings/values.h"
#include "native/limits/described.h"
#include "native/migrate/evidence.h"
#include "native/migrate/primitives.h"

namespace teamferry::bindings {

int aside(lua_State* L);        // aside.cpp
int line_editor(lua_State* L);  // line_editor.cpp

namespace {

constexpr const char* kProjectType = "teamferry.project";

int version(lua_State* L) {
  lua_pushliteral(L, TEAMFERRY_VERSION);
  return 1;
}

int clock(lua_State* L) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  lua_pushnumber(L, std::chrono::duration<double>(now).count());
  return 1;
}

int is_terminal(lua_State* L) {
  const auto stream = check_text(L, 1, "stream");
  lua_pushboolean(L, isatty(stream == "stdin" ? STDIN_FILENO : stream == "stdout" ? STDOUT_FILENO : STDERR_FILENO));
  return 1;
}

int columns(lua_State* L) {
  constexpr int kUsual = 80;
  winsize size{};
  const int stream = check_text(L, 1, "stream") == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
  const bool known = ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, known ? size.ws_col : kUsual);
  return 1;
}

int absolute(lua_State* L) {
  std::error_code error;
  const auto path = std::filesystem::absolute(std::string(check_text(L, 1, "path")), error);
  push_text(L, path.lexically_normal().string());
  return 1;
}

int file_exists(lua_State* L) {
  std::error_code error;
  lua_pushboolean(L, std::filesystem::exists(std::string(check_text(L, 1, "path")), error));
  return 1;
}

int make_folder(lua_State* L) {
  std::error_code error;
  const std::string path(check_text(L, 1, "path"));
  std::filesystem::create_directories(path, error);
  if (error) return push_failure(L, Error::argument("folder", fmt::format("cannot make the folder {}", path)));
  lua_pushboolean(L, 1);
  return 1;
}

// Loads a script into this state, to learn what it declares.
int load_script(lua_State* L) {
  Host& host = Host::of(L);
  const auto place = Host::find_script(lua_isnoneornil(L, 1) ? "" : check_text(L, 1, "name"));
  if (!place) return push_failure(L, place.error());
  host.set_project(place->project);
  catch_stop();
  Budget::Limits limits;  // a command takes as long as it takes, but its script must load
  limits.stop = &stop_asked();
  Budget budget(L, limits);
  budget.begin_reading();
  const auto loaded = host.load_script(*place);
  budget.rest();
  if (stop_asked()) {
    return push_failure(L, Error::state("interrupted", "interrupted while the script was loaded; nothing was done"));
  }
  if (!loaded) return push_failure(L, loaded.error());
  push_text(L, place->file.empty() ? place->module + ".lua" : place->file);
  push_text(L, place->project);
  return 3;
}

// The text of a plain script, whose folder becomes the project's.
int read_script(lua_State* L) {
  const std::string name(check_text(L, 1, "path"));
  const auto place = Host::find_script(name);
  if (!place) return push_failure(L, place.error());
  if (place->file.empty()) {
    return push_failure(L, Error::argument("script", fmt::format("there is no file {}; a plain script is named by its "
                                                                 "file, as in: teamferry repl {}.lua",
                                                                 name, name)));
  }
  const auto text = Host::read_script(*place);
  if (!text) return push_failure(L, text.error());
  Host::of(L).set_project(place->project);
  push_text(L, *text);
  push_text(L, place->file);
  push_text(L, place->project);
  return 3;
}

// open_graph(options, items): what `graph` of plain scripts asks.
int open_graph(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  catch_stop();
  auto target = read_target_options(L, 1);
  if (!target) return push_failure(L, target.error());
  GraphSession::open(L, {std::move(*target), flag_field(L, 1, "write")});
  lua_newtable(L);
  add_functions(L, kGraph);
  return 1;
}

int parallel(lua_State* L) {
  auto& session = GraphSession::of(L);
  if (auto connected = session.connect(); !connected) throw CallError(connected.error().message);
  return session.bridge().parallel(L);
}

// serve(options, ready): runs an emulator until somebody asks it to stop; calls ready(addresses) once it listens.
int serve(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  catch_stop();
  auto options = read_emulator_options(L, 1);
  if (!options) return push_failure(L, options.error());
  auto started = emulator::Emulator::start(std::move(*options));
  if (!started) return push_failure(L, started.error());
  auto& emulator = **started;
  lua_pushvalue(L, 2);
  push_emulator(L, emulator);
  lua_call(L, 1, 0);
  std::fflush(stdout);
  wait_for_stop();
  emulator.stop();
  lua_pushboolean(L, 1);
  return 1;
}

Project& project_at(lua_State* L, int index) {
  return *static_cast<Project*>(luaL_checkudata(L, index, kProjectType));
}

int close_project(lua_State* L) {
  project_at(L, 1).~Project();
  return 0;
}

int open(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  catch_stop();
  Project::Options options;
  options.journal = text_field(L, 1, "journal");
  options.read_only = flag_field(L, 1, "read_only");
  options.scratch = flag_field(L, 1, "scratch");
  options.copy_of = text_field(L, 1, "copy_of");
  auto target = read_target_options(L, 1);
  if (!target) return push_failure(L, target.error());
  options.target = std::move(*target);
  lua_getfield(L, LUA_REGISTRYINDEX, kProjectType);
  new (lua_newuserdata(L, sizeof(Project))) Project(std::move(options));
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  return 1;
}

// Hands the moments of a command to the function at `index`, if there is one.
migrate::ProgressSink progress_to(lua_State* L, int index) {
  if (!lua_isfunction(L, index)) return {};
  return [L, index, last = std::chrono::steady_clock::time_point{}](const migrate::Progress& progress) mutable {
    const auto now = std::chrono::steady_clock::now();
    const bool long_wait = !progress.waiting_for.empty() && progress.wait >= std::chrono::seconds(1);
    if (now - last < std::chrono::milliseconds(100) && !long_wait) return;
    last = now;
    lua_pushvalue(L, index);
    push_progress(L, progress);
    // A slip in drawing must not end a migration, nor unwind through the tasks of the engine.
    if (lua_pcall(L, 1, 0, 0) != 0) lua_pop(L, 1);
  };
}

// Runs one command of a project; what the journal's disk does to it is an error like any other.
template <class Command>
int answer(lua_State* L, Command command) {
  try {
    auto result = command();
    if (!result) return push_failure(L, result.error());
    push_summary(L, *result);
    return 1;
  } catch (const journal::Failure& failure) {
    return push_failure(L, failure.error);
  }
}

std::map<std::string, std::string> text_map(lua_State* L, int index) {
  std::map<std::string, std::string> map;
  if (!lua_istable(L, index)) return map;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) map[lua_tostring(L, -2)] = std::string(check_text(L, -1, "value"));
  }
  return map;
}

std::vector<std::string> text_list(lua_State* L, int index) {
  luaL_checktype(L, index, LUA_TTABLE);
  std::vector<std::string> list;
  for (int i = 1; lua_rawgeti(L, index, i), lua_isstring(L, -1); ++i) {
    list.emplace_back(text_at(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return list;
}

// plan(request, progress): the request names script, args, team and the rows of people.csv.
int plan(lua_State* L) {
  Project& project = project_at(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  Project::Request request;
  const auto script = Host::find_script(text_field(L, 2, "script"));
  if (!script) return push_failure(L, script.error());
  request.script = *script;
  request.path = Host::of(L).options().path;
  lua_getfield(L, 2, "log");  // stays at 4
  if (lua_isfunction(L, 4)) {
    request.log = [L](Host::Level level, std::string_view line) {
      static constexpr const char* kLevels[] = {"debug", "info", "warn"};
      lua_pushvalue(L, 4);
      lua_pushstring(L, kLevels[static_cast<int>(level)]);
      push_text(L, line);
      if (lua_pcall(L, 2, 0, 0) != 0) lua_pop(L, 1);
    };
  }
  request.team = text_field(L, 2, "team");
  request.survey = flag_field(L, 2, "survey");
  if (const auto workers = number_field(L, 2, "workers")) request.workers = static_cast<std::size_t>(*workers);
  lua_getfield(L, 2, "args");
  request.args = text_map(L, 5);
  lua_getfield(L, 2, "people");
  for (int i = 1; lua_istable(L, 6) && (lua_rawgeti(L, 6, i), lua_istable(L, -1)); ++i) {
    const int row = lua_gettop(L);
    request.people.push_back({text_field(L, row, "person"), text_field(L, row, "decision"),
                              text_field(L, row, "target"), text_field(L, row, "name")});
    lua_pop(L, 1);
  }
  lua_settop(L, 4);
  migrate::PlanProgress progress;
  if (lua_isfunction(L, 3)) {
    progress = [L, last = std::chrono::steady_clock::time_point{}](const migrate::PlanMoment& moment) mutable {
      const auto now = std::chrono::steady_clock::now();
      if (now - last < std::chrono::milliseconds(100)) return;
      last = now;
      lua_pushvalue(L, 3);
      push_moment(L, moment);
      if (lua_pcall(L, 1, 0, 0) != 0) lua_pop(L, 1);
    };
  }
  return answer(L, [&] { return project.plan(request, progress); });
}

// preflight({ "run", … }, accept_doubt)
int preflight(lua_State* L) {
  Project& project = project_at(L, 1);
  auto commands = text_list(L, 2);
  const bool accept_doubt = lua_toboolean(L, 3) != 0;
  return answer(L, [&] { return project.preflight(std::move(commands), accept_doubt); });
}

int run(lua_State* L) {
  Project& project = project_at(L, 1);
  project.set_progress(progress_to(L, 2));
  migrate::Options options;
  options.confirm_existing = lua_toboolean(L, 3) != 0;
  options.pilot = optional_text(L, 4, "pilot").value_or("");
  return answer(L, [&] { return project.run(std::move(options)); });
}

// { file, key } at `index`; without a table no evidence is written.
Project::EvidencePlace evidence_place(lua_State* L, int index) {
  if (!lua_istable(L, index)) return {};
  return {text_field(L, index, "file"), text_field(L, index, "key")};
}

int verify(lua_State* L) {
  Project& project = project_at(L, 1);
  project.set_progress(progress_to(L, 2));
  std::string pilot(optional_text(L, 3, "pilot").value_or(""));
  return answer(L, [&] { return project.verify(std::move(pilot), evidence_place(L, 4)); });
}

// write_evidence(command, { file, key })
int write_evidence(lua_State* L) {
  Project& project = project_at(L, 1);
  const std::string command(check_text(L, 2, "command"));
  return answer(L, [&] { return project.write_evidence(command, evidence_place(L, 3)); });
}

// native.check_evidence{ path, key, head }
int check_evidence(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  return answer(L, [&] {
    return migrate::check_evidence({text_field(L, 1, "path"), text_field(L, 1, "key"), text_field(L, 1, "head")});
  });
}

int pause(lua_State* L) {
  const Status status = project_at(L, 1).pause(lua_toboolean(L, 2) != 0);
  if (!status) return push_failure(L, status.error());
  lua_pushboolean(L, 1);
  return 1;
}

int discard(lua_State* L) {
  Project& project = project_at(L, 1);
  std::string displayName(check_text(L, 2, "displayName"));
  return answer(L, [&] { return project.discard_team(std::move(displayName)); });
}

int complete(lua_State* L) {
  Project& project = project_at(L, 1);
  project.set_progress(progress_to(L, 2));
  std::optional<std::int64_t> accepted;
  if (lua_isnumber(L, 3)) accepted = lua_tointeger(L, 3);
  std::string reason(optional_text(L, 4, "reason").value_or(""));
  return answer(L, [&] { return project.complete(accepted, std::move(reason), lua_toboolean(L, 5) != 0); });
}

int examine(lua_State* L) {
  Project& project = project_at(L, 1);
  return answer(L, [&] { return project.examine(lua_toboolean(L, 2) != 0); });
}

// cure(before): hands each finding to `before` when something is about to be done about it.
int cure(lua_State* L) {
  Project& project = project_at(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  return answer(L, [&] {
    return project.cure([L](const migrate::Check& check) {
      lua_pushvalue(L, 2);
      push_check(L, check);
      // A slip in printing must not unwind through the tasks of the engine.
      if (lua_pcall(L, 1, 0, 0) != 0) lua_pop(L, 1);
    });
  });
}

int write_bundle(lua_State* L) {
  const Status written = project_at(L, 1).write_bundle(std::string(check_text(L, 2, "path")));
  if (!written) return push_failure(L, written.error());
  lua_pushboolean(L, 1);
  return 1;
}

int throttled(lua_State* L) {
  lua_pushnumber(L, static_cast<double>(project_at(L, 1).throttled()));
  return 1;
}

// directory(most)
int directory(lua_State* L) {
  Project& project = project_at(L, 1);
  const auto most = static_cast<std::size_t>(luaL_checknumber(L, 2));
  return answer(L, [&] { return project.directory(most); });
}

// find_users({ "ann@acme.example", … })
int find_users(lua_State* L) {
  Project& project = project_at(L, 1);
  const auto whom = text_list(L, 2);
  return answer(L, [&] { return project.find_users(whom); });
}

int people(lua_State* L) {
  Project& project = project_at(L, 1);
  return answer(L, [&]() -> Result<std::vector<journal::Person>> {
    auto opened = project.journal();
    if (!opened) return opened.error();
    return (*opened)->people();
  });
}

int survey(lua_State* L) {
  Project& project = project_at(L, 1);
  return answer(L, [&] { return project.survey(); });
}

int difference(lua_State* L) {
  Project& project = project_at(L, 1);
  const int most = luaL_checkint(L, 2);
  return answer(L, [&] { return project.difference(most); });
}

int status(lua_State* L) {
  Project& project = project_at(L, 1);
  return answer(L, [&] { return project.journal(); });
}

int export_changed(lua_State* L) {
  lua_pushboolean(L, project_at(L, 1).export_changed(std::string(check_text(L, 2, "path"))));
  return 1;
}

int variants(lua_State* L) {
  push_variants(L);
  return 1;
}

int known_limits(lua_State* L) {
  return push_json_text(L, limits::described_json(limits::in_force()));
}

// native.exchange(method, path[, body]): one request, whose answer is shown as it came.
int exchange(lua_State* L) {
  const std::string method(check_text(L, 1, "method"));
  const std::string path(check_text(L, 2, "path"));
  const std::string body = lua_isnoneornil(L, 3) ? std::string() : check_body(L, 3, "body");
  const TaskBridge::Call call{"exchange", method != "GET"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().exchange(method, path, body),
                [](lua_State* to, const http::Response& response) {
                  lua_createtable(to, 0, 2);
                  set_field(to, "status", static_cast<double>(response.status));
                  if (response.body.empty() || push_json_text(to, response.body) != 1) return 1;
                  lua_setfield(to, -2, "body");
                  return 1;
                });
}

// native.connection(): the open graph's, which is opened if need be.
int connection(lua_State* L) {
  auto& session = GraphSession::of(L);
  if (auto connected = session.connect(); !connected) return push_failure(L, connected.error());
  lua_createtable(L, 0, 3);
  set_field(L, "service_url", session.service_url());
  set_field(L, "client_id", session.client_id());
  set_field(L, "slowed_down", static_cast<double>(session.slowed_down()));
  return 1;
}

int interrupted(lua_State* L) {
  lua_pushboolean(L, stop_asked());
  return 1;
}

int go_on(lua_State*) {
  catch_stop();
  warn_before_death();
  forget_stop();
  return 0;
}

constexpr Function kFunctions[] = {
    {"version", guard<version>, "version() -> text", "The version of the program."},
    {"clock", guard<clock>, "clock() -> seconds", "Seconds since some moment, for measuring how long something took."},
    {"is_terminal", guard<is_terminal>, "is_terminal(\"stdin\", \"stdout\" or \"stderr\") -> boolean",
     "Whether a person types or watches there."},
    {"columns", guard<columns>, "columns(\"stdout\" or \"stderr\") -> integer",
     "How many characters a line of the terminal holds; 80 if there is none."},
    {"absolute", guard<absolute>, "absolute(path) -> path", "The path as seen from the root."},
    {"exists", guard<file_exists>, "exists(path) -> boolean", "Whether there is such a file or folder."},
    {"make_folder", guard<make_folder>, "make_folder(path) -> true | nil, err",
     "Makes a folder, and those it lies in; one that is there already is fine."},
    {"load_script", guard<load_script>, "load_script([name]) -> value, file, project | nil, err",
     "Finds and runs a script, and gives what it returns."},
    {"read_script", guard<read_script>, "read_script(path) -> text, file, project | nil, err",
     "The text of a plain script; its folder becomes the project's."},
    {"aside", guard<aside>, "aside(module, request, { project }, say) -> text | nil, err",
     "Runs module.run(request) of stdlib/ in a state of its own, sandboxed and with the budgets of a plan; lines of "
     "its "
     "scripts go to say(level, line)."},
    {"attempt", attempt, "attempt(function, …) -> true, … | false, problem, place",
     "Runs what no budget ends but Ctrl-C; an error comes with the script's line."},
    {"open_graph", guard<open_graph>, "open_graph(options, items) -> graph | nil, err",
     "The module graph of plain scripts, for this target; nothing is opened yet. `items` is that of stdlib.pager."},
    {"exchange", guard<exchange>, "exchange(method, path, [body]) -> { status, body } | nil, err",
     "One request of the open graph, tried once, with its status. body: nil if the answer had none."},
    {"connection", guard<connection>, "connection() -> { service_url, client_id, slowed_down } | nil, err",
     "Of the open graph: what the service calls itself, as whom, and how many 429s were waited out."},
    {"limits", guard<known_limits>, "limits() -> { [name] = { value, source, as_of, mark } }",
     "What the service allows and answers, as the program knows it."},
    {"parallel", guard<parallel>, "parallel(items, limit, fn) -> { { value } or { nil, err }, … }",
     "Runs fn(item) for all, at most `limit` at once; results in order. Scripts know it as parallel."},
    {"serve", guard<serve>, "serve(options, ready) -> true | nil, err",
     "Runs an emulator until somebody asks it to stop; calls ready(addresses) once it listens."},
    {"check_evidence", guard<check_evidence>,
     "check_evidence({ path, key, head }) -> { head, lines, by_state, … } | nil, err",
     "Whether a file of evidence is as it was written, and signed by the owner of this public key."},
    {"variants", guard<variants>, "variants() -> { { name, values, doc } }",
     "Where the emulator can answer otherwise, as other documents or users say."},
    {"open", guard<open>, "open(options) -> project | nil, err",
     "A journal and the target it belongs to; nothing is opened yet."},
    {"pace", guard<pace>, "pace(name) -> { classes, source, as_of, mark }",
     "The rates of a pace by class of request, a second: resource_rate of one conversation, tenant_rate of all; 0: "
     "none."},
    {"interrupted", guard<interrupted>, "interrupted() -> boolean", "Whether somebody asked the program to stop."},
    {"go_on", guard<go_on>, "go_on()", "Forgets that somebody asked; from then on a second Ctrl-C only warns."},
    {"line_editor", guard<line_editor>, "line_editor(history, complete) -> read",
     "read(prompt) gives the line that a person types, or nil and \"interrupted\" or \"end\". history: a file or nil; "
     "complete(text before the cursor) gives how many bytes of it are completed, and a list of words for them."},
};

constexpr Function kMethods[] = {
    {"plan", guard<plan>, "project:plan(request, [progress]) -> summary | nil, err",
     "Maps and checks everything into the journal: script, args, team, people."},
    {"preflight", guard<preflight>, "project:preflight(commands[, accept_doubt]) -> { sign_in, notes } | nil, err",
     "Signs in, and looks whether the application has the permissions that these commands need."},
    {"run", guard<run>, "project:run([progress, confirm_existing, pilot]) -> summary | nil, err",
     "Sends what is planned; with a pilot, that conversation alone."},
    {"verify", guard<verify>, "project:verify([progress, pilot, { file, key }]) -> summary | nil, err",
     "Reads back and compares; with a pilot, that conversation alone. Else leaves evidence in file, signed with the "
     "private key, if they are named."},
    {"write_evidence", guard<write_evidence>,
     "project:write_evidence(command, { file, key }) -> { path, head, lines, key } | nil, err",
     "Writes the journal's rows as evidence, with nothing read back."},
    {"complete", guard<complete>,
     "project:complete([progress, accept_failures, reason, readd_members]) -> summary | nil, err",
     "Ends the migration, if the gate lets it."},
    {"pause", guard<pause>, "project:pause(on) -> true | nil, err",
     "Runs of this journal send nothing more until it is off; for those in other processes, and those to come."},
    {"discard", guard<discard>, "project:discard(displayName) -> { displayName, graph_id, gone_before } | nil, err",
     "Deletes the team of that name that this migration created; the journal takes no run any more."},
    {"examine", guard<examine>, "project:examine(with_journal) -> { checks } | nil, err",
     "What doctor finds: network, sign-in, clock, permissions, and with a journal all that is in it."},
    {"cure", guard<cure>, "project:cure(before) -> { cures } | nil, err",
     "Does what is safe about the findings of the last examine()."},
    {"write_bundle", guard<write_bundle>, "project:write_bundle(path) -> true | nil, err",
     "Writes the findings and what belongs to them to a new file, without secrets, names and texts."},
    {"throttled", guard<throttled>, "project:throttled() -> number", "429s that reads have met and waited out."},
    {"export_changed", guard<export_changed>, "project:export_changed(path) -> boolean",
     "Whether the export is another one than was planned."},
    {"directory", guard<directory>, "project:directory(most) -> { users, whole } | nil, err",
     "Users of the tenant, until there are `most` or all are read: id, displayName, mail, userPrincipalName, enabled, "
     "aliases."},
    {"find_users", guard<find_users>, "project:find_users(list) -> { user or false, … } | nil, err",
     "Users by mail address, UPN, id or alias, in the order of the list."},
    {"people", guard<people>, "project:people() -> { { id, name, decision, target, graph_id, messages } } | nil, err",
     "The people of the plan."},
    {"survey", guard<survey>, "project:survey() -> { conversations, people, months, constructs } | nil, err",
     "What the plan comes to; constructs if the plan was asked for a survey."},
    {"difference", guard<difference>, "project:difference(most) -> difference | nil, err",
     "Of a copy that was planned anew: what differs from the journal it is a copy of, with that many samples a kind."},
    {"status", guard<status>, "project:status() -> status | nil, err", "Where the journal stands, without the target."},
};

}  // namespace

const Module kNative = {"native", "What the commands are made of.", kFunctions};
const Module kProject = {"project", "One journal and its target.", kMethods};

void open_native(lua_State* L) {
  luaL_newmetatable(L, kProjectType);
  lua_newtable(L);
  add_functions(L, kProject);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, guard<close_project>);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

}  // namespace teamferry::bindings
