#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "native/http/curl_loop.h"
#include "tests/support/socket_server.h"

using namespace teamferry;
using namespace teamferry::http;

namespace {

// A certificate that signs itself, for one subject alternative name such as "IP:127.0.0.1".
struct Certificate {
  explicit Certificate(const char* name) : key(EVP_EC_gen("P-256"), &EVP_PKEY_free), x509(X509_new(), &X509_free) {
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x509.get(), subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(x509.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509.get(), key.get(), EVP_sha256());
  }
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key;
  std::unique_ptr<X509, void (*)(X509*)> x509;
};

// A file in the system's folder for them, gone with the object.
struct CertificateFile {
  explicit CertificateFile(const Certificate& certificate) {
    path = (std::filesystem::temp_directory_path() / "teamferry-ca-XXXXXX").string();
    const int fd = mkstemp(path.data());
    FILE* file = fdopen(fd, "w");
    PEM_write_X509(file, certificate.x509.get());
    fclose(file);
  }
  ~CertificateFile() { std::filesystem::remove(path); }
  std::string path;
};

// Answers one request over TLS: "resumed" on a connection that took up the session of an earlier one, otherwise "ok".
std::function<void(Connection&)> serve(const Certificate& certificate) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), certificate.x509.get());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key.get());
  std::signal(SIGPIPE, SIG_IGN);  // a client that refuses us is gone when we say goodbye
  return [context](Connection& connection) {
    std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(tls.get(), connection.fd());
    if (SSL_accept(tls.get()) != 1) return;
    char bytes[4096];
    SSL_read(tls.get(), bytes, sizeof bytes);
    const std::string body = SSL_session_reused(tls.get()) ? "resumed" : "ok";
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(tls.get());
  };
}

Result<Response> get(CurlLoop& loop, std::string url) {
  Request request;
  request.url = std::move(url);
  return loop.run(loop.send(std::move(request)));
}

CurlLoop::Options trusting(const CertificateFile& file) {
  CurlLoop::Options options;
  options.ca_file = file.path;
  return options;
}

}  // namespace

TEST_CASE("A certificate that nobody vouches for is refused, with the way out", "[http]") {
  Certificate certificate("IP:127.0.0.1");
  SocketServer server(serve(certificate));
  CurlLoop loop;
  const auto result = get(loop, server.url("/", "https"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == "tls");
  CHECK_FALSE(result.error().retryable());
  CHECK(result.error().message.find("--ca FILE") != std::string::npos);
}

TEST_CASE("A private authority is trusted when it is named", "[http]") {
  Certificate certificate("IP:127.0.0.1");
  CertificateFile file(certificate);
  SocketServer server(serve(certificate));
  CurlLoop loop(trusting(file));
  const auto result = get(loop, server.url("/", "https"));
  REQUIRE(result.ok());
  CHECK(result.value().body == "ok");
}

TEST_CASE("A further connection takes up the session of the first, whichever request it is for", "[http]") {
  Certificate certificate("IP:127.0.0.1");
  CertificateFile file(certificate);
  SocketServer server(serve(certificate));
  CurlLoop loop(trusting(file));
  Request request;
  request.url = server.url("/", "https");
  request.fresh_connection = true;
  CHECK(loop.run(loop.send(request)).value().body == "ok");
  SocketServer silent([](Connection& connection) { connection.wait_for_close(); });
  Request waiting;
  waiting.url = silent.url();
  auto waits = loop.send(waiting);  // holds the handle that the first request had
  waits.start();
  CHECK(loop.run(loop.send(request)).value().body == "resumed");
}

TEST_CASE("A trusted certificate of another host is refused", "[http]") {
  Certificate certificate("DNS:graph.example");
  CertificateFile file(certificate);
  SocketServer server(serve(certificate));
  CurlLoop loop(trusting(file));
  CHECK(get(loop, server.url("/", "https")).error().code == "tls");
}

TEST_CASE("A file of authorities that is none is an error of its own kind", "[http]") {
  Certificate certificate("IP:127.0.0.1");
  SocketServer server(serve(certificate));
  CurlLoop::Options options;
  options.ca_file = "/nonexistent.pem";
  CurlLoop loop(options);
  const auto result = get(loop, server.url("/", "https"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == "tls");
  CHECK_FALSE(result.error().retryable());
  CHECK(result.error().message.find("/nonexistent.pem") != std::string::npos);
}
