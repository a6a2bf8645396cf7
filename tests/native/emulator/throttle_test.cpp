#include "native/emulator/throttle.h"

#include "native/emulator/traffic.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

Options with(const std::string& profile, const std::string& retry_after = "whole") {
  Options options;
  options.profile = profile;
  options.retry_after = retry_after;
  return options;
}

// A tenant with two channels to import into, made before the test begins: nothing of it is left in any budget.
struct Paced : World {
  explicit Paced(Options wanted) : World(std::move(wanted)) {
    team = new_team();
    one = new_channel(team, "one");
    two = new_channel(team, "two");
    clock.ms += 24 * 3'600'000;
    tokens.clear();
  }
  Reply import(const std::string& channel) {
    const std::string created = print_time(*read_time("2019-03-01T00:00:00Z") + ++sent);
    return post(channel + "/messages", message_body(created));
  }
  int passed(const std::string& channel, int attempts) {
    int count = 0;
    for (int i = 0; i < attempts; ++i) count += import(channel).status == 200 ? 1 : 0;
    return count;
  }

  std::string team, one, two;
  int sent = 0;
};

Asked ask(const Limit& limit, std::string_view app, std::string_view tenant, std::string_view resource = "") {
  return {limit, false, app, tenant, resource};
}

}  // namespace

TEST_CASE("A bucket lets five pass at once and five a second", "[throttle]") {
  Bucket bucket(5, 200);
  const auto take = [&](std::int64_t at) {
    const std::int64_t wait = bucket.wait(at);
    if (wait == 0) bucket.spend(at);
    return wait;
  };
  const std::int64_t now = 1'000'000;
  for (int i = 0; i < 5; ++i) CHECK(take(now) == 0);
  CHECK(take(now) == 200);
  CHECK(take(now + 199) == 1);
  CHECK(take(now + 200) == 0);
  CHECK(take(now + 200) == 200);
  int count = 0;
  for (std::int64_t t = now + 1000; t < now + 11'000; ++t) count += take(t) == 0 ? 1 : 0;
  CHECK(count == 4 + 49);
  CHECK(bucket.wait(1'000) <= 1000);  // a clock that is set back locks nothing
}

TEST_CASE("E154: more than five imports a second in one conversation are told to wait", "[throttle]") {
  Paced world(with("article"));
  for (int i = 0; i < 5; ++i) CHECK(world.import(world.one).status == 200);
  const Reply refused = world.import(world.one);
  CHECK(refused.status == 429);
  CHECK(refused.code() == "TooManyRequests");
  CHECK(refused.message() == "Please retry again later.");
  CHECK(refused.inner() == "Please retry after");
  CHECK(refused.body["error"]["innerError"]["code"] == "429");
  CHECK(refused.body["error"]["innerError"]["status"] == "429");
  CHECK(refused.header("Retry-After") == "1");
  CHECK(world.router->stats().throttled == 1);
  world.clock.ms += 200;
  CHECK(world.import(world.one).status == 200);
  CHECK(world.import(world.one).status == 429);  // and took nothing
  world.clock.ms += 1000;
  CHECK(world.passed(world.one, 6) == 5);
}

TEST_CASE("E155, E157: Retry-After has four forms, one of them silence", "[throttle]") {
  const std::pair<const char*, const char*> each[] = {
      {"whole", "1"}, {"fraction", "0.200"}, {"date", "Tue, 05 May 2026 10:00:01 GMT"}, {"none", ""}};
  for (const auto& [form, text] : each) {
    Paced world(with("article", form));
    world.passed(world.one, 5);
    const Reply refused = world.import(world.one);
    INFO(form);
    CHECK(refused.status == 429);
    CHECK(refused.header("Retry-After") == text);
  }
  CHECK(print_retry_after(RetryAfter::fraction, 2128, 0) == "2.128");
  CHECK(print_retry_after(RetryAfter::whole, 2000, 0) == "2");
}

TEST_CASE("E156: each conversation has its own bucket, and the tenant one over all", "[throttle]") {
  SECTION("article") {
    Paced world(with("article"));
    CHECK(world.passed(world.one, 6) == 5);
    CHECK(world.passed(world.two, 6) == 5);
  }
  SECTION("table") {
    Paced world(with("table"));
    CHECK(world.passed(world.one, 3) == 1);
    CHECK(world.passed(world.two, 3) == 1);
    CHECK(world.import(world.one).header("Retry-After") == "1");
    world.clock.ms += 1000;
    CHECK(world.passed(world.one, 3) == 1);
  }
  SECTION("table: fifty a second of one app in one tenant, however many channels") {
    Throttle throttle(Profile::table);
    const Limit& limit = *classify("POST", {"teams", "t", "channels", "c", "messages"}).limit;
    for (int i = 0; i < 50; ++i) {
      CHECK(throttle.take(ask(limit, "app", "tenant", std::to_string(i)), 1'000'000).wait == 0);
    }
    const Throttle::Verdict refused = throttle.take(ask(limit, "app", "tenant", "other"), 1'000'000);
    CHECK(refused.wait == 20);
    CHECK(refused.budget == "POST channel messages, per app and tenant");
    CHECK(throttle.take(ask(limit, "second", "tenant", "other"), 1'000'000).wait == 0);
    CHECK(throttle.take(ask(limit, "app", "tenant", "third"), 1'000'020).wait == 0);
  }
  SECTION("table: five hundred a second of one app, however many tenants") {
    Throttle throttle(Profile::table);
    const Limit& limit = *classify("POST", {"chats"}).limit;  // 200 and 20
    for (int i = 0; i < 200; ++i) {
      CHECK(throttle.take(ask(limit, "app", std::to_string(i / 20)), 1'000'000).wait == 0);
    }
    CHECK(throttle.take(ask(limit, "app", "eleventh"), 1'000'000).budget == "POST chats, per app");
  }
}

TEST_CASE("The table: the longer window holds 83 % of the printed rate", "[throttle]") {
  Throttle throttle(Profile::table);
  const Limit& limit = *classify("POST", {"chats", "c", "messages"}).limit;
  const auto count_over = [&](std::int64_t from, std::int64_t ms) {
    int count = 0;
    for (std::int64_t t = from; t < from + ms; t += 100) {
      count += throttle.take(ask(limit, "app", "tenant", "c"), t).wait == 0 ? 1 : 0;
    }
    return count;
  };
  CHECK(count_over(1'000'000, 60'000) == 49);
  CHECK(count_over(1'060'000, 60'000) == 49);
  Throttle waits(Profile::table);
  std::int64_t now = 1'000'000;
  for (int i = 0; i < 49; ++i) CHECK(waits.take(ask(limit, "app", "tenant", "c"), now + 1000 * i).wait == 0);
  CHECK(waits.take(ask(limit, "app", "tenant", "c"), now + 49'000).wait == 11'000);
}

TEST_CASE("The table counts each request in its row", "[throttle]") {
  Paced world(with("table"));
  SECTION("four members a minute in one team") {
    const Limit& limit = *classify("POST", {"teams", "t", "members"}).limit;
    Throttle throttle(Profile::table);
    for (int i = 0; i < 4; ++i) CHECK(throttle.take(ask(limit, "app", "tenant", "t"), 1'000'000).wait == 0);
    CHECK(throttle.take(ask(limit, "app", "tenant", "t"), 1'000'000).wait == 15'000);
    CHECK(throttle.take(ask(limit, "app", "tenant", "u"), 1'000'000).wait == 0);
  }
  SECTION("reads and starts of one channel") {
    CHECK(world.get(world.one).status == 200);
    CHECK(world.get(world.one).status == 429);
    CHECK(world.get(world.one + "/messages").status == 200);  // another row
    CHECK(world.get(world.one + "/messages").status == 429);
    CHECK(world.get(world.two).status == 200);
    CHECK(world.post(world.one + "/completeMigration").status == 204);  // no number per channel
    CHECK(world.post(world.one + "/startMigration").status == 204);
    CHECK(world.post(world.one + "/startMigration").status == 429);
  }
  SECTION("four creations a second in one team, General by any name is one channel") {
    for (int i = 0; i < 4; ++i) world.new_channel(world.team, "more " + std::to_string(i));
    CHECK(world.post(world.team + "/channels", world.channel_body("last")).status == 429);
    CHECK(world.get(world.team + "/primaryChannel").status == 200);
    CHECK(world.get(world.team + "/primaryChannel").status == 429);
  }
  SECTION("ten teams a second of one app") {
    for (int i = 0; i < 10; ++i) CHECK(world.post("/teams", world.team_body()).status == 202);
    CHECK(world.post("/teams", world.team_body()).status == 429);
    CHECK(world.post("/teams", world.team_body(), "second").status == 202);
  }
  SECTION("the directory has no row") {
    for (int i = 0; i < 100; ++i) CHECK(world.get("/users?$top=1").status == 200);
  }
}

TEST_CASE("Strict: no six attempts in a second, and refused ones count", "[throttle]") {
  Paced world(with("strict"));
  CHECK(world.passed(world.one, 5) == 5);
  world.clock.ms += 900;
  const Reply refused = world.import(world.one);
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(world.passed(world.two, 5) == 5);
  // The refused one and four more fill the next second.
  world.clock.ms += 100;
  CHECK(world.passed(world.one, 5) == 4);
  for (int i = 0; i < 50; ++i) {
    world.clock.ms += 190;
    CHECK(world.passed(world.one, 1) == 0);
  }
  world.clock.ms += 1000;
  CHECK(world.passed(world.one, 5) == 5);
}

TEST_CASE("Off lets everything pass", "[throttle]") {
  Paced world(with("off"));
  CHECK(world.passed(world.one, 100) == 100);
}

TEST_CASE("What is not there is 404 at any pace and counts for nobody", "[throttle]") {
  for (const char* profile : {"article", "table", "strict"}) {
    Paced world(with(profile));
    const std::string nowhere = world.team + "/channels/19:x@thread.tacv2/messages";
    for (int i = 0; i < 60; ++i) CHECK(world.post(nowhere, world.message_body()).status == 404);
    CHECK(world.import(world.one).status == 200);
  }
}

TEST_CASE("Requests are sorted into classes and rows", "[throttle]") {
  struct Case {
    const char* method;
    std::vector<std::string> path;
    std::string_view traffic;
    std::string_view limit;
  };
  const std::vector<Case> each = {
      {"POST", {"chats", "c", "messages"}, "imports", "POST chat messages"},
      {"POST", {"teams", "t", "channels", "c", "messages", "1", "replies"}, "imports", "POST channel messages"},
      {"GET", {"teams", "t", "channels", "c", "messages", "1", "replies"}, "reads", "GET channel messages"},
      {"GET", {"users", "u", "chats", "c"}, "reads", "GET chat"},
      {"POST", {"users", "u", "chats", "c", "startMigration"}, "starts", "default POST"},
      {"POST", {"teams", "t", "completeMigration"}, "completions", "completeMigration"},
      {"POST", {"teams", "t", "members", "add"}, "members", "POST team members/add"},
      {"DELETE", {"chats", "c", "members", "m"}, "members", "POST or DELETE chat members"},
      {"GET", {"users"}, "reads", ""},
      {"PUT", {"drives", "d", "items", "i:", "a.txt:", "content"}, "uploads", ""},
      {"POST", {"$batch"}, "batches", ""},
      {"PATCH", {"teams", "t"}, "others", ""},
      {"DELETE", {}, "others", ""}};
  for (const Case& wanted : each) {
    const TrafficClass kind = classify(wanted.method, wanted.path);
    INFO(wanted.method << ' ' << (wanted.path.empty() ? "" : wanted.path.back()));
    CHECK(name_of(kind.traffic) == wanted.traffic);
    CHECK((kind.limit == nullptr ? std::string_view() : kind.limit->name) == wanted.limit);
  }
}

TEST_CASE("An unknown form of Retry-After is refused at the start", "[throttle]") {
  CHECK_FALSE(Router::open(with("article", "sometimes")));
}

}  // namespace teamferry::emulator
