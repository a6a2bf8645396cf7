// The mistakes that people make in scripts (SCRIPTING 13): each is told with the line, where there is one, and the
// cure.
#include <catch2/catch.hpp>
#include <map>

#include "bindings/lua_mapper.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

struct Mistake {
  const char* name;
  std::string script;   // migrate.lua
  std::string message;  // what it says, from the beginning; or from the place on
};

// A script whose step message has this body, from line 4 on.
std::string with(const std::string& body) {
  return "local acme = source.new { name = 'acme', summary = 's', api = 1 }\n"
         "function acme:conversations(ctx, emit) emit { id = 'C1', name = 'general' } end\n"
         "function acme:messages(room, ctx, emit) emit(ctx.export:records 'm.json') end\n"
         "function acme:message(m, ctx) " +
         body +
         " end\n"
         "return acme\n";
}

// A message whose fields are good but for these.
std::string fields(const std::string& own) {
  return with("return { id = m.id, createdDateTime = '2019-02-04T12:00:00.000Z', body = { content = m.text }, " + own +
              " }");
}

const char* const kNew = "local acme = source.new { name = 'acme', summary = 's', api = 1 }\n";
const char* const kStep = "function acme:message(m, ctx) return nil, 'x' end\n";

const std::vector<Mistake> kMistakes = {
    {"file returns nothing", std::string(kNew) + kStep,
     R"(migrate.lua returns nothing; its last line must be "return acme")"},
    {"no name", "local acme = source.new { summary = 's', api = 1 }\nreturn acme",
     "migrate.lua:1: source.new: name is missing"},
    {"no summary", "local x = source.new { name = 'x', api = 1 }\nreturn x",
     "migrate.lua:1: source.new: summary is missing"},
    {"no api", "local x = source.new { name = 'x', summary = 's' }\nreturn x",
     "migrate.lua:1: source.new: api is missing"},
    {"newer api", "return source.new { name = 'slack', summary = 's', api = 2 }",
     "slack.lua wants api 2; this teamferry has 1. Update, or use an older slack.lua"},
    {"unknown argument", "local s = require 'scripts.slack'\nreturn s:extend {\n  args = { exprot = 'x' } }",
     "args.exprot: unknown argument; did you mean args.export?"},
    {"argument beside args", "local s = require 'scripts.slack'\nlocal acme = s:extend { export = 'x' }\nreturn acme",
     "migrate.lua:2: extend: unknown field 'export'; did you mean args = { export = … }?"},
    {"required argument absent",
     "local acme = source.new { name = 'acme', summary = 's', api = 1, args = { key = arg.text { required = true, doc "
     "= "
     "'what opens it' } } }\n" +
         std::string(kStep) + "return acme",
     "args.key is missing: what opens it. Set it in migrate.lua or give --key"},
    {"misspelt step", std::string(kNew) + "function acme:mesage(m, ctx) end\nreturn acme",
     "migrate.lua:2: acme.mesage looks like the step message; rename it, or make a helper a local function"},
    {"messages for message", std::string(kNew) + "function acme:messages(m, ctx) end\nreturn acme",
     "migrate.lua:2: acme.messages takes (room, ctx, emit), yours takes 2; did you mean message?"},
    {"dot in the definition", std::string(kNew) + "function acme.message(message, ctx) end\nreturn acme",
     "migrate.lua:2: acme.message is defined with a dot; write function acme:message(message, ctx)"},
    {"colon for the old step",
     "local base = source.new { name = 'base', summary = 's', api = 1 }\n"
     "function base:conversations(ctx, emit) emit { id = 'C1' } end\n"
     "function base:messages(room, ctx, emit) emit(ctx.export:records 'm.json') end\n"
     "function base:message(m, ctx) return { createdDateTime = self.args.export } end\n"
     "local acme = base:extend { name = 'acme' }\n"
     "function acme:message(m, ctx) local out = base:message(m, ctx) return out end\n"
     "return acme",
     "args of base read while acme runs; write base.place(self, …) with a dot, so that acme's args are used"},
    {"emit of something else",
     std::string(kNew) + "function acme:conversations(ctx, emit)\n  emit 'x' end\n" +
         "function acme:messages(room, ctx, emit) end\n" + kStep + "return acme",
     "migrate.lua:3: emit takes a record (a table) or an iterator, not a string"},
    {"no return", with(""), "acme.message returned nothing; return the message, or nil and the reason (migrate.lua:4)"},
    {"nil without a reason", with("return nil"),
     "acme.message returned nothing; return the message, or nil and the reason (migrate.lua:4)"},
    {"text for a table", with("return 'x'"),
     "acme.message returned a string; return a table, or nil and the reason (migrate.lua:4)"},
    {"gsub's second value", with("local s = 'x' html.from_text(s:gsub('x', 'y'))"),
     "html.from_text takes 1 argument, got 2; string.gsub gives two values: html.from_text((s:gsub(…))) "
     "(migrate.lua:4)"},
    {"unknown field", fields("from = 'U1', creatdDateTime = 'x'"),
     "unknown field 'creatdDateTime'; did you mean createdDateTime? (migrate.lua:4)"},
    {"field of another name", fields("from = 'U1', time = 'x'"),
     "unknown field 'time'; a message's time is createdDateTime (migrate.lua:4)"},
    {"author nil", fields("from = m.user"),
     R"(from is missing: the record has user = nil, bot_id = "B1". Give a person id or { id = …, name = … } (migrate.lua:4))"},
    {"time by hand", with("return { createdDateTime = '2019-01-01T00:00:00Z', from = 'U1', body = { content = 'x' } }"),
     "createdDateTime is not a time: got '2019-01-01T00:00:00Z'. Use time.parse or time.unix (migrate.lua:4)"},
    {"wrong unit", with("return { createdDateTime = time.unix(1553166512493) }"),
     R"(time.unix: 1553166512493 as seconds is in the year 51187; is it milliseconds? time.unix(v, "ms") (migrate.lua:4))"},
    {"no zone", with("return { createdDateTime = time.parse('22.10.2018 09:55', '%d.%m.%Y %H:%M') }"),
     R"(time.parse: '22.10.2018 09:55' has no offset; give the zone it was written in, for example "Europe/Berlin" (migrate.lua:4))"},
    {"pattern", with("return { createdDateTime = time.parse('22-Oct-18', '%d/%m/%Y', 'Europe/Berlin') }"),
     "time.parse: '22-Oct-18' does not fit '%d/%m/%Y'"},
    {"unlisted room", fields("from = 'U1', conversation = 'ann,bob'"),
     "conversation is not among those that conversations emitted: 'ann,bob'. Emit it there, or give a record, "
     "conversation = { id = … } (migrate.lua:4)"},
    {"ctx:loss", with("ctx:loss('poll', 'x')"), R"(ctx.loss takes a dot: ctx.loss("poll", detail) (migrate.lua:4))"},
    {"shadowed module", with("local html = 'x' return { body = html.escape('<') }"),
     "attempt to call field 'escape' (a nil value); here html is a local string that hides the module html "
     "(migrate.lua:4)"},
    {"misspelt global", with("return htlm.escape 'x'"), "there is no htlm; did you mean html? (migrate.lua:4)"},
    {"assigned global", with("count = 1"), "count is not declared; write local count = … (migrate.lua:4)"},
    {"graph in a step", with("graph.user 'x'"),
     "graph cannot be asked in a step: a plan must come out the same everywhere. Use people.csv, or an arg.table "
     "(migrate.lua:4)"},
    {"nil from a record", with("return { from = m.profile.id }"),
     "attempt to index field 'profile' (a nil value); this message has no profile, so look before: if record.profile "
     "then … "
     "(migrate.lua:4)"},
    {"circular require", "return require 'scripts.a'",
     "scripts.a requires scripts.b requires scripts.a; one of them must not"},
    {"script not found", "return require 'scripts.slak'", "no script 'scripts.slak'; did you mean scripts.slack?"},
};

// The first thing that a plan with this script says.
std::string told(const std::string& script) {
  const Folder project, folder;
  folder.write("m.json", R"([{"id":"1","text":"hi","bot_id":"B1"}])");
  project.write("migrate.lua", script);
  project.write("scripts/a.lua", "return require 'scripts.b'").write("scripts/b.lua", "return require 'scripts.a'");
  LuaMapper::Options options;
  options.script = {project.path(), "migrate.lua", ""};
  options.args = {{"export", folder.path()}};
  auto mapper = LuaMapper::open(std::move(options));
  if (!mapper) return mapper.error().message;
  std::vector<migrate::MappedPlace> places;
  const auto rooms = (*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; });
  if (!rooms) return rooms.error().message;
  std::string reason = "nothing";
  for (const auto& place : places) {
    auto read =
        (*mapper)->messages(place, true, [&](const migrate::MappedMessage& m) { return reason = m.reason, true; });
    if (!read) return read.error().message;
  }
  return reason;
}

}  // namespace

TEST_CASE("Every mistake is told with its line and its cure", "[mistakes]") {
  for (const auto& mistake : kMistakes) {
    INFO(mistake.name);
    CHECK_THAT(told(mistake.script), Contains(mistake.message));
  }
}
