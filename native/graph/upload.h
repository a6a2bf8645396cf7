#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "native/base/result.h"
#include "native/graph/files.h"
#include "native/limits/limits.h"

// Bringing the bytes of a file into a folder. Facts: section 2.15 of the fact sheet.
// Tested by tests/native/graph/upload_test.cpp, and against the emulator by files_test.cpp.
namespace teamferry::graph {

// Bytes that can be read again, from any place: what makes an upload resumable while memory holds one chunk.
class Content {
 public:
  virtual ~Content() = default;
  virtual std::uint64_t size() const = 0;
  // Exactly `length` bytes from `offset` on; an Error otherwise. Within size(), mostly forward.
  virtual Result<std::string> read(std::uint64_t offset, std::size_t length) = 0;
};

// Bytes that are in memory anyway.
class TextContent : public Content {
 public:
  explicit TextContent(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string> read(std::uint64_t offset, std::size_t length) override {
    return bytes_.substr(static_cast<std::size_t>(offset), length);
  }

 private:
  std::string bytes_;
};

// What happens where the name is taken. Only `replace` leads to the same end however often it is done.
enum class Conflict { replace, rename, fail };

struct Upload {
  Folder folder;
  std::string name;
  Conflict conflict = Conflict::replace;
  // Rounded to a multiple of sizes.upload_chunk_step_bytes; below 60 MiB.
  std::size_t chunk_bytes = limits::in_force().sizes.upload_chunk_bytes;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
  // true cancels, within half a second and the answer that is due; code `interrupted`.
  std::function<bool()> should_stop = {};
};

// Uploads and gives the item as the service made it. A file of up to sizes.small_upload_bytes is one PUT; a larger one
// goes through an upload session in sequential chunks, and after a lost answer, a 5xx, 429 or a 416 from where the
// service says it stands. A session that is gone (404) is begun anew, three times. What fails for good is cancelled.
//
// No token goes to the session's address, and no bytes go to one that is neither https nor this machine (insecure_url).
//
// Where the answer to the last bytes is lost, what stands under the name before and after tells whether they arrived.
// If that does not tell (a renamed file has another name), the error is ambiguous(): the caller looks before repeating.
// `content` must outlive the task.
Task<Result<DriveItem>> upload(Connection& graph, Upload upload, Content& content);

}  // namespace teamferry::graph
