#include "native/auth/roles.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace teamferry::auth {
namespace {

using Roles = std::vector<std::string_view>;

constexpr std::string_view kHowToGrant =
    "add it to the app registration (API permissions, Microsoft Graph, application permissions), have an administrator "
    "grant admin consent, wait some minutes, since only new tokens know of it, and run again";

const Roles& roles_for(std::string_view primitive) {
  for (const auto& permission : permissions()) {
    if (permission.primitive == primitive) return permission.any_of;
  }
  throw std::logic_error(fmt::format("no permission is known for '{}'", primitive));
}

void add_once(std::vector<std::string_view>& list, std::string_view item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// "run, verify and complete"
std::string in_words(const std::vector<std::string_view>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

std::string app_of(const Claims& claims) {
  if (claims.app_name.empty()) return fmt::format("the application {}", claims.client_id);
  return fmt::format("the application '{}' ({})", claims.app_name, claims.client_id);
}

Error refused(std::string code, std::string message) {
  Error error = Error::state(std::move(code), std::move(message));
  error.kind = Error::Kind::service;
  return error;
}

std::vector<std::string_view> commands_of(std::span<const Work> works) {
  std::vector<std::string_view> commands;
  for (const Work work : works) add_once(commands, command_of(work));
  return commands;
}

// The least permissions of what is required, each once.
std::string required_for(std::span<const Work> works) {
  std::vector<std::string_view> least;
  for (const auto& gap : missing_roles(Claims{}, works)) {
    if (gap.need == Need::required) least.push_back(gap.any_of.front());
  }
  return in_words(least);
}

}  // namespace

const std::vector<Permission>& permissions() {
  static const Roles kMigrate = {"Teamwork.Migrate.All"};
  static const Roles kTeam = {"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All",
                              "Group.Read.All",     "Group.ReadWrite.All",   "Directory.Read.All"};
  static const Roles kChannel = {"Channel.ReadBasic.All", "ChannelSettings.Read.All", "ChannelSettings.ReadWrite.All",
                                 "Group.Read.All", "Group.ReadWrite.All"};
  static const std::vector<Permission> kPermissions = {
      {"create_team", kMigrate},
      {"create_channel", kMigrate},  // Channel.Create opens the normal creation alone
      {"start_migration", kMigrate},
      {"import_message", kMigrate},
      {"complete_migration", kMigrate},
      {"team", kTeam},
      {"channel", kChannel},
      {"channel_messages", {"ChannelMessage.Read.All"}},
      {"add_team_member", {"TeamMember.ReadWriteNonOwnerRole.All", "TeamMember.ReadWrite.All", "Group.ReadWrite.All"}},
      {"add_team_owner", {"TeamMember.ReadWrite.All", "Group.ReadWrite.All"}},
      {"add_channel_member", {"ChannelMember.ReadWrite.All", "Group.ReadWrite.All"}},
      {"create_chat", {"Chat.Create", "Chat.ReadWrite.All"}},
      {"chat", {"Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"}},
      {"chat_messages", {"ChatMessage.Read.All", "Chat.Read.All", "Chat.ReadWrite.All"}},
      {"chat_members", {"ChatMember.ReadWrite.All", "Chat.ReadWrite.All"}},
      {"users", {"User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"}},
      {"files", {"Files.ReadWrite.All", "Sites.ReadWrite.All"}},
      {"delete_team", {"Group.ReadWrite.All"}},
  };
  return kPermissions;
}

std::string_view command_of(Work work) {
  switch (work) {
    case Work::plan:
      return "plan";
    case Work::create:
    case Work::import:
    case Work::import_existing:
    case Work::tell_apart:
    case Work::tell_apart_chat:
    case Work::chats:
      return "run";
    case Work::verify:
      return "verify";
    case Work::complete:
    case Work::members:
    case Work::channel_members:
    case Work::chat_members:
      return "complete";
    case Work::files:
      return "files";
    case Work::remove_team:
      return "remove-team";
    case Work::doctor:
      return "doctor";
  }
  throw std::logic_error("no such work");
}

const std::vector<Want>& wants() {
  using enum Need;
  static const std::vector<Want> kWants = {
      {Work::plan, "users", required, "find people in the tenant"},

      {Work::create, "create_team", required, "create teams and channels in migration mode"},
      {Work::create, "team", required, "see when a new team is ready"},
      {Work::create, "channel", required, "see when a new channel is ready"},

      {Work::import, "import_message", required, "import messages"},
      {Work::import, "channel", recommended, "see whether a channel still takes imports"},
      {Work::import, "channel_messages", recommended, "find out whether a message arrived whose answer was lost"},

      {Work::import_existing, "start_migration", required, "switch an existing channel to migration mode"},
      {Work::import_existing, "channel", required, "see where an existing channel stands"},

      {Work::tell_apart, "channel_messages", required, "tell others' messages from ours in an existing channel"},
      {Work::tell_apart_chat, "chat_messages", required, "tell others' messages from ours in an existing chat"},

      {Work::verify, "channel_messages", required, "read messages back"},

      {Work::complete, "complete_migration", required, "complete the migration"},
      {Work::complete, "channel", required, "find every channel that is to be completed"},

      {Work::members, "add_team_member", required, "add members to a team"},
      {Work::members, "add_team_owner", recommended, "add owners to a team"},
      {Work::channel_members, "add_channel_member", required, "add members to private and shared channels"},

      {Work::chats, "create_chat", required, "create chats"},
      {Work::chats, "start_migration", required, "switch chats to migration mode and import their messages"},
      {Work::chats, "chat", required, "see where a chat stands"},
      {Work::chats, "chat_messages", recommended, "find out whether a message arrived whose answer was lost"},
      {Work::chat_members, "chat_members", required, "give members of chats the history to see"},

      {Work::files, "files", required, "upload files"},
      {Work::remove_team, "delete_team", required, "delete a team whose migration failed"},

      {Work::doctor, "team", recommended, "look at teams"},
      {Work::doctor, "channel", recommended, "look at the state of channels"},
      {Work::doctor, "channel_messages", recommended, "settle messages in doubt"},
      {Work::doctor, "chat", recommended, "look at the state of chats"},
  };
  return kWants;
}

std::string Gap::to_string() const {
  std::string text(any_of.front());
  if (any_of.size() > 1) text += fmt::format(" (or {})", fmt::join(any_of.begin() + 1, any_of.end(), ", "));
  return fmt::format("{}, to {}", text, in_words(purposes));
}

std::vector<Gap> missing_roles(const Claims& claims, std::span<const Work> works) {
  std::vector<Gap> gaps;
  for (const auto& want : wants()) {
    if (std::find(works.begin(), works.end(), want.work) == works.end()) continue;
    const Roles& any_of = roles_for(want.primitive);
    if (std::any_of(any_of.begin(), any_of.end(), [&](std::string_view role) { return claims.has_role(role); })) {
      continue;
    }
    auto gap = std::find_if(gaps.begin(), gaps.end(), [&](const Gap& known) { return known.any_of == any_of; });
    if (gap == gaps.end()) {
      gaps.push_back({any_of, want.need, {}, {}});
      gap = gaps.end() - 1;
    }
    if (want.need == Need::required) gap->need = Need::required;
    add_once(gap->commands, command_of(want.work));
    add_once(gap->purposes, want.purpose);
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.need < b.need; });
  return gaps;
}

Result<std::vector<std::string>> check_roles(std::string_view token, std::span<const Work> works) {
  std::vector<std::string> notes;
  const auto claims = read_claims(token);
  if (!claims) return notes;
  if (claims->delegated) {
    return refused("delegated_token",
                   "this token is a person's (it has the claim scp), and no migration call takes one: sign in as an "
                   "application, with a client secret, a certificate or a federated token");
  }
  const auto gaps = missing_roles(*claims, works);
  std::string missing;
  std::vector<std::string_view> commands;
  int required = 0;
  for (const auto& gap : gaps) {
    if (gap.need == Need::recommended) {
      notes.push_back(fmt::format("{} will go without a permission that is recommended: {}. To have it, {}",
                                  in_words(gap.commands), gap.to_string(), kHowToGrant));
      continue;
    }
    ++required;
    missing += (missing.empty() ? "" : "; ") + gap.to_string();
    for (const auto command : gap.commands) add_once(commands, command);
  }
  if (required == 0) return notes;
  if (claims->roles.empty()) {
    return refused(
        "no_roles",
        fmt::format("the token of {} has no application permissions at all: nothing was consented to, or the "
                    "token is older than the consent. {} cannot do without {}: {}",
                    app_of(*claims), in_words(commands_of(works)), required_for(works), kHowToGrant));
  }
  return refused("missing_role", fmt::format("{} lacks {} that {} cannot do without: {}. Next: {}", app_of(*claims),
                                             required == 1 ? "an application permission" : "application permissions",
                                             in_words(commands), missing, kHowToGrant));
}

}  // namespace teamferry::auth
