// One CURL handle is one request; handles and connections belong to the multi handle (curl_multi.h). Core holds that,
// and every running Transfer shares it, so that a task may be destroyed before or after the loop.
#include "native/http/curl_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "native/http/authorities.h"
#include "native/http/curl_multi.h"
#include "native/http/url.h"

namespace teamferry::http {
namespace {

constexpr long kConnectTimeoutMs = 20'000;
// What a record of TLS holds. libcurl takes such a buffer for each request, 64 KiB if not told, and glibc's heap tidies
// up whenever so large a piece is given back.
constexpr long kUploadBuffer = 16 * 1024;

bool fits_on_a_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Loop::Duration scaled(Loop::Duration time, double factor) {
  if (factor == 1) return time;
  return Loop::Duration(std::llround(static_cast<double>(time.count()) * factor));
}

}  // namespace

struct CurlLoop::Core {
  explicit Core(Options with) : options(std::move(with)), authorities(options.ca_file) {}

  const Options options;
  Authorities authorities;
  CurlMulti multi;
};

// A request on its way. Lives in the frame of send(): destroying it takes the request off the wire.
class CurlLoop::Transfer {
 public:
  Transfer(std::shared_ptr<Core> core, const Request& request, const Origin& origin)
      : core_(std::move(core)), request_(request), origin_(origin) {
    const auto [easy, fresh] = core_->multi.take_handle();
    easy_ = ride_.easy = easy;
    if (fresh) set_what_stays();
    set_up();
  }
  Transfer(const Transfer&) = delete;
  ~Transfer() {
    if (under_way_) core_->multi.remove(ride_);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, nullptr);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, nullptr);
    core_->multi.give_back(easy_);
    curl_slist_free_all(header_lines_);
  }

  void begin(Callback<Unit>::Resume resume) {
    resume_ = std::move(resume);
    core_->multi.add(ride_);
    under_way_ = true;
  }

  // libcurl is done with it: the waiting coroutine goes on, which may destroy this object.
  void finish(CURLcode code) {
    core_->multi.remove(ride_);
    under_way_ = false;
    code_ = code;
    auto resume = std::move(resume_);
    resume(Unit{});
  }

  Result<Response> take() {
    if (too_large_) {
      return Error::transport("too_large", fmt::format("the answer of {} is longer than {} bytes", origin_.host,
                                                       core_->options.response_limit));
    }
    if (code_ != CURLE_OK) return error();
    // libcurl takes an end within the head for the end of the head.
    if (!head_complete_)
      return Error::transport("cut_short", fmt::format("the answer of {} ended early", origin_.host));
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (curl_easy_setopt(easy_, option, value) != CURLE_OK) throw std::bad_alloc();
  }

  // What is the same for every request: a handle is used again and again.
  void set_what_stays() {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_ACCEPT_ENCODING, "");
    set(CURLOPT_USERAGENT, core_->options.user_agent.c_str());
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    core_->authorities.set_on(easy_);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_WRITEFUNCTION, &on_body);
  }

  // What the request before this one may have left otherwise is set in any case.
  void set_up() {
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_text_);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_URL, request_.url.c_str());
    const long timeout = std::max<long>(1, request_.timeout.count());
    set(CURLOPT_TIMEOUT_MS, timeout);
    set(CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, kConnectTimeoutMs));
    const long fresh = request_.fresh_connection ? 1 : 0;
    set(CURLOPT_FRESH_CONNECT, fresh);
    set(CURLOPT_FORBID_REUSE, fresh);
    set(CURLOPT_PROXY, origin_.is_loopback() ? "" : nullptr);  // none, or what the environment names
    set_method();
    set_headers();
  }

  void set_method() {
    const std::string& method = request_.method;
    const bool carries_body = !request_.body.empty() || (method != "GET" && method != "HEAD" && method != "DELETE");
    if (carries_body) {
      set(CURLOPT_NOBODY, 0L);
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
    } else {
      set(CURLOPT_HTTPGET, 1L);
      if (method == "HEAD") set(CURLOPT_NOBODY, 1L);
    }
    const bool named = method != (carries_body ? "POST" : "GET") && method != "HEAD";
    set(CURLOPT_CUSTOMREQUEST, named ? method.c_str() : nullptr);
  }

  void set_headers() {
    add_line("Expect:");  // a pause before the body buys nothing here
    if (!request_.headers.find("Content-Type")) add_line("Content-Type:");
    for (const auto& [name, value] : request_.headers) {
      add_line(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    }
    set(CURLOPT_HTTPHEADER, header_lines_);
  }

  void add_line(const std::string& line) {
    curl_slist* longer = curl_slist_append(header_lines_, line.c_str());
    if (!longer) throw std::bad_alloc();
    header_lines_ = longer;
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view line(data, size * count);
    if (line.substr(0, 5) == "HTTP/") {
      transfer.response_ = Response{};  // what came before was a 1xx
      transfer.answered_ = true;
      transfer.head_complete_ = false;
    } else if (line == "\r\n" || line == "\n") {
      transfer.head_complete_ = true;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      transfer.response_.headers.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
    return size * count;
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.response_.body.size() + size * count > transfer.core_->options.response_limit) {
      transfer.too_large_ = true;
      return 0;
    }
    transfer.response_.body.append(data, size * count);
    return size * count;
  }

  Error error() const {
    const auto& host = origin_.host;
    const std::string reason = code_ == CURLE_SSL_CACERT_BADFILE ? core_->authorities.problem()
                               : error_text_[0] != '\0'          ? error_text_
                                                                 : curl_easy_strerror(code_);
    switch (code_) {
      case CURLE_OPERATION_TIMEDOUT:
        return Error::transport("timeout", fmt::format("{} did not answer in time: {}", host, reason));
      case CURLE_COULDNT_CONNECT:
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_PROXY:
      case CURLE_INTERFACE_FAILED:
        return Error::transport("connect", fmt::format("no connection to {}: {}", host, reason));
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_INVALIDCERTSTATUS:
        // Trust does not come by waiting.
        return Error::state("tls", fmt::format("no trusted connection to {}: {}; a private certificate authority "
                                               "is named with --ca FILE",
                                               host, reason));
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_SSL_CIPHER:
      case CURLE_SSL_ENGINE_INITFAILED:
        return Error::transport("tls", fmt::format("no trusted connection to {}: {}; a private certificate authority "
                                                   "is named with --ca FILE",
                                                   host, reason));
      case CURLE_PARTIAL_FILE:
        return Error::transport("cut_short", fmt::format("the answer of {} ended early: {}", host, reason));
      case CURLE_GOT_NOTHING:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_SEND_FAIL_REWIND:
        if (answered_) {
          return Error::transport("cut_short", fmt::format("the answer of {} ended early: {}", host, reason));
        }
        return Error::transport("reset", fmt::format("{} closed the connection without an answer: {}", host, reason));
      default:
        return Error::transport("bad_answer", fmt::format("the answer of {} could not be read: {}", host, reason));
    }
  }

  std::shared_ptr<Core> core_;
  const Request& request_;
  const Origin& origin_;
  CURL* easy_ = nullptr;
  curl_slist* header_lines_ = nullptr;
  CurlMulti::Ride ride_;
  bool under_way_ = false;
  Callback<Unit>::Resume resume_;

  CURLcode code_ = CURLE_OK;
  char error_text_[CURL_ERROR_SIZE] = {};
  bool answered_ = false;
  bool head_complete_ = false;
  bool too_large_ = false;
  Response response_;

  friend class CurlLoop;
};

CurlLoop::CurlLoop(Options options) : core_(std::make_shared<Core>(std::move(options))) {}
CurlLoop::~CurlLoop() = default;

void CurlLoop::at(TimePoint when, std::function<void()> fn) {
  timers_.emplace(std::max(when, now()), std::move(fn));
}

void CurlLoop::post(std::function<void()> fn) {
  bool asleep = false;
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(fn));
    asleep = std::exchange(asleep_, false);
  }
  if (asleep) core_->multi.wake();
}

Task<Result<Response>> CurlLoop::send(Request request) {
  const auto origin = origin_of(request.url);
  if (!origin)
    co_return Error::argument("bad_url",
                              fmt::format("'{}' is not an http or https address", without_query(request.url)));
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || name.find_first_of(": ;") != std::string::npos || !fits_on_a_line(name) ||
        !fits_on_a_line(value)) {
      co_return Error::argument("bad_header", "a header of the request holds characters that do not belong there");
    }
  }
  Transfer transfer(core_, request, *origin);
  Callback<Unit> ended([&transfer](Callback<Unit>::Resume resume) { transfer.begin(std::move(resume)); });
  co_await ended;
  co_return transfer.take();
}

bool CurlLoop::step() {
  bool busy = run_posted();
  busy = run_due_timers() || busy;
  busy = core_->multi.run_due_timers() || busy;
  if (busy) {
    core_->multi.look();
  } else {
    wait();
  }
  finish_transfers();
  return true;
}

bool CurlLoop::run_posted() {
  std::vector<std::function<void()>> posted;
  {
    std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (auto& fn : posted) fn();
  return !posted.empty();
}

bool CurlLoop::run_due_timers() {
  const auto present = now();
  bool any = false;
  while (!timers_.empty() && timers_.begin()->first <= present) {
    auto first = timers_.extract(timers_.begin());
    first.mapped()();
    any = true;
  }
  return any;
}

void CurlLoop::finish_transfers() {
  // Each message is fetched afresh: a coroutine that goes on may start and cancel other requests.
  while (const CURLMsg* message = core_->multi.next_ended()) {
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finish(message->data.result);
  }
}

Loop::TimePoint CurlLoop::now() const {
  return shown_origin_ + scaled(Clock::now() - real_origin_, speed_);
}

void CurlLoop::run_at(double speed) {
  const auto real = Clock::now();
  shown_origin_ += scaled(real - real_origin_, speed_);
  real_origin_ = real;
  speed_ = speed;
}

void CurlLoop::wait() {
  {
    std::lock_guard lock(mutex_);
    if (!posted_.empty()) return;
    asleep_ = true;
  }
  std::optional<TimePoint> alarm;
  if (!timers_.empty()) alarm = real_origin_ + scaled(timers_.begin()->first - shown_origin_, 1 / speed_);
  core_->multi.wait(alarm);
  std::lock_guard lock(mutex_);
  asleep_ = false;
}

}  // namespace teamferry::http
