#include <stdlib.h>

#include <filesystem>

#include "tests/native/emulator/drive_world.h"

namespace teamferry::emulator {
namespace {

constexpr std::size_t kUnit = 327'680;

}  // namespace

TEST_CASE("E143: an upload session has an address of its own, and a day", "[files]") {
  DriveWorld world;
  const Reply opened = world.post(world.at("a.bin") + "/createUploadSession");
  REQUIRE(opened.status == 200);
  CHECK_THAT(opened.body["uploadUrl"].get<std::string>(), Catch::StartsWith("http://graph.example:8080/upload/"));
  CHECK(opened.body["expirationDateTime"] == "2026-05-05T10:00:00Z");
  CHECK(opened.body["nextExpectedRanges"] == json({"0-"}));
  CHECK(world.post(world.at("a.bin") + "/microsoft.graph.createUploadSession").status == 200);
  CHECK(world.open_session("b.bin", "perhaps").status == 400);
  CHECK(world.post(world.at("b.bin") + "/createUploadSession", {{"item", 5}}).status == 400);
  CHECK(world.post(world.at("b.bin") + "/createUploadSession", {{"deferCommit", true}}).status == 400);
  CHECK(world.post(world.at("b.bin") + "/createUploadSession", nullptr, "reader").status == 403);
  CHECK(world.get(world.at("a.bin")).status == 404);
}

TEST_CASE("E143: a client at a loopback name uploads to the other one, where it adds no token", "[files]") {
  DriveWorld world;
  const std::pair<const char*, const char*> names[] = {
      {"http://127.0.0.1:80", "http://localhost:80/upload/"},
      {"https://localhost:4711", "https://127.0.0.1:4711/upload/"},
      {"https://[::1]:4711", "https://localhost:4711/upload/"},
      {"https://localhost", "https://127.0.0.1/upload/"},
  };
  for (const auto& [base, wanted] : names) {
    http::Request request;
    request.method = "POST";
    request.url = base + ("/v1.0" + world.at("a.bin") + "/createUploadSession");
    request.headers.add("Authorization", "Bearer " + world.token("full"));
    const json body = json::parse(world.router->handle(request).response.body);
    CHECK_THAT(body["uploadUrl"].get<std::string>(), Catch::StartsWith(wanted));
  }
}

TEST_CASE("E143: variant upload-sessions=one refuses a second session for a name", "[files][variants]") {
  Options options = World::unlimited();
  REQUIRE(options.variants.set("upload-sessions=one"));
  DriveWorld world(options);
  const std::string url = world.session("a.bin");
  CHECK(world.open_session("A.bin").status == 409);
  CHECK(world.open_session("b.bin").status == 200);
  CHECK(world.fetch("DELETE", url).status == 204);
  CHECK(world.open_session("a.bin").status == 200);
  world.clock.ms += 24 * 3'600'000;
  world.tokens.clear();
  CHECK(world.open_session("a.bin", "rename").status == 200);
}

TEST_CASE("E144: chunks of 320 KiB multiples, and the last one makes the file", "[files]") {
  DriveWorld world;
  const std::string url = world.session("large.bin");
  const std::size_t total = 3 * kUnit + 5;
  const Reply first = world.chunk(url, 0, 2 * kUnit, total);
  CHECK(first.status == 202);
  CHECK(first.body["nextExpectedRanges"] == json({"655360-"}));
  world.clock.ms += 1000;
  const Reply second = world.chunk(url, 2 * kUnit, kUnit, total);
  CHECK(second.status == 202);
  CHECK(second.body["expirationDateTime"] == "2026-05-05T10:00:01Z");
  const Reply state = world.storage("GET", url);
  CHECK(state.status == 200);
  CHECK(state.body["nextExpectedRanges"] == json({"983040-"}));
  CHECK(world.get(world.at("large.bin")).status == 404);
  const Reply last = world.chunk(url, 3 * kUnit, 5, total);
  REQUIRE(last.status == 201);
  CHECK(last.body["size"] == total);
  CHECK(last.body["name"] == "large.bin");
  CHECK_THAT(last.body["@odata.context"].get<std::string>(), Catch::Contains("/v1.0/$metadata#drives("));
  CHECK(world.content(world.at("large.bin")) == std::string(total, 'x'));
  CHECK(world.storage("GET", url).status == 404);
  const std::string part = last.body["@microsoft.graph.downloadUrl"];
  CHECK(world.fetch("GET", part, "bytes=983030-983044").body.size() == 15);
  CHECK(world.fetch("GET", part, "bytes=327670-327690").body.size() == 21);

  const std::string again = world.session("large.bin");
  CHECK(world.chunk(again, 0, 7, 7).status == 200);
  CHECK(world.content(world.at("large.bin")) == "xxxxxxx");
}

TEST_CASE("E145: a chunk that is not the last must be a multiple of 320 KiB", "[files]") {
  DriveWorld world;
  const std::string url = world.session("a.bin");
  const Reply odd = world.chunk(url, 0, kUnit + 1, 2 * kUnit);
  CHECK(odd.status == 400);
  CHECK(odd.code() == "invalidRequest");
  CHECK(world.storage("GET", url).body["nextExpectedRanges"] == json({"0-"}));
}

TEST_CASE("E145: ranges that make no sense are refused and change nothing", "[files]") {
  DriveWorld world;
  const std::string url = world.session("a.bin");
  REQUIRE(world.chunk(url, 0, kUnit, 2 * kUnit).status == 202);
  const std::string body(10, 'x');
  for (const char* range :
       {"", "bytes", "bytes 327680-327689", "bytes 327680-327689/*", "bytes 327689-327680/655360",
        "bytes 327680-327690/655360", "bytes 327680-327689/327689", "bytes -5-4/10", "bytes 327680-327689/655361",
        "items 327680-327689/655360", "bytes 99999999999999999999-5/6", "bytes 327680-327689/655360x"}) {
    INFO(range);
    CHECK(world.storage("PUT", url, range, body).status == 400);
  }
  CHECK(world.storage("GET", url).body["nextExpectedRanges"] == json({"327680-"}));
  CHECK(world.chunk(url, kUnit, kUnit, 2 * kUnit).status == 201);
}

TEST_CASE("E145: a chunk of 60 MiB is too large", "[files]") {
  DriveWorld world;
  const std::string url = world.session("a.bin");
  CHECK(world.chunk(url, 0, 60 << 20, 120 << 20).status == 413);
  CHECK(world.chunk(url, 0, (60 << 20) - kUnit, 120 << 20).status == 202);
}

TEST_CASE("E146: a chunk again or out of order is 416", "[files]") {
  DriveWorld world;
  const std::string url = world.session("a.bin");
  CHECK(world.chunk(url, kUnit, kUnit, 3 * kUnit).status == 416);
  REQUIRE(world.chunk(url, 0, kUnit, 3 * kUnit).status == 202);
  const Reply again = world.chunk(url, 0, kUnit, 3 * kUnit);
  CHECK(again.status == 416);
  CHECK(again.code() == "invalidRange");
  CHECK(world.chunk(url, 2 * kUnit, kUnit, 3 * kUnit).status == 416);
  CHECK(world.chunk(url, kUnit, 2 * kUnit, 3 * kUnit).status == 201);
}

TEST_CASE("E147: a chunk with an Authorization header is 401", "[files]") {
  DriveWorld world;
  http::Request request;
  request.method = "PUT";
  request.url = world.session("a.bin");
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  request.headers.add("Content-Range", "bytes 0-0/1");
  request.body = "x";
  const http::Response refused = world.router->handle(request).response;
  CHECK(refused.status == 401);
  CHECK(json::parse(refused.body)["error"]["code"] == "unauthenticated");
  CHECK(world.chunk(request.url, 0, 1, 1).status == 201);
}

TEST_CASE("E148: an expired, a cancelled and an invented session are 404", "[files]") {
  DriveWorld world;
  const std::string url = world.session("a.bin");
  SECTION("expired") {
    world.clock.ms += 24 * 3'600'000;
  }
  SECTION("cancelled") {
    CHECK(world.fetch("DELETE", url).status == 204);
  }
  SECTION("its folder deleted, at the last chunk") {
    REQUIRE(world.call("DELETE", world.items() + "/" + world.folder).status == 204);
    CHECK(world.chunk(url, 0, 1, 1).status == 404);
    CHECK(world.fetch("DELETE", url).status == 204);
  }
  for (const std::string& address : {url, std::string("http://graph.example:8080/upload/abc"),
                                     std::string("http://graph.example:8080/upload"), url + "/more"}) {
    const Reply reply = world.chunk(address, 0, 1, 1);
    CHECK(reply.status == 404);
    CHECK(reply.code() == "itemNotFound");
  }
  CHECK(world.storage("GET", url).status == 404);
  CHECK(world.storage("DELETE", url).status == 404);
}

TEST_CASE("E149: conflictBehavior fail is 409 when the file exists, or has come meanwhile", "[files]") {
  DriveWorld world;
  const std::string early = world.session("a.bin", "fail");
  world.put("a.bin", "there");
  const Reply late = world.chunk(early, 0, 1, 1);
  CHECK(late.status == 409);
  CHECK(late.code() == "nameAlreadyExists");
  const Reply opened = world.open_session("a.bin", "fail");
  CHECK(opened.status == 409);
  CHECK(opened.code() == "nameAlreadyExists");
  CHECK(world.content(world.at("a.bin")) == "there");
  CHECK(world.post(world.at("a.bin") + "/createUploadSession?@microsoft.graph.conflictBehavior=fail").status == 409);
}

TEST_CASE("E150: conflictBehavior rename gives the next free name", "[files]") {
  DriveWorld world;
  world.put("a.b.bin", "there");
  const Reply renamed = world.chunk(world.session("a.b.bin", "rename"), 0, 1, 1);
  CHECK(renamed.status == 201);
  CHECK(renamed.body["name"] == "a.b 1.bin");
  CHECK(world.chunk(world.session("a.b.bin", "rename"), 0, 1, 1).body["name"] == "a.b 2.bin");
  world.put("readme", "there");
  CHECK(world.chunk(world.session("readme", "rename"), 0, 1, 1).body["name"] == "readme 1");
}

TEST_CASE("Files and uploads under way survive a restart", "[files][durability]") {
  std::string pattern = (std::filesystem::temp_directory_path() / "drives-XXXXXX").string();
  const std::filesystem::path path = mkdtemp(pattern.data());
  {
    Options options = World::unlimited();
    options.data_dir = path.string();
    DriveWorld world(options);
    world.put("a.txt", "one");
    const json item = world.put("a.txt", "two").body;
    world.put("gone/b.txt", "gone");
    CHECK(world.call("DELETE", world.at("gone")).status == 204);
    const std::string url = world.session("large.bin");
    REQUIRE(world.chunk(url, 0, kUnit, kUnit + 1).status == 202);
    const std::string cancelled = world.session("other.bin");
    REQUIRE(world.fetch("DELETE", cancelled).status == 204);
    const json before = world.get(world.items() + "/" + world.folder + "/children?$select=id,name,eTag,size").body;

    world.restart();
    CHECK(world.get(world.channel + "/filesFolder").body["id"] == world.folder);
    CHECK(world.get(world.items() + "/" + world.folder + "/children?$select=id,name,eTag,size").body == before);
    CHECK(world.get(world.at("a.txt")).body["eTag"] == item["eTag"]);
    CHECK(world.content(world.at("a.txt")) == "two");
    CHECK(world.chunk(url, kUnit, 1, kUnit + 1).status == 201);
    CHECK(world.content(world.at("large.bin")).size() == kUnit + 1);
    CHECK(world.storage("GET", cancelled).status == 404);
  }
  std::filesystem::remove_all(path);
}

}  // namespace teamferry::emulator
