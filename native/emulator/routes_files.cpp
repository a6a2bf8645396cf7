#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/drive_items.h"
#include "native/emulator/routes.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// The folders of channels, drives, and what is in them. The bytes are routes_uploads.cpp's.
namespace teamferry::emulator {
namespace {

// What may stand in an address of a channel's name.
std::string folder_name(const Conversation& channel) {
  std::string name;
  for (const char c : channel.display_name) {
    if (std::string_view("\"*:<>?/\\|").find(c) == std::string_view::npos) name += c;
  }
  const auto first = name.find_first_not_of(" .");
  if (first == name.npos) return "Channel";
  return name.substr(first, name.find_last_not_of(" .") - first + 1);
}

// The library and the folder come with the first look, as in the service.
Status make_files_folder(const Call& call, const Conversation& channel, Answer& refused) {
  const Drive* drive = drive_of_channel(call, channel, refused);
  if (drive == nullptr) return Error::state("emulator_state", refused.message);
  Drives& drives = call.store.drives();
  const DriveItem& root = *drive->find(drive->root);
  auto folder = drives.add_folder(*drive, root, free_name(*drive, root, folder_name(channel)), "", call.now);
  if (!folder) return folder.error();
  return drives.add_files_folder(channel.id, *drive, **folder, call.now + call.options.files_delay.count());
}

Answer answer_files_folder(Call& call, const Conversation& channel) {
  Drives& drives = call.store.drives();
  const FilesFolder* place = drives.folder_of(channel.id);
  const bool first_look = place == nullptr;
  if (first_look) {
    Answer refused;
    Status made = make_files_folder(call, channel, refused);
    if (!made) return storage_failed(made.error());
    place = drives.folder_of(channel.id);
  }
  if (place->visible_at > call.now || (first_look && !call.options.variants.folders_ready)) {
    return Answer::error(404, "itemNotFound",
                         "Folder location for this channel is not ready yet, please try again later.");
  }
  const Drive* drive = drives.find(place->drive);
  const DriveItem* folder = drive->find(place->item);
  if (folder == nullptr) return item_not_found();
  return answer_item(
      call, 200, *drive, *folder,
      fmt::format("teams('{}')/channels('{}')/filesFolder", channel.team->id, percent_encode(channel.id)));
}

}  // namespace

Answer get_files_folder(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  return channel == nullptr ? refused : answer_files_folder(call, *channel);
}

Answer get_primary_files_folder(Call& call) {
  Answer refused;
  const Conversation* channel = find_primary_channel(call, refused);
  return channel == nullptr ? refused : answer_files_folder(call, *channel);
}

Answer get_drive(Call& call) {
  Answer refused;
  const Drive* drive = find_drive(call, refused);
  if (drive == nullptr) return refused;
  const auto owner = split(drive->owner);
  Json by;
  if (owner[0] == "users") {
    const User* user = call.store.find_user(owner[1]);
    by["user"] = {{"id", owner[1]}, {"displayName", user != nullptr ? user->displayName : ""}};
  } else {
    const Team* team = call.store.find_team(owner[1]);
    by["group"] = {{"id", owner[1]}, {"displayName", team != nullptr ? team->display_name : ""}};
  }
  const DriveItem& root = *drive->find(drive->root);
  const Json whole = {{"id", drive->id},
                      {"driveType", drive->kind},
                      {"name", drive->kind == "business" ? "OneDrive" : "Documents"},
                      {"webUrl", drive->web_url},
                      {"createdDateTime", print_time(root.created)},
                      {"lastModifiedDateTime", print_time(root.modified)},
                      {"owner", by}};
  const auto chosen = select(call, whole, {}, refused);
  if (!chosen) return refused;
  Json body = {{"@odata.context", call.context("drives" + select_context(call) + "/$entity")}};
  body.update(*chosen);
  return Answer::ok(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer get_drive_item(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  return spot ? answer_item(call, 200, *spot->drive, *spot->item) : refused;
}

Answer delete_drive_item(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  if (spot->item->parent.empty()) return invalid_request("The root of a drive cannot be deleted.");
  Status removed = call.store.drives().remove(*spot->drive, *spot->item);
  return removed ? Answer::none() : storage_failed(removed.error());
}

Answer list_drive_children(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  const auto top = read_top(call, 200, 999, refused);
  if (!top) return refused;
  const std::string path = fmt::format("drives/{}/items/{}/children", percent_encode(spot->drive->id), spot->item->id);
  std::int64_t skip = 0;
  if (call.query.count("$skiptoken") != 0) {
    const auto read = read_skip_token(call, path, refused);
    if (!read) return refused;
    skip = *read;
  }
  Json page = {{"@odata.context",
                call.context(fmt::format("drives('{}')/items('{}')/children{}", percent_encode(spot->drive->id),
                                         spot->item->id, select_context(call)))}};
  Json value = Json::array();
  std::int64_t number = 0;
  for (const auto& [folded, id] : spot->item->children) {
    if (number++ < skip) continue;
    if (value.size() == static_cast<std::size_t>(*top)) {
      std::string link = fmt::format("{}/{}/{}?", call.base, call.version, path);
      for (const auto& [name, text] : call.query) {
        if (name == "$top" || name == "$select") link += fmt::format("{}={}&", name, percent_encode(text));
      }
      page["@odata.nextLink"] = link + "$skiptoken=" + make_skip_token(call, path, number - 1);
      break;
    }
    auto item = select(call, print_item(call, *spot->drive, *spot->drive->find(id)), {}, refused);
    if (!item) return refused;
    value.push_back(std::move(*item));
  }
  page["value"] = std::move(value);
  return Answer::ok(page.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer create_drive_folder(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  std::string name;
  std::string conflict = "fail";
  if (!read_text(*body, "name", name, refused) ||
      !read_text(*body, "@microsoft.graph.conflictBehavior", conflict, refused)) {
    return refused;
  }
  conflict = read_conflict(conflict);
  if (!spot->item->folder || conflict.empty() || !body->contains("folder") || !body->at("folder").is_object()) {
    return invalid_request("Only a folder can be made this way, in a folder.");
  }
  if (auto bad = refuse_name(*spot->drive, *spot->item, name)) return std::move(*bad);
  if (const DriveItem* known = spot->drive->child(*spot->item, name)) {
    if (conflict == "fail" || (conflict == "replace" && !known->folder)) return name_exists();
    if (conflict == "replace") return answer_item(call, 200, *spot->drive, *known);
    name = free_name(*spot->drive, *spot->item, name);
  }
  auto made = call.store.drives().add_folder(*spot->drive, *spot->item, name, call.caller.app, call.now);
  return made ? answer_item(call, 201, *spot->drive, **made) : storage_failed(made.error());
}

Answer create_drive_link(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  std::string type;
  std::string scope = "organization";
  if (!read_text(*body, "type", type, refused) || !read_text(*body, "scope", scope, refused)) return refused;
  const auto one_of = [](const std::string& text, std::initializer_list<std::string_view> known) {
    return std::find(known.begin(), known.end(), text) != known.end();
  };
  if (!one_of(type, {"view", "edit", "embed"}) || !one_of(scope, {"anonymous", "organization", "users"})) {
    return invalid_request("The type or the scope of the sharing link is not valid.");
  }
  const std::string link = type + " " + scope;
  const auto& links = spot->item->links;
  const bool known = std::find(links.begin(), links.end(), link) != links.end();
  if (!known) {
    Status added = call.store.drives().add_link(*spot->drive, *spot->item, link);
    if (!added) return storage_failed(added.error());
  }
  const std::string id = guid_of(spot->item->id + " " + link);
  const std::string_view site = spot->drive->web_url;
  const std::string_view host = site.substr(0, site.find('/', 8));
  const std::string_view place = site.substr(host.size() + 1, site.rfind('/') - host.size() - 1);
  const Json permission = {{"@odata.context", call.context("permission")},
                           {"id", id},
                           {"roles", Json::array({type == "edit" ? "write" : "read"})},
                           {"hasPassword", false},
                           {"link",
                            {{"scope", scope},
                             {"type", type},
                             {"webUrl", fmt::format("{}/:{}:/s/{}/{}", host, spot->item->folder ? "f" : "b",
                                                    place.substr(place.find('/') + 1), base64url(id.substr(0, 24)))},
                             {"preventsDownload", false}}}};
  return Answer::success(known ? 200 : 201, permission.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer invite_to_drive_item(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto recipients = body->find("recipients");
  const auto roles = body->find("roles");
  const auto good_roles = [](const auto& list) {
    return list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), [](const auto& role) {
             return role == "read" || role == "write" || role == "owner";
           });
  };
  if (recipients == body->end() || !recipients->is_array() || recipients->empty() || roles == body->end() ||
      !good_roles(*roles)) {
    return invalid_request("recipients and roles must be given.");
  }
  Json value = Json::array();
  for (const auto& recipient : *recipients) {
    std::string whom;
    if (!recipient.is_object() || !read_text(recipient, "email", whom, refused) ||
        !read_text(recipient, "objectId", whom, refused) || !read_text(recipient, "alias", whom, refused)) {
      return invalid_request("A recipient has an email, an alias or an objectId.");
    }
    const User* user = call.store.find_user(whom);
    if (user == nullptr) return invalid_request("One or more recipients could not be resolved.");
    const Json who = {{"user", {{"id", user->id}, {"displayName", user->displayName}, {"email", user->mail}}}};
    value.push_back({{"id", base64url(guid_of(spot->item->id + user->id))},
                     {"roles", *roles},
                     {"grantedTo", who},
                     {"grantedToV2", who}});
  }
  const Json answer = {{"@odata.context", call.context("Collection(permission)")}, {"value", std::move(value)}};
  return Answer::ok(answer.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace teamferry::emulator
