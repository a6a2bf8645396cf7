#include "native/http/url.h"

#include <catch2/catch.hpp>

using namespace teamferry::http;

TEST_CASE("An origin is read without regard to case, with the port that is meant", "[http]") {
  CHECK(origin_of("https://Graph.Microsoft.com/v1.0/users?x=1") == Origin{"https", "graph.microsoft.com", "443"});
  CHECK(origin_of("http://127.0.0.1:8080") == Origin{"http", "127.0.0.1", "8080"});
  CHECK(origin_of("http://[::1]:99/x") == Origin{"http", "[::1]", "99"});
  CHECK(origin_of("HTTPS://a.example?q") == Origin{"https", "a.example", "443"});
}

TEST_CASE("What could be read in two ways has no origin", "[http]") {
  for (const char* url :
       {"", "graph.microsoft.com", "/v1.0/users", "ftp://a.example", "https://", "https://:443/",
        "https://graph.microsoft.com@evil.example/", "https://a.example:99999999/", "https://a.example:x/",
        "https://a.example\r\nHost: b.example/", "https://a.example\\@b.example/"}) {
    INFO(url);
    CHECK_FALSE(origin_of(url));
  }
}

TEST_CASE("Secrets travel over https, or within this machine", "[http]") {
  for (const char* url : {"https://login.microsoftonline.com", "http://127.0.0.1:80", "http://localhost:5000",
                          "http://[::1]:5000", "http://127.8.9.1/"}) {
    INFO(url);
    CHECK(check_may_carry_secrets(url).ok());
  }
  for (const char* url : {"http://10.0.0.1/", "http://127.evil.example/", "http://localhost.evil.example/",
                          "http://127.0.0.1.evil.example/"}) {
    INFO(url);
    CHECK(check_may_carry_secrets(url).error().code == "insecure_url");
  }
  CHECK(check_may_carry_secrets("nonsense").error().code == "bad_url");
}

TEST_CASE("An id becomes one segment of a path, whatever it holds", "[http]") {
  CHECK(percent_encode("19:4b6b@thread.tacv2") == "19%3A4b6b%40thread.tacv2");
  CHECK(percent_encode("../../x?y#z") == "..%2F..%2Fx%3Fy%23z");
  CHECK(percent_encode("ä\n") == "%C3%A4%0A");
  CHECK(percent_encode("a-b_c~d.e9") == "a-b_c~d.e9");
}

TEST_CASE("An address is shown without what may be secret in it", "[http]") {
  CHECK(without_query("https://graph.example/v1.0/x?token=hidden#hidden") == "https://graph.example/v1.0/x");
  CHECK(without_query("https://ann:hidden@graph.example/x@y?q") == "https://graph.example/x@y");
  CHECK(without_query("https://ann:hid@den@graph.example") == "https://graph.example");
  CHECK(without_query("nonsense?hidden") == "nonsense");
  CHECK(without_query("a\r\nb") == "a b");
  CHECK(check_may_carry_secrets("http://graph.example/x?token=hidden").error().message.find("hidden") ==
        std::string::npos);
  CHECK(check_may_carry_secrets("ftp://graph.example/x?token=hidden").error().message.find("hidden") ==
        std::string::npos);
}
