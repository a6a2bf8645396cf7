// Scripts that try to take the job down with them: each ends as promised, and the records around it are mapped.
#include <catch2/catch.hpp>
#include <map>

#include <fmt/format.h>

#include "bindings/lua_mapper.h"
#include "native/base/thread.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using migrate::MappedMessage;

namespace {

struct Attempt {
  const char* code;               // the body of the step message(self, m, ctx), before it returns a message
  const char* outcome;            // what the parked record says; empty: it is mapped, as if nothing had been
  const char* or_else = nullptr;  // on a machine that is faster, or slower
};

constexpr const char* kTime = "of processor time";
constexpr const char* kMemory = "this record needs more than";
constexpr const char* kStack = "stack";

const std::vector<Attempt> kAttempts = {
    // Loops.
    {"while true do end", kTime},
    {"repeat until false", kTime},
    {"for i = 1, math.huge do end", kTime},
    {"::again:: goto again", kTime},
    {"while true do pcall(error, 'x') end", kTime},
    {"while true do pcall(function() while true do end end) end", kTime},
    {"xpcall(function() error 'x' end, function() while true do end end) while true do end", kTime},
    {"local function f() return f() end f()", kTime},
    {"local f = coroutine.wrap(function() while true do end end) while true do pcall(f) end", kTime},
    {"while true do coroutine.wrap(function() end)() end", kTime},
    {"local f f = coroutine.wrap(function() while true do coroutine.yield() end end) while true do f() end", kTime},
    {"local t = {} for i = 1, 2000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
     kTime},
    {"while true do load 'return 1' () end", kTime},
    {"('x'):rep(1e6):gsub('.', function() while true do end end)", kTime},
    // Memory.
    {"local s = ('x'):rep(1e9)", kMemory},
    {"local s = 'x' while true do s = s .. s end", kMemory},
    {"local t = {} while true do t[#t + 1] = {} end", kMemory, kTime},
    {"local t = {} while true do t[#t + 1] = function() return t end end", kMemory, kTime},
    {"local t = {} while true do t[#t + 1] = coroutine.create(function() end) end", kMemory, kTime},
    {"local t = {} for i = 1, 1e7 do t[i] = 'xxxxxxxxxxxxxxxx' end return table.concat(t)", kMemory, kTime},
    {"local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1e6) .. #t end) end", kTime},
    // Depth.
    {"local function f() return 1 + f() end f()", kStack},
    {"local t = {} setmetatable(t, { __index = function(_, k) return t[k .. 'x'] end }) return t.x", kStack},
    {"local t = setmetatable({}, { __tostring = function(t) return 1 .. tostring(t) end }) tostring(t)", "stack"},
    {"local function f() return (('x'):gsub('x', f)) end f()", "stack"},
    {"local function f() coroutine.wrap(f)() end f()", kStack, "memory"},
    {"local function f() pcall(f) f() end f()", kTime, kStack},
    {"unpack({}, 1, 1e8)", "too many results to unpack"},
    {"local t = {} t.__index = t setmetatable(t, t) return t.x.y", "loop in gettable"},
    // Traps for whoever looks at what went wrong, or at what is returned.
    {"error(setmetatable({}, { __tostring = function() error 'x' end }))", "a value that cannot be shown"},
    {"error(setmetatable({}, { __tostring = function() while true do end end }))", kTime},
    {"error()", "an error was raised with nothing"},
    {"error(('x'):rep(1e6))", "xxxx"},
    {"do return setmetatable({}, { __index = function() while true do end end }) end", kTime},
    {"do return { createdDateTime = '2019-02-04T12:00:00.000Z', from = 'U1', body = setmetatable({}, { __index = error "
     "}) "
     "} end",
     "bad argument"},
    {"do return nil, setmetatable({}, { __tostring = error }) end", "reason"},
    {"setmetatable({}, { __gc = function() error 'x' end }) for i = 1, 1e4 do local t = {} end", ""},
    // Ways out.
    {"return getmetatable('').__index.format", "index"},
    {"setmetatable(_G, nil)", "protected metatable"},
    {"rawset(string, 'format', nil)", "cannot be changed"},
    {"load '\\27LJ\\2' ()", "call a nil value"},
    {"require 'stdlib.run'", "stdlib.run is not for scripts"},
    {"require 'teamferry.host'", "no script 'teamferry.host'"},
    {"return debug.getregistry()", "there is no debug in scripts"},
    {"collectgarbage 'stop'", "only \"count\" is open"},
    {"return math.random()", "math has no random"},
    {"return newproxy(true)", "there is no newproxy in scripts"},
    {"ctx.export = nil", "ctx.export is written in a step"},
    {"self.args = nil", "is written while the script runs"},
    {"setmetatable(ctx, {})", "protected metatable"},
    {"local t = coroutine.running() error(type(t))", "nil"},
};

std::string script() {
  std::string text =
      "local s = source.new { name = 's', summary = 's', api = 1 }\n"
      "local act = {}\n";
  for (std::size_t i = 0; i < kAttempts.size(); ++i) {
    text += fmt::format("act[{}] = function(self, m, ctx) {} end\n", i, kAttempts[i].code);
  }
  return text +
         "function s:conversations(ctx, emit) emit { id = 'C1' } end\n"
         "function s:messages(room, ctx, emit) emit(ctx.export:records 'm.jsonl') end\n"
         "function s:message(m, ctx)\n"
         "  if m.act then\n"
         "    local out, reason = act[m.act](self, m, ctx)\n"
         "    if out or reason then return out, reason end\n"
         "  end\n"
         "  return { id = m.id, createdDateTime = '2019-02-04T12:00:00.000Z', from = 'U1', body = { content = 'fine' } "
         "}\n"
         "end\n"
         "return s\n";
}

struct Seen {
  MappedMessage::Outcome outcome;
  std::string reason, record;
};

// What becomes of the records, on a thread with the stack that the program gives its own.
std::vector<Seen> mapped(const std::string& records, const std::string& hangs = {}) {
  const Folder project, folder;
  folder.write("m.jsonl", records);
  project.write("s.lua", script());
  std::vector<Seen> seen;
  const auto map = [&] {
    LuaMapper::Options options;
    options.script = {project.path(), "s.lua", ""};
    options.args = {{"export", folder.path()}};
    options.host.budget.record = std::chrono::milliseconds(50);
    options.host.budget.reading = std::chrono::milliseconds(300);  // a handler of errors has it, too
    options.hangs = hangs;
    auto mapper = LuaMapper::open(std::move(options));
    if (!mapper) return seen.push_back({MappedMessage::Outcome::parked, mapper.error().message, ""});
    std::vector<migrate::MappedPlace> places;
    (void)(*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; });
    auto read = (*mapper)->messages(places.at(0), true, [&](const MappedMessage& m) {
      return seen.push_back({m.outcome, std::string(m.reason), std::string(m.record)}), true;
    });
    if (!read) seen.push_back({MappedMessage::Outcome::parked, read.error().message, ""});
  };
  { const Thread thread(std::size_t{256} << 20, map); }
  return seen;
}

}  // namespace

TEST_CASE("Whatever a script does with a record, it ends as promised and the next record is mapped", "[hostile]") {
  std::string records;
  for (std::size_t i = 0; i < kAttempts.size(); ++i) {
    records += fmt::format("{{\"id\":\"a{0}\",\"act\":{0}}}\n{{\"id\":\"b{0}\"}}\n", i);
  }
  const auto seen = mapped(records);
  for (const auto& one : seen)
    if (one.record.empty()) UNSCOPED_INFO(one.reason);
  REQUIRE(seen.size() == 2 * kAttempts.size());
  for (std::size_t i = 0; i < kAttempts.size(); ++i) {
    const auto& [code, outcome, or_else] = kAttempts[i];
    const Seen& tried = seen[2 * i];
    INFO(code << "\n" << tried.reason.substr(0, 1000));
    const bool passes = std::string_view(outcome).empty();
    CHECK(tried.outcome == (passes ? MappedMessage::Outcome::mapped : MappedMessage::Outcome::parked));
    CHECK((tried.reason.find(outcome) != std::string::npos ||
           (or_else && tried.reason.find(or_else) != std::string::npos)));
    CHECK(tried.reason.find("0x") == std::string::npos);  // a plan says the same each time
    CHECK(tried.record == fmt::format("m.jsonl record {}", 2 * i + 1));
    CHECK(seen[2 * i + 1].outcome == MappedMessage::Outcome::mapped);
  }
}

TEST_CASE("A record that hung an earlier plan is parked untried, until the scripts are changed", "[hostile]") {
  const Folder folder;
  const std::string records = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n", hangs = folder / "journal.db.hung";
  folder.write("journal.db.hung", "another-key 2 m.jsonl\n");
  for (const auto& one : mapped(records, hangs)) CHECK(one.outcome == MappedMessage::Outcome::mapped);
  CHECK_FALSE(std::filesystem::exists(hangs));  // of scripts that are no more
}
