#pragma once

#include "native/base/result.h"
#include "native/base/task.h"
#include "native/http/message.h"

namespace teamferry::http {

// The seam to the network: one request out, one response in. Any HTTP status is a Response; an Error of
// kind `transport` means that no whole response arrived (code: connect, reset, timeout, tls, cut_short).
// Implemented by http/curl_loop.h; tests bring their own.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Task<Result<Response>> send(Request request) = 0;
};

}  // namespace teamferry::http
