#include "native/emulator/drives.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

// "01", six letters of the drive, 26 of the item.
std::string new_item_id(const std::string& drive) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id = "01";
  for (const char c : guid_of(drive).substr(0, 6)) id += kDigits[static_cast<unsigned char>(c) & 31U];
  const std::string random = random_bytes(26);
  for (const char c : random) id += kDigits[static_cast<unsigned char>(c) & 31U];
  return id;
}

std::string upper_guid() {
  std::string guid = random_guid();
  for (char& c : guid) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return guid;
}

json pieces_json(const std::vector<Piece>& pieces) {
  json list = json::array();
  for (const Piece& piece : pieces) list.push_back({{"blob", piece.blob}, {"size", piece.size}});
  return list;
}

Piece read_piece(const json& j) {
  return {j.at("blob"), j.at("size")};
}

DriveItem& known_item(Drive& drive, const json& id) {
  const auto found = drive.items.find(id.get<std::string>());
  if (found == drive.items.end()) throw std::out_of_range("a change of a drive's item that is not there");
  return found->second;
}

// The item a change speaks of, new or not, at its place and time.
DriveItem& placed(Drive& drive, const json& change) {
  const std::string id = change.at("id");
  const auto [found, fresh] = drive.items.try_emplace(id);
  DriveItem& item = found->second;
  item.modified = change.at("now");
  item.app = change.at("app");
  if (!fresh) {
    ++item.version;
    return item;
  }
  item.id = id;
  item.guid = change.at("guid");
  item.created = item.modified;
  item.name = change.at("name");
  item.parent = change.at("parent");
  if (!item.parent.empty()) {
    DriveItem& parent = known_item(drive, item.parent);
    parent.children[fold_case(item.name)] = id;
    parent.modified = item.modified;
  }
  return item;
}

json placing(const char* op, const Drive& drive, const std::string& app, std::int64_t now) {
  return {{"op", op}, {"drive", drive.id}, {"app", app}, {"now", now}};
}

}  // namespace

const DriveItem* Drive::find(const std::string& item_id) const {
  const auto found = items.find(item_id == "root" ? root : item_id);
  return found == items.end() ? nullptr : &found->second;
}

const DriveItem* Drive::child(const DriveItem& folder, std::string_view name) const {
  const auto found = folder.children.find(fold_case(name));
  return found == folder.children.end() ? nullptr : find(found->second);
}

std::string Drive::path_of(const DriveItem& item) const {
  std::string path;
  for (const DriveItem* each = &item; !each->parent.empty(); each = &items.at(each->parent)) {
    path.insert(0, "/" + each->name);
  }
  return path;
}

std::string Drive::url_of(const DriveItem& item) const {
  std::string url;
  for (const DriveItem* each = &item; !each->parent.empty(); each = &items.at(each->parent)) {
    url.insert(0, "/" + percent_encode(each->name));
  }
  return web_url + url;
}

std::string free_name(const Drive& drive, const DriveItem& folder, const std::string& name) {
  if (drive.child(folder, name) == nullptr) return name;
  const auto dot = name.rfind('.');
  const std::string stem = name.substr(0, dot);
  const std::string extension = dot == name.npos ? "" : name.substr(dot);
  for (int number = 1;; ++number) {
    std::string tried = fmt::format("{} {}{}", stem, number, extension);
    if (drive.child(folder, tried) == nullptr) return tried;
  }
}

Drive& Drives::drive_of(const json& change) {
  return drives_.at(change.at("drive").get<std::string>());
}

UploadSession& Drives::session_of(const json& change) {
  return sessions_.at(change.at("session").get<std::string>());
}

void Drives::apply(const json& change) {
  const std::string op = change.at("op");
  if (op == "drive") {
    Drive drive;
    drive.id = change.at("id");
    drive.kind = change.at("kind");
    drive.web_url = change.at("webUrl");
    drive.owner = change.at("owner");
    drive.root = change.at("root");
    DriveItem& root = drive.items[drive.root];
    root.id = drive.root;
    root.guid = change.at("guid");
    root.name = "root";
    root.folder = true;
    root.created = root.modified = change.at("now");
    owners_[drive.owner] = drive.id;
    std::string id = drive.id;
    drives_.insert_or_assign(std::move(id), std::move(drive));
  } else if (op == "drive_channel") {
    known_item(drive_of(change), change.at("item"));
    folders_[change.at("channel")] = {change.at("drive"), change.at("item"), change.at("visible")};
  } else if (op == "drive_folder") {
    placed(drive_of(change), change).folder = true;
  } else if (op == "drive_file") {
    std::vector<Piece> pieces;
    for (const json& piece : change.at("pieces")) pieces.push_back(read_piece(piece));
    DriveItem& item = placed(drive_of(change), change);
    item.size = 0;
    for (const Piece& piece : pieces) item.size += piece.size;
    item.pieces = std::move(pieces);
    sessions_.erase(change.at("upload").get<std::string>());
  } else if (op == "drive_delete") {
    Drive& drive = drive_of(change);
    const DriveItem& item = known_item(drive, change.at("item"));
    known_item(drive, item.parent).children.erase(fold_case(item.name));
    for (std::vector<std::string> below{item.id}; !below.empty();) {
      const std::string id = std::move(below.back());
      below.pop_back();
      for (const auto& [name, child] : drive.items.at(id).children) below.push_back(child);
      drive.items.erase(id);
    }
  } else if (op == "drive_link") {
    known_item(drive_of(change), change.at("item")).links.push_back(change.at("link"));
  } else if (op == "drive_upload") {
    const std::int64_t now = change.at("now");
    std::erase_if(sessions_, [&](const auto& each) { return each.second.expires <= now; });
    UploadSession begun;
    begun.token = change.at("session");
    begun.drive = change.at("drive");
    begun.folder = change.at("folder");
    begun.name = change.at("name");
    begun.conflict = change.at("conflict");
    begun.app = change.at("app");
    begun.expires = change.at("expires");
    std::string token = begun.token;
    sessions_.insert_or_assign(std::move(token), std::move(begun));
  } else if (op == "drive_chunk") {
    UploadSession& session = session_of(change);
    session.pieces.push_back(read_piece(change.at("piece")));
    session.received += session.pieces.back().size;
    session.total = change.at("total");
    session.expires = change.at("expires");
  } else if (op == "drive_cancel") {
    sessions_.erase(change.at("session").get<std::string>());
  }
}

const Drive* Drives::find(const std::string& id) const {
  const auto found = drives_.find(id);
  return found == drives_.end() ? nullptr : &found->second;
}

const Drive* Drives::of_owner(const std::string& owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? nullptr : find(found->second);
}

const FilesFolder* Drives::folder_of(const std::string& channel) const {
  const auto found = folders_.find(channel);
  return found == folders_.end() ? nullptr : &found->second;
}

const UploadSession* Drives::session(const std::string& token) const {
  const auto found = sessions_.find(token);
  return found == sessions_.end() ? nullptr : &found->second;
}

bool Drives::uploading(const std::string& drive, const std::string& folder, const std::string& name,
                       std::int64_t now) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& each) {
    const UploadSession& session = each.second;
    return session.drive == drive && session.folder == folder && fold_case(session.name) == fold_case(name) &&
           session.expires > now;
  });
}

Result<const Drive*> Drives::add_drive(const std::string& owner, const std::string& kind, const std::string& site,
                                       std::int64_t now) {
  const auto taken = [&](const std::string& url) {
    return std::any_of(drives_.begin(), drives_.end(), [&](const auto& each) { return each.second.web_url == url; });
  };
  std::string url = fmt::format(fmt::runtime(site), "");
  for (int number = 2; taken(url); ++number) url = fmt::format(fmt::runtime(site), number);
  const std::string id = "b!" + base64url(random_bytes(48));
  Status added = commit_({{"op", "drive"},
                          {"id", id},
                          {"kind", kind},
                          {"webUrl", url},
                          {"owner", owner},
                          {"root", new_item_id(id)},
                          {"guid", upper_guid()},
                          {"now", now}});
  if (!added) return added.error();
  return find(id);
}

Status Drives::add_files_folder(const std::string& channel, const Drive& drive, const DriveItem& folder,
                                std::int64_t visible_at) {
  return commit_({{"op", "drive_channel"},
                  {"channel", channel},
                  {"drive", drive.id},
                  {"item", folder.id},
                  {"visible", visible_at}});
}

Result<const DriveItem*> Drives::put(const Drive& drive, const DriveItem& parent, const std::string& name,
                                     json change) {
  const DriveItem* known = drive.child(parent, name);
  const std::string id = known != nullptr ? known->id : new_item_id(drive.id);
  change["id"] = id;
  if (known == nullptr) change.update({{"guid", upper_guid()}, {"name", name}, {"parent", parent.id}});
  Status put = commit_(change);
  if (!put) return put.error();
  return drive.find(id);
}

Result<const DriveItem*> Drives::add_folder(const Drive& drive, const DriveItem& parent, const std::string& name,
                                            const std::string& app, std::int64_t now) {
  return put(drive, parent, name, placing("drive_folder", drive, app, now));
}

Result<const DriveItem*> Drives::put_file(const Drive& drive, const DriveItem& parent, const std::string& name,
                                          const std::vector<Piece>& pieces, const std::string& app, std::int64_t now,
                                          const std::string& upload) {
  json change = placing("drive_file", drive, app, now);
  change["pieces"] = pieces_json(pieces);
  change["upload"] = upload;
  return put(drive, parent, name, std::move(change));
}

Status Drives::remove(const Drive& drive, const DriveItem& item) {
  return commit_({{"op", "drive_delete"}, {"drive", drive.id}, {"item", item.id}});
}

Status Drives::add_link(const Drive& drive, const DriveItem& item, const std::string& link) {
  return commit_({{"op", "drive_link"}, {"drive", drive.id}, {"item", item.id}, {"link", link}});
}

Status Drives::begin(const UploadSession& session, std::int64_t now) {
  return commit_({{"op", "drive_upload"},
                  {"session", session.token},
                  {"drive", session.drive},
                  {"folder", session.folder},
                  {"name", session.name},
                  {"conflict", session.conflict},
                  {"app", session.app},
                  {"expires", session.expires},
                  {"now", now}});
}

Status Drives::add_chunk(const UploadSession& session, const Piece& piece, std::int64_t total, std::int64_t expires) {
  return commit_({{"op", "drive_chunk"},
                  {"session", session.token},
                  {"piece", {{"blob", piece.blob}, {"size", piece.size}}},
                  {"total", total},
                  {"expires", expires}});
}

Status Drives::end(const UploadSession& session) {
  return commit_({{"op", "drive_cancel"}, {"session", session.token}});
}

}  // namespace teamferry::emulator
