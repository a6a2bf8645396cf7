#include "native/graph/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "native/graph/hints.h"
#include "native/graph/json.h"
#include "native/http/service_error.h"
#include "native/limits/limits.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kMostRounds = 5;
constexpr std::string_view kRoute = "/$batch";

using Answers = std::vector<std::optional<BatchAnswer>>;

json part_json(const std::vector<BatchPart>& parts, std::size_t place, const Answers& answers) {
  const BatchPart& part = parts[place];
  json printed = {{"id", std::to_string(place + 1)}, {"method", part.method}, {"url", part.path}};
  if (!part.body_json.empty()) {
    printed["headers"] = {{"Content-Type", "application/json"}};
    printed["body"] = json::parse(part.body_json, nullptr, false);
  }
  json needed = json::array();
  for (const std::size_t other : part.depends_on) {
    if (!answers[other]) needed.push_back(std::to_string(other + 1));  // one that is answered is not in this round
  }
  if (!needed.empty()) printed["dependsOn"] = std::move(needed);
  return printed;
}

// The part's answer as if it had come alone. `sent`: when the whole came, for a Retry-After that is a date.
BatchAnswer read_answer(const json& answer, const BatchPart& part, DateTime sent) {
  BatchAnswer read;
  const auto status = answer.find("status");
  if (status != answer.end() && status->is_number_integer()) read.status = status->get<int>();
  const auto body = answer.find("body");
  if (body != answer.end() && !body->is_null()) read.body = compact(*body);
  if (read.status >= 200 && read.status < 400) return read;
  http::Response response;
  response.status = read.status;
  response.body = read.body;
  for (const auto& [name, value] : object_of(answer, "headers").items()) {
    if (value.is_string()) response.headers.add(name, value.get<std::string>());
  }
  read.error = http::service_error(response, sent);
  add_hint(*read.error, part.method + " " + part.path.substr(0, part.path.find('?')));
  return read;
}

bool comes_again(const BatchAnswer& answer, const BatchPart& part) {
  if (answer.status == 429) return true;
  return part.method == "GET" && answer.error && answer.error->retryable();
}

milliseconds wait_of(const BatchAnswer& answer) {
  return answer.error->retry_after.value_or(limits::unnamed_wait());
}

// Forgets what is to be sent again, with all that failed for it. Returns how long to wait; nothing: all is settled.
std::optional<milliseconds> forget_passing(const std::vector<BatchPart>& parts, Answers& answers) {
  std::optional<milliseconds> wait;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool again = comes_again(*answers[i], parts[i]);
    if (again) wait = std::max(wait.value_or(milliseconds(0)), wait_of(*answers[i]));
    const bool for_another =
        answers[i]->status == 424 && std::any_of(parts[i].depends_on.begin(), parts[i].depends_on.end(),
                                                 [&answers](std::size_t other) { return !answers[other]; });
    if (again || for_another) answers[i].reset();
  }
  return wait;
}

std::optional<Error> refuse(const std::vector<BatchPart>& parts) {
  if (parts.size() > batch_parts()) {
    return Error::argument("too_many", fmt::format("a batch of {} parts; it takes {}", parts.size(), batch_parts()));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::size_t other : parts[i].depends_on) {
      if (other < i) continue;
      return Error::argument(
          "bad_dependency",
          fmt::format("part {} of the batch depends on part {}, which does not come before it", i + 1, other + 1));
    }
    if (!parts[i].body_json.empty() && !json::accept(parts[i].body_json)) {
      return Error::argument("bad_body", fmt::format("the body of part {} of the batch is not JSON", i + 1));
    }
  }
  return std::nullopt;
}

// Sends what has no answer yet.
Task<Result<http::Response>> send_open(Connection& graph, const std::vector<BatchPart>& parts, const Answers& answers) {
  json requests = json::array();
  bool only_reads = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (answers[i]) continue;
    requests.push_back(part_json(parts, i, answers));
    only_reads = only_reads && parts[i].method == "GET";
  }
  http::Request request;
  request.method = "POST";
  request.url = graph.url(kRoute);
  request.route = fmt::format("POST {}", kRoute);
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.body = compact({{"requests", std::move(requests)}});
  request.retry = only_reads;
  request.fresh_connection = !only_reads;
  return graph.exchange(std::move(request));
}

Status take(const std::vector<BatchPart>& parts, const http::Response& response, Answers& answers) {
  const std::string what = fmt::format("POST {}", kRoute);
  auto body = read_object(response, what);
  if (!body) return body.error();
  const auto* date = response.headers.find("Date");
  // Without a date to compare with, a Retry-After that is one waits for nothing.
  const DateTime sent = (date ? http::parse_http_date(*date) : std::nullopt).value_or(DateTime{253'402'300'799'000});
  for (const auto& answer : array_of(*body, "responses")) {
    const std::string id = answer.is_object() ? text_of(answer, "id") : "";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!answers[i] && id == std::to_string(i + 1)) answers[i] = read_answer(answer, parts[i], sent);
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!answers[i]) return unreadable(what, fmt::format("part {} has no answer", i + 1));
  }
  return done();
}

}  // namespace

std::size_t batch_parts() {
  return static_cast<std::size_t>(limits::in_force().counts.batch_parts);
}

Task<Result<std::vector<BatchAnswer>>> batch(Connection& graph, std::vector<BatchPart> parts) {
  if (auto refused = refuse(parts)) co_return *refused;
  Answers answers(parts.size());
  for (int round = 1; !parts.empty(); ++round) {
    auto sending = send_open(graph, parts, answers);
    auto response = co_await std::move(sending);
    if (!response) co_return response.error();
    if (auto taken = take(parts, *response, answers); !taken) co_return taken.error();
    Answers settled = answers;
    const auto wait = forget_passing(parts, settled);
    if (!wait || round == kMostRounds) break;
    answers = std::move(settled);
    auto sleep = graph.loop().sleep(*wait);
    co_await sleep;
  }
  std::vector<BatchAnswer> all;
  for (auto& answer : answers) all.push_back(std::move(*answer));
  co_return all;
}

}  // namespace teamferry::graph
