#include <set>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {
Reply filtered(World& world, const std::string& filter) {
  return world.get("/users?$select=id,mail&$filter=" + percent_encode(filter));
}

// As advanced queries must be marked.
Reply eventual(World& world, const std::string& path) {
  http::Request request;
  request.url = "/v1.0" + path;
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  request.headers.add("ConsistencyLevel", "eventual");
  return world.send(request);
}
}  // namespace

TEST_CASE("E137: a user is read by id or principal name", "[users]") {
  World world;
  const User ada = world.router->users().front();
  for (const std::string& key : {ada.id, ada.userPrincipalName, std::string("ADA.PARK%40tenant.example")}) {
    const Reply reply = world.get("/users/" + key);
    CHECK(reply.status == 200);
    CHECK(reply.body["id"] == ada.id);
    CHECK(reply.body["mail"] == ada.mail);
  }
  CHECK(world.get("/users('" + ada.id + "')").body["displayName"] == "Ada Park");
  const Reply chosen = world.get("/users/" + ada.id + "?$select=id,accountEnabled,userType");
  CHECK(chosen.body["accountEnabled"] == true);
  CHECK_FALSE(chosen.body.contains("mail"));
  CHECK(world.get("/users/" + ada.id + "?$select=nickname").status == 400);
}

TEST_CASE("E137: an unknown user is the directory's 404", "[users]") {
  World world;
  const Reply reply = world.get("/users/nobody@tenant.example");
  CHECK(reply.status == 404);
  CHECK(reply.code() == "Request_ResourceNotFound");
  CHECK(reply.message() ==
        "Resource 'nobody@tenant.example' does not exist or one of its queried reference-property objects are not "
        "present.");
}

TEST_CASE("E138: a filter on mail finds one, doubled quotes and all", "[users]") {
  World world;
  const User hara = world.router->ensure_user("Maeve O'Hara", "maeve.o'hara@tenant.example").value();
  const Reply reply =
      filtered(world, "mail eq 'Maeve.O''Hara@tenant.example' or userPrincipalName eq 'maeve.o''hara@tenant.example'");
  REQUIRE(reply.status == 200);
  REQUIRE(reply.body["value"].size() == 1);
  CHECK(reply.body["value"][0] == json{{"mail", hara.mail}, {"id", hara.id}});
  CHECK(filtered(world, "proxyAddresses/any(p:p eq 'smtp:" + world.router->users().front().mail + "')")
            .body["value"]
            .size() == 1);
  CHECK(filtered(world, "startswith(displayName,'ada') and accountEnabled eq true").body["value"].size() == 1);
  CHECK(filtered(world, "mail in ('ada.park@tenant.example', 'chen.wei@tenant.example')").body["value"].size() == 2);
  CHECK(filtered(world, "mail eq 'nobody@tenant.example'").body["value"].empty());
}

TEST_CASE("E138: filters that an index answers give what a look at everybody gives", "[users]") {
  World world;
  const User ada = world.router->users().front();
  const User chen = world.router->users()[2];
  const auto names = [&](const std::string& filter) {
    const Reply reply = eventual(world, "/users?$count=true&$select=id,mail&$filter=" + percent_encode(filter));
    INFO(filter);
    REQUIRE(reply.status == 200);
    std::vector<std::string> mails;
    for (const auto& user : reply.body["value"]) mails.push_back(user["mail"]);
    return mails;
  };
  using Mails = std::vector<std::string>;
  CHECK(names("mail eq '" + chen.mail + "' or id eq '" + ada.id + "'") == Mails{ada.mail, chen.mail});
  CHECK(names("mail eq '" + ada.mail + "' or mail eq 'ADA.PARK@tenant.example'") == Mails{ada.mail});
  CHECK(names("mail eq '" + ada.mail + "' and displayName eq 'Chen Wei'").empty());
  CHECK(names("mail eq '" + ada.id + "'").empty());
  CHECK(names("proxyAddresses/any(p:p eq 'x500:" + ada.mail + "')").empty());
  CHECK(names("displayName eq 'Chen Wei' or mail eq '" + ada.mail + "'") == Mails{ada.mail, chen.mail});
  CHECK(names("not (mail eq '" + ada.mail + "')").size() == world.router->users().size() - 1);
  CHECK(names("mail ne '" + ada.mail + "'").size() == world.router->users().size() - 1);
  CHECK(names("mail eq null").empty());
}

TEST_CASE("E138: what the directory calls advanced needs its header, and the count", "[users]") {
  World world;
  const std::size_t everybody = world.router->users().size();
  for (const char* filter :
       {"not (mail eq 'x@tenant.example')", "mail ne 'x@tenant.example'", "endswith(mail,'@tenant.example')"}) {
    const std::string query = "/users?$filter=" + percent_encode(filter);
    INFO(filter);
    const Reply plain = world.get(query);
    CHECK(plain.status == 400);
    CHECK(plain.code() == "Request_UnsupportedQuery");
    CHECK(eventual(world, query).status == 400);
    const Reply marked = eventual(world, query + "&$count=true&$top=2");
    REQUIRE(marked.status == 200);
    CHECK(marked.body["@odata.count"] == everybody);
    CHECK(marked.body["value"].size() == 2);
  }
  CHECK_FALSE(world.get("/users?$count=true").body.contains("@odata.count"));
  CHECK(eventual(world, "/users?$count=true&$filter=endswith(mail,'nowhere')").body["@odata.count"] == 0);
  CHECK(eventual(world, "/users/$count").body == everybody);
  CHECK(world.get("/users/$count").status == 400);
}

TEST_CASE("E138: people are searched for by the beginning of their names, with the header", "[users]") {
  World world;
  const auto search = [&](const std::string& text) {
    return eventual(world, "/users?$search=" + percent_encode(text));
  };
  const auto hits = [&](const std::string& text) { return search(text).body["value"].size(); };
  CHECK(hits("\"displayName:wei\"") == 1);
  CHECK(hits("\"displayName:ada\" OR \"mail:chen\"") == 2);
  CHECK(hits("\"displayName:ada\" AND \"mail:chen\"") == 0);
  CHECK(hits("\"displayName:ei\"") == 0);
  for (const char* bad : {"ada", "\"ada\"", "\"nick:ada\"", "\"displayName:ada", "OR", ""}) {
    INFO(bad);
    CHECK(search(bad).status == 400);
  }
  CHECK(world.get("/users?$search=%22displayName:ada%22").code() == "Request_UnsupportedQuery");
}

TEST_CASE("Users come sorted by name, or are refused", "[users]") {
  World world;
  const Reply down = world.get("/users?$orderby=displayName%20desc&$top=1");
  CHECK(down.body["value"][0]["displayName"] == "Migration Archive");
  CHECK(world.get("/users?$orderby=displayName&$top=1").body["value"][0]["displayName"] == "Ada Park");
  CHECK(world.get("/users?$orderby=id").status == 400);
}

TEST_CASE("E137: guests, disabled and deleted users show as what they are", "[users]") {
  TestFolder folder;
  Options options = World::unlimited();
  options.seed_file = folder.write("seed.json", R"({"users": [
    {"displayName": "Ann Vale", "mail": "ann@home.example", "userType": "Guest",
     "proxyAddresses": ["smtp:ann.vale@home.example"], "givenName": "Ann"},
    {"displayName": "Old Hand", "mail": "old@tenant.example", "accountEnabled": false},
    {"displayName": "Gone", "mail": "gone@tenant.example", "deletedDateTime": "2026-04-30T10:00:00Z"}]})");
  World world(options);
  const std::string query = "?$select=userPrincipalName,userType,accountEnabled,proxyAddresses,givenName,surname,mail";
  const Reply guest = world.get("/users/ann_home.example%23EXT%23%40tenant.example" + query);
  REQUIRE(guest.status == 200);
  CHECK(guest.body["userType"] == "Guest");
  CHECK(guest.body["userPrincipalName"] == "ann_home.example#EXT#@tenant.example");
  CHECK(guest.body["proxyAddresses"] == json::array({"SMTP:ann@home.example", "smtp:ann.vale@home.example"}));
  CHECK(guest.body["givenName"] == "Ann");
  CHECK(guest.body["surname"].is_null());
  CHECK(world.get("/users/old%40tenant.example" + query).body["accountEnabled"] == false);
  CHECK(filtered(world, "userType eq 'Guest'").body["value"].size() == 1);
  CHECK(filtered(world, "accountEnabled eq false").body["value"].size() == 1);
  CHECK(filtered(world, "proxyAddresses/any(p:p eq 'smtp:ANN.Vale@home.example')").body["value"].size() == 1);
  CHECK(filtered(world, "proxyAddresses/any(p:startswith(p,'smtp:ann.v'))").body["value"].size() == 1);
  CHECK(filtered(world, "proxyAddresses/any(p:startswith(p,'vale'))").body["value"].empty());
  // A mail address that is no principal name is not a key.
  CHECK(world.get("/users/ann%40home.example").status == 404);
  CHECK(filtered(world, "mail eq 'ann@home.example'").body["value"].size() == 1);
  CHECK(world.get("/users/gone%40tenant.example").status == 404);
  CHECK(filtered(world, "mail eq 'gone@tenant.example'").body["value"].empty());
  const Reply deleted = world.get("/directory/deletedItems/microsoft.graph.user?$select=mail,deletedDateTime");
  REQUIRE(deleted.body["value"].size() == 1);
  CHECK(deleted.body["value"][0] == json{{"mail", "gone@tenant.example"}, {"deletedDateTime", "2026-04-30T10:00:00Z"}});
}

TEST_CASE("A deleted user who is made again is back", "[users]") {
  TestFolder folder;
  Options options = World::unlimited();
  options.seed_file = folder.write("seed.json", R"({"users": [
    {"displayName": "Gone", "mail": "gone@tenant.example", "deletedDateTime": "2026-04-30T10:00:00Z"}]})");
  World world(options);
  const std::string id = world.router->ensure_user("Gone", "gone@tenant.example").value().id;
  CHECK(world.get("/users/" + id).status == 200);
  CHECK(world.get("/directory/deletedItems/microsoft.graph.user").body["value"].empty());
}

TEST_CASE("The organization has its id, name and domain, for those who may read it", "[users]") {
  Options options = World::unlimited();
  options.apps = {{"0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5", "s", {"Organization.Read.All"}, "full"},
                  {"1b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5", "s", {}, "bare"}};
  World world(options);
  const Reply reply = world.get("/organization");
  REQUIRE(reply.status == 200);
  CHECK(reply.body["value"][0]["id"] == kTenantId);
  CHECK(reply.body["value"][0]["displayName"] == "Tenant Example");
  CHECK(reply.body["value"][0]["verifiedDomains"][0]["name"] == "tenant.example");
  CHECK(world.get("/organization", "bare").code() == "Authorization_RequestDenied");
}

TEST_CASE("Nobody is /me to an app", "[users]") {
  World world;
  for (const char* path : {"/me", "/me/joinedTeams"}) {
    const Reply reply = world.get(path);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "/me request is only valid with delegated authentication flow.");
  }
}

TEST_CASE("A user is found in process by any of the names that HTTP finds", "[users]") {
  World world;
  const User ada = world.router->users().front();
  for (const auto& name : {ada.id, ada.mail, std::string("ADA.PARK@TENANT.EXAMPLE")}) {
    REQUIRE(world.router->find_user(name));
    CHECK(world.router->find_user(name)->id == ada.id);
  }
  CHECK_FALSE(world.router->find_user("nobody@tenant.example"));
}

TEST_CASE("E138: a bad filter is 400", "[users]") {
  World world;
  for (const char* filter :
       {"", "mail", "mail eq", "mail eq 'x", "mail eq x", "nick eq 'x'", "mail eq 'x' or", "(mail eq 'x'",
        "mail eq 'x') or mail eq 'y'", "mail gt 'x'", "proxyAddresses/all(p:p eq 'x')"}) {
    INFO(filter);
    CHECK(filtered(world, filter).status == 400);
  }
  CHECK(filtered(world, std::string(50'000, '(')).status == 400);
}

TEST_CASE("E139: 2,500 users come as 999, 999 and 502", "[users]") {
  World world;
  for (std::size_t i = world.router->users().size(); i < 2500; ++i) {
    REQUIRE(world.router->ensure_user("P", "p" + std::to_string(i) + "@tenant.example"));
  }
  std::vector<std::size_t> sizes;
  std::set<std::string> seen;
  std::string link = "/users?$select=id&$top=999";
  for (;;) {
    const Reply page = world.get(link);
    REQUIRE(page.status == 200);
    sizes.push_back(page.body["value"].size());
    for (const json& user : page.body["value"]) seen.insert(user["id"]);
    if (!page.body.contains("@odata.nextLink")) break;
    link = page.body["@odata.nextLink"];
  }
  CHECK(sizes == std::vector<std::size_t>{999, 999, 502});
  CHECK(seen.size() == 2500);
  CHECK(world.get("/users?$top=1000").status == 400);
  CHECK(world.get("/users").body["value"].size() == 100);
}

TEST_CASE("E140: without a directory role users are refused in the directory's words", "[users]") {
  World world;
  const Reply reply = world.get("/users", "import-only");
  CHECK(reply.status == 403);
  CHECK(reply.code() == "Authorization_RequestDenied");
}

TEST_CASE("An ensured user has one id in every emulator, and is made once", "[users]") {
  World one;
  World two;
  const User first = one.router->ensure_user("Gia Rossi", "Gia@old.example").value();
  CHECK(two.router->ensure_user("G. Rossi", "gia@OLD.example").value().id == first.id);
  CHECK(one.router->ensure_user("Somebody else", "gia@old.example").value().displayName == "Gia Rossi");
  CHECK(one.get("/users/" + first.id).body["displayName"] == "Gia Rossi");
  CHECK_FALSE(one.router->ensure_user("X", "no address"));
  CHECK_FALSE(one.router->ensure_user("X", ""));
  CHECK(one.router->ensure_user("bad \xff name", "bad@old.example").value().displayName == "bad \xEF\xBF\xBD name");
}

}  // namespace teamferry::emulator
