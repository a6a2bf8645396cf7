#include "native/limits/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "native/limits/embedded.h"
#include "native/limits/fields.h"

namespace teamferry::limits {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kMarks = {"documented", "observed", "inferred"};
// What describes a value instead of being one.
constexpr std::array<std::string_view, 6> kDescriptions = {"about", "note", "source", "as_of", "mark", "value"};
constexpr int kDeepest = 3;  // requests.start.app_per_second
constexpr std::size_t kLargestFileBytes = std::size_t{1} << 20;

bool describes(std::string_view key) {
  return std::find(kDescriptions.begin(), kDescriptions.end(), key) != kDescriptions.end();
}

// How many letters apart two names are (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view name) {
  std::string best;
  std::size_t least = std::string::npos;
  for (const auto& [known, field] : fields()) {
    const std::size_t apart = distance(name, known);
    if (apart >= least) continue;
    least = apart;
    best = known;
  }
  return best;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool contains(std::string_view text, std::string_view what) {
  return std::search(text.begin(), text.end(), what.begin(), what.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

}  // namespace

// Walks a file of limits and sets what it names.
class Reader {
 public:
  // `file` is empty for what is built in: then the values bring their provenance.
  Reader(Limits& limits, std::string file) : limits_(limits), file_(std::move(file)) {}

  Status read(std::string_view text) {
    const json root = json::parse(text, nullptr, false);
    if (!root.is_object())
      return fault("it is not a JSON object, such as {\"sizes\": {\"message_soft_bytes\": 20000}}");
    auto walked = walk(root, "", {});
    if (!walked) return walked;
    const std::string wrong = contradiction(limits_);
    if (!wrong.empty()) return fault(wrong);
    return done();
  }

 private:
  Error fault(const std::string& what) const {
    return Error::argument("bad_limits", fmt::format("{}: {}", file_.empty() ? "service.json" : file_, what));
  }

  // The text that a group says of itself, or what the group around it says.
  static std::string said(const json& node, const char* key, const std::string& around) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : around;
  }

  Status walk(const json& node, const std::string& name, Provenance from, int depth = 0) {
    if (!node.is_object() || depth > kDeepest) return set(node, name, std::move(from));
    from.source = said(node, "source", from.source);
    from.as_of = said(node, "as_of", from.as_of);
    const std::string mark = said(node, "mark", std::string(to_string(from.mark)));
    const auto known = std::find(kMarks.begin(), kMarks.end(), mark);
    if (known == kMarks.end()) return fault(fmt::format("{}: its mark is one of {}", name, fmt::join(kMarks, ", ")));
    from.mark = static_cast<Mark>(known - kMarks.begin());
    const auto value = node.find("value");
    if (value != node.end()) return set(*value, name, std::move(from));
    bool empty = depth > 0;
    for (const auto& [key, child] : node.items()) {
      if (describes(key)) continue;
      empty = false;
      auto walked = walk(child, name.empty() ? key : name + "." + key, from, depth + 1);
      if (!walked) return walked;
    }
    if (empty) return fault(fmt::format("{} holds no value", name));
    return done();
  }

  Status set(const json& value, const std::string& name, Provenance from) {
    const auto found = fields().find(name);
    if (found == fields().end()) {
      return fault(fmt::format("there is no limit '{}'; did you mean '{}'?", name, nearest(name)));
    }
    const Field& field = found->second;
    auto stored = field.set_texts ? set_texts(field, value, name) : set_number(field, value, name);
    if (!stored) return stored;
    if (!file_.empty()) {
      limits_.overrides_[name] = value.dump();
      from.source = file_;
    }
    limits_.provenance_[name] = std::move(from);
    return done();
  }

  Status set_number(const Field& field, const json& value, const std::string& name) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= field.least && number <= field.most) || (field.whole && number != std::floor(number))) {
      return fault(fmt::format("{} is {}: it is a{} number from {} to {}", name, value.dump(),
                               field.whole ? " whole" : "", field.least, field.most));
    }
    field.set_number(limits_, number);
    return done();
  }

  Status set_texts(const Field& field, const json& value, const std::string& name) {
    Texts texts;
    for (const auto& text : value.is_array() ? value : json::array()) {
      if (text.is_string() && !text.get_ref<const std::string&>().empty()) texts.push_back(text);
    }
    if (texts.empty() || texts.size() != value.size()) {
      return fault(fmt::format("{} is {}: it is a list of texts, none of them empty", name, value.dump()));
    }
    field.set_texts(limits_, std::move(texts));
    return done();
  }

  Limits& limits_;
  std::string file_;
};

namespace {

// A fault in what is built in is a fault of the program.
Limits read_shipped() {
  Limits limits;
  const Status read = Reader(limits, "").read(shipped_json());
  if (!read) throw std::logic_error(read.error().to_string());
  for (const auto& [name, field] : fields()) {
    const Provenance& from = limits.provenance(name);
    if (from.source.empty() || from.as_of.empty()) throw std::logic_error(name + " does not say who says so, and when");
  }
  return limits;
}

const Limits& shipped() {
  static const Limits limits = read_shipped();
  return limits;
}

std::atomic<const Limits*> in_force_now = nullptr;

}  // namespace

std::string_view to_string(Mark mark) {
  return kMarks[static_cast<std::size_t>(mark)];
}

const Provenance& Limits::provenance(std::string_view name) const {
  const auto found = provenance_.find(name);
  if (found == provenance_.end()) throw std::out_of_range(fmt::format("service.json has no {}", name));
  return found->second;
}

std::string Limits::overrides_json() const {
  json overrides = json::object();
  for (const auto& [name, value] : overrides_) overrides[name] = json::parse(value);
  return overrides.dump();
}

Result<Limits> overridden(std::string_view json, const std::string& file) {
  Limits limits = shipped();
  auto read = Reader(limits, file).read(json);
  if (!read) return read.error();
  return limits;
}

Result<Limits> read_file(const std::string& path) {
  if (path.empty()) return shipped();
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    return Error::argument("bad_limits", fmt::format("{}: cannot be read; is this the file of limits?", path));
  }
  if (text.size() > kLargestFileBytes) {
    return Error::argument("bad_limits", fmt::format("{}: is too large for a file of limits", path));
  }
  return overridden(text, path);
}

const Limits& in_force() {
  const Limits* now = in_force_now.load(std::memory_order_acquire);
  return now != nullptr ? *now : shipped();
}

void put_in_force(Limits limits) {
  static std::mutex mutex;
  static std::vector<std::unique_ptr<const Limits>> all;  // a few a process: references to them stay good
  std::lock_guard lock(mutex);
  all.push_back(std::make_unique<const Limits>(std::move(limits)));
  in_force_now.store(all.back().get(), std::memory_order_release);
}

bool says(const Error& error, const Texts& texts) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return contains(error.message, text) || contains(error.inner_message, text);
  });
}

bool is_version_mismatch(const Error& error) {
  return error.status == 412 && says(error, in_force().texts.version_mismatch);
}

std::chrono::milliseconds unnamed_wait() {
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double>(in_force().pace.unnamed_wait_seconds));
}

}  // namespace teamferry::limits
