#include <openssl/err.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "native/emulator/emulator.h"
#include "tests/native/emulator/line.h"

// HTTPS on the port that speaks HTTP too.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

// A client that checks the certificate as any would: chain, dates, name.
class SecureLine {
 public:
  // Trusts nothing if `trusted` is empty.
  SecureLine(const Emulator& emulator, const std::string& trusted, const char* protocols = nullptr) : line_(emulator) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (!trusted.empty()) REQUIRE(SSL_CTX_load_verify_file(context_.get(), trusted.c_str()) == 1);
    ssl_.reset(SSL_new(context_.get()));
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), "127.0.0.1");
    if (protocols != nullptr) {
      const std::string_view list = protocols;
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                          static_cast<unsigned int>(list.size()));
    }
    SSL_set_fd(ssl_.get(), line_.fd());
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool connected() const { return connected_; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned int length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }

  void send(std::string_view text) { SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); }
  bool more() {
    char buffer[4096];
    const int got = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (got <= 0) return false;
    held_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  std::string answer() {
    return take_answer(held_, [this] { return more(); });
  }
  // How the connection ended: SSL_ERROR_ZERO_RETURN is a proper goodbye.
  int ending() {
    char byte = 0;
    const int got = SSL_read(ssl_.get(), &byte, 1);
    const int kind = SSL_get_error(ssl_.get(), got);
    ERR_clear_error();
    return kind;
  }
  void send_raw(std::string_view bytes) { line_.send(bytes); }

 private:
  Line line_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
  std::string held_;
};

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The emulator answers whoever asks properly.
void check_serving(const Emulator& emulator) {
  SecureLine line(emulator, emulator.ca_file());
  REQUIRE(line.connected());
  line.send("GET /v1.0/users HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(line.answer()) == 401);
}

}  // namespace

TEST_CASE("One port speaks HTTP and HTTPS, and links keep the scheme they were asked with", "[tls]") {
  const auto emulator = start();
  CHECK(emulator->https_url() == "https://127.0.0.1:" + std::to_string(emulator->port()));
  SecureLine secure(*emulator, emulator->ca_file());
  REQUIRE(secure.connected());
  secure.send(token_request(*emulator));
  const std::string token = json::parse(body_of(secure.answer()))["access_token"];
  for (int i = 0; i < 2; ++i) {  // the connection is kept
    secure.send(get_request("/v1.0/users?$top=1", token));
    CHECK_THAT(secure.answer(), Catch::Contains("\"https://127.0.0.1:1/v1.0/users?"));
  }
  Line plain(*emulator);
  plain.send(get_request("/v1.0/users?$top=1", token));
  CHECK_THAT(plain.answer(), Catch::Contains("\"http://127.0.0.1:1/v1.0/users?"));
  secure.send("GET http://other.example/v1.0/users?$top=1 HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  CHECK_THAT(secure.answer(), Catch::Contains("\"https://other.example/v1.0/users?"));
}

TEST_CASE("The authority can be fetched without trusting anything yet", "[tls]") {
  const auto emulator = start();
  Line line(*emulator);
  line.send("GET /ca.pem HTTP/1.1\r\nHost: x\r\n\r\nPOST /ca.pem HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string served = line.answer();
  CHECK(status_of(served) == 200);
  CHECK_THAT(served, Catch::Contains("Content-Type: application/x-pem-file\r\n"));
  CHECK(body_of(served) == emulator->ca_pem());
  CHECK(slurp(emulator->ca_file()) == emulator->ca_pem());
  CHECK(status_of(line.answer()) == 400);
  const std::string file = emulator->ca_file();
  emulator->stop();
  CHECK(slurp(file).empty());
}

TEST_CASE("A client that does not trust the authority refuses, and harms nobody", "[tls]") {
  const auto emulator = start();
  SecureLine stranger(*emulator, "");
  CHECK_FALSE(stranger.connected());
  check_serving(*emulator);
}

TEST_CASE("Of h2 and HTTP/1.1 the emulator chooses HTTP/1.1; a client of h2 alone gets no protocol", "[tls]") {
  const auto emulator = start();
  const SecureLine both(*emulator, emulator->ca_file(), "\x02h2\x08http/1.1");
  CHECK(both.connected());
  CHECK(both.protocol() == "http/1.1");
  const SecureLine only(*emulator, emulator->ca_file(), "\x02h2");
  CHECK(only.connected());
  CHECK(only.protocol().empty());
}

TEST_CASE("Connection: close ends TLS with a proper goodbye", "[tls]") {
  const auto emulator = start();
  SecureLine line(*emulator, emulator->ca_file());
  line.send("GET /v1.0/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(status_of(line.answer()) == 401);
  CHECK(line.ending() == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("A handshake of garbage, or one that breaks off, costs its own connection only", "[tls]") {
  const auto emulator = start();
  for (const std::string& bytes :
       {std::string("\x16"), std::string("\x16\x03\x01\x02\x01hello\r\n\r\n"), std::string(20'000, '\x16'),
        std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x'), std::string("\x16\x03\x01\x00\x00", 5)}) {
    Line line(*emulator);
    line.send(bytes);
    shutdown(line.fd(), SHUT_WR);
    CHECK(line.rest().find("HTTP/") == std::string::npos);
  }
  SecureLine spoilt(*emulator, emulator->ca_file());
  REQUIRE(spoilt.connected());
  spoilt.send_raw("GET /v1.0/users HTTP/1.1\r\nHost: x\r\n\r\n");  // plain text in the middle of TLS
  CHECK(spoilt.answer().empty());
  check_serving(*emulator);
}

TEST_CASE("A handshake that stalls is ended by the deadline, and holds up nobody before", "[tls]") {
  Options options;
  options.request_deadline = std::chrono::milliseconds(150);
  const auto emulator = start(options);
  Line stalled(*emulator);
  stalled.send("\x16\x03\x01");
  check_serving(*emulator);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(stalled.ended());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

}  // namespace teamferry::emulator
