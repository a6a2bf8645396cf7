#include "native/migrate/plan_message.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using nlohmann::json;

namespace {

struct Fixture {
  Sample sample;
  People people{sample.directory, sample.options.people};
  ChannelNames channels;
  std::vector<std::string> losses;
  MappedMessage message;

  Fixture() {
    people.begin().value();
    people.add(sample.mapper.persons).value();
    message.content = "<p>hello</p>";
  }
  MessageBuilder::Built built;
  json build(const std::string& author = "U1") {
    MessageBuilder builder(people, channels, sample.options);
    losses.clear();
    built = builder.build(message, *people.find(author),
                          [&](std::string_view kind, std::string_view) { losses.emplace_back(kind); });
    const auto body = json::parse(built.body, nullptr, false);
    built.body = {};
    return body;
  }
};

}  // namespace

TEST_CASE("A root keeps its subject, a reply loses it", "[plan]") {
  Fixture f;
  f.message.key = "k";
  f.message.subject = "Launch \"it\"";
  CHECK(f.build()["subject"] == "Launch \"it\"");
  CHECK(f.losses.empty());
  const std::string wide(300, 'w');
  f.message.subject = wide;
  CHECK(f.build()["subject"].get<std::string>().size() == 255);
  CHECK(f.losses == std::vector<std::string>{"markup"});
  f.message.reply_to = "root";
  CHECK_FALSE(f.build().contains("subject"));
  CHECK(f.losses == std::vector<std::string>{"markup"});
}

TEST_CASE("Urgent is high in a channel, and what is unknown is left out as a loss", "[plan]") {
  Fixture f;
  f.message.importance = "high";
  CHECK(f.build()["importance"] == "high");
  CHECK(f.losses.empty());
  f.message.importance = "urgent";
  CHECK(f.build()["importance"] == "high");
  CHECK(f.losses.size() == 1);
  f.message.importance = "shouted";
  CHECK_FALSE(f.build().contains("importance"));
  CHECK(f.losses.size() == 1);
}

TEST_CASE("The line in front of a fallback author's message is the project's own", "[plan]") {
  Fixture f;
  f.sample.options.fallback_line = "<p>By {name}:</p>";
  CHECK(f.build("U3")["body"]["content"] == "<p>By Cy Moss:</p><p>hello</p>");
  CHECK(f.build("U1")["body"]["content"] == "<p>hello</p>");
  f.sample.options.fallback_line = "<em>{name}</em>";
  CHECK(f.build("U3")["body"]["content"] == "<p><em>Cy Moss</em></p><p>hello</p>");
}

TEST_CASE("R25, R32: a body may not show what is not sent with it", "[plan]") {
  Fixture f;
  f.message.content = "<p><img src=\"../hostedContents/1/$value\"></p>";
  f.build();
  CHECK(f.built.failure.starts_with("R32 body.content: the image ../hostedContents/1/$value is not in hostedContents"));
  f.message.content = "<p>x</p><attachment id=\"9\"></attachment>";
  f.build();
  CHECK(f.built.failure.starts_with("R25 body.content: <attachment id=\"9\"> has no entry"));
  f.message.content = "<p><at person=\"U1\">R&amp;D \x01</at></p>";
  CHECK(f.build()["mentions"][0]["mentionText"] == "R&D ");
  CHECK(f.built.failure.empty());
}

TEST_CASE("What can be mended is mended where the project asks for it, and each rule is a loss", "[plan]") {
  Fixture f;
  f.message.content = "<p><font>a</p><script>b</script><img src=\"../hostedContents/1/$value\">";
  f.build();
  CHECK_FALSE(f.built.failure.empty());
  CHECK(f.losses == std::vector<std::string>{"markup"});
  f.sample.options.repair = PlanOptions::Repair::safe;
  CHECK(f.build()["body"]["content"] == "<p>a</p>");
  CHECK(f.built.failure.empty());
  CHECK(f.losses == std::vector<std::string>{"repaired", "repaired", "repaired"});
  f.message.content = "<p>fine</p>";
  CHECK(f.build()["body"]["content"] == "<p>fine</p>");
  CHECK(f.losses.empty());
  f.message.content = "<script>b</script>";
  CHECK(f.build()["body"]["content"] == "&nbsp;");
  const std::string wide(30'000, 'w');
  f.message.content = wide;
  f.build();
  CHECK(f.built.failure.starts_with("R20"));
  CHECK(f.losses.empty());
}
