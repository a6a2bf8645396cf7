#include "native/graph/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "native/graph/json.h"
#include "native/graph/read_drive_item.h"
#include "native/graph/wait.h"
#include "native/http/service_error.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kChunkTime = 10min;
constexpr int kMostFailures = 8;  // in a row, without a byte of progress
constexpr int kMostSessions = 4;
constexpr std::size_t kChunkLimit = 60 * 1024 * 1024;
constexpr std::string_view kUploadRoute = "/{upload session}";

std::string_view to_string(Conflict conflict) {
  switch (conflict) {
    case Conflict::rename:
      return "rename";
    case Conflict::fail:
      return "fail";
    case Conflict::replace:
      break;
  }
  return "replace";
}

std::size_t chunk_of(std::size_t wanted) {
  const std::size_t step = limits::in_force().sizes.upload_chunk_step_bytes;
  const std::size_t most = (kChunkLimit - 1) / step;
  return std::clamp<std::size_t>(wanted / step, 1, most) * step;
}

// Where the first of nextExpectedRanges begins: "26-" or "26-100".
std::optional<std::uint64_t> next_expected(const http::Response& response) {
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) return std::nullopt;
  const json& ranges = array_of(body, "nextExpectedRanges");
  if (ranges.empty() || !ranges.front().is_string()) return std::nullopt;
  const auto range = ranges.front().get<std::string>();
  std::uint64_t first = 0;
  const auto [end, failure] = std::from_chars(range.data(), range.data() + range.size(), first);
  if (failure != std::errc() || end == range.data() + range.size() || *end != '-') return std::nullopt;
  return first;
}

Loop::Duration wait_after(const Error& error, int failures) {
  const Loop::Duration backoff = std::chrono::seconds(1 << std::min(failures, 8));
  const Loop::Duration asked = error.retry_after.value_or(0ms);
  return std::max(asked, std::min<Loop::Duration>(backoff, 300s));
}

Result<std::string> read_exactly(Content& content, std::uint64_t offset, std::size_t length) {
  auto bytes = content.read(offset, length);
  if (!bytes || bytes->size() == length) return bytes;
  return Error::argument("content_changed", fmt::format("the file holds {} bytes at {} where {} were announced",
                                                        bytes->size(), offset, length));
}

// One upload through sessions. Its methods run one at a time.
class Session {
 public:
  Session(Connection& graph, const Upload& upload, Content& content)
      : graph_(graph), upload_(upload), content_(content), total_(content.size()) {}

  Task<Result<DriveItem>> run() {
    auto looking = look();
    auto before = co_await std::move(looking);
    if (!before) co_return before.error();
    for (int begun = 0; begun < kMostSessions; ++begun) {
      auto opening = open();
      auto opened = co_await std::move(opening);
      if (!opened) co_return opened.error();
      auto sending = send_all();
      auto sent = co_await std::move(sending);
      if (sent) co_return std::move(sent);
      if (!gone_) {
        auto cancelling = cancel();
        co_await std::move(cancelling);
        co_return std::move(sent);
      }
      if (!last_unclear_) continue;
      auto looking_again = look();
      auto after = co_await std::move(looking_again);
      if (after && is_ours(*before, *after)) co_return std::move(**after);
      if (upload_.conflict != Conflict::replace) co_return lost();
    }
    co_return Error::transport("session_gone", fmt::format("the upload of '{}' was lost by the service {} times",
                                                           upload_.name, kMostSessions));
  }

 private:
  // What stands under the name. Seen before and after, it tells what became of bytes whose answer was lost.
  Task<Result<std::optional<DriveItem>>> look() { return item_in(graph_, upload_.folder, upload_.name); }

  // Renamed, ours has another name if this one was taken.
  bool is_ours(const std::optional<DriveItem>& before, const std::optional<DriveItem>& after) const {
    if (!after || after->size != total_) return false;
    return before ? upload_.conflict == Conflict::replace && before->eTag != after->eTag : true;
  }

  bool stopping() const { return upload_.should_stop && upload_.should_stop(); }
  Error interrupted() const { return Error::state("interrupted", "stopped while uploading " + upload_.name); }
  Error lost() const {
    return Error::transport(
        "unclear", fmt::format("the answer to the last bytes of '{}' was lost: the file may be there", upload_.name));
  }

  Task<Status> open() {
    http::Request request;
    request.method = "POST";
    request.url = graph_.url(path_in(upload_.folder, upload_.name) + "/createUploadSession");
    request.route = "POST /drives/{drive}/items/{folder}:/{name}:/createUploadSession";
    request.headers.add("Accept", "application/json");
    request.headers.add("Content-Type", "application/json");
    request.body = compact(
        {{"item", {{"@microsoft.graph.conflictBehavior", to_string(upload_.conflict)}, {"name", upload_.name}}}});
    auto sent = graph_.exchange(std::move(request));
    auto response = co_await std::move(sent);
    if (!response) co_return response.error();
    auto body = read_object(*response, "POST createUploadSession");
    if (!body) co_return body.error();
    address_ = text_of(*body, "uploadUrl");
    if (address_.empty()) co_return unreadable("POST createUploadSession", "it does not say where to");
    if (auto safe = http::check_may_carry_secrets(address_); !safe) {
      Error unsafe = safe.error();
      unsafe.message = "the service wants the file sent elsewhere: " + unsafe.message;
      co_return unsafe;
    }
    offset_ = next_expected(*response).value_or(0);
    gone_ = last_unclear_ = false;
    co_return done();
  }

  // From offset_ to the end, over whatever can be mended.
  Task<Result<DriveItem>> send_all() {
    int failures = 0;
    while (true) {
      if (stopping()) co_return interrupted();
      const std::uint64_t before = offset_;
      auto sending = send_chunk();
      auto item = co_await std::move(sending);
      if (!item) co_return item.error();
      if (*item) co_return std::move(**item);
      if (!failure_) {
        if (upload_.progress) upload_.progress(offset_, total_);
        if (offset_ > before) failures = 0;
        if (offset_ > before || ++failures < kMostFailures) continue;
        co_return unreadable("PUT upload session", "it stands still");
      }
      if (++failures >= kMostFailures) co_return *failure_;
      auto mending = mend(failures);
      auto mended = co_await std::move(mending);
      if (!mended) co_return mended.error();
    }
  }

  // One chunk. An item: that was the last. Nothing: go on from offset_, or mend failure_ first. Errors are final.
  Task<Result<std::optional<DriveItem>>> send_chunk() {
    failure_.reset();
    if (offset_ >= total_) co_return unreadable("PUT upload session", "it wants bytes behind the end of the file");
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(chunk_of(upload_.chunk_bytes), total_ - offset_));
    auto bytes = read_exactly(content_, offset_, length);
    if (!bytes) co_return bytes.error();
    http::Request request = to_session("PUT");
    request.headers.add("Content-Type", "application/octet-stream");
    request.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", offset_, offset_ + length - 1, total_));
    request.body = std::move(*bytes);
    request.timeout = kChunkTime;
    const bool last = offset_ + length == total_;
    auto sent = graph_.exchange(std::move(request));
    auto response = co_await std::move(sent);
    if (!response) {
      const Error& error = response.error();
      gone_ = error.status == 404;
      last_unclear_ = last_unclear_ || (last && error.ambiguous());
      if (gone_ || (!error.retryable() && error.status != 416)) co_return error;
      failure_ = error;
      co_return std::optional<DriveItem>();
    }
    if (response->status == 200 || response->status == 201) {
      auto item = read_drive_item(*response, "PUT upload session");
      if (!item) co_return item.error();
      co_return std::optional<DriveItem>(std::move(*item));
    }
    offset_ = next_expected(*response).value_or(offset_ + length);
    co_return std::optional<DriveItem>();
  }

  // After a failure: waits, then asks where the service stands.
  Task<Status> mend(int failures) {
    if (failure_->status != 416) {
      const auto time = wait_after(*failure_, failures);
      Wait wait(graph_.loop(), {time, time, upload_.should_stop});
      auto pausing = wait.pause();
      const bool go_on = co_await std::move(pausing);
      if (!go_on) co_return interrupted();
    }
    http::Request request = to_session("GET");
    request.retry = true;
    auto asked = graph_.exchange(std::move(request));
    auto response = co_await std::move(asked);
    if (!response) {
      gone_ = response.error().status == 404;
      co_return response.error();
    }
    const auto next = next_expected(*response);
    if (!next) co_return unreadable("GET upload session", "it does not say where it stands");
    offset_ = *next;
    co_return done();
  }

  // Best effort: a session that stays ends by itself.
  Task<void> cancel() {
    http::Request request = to_session("DELETE");
    auto sent = graph_.exchange(std::move(request));
    co_await std::move(sent);
  }

  http::Request to_session(std::string method) const {
    http::Request request;
    request.route = fmt::format("{} {}", method, kUploadRoute);
    request.method = std::move(method);
    request.url = address_;
    request.authorize = false;
    request.retry = false;
    return request;
  }

  Connection& graph_;
  const Upload& upload_;
  Content& content_;
  const std::uint64_t total_;
  std::string address_;
  std::uint64_t offset_ = 0;
  std::optional<Error> failure_;  // of the last chunk, to be mended
  bool gone_ = false;             // the service does not know the session
  bool last_unclear_ = false;     // the last chunk was sent, and its answer lost
};

Task<Result<DriveItem>> put_whole(Connection& graph, const Upload& upload, Content& content) {
  auto bytes = read_exactly(content, 0, static_cast<std::size_t>(content.size()));
  if (!bytes) co_return bytes.error();
  http::Request request;
  request.method = "PUT";
  request.url = graph.url(fmt::format("{}/content?@microsoft.graph.conflictBehavior={}",
                                      path_in(upload.folder, upload.name), to_string(upload.conflict)));
  request.route = "PUT /drives/{drive}/items/{folder}:/{name}:/content";
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/octet-stream");
  request.body = std::move(*bytes);
  request.retry = upload.conflict == Conflict::replace;
  request.fresh_connection = !request.retry;
  auto sent = graph.exchange(std::move(request));
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return read_drive_item(*response, "PUT content");
}

}  // namespace

Task<Result<DriveItem>> upload(Connection& graph, Upload upload, Content& content) {
  if (content.size() <= limits::in_force().sizes.small_upload_bytes) {
    auto putting = put_whole(graph, upload, content);
    auto item = co_await std::move(putting);
    if (item && upload.progress) upload.progress(content.size(), content.size());
    co_return std::move(item);
  }
  Session session(graph, upload, content);
  auto running = session.run();
  co_return co_await std::move(running);
}

}  // namespace teamferry::graph
