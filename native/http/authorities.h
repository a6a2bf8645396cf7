#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

struct x509_store_st;

namespace teamferry::http {

// The certificate authorities that we trust, read once for all connections. libcurl by itself reads their file anew
// for each connection where it also knows a folder of them, as on Debian, and keeps a copy with each.
//
// The same ones as libcurl would take: a private authority's file instead of the system's file, and the system's
// folder with either. Not thread-safe. Tested by tests/native/http/tls_test.cpp.
class Authorities {
 public:
  explicit Authorities(std::string file) : file_(std::move(file)) {}

  // Makes a request's connection trust them. They are read when the first one is opened; what cannot be read ends the
  // request with CURLE_SSL_CACERT_BADFILE, and problem() tells.
  void set_on(CURL* easy);
  const std::string& problem() const { return problem_; }

 private:
  static CURLcode on_tls(CURL*, void* context, void* self);
  bool read();

  struct Free {
    void operator()(x509_store_st* store) const;
  };
  const std::string file_;  // empty: the system's
  std::unique_ptr<x509_store_st, Free> store_;
  std::string problem_;
};

}  // namespace teamferry::http
