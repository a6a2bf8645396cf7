#include "tests/native/emulator/drive_world.h"

namespace teamferry::emulator {

TEST_CASE("E141: a channel's folder is made by the first look and found by a later one", "[files]") {
  Options options = World::unlimited();
  options.files_delay = std::chrono::seconds(GENERATE(0, 5));
  World world(options);
  const std::string channel = world.new_channel(world.new_team());
  const Reply first = world.get(channel + "/filesFolder");
  CHECK(first.status == 404);
  CHECK(first.code() == "itemNotFound");
  if (options.files_delay.count() > 0) {
    world.clock.ms += 4999;
    CHECK(world.get(channel + "/filesFolder").status == 404);
    world.clock.ms += 1;
  }
  const Reply found = world.get(channel + "/filesFolder");
  REQUIRE(found.status == 200);
  const json item = found.body;
  CHECK(item["name"] == "launch-room");
  CHECK(item["folder"]["childCount"] == 0);
  CHECK_FALSE(item.contains("file"));
  CHECK(item["webUrl"] == "https://tenant.sharepoint.example/sites/Orbitarchive/Shared%20Documents/launch-room");
  CHECK(item["parentReference"]["driveType"] == "documentLibrary");
  CHECK_THAT(item["@odata.context"].get<std::string>(), Catch::EndsWith("/filesFolder/$entity"));
  CHECK(world.get(channel + "/filesFolder").body["id"] == item["id"]);
  const std::string drive = item["parentReference"]["driveId"];
  CHECK(world.get("/drives/" + drive).body["driveType"] == "documentLibrary");
  CHECK(world.get("/drives/" + drive + "/root").body["id"] == item["parentReference"]["id"]);

  SECTION("another standard channel has a folder beside it, with the reserved characters gone") {
    const std::string team = channel.substr(0, channel.find("/channels"));
    world.get(team + "/primaryChannel/filesFolder");
    world.clock.ms += 5000;
    const json general = world.get(team + "/primaryChannel/filesFolder").body;
    CHECK(general["parentReference"]["driveId"] == drive);
    CHECK(general["name"] == "General");
  }
  SECTION("without the role it stays closed, and nobody's channel has none") {
    CHECK(world.get(channel + "/filesFolder", "import-only").status == 403);
    CHECK(world.get(channel + "x/filesFolder").status == 404);
  }
  SECTION("a deleted team takes its files along") {
    REQUIRE(world.call("DELETE", "/groups/" + channel.substr(7, 36)).status == 204);
    CHECK(world.get("/drives/" + drive + "/root").status == 404);
  }
}

TEST_CASE("E141: variant files-folder=ready finds the folder at once", "[files][variants]") {
  Options options = World::unlimited();
  REQUIRE(options.variants.set("files-folder=ready"));
  World world(options);
  CHECK(world.get(world.new_channel(world.new_team()) + "/filesFolder").status == 200);
}

TEST_CASE("E141: two teams of one name have two sites", "[files]") {
  Options options = World::unlimited();
  REQUIRE(options.variants.set("files-folder=ready"));
  World world(options);
  const json one = world.get(world.new_team() + "/primaryChannel/filesFolder").body;
  const json two = world.get(world.new_team() + "/primaryChannel/filesFolder").body;
  CHECK(one["webUrl"] != two["webUrl"]);
  CHECK(one["parentReference"]["driveId"] != two["parentReference"]["driveId"]);
}

TEST_CASE("E142: PUT of content makes a file, and again its next version", "[files]") {
  DriveWorld world;
  const Reply fresh = world.put("notes%201.txt", "one");
  REQUIRE(fresh.status == 201);
  const json item = fresh.body;
  CHECK(item["name"] == "notes 1.txt");
  CHECK(item["size"] == 3);
  CHECK(item["file"]["mimeType"] == "text/plain");
  CHECK(item["webUrl"] == world.folder_item["webUrl"].get<std::string>() + "/notes%201.txt");
  CHECK(item["parentReference"]["id"] == world.folder);
  CHECK(item["parentReference"]["path"] == "/drives/" + world.drive + "/root:/launch-room");
  const std::string tag = item["eTag"];
  CHECK(tag.front() == '"');
  CHECK(is_guid(std::string_view(tag).substr(2, 36)));
  CHECK(tag.substr(38) == "},1\"");

  world.clock.ms += 60'000;
  const Reply again = world.put("NOTES%201.txt", "second");
  REQUIRE(again.status == 200);
  CHECK(again.body["id"] == item["id"]);
  CHECK(guid_part(again.body) == guid_part(item));
  CHECK(again.body["eTag"].get<std::string>().substr(38) == "},2\"");
  CHECK(again.body["createdDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(again.body["lastModifiedDateTime"] == "2026-05-04T10:01:00Z");
  CHECK(world.content(world.at("notes%201.txt")) == "second");
  CHECK(world.raw("PUT", world.items() + "/" + item["id"].get<std::string>() + "/content", "third").status == 200);
  CHECK(world.content(world.items() + "/" + item["id"].get<std::string>()) == "third");
  CHECK(world.put("empty.bin", "").status == 201);
  CHECK(world.raw("PUT", world.at("by-reader.txt") + "/content", "x", "reader").status == 403);
}

TEST_CASE("E142: files for Office have the address of its page, which no attachment can use", "[files]") {
  DriveWorld world;
  const std::string address = world.put("plan.docx", "x").body["webUrl"];
  CHECK_THAT(address, Catch::Contains("/_layouts/15/Doc.aspx?sourcedoc=%7B") && Catch::Contains("&file=plan.docx"));
}

TEST_CASE("E142: PUT of content takes 250 MB, variant upload-limit=4mb less", "[files][variants]") {
  DriveWorld world;
  http::Request request;
  request.method = "PUT";
  request.url = "http://graph.example:8080/v1.0" + world.at("a.bin") + "/content";
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  SECTION("250 MB") {
    request.body.assign((250 << 20) + 1, 'x');
    CHECK(world.router->handle(request).response.status == 413);
    request.body.resize(5 << 20);
    CHECK(world.router->handle(request).response.status == 201);
  }
  SECTION("4 MB") {
    REQUIRE(world.options.variants.set("upload-limit=4mb"));
    DriveWorld small(world.options);
    CHECK(small.put("a.bin", std::string((4 << 20) + 1, 'x')).status == 413);
    CHECK(small.put("a.bin", std::string(4 << 20, 'x')).status == 201);
  }
}

TEST_CASE("E142: the conflict behaviour of a PUT stands in its query", "[files]") {
  DriveWorld world;
  const std::string key = "?@microsoft.graph.conflictBehavior=";
  REQUIRE(world.put("a.txt", "one").status == 201);
  const Reply fail = world.put("a.txt", "two", key + "fail");
  CHECK(fail.status == 409);
  CHECK(fail.code() == "nameAlreadyExists");
  const Reply renamed = world.put("a.txt", "three", key + "rename");
  CHECK(renamed.status == 201);
  CHECK(renamed.body["name"] == "a 1.txt");
  CHECK(world.put("a.txt", "four", key + "rename").body["name"] == "a 2.txt");
  CHECK(world.put("a.txt", "five", key + "replace").status == 200);
  CHECK(world.put("a.txt", "six", key + "perhaps").status == 400);
  CHECK(world.content(world.at("a.txt")) == "five");
}

TEST_CASE("Folders on the way are made, and each address of a file leads to it", "[files]") {
  DriveWorld world;
  const json item = world.put("2019/July/plan%20b.txt", "x").body;
  const std::string id = item["id"];
  for (const std::string& path :
       {world.items() + "/" + id, world.at("2019/July/plan%20b.txt"), world.at("2019%2Fjuly%2Fplan%20b.txt"),
        world.items() + "/" + world.folder + ":/2019/July/plan%20b.txt",
        "/drives/" + world.drive + "/root:/launch-room/2019/July/plan%20b.txt:",
        "/drives/" + world.drive + "/items/root%3A%2Flaunch-room%2F2019%2FJuly%2Fplan%20b.txt%3A",
        "/drives('" + world.drive + "')/items('" + id + "')"}) {
    INFO(path);
    CHECK(world.get(path).body["id"] == id);
  }
  CHECK(world.get(world.at("2019/July/plan%20b.txt") + "?$select=id,size").body.size() == 3);
  CHECK(world.get(world.at("2019/July/plan%20c.txt")).code() == "itemNotFound");
  CHECK(world.get(world.at("2019/July/plan%20b.txt/deeper")).status == 404);
  CHECK(world.get(world.items() + "/01NOWHERE").status == 404);
  CHECK(world.get("/drives/b!nowhere/root").status == 404);
  CHECK(world.get(world.items() + "/" + id + "/thing").message() == "Resource not found for the segment 'thing'.");
  CHECK(world.get("/drives/" + world.drive + "/things").message() == "Resource not found for the segment 'things'.");
  CHECK(world.call("PATCH", world.items() + "/" + id).status == 405);
}

TEST_CASE("SharePoint's rules for names", "[files]") {
  DriveWorld world;
  for (const char* name : {"a%22b", "a*b", "a:b", "a%3Cb", "a%3Eb", "a%3Fb", "a%5Cb", "a%7Cb", "%20a", "a%20", ".a",
                           "a.", "a%01b", "a%FFb", "x/%20/y", "x//y"}) {
    INFO(name);
    const Reply reply = world.put(name, "x");
    CHECK(reply.status == 400);
    CHECK(reply.code() == "invalidRequest");
    CHECK(world.open_session(name).status == 400);
  }
  CHECK(world.put("%23%25 \xC3\xBC~(1)'x'.txt", "x").body["name"] == "#% \xC3\xBC~(1)'x'.txt");
  // "/sites/Orbitarchive/Shared Documents/launch-room/" are 49 of the 400.
  const std::string longest(351, 'n');
  CHECK(world.put(longest, "x").status == 201);
  CHECK(world.put(longest + "n", "x").status == 400);
}

TEST_CASE("A folder's children come in pages, and go with it", "[files]") {
  DriveWorld world;
  for (const char* name : {"c.txt", "a.txt", "B.txt"}) world.put(name, name);
  const std::string children = world.items() + "/" + world.folder + "/children";
  const Reply made = world.post(children, {{"name", "deep"}, {"folder", json::object()}});
  CHECK(made.status == 201);
  CHECK(made.body["folder"]["childCount"] == 0);
  CHECK(world.post(children, {{"name", "Deep"}, {"folder", json::object()}}).status == 409);
  const json renamed = {{"name", "deep"}, {"folder", json::object()}, {"@microsoft.graph.conflictBehavior", "rename"}};
  CHECK(world.post(children, renamed).body["name"] == "deep 1");
  CHECK(world.post(children, {{"name", "x"}}).status == 400);
  CHECK(world.post(children, {{"name", "x/y"}, {"folder", json::object()}}).status == 400);
  CHECK(world.raw("POST", children, "[]").status == 400);

  json names = json::array();
  std::string next = children + "?$top=2&$select=name";
  for (int pages = 0; !next.empty(); ++pages) {
    REQUIRE(pages < 3);
    const json page = world.get(next).body;
    CHECK(page["value"].size() <= 2);
    for (const json& item : page["value"]) {
      CHECK(item.size() == 1);
      names.push_back(item["name"]);
    }
    next = page.value("@odata.nextLink", "");
  }
  CHECK(names == json({"a.txt", "B.txt", "c.txt", "deep", "deep 1"}));
  CHECK(world.get(children + "?$skiptoken=abc").status == 400);
  CHECK(world.get(children + "?$top=0").status == 400);

  const std::string file = world.get(world.at("a.txt")).body["id"];
  CHECK(world.call("DELETE", world.items() + "/" + world.folder).status == 204);
  CHECK(world.get(world.items() + "/" + file).status == 404);
  CHECK(world.call("DELETE", world.items() + "/" + world.folder).status == 404);
  CHECK(world.call("DELETE", "/drives/" + world.drive + "/root").status == 400);
  CHECK(world.get(world.channel + "/filesFolder").status == 404);
}

TEST_CASE("A user has a OneDrive", "[files]") {
  World world;
  const User ada = world.router->users().front();
  const Reply drive = world.get("/users/" + ada.id + "/drive");
  REQUIRE(drive.status == 200);
  CHECK(drive.body["driveType"] == "business");
  CHECK(drive.body["owner"]["user"]["id"] == ada.id);
  const std::string id = drive.body["id"];
  CHECK(world.get("/users/" + ada.userPrincipalName + "/drive").body["id"] == id);
  const Reply put = world.raw("PUT", "/users/" + ada.id + "/drive/root:/chat/a.txt:/content", "x");
  CHECK(put.status == 201);
  CHECK(put.body["parentReference"]["driveId"] == id);
  CHECK(world.get("/drives/" + id + "/root:/chat/a.txt").body["id"] == put.body["id"]);
  CHECK(world.get("/users/" + ada.id + "/drive/items/" + put.body["id"].get<std::string>()).status == 200);
  CHECK(world.get("/users/" + ada.id + "/drive/root/children").body["value"].size() == 1);
  CHECK(world.get("/users('" + ada.id + "')/drive/root").status == 200);
  CHECK(world.get("/users/nobody/drive").status == 404);
  CHECK(world.get("/users/" + ada.id + "/drive/things").message() == "Resource not found for the segment 'things'.");
}

TEST_CASE("Sharing links and invitations", "[files]") {
  DriveWorld world;
  const std::string item = world.items() + "/" + world.put("a.txt", "x").body["id"].get<std::string>();
  const json view = {{"type", "view"}, {"scope", "organization"}};
  const Reply link = world.post(item + "/createLink", view);
  CHECK(link.status == 201);
  CHECK_THAT(link.body["link"]["webUrl"].get<std::string>(),
             Catch::StartsWith("https://tenant.sharepoint.example/:b:/s/Orbitarchive/"));
  CHECK(link.body["roles"] == json({"read"}));
  const Reply again = world.post(item + "/createLink", view);
  CHECK(again.status == 200);
  CHECK(again.body == link.body);
  CHECK(world.post(item + "/createLink", {{"type", "edit"}}).body["roles"] == json({"write"}));
  CHECK(world.post(item + "/createLink", {{"type", "own"}}).status == 400);

  const User ada = world.router->users().front();
  const json body = {{"recipients", {{{"email", ada.mail}}}}, {"roles", {"read"}}, {"requireSignIn", true}};
  const Reply invited = world.post(item + "/invite", body);
  CHECK(invited.status == 200);
  CHECK(invited.body["value"][0]["grantedToV2"]["user"]["id"] == ada.id);
  const Change changes[] = {
      {"nobody", [](json& j) { j["recipients"] = json::array(); }},
      {"no recipients", [](json& j) { j.erase("recipients"); }},
      {"a recipient that is text", [](json& j) { j["recipients"] = {"ada"}; }},
      {"a stranger", [](json& j) { j["recipients"][0]["email"] = "x@nowhere.example"; }},
      {"no roles", [](json& j) { j["roles"] = json::array(); }},
      {"an unknown role", [](json& j) { j["roles"] = {"boss"}; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json bad = body;
    change.make(bad);
    CHECK(world.post(item + "/invite", bad).status == 400);
  }
}

TEST_CASE("A download address opens without a token, whole or in part, for an hour", "[files]") {
  DriveWorld world;
  const json item = world.put("a.txt", "0123456789").body;
  const std::string url = item["@microsoft.graph.downloadUrl"];
  const http::Response whole = world.fetch("GET", url);
  CHECK(whole.status == 200);
  CHECK(whole.body == "0123456789");
  CHECK(*whole.headers.find("Content-Type") == "text/plain");
  const std::pair<const char*, const char*> parts[] = {
      {"bytes=2-4", "234"}, {"bytes=8-", "89"}, {"bytes=-3", "789"}, {"bytes=5-99", "56789"}};
  for (const auto& [range, text] : parts) {
    INFO(range);
    const http::Response part = world.fetch("GET", url, range);
    CHECK(part.status == 206);
    CHECK(part.body == text);
  }
  CHECK(*world.fetch("GET", url, "bytes=2-4").headers.find("Content-Range") == "bytes 2-4/10");
  CHECK(world.fetch("GET", url, "bytes=10-").status == 416);
  CHECK(world.fetch("GET", url, "lines=1-2").status == 200);
  CHECK(world.fetch("GET", url + "x").status == 404);
  CHECK(world.fetch("GET", "http://graph.example:8080/download/").status == 404);
  CHECK(world.fetch("POST", url).status == 405);
  CHECK(world.get(world.items() + "/" + world.folder + "/content").status == 400);
  world.clock.ms += 3'600'000;
  CHECK(world.fetch("GET", url).status == 404);
}

}  // namespace teamferry::emulator
