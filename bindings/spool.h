#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/base/result.h"
#include "native/migrate/mapper.h"

namespace teamferry::bindings {

// Mapped messages of a source that reads all rooms in one stream, sorted into conversations: kept in a file without a
// name, so that memory holds some bytes a message only.
// Tested by tests/bindings/spool_test.cpp.
class Spool {
 public:
  // The file lies in `folder`, by default the system's folder for temporary files (TMPDIR).
  static Result<std::unique_ptr<Spool>> create(std::string folder = {});

  // `conversation`: empty for records that belong to none: skipped or parked before they named one. A failed write
  // is told by written() and each(), and nothing is added from then on.
  void add(std::string_view conversation, const migrate::MappedMessage& message);
  bool intact() const { return !failure_; }
  Status written();

  bool has(const std::string& conversation) const { return offsets_.count(conversation) != 0; }

  // Gives back what was added, in its order. Views hold until the sink returns.
  Status each(const std::string& conversation, const migrate::MessageSink& sink);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Spool(std::FILE* file, std::string folder) : file_(file), folder_(std::move(folder)) {}
  void failed(int error);

  std::unique_ptr<std::FILE, Close> file_;
  std::string folder_;
  std::optional<Error> failure_;
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> offsets_;
  std::uint64_t end_ = 0;
  std::string buffer_;
};

}  // namespace teamferry::bindings
