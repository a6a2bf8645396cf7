#include "native/emulator/people_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "native/emulator/csv.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using Columns = std::map<std::string, std::size_t>;

// Both people.csv and exported lists of users; spaces and case of the names are no difference.
Columns read_columns(const CsvRow& head) {
  static const std::map<std::string, std::string> kNames = {
      {"person", "person"}, {"name", "name"}, {"displayname", "name"}, {"mail", "mail"},
      {"email", "mail"},    {"kind", "kind"}, {"usertype", "kind"},    {"decision", "decision"},
      {"target", "target"}, {"id", "id"},     {"objectid", "id"},      {"userprincipalname", "upn"},
      {"upn", "upn"}};
  Columns columns;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    std::string name = lower_ascii(head.fields[i]);
    name.erase(std::remove_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '-' || c == '_'; }),
               name.end());
    const auto known = kNames.find(name);
    if (known != kNames.end()) columns.emplace(known->second, i);
  }
  return columns;
}

// What is not UTF-8 could neither be stored nor answered.
std::string clean(const std::string& text) {
  using nlohmann::json;
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

bool is_address(const std::string& text) {
  const auto at = text.find('@');
  return at != text.npos && at != 0 && at + 1 != text.size() && text.find_first_of(" \t\r\n") == text.npos;
}

// The user of a row; nothing when there is nobody to make.
Result<std::optional<User>> read_user(const CsvRow& row, const Columns& columns, const Tenant& tenant) {
  const auto field = [&](const char* name) {
    const auto column = columns.find(name);
    if (column == columns.end() || column->second >= row.fields.size()) return std::string();
    const std::string& text = row.fields[column->second];
    const auto first = text.find_first_not_of(" \t");
    return first == text.npos ? std::string() : clean(text.substr(first, text.find_last_not_of(" \t") - first + 1));
  };
  const auto wrong = [](std::string what) { return Error::argument("bad_people", std::move(what)); };
  const std::optional<User> nobody;
  const std::string decision = lower_ascii(field("decision"));
  if (decision == "skip" || decision == "fallback") return nobody;
  const std::string target = field("target");
  const std::string kind = lower_ascii(field("kind"));
  if (target.empty() && (kind == "bot" || kind == "deleted")) return nobody;

  User user;
  user.mail = is_address(target) ? target : field("mail");
  if (!user.mail.empty() && !is_address(user.mail)) return wrong(fmt::format("'{}' is no mail address", user.mail));
  if (!target.empty() && !is_address(target) && !is_guid(target)) {
    return wrong(fmt::format("the target '{}' is neither an address nor an id", target));
  }
  const std::string person = field("person");
  user.userPrincipalName = field("upn");
  if (kind == "guest") {
    user.userType = "Guest";
    if (user.userPrincipalName.empty() && !user.mail.empty()) {
      user.userPrincipalName = guest_name(user.mail, tenant.domain);
    }
  }
  if (user.userPrincipalName.empty()) user.userPrincipalName = user.mail;
  if (user.userPrincipalName.empty() && !person.empty()) {
    user.userPrincipalName = percent_encode(person) + "@" + tenant.domain;
  }
  if (user.userPrincipalName.empty()) return wrong("has neither an address nor a 'person'");
  user.displayName = field("name");
  if (user.displayName.empty()) user.displayName = user.userPrincipalName;
  user.id = is_guid(target) ? target : field("id");
  if (user.id.empty()) user.id = make_user("", user.mail.empty() ? user.userPrincipalName : user.mail).id;
  if (!is_guid(user.id)) return wrong(fmt::format("the id '{}' is no GUID", user.id));
  user.id = lower_ascii(user.id);
  return std::optional(std::move(user));
}

}  // namespace

Status add_users_from(const std::string& file, Store& store) {
  const auto problem = [&](const std::string& text) {
    return Error::argument("bad_people", fmt::format("{}: {}", file, text));
  };
  std::error_code unknown;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, unknown)) return problem("the file cannot be read");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto rows = read_csv(text);
  if (!rows) return problem(rows.error().message);
  if (rows->empty()) return problem("is empty; its first line names the columns: person,name,mail,kind");
  const Columns columns = read_columns(rows->front());
  if (columns.count("mail") + columns.count("upn") + columns.count("person") == 0) {
    return problem("the first line names none of the columns mail, userPrincipalName and person");
  }
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const auto read = read_user((*rows)[i], columns, store.tenant());
    if (!read) return problem(fmt::format("line {}: {}", (*rows)[i].line, read.error().message));
    const std::optional<User>& user = *read;
    if (!user) continue;
    const auto known = [&](const std::string& name) { return !name.empty() && store.find_user(name) != nullptr; };
    if (known(user->id) || known(user->userPrincipalName) || known(user->mail)) continue;
    Status added = store.add_user(*user);
    if (!added) return added;
  }
  return done();
}

}  // namespace teamferry::emulator
