#include "native/graph/upload.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

#include "tests/native/graph/scripted_graph.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

const Folder kFolder = {"b!drive", "folder-1", "https://orbit.example/sites/x/Shared Documents/launch"};
constexpr std::size_t kChunkUnit = 320 * 1024;
constexpr std::size_t kSmallUpload = 4 * 1024 * 1024;
constexpr std::size_t kLarge = kSmallUpload + 1000;
constexpr std::size_t kChunk = 4 * kChunkUnit;  // a large file is four of them, the last one short

std::string pattern(std::size_t size) {
  std::string bytes(size, ' ');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7919 >> 5);
  return bytes;
}

// Remembers how much was ever asked for at once.
class Watched : public Content {
 public:
  explicit Watched(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size() + pretended; }
  Result<std::string> read(std::uint64_t offset, std::size_t length) override {
    most = std::max(most, length);
    return bytes_.substr(std::min<std::size_t>(offset, bytes_.size()), length);
  }
  std::size_t most = 0;
  std::size_t pretended = 0;

 private:
  std::string bytes_;
};

std::string item_json(const std::string& id, std::size_t size = 7, const std::string& version = "1") {
  return R"({"id":")" + id + R"(","name":"plan.pdf","size":)" + std::to_string(size) +
         R"(,"eTag":"\"{153FA47D-18C9-4179-BE08-9879815A9F90},)" + version + R"(\""})";
}

// A service with upload sessions, as the documents describe them. `fault` may answer a chunk instead: with the bytes
// kept (acted) or not. Counts from 1.
struct Service {
  using Fault = std::function<std::optional<Result<Response>>(int chunk, bool acted)>;

  ScriptedGraph graph;
  std::string received;
  std::string stored;
  int sessions = 0, chunks = 0, cancelled = 0;
  bool open = false;
  std::string there;  // the item under the name; empty: none
  std::string upload_url = "https://files.example/upload/";
  Fault before, after;  // the chunk is kept

  Service() {
    graph.wire.otherwise([this](const Request& request) { return answer_to(request); });
  }

  Result<Response> answer_to(const Request& request) {
    if (request.url.ends_with(":/plan.pdf")) return there.empty() ? answer(404) : answer(200, there);
    if (request.url.find("/createUploadSession") != std::string::npos) {
      open = true;
      received.clear();
      return answer(
          200, R"({"uploadUrl":")" + upload_url + std::to_string(++sessions) + R"(","nextExpectedRanges":["0-"]})");
    }
    CHECK_FALSE(request.authorize);
    CHECK_FALSE(request.headers.find("Authorization"));
    if (!open) return refusal(404, "itemNotFound", "no session");
    if (request.method == "DELETE") return ++cancelled, open = false, answer(204);
    if (request.method == "GET") return state(200);
    return take(request);
  }

  Response state(int status) const {
    return answer(status, R"({"nextExpectedRanges":[")" + std::to_string(received.size()) + R"(-"]})");
  }

  Result<Response> take(const Request& request) {
    ++chunks;
    if (before) {
      if (auto fault = before(chunks, false)) return *fault;
    }
    std::size_t first = 0, last = 0, total = 0;
    const auto* range = request.headers.find("Content-Range");
    REQUIRE(range);
    REQUIRE(sscanf(range->c_str(), "bytes %zu-%zu/%zu", &first, &last, &total) == 3);
    REQUIRE(last - first + 1 == request.body.size());
    if (first != received.size()) return refusal(416, "invalidRange", "not the next one");
    if (last + 1 != total) CHECK(request.body.size() % kChunkUnit == 0);
    received += request.body;
    const bool whole = received.size() == total;
    if (whole) stored = received, open = false, there = item_json("item-1", total, "2");
    if (after) {
      if (auto fault = after(chunks, true)) return *fault;
    }
    return whole ? answer(201, item_json("item-1")) : state(202);
  }

  Result<DriveItem> upload(Content& content, Conflict conflict = Conflict::replace,
                           std::function<bool()> should_stop = {}) {
    Upload wanted{kFolder, "plan.pdf", conflict, kChunk, {}, std::move(should_stop)};
    return graph.run(graph::upload(graph.client, wanted, content));
  }
};

const Error kReset = Error::transport("reset", "the connection was reset");

}  // namespace

TEST_CASE("A small file is one PUT, which may be repeated if it replaces", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(201, item_json("item-1"))).then(answer(201, item_json("item-2")));
  TextContent content(std::string("\0bytes\xff", 7));
  const auto item = graph.run(upload(graph.client, {kFolder, "pläne & more.pdf"}, content));
  REQUIRE(item.ok());
  CHECK(item.value().id == "item-1");
  CHECK(item.value().size == 7);
  CHECK(graph.line(0) ==
        "PUT /v1.0/drives/b%21drive/items/folder-1:/pl%C3%A4ne%20%26%20more.pdf:/content"
        "?@microsoft.graph.conflictBehavior=replace");
  CHECK(graph.request().body == std::string("\0bytes\xff", 7));
  CHECK(graph.request().authorize);
  CHECK(graph.request().retry);
  CHECK(graph.run(upload(graph.client, {kFolder, "a.pdf", Conflict::rename}, content)).ok());
  CHECK(graph.request(1).url.ends_with("=rename"));
  CHECK_FALSE(graph.request(1).retry);
  CHECK(graph.request(1).fresh_connection);
}

TEST_CASE("Which files are small is what the limits say", "[graph]") {
  const limits::Override smaller(R"({"sizes": {"small_upload_bytes": 3}})");
  ScriptedGraph graph;
  graph.wire.then(answer(404)).then(answer(507));
  TextContent content("four");
  CHECK(graph.run(upload(graph.client, {kFolder, "a.bin"}, content)).error().status == 507);
  CHECK(graph.line(1).ends_with("/createUploadSession"));
}

TEST_CASE("An empty file and one of 4 MiB are small", "[graph]") {
  for (const std::size_t size : {std::size_t{0}, kSmallUpload}) {
    ScriptedGraph graph;
    graph.wire.then(answer(201, item_json("item-1")));
    TextContent content(std::string(size, 'x'));
    std::uint64_t done = 1;
    Upload wanted{kFolder, "a.bin"};
    wanted.progress = [&done](std::uint64_t sent, std::uint64_t total) { done = sent + total; };
    CHECK(graph.run(upload(graph.client, wanted, content)).ok());
    CHECK(graph.request().method == "PUT");
    CHECK(done == 2 * size);
  }
}

TEST_CASE("A large file goes in chunks of a multiple of 320 KiB, one in memory at a time", "[graph]") {
  Service service;
  Watched content(pattern(kLarge));
  const auto item = service.upload(content, Conflict::fail);
  REQUIRE(item.ok());
  CHECK(item.value().id == "item-1");
  CHECK(service.stored == pattern(kLarge));
  CHECK(service.chunks == 4);
  CHECK(content.most == kChunk);
  CHECK(service.graph.request(1).body == R"({"item":{"@microsoft.graph.conflictBehavior":"fail","name":"plan.pdf"}})");
  CHECK(service.graph.request(1).authorize);
}

TEST_CASE("A chunk whose answer is lost goes on from where the service stands", "[graph]") {
  const int lost = GENERATE(1, 2, 3);
  const bool acted = GENERATE(true, false);
  const bool no_answer = GENERATE(true, false);
  Service service;
  (acted ? service.after : service.before) = [=](int chunk, bool) -> std::optional<Result<Response>> {
    if (chunk != lost) return std::nullopt;
    return no_answer ? Result<Response>(kReset) : Result<Response>(answer(503));
  };
  TextContent content(pattern(kLarge));
  REQUIRE(service.upload(content).ok());
  CHECK(service.stored == pattern(kLarge));
  CHECK(service.chunks == (acted ? 4 : 5));
  CHECK(service.sessions == 1);
}

TEST_CASE("After a 416 the service says where it stands, without a pause", "[graph]") {
  Service service;
  service.after = [](int chunk, bool) -> std::optional<Result<Response>> {
    return chunk == 2 ? std::optional<Result<Response>>(refusal(416, "invalidRange", "x")) : std::nullopt;
  };
  TextContent content(pattern(kLarge));
  const auto start = service.graph.loop.now();
  REQUIRE(service.upload(content).ok());
  CHECK(service.stored == pattern(kLarge));
  CHECK(service.graph.loop.now() == start);
}

TEST_CASE("A pause is the longer of Retry-After and the back-off", "[graph]") {
  Service service;
  service.before = [](int chunk, bool) -> std::optional<Result<Response>> {
    if (chunk == 1) return answer(429, "", {{"Retry-After", "17"}});
    if (chunk == 2) return answer(503, "", {{"Retry-After", "1"}});
    return std::nullopt;
  };
  TextContent content(pattern(kLarge));
  const auto start = service.graph.loop.now();
  REQUIRE(service.upload(content).ok());
  CHECK(service.graph.loop.now() - start == 21s);
}

TEST_CASE("A session that is gone is begun anew, from the first byte", "[graph]") {
  Service service;
  service.before = [&service](int chunk, bool) -> std::optional<Result<Response>> {
    if (chunk != 3) return std::nullopt;
    service.open = false;
    return refusal(404, "itemNotFound", "gone");
  };
  TextContent content(pattern(kLarge));
  REQUIRE(service.upload(content, Conflict::rename).ok());
  CHECK(service.stored == pattern(kLarge));
  CHECK(service.sessions == 2);
  CHECK(service.chunks == 7);
}

TEST_CASE("A service that always loses the session is given up", "[graph]") {
  Service service;
  service.before = [](int, bool) { return std::optional<Result<Response>>(refusal(404, "itemNotFound", "gone")); };
  TextContent content(pattern(kLarge));
  CHECK(service.upload(content).error().code == "session_gone");
  CHECK(service.sessions == 4);
}

TEST_CASE("The lost answer to the last bytes is found again by looking", "[graph]") {
  Service service;
  service.after = [](int chunk, bool) -> std::optional<Result<Response>> {
    return chunk == 4 ? std::optional<Result<Response>>(kReset) : std::nullopt;
  };
  TextContent content(pattern(kLarge));
  const auto conflict = GENERATE(Conflict::replace, Conflict::rename, Conflict::fail);
  SECTION("where nothing was before") {
    const auto item = service.upload(content, conflict);
    REQUIRE(item.ok());
    CHECK(item.value().id == "item-1");
    CHECK(service.sessions == 1);
  }
  SECTION("where another version was before") {
    service.there = item_json("item-1", kLarge, "1");
    const auto item = service.upload(content, conflict);
    CHECK(item.ok() == (conflict == Conflict::replace));
    if (!item.ok()) CHECK(item.error().ambiguous());
    CHECK(service.sessions == 1);
  }
}

TEST_CASE("Last bytes that did not arrive are sent again only if that does no harm", "[graph]") {
  Service service;
  service.before = [&service](int chunk, bool) -> std::optional<Result<Response>> {
    if (chunk != 4) return std::nullopt;
    service.open = false;
    return kReset;
  };
  service.there = item_json("item-0", kLarge, "1");
  TextContent content(pattern(kLarge));
  const auto conflict = GENERATE(Conflict::replace, Conflict::rename, Conflict::fail);
  const auto item = service.upload(content, conflict);
  if (conflict == Conflict::replace) {
    CHECK(item.ok());
    CHECK(service.sessions == 2);
    CHECK(service.stored == pattern(kLarge));
  } else {
    CHECK(item.error().code == "unclear");
    CHECK(service.sessions == 1);
  }
}

TEST_CASE("What fails for good ends with the session cancelled", "[graph]") {
  Service service;
  TextContent content(pattern(kLarge));
  SECTION("a refusal") {
    const int status = GENERATE(409, 507, 401, 400);
    service.before = [status](int, bool) { return std::optional<Result<Response>>(answer(status)); };
    CHECK(service.upload(content).error().status == status);
    CHECK(service.chunks == 1);
  }
  SECTION("a service that is never back") {
    service.before = [](int, bool) { return std::optional<Result<Response>>(answer(503)); };
    CHECK(service.upload(content).error().status == 503);
    CHECK(service.chunks == 8);
  }
  SECTION("the caller's wish") {
    service.before = [](int, bool) { return std::optional<Result<Response>>(answer(503)); };
    const auto start = service.graph.loop.now();
    const auto stop = [&] { return service.graph.loop.now() - start >= 3s; };
    CHECK(service.upload(content, Conflict::replace, stop).error().code == "interrupted");
    CHECK(service.graph.loop.now() - start == 3s);
  }
  SECTION("a file that became shorter") {
    Watched shorter(pattern(kLarge));
    shorter.pretended = 5;
    CHECK(service.upload(shorter).error().code == "content_changed");
  }
  CHECK(service.cancelled == 1);
  CHECK(service.stored.empty());
}

TEST_CASE("No bytes go where strangers could read them", "[graph]") {
  Service service;
  service.upload_url = GENERATE("http://files.example/upload/", "ftp://files.example/", "/upload/", "");
  if (service.upload_url.empty()) {
    service.graph.wire.then(answer(404)).then(answer(200, R"({"nextExpectedRanges":["0-"]})"));
  }
  TextContent content(pattern(kLarge));
  const auto refused = service.upload(content);
  CHECK_FALSE(refused.ok());
  CHECK(service.chunks == 0);
  CHECK(service.graph.wire.requests.size() == 2);
}

TEST_CASE("A session that stands still is given up, one that goes back is followed", "[graph]") {
  Service service;
  TextContent content(pattern(kLarge));
  SECTION("still") {
    service.before = [](int, bool) {
      return std::optional<Result<Response>>(answer(202, R"({"nextExpectedRanges":["0-"]})"));
    };
    CHECK(service.upload(content).error().code == "unreadable");
    CHECK(service.chunks == 8);
  }
  SECTION("back") {
    service.after = [&service](int chunk, bool) -> std::optional<Result<Response>> {
      if (chunk != 2) return std::nullopt;
      service.received.resize(kChunk);
      return service.state(202);
    };
    REQUIRE(service.upload(content).ok());
    CHECK(service.stored == pattern(kLarge));
  }
}
