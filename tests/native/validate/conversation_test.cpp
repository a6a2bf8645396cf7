#include "native/validate/conversation.h"

#include <catch2/catch.hpp>

#include "native/limits/limits.h"
#include "native/validate/text.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::validate;

namespace {

std::vector<std::string> channel(std::string_view name, const ChannelNames* taken = nullptr) {
  ChannelFacts facts;
  facts.displayName = name;
  facts.taken = taken;
  std::vector<std::string> lines;
  for (const auto& finding : check_channel(facts)) lines.push_back(finding.rule + " " + finding.message);
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("R38 judges the name of a channel", "[validate]") {
  CHECK(channel("launch-room") == Lines{});
  CHECK(channel("ランダム") == Lines{});
  CHECK(channel(std::string(50, 'x')) == Lines{});
  CHECK(channel("") == Lines{"R38 it is empty"});
  CHECK(channel(std::string(51, 'x')).front().ends_with("has 51 characters, the limit is 50"));
  CHECK(channel("r&d") == Lines{"R38 'r&d' holds the reserved character &"});
  CHECK(channel("_x") == Lines{"R38 '_x' begins with _"});
  CHECK(channel("x.") == Lines{"R38 'x.' ends with a dot"});
  CHECK(channel("GENERAL") == Lines{"R38 General is the team's own first channel"});
  CHECK(channel("a\nb") == Lines{"R38 it holds control characters or is not UTF-8"});
  ChannelNames taken;
  CHECK(taken.add("Über"));
  CHECK_FALSE(taken.add("ÜBER"));
  CHECK(channel("über", &taken) == Lines{"R38 'über' is taken in this team, where case does not count"});
}

TEST_CASE("How long a name or a description may be is data of the service", "[validate]") {
  const limits::Override other(
      R"({"sizes": {"channel_name_units": 40, "team_name_units": 41, "description_units": 42}})");
  CHECK(channel(std::string(41, 'x')).front().ends_with("has 41 characters, the limit is 40"));
  CHECK(legal_channel_name(std::string(60, 'x'), ChannelNames()).size() == 40);
  CHECK(legal_description(std::string(60, 'x')).size() == 42);
  CHECK(check_team({std::string(42, 'x'), std::string(43, 'x')}).size() == 2);
  CHECK(check_team({std::string(41, 'x'), std::string(42, 'x')}).empty());
}

TEST_CASE("R38 repairs every name into one that it passes", "[validate]") {
  ChannelNames taken;
  taken.add("random");
  CHECK(legal_channel_name("launch-room", taken) == "launch-room");
  CHECK(legal_channel_name("R&D: a/b?", taken) == "R-D- a-b-");
  CHECK(legal_channel_name("__x..", taken) == "x");
  CHECK(legal_channel_name("general", taken) == "general (2)");
  CHECK(legal_channel_name("Random", taken) == "Random (2)");
  CHECK(legal_channel_name("...", taken) == "channel");
  CHECK(legal_channel_name("", taken) == "channel");
  for (const std::string& name : {std::string(200, 'x'), std::string("a\x01\xFF\nb"), std::string(49, 'x') + " .y",
                                  std::string("😀") + std::string(48, 'x') + "😀", std::string("~#%&*{}+/\\:<>?|'\""),
                                  std::string(" . _"), std::string("\x7F")}) {
    for (int i = 0; i < 12; ++i) {
      const auto legal = legal_channel_name(name, taken);
      INFO(name << " -> " << legal);
      CHECK(channel(legal, &taken) == Lines{});
      taken.add(legal);
    }
  }
}

TEST_CASE("R39 limits descriptions and cuts them at a character", "[validate]") {
  ChannelFacts facts;
  facts.displayName = "x";
  std::string text;
  for (int i = 0; i < 513; ++i) text += "😀";
  facts.description = text;
  REQUIRE(check_channel(facts).size() == 1);
  CHECK(check_channel(facts).front().to_string() ==
        "R39 description: it has 1026 characters, the limit is 1024. Shorten it");
  const auto legal = legal_description(text);
  CHECK(utf16_units(legal) == limits::in_force().sizes.description_units);
  facts.description = legal;
  CHECK(check_channel(facts).empty());
  TeamFacts team;
  team.displayName = "Orbit archive";
  team.description = text;
  CHECK(check_team(team).front().rule == "R39");
}

TEST_CASE("R40 allows only standard channels to be born migrating", "[validate]") {
  ChannelFacts facts;
  facts.displayName = "x";
  facts.membershipType = "standard";
  CHECK(check_channel(facts).empty());
  facts.membershipType = "private";
  CHECK(check_channel(facts).front().rule == "R40");
}

TEST_CASE("R41 allows only the standard template", "[validate]") {
  TeamFacts facts;
  facts.displayName = "Orbit archive";
  CHECK(check_team(facts).empty());
  facts.template_name = "educationClass";
  CHECK(check_team(facts).front().rule == "R41");
  facts.template_name = "standard";
  facts.displayName = "";
  CHECK(check_team(facts).front().field == "displayName");
}
