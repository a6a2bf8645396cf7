// Who is in the target's tenant, for commands that match people.

#include <algorithm>

#include <fmt/format.h>

#include "bindings/project.h"
#include "native/graph/batch.h"
#include "native/graph/directory.h"
#include "native/graph/json.h"
#include "native/graph/read_user.h"
#include "native/http/curl_loop.h"
#include "native/http/url.h"

namespace teamferry::bindings {

namespace {

constexpr const char* kUserFields =
    "$select=id,displayName,mail,userPrincipalName,accountEnabled,userType,proxyAddresses";

bool is_address(const std::string& who) {
  return who.find('@') != std::string::npos;
}

std::string users_where(const std::string& filter) {
  return fmt::format("/users?$filter={}&{}", http::percent_encode(filter), kUserFields);
}

// By an address whoever has it, by anything else whose id it is.
std::string question_about(const std::string& who) {
  if (!is_address(who)) return fmt::format("/users/{}?{}", http::percent_encode(who), kUserFields);
  return users_where(fmt::format("mail eq {0} or userPrincipalName eq {0}", graph::odata_text(who)));
}

std::string question_about_alias(const std::string& who) {
  return users_where(fmt::format("proxyAddresses/any(p:p eq {})", graph::odata_text("smtp:" + who)));
}

// One user, or a list of them of which a living one counts first.
Result<std::optional<graph::User>> user_of(const graph::BatchAnswer& answer) {
  if (answer.error && answer.error->status == 404) return std::optional<graph::User>();
  if (answer.error) return *answer.error;
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  if (!body.is_object()) return graph::unreadable("$batch", "a user is no object");
  const auto list = body.find("value");
  if (list == body.end()) {
    auto user = graph::read_user(body);
    if (!user) return user.error();
    return std::optional(std::move(*user));
  }
  std::optional<graph::User> best;
  for (const auto& item : *list) {
    auto user = graph::read_user(item);
    if (!user) return user.error();
    if (!best || (user->accountEnabled && !best->accountEnabled)) best = std::move(*user);
  }
  return best;
}

}  // namespace

Result<Project::Users> Project::directory(std::size_t most) {
  auto reached = target();
  if (!reached) return reached.error();
  Target& there = **reached;
  graph::Directory pages(there.client());
  Users found;
  while (found.users.size() < most) {
    auto page = there.loop().run(pages.next());
    if (!page) return interrupted_or(page.error());
    if (!*page) {
      found.whole = true;
      break;
    }
    for (auto& user : **page) found.users.push_back(std::move(user));
  }
  return found;
}

Status Project::ask_for_users(const std::vector<std::string>& whom, bool as_alias,
                              std::vector<std::optional<graph::User>>& found) {
  auto reached = target();
  if (!reached) return reached.error();
  Target& there = **reached;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < whom.size(); ++i) {
    if (!found[i] && (!as_alias || is_address(whom[i]))) open.push_back(i);
  }
  for (std::size_t first = 0; first < open.size(); first += graph::batch_parts()) {
    const std::size_t end = std::min(first + graph::batch_parts(), open.size());
    std::vector<graph::BatchPart> parts;
    for (std::size_t i = first; i < end; ++i) {
      const std::string& who = whom[open[i]];
      parts.push_back({as_alias ? question_about_alias(who) : question_about(who)});
    }
    auto answers = there.loop().run(graph::batch(there.client(), std::move(parts)));
    if (!answers) return interrupted_or(answers.error());
    for (std::size_t i = first; i < end; ++i) {
      const auto& answer = (*answers)[i - first];
      // Who may read names may still not ask for aliases: then there is nobody to be found that way.
      if (as_alias && answer.error && (answer.error->status == 400 || answer.error->status == 403)) continue;
      auto user = user_of(answer);
      if (!user) return interrupted_or(user.error());
      found[open[i]] = std::move(*user);
    }
  }
  return done();
}

Result<Project::Answers> Project::find_users(const std::vector<std::string>& whom) {
  Answers answers;
  answers.users.resize(whom.size());
  for (const bool as_alias : {false, true}) {
    if (auto asked = ask_for_users(whom, as_alias, answers.users); !asked) return asked.error();
  }
  return answers;
}

}  // namespace teamferry::bindings
