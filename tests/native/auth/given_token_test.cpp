#include "native/auth/given_token.h"

#include <catch2/catch.hpp>

#include "tests/native/auth/tokens.h"
#include "tests/support/process.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::auth;
using namespace std::chrono_literals;
using teamferry::test::TemporaryFolder;
using teamferry::test::write_file;

namespace {

constexpr std::int64_t kStart = 1'767'225'600;  // VirtualLoop's wall begins here

std::string token_until(std::int64_t seconds, const char* id = "a") {
  return token_with({{"exp", kStart + seconds}, {"uti", id}});
}

struct World {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  TemporaryFolder folder;
  std::string path = folder / "token";

  std::unique_ptr<TokenSource> of_text(const std::string& text) {
    return use_given_token(wall, {Secret(text), "", "TEAMFERRY_ACCESS_TOKEN"});
  }
  std::unique_ptr<TokenSource> of_file() {
    return use_given_token(wall, {Secret(), path, "TEAMFERRY_ACCESS_TOKEN_FILE"});
  }
  Result<std::string> token(TokenSource& source) { return loop.run(source.token()); }
  void pass(Loop::Duration time) { loop.run(wait(time)); }

 private:
  Task<void> wait(Loop::Duration time) {
    auto pause = loop.sleep(time);
    co_await pause;
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A given token serves until its end, and then says when that was", "[given]") {
  World world;
  const auto source = world.of_text(token_until(60));
  CHECK(world.token(*source).value() == token_until(60));
  world.pass(59s);
  CHECK(world.token(*source).ok());
  world.pass(1s);
  const auto ended = world.token(*source);
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error().code == "token_expired");
  CHECK(ended.error().kind == Error::Kind::state);
  CHECK(holds(ended.error().message, "the token in TEAMFERRY_ACCESS_TOKEN ended at 2026-01-01T00:01:00"));
  CHECK(holds(ended.error().message, "set it to a new token"));
  CHECK_FALSE(holds(ended.error().message, token_until(60)));
}

TEST_CASE("A token whose end cannot be read serves as long as Graph takes it", "[given]") {
  World world;
  const auto source = world.of_text("opaque");
  world.pass(100h);
  CHECK(world.token(*source).value() == "opaque");
}

TEST_CASE("Graph's refusal of a given token is final, as nothing here can make another", "[given]") {
  World world;
  const auto source = world.of_text(token_until(3600));
  const auto again = world.loop.run(source->renew(token_until(3600)));
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == "token_rejected");
  CHECK(holds(again.error().message, "Graph rejects the token in TEAMFERRY_ACCESS_TOKEN"));
  CHECK_FALSE(again.error().retryable());
}

TEST_CASE("A token in a file is read anew, so somebody outside can renew it", "[given]") {
  World world;
  const auto source = world.of_file();
  CHECK(world.token(*source).error().code == "secret_file");
  write_file(world.path, token_until(60, "first") + "\n");
  CHECK(world.token(*source).value() == token_until(60, "first"));
  write_file(world.path, token_until(120, "second"));
  CHECK(world.token(*source).value() == token_until(120, "second"));
  SECTION("a rejected one is replaced by what the file holds by then") {
    write_file(world.path, token_until(180, "third"));
    CHECK(world.loop.run(source->renew(token_until(120, "second"))).value() == token_until(180, "third"));
  }
  SECTION("while it is being written, the one before serves to its end") {
    write_file(world.path, "");
    CHECK(world.token(*source).value() == token_until(120, "second"));
    world.pass(121s);
    CHECK(world.token(*source).error().code == "bad_token");
  }
  SECTION("an ended one names the file") {
    world.pass(121s);
    const auto ended = world.token(*source);
    CHECK(ended.error().code == "token_expired");
    CHECK(holds(ended.error().message, world.path));
    CHECK(holds(ended.error().message, "write a new one there"));
  }
}

TEST_CASE("What cannot stand in a header is no token, and is not shown", "[given]") {
  World world;
  for (const char* text : {"two words", "a\r\nX-Evil: b", "\xc3\xa9t\xc3\xa9"}) {
    const auto source = world.of_text(text);
    const auto refused = world.token(*source);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "bad_token");
    CHECK_FALSE(holds(refused.error().message, text));
  }
}
