// What doctor asks of a project.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "bindings/project.h"
#include "native/http/curl_loop.h"
#include "native/limits/limits.h"
#include "native/migrate/support_bundle.h"
#include "native/migrate/surroundings.h"

namespace teamferry::bindings {

namespace {

// The variable by which this machine's requests are sent through a proxy; empty: none is set.
std::string proxy_variable() {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value && *value) return name;
  }
  return "";
}

std::string end_of_file(const std::string& path) {
  constexpr std::streamoff kMost = 256 * 1024;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (path.empty() || !file) return "";
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(size - kMost, 0));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Never over a file that is there: a slip of the finger could name the journal.
Status write_new_private_file(const std::string& path, const std::string& text) {
  const auto failed = [&path](const char* what) {
    return Error::argument("bundle", fmt::format("--bundle: {} {}: {}", what, path, std::strerror(errno)));
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed(errno == EEXIST ? "will not overwrite" : "cannot write");
  for (std::size_t written = 0; written < text.size();) {
    const auto n = ::write(file, text.data() + written, text.size() - written);
    if (n < 0) {
      Error error = failed("cannot write");
      ::close(file);
      return error;
    }
    written += static_cast<std::size_t>(n);
  }
  if (::close(file) != 0) return failed("cannot write");
  return done();
}

}  // namespace

Result<std::vector<migrate::Check>> Project::examine(bool with_journal) {
  checks_.clear();
  examined_journal_ = with_journal;
  journal::Journal* known = nullptr;
  if (with_journal) {
    auto opened = journal();
    if (!opened) return opened.error();
    known = *opened;
  }
  auto reached = target();
  if (reached) {
    Target& there = **reached;
    migrate::Surroundings world{there.loop(),       there.loop(),  there.tokens(),  there.clock(),
                                limits::in_force(), there.cloud(), there.sign_in(), proxy_variable()};
    if (known) world.journal = {known->meta("tenant").value_or(""), known->meta("client_id").value_or(""), ""};
    checks_ = there.loop().run(migrate::check_surroundings(std::move(world)));
  } else {
    migrate::Check check;
    check.area = "sign-in";
    check.level = migrate::Level::problem;
    check.code = reached.error().code;
    check.text = reached.error().message;
    check.step = "cure that first: nothing can be asked without it";
    check.error = reached.error();
    checks_.push_back(std::move(check));
  }
  if (!known) return checks_;
  for (auto& check : migrate::check_journal(*known)) checks_.push_back(std::move(check));
  const bool signed_in = std::none_of(checks_.begin(), checks_.end(), [](const migrate::Check& check) {
    return check.level == migrate::Level::problem && check.area != "journal" && check.code != "missing_role";
  });
  if (!signed_in) return checks_;
  Target& there = **reached;
  auto examined = there.loop().run(migrate::examine(there.client(), *known, there.identity().client_id));
  if (!examined) return interrupted_or(examined.error());
  for (auto& check : *examined) checks_.push_back(std::move(check));
  return checks_;
}

Status Project::write_bundle(const std::string& path) {
  migrate::BundleInput input;
  input.version = TEAMFERRY_VERSION;
  input.now = SystemClock().now();
  input.checks = checks_;
  input.limits_overrides = limits::in_force().overrides_json();
  if (target_) {
    input.now = target_->clock().now();
    input.identity = target_->identity();
    input.cloud = target_->cloud().name;
    input.pace = target_->pace_name();
  }
  if (examined_journal_) input.journal = journal_.get();
  input.log = end_of_file(options_.target.log);
  for (const char* name : {"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "TEAMFERRY_ACCESS_TOKEN"}) {
    if (const char* value = std::getenv(name)) input.secrets.emplace_back(value);
  }
  return write_new_private_file(path, migrate::support_bundle(input));
}

}  // namespace teamferry::bindings
