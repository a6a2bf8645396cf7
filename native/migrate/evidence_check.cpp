#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "native/base/sha256.h"
#include "native/migrate/evidence.h"

// Evidence is read as if somebody had tampered with it: nothing in it is believed before the chain says so.
namespace teamferry::migrate {

using nlohmann::json;

namespace {

constexpr std::size_t kChunk = 1u << 16;
constexpr std::size_t kLongestLine = 1u << 20;
constexpr std::string_view kLineHead = R"({"line":)";
constexpr std::string_view kChainHead = R"(,"chain":")";
constexpr std::size_t kChainTail = kChainHead.size() + 64 + 2;  // with the hash and "}

// The lines of a file, whatever stands in it, in bounded memory.
class Lines {
 public:
  explicit Lines(std::FILE* file) : file_(file) {}

  enum class Got { line, end, cut, too_long };
  // `line` is without its end; it holds until the next call. cut: the last one has no end.
  Got next(std::string_view& line) {
    buffer_.erase(0, used_);
    used_ = 0;
    std::size_t searched = 0;
    for (;;) {
      const auto end = buffer_.find('\n', searched);
      if (end != buffer_.npos) {
        line = std::string_view(buffer_).substr(0, end);
        used_ = end + 1;
        return Got::line;
      }
      if (buffer_.size() > kLongestLine) return Got::too_long;
      searched = buffer_.size();
      buffer_.resize(searched + kChunk);
      const std::size_t more = std::fread(buffer_.data() + searched, 1, kChunk, file_);
      buffer_.resize(searched + more);
      if (more == 0) return buffer_.empty() ? Got::end : Got::cut;
    }
  }

 private:
  std::FILE* file_;
  std::string buffer_;
  std::size_t used_ = 0;
};

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class Checker {
 public:
  explicit Checker(const EvidenceToCheck& what) : what_(what) {}

  Result<CheckedEvidence> work() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(what_.path.c_str(), "re"), &std::fclose);
    if (!file) return unreadable();
    Lines lines(file.get());
    std::string_view line;
    Lines::Got got;
    while ((got = lines.next(line)) == Lines::Got::line) {
      ++result_.lines;
      if (auto status = take(line); !status) return status.error();
    }
    if (std::ferror(file.get()) != 0) return unreadable();
    if (got != Lines::Got::end) ++result_.lines;
    if (ended_ && got != Lines::Got::end) return broken("was appended: the line before ends the evidence");
    if (got == Lines::Got::cut) return broken("has no end: the file was cut off in it");
    if (got == Lines::Got::too_long) return broken("is longer than any line of evidence");
    if (result_.lines == 0) return broken("is missing: the file is empty");
    if (!ended_) return broken("is the last, and does not end the evidence: the file was cut off behind it");
    if (auto status = check_head(); !status) return status.error();
    if (auto status = check_signature(); !status) return status.error();
    return std::move(result_);
  }

 private:
  Error unreadable() const {
    return Error::argument("evidence_io", fmt::format("{}: cannot be read ({}); name a file of evidence", what_.path,
                                                      std::strerror(errno)));
  }
  Error broken(std::string_view what) const {
    return Error::state("evidence_broken",
                        fmt::format("{}: line {} {}", what_.path, result_.lines == 0 ? 1 : result_.lines, what));
  }

  Status take(std::string_view line) {
    if (ended_) return broken("was appended: the line before ends the evidence");
    std::int64_t number = 0;
    if (!line.starts_with(kLineHead) || line.size() < kLineHead.size() + kChainTail) return no_line();
    const char* digits = line.data() + kLineHead.size();
    const auto [rest, problem] = std::from_chars(digits, line.data() + line.size(), number);
    if (problem != std::errc() || *rest != ',') return no_line();
    if (number > result_.lines) {
      return broken(fmt::format("is not there, line {} stands in its place: lines were removed or moved", number));
    }
    if (number < result_.lines) return broken(fmt::format("is another line {}: it was moved or added", number));
    const std::string_view front = line.substr(0, line.size() - kChainTail);
    const std::string_view tail = line.substr(front.size());
    if (!tail.starts_with(kChainHead) || !tail.ends_with("\"}")) return no_line();
    const std::string chain = sha256_hex(result_.head + std::string(front));
    if (tail.substr(kChainHead.size(), chain.size()) != chain) return broken("was changed after it was written");
    result_.head = chain;
    return read(json::parse(std::string(front) + "}", nullptr, false), line);
  }

  Error no_line() const { return broken("is no line of evidence: it was changed after it was written"); }

  // A chain that holds may still have been made by anybody.
  Status read(const json& object, std::string_view line) {
    if (!object.is_object()) return no_line();
    const std::string kind = text_of(object, "kind");
    if (result_.lines == 1) {
      if (kind != "evidence") return broken("does not begin evidence: lines in front of it were removed");
      if (object.value("format", json()) != 1) {
        return broken("is of a format that this teamferry does not know; check it with a newer one");
      }
      result_.command = text_of(object, "command");
      result_.made = text_of(object, "made");
      result_.project = text_of(object, "project");
      result_.target = text_of(object, "target");
    } else if (kind == "message") {
      ++result_.by_state[text_of(object, "state")];
    } else if (kind == "end") {
      ended_ = true;
      last_ = std::string(line) + "\n";
      result_.key = text_of(object, "key");
      const auto ok = object.find("ok");
      if (ok != object.end() && ok->is_boolean()) result_.ok = ok->get<bool>();
      std::map<std::string, std::int64_t> states;
      const auto rows = object.value("rows", json::object());
      for (const auto& [state, n] : rows.items()) {
        if (n.is_number_integer() && n != 0) states[state] = n.get<std::int64_t>();
      }
      if (states != result_.by_state)
        return broken("counts other messages than stand above it: lines were removed or added");
    }
    return done();
  }

  Status check_head() const {
    if (what_.head.empty() || what_.head == result_.head) return done();
    return broken(
        fmt::format("ends another chain than the one you name: its head is {}, not {}. The file was made anew, or "
                    "is another",
                    result_.head, what_.head));
  }

  Status check_signature() {
    if (what_.public_key.empty()) return done();
    const auto key = EvidenceKey::public_key(what_.public_key);
    if (!key) return key.error();
    if (result_.key.empty()) return broken("names no key: this evidence was not signed");
    if (result_.key != key->fingerprint()) {
      return broken(fmt::format("names the key {}, and {} is {}: it was signed by somebody else, or made anew",
                                result_.key, what_.public_key, key->fingerprint()));
    }
    std::ifstream file(what_.path + ".sig", std::ios::binary);
    const std::string signature{std::istreambuf_iterator<char>(file), {}};
    if (!file)
      return broken(fmt::format("was signed, and the signature {}.sig cannot be read; put it back", what_.path));
    if (!key->signed_by_this(last_, signature)) {
      return broken(fmt::format("is not what {}.sig signs: it was changed, or the signature is another's", what_.path));
    }
    result_.signature_holds = true;
    return done();
  }

  const EvidenceToCheck& what_;
  CheckedEvidence result_;
  std::string last_;
  bool ended_ = false;
};

}  // namespace

Result<CheckedEvidence> check_evidence(const EvidenceToCheck& what) {
  return Checker(what).work();
}

}  // namespace teamferry::migrate
