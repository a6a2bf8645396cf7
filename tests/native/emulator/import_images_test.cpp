#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/import_world.h"

namespace teamferry::emulator {
namespace {

// A GIF of one dot: zero bytes and high ones.
constexpr char kBytes[] = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=";
constexpr char kImage[] = "<p>sketch</p><img src=\"../hostedContents/1/$value\" width=\"320\" alt=\"a\">";

json picture(const std::string& id = "1", const std::string& type = "image/gif", const std::string& bytes = kBytes) {
  return {{"@microsoft.graph.temporaryId", id}, {"contentBytes", bytes}, {"contentType", type}};
}

json with_pictures(const ImportWorld& world, const std::string& html, json pictures) {
  json body = world.html(html);
  body["hostedContents"] = std::move(pictures);
  return body;
}

// The address of the first picture of a message.
std::string address_in(const Reply& reply) {
  const std::string content = reply.body["body"]["content"];
  const auto start = content.find("src=\"") + 5;
  return content.substr(start, content.find('"', start) - start);
}

std::string gif() {
  return std::string(
      "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00"
      "\x02\x02"
      "D\x01\x00;",
      35);
}

}  // namespace

TEST_CASE("E91: a picture gets an address that answers its bytes and type", "[import]") {
  ImportWorld world;
  const Reply reply = world.import(with_pictures(world, kImage, json::array({picture()})));
  REQUIRE(reply.status == 200);
  const std::string address = address_in(reply);
  CHECK_THAT(address,
             Catch::StartsWith("http://graph.example:8080/v1.0" + world.messages + "/1549310295511/hostedContents/"));
  CHECK_THAT(address, Catch::EndsWith("/$value"));
  CHECK_THAT(reply.body["body"]["content"].get<std::string>(), Catch::EndsWith("\" width=\"320\" alt=\"a\">"));
  const Reply value = world.get(address);
  CHECK(value.status == 200);
  CHECK(value.text == gif());
  CHECK(value.header("Content-Type") == "image/gif");
  CHECK_FALSE(reply.body.contains("hostedContents"));
}

TEST_CASE("E91: replies and chats have pictures too", "[import]") {
  ImportWorld world;
  const std::string root = world.import_at("2019-02-04T19:00:00Z").body["id"];
  for (const std::string& target : {world.messages + "/" + root + "/replies", world.new_chat() + "/messages"}) {
    const Reply reply = world.post(target, with_pictures(world, kImage, json::array({picture()})));
    REQUIRE(reply.status == 200);
    const std::string address = address_in(reply);
    CHECK_THAT(address, Catch::StartsWith("http://graph.example:8080/v1.0" + target + "/1549310295511/"));
    CHECK(world.get(address).text == gif());
    const std::string message = target + "/1549310295511";
    CHECK(world.get(message).body == reply.body);
    CHECK(world.get(message + "/hostedContents").body["value"].size() == 1);
  }
}

TEST_CASE("E91: an address has the version and host of whoever reads it", "[import]") {
  ImportWorld world;
  world.import(with_pictures(world, kImage, json::array({picture()})));
  const std::string path = world.messages + "/1549310295511";
  const std::string beta = address_in(world.get("/beta" + path));
  CHECK_THAT(beta, Catch::StartsWith("http://graph.example:8080/beta/"));
  CHECK(world.get(beta).text == gif());
  http::Request request;
  request.method = "GET";
  request.url = "https://127.0.0.1:8443/v1.0" + path;
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  const json answered = json::parse(world.router->handle(request).response.body);
  CHECK_THAT(answered["body"]["content"].get<std::string>(), Catch::Contains("src=\"https://127.0.0.1:8443/v1.0/"));
}

TEST_CASE("E91: the pictures of a message are a collection that keeps bytes and types to itself", "[import]") {
  ImportWorld world;
  const std::string two =
      "<img src='../hostedContents/a%20b/$value'><img src=../hostedContents/2/$value><img "
      "src=\"../hostedContents/a b/$value\"><img src=\"https://x.example/y.png\">";
  const Reply reply = world.import(with_pictures(world, two, json::array({picture("a b"), picture("2", "image/jpg")})));
  REQUIRE(reply.status == 200);
  const std::string path = world.messages + "/1549310295511/hostedContents";
  const Reply list = world.get(path);
  REQUIRE(list.status == 200);
  CHECK(list.body["@odata.count"] == 2);
  CHECK_THAT(list.body["@odata.context"].get<std::string>(),
             Catch::EndsWith("/messages('1549310295511')/hostedContents"));
  const json first = list.body["value"][0];
  CHECK(first["contentBytes"].is_null());
  CHECK(first["contentType"].is_null());
  const std::string id = first["id"];
  const std::string content = reply.body["body"]["content"];
  CHECK(content.find(id) != content.rfind(id));
  CHECK_THAT(content, Catch::EndsWith("<img src=\"https://x.example/y.png\">"));
  CHECK(world.get(path + "/" + id).body["id"] == id);
  const std::string second = list.body["value"][1]["id"];
  CHECK(second != id);
  CHECK(world.get(path + "/" + second + "/$value").header("Content-Type") == "image/jpg");
  CHECK(world.get(path + "/1").status == 404);
  CHECK(world.get(path + "/1/$value").status == 404);
  CHECK(world.get(world.messages + "/1/hostedContents").status == 404);
  CHECK(world.get(path, "import-only").status == 403);
}

TEST_CASE("E91: pictures survive a restart", "[import]") {
  const TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = (folder.path / "state").string();
  ImportWorld world(options);
  const Reply reply = world.import(with_pictures(world, kImage, json::array({picture()})));
  REQUIRE(reply.status == 200);
  world.restart();
  CHECK(world.get(world.messages + "/1549310295511").body == reply.body);
  CHECK(world.get(address_in(reply)).text == gif());
}

TEST_CASE("E91: a text that speaks of an address has no picture there", "[import]") {
  ImportWorld world;
  const std::string talk =
      "<p>../hostedContents/9/$value</p><code>&lt;img src=\"../hostedContents/8/$value\"&gt;</code>";
  const Reply plain = world.import(world.html(talk));
  CHECK(plain.status == 200);
  CHECK(plain.body["body"]["content"] == talk);
  json body = with_pictures(world, talk + kImage, json::array({picture()}));
  body["createdDateTime"] = "2019-02-05T00:00:00Z";
  const Reply both = world.import(body);
  REQUIRE(both.status == 200);
  CHECK_THAT(both.body["body"]["content"].get<std::string>(), Catch::StartsWith(talk + "<p>sketch</p><img src=\"http"));
}

TEST_CASE("E92: an <img> that names no picture that came along is 400", "[import]") {
  ImportWorld world;
  CHECK(world.import(world.html(kImage)).status == 400);
  CHECK(world.import(with_pictures(world, kImage, json::array({picture("2")}))).status == 400);
  CHECK(world
            .import(with_pictures(world, kImage + std::string("<img src=\"../hostedContents/1/value\">"),
                                  json::array({picture()})))
            .status == 400);
  CHECK(world.import(world.html("<img src='../hostedContents/'>")).status == 400);
}

TEST_CASE("E93: a picture that the text never names is 400, or let through by option", "[import]") {
  Options options = World::unlimited();
  options.variants.unused_images = GENERATE(false, true);
  ImportWorld world(options);
  const int good = options.variants.unused_images ? 200 : 400;
  CHECK(world.import(with_pictures(world, kImage, json::array({picture(), picture("2")}))).status == good);
  json text = with_pictures(world, kImage, json::array({picture()}));
  text["body"]["contentType"] = "text";
  text["createdDateTime"] = "2019-02-05T00:00:00Z";
  const Reply reply = world.import(text);
  CHECK(reply.status == good);
  if (good == 200) CHECK(reply.body["body"]["content"] == kImage);
}

TEST_CASE("E94: hosted contents that are no pictures are 400", "[import]") {
  ImportWorld world;
  for (const char* type : {"video/mp4", "text/html", "image", "image/", "", "image/png\r\nX: y", "image/png; a=b"}) {
    INFO(type);
    CHECK(world.import(with_pictures(world, kImage, json::array({picture("1", type)}))).status == 400);
  }
  json untyped = picture();
  untyped.erase("contentType");
  CHECK(world.import(with_pictures(world, kImage, json::array({untyped}))).status == 400);
}

TEST_CASE("E95: what is not base64 is 400 in the service's words", "[import]") {
  ImportWorld world;
  for (const char* bytes : {"not base64!", "R0lGO", "R0l=GODl", "====", "=", "", "R0lG\nR0lG", "_-_-", "A==="}) {
    INFO(bytes);
    const Reply reply = world.import(with_pictures(world, kImage, json::array({picture("1", "image/png", bytes)})));
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Invalid request body was sent.");
  }
  json empty = picture();
  empty.erase("contentBytes");
  CHECK(world.import(with_pictures(world, kImage, json::array({empty}))).message() == "Invalid request body was sent.");
  CHECK(world.get(world.messages).body["value"].empty());
}

TEST_CASE("E96: an import over 4 MiB is 413, or 400 by option; one of almost 4 MiB is stored", "[import]") {
  Options options = World::unlimited();
  options.variants.too_large_status = GENERATE(413, 400);
  ImportWorld world(options);
  const auto sized = [&](std::size_t base64) {
    return with_pictures(world, kImage, json::array({picture("1", "image/png", std::string(base64, 'A'))}));
  };
  const Reply refused = world.import(sized(4 << 20));
  CHECK(refused.status == options.variants.too_large_status);
  CHECK(refused.message() == "Request Entity too large.");
  const Reply stored = world.import(sized((4 << 20) - 4096));
  REQUIRE(stored.status == 200);
  CHECK(world.get(address_in(stored)).text.size() == ((4 << 20) - 4096) / 4 * 3);
}

TEST_CASE("A picture that is none of the kind is 400", "[import]") {
  ImportWorld world;
  json bad = picture();
  const int which = GENERATE(range(0, 5));
  INFO(which);
  if (which == 0) bad.erase("@microsoft.graph.temporaryId");
  if (which == 1) bad["@microsoft.graph.temporaryId"] = 1;
  if (which == 2) bad["contentbytes"] = "x";
  if (which == 3) bad = "x";
  json list = json::array({bad});
  if (which == 4) list.push_back(bad);
  CHECK(world.import(with_pictures(world, kImage, list)).status == 400);
}

}  // namespace teamferry::emulator
