#include "native/limits/limits.h"
#include "native/limits/described.h"
#include "native/limits/fields.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::limits;
using Catch::Matchers::Contains;

namespace {

std::string refusal(const std::string& json) {
  auto read = overridden(json, "acme.json");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().kind == Error::Kind::argument);
  CHECK_THAT(read.error().message, Contains("acme.json"));
  return read.error().message;
}

Error error_that_says(std::string message, std::string inner = {}) {
  Error error;
  error.message = std::move(message);
  error.inner_message = std::move(inner);
  return error;
}

}  // namespace

TEST_CASE("What is built in holds the numbers of the fact sheet", "[limits]") {
  const Limits& now = in_force();
  CHECK(now.sizes.message_soft_bytes == 25'000);
  CHECK(now.sizes.message_hard_bytes == 28'000);
  CHECK(now.sizes.upload_chunk_step_bytes == 320 * 1024);
  CHECK(now.counts.channels_per_team == 1'000);
  CHECK(now.counts.reactions_per_message == 250);
  CHECK(now.pace.article_per_second == 5);
  CHECK(now.rate(RequestClass::import_to_channel).tenant_per_second == 50);
  CHECK(now.rate(RequestClass::add_team_member).resource_requests == 4);
  CHECK(now.rate(RequestClass::add_team_member).resource_seconds == 60);
  CHECK(now.texts.other_session == Texts{"session intiator", "session initiator"});
}

TEST_CASE("Each number and text says who says so, when, and how sure that is", "[limits]") {
  std::set<Mark> marks;
  for (const auto& [name, field] : fields()) {
    INFO(name);
    const Provenance& from = in_force().provenance(name);
    CHECK_THAT(from.source, Catch::Matchers::StartsWith("https://"));
    CHECK_THAT(from.as_of, Catch::Matchers::Matches("20[0-9]{2}(-[0-9]{2})?"));
    marks.insert(from.mark);
  }
  CHECK(marks.size() == 3);
  CHECK(in_force().provenance("pace.article_per_second").mark == Mark::documented);
  CHECK(in_force().provenance("pace.floor_per_second").mark == Mark::inferred);
  CHECK(in_force().provenance("requests.start.app_per_second").source ==
        "https://learn.microsoft.com/graph/throttling-limits");
  CHECK_THROWS_AS(in_force().provenance("sizes.nothing"), std::out_of_range);
}

TEST_CASE("A project's file changes what it names and nothing else", "[limits]") {
  auto read = overridden(R"({"about": "Acme's tenant", "sizes": {"message_soft_bytes": 20000},
      "requests": {"start": {"tenant_per_second": 12.5}},
      "texts": {"too_early": {"value": ["zu früh"], "note": "seen on 2026-09-01"}}})",
                         "acme.json");
  REQUIRE(read.ok());
  CHECK(read->sizes.message_soft_bytes == 20'000);
  CHECK(read->sizes.message_hard_bytes == 28'000);
  CHECK(read->rate(RequestClass::start).tenant_per_second == 12.5);
  CHECK(read->rate(RequestClass::start).resource_requests == 1);
  CHECK(read->texts.too_early == Texts{"zu früh"});
  CHECK(read->provenance("sizes.message_soft_bytes").source == "acme.json");
  CHECK(read->provenance("sizes.message_hard_bytes").source != "acme.json");
  CHECK(read->overrides_json() ==
        R"({"requests.start.tenant_per_second":12.5,"sizes.message_soft_bytes":20000,"texts.too_early":["zu früh"]})");
  CHECK(in_force().overrides_json() == "{}");
}

TEST_CASE("A name that is unknown is refused with the nearest one", "[limits]") {
  CHECK_THAT(refusal(R"({"sizes": {"mesage_soft_bytes": 20000}})"),
             Contains("no limit 'sizes.mesage_soft_bytes'") && Contains("'sizes.message_soft_bytes'"));
  CHECK_THAT(refusal(R"({"count": {"batch_parts": 10}})"), Contains("'counts.batch_parts'"));
  CHECK_THAT(refusal(R"({"sizes": 7})"), Contains("no limit 'sizes'"));
  CHECK_THAT(refusal(R"({"sizs": {}})"), Contains("sizs holds no value"));
  CHECK_THAT(refusal(R"({"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}})"), Contains("no limit 'a.a.a.a"));
}

TEST_CASE("A value that makes no sense is refused", "[limits]") {
  CHECK_THAT(refusal(R"({"sizes": {"message_soft_bytes": "20000"}})"), Contains(R"(is "20000": it is a whole number)"));
  CHECK_THAT(refusal(R"({"sizes": {"message_soft_bytes": 0}})"), Contains("from 1 to"));
  CHECK_THAT(refusal(R"({"sizes": {"message_soft_bytes": 2.5}})"), Contains("whole number"));
  CHECK_THAT(refusal(R"({"pace": {"used_share": 80}})"), Contains("from 0.01 to 1"));
  CHECK_THAT(refusal(R"({"pace": {"used_share": null}})"), Contains("null"));
  CHECK_THAT(refusal(R"({"texts": {"too_early": "late"}})"), Contains("list of texts"));
  CHECK_THAT(refusal(R"({"texts": {"too_early": [""]}})"), Contains("none of them empty"));
  CHECK_THAT(refusal(R"({"texts": {"too_early": []}})"), Contains("list of texts"));
  CHECK_THAT(refusal(R"({"sizes": {"mark": "guessed"}})"), Contains("documented, observed, inferred"));
  CHECK_THAT(refusal("[]"), Contains("not a JSON object"));
  CHECK_THAT(refusal("{"), Contains("not a JSON object"));
}

TEST_CASE("Values that contradict each other are refused", "[limits]") {
  CHECK_THAT(refusal(R"({"sizes": {"message_soft_bytes": 28001}})"), Contains("more than sizes.message_hard_bytes"));
  CHECK_THAT(refusal(R"({"sizes": {"request_bytes": 20000}})"), Contains("more than sizes.request_bytes"));
  CHECK_THAT(refusal(R"({"sizes": {"upload_chunk_bytes": 5000000}})"), Contains("no multiple"));
  CHECK_THAT(refusal(R"({"pace": {"floor_per_second": 4.6}})"), Contains("pace.floor_per_second"));
  CHECK_THAT(refusal(R"({"pace": {"tenant_floor_per_second": 41}})"), Contains("pace.tenant_start_per_second"));
}

TEST_CASE("A file that is not there is named", "[limits]") {
  auto read = read_file("no/such/limits.json");
  REQUIRE_FALSE(read.ok());
  CHECK_THAT(read.error().message, Contains("no/such/limits.json"));
  CHECK(read_file("").ok());
}

TEST_CASE("What is put in force counts at once, and older references stay good", "[limits]") {
  const Limits& before = in_force();
  {
    const Override smaller(R"({"counts": {"batch_parts": 5}})");
    CHECK(in_force().counts.batch_parts == 5);
    CHECK(before.counts.batch_parts == 20);
  }
  CHECK(in_force().counts.batch_parts == 20);
}

TEST_CASE("The service's texts are recognised in any letter case and at any depth", "[limits]") {
  const Texts& texts = in_force().texts.already_completed;
  CHECK(says(error_that_says("Channel has ALREADY been finalized."), texts));
  CHECK(says(error_that_says("Bad Request", "x-the channel is not in migration mode"), texts));
  CHECK_FALSE(says(error_that_says("Bad Request"), texts));
  CHECK_FALSE(says(error_that_says(""), texts));
}

TEST_CASE("Every limit can be read by its name, with who says so, and a project's value replaces ours", "[limits]") {
  const auto limits = overridden(R"({"sizes": {"message_soft_bytes": 20000}})", "limits.json");
  REQUIRE(limits.ok());
  const auto all = nlohmann::json::parse(described_json(*limits));
  CHECK(all.size() == fields().size());
  CHECK(all.at("sizes.message_soft_bytes").at("value") == 20000);
  CHECK(all.at("sizes.message_soft_bytes").at("source") == "limits.json");
  CHECK(all.at("counts.batch_parts").at("value") == 20);
  CHECK(all.at("answers.duplicate").at("value") == nlohmann::json{"refused: 409"});
  CHECK(all.at("requests.start.app_per_second").at("value") == 300);
}
