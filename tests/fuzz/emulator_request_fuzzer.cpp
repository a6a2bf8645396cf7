// Feeds any bytes to the emulator as a client would: through the reader of HTTP into a router whose tenant holds a
// team, a channel and a chat with messages. Bit 0 of the first byte chooses what the rest is: a stream of requests as
// it stands, or "POST /path\nbody", of which a well-formed request is made, so that paths and JSON are reached. Bit 1
// lets the stream arrive in small pieces. An Authorization header gets a good token, and {team}, {channel}, {message},
// {chat}, {note}, {user}, {drive}, {folder} and {upload} stand for what there is.
// With clang: clang++ -fsanitize=fuzzer,address ...; in the test suite tests/native/emulator/fuzz_test.cpp runs it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/emulator/router.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"
#include "native/emulator/wire.h"

namespace teamferry::emulator {
namespace {

constexpr int kMostInputs = 2000;  // of one tenant: what it holds must not grow for ever

class StillClock : public WallClock {
 public:
  DateTime now() const override { return DateTime{ms}; }
  std::int64_t ms = *read_time("2026-05-04T10:00:00Z");
};

// What must hold of every answer, whatever was asked.
void check(const http::Response& response) {
  if (response.status < 200 || response.status > 599) std::abort();
  bool json = false;
  bool page = false;
  for (const auto& [name, value] : response.headers) {
    // A client could else write headers of its own into answers.
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) std::abort();
    if (name != "Content-Type") continue;
    json = value.compare(0, 16, "application/json") == 0;
    page = value.compare(0, 9, "text/html") == 0;
  }
  if (page && lower_ascii(response.body).find("<script") != std::string::npos) std::abort();
  if (json && !nlohmann::json::accept(response.body)) std::abort();
}

class FuzzedTenant {
 public:
  FuzzedTenant() {
    Options options;
    options.profile = "off";
    options.clock = &clock_;
    auto opened = Router::open(options);
    if (!opened) std::abort();
    router_ = std::move(opened).value();
    const App app = router_->apps().front();
    std::string answer = post("/7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7/oauth2/v2.0/token",
                              "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&"
                              "client_id=" +
                                  app.client_id + "&client_secret=" + app.client_secret)
                             .body;
    authorization_ = "Bearer " + nlohmann::json::parse(answer).at("access_token").get<std::string>();
    const std::string user = router_->users().front().id;
    words_.emplace_back("{user}", user);

    const http::Response team =
        post("/v1.0/teams", R"j({"@microsoft.graph.teamCreationMode":"migration","displayName":"T",)j"
                            R"j("createdDateTime":"2019-01-07T08:00:00Z","template@odata.bind":)j"
                            R"j("https://graph.microsoft.com/v1.0/teamsTemplates('standard')"})j");
    const std::string* place = team.headers.find("Content-Location");
    if (place == nullptr) std::abort();
    words_.emplace_back("{team}", place->substr(8, 36));
    words_.emplace_back("{channel}", id(post("/v1.0/teams/{team}/channels",
                                             R"j({"@microsoft.graph.channelCreationMode":"migration",)j"
                                             R"j("displayName":"C","createdDateTime":"2019-01-07T08:00:01Z"})j")));
    words_.emplace_back("{message}", put_message("/v1.0/teams/{team}/channels/{channel}/messages", '1'));
    for (char day = '2'; day < '5'; ++day) {
      put_message("/v1.0/teams/{team}/channels/{channel}/messages/{message}/replies", day);
    }
    send("GET", "/v1.0/teams/{team}/channels/{channel}/filesFolder");  // makes the folder ...
    clock_.ms += Options().files_delay.count();
    const auto folder = read(send("GET", "/v1.0/teams/{team}/channels/{channel}/filesFolder"));  // ... seen later
    words_.emplace_back("{drive}", folder.at("parentReference").at("driveId"));
    words_.emplace_back("{folder}", folder.at("id"));
    const std::string session =
        read(post("/v1.0/drives/{drive}/items/{folder}:/big.bin:/createUploadSession", "{}")).at("uploadUrl");
    words_.emplace_back("{upload}", session.substr(session.find("/upload/")));
    std::string members;
    for (std::size_t i = 0; i < 2; ++i) {
      members += (i == 0 ? "" : ",") + member(router_->users()[i].id);
    }
    words_.emplace_back("{chat}",
                        id(post("/v1.0/chats", R"j({"chatType":"group","topic":"G","members":[)j" + members + "]}")));
    post("/beta/chats/{chat}/startMigration", R"j({"conversationCreationDateTime":"2019-01-01T00:00:00Z"})j");
    words_.emplace_back("{note}", put_message("/beta/chats/{chat}/messages", '5'));
  }

  void act(std::string_view bytes, std::size_t piece) {
    RequestReader reader("http", "127.0.0.1:1", [](std::string_view, std::string_view) { return 100'000; });
    std::string held;
    while (!bytes.empty() || !held.empty()) {
      const std::string_view part = bytes.substr(0, piece);
      bytes.remove_prefix(part.size());
      held += part;
      const std::size_t used = reader.feed(held);
      if (used > held.size()) std::abort();
      held.erase(0, used);
      if (reader.state() == RequestReader::State::reading) {
        if (bytes.empty()) return;
        continue;
      }
      if (reader.state() == RequestReader::State::bad) return;
      http::Request request = reader.request();
      if (reader.state() == RequestReader::State::too_large) {
        check(router_->refuse_too_large(request).response);
        return;
      }
      if (!request.url.empty()) handle(std::move(request));
      reader.reset();
    }
  }

 private:
  http::Response handle(http::Request request) {
    fill(request.url);
    fill(request.body);
    if (request.headers.find("Authorization") != nullptr) request.headers.set("Authorization", authorization_);
    clock_.ms += 1;
    Outcome outcome = router_->handle(request);
    if (outcome.cut == Cut::none) check(outcome.response);
    if (print_head(outcome.response, true, false).empty()) std::abort();
    return std::move(outcome.response);
  }

  http::Response post(const std::string& path, std::string body) { return send("POST", path, std::move(body)); }
  http::Response send(const char* method, const std::string& path, std::string body = "") {
    http::Request request;
    request.method = method;
    request.url = "http://127.0.0.1:1" + path;
    request.headers.add("Authorization", "Bearer T");
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    return handle(std::move(request));
  }

  static std::string member(const std::string& user) {
    return R"j({"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":["owner"],)j"
           R"j("user@odata.bind":"https://graph.microsoft.com/v1.0/users(')j" +
           user + R"j(')"})j";
  }

  // A message of that day of February, and its id.
  std::string put_message(const std::string& path, char day) {
    return id(post(path, std::string(R"j({"createdDateTime":"2019-02-0)j") + day +
                             R"j(T00:00:00.123Z","body":{"contentType":"html","content":"<p>a</p>"},)j"
                             R"j("from":{"user":{"id":"{user}","displayName":"A","userIdentityType":"aadUser"}}})j"));
  }

  // Of an answer that the tenant cannot do without.
  static nlohmann::json read(const http::Response& response) {
    nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
    if (!body.is_object() || response.status > 299) std::abort();
    return body;
  }
  static std::string id(const http::Response& response) { return read(response).at("id"); }

  void fill(std::string& text) const {
    for (const auto& [word, value] : words_) {
      for (auto at = text.find(word); at != text.npos; at = text.find(word, at + value.size())) {
        text.replace(at, word.size(), value);
      }
    }
  }

  StillClock clock_;
  std::unique_ptr<Router> router_;
  std::string authorization_;
  std::vector<std::pair<std::string, std::string>> words_;
};

// "POST /path\nbody" as a request; a path is what HTTP lets through.
std::string well_formed(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::string_view body = text.substr(std::min(text.size(), line.size() + 1));
  const auto space = std::min(line.find(' '), line.size());
  std::string target(line.substr(std::min(line.size(), space + 1)));
  target.erase(std::remove_if(target.begin(), target.end(), [](unsigned char c) { return c <= ' ' || c == 127; }),
               target.end());
  return std::string(line.substr(0, space)) + " " + (target.empty() ? "/" : target) +
         " HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAuthorization: Bearer T\r\nContent-Type: "
         "application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace
}  // namespace teamferry::emulator

extern "C" int emulator_request_fuzzer(const std::uint8_t* data, std::size_t size) {
  using namespace teamferry::emulator;
  static std::unique_ptr<FuzzedTenant> tenant;
  static int inputs = 0;
  if (size == 0) return 0;
  if (!tenant || ++inputs % kMostInputs == 0) tenant = std::make_unique<FuzzedTenant>();
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  tenant->act((data[0] & 1) != 0 ? well_formed(text) : std::string(text), (data[0] & 2) != 0 ? 7 : size);
  return 0;
}

#ifdef TEAMFERRY_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return emulator_request_fuzzer(data, size);
}
#endif
