#include "native/graph/files.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "native/graph/hosted.h"
#include "native/graph/upload.h"
#include "tests/native/graph/emulated_graph.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::size_t kChunkUnit = 320 * 1024;
constexpr std::size_t kSmallUpload = 4 * 1024 * 1024;
const ConversationRef kChannel = {"T", "19:561f@thread.tacv2"};
const Folder kFolder = {"b!drive", "folder-1", "https://orbit.example/sites/x/Shared Documents/launch"};

DriveItem item(const std::string& name, const std::string& eTag = "\"{153FA47D-18C9-4179-BE08-9879815A9F90},1\"") {
  DriveItem made;
  made.name = name;
  made.eTag = eTag;
  return made;
}

}  // namespace

TEST_CASE("The folder of a channel is waited for until it is provisioned", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(404))
      .then(answer(503))
      .then(answer(200, R"({"id":"F","webUrl":"https://x.example/l","parentReference":{"driveId":"b!D"}})"));
  const auto start = graph.loop.now();
  const auto folder = graph.run(files_folder(graph.client, kChannel, {5s, 60s}));
  REQUIRE(folder.ok());
  CHECK(folder.value().drive_id == "b!D");
  CHECK(folder.value().item_id == "F");
  CHECK(folder.value().webUrl == "https://x.example/l");
  CHECK(graph.loop.now() - start == 10s);
  CHECK(graph.line(0) == "GET /v1.0/teams/T/channels/19%3A561f%40thread.tacv2/filesFolder");
}

TEST_CASE("A folder that never comes, is refused or is nobody's is an error", "[graph]") {
  ScriptedGraph graph;
  SECTION("never") {
    graph.wire.otherwise([](const Request&) { return refusal(404, "itemNotFound", "not ready yet"); });
    const auto late = graph.run(files_folder(graph.client, kChannel, {5s, 20s}));
    CHECK(late.error().status == 404);
    CHECK(late.error().message == "the folder of the channel is still not ready: not ready yet");
    CHECK(graph.wire.requests.size() == 5);
  }
  SECTION("refused") {
    graph.wire.then(answer(403));
    CHECK(graph.run(files_folder(graph.client, kChannel, {5s, 20s})).error().status == 403);
  }
  SECTION("without a drive") {
    graph.wire.then(answer(200, R"({"id":"F"})"));
    CHECK(graph.run(files_folder(graph.client, kChannel, {5s, 20s})).error().code == "unreadable");
  }
  SECTION("of a chat") {
    const auto none = graph.run(files_folder(graph.client, ConversationRef::chat("c"), {5s, 20s}));
    CHECK(none.error().code == "no_folder");
    CHECK(graph.wire.requests.empty());
  }
  SECTION("not wanted any more") {
    graph.wire.then(answer(404));
    const auto stopped = graph.run(files_folder(graph.client, kChannel, {5s, 20s, [] { return true; }}));
    CHECK(stopped.error().code == "interrupted");
  }
}

TEST_CASE("A person's drive is a folder, and an item is found by its name there", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, R"({"id":"b!U","webUrl":"https://x.example/personal/ada"})"))
      .then(answer(200, R"({"id":"I","name":"a b.pdf","size":12,"parentReference":{"driveId":"b!U"}})"))
      .then(answer(404))
      .then(answer(403));
  const auto drive = graph.run(drive_of_user(graph.client, "ada@x.example"));
  CHECK(drive.value().drive_id == "b!U");
  CHECK(graph.line(0) == "GET /v1.0/users/ada%40x.example/drive");
  const auto found = graph.run(item_in(graph.client, drive.value(), "a b.pdf"));
  REQUIRE(found.value());
  CHECK(found.value()->size == 12);
  CHECK(graph.line(1) == "GET /v1.0/drives/b%21U/items/root:/a%20b.pdf");
  CHECK_FALSE(graph.run(item_in(graph.client, drive.value(), "none")).value());
  CHECK(graph.run(item_in(graph.client, drive.value(), "x")).error().status == 403);
}

TEST_CASE("Access is given by id and without mail, or as a link for the organization", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, R"({"value":[]})"))
      .then(answer(201, R"({"link":{"webUrl":"https://x.example/:b:/s/abc"}})"))
      .then(answer(200, R"({"link":null})"));
  CHECK(graph.run(invite(graph.client, "b!D", "I", {"u-1", "u-2"})).ok());
  CHECK(graph.line(0) == "POST /v1.0/drives/b%21D/items/I/invite");
  CHECK(json::parse(graph.request(0).body) ==
        json::parse(R"({"recipients":[{"objectId":"u-1"},{"objectId":"u-2"}],"roles":["read"],"requireSignIn":true,
          "sendInvitation":false})"));
  CHECK(graph.request(0).retry);
  CHECK(graph.run(create_link(graph.client, "b!D", "I")).value() == "https://x.example/:b:/s/abc");
  CHECK(graph.line(1) == "POST /v1.0/drives/b%21D/items/I/createLink");
  CHECK(graph.run(create_link(graph.client, "b!D", "I")).error().code == "unreadable");
}

TEST_CASE("A message names a file by GUID, folder and name", "[graph]") {
  const auto made = reference_attachment(item("Plan & Ziele ä.docx"), "https://orbit.example/sites/x/launch/");
  REQUIRE(made.ok());
  CHECK(made.value().id == "153fa47d-18c9-4179-be08-9879815a9f90");
  CHECK(made.value().contentUrl == "https://orbit.example/sites/x/launch/Plan%20%26%20Ziele%20%C3%A4.docx");
  CHECK(json::parse(made.value().to_json()) ==
        json::parse(R"({"id":"153fa47d-18c9-4179-be08-9879815a9f90","contentType":"reference",
          "contentUrl":"https://orbit.example/sites/x/launch/Plan%20%26%20Ziele%20%C3%A4.docx",
          "name":"Plan & Ziele ä.docx"})"));
}

TEST_CASE("What Graph would refuse as an attachment is refused before", "[graph]") {
  const std::string folder = "https://orbit.example/sites/x/launch";
  for (const char* name : {"README", ".profile", "ends.", ""}) {
    INFO(name);
    CHECK(reference_attachment(item(name), folder).error().code == "no_extension");
  }
  for (const char* tag : {"", "153fa47d", "{153FA47D}", "\"{153FA47D-18C9-4179-BE08-9879815A9FZZ},1\"",
                          "\"{153FA47D-18C9-4179-BE08-9879815A9F90"}) {
    INFO(tag);
    CHECK(reference_attachment(item("a.pdf", tag), folder).error().code == "no_guid");
  }
  for (const char* url : {"", "https://x.example/:f:/s/launch/abc", "https://x.example/launch?e=abc"}) {
    INFO(url);
    CHECK(reference_attachment(item("a.pdf"), url).error().code == "sharing_link");
  }
}

TEST_CASE("An image is named by what stands behind hostedContents in its address", "[graph]") {
  CHECK(hosted_id("https://graph.microsoft.com/v1.0/teams/t/channels/c/messages/1/hostedContents/aWQ9eA==/$value") ==
        "aWQ9eA==");
  CHECK(hosted_id("https://elsewhere.example/teams/t/messages/1/hostedContents/aWQ9eA%3D%3D/$value") == "aWQ9eA==");
  CHECK(hosted_id("https://x.example/logo.png").empty());
  ScriptedGraph graph;
  graph.wire.then(answer(200, std::string("\x89PNG\0", 5), {{"Content-Type", "image/png"}})).then(answer(200, "x"));
  const auto image = graph.run(hosted_content(graph.client, kChannel, "1", "2", "aWQ9eA=="));
  CHECK(image.value().bytes == std::string("\x89PNG\0", 5));
  CHECK(image.value().content_type == "image/png");
  CHECK(graph.line(0) ==
        "GET /v1.0/teams/T/channels/19%3A561f%40thread.tacv2/messages/1/replies/2/hostedContents/"
        "aWQ9eA%3D%3D/$value");
  CHECK(graph.run(hosted_content(graph.client, ConversationRef::chat("c"), "", "2", "i")).ok());
  CHECK(graph.line(1) == "GET /v1.0/chats/c/messages/2/hostedContents/i/$value");
}

TEST_CASE("A file is uploaded, named in a message, and read back", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};
  const auto folder = world.run(files_folder(world.client, here, world.kSoon));
  REQUIRE(folder.ok());
  const std::size_t size = GENERATE(std::size_t{11}, kSmallUpload + 3 * kChunkUnit + 5);
  TextContent content(std::string(size, 'x'));
  Upload wanted{folder.value(), "Launch plan ä.pdf"};
  wanted.chunk_bytes = 5 * kChunkUnit;
  const auto item = world.run(upload(world.client, wanted, content));
  REQUIRE(item.ok());
  CHECK(item.value().name == "Launch plan ä.pdf");
  CHECK(item.value().size == size);
  CHECK(world.run(item_in(world.client, folder.value(), "Launch plan ä.pdf")).value()->id == item.value().id);

  const auto attachment = reference_attachment(item.value(), folder.value().webUrl);
  REQUIRE(attachment.ok());
  const std::string body = fmt::format(
      R"({{"createdDateTime":"2019-02-04T19:00:00Z","from":{{"user":{{"id":"{}","displayName":"Ada Park",)"
      R"("userIdentityType":"aadUser"}}}},"body":{{"contentType":"html","content":"<attachment id=\"{}\"></attachment>"}},)"
      R"("attachments":[{}]}})",
      world.author(), attachment.value().id, attachment.value().to_json());
  const auto imported = world.run(world.client.import_message(here, "", body));
  REQUIRE(imported.ok());
  CHECK(json::parse(imported.value().json)["attachments"][0]["contentUrl"] == attachment.value().contentUrl);

  SECTION("again under the same name: replaced, renamed or refused") {
    CHECK(world.run(upload(world.client, wanted, content)).value().id == item.value().id);
    wanted.conflict = Conflict::rename;
    CHECK(world.run(upload(world.client, wanted, content)).value().name == "Launch plan ä 1.pdf");
    wanted.conflict = Conflict::fail;
    CHECK(world.run(upload(world.client, wanted, content)).error().status == 409);
  }
}

TEST_CASE("An upload gets through resets, errors and halves of answers whole", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  world.loop.run_at(10'000);
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};
  const auto folder = world.run(files_folder(world.client, here, {1min, 1h})).value();
  const std::string fault = GENERATE(R"("fault":"reset-before")", R"("fault":"reset-after")",
                                     R"("fault":"half-answer")", R"("fault":"status","status":503,"acted":true)");
  INFO(fault);
  world.add_faults("{" + fault + R"(,"on":"uploads","every":3})");
  std::string bytes(kSmallUpload + 3 * kChunkUnit, ' ');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7919 >> 5);
  TextContent content(bytes);
  Upload wanted{folder, "plan.bin"};
  wanted.chunk_bytes = 2 * kChunkUnit;
  const auto item = world.run(upload(world.client, wanted, content));
  if (!item.ok()) FAIL(item.error().to_string());
  CHECK(item.value().size == bytes.size());
  CHECK(world.emulated->stats().faults > 0);
  CHECK(world.download(item.value()) == bytes);
}

TEST_CASE("A chat's file lies in a person's drive, open to the others", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const auto drive = world.run(drive_of_user(world.client, world.user("ada")));
  REQUIRE(drive.ok());
  TextContent content("hello");
  const auto item = world.run(upload(world.client, {drive.value(), "notes.txt"}, content));
  REQUIRE(item.ok());
  CHECK(world.run(invite(world.client, drive.value().drive_id, item.value().id, {world.user("ben")})).ok());
  const auto link = world.run(create_link(world.client, drive.value().drive_id, item.value().id));
  REQUIRE(link.ok());
  CHECK(reference_attachment(item.value(), link.value()).error().code == "sharing_link");
}

TEST_CASE("An image inside a message is read back as it was sent", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};
  const std::string png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const std::string body = fmt::format(
      R"({{"createdDateTime":"2019-02-04T19:00:00Z","from":{{"user":{{"id":"{}","displayName":"Ada Park",)"
      R"("userIdentityType":"aadUser"}}}},"body":{{"contentType":"html","content":"<img src=\"../hostedContents/1/$value\">"}},)"
      R"("hostedContents":[{{"@microsoft.graph.temporaryId":"1","contentBytes":"{}","contentType":"image/png"}}]}})",
      world.author(), png);
  const auto imported = world.run(world.client.import_message(here, "", body));
  REQUIRE(imported.ok());
  const auto message = world.run(world.client.message(here, imported.value().id)).value();
  const auto start = message.content.find("src=\"") + 5;
  const std::string id = hosted_id(message.content.substr(start, message.content.find('"', start) - start));
  const auto image = world.run(hosted_content(world.client, here, "", message.id, id));
  REQUIRE(image.ok());
  CHECK(image.value().content_type == "image/png");
  CHECK(image.value().bytes.size() == 70);
  CHECK(image.value().bytes.substr(1, 3) == "PNG");
}
