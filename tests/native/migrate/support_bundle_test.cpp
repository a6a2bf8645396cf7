#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "native/migrate/scrub.h"
#include "native/migrate/support_bundle.h"
#include "world.h"

using namespace teamferry;
using fake::kAda;
using fake::kStart;

TEST_CASE("Addresses, tokens, quoted sentences and names are taken out of a text, and ids stay", "[migrate][bundle]") {
  migrate::Scrubber scrub;
  scrub.hide_name("Ada Lovelace");
  scrub.hide_name("Ada");
  scrub.hide_name("Zoë Krämer");
  scrub.hide_name("ab");
  scrub.hide_secret("s3cr~t/value");
  const auto becomes = [&scrub](const char* text, const char* expected) { CHECK(scrub(text) == expected); };
  becomes("user ada@acme.example is unknown", "user <mail> is unknown");
  becomes("GET /users?$filter=mail%20eq%20'ada%40acme.example'", "GET /users?$filter=mail%20eq%20'<mail>'");
  becomes("channel 19:f00@thread.tacv2 of 3a6fdce1-c261-48bc-89de-1cfef658c0d5",
          "channel 19:f00@thread.tacv2 of 3a6fdce1-c261-48bc-89de-1cfef658c0d5");
  becomes("Bearer eyJ0eXAiOiJKV1QiLCJub25jZSI6IjEyMzQ1Njc4OTAi.eyJhIjoxfQ.sig-_x", "Bearer <token>");
  becomes("ADA LOVELACE and ada, not Adam", "<name> and <name>, not Adam");
  becomes("by ZOË krämer", "by <name>");
  becomes("secret=s3cr~t/value;", "secret=<secret>;");
  becomes("text 'see you at the beach' is refused", "text '…' is refused");
  becomes("API requires one of 'Channel.ReadBasic.All, Team.ReadBasic.All'.",
          "API requires one of 'Channel.ReadBasic.All, Team.ReadBasic.All'.");
  becomes("it isn't there, can't be", "it isn't there, can't be");
  becomes("", "");
}

TEST_CASE("A bundle holds what support asks for, and nothing that a customer would mind", "[migrate][bundle]") {
  fake::World world;
  const int room = world.channel("Kündigungen Q3");
  world.message(room, kStart, kAda, "the launch code is xylophone");
  const auto bad = world.message(room, kStart + 1, kAda, "refused: marzipan");
  const auto parked = world.message(room, kStart + 2, kAda, "parked: nougat");
  world.plan();
  {
    const auto teams = world.journal->teams();  // a new plan forgets those that are not created
    auto writer = std::move(world.journal->begin_plan().value());
    for (const auto& team : teams) writer->put_team(team).value();
    writer
        ->put_person({"U1", "Ada Lovelace", "ada@acme.example", "user", "map", "ada@acme.example", kAda,
                      "Ada Lovelace (Acme)", 3})
        .value();
    writer->finish().value();
  }
  {
    fake::Life life(world, 1);
    life.service.script = [](const http::Request& request) {
      return request.body.find("marzipan") != std::string::npos ? fake::Fault::refuse : fake::Fault::none;
    };
    life.session.pace = throttle::Pace(throttle::no_limits());
    life.run();
    life.loop
        .run(life.committer->commit([&](journal::Transaction& t) { t.finding("doctor", 0, "about #Kündigungen Q3"); }))
        .value();
  }
  REQUIRE(world.state(bad) == journal::State::failed);
  REQUIRE(world.state(parked) == journal::State::sent);

  migrate::BundleInput input;
  input.version = "0.1.0";
  input.now = DateTime{kStart};
  input.identity = {"acme.onmicrosoft.example", "app-1", "https://graph.microsoft.com"};
  input.cloud = "global";
  input.pace = "article";
  input.journal = world.journal.get();
  input.secrets = {"Q~hunter2-hunter2"};
  migrate::Check check;
  check.area = "conversation";
  check.subject = "#Kündigungen Q3";
  check.code = "open_with_failures";
  check.text = "Kündigungen Q3: marzipan";
  check.conversation = 1;
  check.error.emplace();
  check.error->status = 403;
  check.error->code = "Forbidden";
  check.error->message = "'the launch code is xylophone' by Ada Lovelace, Q~hunter2-hunter2, ada@acme.example";
  check.error->request_id = "3a6fdce1-c261-48bc-89de-1cfef658c0d5";
  input.checks = {check};
  input.log =
      "2026-08-01T10:00:00.000Z POST /teams 202 35 ms, attempt 1, client-request-id c-1, request-id r-1\n"
      "2026-08-01T10:00:01.000Z note of Ada Lovelace <ada@acme.example>\n"
      "export AZURE_CLIENT_SECRET=Q~hunter2-hunter2\n";
  const std::string text = migrate::support_bundle(input);
  INFO(text);
  for (const char* kept_back : {"xylophone", "marzipan", "nougat", "Kündigungen", "Lovelace", "acme", "Q~hunter2"}) {
    INFO(kept_back);
    CHECK(text.find(kept_back) == std::string::npos);
  }
  const auto bundle = nlohmann::json::parse(text);
  CHECK(bundle.at("versions").at("teamferry") == "0.1.0");
  CHECK(bundle.at("settings").at("tenant") == "<a domain>");
  CHECK(bundle.at("checks").at(0).at("error").at("request_id") == "3a6fdce1-c261-48bc-89de-1cfef658c0d5");
  CHECK(bundle.at("checks").at(0).at("code") == "open_with_failures");
  CHECK(bundle.at("journal").at("states").at("sent") == 2);
  CHECK(bundle.at("journal").at("failures").at(0).at("reason").get<std::string>().starts_with("400"));
  CHECK(bundle.at("journal").at("conversations").at(0).at("owner") == "app-1");
  CHECK(bundle.at("journal").at("import_sessions").at(0).at("call") == "create_channel");
  CHECK(bundle.at("journal").at("findings").at("doctor") == 1);
  CHECK(bundle.at("log").at("lines").size() == 2);
  CHECK(bundle.at("log").at("lines_left_out") == 1);
}

TEST_CASE("A bundle without a journal tells of the surroundings alone", "[migrate][bundle]") {
  migrate::BundleInput input;
  input.version = "0.1.0";
  const auto bundle = nlohmann::json::parse(migrate::support_bundle(input));
  CHECK_FALSE(bundle.contains("journal"));
  CHECK_FALSE(bundle.contains("log"));
  CHECK(bundle.at("checks").empty());
}
