#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace teamferry::emulator {

// A request that was answered, or not.
struct LoggedRequest {
  std::uint64_t number = 0;  // from 1
  std::int64_t at = 0;       // ms, the emulator's time
  std::string app;           // client id; empty: nobody was signed in
  std::string method;
  std::string path;    // with what Graph was asked behind the question mark
  int status = 0;      // of the answer, also of one that was lost
  std::string reason;  // the faults that hit it, or the budget that was used up; empty: neither
};

// The last requests of all apps. Not thread-safe. Tested by tests/native/emulator/control_test.cpp.
class RequestLog {
 public:
  static constexpr std::size_t kMost = 2000;
  static constexpr std::size_t kLongestPath = 400;

  void add(LoggedRequest request) {
    request.number = ++last_;
    if (request.path.size() > kLongestPath) request.path.resize(kLongestPath);
    if (requests_.size() == kMost) requests_.pop_front();
    requests_.push_back(std::move(request));
  }

  // The oldest first.
  const std::deque<LoggedRequest>& requests() const { return requests_; }
  std::uint64_t last() const { return last_; }

 private:
  std::deque<LoggedRequest> requests_;
  std::uint64_t last_ = 0;
};

}  // namespace teamferry::emulator
