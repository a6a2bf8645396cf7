#include "native/http/curl_multi.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

namespace teamferry::http {
namespace {

using Clock = CurlMulti::Clock;

// As many as a thousand conversations use when answers are slow. One that is kept costs little; one that is opened
// anew costs a TLS handshake, about a millisecond of processor time.
constexpr long kConnections = 4096;
constexpr std::size_t kPooledHandles = 1024;

void initialize_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error("libcurl could not be initialized");
}

// How many connections this process may hold. A shell's usual limit of 1,024 open files is a soft one, which a process
// may raise by itself; a rehearsal needs two files a connection, since the other end is here too.
long connections_allowed() {
  constexpr rlim_t kOtherFiles = 256;
  constexpr rlim_t kWanted = 2 * kConnections + kOtherFiles;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return kConnections;
  if (files.rlim_cur < kWanted && files.rlim_cur < files.rlim_max) {
    const rlimit raised{std::min(kWanted, files.rlim_max), files.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  if (files.rlim_cur >= kWanted) return kConnections;
  return std::max<long>(16, (static_cast<long>(files.rlim_cur) - static_cast<long>(kOtherFiles)) / 2);
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void check(CURLMcode code) {
  if (code == CURLM_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLM_OK) throw std::logic_error(curl_multi_strerror(code));
}

}  // namespace

CurlMulti::CurlMulti() {
  initialize_curl();
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  timer_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (epoll_fd_ < 0 || timer_fd_ < 0 || wake_fd_ < 0) fail("the event loop");
  for (const int own : {timer_fd_, wake_fd_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = own;
    if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, own, &event) != 0) fail("epoll_ctl");
  }
  share_ = curl_share_init();
  multi_ = curl_multi_init();
  if (!share_ || !multi_) throw std::bad_alloc();
  // A further connection takes up the TLS session of an earlier one.
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  const long connections = connections_allowed();
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlMulti::~CurlMulti() {
  for (CURL* easy : idle_) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi_);
  curl_share_cleanup(share_);
  for (const int own : {wake_fd_, timer_fd_, epoll_fd_}) close(own);
}

CURL* CurlMulti::take_handle() {
  if (idle_.empty()) {
    CURL* easy = curl_easy_init();
    if (!easy) throw std::bad_alloc();
    curl_easy_setopt(easy, CURLOPT_SHARE, share_);  // a reset does not undo it
    return easy;
  }
  CURL* easy = idle_.back();
  idle_.pop_back();
  return easy;
}

void CurlMulti::give_back(CURL* easy) {
  curl_easy_reset(easy);
  if (idle_.size() < kPooledHandles) {
    idle_.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
}

void CurlMulti::add(CURL* easy) {
  check(curl_multi_add_handle(multi_, easy));
}

void CurlMulti::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

// `known` is set from the first call for a socket until libcurl lets go of it.
int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(multi.epoll_fd_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(multi.epoll_fd_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0) return -1;
  if (!known) curl_multi_assign(multi.multi_, socket, self);
  return 0;
}

int CurlMulti::on_timer(CURLM*, long wait_ms, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  multi.due_.reset();
  if (wait_ms >= 0) multi.due_ = Clock::now() + std::chrono::milliseconds(wait_ms);
  return 0;
}

bool CurlMulti::run_due_timers() {
  if (!due_ || *due_ > Clock::now()) return false;
  due_.reset();  // libcurl names the next one while it works
  int running = 0;
  check(curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running));
  return true;
}

void CurlMulti::wait(std::optional<Clock::time_point> alarm) {
  if (due_ && (!alarm || *due_ < *alarm)) alarm = due_;
  set_alarm(alarm);
  handle_events(-1);
}

void CurlMulti::look() {
  handle_events(0);
}

void CurlMulti::set_alarm(std::optional<Clock::time_point> alarm) {
  if (alarm == armed_) return;
  armed_ = alarm;
  itimerspec setting{};  // all zero: never
  if (alarm) {
    // steady_clock is CLOCK_MONOTONIC here, so its moments can be handed over as they are.
    const auto moment = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::nanoseconds>(alarm->time_since_epoch()).count());
    setting.it_value.tv_sec = moment / 1'000'000'000;
    setting.it_value.tv_nsec = moment % 1'000'000'000;
  }
  timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &setting, nullptr);
}

void CurlMulti::handle_events(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const auto& [happened, at] = events[static_cast<std::size_t>(i)];
    if (at.fd == timer_fd_) {
      armed_.reset();  // it has fired; without a new moment it is silent
      std::uint64_t times = 0;
      (void)!read(timer_fd_, &times, sizeof times);
    } else if (at.fd == wake_fd_) {
      std::uint64_t calls = 0;
      (void)!read(wake_fd_, &calls, sizeof calls);
    } else {
      // What is wrong with a socket is told by reading from it and writing to it.
      int what = 0;
      if (happened & (EPOLLIN | EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_IN;
      if (happened & (EPOLLOUT | EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_OUT;
      int running = 0;
      check(curl_multi_socket_action(multi_, at.fd, what, &running));
    }
  }
}

const CURLMsg* CurlMulti::next_ended() {
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_, &left);
  while (message && message->msg != CURLMSG_DONE) message = curl_multi_info_read(multi_, &left);
  return message;
}

void CurlMulti::wake() {
  const std::uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof one);
}

}  // namespace teamferry::http
