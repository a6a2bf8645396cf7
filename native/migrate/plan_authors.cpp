#include "native/migrate/plan_authors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "native/validate/author.h"

namespace teamferry::migrate {
namespace {

constexpr std::size_t kNamed = 5;

struct Doubt {
  std::string cure;
  std::vector<std::string> names;
  std::int64_t messages = 0;
};

validate::AuthorFacts facts_of(const Author& author) {
  validate::AuthorFacts facts;
  facts.user_id = author.user.id;
  facts.displayName = author.user.displayName;
  facts.userIdentityType = "aadUser";
  facts.guest = author.user.guest;
  facts.enabled = author.user.enabled;
  // Who left the source and has an account in the tenant is still somebody.
  if (author.person.kind != "deleted") facts.kind_in_source = author.person.kind;
  // Somebody has decided so, the script or people.csv, and not the mail address alone.
  facts.stands_for_others = !author.mapped() || author.decided_by != author.person.mail;
  return facts;
}

// "Ada Park, Bo Lind and 3 others"
std::string listed(const std::vector<std::string>& names) {
  const auto shown = std::min(names.size(), kNamed);
  auto text = fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} others", names.size() - shown);
  return text;
}

const char* what_of(std::string_view rule) {
  if (rule == "R14") return "guests of the tenant as authors, who may be refused";
  if (rule == "R15") return "authors without a name in the tenant";
  if (rule == "R16") return "authors who are no people in the source";
  return "authors whose account is disabled, who may be refused";
}

}  // namespace

std::vector<std::string> doubtful_authors(const People& people) {
  std::map<std::string, Doubt> doubts;  // by rule
  for (const auto& author : people.all()) {
    if (author.messages == 0 || author.user.id.empty()) continue;
    validate::Findings findings;
    validate::check_author(facts_of(author), findings);
    for (const auto& finding : findings) {
      Doubt& doubt = doubts[finding.rule];
      doubt.cure = finding.cure;
      doubt.messages += author.messages;
      const auto& name = author.user.displayName.empty() ? author.user.id : author.user.displayName;
      if (std::find(doubt.names.begin(), doubt.names.end(), name) == doubt.names.end()) doubt.names.push_back(name);
    }
  }
  std::vector<std::string> sentences;
  for (const auto& [rule, doubt] : doubts) {
    sentences.push_back(fmt::format("{} ({}): {} messages of {}. {}", what_of(rule), rule, doubt.messages,
                                    listed(doubt.names), doubt.cure));
  }
  return sentences;
}

}  // namespace teamferry::migrate
