// Runs the fuzzer of requests over seeded mutations, so that every build of the suite, and above all the one with
// sanitizers, walks through damaged input. TEAMFERRY_FUZZ_ROUNDS asks for more.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/fuzz/emulator_request_fuzzer.cpp"  // NOLINT: the fuzzers are programs of their own elsewhere
#include "tests/fuzz/mutate.h"

namespace {

std::vector<std::string> seeds() {
  const std::string head = "HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer T\r\n";
  std::vector<std::string> all = {
      "\x02GET /v1.0/teams/{team}/channels/{channel}/messages?$top=2&$expand=replies " + head + "\r\n",
      "\x02GET /v1.0/teams('{team}')/channels " + head + "\r\nGET /beta/chats/{chat} " + head + "\r\n",
      std::string("\0", 1) + "POST /v1.0/chats/{chat}/completeMigration " + head +
          "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nA: b\r\n\r\n",
      "\x02POST /7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7/oauth2/v2.0/token HTTP/1.0\r\nContent-Length: 62\r\n\r\n"
      "grant_type=client_credentials&client_id=a&client_secret=b&scope",
      "\x02PUT {upload} HTTP/1.1\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\nabcd"
      "GET {upload} HTTP/1.1\r\n\r\nDELETE {upload} HTTP/1.1\r\n\r\n",
      "\x02OPTIONS * " + head + "client-request-id: a\tb\r\nConnection: keep-alive, close\r\n\r\n"};
  for (const char* line :
       {"GET /v1.0/users?$filter=startswith(displayName,'A') and mail eq 'a@b.example'&$select=id&$count=true\n",
        "GET /v1.0/users?$top=2&$skiptoken=abc\n",
        "GET /v1.0/users/{user}\n",
        "GET /v1.0/teams/{team}/primaryChannel\n",
        "GET /beta/teams/{team}/channels/{channel}/messages/{message}/replies?$top=1\n",
        "GET /v1.0/chats/{chat}/messages?$top=50&$orderby=createdDateTime desc&$filter=createdDateTime gt "
        "2019-01-01T00:00:00Z\n",
        "GET /v1.0/teams/{team}/channels/{channel}/filesFolder\n",
        "GET /v1.0/drives/{drive}/items/root:/a%20b:/content\n",
        "GET /v1.0/drives/{drive}/items/{folder}/children?$top=1\n",
        "GET /\n",
        "GET /look/teams/{team}\n",
        "GET /look/teams/{team}/channels/{channel}?before=1\n",
        "GET /emulator/requests?after=1\n",
        "PUT /emulator/faults\n{\"rules\":[{\"fault\":\"status\",\"status\":503,\"times\":2}]}",
        "PUT /emulator/scenario\n{\"name\":\"busy-friday\",\"seed\":7}",
        "POST /emulator/time\n{\"advance\":1000}",
        "POST /v1.0/drives/{drive}/items/{folder}:/a.bin:/createUploadSession\n"
        R"j({"item":{"@microsoft.graph.conflictBehavior":"rename","name":"a.bin"}})j",
        "PUT /v1.0/drives/{drive}/items/{folder}:/a:/content\nbytes",
        "DELETE /v1.0/groups/{user}\n",
        "POST /v1.0/teams/{team}/channels/{channel}/completeMigration\n",
        "GET /common/discovery/instance?authorization_endpoint=https://x/y\n",
        "GET /7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7/v2.0/.well-known/openid-configuration\n",
        "POST /v1.0/$batch\n"
        R"j({"requests":[{"id":"1","method":"GET","url":"/users/{user}"},{"id":"2","method":"POST","url":"/teams",)j"
        R"j("dependsOn":["1"],"headers":{"content-type":"application/json"},"body":{}}]})j",
        "POST /v1.0/teams/{team}/channels\n"
        R"j({"@microsoft.graph.channelCreationMode":"migration","displayName":"Launch","description":"d",)j"
        R"j("membershipType":"private","createdDateTime":"2019-01-07T08:00:01Z","members":[{"roles":["owner"],)j"
        R"j("@odata.type":"#microsoft.graph.aadUserConversationMember",)j"
        R"j("user@odata.bind":"https://graph.microsoft.com/v1.0/users('{user}')"}]})j",
        "POST /v1.0/teams/{team}/channels/{channel}/messages\n"
        R"j({"createdDateTime":"2019-02-04T19:58:15.511Z","subject":"s","importance":"high","from":{"user":)j"
        R"j({"id":"{user}","displayName":"Ada","userIdentityType":"aadUser"}},"body":{"contentType":"html",)j"
        R"j("content":"<p>x <at id=\"0\">Ada</at> <img src=\"../hostedContents/1/$value\" width=\"2\">)j"
        R"j( <attachment id=\"{user}\"></attachment></p>"},"mentions":[{"id":0,"mentionText":"Ada",)j"
        R"j("mentioned":{"user":{"displayName":"Ada","id":"{user}"}}}],"hostedContents":[{)j"
        R"j("@microsoft.graph.temporaryId":"1","contentBytes":"iVBORw0KGgo=","contentType":"image/png"}],)j"
        R"j("attachments":[{"id":"{user}","contentType":"reference","contentUrl":"https://x.example/a.docx",)j"
        R"j("name":"a.docx"}],"reactions":[{"reactionType":"like","createdDateTime":"2019-02-04T19:58:16Z",)j"
        R"j("user":{"user":{"id":"{user}"}}}]})j",
        "POST /beta/chats/{chat}/messages\n"
        R"j({"createdDateTime":"2019-03-04T19:58:15.511Z","from":{"user":{"id":"{user}","displayName":"Ada",)j"
        R"j("userIdentityType":"aadUser"}},"body":{"contentType":"text","content":"\ud83d\ude00 &amp; \u0000"}})j",
        "POST /v1.0/chats\n"
        R"j({"chatType":"oneOnOne","members":[{"@odata.type":"#microsoft.graph.aadUserConversationMember",)j"
        R"j("roles":["owner"],"visibleHistoryStartDateTime":"0001-01-01T00:00:00Z",)j"
        R"j("user@odata.bind":"https://graph.microsoft.com/v1.0/users('{user}')"}]})j",
        "POST /beta/teams/{team}/channels/{channel}/startMigration\n"
        R"j({"conversationCreationDateTime":"2018-01-01T00:00:00Z"})j"}) {
    all.push_back("\x01" + std::string(line));
  }
  return all;
}

}  // namespace

TEST_CASE("No request, however damaged, crashes the emulator or gets an answer that is none", "[fuzz]") {
  const std::vector<std::string> words = {"\r\n",
                                          "\r\n\r\n",
                                          "\n",
                                          "%00",
                                          "%2F",
                                          "%zz",
                                          "'",
                                          "('",
                                          "')",
                                          "{team}",
                                          "{channel}",
                                          "{chat}",
                                          "{message}",
                                          "$value",
                                          "?$top=",
                                          "&$filter=",
                                          " and ",
                                          "(((((((((",
                                          "null",
                                          "\"",
                                          "\\ud83d",
                                          "\xED\xA0\x80",
                                          "1e999",
                                          "-1",
                                          "99999999999999999999",
                                          "0001-01-01T00:00:00Z",
                                          "9999-12-31T23:59:59.999Z",
                                          std::string(3000, '['),
                                          std::string(3000, '<'),
                                          "<at id=\"",
                                          "&#x",
                                          std::string(1, '\0'),
                                          "Content-Length: 5\r\n",
                                          "Transfer-Encoding: chunked\r\n",
                                          "Range: bytes=0-1\r\n",
                                          "Content-Range: bytes 0-4/5\r\n"};
  const char* wish = std::getenv("TEAMFERRY_FUZZ_ROUNDS");
  const int rounds = wish != nullptr ? std::atoi(wish) : 3'000;
  for (const std::string& seed : seeds()) {
    emulator_request_fuzzer(reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size());
  }
  teamferry::fuzz::Mutator mutator(seeds(), words, 20260801);
  for (int i = 0; i < rounds; ++i) {
    const std::string input = mutator.next();
    emulator_request_fuzzer(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
  SUCCEED();
}
