#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/base/loop.h"
#include "native/http/transport.h"

namespace teamferry::http {

// The program's event loop and its network in one: any number of requests run in parallel on one thread, over
// libcurl's multi interface. HTTP/1.1 with keep-alive; certificates are always verified; redirects are answers
// like any other; this machine is never reached through a proxy.
//
// Timers are exact to far less than a millisecond, since every message's moment is one. step() waits for as long
// as it takes: another thread may always post(), so this loop never says that nothing can happen any more.
//
// A task that is destroyed while it waits for an answer cancels its request. Tasks may outlive the loop; their
// requests then never end. Everything but post() belongs to one thread.
// Tested by tests/native/http/curl_loop_test.cpp.
class CurlLoop : public Loop, public Transport {
 public:
  struct Options {
    std::string ca_file;                            // PEM file of further certificate authorities; empty: the system's
    std::string user_agent = "teamferry";           //
    std::size_t response_limit = 64 * 1024 * 1024;  // bytes of a body; a longer one is an error, code `too_large`
  };

  CurlLoop() : CurlLoop(Options{}) {}
  explicit CurlLoop(Options options);
  ~CurlLoop() override;
  CurlLoop(const CurlLoop&) = delete;

  TimePoint now() const override;
  void at(TimePoint when, std::function<void()> fn) override;
  void post(std::function<void()> fn) override;
  bool step() override;

  // From here on the loop's time passes `speed` times as fast as the clock on the wall, for a rehearsal whose service
  // does the same. How long an answer may take stays in the time of the wall.
  void run_at(double speed);

  // Error codes: connect, reset, timeout, tls, cut_short, too_large, bad_answer (kind transport), bad_url, bad_header
  // (kind argument), and tls of kind state where a certificate is not trusted: trying again would not help.
  Task<Result<Response>> send(Request request) override;

 private:
  struct Core;
  class Transfer;

  bool run_posted();
  bool run_due_timers();
  void finish_transfers();
  void wait();

  std::shared_ptr<Core> core_;
  std::multimap<TimePoint, std::function<void()>> timers_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
  bool asleep_ = false;                        // guarded by mutex_: whoever posts wakes the loop
  // The loop's time was shown_origin_ when the clock's was real_origin_.
  TimePoint real_origin_{};
  TimePoint shown_origin_{};
  double speed_ = 1;
};

}  // namespace teamferry::http
