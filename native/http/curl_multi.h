#pragma once

#include <curl/curl.h>

#include <chrono>
#include <optional>
#include <vector>

namespace teamferry::http {

// libcurl's multi handle, driven by events: the sockets it waits for stand in an epoll set, so what a wake-up costs
// does not grow with the number of requests under way. Owns the connections, and a pool of easy handles.
//
// libcurl's waits count in milliseconds; a timerfd in the same set wakes us on the microsecond.
// Everything but wake() belongs to one thread. Part of curl_loop.h, and tested with it.
class CurlMulti {
 public:
  using Clock = std::chrono::steady_clock;

  CurlMulti();
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;

  CURL* take_handle();
  void give_back(CURL* easy);  // not added any more; its options are forgotten

  void add(CURL* easy);
  void remove(CURL* easy);

  // Lets libcurl do what its own timers ask for. false: none was due.
  bool run_due_timers();
  // Waits until something happens to a socket, wake() is called, or the next timer is due: libcurl's, or `alarm`.
  // What happened is handled when it returns.
  void wait(std::optional<Clock::time_point> alarm);
  // Handles what has happened to sockets so far.
  void look();
  // A request that has ended; null: no more of them.
  const CURLMsg* next_ended();

  // Ends a wait(), the next one if there is none just now. From any thread.
  void wake();

 private:
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM*, long wait_ms, void* self);
  void handle_events(int timeout_ms);
  void set_alarm(std::optional<Clock::time_point> alarm);

  CURLM* multi_ = nullptr;
  CURLSH* share_ = nullptr;
  std::vector<CURL*> idle_;
  int epoll_fd_ = -1;
  int timer_fd_ = -1;
  int wake_fd_ = -1;
  std::optional<Clock::time_point> due_;    // when libcurl wants to be called
  std::optional<Clock::time_point> armed_;  // what timer_fd_ stands at
};

}  // namespace teamferry::http
