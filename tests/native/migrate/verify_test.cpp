#include <catch2/catch.hpp>

#include "native/migrate/visible_text.h"
#include "world.h"

using namespace teamferry;
using fake::kAda;
using fake::kBo;
using fake::kStart;
using journal::State;
using migrate::visible_text;

namespace {

struct Sent : fake::World {
  Sent() {
    random_plan(11, 40);
    fake::Life(*this, 1).run();
  }
  fake::Message& some() {
    for (auto& channel : store.teams.front().channels) {
      for (auto& message : channel.messages) {
        if (!message.parent.empty()) return message;
      }
    }
    throw std::logic_error("no reply in the plan");
  }
  migrate::VerifySummary verify() { return fake::Life(*this, 2).verify().value(); }
};

}  // namespace

TEST_CASE("A faithful copy verifies, page by page", "[migrate][verify]") {
  Sent world;
  world.store.page = 3;
  world.store.inline_replies = 1;
  const auto summary = world.verify();
  CHECK(summary.ok());
  CHECK(summary.by_kind.empty());
  std::int64_t equal = 0;
  for (const auto& conversation : summary.conversations) equal += conversation.equal;
  CHECK(equal == 40);
}

TEST_CASE("Each kind of difference is found and named", "[migrate][verify]") {
  Sent world;
  auto& message = world.some();
  const auto only = [](const migrate::VerifySummary& summary, const std::string& kind) {
    return summary.by_kind == std::map<std::string, std::int64_t>{{kind, 1}};
  };
  SECTION("author") {
    message.author = "11111111-1111-1111-1111-111111111111";
    const auto summary = world.verify();
    CHECK(only(summary, "author"));
    CHECK_FALSE(summary.ok());
    REQUIRE(summary.examples.size() == 1);
    CHECK(summary.examples.front().record.find("record") != std::string::npos);
  }
  SECTION("text") {
    message.content = "<p>something else</p>";
    CHECK(only(world.verify(), "text"));
  }
  SECTION("parent") {
    message.parent = "";
    CHECK(only(world.verify(), "parent"));
  }
  SECTION("time") {
    message.ms += 12'345;
    CHECK(only(world.verify(), "time"));
  }
  SECTION("deleted, its text gone") {
    message.deleted = true;
    message.content = "";
    CHECK(only(world.verify(), "deleted"));
  }
  SECTION("missing") {
    for (auto& channel : world.store.teams.front().channels) {
      std::erase_if(channel.messages, [&](const auto& m) { return m.id == message.id && m.ms == message.ms; });
    }
    const auto summary = world.verify();
    CHECK(only(summary, "missing"));
    CHECK_FALSE(summary.ok());
  }
}

TEST_CASE("Markup that the service rewrote and a mere deletion date are no differences", "[migrate][verify]") {
  Sent world;
  auto& message = world.some();
  message.content = "<div><p style=\"x\">" + message.content.substr(3);
  message.deleted = true;
  const auto summary = world.verify();
  CHECK(summary.ok());
  std::int64_t marked = 0;
  for (const auto& conversation : summary.conversations) marked += conversation.marked_deleted;
  CHECK(marked == 1);
}

TEST_CASE("Strangers' messages are counted and are no fault", "[migrate][verify]") {
  Sent world;
  const auto name = world.store.teams.front().channels.back().name;
  world.store.stranger(name, kStart + 99'999'999, kBo, "<p>hello</p>");
  const auto summary = world.verify();
  CHECK(summary.ok());
  CHECK(summary.by_kind == std::map<std::string, std::int64_t>{{"extra", 1}});
}

TEST_CASE("A failed message that is in Graph after all is reported", "[migrate][verify]") {
  fake::World world;
  const int room = world.channel("room");
  const auto row = world.message(room, kStart, kAda, "odd");
  world.plan();
  {
    fake::Life life(world, 1);
    life.service.script = [](const http::Request& request) {
      return request.url.ends_with("/messages") && request.method == "POST" ? fake::Fault::refuse : fake::Fault::none;
    };
    life.run();
  }
  REQUIRE(world.state(row) == State::failed);
  world.store.stranger("room", kStart, kAda, "<p>odd</p>");
  const auto summary = fake::Life(world, 2).verify().value();
  CHECK(summary.by_kind == std::map<std::string, std::int64_t>{{"unsettled", 1}});
  CHECK_FALSE(summary.ok());
}

TEST_CASE("Verifying right after sending waits out the read lag", "[migrate][verify]") {
  fake::World world;
  world.store.read_lag = 5000;
  world.random_plan(12, 20);
  fake::Life life(world, 1);
  life.run();
  const auto summary = life.verify();
  REQUIRE(summary.ok());
  CHECK(summary->ok());
}

TEST_CASE("Verify changes nothing, and says which conversation cannot be read", "[migrate][verify]") {
  Sent world;
  world.store.readable = false;
  fake::Life life(world, 2);
  const auto summary = life.verify();
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().status == 403);
  CHECK(summary.error().message.find("cannot be read") != std::string::npos);
  CHECK(world.in_state(State::sent) == 40);
  for (const auto& [call, times] : life.service.calls) CHECK(call.starts_with("GET "));
}

TEST_CASE("The visible text is what a reader sees", "[migrate][verify]") {
  CHECK(visible_text("html", "<p>a &amp; b</p>") == "a & b");
  CHECK(visible_text("html", "<p>a</p><p>b</p>") == "a b");
  CHECK(visible_text("html", "a<b>b</b>c") == "abc");
  CHECK(visible_text("html", "one<br/>two\n\n  three&nbsp;four") == "one two three four");
  CHECK(visible_text("HTML", "&#x41;&#66;&eacute;&hellip;") == "AB\xc3\xa9\xe2\x80\xa6");
  CHECK(visible_text("html", "<emoji id=\"x\" alt=\"\xf0\x9f\x99\x82\" title=\"y\"></emoji>!") == "\xf0\x9f\x99\x82!");
  CHECK(visible_text("html", "<at id=\"0\">Ada</at> <img src=\"x\" alt=\"no\">") == "Ada");
  CHECK(visible_text("html", "1 < 2 && 3 &unknown; &#xd800; <!-- gone -->") == "1 < 2 && 3 &unknown; &#xd800;");
  CHECK(visible_text("html", "<a title=\"a > b\">x</a") == "x");
  CHECK(visible_text("text", "<p>a &amp; b</p>\r\n c ") == "<p>a &amp; b</p> c");
  CHECK(visible_text("html", "") == "");
  CHECK(visible_text("html", "<p") == "");
}
