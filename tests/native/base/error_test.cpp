#include "native/base/error.h"

#include <catch2/catch.hpp>

using teamferry::Error;

TEST_CASE("An error prints as one line with what support asks for", "[base]") {
  Error error;
  error.kind = Error::Kind::service;
  error.status = 403;
  error.code = "Forbidden";
  error.message = "InsufficientPrivileges";
  error.inner_message = "MessageWritesBlocked-Thread is not marked for import";
  error.request_id = "1a0ffbc0";
  CHECK(error.to_string() ==
        "403 Forbidden: InsufficientPrivileges (MessageWritesBlocked-Thread is not marked for import) "
        "(request-id 1a0ffbc0)");
  CHECK(Error::argument("bad_path", "no such file").to_string() == "bad_path: no such file");
}

TEST_CASE("Only what may pass by itself is retryable, and a 429 was certainly not acted on", "[base]") {
  const auto service = [](int status) {
    Error error;
    error.kind = Error::Kind::service;
    error.status = status;
    return error;
  };
  for (int status : {408, 429, 500, 502, 503, 504}) CHECK(service(status).retryable());
  for (int status : {400, 401, 403, 404, 409, 413}) CHECK_FALSE(service(status).retryable());
  CHECK(Error::transport("reset", "connection reset").ambiguous());
  CHECK(service(502).ambiguous());
  CHECK_FALSE(service(429).ambiguous());
  CHECK_FALSE(Error::argument("x", "y").retryable());
}
