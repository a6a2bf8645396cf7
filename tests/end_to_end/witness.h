#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

// An independent witness of what arrived: it asks the emulator by plain HTTP and the journal by SQL, and
// uses nothing of the client under test.
namespace teamferry::test {

// One message as somebody sees it. `parent` is the parent's time, since ids may be of either kind.
struct Seen {
  std::string time;    // as printed, brought to 24 characters
  std::string author;  // object id
  std::string parent;  // time of the root; empty for a root post
  std::string body;
  auto operator<=>(const Seen&) const = default;
};
// displayName of the channel, or "chat " and its topic -> its messages in the order of time, and who sees a chat.
using Content = std::map<std::string, std::vector<Seen>>;

// An emulator in a process of its own, and a person with a browser in front of it.
class Witness {
 public:
  // `options`: further arguments of `teamferry emulator`.
  Witness(const std::string& folder, const std::vector<std::string>& options);

  // Environment and arguments that point the client at this emulator.
  Environment environment() const;
  std::vector<std::string> target() const;
  std::string fallback() const { return fallback_; }
  const std::string& token() const;  // of its own sign-in

  // Everything in every channel of every team and in every group chat; throws if one is still open for import and
  // `completed` is asked for.
  Content content(bool completed) const;
  Process& process() const { return *process_; }

 private:
  std::string get(const std::string& url) const;
  std::string graph_url_, login_url_, tenant_, client_id_, client_secret_, fallback_;
  mutable std::string token_;
  std::unique_ptr<Process> process_;
};

// What the journal says was sent.
Content sent_content(const std::string& journal);
std::int64_t count(const std::string& journal, const std::string& sql);

}  // namespace teamferry::test
