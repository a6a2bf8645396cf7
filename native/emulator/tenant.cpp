#include "native/emulator/tenant.h"

#include "native/emulator/text.h"

namespace teamferry::emulator {

std::vector<App> default_apps() {
  constexpr std::int64_t kLongAgo = 1'577'836'800'000;  // 2020-01-01
  // What the fact sheet (2.0) tells an admin to consent to for a full run.
  const std::vector<std::string> full = {
      "Teamwork.Migrate.All",    "Chat.Create",           "Chat.Read.All",      "ChatMember.ReadWrite.All",
      "ChannelMessage.Read.All", "Channel.ReadBasic.All", "Team.ReadBasic.All", "TeamMember.ReadWrite.All",
      "Files.ReadWrite.All",     "User.Read.All",         "Group.ReadWrite.All"};
  return {
      {"2f6c1a9e-0d34-4c58-8b17-e6a5d3f09c21", "emulator-full-secret", full, "full"},
      {"b85d7e40-92c1-4f6b-a3de-1c70f4825b96", "emulator-second-secret", full, "second"},
      {"64a90b3d-e812-47d5-9f06-c2b1875ad4e3", "emulator-import-secret", {"Teamwork.Migrate.All"}, "import-only"},
      {"d13f58c7-6ba4-4e02-b95c-08e7a261fd54",
       "emulator-reader-secret",
       {"Channel.ReadBasic.All", "Team.ReadBasic.All"},
       "reader",
       {{"emulator-reader-secret", std::nullopt}, {"emulator-expired-secret", kLongAgo}}},
      {"9c27e6d4-51fb-4a08-83b9-f4d06c7e1a52",
       "emulator-signed-in-secret",
       {},
       "signed-in",
       {},
       {},
       {"ChannelMessage.Send", "Team.ReadBasic.All", "User.Read"}},
  };
}

std::vector<User> default_users() {
  return {
      make_user("Ada Park", "ada.park@tenant.example"),
      make_user("Bruno Keller", "bruno.keller@tenant.example"),
      make_user("Chen Wei", "chen.wei@tenant.example"),
      make_user("Dalia Osman", "dalia.osman@tenant.example"),
      make_user("Emil Sørensen", "emil.sorensen@tenant.example"),
      make_user("Fatou Diop", "fatou.diop@tenant.example"),
  };
}

User make_fallback_user(const std::string& mail) {
  return make_user("Migration Archive", mail);
}

User make_user(const std::string& display_name, const std::string& mail) {
  return {guid_of("user:" + lower_ascii(mail)), display_name, mail, mail};
}

std::string guest_name(const std::string& mail, const std::string& domain) {
  std::string name = mail;
  const auto at = name.rfind('@');
  if (at != name.npos) name[at] = '_';
  return name + "#EXT#@" + domain;
}

}  // namespace teamferry::emulator
