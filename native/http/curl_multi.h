#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace teamferry::http {

// libcurl's multi handles, driven by events: the sockets they wait for stand in one epoll set, so what a wake-up costs
// does not grow with the number of requests under way. Owns the connections, and a pool of easy handles.
//
// libcurl looks for a free connection by walking all those of the host, so a handle is given 64 requests at most; the
// next one is used when all before it are full. A few requests at a time thus share one pool of connections.
//
// A connection costs a TLS handshake, about a millisecond of processor time, so one more is opened only while there is
// nothing else to do: when it is this machine that is slow, more of them would make it slower. What finds no room waits
// in its order, without libcurl, which would set it up again at every try.
//
// libcurl's waits count in milliseconds; a timerfd in the same set wakes us on the microsecond.
// Everything but wake() belongs to one thread. Part of curl_loop.h, and tested with it.
class CurlMulti {
  struct Part;

 public:
  using Clock = std::chrono::steady_clock;

  CurlMulti();
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;

  // A handle, and whether it is new: one that was used before keeps its options.
  struct Handle {
    CURL* easy;
    bool fresh;
  };
  Handle take_handle();
  void give_back(CURL* easy);  // not added any more; nothing of its options may point to what is gone

  // A request from add() to remove(), which may come before it has left.
  struct Ride {
    CURL* easy = nullptr;
    Part* part = nullptr;  // which of the multi handles has taken it; null while it waits for room
    std::list<Ride*>::iterator place{};
  };
  void add(Ride& ride);
  void remove(Ride& ride);

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
  // One multi handle, with the connections of its own.
  struct Part {
    CurlMulti& owner;
    std::uint32_t number;
    CURLM* multi;
    int requests = 0;
    bool touched = false;                    // stands in touched_
    std::optional<Clock::time_point> due{};  // when libcurl wants to be called
  };

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM*, long wait_ms, void* self);
  Part& part_with_room();
  Part& make_part();
  void board(Ride& ride);
  bool open_more();
  void act(Part& part, curl_socket_t socket, int what);
  int handle_events(int timeout_ms);
  void set_alarm(std::optional<Clock::time_point> alarm);

  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<Part*> touched_;  // requests of theirs may have ended
  long connections_each_ = 0;
  long most_ = 0;     // requests on their way, ever
  long allowed_ = 0;  // at present
  long on_way_ = 0;
  std::list<Ride*> waiting_;
  CURLSH* share_ = nullptr;
  std::vector<CURL*> idle_;
  int epoll_fd_ = -1;
  int timer_fd_ = -1;
  int wake_fd_ = -1;
  std::optional<Clock::time_point> armed_;  // what timer_fd_ stands at
};

}  // namespace teamferry::http
