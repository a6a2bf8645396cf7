#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "native/base/loop.h"
#include "native/http/transport.h"

namespace teamferry::http {

inline Response answer(int status, std::string body = {},
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  for (auto& [name, value] : headers) response.headers.add(std::move(name), std::move(value));
  return response;
}

// A network that answers as it was told, in order, each time after `latency` of its loop, and keeps what it was
// asked and when. A question that was not foreseen gets a 599.
class ScriptedTransport : public Transport {
 public:
  explicit ScriptedTransport(Loop& loop) : loop_(loop) {}

  ScriptedTransport& then(Result<Response> next) {
    script_.push_back(std::move(next));
    return *this;
  }
  // Answers what the script does not.
  void otherwise(std::function<Result<Response>(const Request&)> answer_to) { otherwise_ = std::move(answer_to); }

  Task<Result<Response>> send(Request request) override {
    requests.push_back(request);
    times.push_back(loop_.now());
    Result<Response> result = answer(599);
    if (!script_.empty()) {
      result = std::move(script_.front());
      script_.pop_front();
    } else if (otherwise_) {
      result = otherwise_(request);
    }
    if (latency > Loop::Duration::zero()) {
      auto pause = loop_.sleep(latency);
      co_await pause;
    }
    co_return std::move(result);
  }

  std::vector<Request> requests;
  std::vector<Loop::TimePoint> times;
  Loop::Duration latency{0};

 private:
  Loop& loop_;
  std::deque<Result<Response>> script_;
  std::function<Result<Response>(const Request&)> otherwise_;
};

}  // namespace teamferry::http
