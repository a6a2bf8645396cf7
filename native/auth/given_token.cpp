#include "native/auth/given_token.h"

#include <fmt/format.h>

#include "native/auth/secret_file.h"

namespace teamferry::auth {
namespace {

class GivenTokenSource : public TokenSource {
 public:
  GivenTokenSource(const WallClock& clock, GivenToken given) : clock_(clock), given_(std::move(given)) {}

  Task<Result<std::string>> token() override {
    if (auto read = refresh(); !read) co_return read.error();
    if (ended()) {
      co_return Error::state("token_expired", fmt::format("the token in {} ended at {}; {}, then run again to go on",
                                                          place(), expires_->to_string(), cure()));
    }
    co_return latest_.reveal();
  }

  Task<Result<std::string>> renew(std::string rejected) override {
    auto asked = token();
    auto current = co_await std::move(asked);
    if (current && *current == rejected) {
      co_return Error::state("token_rejected", fmt::format("Graph rejects the token in {}, and nothing here can make "
                                                           "another; {}, then run again to go on",
                                                           place(), cure()));
    }
    co_return current;
  }

 private:
  bool ended() const { return expires_ && *expires_ <= clock_.now(); }
  std::string place() const {
    return given_.file.empty() ? given_.name : fmt::format("'{}' ({})", given_.file, given_.name);
  }
  std::string cure() const { return given_.file.empty() ? "set it to a new token" : "write a new one there"; }

  // Whoever renews the file may be writing it just now: what it held before serves as long as it is good.
  Status refresh() {
    Secret read = given_.text;
    if (!given_.file.empty()) {
      auto content = read_secret_file(given_.file, fmt::format("the token ({})", given_.name));
      if (!content && (latest_.empty() || ended())) return content.error();
      read = content ? trimmed(*content) : latest_;
    }
    if (!is_bearer_token(read.reveal())) {
      if (!latest_.empty() && !ended()) return done();
      return Error::argument("bad_token", fmt::format("{} holds no token: it takes the access token alone, one line of "
                                                      "letters, digits and dots",
                                                      place()));
    }
    if (read.reveal() == latest_.reveal()) return done();
    latest_ = std::move(read);
    const auto claims = read_claims(latest_.reveal());
    expires_ = claims ? claims->expires : std::nullopt;
    return done();
  }

  const WallClock& clock_;
  const GivenToken given_;
  Secret latest_;
  std::optional<DateTime> expires_;
};

}  // namespace

std::unique_ptr<TokenSource> use_given_token(const WallClock& clock, GivenToken given) {
  return std::make_unique<GivenTokenSource>(clock, std::move(given));
}

}  // namespace teamferry::auth
