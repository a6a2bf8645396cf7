#include "native/emulator/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

namespace teamferry::emulator {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

constexpr std::size_t kMostReserved = 64 * 1024;  // an announced length is a claim, not yet memory

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

bool plain_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']' || c == '_';
  });
}

// The absolute url of a request; empty for a target that is none. A host that is not one is replaced by our own.
std::string read_url(std::string_view target, std::string_view host, const std::string& scheme,
                     const std::string& own_host) {
  for (const std::string_view form : {"http://", "https://"}) {
    if (target.substr(0, form.size()) != form) continue;
    target.remove_prefix(form.size());
    host = target.substr(0, target.find('/'));
    target.remove_prefix(host.size());
    if (target.empty()) target = "/";
    break;
  }
  if (target.empty() || target.front() != '/') return "";
  if (!plain_host(host)) host = own_host;
  std::string url;
  url.reserve(scheme.size() + 3 + host.size() + target.size());
  url.append(scheme).append("://").append(host).append(target);
  return url;
}

}  // namespace

// Writes straight into our own message: Beast's would be copied field by field.
struct RequestReader::Parser : bhttp::basic_parser<true> {
  explicit Parser(const BodyLimit& limit_of_target) : limit(limit_of_target) {
    eager(true);
    header_limit(kMostHeaderBytes);
  }

  const BodyLimit& limit;
  http::Request request;
  std::string target;
  State state = State::reading;
  int status = 400;
  bool http_1_0 = false;
  bool header_done = false;
  bool expects_continue = false;

  void on_request_impl(bhttp::verb, beast::string_view method, beast::string_view wanted, int version,
                       beast::error_code&) override {
    http_1_0 = version == 10;
    request.method = view(method);
    target = view(wanted);
    if (limit) {
      body_limit(limit(request.method, target));
    } else {
      body_limit(boost::none);
    }
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(bhttp::field name, beast::string_view written, beast::string_view value,
                     beast::error_code&) override {
    if (header_done) return;  // trailers have no say
    if (name == bhttp::field::expect) expects_continue = beast::iequals(value, "100-continue");
    request.headers.add(std::string(view(written)), std::string(view(value)));
  }
  void on_header_impl(beast::error_code&) override { header_done = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, beast::error_code&) override {
    if (length) request.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, kMostReserved)));
  }
  std::size_t on_body_impl(beast::string_view part, beast::error_code&) override {
    request.body.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, beast::error_code& failure) override {
    return on_body_impl(part, failure);
  }
  void on_finish_impl(beast::error_code&) override {}
};

RequestReader::RequestReader(std::string scheme, std::string own_host, const BodyLimit& limit)
    : scheme_(std::move(scheme)),
      own_host_(std::move(own_host)),
      limit_(limit),
      parser_(std::make_unique<std::optional<Parser>>()) {
  reset();
}

RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  parser_->emplace(limit_);
}

std::size_t RequestReader::feed(std::string_view bytes) {
  Parser& parser = **parser_;
  beast::error_code failure;
  const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
  if (failure == bhttp::error::need_more) failure = {};
  // A line that does not end, as of a chunk, is to be no way round the limit of headers.
  if (!failure && !parser.is_done() && bytes.size() - used > kMostHeaderBytes) failure = bhttp::error::header_limit;
  if (failure == bhttp::error::body_limit) {
    parser.state = State::too_large;
  } else if (failure) {
    parser.state = State::bad;
    if (failure == bhttp::error::header_limit) parser.status = 431;
  } else if (parser.is_done()) {
    parser.state = State::done;
  }
  if (parser.state == State::done || parser.state == State::too_large) {
    const std::string* host = parser.request.headers.find("Host");
    parser.request.url = read_url(parser.target, host != nullptr ? *host : std::string_view(), scheme_, own_host_);
  }
  return used;
}

RequestReader::State RequestReader::state() const {
  return (*parser_)->state;
}
bool RequestReader::started() const {
  return (*parser_)->got_some();
}
bool RequestReader::wants_continue() const {
  const Parser& parser = **parser_;
  return parser.expects_continue && parser.header_done && parser.request.body.empty();
}
int RequestReader::status() const {
  return (*parser_)->status;
}
bool RequestReader::keep_alive() const {
  return (*parser_)->keep_alive();
}
bool RequestReader::http_1_0() const {
  return (*parser_)->http_1_0;
}
const http::Request& RequestReader::request() {
  return (*parser_)->request;
}

std::string print_head(const http::Response& response, bool keep_alive, bool http_1_0) {
  std::string head;
  head.reserve(1024);
  const auto reason = bhttp::obsolete_reason(static_cast<bhttp::status>(response.status));
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(view(reason)).append("\r\n");
  for (const auto& [name, value] : response.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (response.status != 204) {
    head.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  }
  if (!keep_alive) {
    head.append("Connection: close\r\n");
  } else if (http_1_0) {
    head.append("Connection: keep-alive\r\n");
  }
  return head.append("\r\n");
}

http::Response refusal(int status, const char* code, const char* message) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = fmt::format(R"({{"error":{{"code":"{}","message":"{}","innerError":{{}}}}}})", code, message);
  return response;
}

}  // namespace teamferry::emulator
