// line_editor(history, complete): the line that a person types at the prompt, by libedit: the keys of Emacs or, as
// ~/.editrc says, of vi; history; completion by Tab.

#include <histedit.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstring>
#include <memory>
#include <string>

#include "bindings/module.h"
#include "bindings/stop.h"
#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

constexpr const char* kEditorType = "teamferry.line_editor";
constexpr int kHistoryLines = 2000;

struct LineEditor {
  EditLine* line = nullptr;
  History* past = nullptr;
  HistEvent event{};
  std::string history, prompt;
  lua_State* L = nullptr;
  int complete = LUA_NOREF;  // in the registry

  ~LineEditor() {
    if (past) history_end(past);
    if (line) el_end(line);
  }
};

char* prompt_of(EditLine* line) {
  LineEditor* self = nullptr;
  el_get(line, EL_CLIENTDATA, &self);
  return self->prompt.data();
}

// Asks complete(text before the cursor) -> how many bytes of it are completed, { word, … }. Whatever goes wrong there
// must not unwind through libedit.
unsigned char on_tab(EditLine* line, int) {
  LineEditor* self = nullptr;
  el_get(line, EL_CLIENTDATA, &self);
  lua_State* L = self->L;
  const StackGuard guard(L);
  const LineInfo* info = el_line(line);
  lua_rawgeti(L, LUA_REGISTRYINDEX, self->complete);
  push_text(L, {info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)});
  if (lua_pcall(L, 1, 2, 0) != 0 || !lua_istable(L, -1)) return CC_REFRESH_BEEP;
  const auto typed = static_cast<std::size_t>(lua_tonumber(L, -2));
  const int words = lua_gettop(L), count = static_cast<int>(lua_objlen(L, words));
  if (count == 0) return CC_REFRESH_BEEP;
  std::string common, all;
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(L, words, i);
    const std::string word(text_at(L, -1));
    lua_pop(L, 1);
    if (i == 1) common = word;
    common.resize(static_cast<std::size_t>(std::ranges::mismatch(common, word).in1 - common.begin()));
    all += "  " + word;
  }
  while (!common.empty() && common.size() > typed && (common.back() & 0xC0) == 0x80) common.pop_back();
  if (common.size() > typed) {
    if (el_insertstr(line, common.substr(typed).c_str()) != 0) return CC_REFRESH_BEEP;
    return CC_REFRESH;
  }
  if (count == 1) return CC_NORM;
  std::fprintf(stdout, "\n%s\n", all.c_str());
  std::fflush(stdout);
  return CC_REDISPLAY;
}

// read(prompt) -> line | nil, "interrupted" or "end"
int read_line(lua_State* L) {
  auto& self = *static_cast<LineEditor*>(lua_touserdata(L, lua_upvalueindex(1)));
  self.prompt = check_text(L, 1, "prompt");
  self.L = L;
  el_resize(self.line);
  int size = 0;
  errno = 0;
  const char* text = el_gets(self.line, &size);
  if (stop_asked()) {
    forget_stop();
    lua_pushnil(L);
    lua_pushliteral(L, "interrupted");
    return 2;
  }
  if (!text || size <= 0) {
    lua_pushnil(L);
    lua_pushliteral(L, "end");
    return 2;
  }
  std::string_view line(text, static_cast<std::size_t>(size));
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.find_first_not_of(" \t") != std::string_view::npos) {
    history(self.past, &self.event, H_ENTER, std::string(line).c_str());
    if (!self.history.empty()) history(self.past, &self.event, H_SAVE, self.history.c_str());
  }
  push_text(L, line);
  return 1;
}

int collect_editor(lua_State* L) {
  static_cast<LineEditor*>(lua_touserdata(L, 1))->~LineEditor();
  return 0;
}

}  // namespace

int line_editor(lua_State* L) {
  const std::string path(optional_text(L, 1, "history").value_or(""));
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  catch_stop();
  std::setlocale(LC_CTYPE, "C.UTF-8");                                   // a letter may be several bytes
  auto* self = new (lua_newuserdata(L, sizeof(LineEditor))) LineEditor;  // at 3
  if (luaL_newmetatable(L, kEditorType)) {
    lua_pushcfunction(L, collect_editor);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, 3);
  lua_pushvalue(L, 2);
  self->complete = luaL_ref(L, LUA_REGISTRYINDEX);
  self->history = path;
  self->line = el_init("teamferry", stdin, stdout, stderr);
  self->past = history_init();
  if (!self->line || !self->past) throw CallError("the terminal cannot be used to edit lines");
  el_set(self->line, EL_CLIENTDATA, self);
  el_set(self->line, EL_PROMPT, prompt_of);
  el_set(self->line, EL_EDITOR, "emacs");
  history(self->past, &self->event, H_SETSIZE, kHistoryLines);
  history(self->past, &self->event, H_SETUNIQUE, 1);
  if (!path.empty()) history(self->past, &self->event, H_LOAD, path.c_str());
  el_set(self->line, EL_HIST, history, self->past);
  // What takes narrow names copies them and never frees the copies.
  el_wset(self->line, EL_ADDFN, L"teamferry-complete", L"Completes names", on_tab);
  el_set(self->line, EL_BIND, "^I", "teamferry-complete", nullptr);
  el_set(self->line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(self->line, nullptr);
  lua_pushvalue(L, 3);
  lua_pushcclosure(L, guard<read_line>, 1);
  return 1;
}

}  // namespace teamferry::bindings
