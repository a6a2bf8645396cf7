#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "native/http/message.h"

// HTTP/1.1 between bytes and messages, without sockets.
// Tested by tests/native/emulator/wire_test.cpp and tests/fuzz/emulator_request_fuzzer.cpp.
namespace teamferry::emulator {

inline constexpr std::size_t kMostHeaderBytes = 64 * 1024;  // a token with many roles is long

// How long the body of a request with this method and target ("/v1.0/me?$top=1") may be.
using BodyLimit = std::function<std::size_t(std::string_view method, std::string_view target)>;

// Reads one request after the other out of bytes, however they are cut. The parser is Beast's.
class RequestReader {
 public:
  enum class State {
    reading,    // wants more bytes
    done,       // the request is whole
    too_large,  // the body is over the limit; the request is there without it
    bad,        // no HTTP, or a header over kMostHeaderBytes: see status()
  };

  // `scheme` is "http" or "https", `own_host` stands in for a Host that is absent or none ("127.0.0.1:4711").
  // An absent limit is none.
  RequestReader(std::string scheme, std::string own_host, const BodyLimit& limit);
  ~RequestReader();

  // Takes what it can of the bytes and says how much that is; what is left is offered again with more behind it, or
  // to the next request. Requires state() == reading.
  std::size_t feed(std::string_view bytes);
  State state() const;

  bool started() const;            // some byte of the request has come
  bool wants_continue() const;     // the header is there, the body is not, and the client waits for "100 Continue"
  int status() const;              // of a bad one: 400 or 431
  bool keep_alive() const;         // requires done
  bool http_1_0() const;           // requires done
  const http::Request& request();  // requires done or too_large. The url is empty for a target that is no path.

  // Begins the next request.
  void reset();

 private:
  struct Parser;
  std::string scheme_;
  std::string own_host_;
  BodyLimit limit_;
  std::unique_ptr<std::optional<Parser>> parser_;
};

// Status line, headers, Content-Length and the empty line.
std::string print_head(const http::Response& response, bool keep_alive, bool http_1_0);

// An answer that the router does not give: to what is no request.
http::Response refusal(int status, const char* code, const char* message);

}  // namespace teamferry::emulator
