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
#include <utility>

namespace teamferry::http {
namespace {

using Clock = CurlMulti::Clock;

constexpr long kConnections = 4096;        // as many as a thousand conversations use when answers are slow
constexpr long kConnectionsAtFirst = 128;  // without asking whether more would help
constexpr long kFurtherConnections = 32;   // at a time
constexpr long kConnectionsEach = 64;      // of one multi handle, and its requests
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
    event.data.u64 = static_cast<std::uint32_t>(own);
    if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, own, &event) != 0) fail("epoll_ctl");
  }
  share_ = curl_share_init();
  if (!share_) throw std::bad_alloc();
  // A further connection takes up the TLS session of an earlier one; a host is looked up once.
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  const long connections = connections_allowed();
  connections_each_ = std::min(connections, kConnectionsEach);
  most_ = connections;
  allowed_ = std::min(most_, kConnectionsAtFirst);
}

CurlMulti::~CurlMulti() {
  for (CURL* easy : idle_) curl_easy_cleanup(easy);
  for (const auto& part : parts_) curl_multi_cleanup(part->multi);
  curl_share_cleanup(share_);
  for (const int own : {wake_fd_, timer_fd_, epoll_fd_}) close(own);
}

CurlMulti::Part& CurlMulti::make_part() {
  CURLM* multi = curl_multi_init();
  if (!multi) throw std::bad_alloc();
  parts_.push_back(std::make_unique<Part>(Part{*this, static_cast<std::uint32_t>(parts_.size()), multi}));
  Part& part = *parts_.back();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections_each_);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_each_);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &part);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, &part);
  return part;
}

CurlMulti::Part& CurlMulti::part_with_room() {
  for (const auto& part : parts_) {
    if (part->requests < connections_each_) return *part;
  }
  return make_part();
}

CurlMulti::Handle CurlMulti::take_handle() {
  if (idle_.empty()) {
    CURL* easy = curl_easy_init();
    if (!easy) throw std::bad_alloc();
    curl_easy_setopt(easy, CURLOPT_SHARE, share_);
    return {easy, true};
  }
  CURL* easy = idle_.back();
  idle_.pop_back();
  return {easy, false};
}

void CurlMulti::give_back(CURL* easy) {
  if (idle_.size() < kPooledHandles) {
    idle_.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
}

void CurlMulti::add(Ride& ride) {
  if (on_way_ < allowed_ && waiting_.empty()) return board(ride);
  ride.place = waiting_.insert(waiting_.end(), &ride);
}

void CurlMulti::board(Ride& ride) {
  Part& part = part_with_room();
  check(curl_multi_add_handle(part.multi, ride.easy));
  ride.part = &part;
  ++part.requests;
  ++on_way_;
}

void CurlMulti::remove(Ride& ride) {
  if (!ride.part) {
    waiting_.erase(ride.place);
    return;
  }
  Part& part = *std::exchange(ride.part, nullptr);
  curl_multi_remove_handle(part.multi, ride.easy);
  --part.requests;
  --on_way_;
  if (!waiting_.empty() && on_way_ < allowed_) {
    Ride& next = *waiting_.front();
    waiting_.pop_front();
    board(next);
  }
}

bool CurlMulti::open_more() {
  if (waiting_.empty() || allowed_ == most_) return false;
  allowed_ = std::min(most_, allowed_ + kFurtherConnections);
  while (!waiting_.empty() && on_way_ < allowed_) {
    Ride& next = *waiting_.front();
    waiting_.pop_front();
    board(next);
  }
  return true;
}

// `known` is set from the first call for a socket until libcurl lets go of it.
int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto& part = *static_cast<Part*>(self);
  const int epoll_fd = part.owner.epoll_fd_;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.u64 = std::uint64_t{part.number} << 32 | static_cast<std::uint32_t>(socket);
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0) return -1;
  if (!known) curl_multi_assign(part.multi, socket, self);
  return 0;
}

int CurlMulti::on_timer(CURLM*, long wait_ms, void* self) {
  auto& part = *static_cast<Part*>(self);
  part.due.reset();
  if (wait_ms >= 0) part.due = Clock::now() + std::chrono::milliseconds(wait_ms);
  return 0;
}

void CurlMulti::act(Part& part, curl_socket_t socket, int what) {
  if (!part.touched) touched_.push_back(&part);
  part.touched = true;
  int running = 0;
  check(curl_multi_socket_action(part.multi, socket, what, &running));
}

bool CurlMulti::run_due_timers() {
  const auto now = Clock::now();
  bool any = false;
  for (const auto& part : parts_) {
    if (!part->due || *part->due > now) continue;
    part->due.reset();  // libcurl names the next one while it works
    act(*part, CURL_SOCKET_TIMEOUT, 0);
    any = true;
  }
  return any;
}

void CurlMulti::wait(std::optional<Clock::time_point> alarm) {
  if (!waiting_.empty() && (handle_events(0) > 0 || open_more())) return;
  for (const auto& part : parts_) {
    if (part->due && (!alarm || *part->due < *alarm)) alarm = part->due;
  }
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

int CurlMulti::handle_events(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  for (int i = 0; i < count; ++i) {
    const auto& [happened, at] = events[static_cast<std::size_t>(i)];
    const int socket = static_cast<int>(at.u64 & 0xffffffff);
    if (socket == timer_fd_) {
      armed_.reset();  // it has fired; without a new moment it is silent
      std::uint64_t times = 0;
      (void)!read(timer_fd_, &times, sizeof times);
    } else if (socket == wake_fd_) {
      std::uint64_t calls = 0;
      (void)!read(wake_fd_, &calls, sizeof calls);
    } else {
      // What is wrong with a socket is told by reading from it and writing to it.
      int what = 0;
      if (happened & (EPOLLIN | EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_IN;
      if (happened & (EPOLLOUT | EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_OUT;
      act(*parts_[at.u64 >> 32], socket, what);
    }
  }
  return count;
}

const CURLMsg* CurlMulti::next_ended() {
  while (!touched_.empty()) {
    Part& part = *touched_.back();
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(part.multi, &left);
    if (message && message->msg == CURLMSG_DONE) return message;
    if (message) continue;
    part.touched = false;
    touched_.pop_back();
  }
  return nullptr;
}

void CurlMulti::wake() {
  const std::uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof one);
}

}  // namespace teamferry::http
