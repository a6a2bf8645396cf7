#include "native/validate/reactions.h"

#include "native/limits/limits.h"
#include "tests/native/validate/findings.h"

using namespace teamferry;
using namespace teamferry::validate;

namespace {

constexpr const char* kTime = "2019-02-04T20:00:00.000Z";

Lines found(const std::vector<ReactionFacts>& reactions, const ReactionContext& context = {}) {
  Findings findings;
  check_reactions(reactions, context, findings);
  return lines(findings);
}

}  // namespace

TEST_CASE("R30 takes what can be a reaction", "[validate]") {
  for (const char* type :
       {"like", "surprised", "👍", "👍🏽", "❤️", "1️⃣", "👨‍👩‍👧‍👦", "🇳🇴", "©", "‼️"}) {
    INFO(type);
    CHECK(is_reaction_type(type));
  }
  for (const char* type : {"", "thumbsup", ":+1:", "Like", "1", "👍a", "\xF0\x9F", "é", "👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍"}) {
    INFO(type);
    CHECK_FALSE(is_reaction_type(type));
  }
}

TEST_CASE("R30 wants type, time and user of each reaction, once", "[validate]") {
  CHECK(found({{"👍", kTime, kAda, ""}, {"👍", kTime, kBo, ""}, {"like", kTime, kAda, ""}}) == Lines{});
  CHECK(found({{"thumbsup", "", "", ""}}) == Lines{"R30 error reactions[0].reactionType: 'thumbsup' is no emoji",
                                                   "R30 error reactions[0].user.user.id: it is missing",
                                                   "R30 error reactions[0].createdDateTime: it is missing"});
  CHECK(found({{"", "today", "ada", ""}}) ==
        Lines{"R30 error reactions[0].reactionType: it is missing",
              "R30 error reactions[0].user.user.id: 'ada' is not a user's object id",
              "R30 error reactions[0].createdDateTime: 'today' is not a moment with its offset"});
  CHECK(found({{"custom", kTime, kAda, ""}}) ==
        Lines{"R30 error reactions[0].reactionContentUrl: a custom reaction has no picture"});
  CHECK(found({{"custom", kTime, kAda, "https://x.example/a.png"}}) == Lines{});
  CHECK(found({{"👍", kTime, kAda, ""}, {"👍", kTime, kAda, ""}}) ==
        Lines{std::string("R30 error reactions[1].reactionType: ") + kAda + " gave 👍 twice"});
}

TEST_CASE("R30 counts to 250", "[validate]") {
  const auto most = static_cast<std::size_t>(limits::in_force().counts.reactions_per_message);
  std::vector<std::string> users;
  for (std::size_t i = 0; i <= most; ++i) {
    auto id = std::string(kAda);
    users.push_back(id.replace(0, 3, std::to_string(100 + i)));
  }
  std::vector<ReactionFacts> reactions;
  for (std::size_t i = 0; i < most; ++i) reactions.push_back({"👍", kTime, users[i], ""});
  CHECK(found(reactions) == Lines{});
  reactions.push_back({"👍", kTime, users.back(), ""});
  CHECK(found(reactions) == Lines{"R30 error reactions: there are 251, the limit is 250"});
}

TEST_CASE("R31 lets nobody react before the message or in the future", "[validate]") {
  const std::vector<ReactionFacts> reactions{{"👍", kTime, kAda, ""}};
  CHECK(found(reactions, {at(kTime), at(kTime)}) == Lines{});
  CHECK(found(reactions, {at("2019-02-04T20:00:00.001Z"), {}}) ==
        Lines{"R31 warning reactions[0].createdDateTime: 2019-02-04T20:00:00.000Z is before the message"});
  CHECK(found(reactions, {{}, at("2019-02-04T19:59:59.999Z")}) ==
        Lines{"R31 warning reactions[0].createdDateTime: 2019-02-04T20:00:00.000Z is in the future"});
}
