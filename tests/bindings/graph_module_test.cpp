// Every primitive of `graph` through a real state, against the emulator.
#include <catch2/catch.hpp>

#include "bindings/graph_session.h"
#include "bindings/module.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

// What scripts begin with: people of the tenant, and how to write a message.
const char* const kBegin = R"lua(
local ada = assert(graph.user "ada.park@tenant.example")
local function says(second, text)
  return { createdDateTime = ("2019-02-04T19:00:%02d.511Z"):format(second), from = graph.identity(ada), body = { content = text } }
end
local function new_team() return assert(graph.create_team { displayName = "Orbit", createdDateTime = "2019-01-01T00:00:00.000Z" }) end
local function new_channel(team)
  return assert(team:create_channel { displayName = "launch", createdDateTime = "2019-01-02T00:00:00.000Z" })
end
local function new_chat()
  local members = {}
  for i, who in ipairs { "ada.park@tenant.example", "bruno.keller@tenant.example" } do
    members[i] = { ["@odata.type"] = "#microsoft.graph.aadUserConversationMember", roles = { "owner" },
      ["user@odata.bind"] = "https://graph.microsoft.com/v1.0/users('" .. assert(graph.user(who)).id .. "')" }
  end
  return assert(graph.create_chat { chatType = "group", topic = "Talk", members = members })
end
)lua";

// A state whose scripts are granted graph, against an emulator that is not in a hurry to refuse.
class GraphScript {
 public:
  explicit GraphScript(bool write = true, std::string project = ".") : script_(commands(std::move(project))) {
    lua_State* L = script_.host->state();
    REQUIRE(script_.host->require("teamferry.sandbox"));
    lua_getfield(L, -1, "grant");
    lua_pushliteral(L, "graph");
    lua_newtable(L);
    add_functions(L, kGraph);
    REQUIRE(script_.host->require("stdlib.pager"));
    lua_getfield(L, -1, "items");
    lua_remove(L, -2);
    GraphSession::Options options;
    options.target.name = "emulator";
    options.target.emulator.profile = "off";
    options.write = write;
    GraphSession::open(L, std::move(options));
    REQUIRE(script_.host->call(2, 0));
    lua_settop(L, 0);
  }

  // What the text returns, joined by spaces.
  std::string run(const std::string& text) {
    return script_.run(kBegin + ("local r = { (function() " + text +
                                 " end)() } for i = 1, 9 do r[i] = r[i] ~= nil and "
                                 "tostring(r[i]) or nil end return table.concat(r, ' ')"));
  }

 private:
  static Host::Options commands(std::string project) {
    Host::Options options;
    options.project = std::move(project);
    options.commands = true;
    return options;
  }
  Script script_;
};

}  // namespace

TEST_CASE("A user is found by address or id, and an unknown one is an error to look at", "[graph]") {
  GraphScript script(false);
  CHECK(script.run("return ada.displayName, graph.user(ada.id).mail") == "Ada Park ada.park@tenant.example");
  CHECK(script.run("local u, err = graph.user 'x@nowhere.example' return type(u), err.code, err") ==
        "nil not_found the tenant has no user 'x@nowhere.example'");
  CHECK(script.run("local n = 0 for u in graph.users() do n = n + 1 end return n > 5") == "true");
  CHECK(script.run("local all = {} for u in graph.users \"displayName eq 'Ada Park'\" do all[#all + 1] = u.mail end "
                   "return unpack(all)") == "ada.park@tenant.example");
}

TEST_CASE("An identity is what a message's from holds", "[graph]") {
  GraphScript script(false);
  CHECK_THAT(script.run("return json.encode(graph.identity(ada, 'A. Park'))"),
             Contains(R"({"user":{"displayName":"A. Park","id":")") && Contains(R"("userIdentityType":"aadUser"}})"));
  CHECK(script.run("return graph.identity('4711').user.id") == "4711");
  CHECK_THAT(script.run("graph.identity {}"), Contains("argument 1 (user): it has no id"));
}

TEST_CASE("A team and its channels are handles with Graph's own fields", "[graph]") {
  GraphScript script;
  CHECK(script.run("local team = new_team() return team, team.displayName, graph.team(team.id).id == team.id") ==
        "team 'Orbit' Orbit true");
  CHECK(script.run("local team = new_team() local room = new_channel(team) "
                   "return room, room.migrationMode, graph.channel(team.id, room.id).displayName") ==
        "channel 'launch' inProgress launch");
  CHECK(script.run("local team, names = new_team(), {} new_channel(team) "
                   "for c in team:channels() do names[#names + 1] = c.displayName end table.sort(names) "
                   "return table.concat(names, ','), team:channel('LAUNCH').displayName, "
                   "team:channel('general').migrationMode") == "General,launch launch inProgress");
  CHECK(script.run("local none, err = new_team():channel 'x' return err.code, err") ==
        "not_found the team has no channel 'x'; it has General");
  CHECK(script.run("local room = new_channel(new_team()) room.displayName = 'mine' return room:refresh() == room, "
                   "room.displayName") == "true launch");
}

TEST_CASE("Messages and replies are imported, listed and read", "[graph]") {
  GraphScript script;
  CHECK(script.run(R"(
    local room = new_channel(new_team())
    local root = assert(room:import(says(1, "<b>launch</b>")))
    local reply = assert(room:reply(root.id, says(2, "moved")))
    local roots, replies = {}, {}
    for m in room:messages() do roots[#roots + 1] = m.body.content end
    for m in room:replies(root.id) do replies[#replies + 1] = m.body.content end
    return root.createdDateTime, reply.replyToId == root.id, #roots, #replies, replies[1])") ==
        "2019-02-04T19:00:01.511Z true 1 1 moved");
  CHECK(script.run(
            "local room = new_channel(new_team()) room:import(says(1, 'x')) "
            "local m, err = room:import(says(1, 'y')) return type(m), err.status, err.code, #err.request_id > 0") ==
        "nil 409 Conflict true");
  CHECK(script.run(
            "local body = says(1, 'x') body.mentions = {} return new_channel(new_team()):import(body).id ~= nil") ==
        "true");
}

TEST_CASE("A migration ends channel by channel, then the team", "[graph]") {
  GraphScript script;
  CHECK(script.run(R"(
    local team = new_team()
    local room = new_channel(team)
    local _, early = team:complete_migration()
    local one, two = room:complete_migration(), team:channel("General"):complete_migration()
    return early.code, one, room.migrationMode, two, team:complete_migration())") == "state true completed true true");
  CHECK(script.run("local room = new_channel(new_team()) room:complete_migration() "
                   "local a, err = room:import(says(1, 'x')) local b, again = room:complete_migration() "
                   "return err.code, again.code, room:start_migration(), room.migrationMode") ==
        "state state true inProgress");
}

TEST_CASE("A chat is made, opened, filled and closed", "[graph]") {
  GraphScript script;
  CHECK(script.run(R"(
    local chat = new_chat()
    local _, early = chat:import(says(1, "x"))
    local started = chat:start_migration { conversationCreationDateTime = "2019-01-01T00:00:00.000Z" }
    local sent = assert(chat:import(says(1, "hello")))
    local count, people = 0, 0
    for m in chat:messages() do count = count + 1 end
    for m in chat:members() do people = people + 1 end
    return chat, early.code, started, count, people, graph.chat(chat.id).topic, chat:complete_migration(), chat.migrationMode)") ==
        "chat 'Talk' state true 1 2 Talk true completed");
  CHECK_THAT(script.run("new_chat():start_migration { conversationCreationDateTime = 'yesterday' }"),
             Contains("'yesterday' is not a time"));
  CHECK(script.run("return new_chat().reply") == "");
}

TEST_CASE("What has no primitive is asked by its path", "[graph]") {
  GraphScript script;
  CHECK(script.run("return graph.get('/users/' .. ada.id).displayName") == "Ada Park");
  CHECK(script.run("local none, err = graph.get '/teams/nope' return err.status, err.code") == "404 NotFound");
  CHECK(script.run("local n = 0 for u in graph.items '/users?$top=2' do n = n + 1 end return n > 5") == "true");
  CHECK(script.run("local team = new_team() local room = assert(graph.post('/teams/' .. team.id .. '/channels', "
                   "{ displayName = 'plain' })) return room.displayName") == "plain");
  CHECK(script.run("local chat = new_chat() local m = graph.items('/chats/' .. chat.id .. '/members')() "
                   "return graph.delete('/chats/' .. chat.id .. '/members/' .. m.id)") == "true");
  CHECK(script.run("return select(2, graph.patch('/nope', {})).status") == "400");
  CHECK_THAT(script.run("graph.get 'users'"), Contains("the path 'users' is to begin with '/'"));
}

TEST_CASE("Many things are asked at once", "[graph]") {
  GraphScript script(false);
  CHECK(script.run("local r = graph.batch { '/users/' .. ada.id, { path = '/teams/nope' } } "
                   "return #r, r[1][1].displayName, type(r[2][1])") == "2 Ada Park nil");
  CHECK(script.run("local r = graph.batch { '/users/' .. ada.id, { path = '/teams/nope' } } return r[2][2].status") ==
        "404");
  CHECK(script.run("local many = {} for i = 1, 45 do many[i] = '/users/' .. ada.id end return #graph.batch(many)") ==
        "45");
  CHECK(script.run("return select(2, graph.batch { { method = 'POST', path = '/teams', body = {} } }).code") ==
        "read_only");
  CHECK_THAT(script.run("graph.batch { 'users' }"), Contains("entry 1: its path 'users' is to begin with '/'"));
}

TEST_CASE("Members are added, and those who were refused are given back", "[graph]") {
  GraphScript script;
  CHECK(script.run(R"(
    local team = new_team()
    local room = team:channel "General"
    room:complete_migration() team:complete_migration()
    local chen = assert(graph.user "chen.wei@tenant.example")
    local refused = assert(team:add_members { { user = chen.id, roles = { "owner" } }, { user = "00000000-0000-0000-0000-000000000009" } })
    local names = {}
    for m in team:members() do names[#names + 1] = m.displayName end
    return #refused, refused[1].user, names[1], refused[1].err ~= nil)") ==
        "1 00000000-0000-0000-0000-000000000009 Chen Wei true");
  CHECK(script.run(
            "local chat = new_chat() local chen = assert(graph.user 'chen.wei@tenant.example') "
            "return #assert(chat:add_members { { user = chen.id, roles = { 'owner' }, visibleHistoryStartDateTime = "
            "'2019-01-01T00:00:00.000Z' } })") == "0");
  CHECK_THAT(script.run("new_chat():add_members { { roles = {} } }"), Contains("entry 1 has no user"));
}

TEST_CASE("A file of an export is put into a channel's folder", "[graph]") {
  const Folder project;
  project.write("export/pictures/roof.txt", "slate").write("export/users.json", "[]");
  GraphScript script(true, project.path());
  CHECK(script.run("local room = new_channel(new_team()) local a = assert(archive.open 'export') "
                   "local item = assert(room:upload('roof.txt', { archive = a, path = 'pictures/roof.txt' })) "
                   "return item.name, item.size") == "roof.txt 5");
  CHECK_THAT(script.run("new_channel(new_team()):upload('x', { path = 'y' })"), Contains("it names no entry"));
}

TEST_CASE("An iterator raises the error of a page", "[graph]") {
  GraphScript script(false);
  CHECK(script.run("local fine, err = pcall(graph.items '/nope') return fine, err.status") == "false 400");
}

TEST_CASE("Without --write whatever changes something is refused before it leaves", "[graph]") {
  GraphScript script(false);
  CHECK(script.run("local t, err = graph.create_team { displayName = 'x' } return type(t), err.code, err") ==
        "nil read_only graph.create_team changes something, and this was opened to read; give --write to allow it");
  for (const char* call : {"create_chat({})", "post('/x', {})", "patch('/x', {})", "delete('/x')"}) {
    CHECK(script.run(std::string("return select(2, graph.") + call + ").code") == "read_only");
  }
}

TEST_CASE("A body that breaks a rule is refused with its findings before it leaves", "[graph]") {
  GraphScript script;
  CHECK(script.run("local t, err = graph.create_team { displayName = 'Orbit' } "
                   "return type(t), err.code, err.rule, err.findings[1].field, err.findings[1].severity") ==
        "nil invalid R1 createdDateTime error");
  CHECK(script.run("local c, err = new_team():create_channel { displayName = 'a/b', createdDateTime = "
                   "'2019-01-02T00:00:00.000Z' } return err.code, err.rule") == "invalid R38");
  CHECK(script.run("return select(2, graph.create_chat { chatType = 'club' }).code") == "invalid");
  CHECK(script.run("local m, err = new_channel(new_team()):import { createdDateTime = '2019-02-04T19:00:01.511Z', "
                   "from = { user = { id = 'U1', userIdentityType = 'aadUser' } }, body = { content = 'x' } } "
                   "return err.code, err.rule") == "invalid R12");
  CHECK(script.run("local m, err = new_channel(new_team()):import { creatdDateTime = '2019-02-04T19:00:01.511Z', "
                   "from = graph.identity(ada), body = { content = 'x' } } return err.code") == "invalid");
}

TEST_CASE("A wrong argument raises and names itself", "[graph]") {
  GraphScript script(false);
  CHECK_THAT(script.run("graph.team()"), Contains("argument 1 (id): expected text"));
  CHECK_THAT(script.run("graph.create_team 'Orbit'"), Contains("argument 1 (body): expected a table, got string"));
  CHECK_THAT(script.run("graph.user {}"), Contains("argument 1 (who): expected text, got table"));
}

TEST_CASE("A method is called with a colon, on a handle of its kind", "[graph]") {
  GraphScript script;
  CHECK_THAT(script.run("local room = new_channel(new_team()) room.import(says(1, 'x'))"),
             Contains("import takes a colon and a handle"));
  CHECK_THAT(script.run("local team = new_team() new_channel(team).reply(team, '1', says(1, 'x'))"),
             Contains("a team has no method reply"));
}
