// composer(options): what planning makes of a mapped message, for tests of scripts and the prompt: the body in its
// final Graph form and what the rules say of it, without a journal and without a tenant.

#include <memory>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"
#include "native/base/sha256.h"
#include "native/migrate/plan_message.h"

namespace teamferry::bindings {

namespace {

constexpr const char* kType = "teamferry.composer";

// A tenant that knows everybody who is asked for. Ids are made of the question: the same in each run.
class Everybody : public migrate::Directory {
 public:
  Result<std::vector<std::optional<migrate::DirectoryUser>>> find(const std::vector<std::string>& whom) override {
    std::vector<std::optional<migrate::DirectoryUser>> found;
    found.reserve(whom.size());
    for (const auto& who : whom) {
      const std::string hash = sha256_hex(who);
      const std::string_view h = hash;
      found.push_back(migrate::DirectoryUser{fmt::format("{}-{}-4{}-8{}-{}", h.substr(0, 8), h.substr(8, 4),
                                                         h.substr(13, 3), h.substr(17, 3), h.substr(20, 12)),
                                             "", who, who});
    }
    return found;
  }
};

struct Composer {
  Everybody directory;
  migrate::PlanOptions options;
  migrate::People people{directory, options.people};
  migrate::ChannelNames channels;
  migrate::MessageBuilder builder{people, channels, options};
};

migrate::MappedPerson person_at(lua_State* L, int index) {
  migrate::MappedPerson person;
  person.id = text_field(L, index, "id");
  person.name = text_field(L, index, "name");
  person.mail = text_field(L, index, "mail");
  person.target = text_field(L, index, "target");
  if (auto kind = text_field(L, index, "kind"); !kind.empty()) person.kind = std::move(kind);
  return person;
}

// The list under `key` of the table at `index`, as people.
std::vector<migrate::MappedPerson> people_field(lua_State* L, int index, const char* key) {
  std::vector<migrate::MappedPerson> people;
  lua_getfield(L, index, key);
  const int list = lua_gettop(L);
  for (int i = 1; lua_istable(L, list) && (lua_rawgeti(L, list, i), lua_istable(L, -1)); ++i) {
    people.push_back(person_at(L, lua_gettop(L)));
    lua_pop(L, 1);
  }
  lua_settop(L, list - 1);
  return people;
}

int collect_composer(lua_State* L) {
  static_cast<std::unique_ptr<Composer>*>(lua_touserdata(L, 1))->~unique_ptr();
  return 0;
}

// The function that composer() gives: compose(message) -> body, losses [, failure]
int compose(lua_State* L) {
  auto& self = **static_cast<std::unique_ptr<Composer>*>(lua_touserdata(L, lua_upvalueindex(1)));
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (auto added = self.people.add(people_field(L, 1, "strangers")); !added) throw CallError(added.error().message);
  lua_getfield(L, 1, "person");
  std::optional<migrate::MappedPerson> introduced;
  if (lua_istable(L, 2)) introduced = person_at(L, 2);
  const std::string from = text_field(L, 1, "from"), html = text_field(L, 1, "body"), id = text_field(L, 1, "id");
  const std::string reply = text_field(L, 1, "replyToId"), subject = text_field(L, 1, "subject");
  const std::string importance = text_field(L, 1, "importance");
  auto author = self.people.author(from, introduced ? &*introduced : nullptr);
  if (!author) throw CallError(author.error().message);
  migrate::MappedMessage message;
  message.key = id;
  message.from = from;
  message.reply_to = reply;
  message.content = html;
  message.subject = subject;
  message.importance = importance;
  std::vector<migrate::Loss> losses;
  const auto built = self.builder.build(message, **author, [&](std::string_view kind, std::string_view detail) {
    losses.push_back({std::string(kind), std::string(detail)});
  });
  push_text(L, built.body);
  lua_createtable(L, static_cast<int>(losses.size()), 0);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    lua_createtable(L, 2, 0);
    push_text(L, losses[i].kind);
    lua_rawseti(L, -2, 1);
    push_text(L, losses[i].detail);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, static_cast<int>(i + 1));
  }
  if (built.failure.empty()) return 2;
  push_text(L, built.failure);
  return 3;
}

}  // namespace

int composer(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  auto made = std::make_unique<Composer>();
  made->options.people.fallback = "fallback";
  if (auto line = text_field(L, 1, "fallback_line"); !line.empty()) made->options.fallback_line = std::move(line);
  if (text_field(L, 1, "repair") == "safe") made->options.repair = migrate::PlanOptions::Repair::safe;
  if (auto begun = made->people.begin(); !begun) throw CallError(begun.error().message);
  if (auto added = made->people.add(people_field(L, 1, "people")); !added) throw CallError(added.error().message);
  lua_getfield(L, 1, "channels");
  for (lua_pushnil(L); lua_istable(L, 2) && lua_next(L, 2); lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) made->channels[std::string(text_at(L, -2))] = std::string(text_at(L, -1));
  }
  lua_settop(L, 1);
  new (lua_newuserdata(L, sizeof(std::unique_ptr<Composer>))) std::unique_ptr<Composer>(std::move(made));
  if (luaL_newmetatable(L, kType)) {
    lua_pushcfunction(L, collect_composer);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, guard<compose>, 1);
  return 1;
}

}  // namespace teamferry::bindings
