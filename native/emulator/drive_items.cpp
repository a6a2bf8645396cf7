#include "native/emulator/drive_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

constexpr std::int64_t kHour = 3'600'000;

// "tenant" of "tenant.example", and what is behind it.
std::string sharepoint_host(const Call& call, std::string_view suffix) {
  const std::string& domain = call.store.tenant().domain;
  const auto dot = std::min(domain.find('.'), domain.size());
  return fmt::format("https://{}{}.sharepoint{}", domain.substr(0, dot), suffix, domain.substr(dot));
}

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string only_letters(std::string_view name) {
  std::string out;
  std::copy_if(name.begin(), name.end(), std::back_inserter(out), is_plain);
  return out.empty() ? "site" : out;
}

bool is_utf8(std::string_view text) {
  const Json value(text);
  return Json::parse(value.dump(-1, ' ', false, Json::error_handler_t::replace)) == value;
}

const Drive* made(const Result<const Drive*>& drive, Answer& refused) {
  if (drive) return *drive;
  refused = storage_failed(drive.error());
  return nullptr;
}

// The team that owns a library by its own right, or through a channel; a user's drive has none.
bool owner_is_gone(const Call& call, const Drive& drive) {
  const auto parts = split(drive.owner);
  if (parts[0] != "groups") return false;
  const Team* team = call.store.find_team(parts[1]);
  return team == nullptr || (parts.size() > 3 && call.store.find_channel(*team, parts[3]) == nullptr);
}

Json identity(const Call& call, const std::string& app) {
  const auto known = std::find_if(call.options.apps.begin(), call.options.apps.end(),
                                  [&](const App& a) { return a.client_id == app; });
  const std::string name = known == call.options.apps.end() ? "SharePoint App" : known->name;
  return {{"application", {{"id", app}, {"displayName", name}}}};
}

}  // namespace

Answer name_exists() {
  return Answer::error(409, "nameAlreadyExists", "The specified item name already exists.");
}

Answer item_not_found() {
  return Answer::error(404, "itemNotFound", "The resource could not be found.");
}

Answer invalid_request(std::string message) {
  return Answer::error(400, "invalidRequest", std::move(message));
}

std::string read_conflict(const std::string& text) {
  return text == "fail" || text == "replace" || text == "rename" ? text : "";
}

const Drive* drive_of_user(const Call& call, const User& user, Answer& refused) {
  const std::string owner = "users/" + user.id;
  if (const Drive* known = call.store.drives().of_owner(owner)) return known;
  std::string name = user.userPrincipalName;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  return made(
      call.store.drives().add_drive(
          owner, "business", fmt::format("{}/personal/{}{{}}/Documents", sharepoint_host(call, "-my"), name), call.now),
      refused);
}

const Drive* drive_of_channel(const Call& call, const Conversation& channel, Answer& refused) {
  const bool own_site = channel.membership != "standard";
  std::string owner = "groups/" + channel.team->id;
  std::string site = only_letters(channel.team->display_name);
  if (own_site) {
    owner += "/channels/" + channel.id;
    site += "-" + only_letters(channel.display_name);
  }
  if (const Drive* known = call.store.drives().of_owner(owner)) return known;
  return made(call.store.drives().add_drive(
                  owner, "documentLibrary",
                  fmt::format("{}/sites/{}{{}}/Shared%20Documents", sharepoint_host(call, ""), site), call.now),
              refused);
}

const Drive* find_drive(const Call& call, Answer& refused) {
  const std::string& key = call.keys[0];
  const auto parts = split(key);
  if (parts.size() == 3 && parts[0] == "users") {
    if (const User* user = call.store.find_user(parts[1])) return drive_of_user(call, *user, refused);
  } else if (parts.size() == 3) {
    const Team* team = call.store.find_team(lower_ascii(parts[1]));
    if (team != nullptr && team->visible_at <= call.now)
      return drive_of_channel(call, *team->channels.front(), refused);
  } else if (const Drive* drive = call.store.drives().find(key); drive != nullptr && !owner_is_gone(call, *drive)) {
    return drive;
  }
  refused = item_not_found();
  return nullptr;
}

std::optional<Spot> find_spot(const Call& call, Answer& refused) {
  const Drive* drive = find_drive(call, refused);
  if (drive == nullptr) return std::nullopt;
  const std::string_view key = call.keys[1];
  const auto colon = std::min(key.find(':'), key.size());
  const DriveItem* at = drive->find(std::string(key.substr(0, colon)));
  if (at == nullptr) {
    refused = item_not_found();
    return std::nullopt;
  }
  Spot spot{drive, at, at, {}};
  std::string_view path = key.substr(std::min(key.size(), colon + 1));
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return spot;
  for (const std::string_view name : split(path)) {
    if (spot.item != nullptr && !spot.item->folder) {
      refused = item_not_found();
      return std::nullopt;
    }
    if (spot.item != nullptr) spot.folder = spot.item;
    spot.item = spot.names.empty() ? drive->child(*spot.folder, name) : nullptr;
    if (spot.item == nullptr) spot.names.emplace_back(name);
  }
  return spot;
}

std::optional<Spot> find_item(const Call& call, Answer& refused) {
  auto spot = find_spot(call, refused);
  if (!spot || spot->item != nullptr) return spot;
  refused = item_not_found();
  return std::nullopt;
}

std::optional<Answer> refuse_name(const Drive& drive, const DriveItem& folder, std::string_view name) {
  constexpr std::size_t kMostUnits = 400;
  constexpr std::string_view kForbidden = "\"*:<>?/\\|";
  const auto edge = [](char c) { return c == ' ' || c == '.'; };
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
  if (name.empty() || edge(name.front()) || edge(name.back()) || name.find_first_of(kForbidden) != name.npos ||
      std::any_of(name.begin(), name.end(), control) || !is_utf8(name)) {
    return invalid_request(
        "The provided name is not valid: it has characters, or spaces or dots at its ends, that "
        "are not allowed.");
  }
  // The path behind the host, decoded.
  const std::string site = percent_decode(drive.web_url, false).value_or(drive.web_url);
  const std::string path = site.substr(site.find('/', 8)) + drive.path_of(folder);
  if (utf16_length(path) + 1 + utf16_length(name) > kMostUnits) {
    return invalid_request("The specified path is too long: a decoded path may have 400 characters.");
  }
  return std::nullopt;
}

std::string download_url(const Call& call, const Drive& drive, const DriveItem& item) {
  const std::string text = fmt::format("{} {} {}", call.now + kHour, drive.id, item.id);
  const std::string seal = hmac_sha256(call.store.key(), "download " + text).substr(0, 16);
  return fmt::format("{}/download/{}", call.base, base64url(seal + text));
}

std::string_view mime_type(std::string_view name) {
  struct Type {
    std::string_view extension, type;
  };
  static constexpr std::array kTypes = {
      Type{"txt", "text/plain"},
      Type{"csv", "text/csv"},
      Type{"htm", "text/html"},
      Type{"html", "text/html"},
      Type{"json", "application/json"},
      Type{"xml", "text/xml"},
      Type{"pdf", "application/pdf"},
      Type{"zip", "application/zip"},
      Type{"png", "image/png"},
      Type{"jpg", "image/jpeg"},
      Type{"jpeg", "image/jpeg"},
      Type{"gif", "image/gif"},
      Type{"mp4", "video/mp4"},
      Type{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      Type{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      Type{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
  };
  const auto dot = name.rfind('.');
  const std::string extension = dot == name.npos ? "" : lower_ascii(name.substr(dot + 1));
  for (const Type& each : kTypes) {
    if (each.extension == extension) return each.type;
  }
  return "application/octet-stream";
}

Json print_item(const Call& call, const Drive& drive, const DriveItem& item) {
  Json out = Json::object();
  if (!item.folder) out["@microsoft.graph.downloadUrl"] = download_url(call, drive, item);
  const std::string created = print_time(item.created);
  const std::string modified = print_time(item.modified);
  out["createdDateTime"] = created;
  out["eTag"] = fmt::format("\"{{{}}},{}\"", item.guid, item.version);
  out["id"] = item.id;
  out["lastModifiedDateTime"] = modified;
  out["name"] = item.name;
  // Files that Office opens have the address of its page, which no attachment can use.
  const bool office = !item.folder && mime_type(item.name).find("openxmlformats") != std::string_view::npos;
  const std::string site = drive.web_url.substr(0, drive.web_url.rfind('/'));
  out["webUrl"] = office ? fmt::format(
                               "{}/_layouts/15/Doc.aspx?sourcedoc=%7B{}%7D&file={}&action=default&"
                               "mobileredirect=true",
                               site, item.guid, percent_encode(item.name))
                         : drive.url_of(item);
  if (!item.folder) out["cTag"] = fmt::format("\"c:{{{}}},{}\"", item.guid, item.version);
  out["size"] = item.size;
  if (!item.app.empty()) {
    out["createdBy"] = identity(call, item.app);
    out["lastModifiedBy"] = identity(call, item.app);
  }
  Json parent = {{"driveType", drive.kind}, {"driveId", drive.id}};
  if (!item.parent.empty()) {
    const DriveItem& folder = *drive.find(item.parent);
    parent["id"] = folder.id;
    parent["name"] = folder.parent.empty() ? "Documents" : folder.name;
    parent["path"] = fmt::format("/drives/{}/root:{}", drive.id, drive.url_of(folder).substr(drive.web_url.size()));
  }
  out["parentReference"] = std::move(parent);
  out["fileSystemInfo"] = {{"createdDateTime", created}, {"lastModifiedDateTime", modified}};
  if (item.folder) {
    out["folder"] = {{"childCount", item.children.size()}};
    if (item.parent.empty()) out["root"] = Json::object();
  } else {
    out["file"] = {{"mimeType", mime_type(item.name)}};
  }
  return out;
}

Answer answer_item(const Call& call, int status, const Drive& drive, const DriveItem& item,
                   const std::string& context) {
  Answer refused;
  const auto chosen = select(call, print_item(call, drive, item), {}, refused);
  if (!chosen) return refused;
  const std::string place = context.empty() ? fmt::format("drives('{}')/items", percent_encode(drive.id)) : context;
  Json body = {{"@odata.context", call.context(place + select_context(call) + "/$entity")}};
  body.update(*chosen);
  return Answer::success(status, body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace teamferry::emulator
