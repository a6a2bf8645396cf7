#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "native/base/result.h"

// The drives of the tenant: a document library for each team and for each private or shared channel, and a OneDrive
// for each user. Contents are blobs; what is here are names, versions and uploads under way.
//
// As the store: every change is first a line of the log (its "op" begins with "drive"), then applied; so uploads that
// are under way outlive a restart too. It knows what a change does, not whether it is allowed.
// Not thread-safe. Times are milliseconds since 1970. Tested by tests/native/emulator/files_test.cpp.
namespace teamferry::emulator {

// A file's content, in order: an upload keeps its chunks as they came.
struct Piece {
  std::string blob;
  std::int64_t size = 0;
};

struct DriveItem {
  std::string id;
  std::string guid;    // upper case: of the eTag, and for good
  std::string parent;  // id; empty: the root
  std::string name;
  bool folder = false;
  int version = 1;
  std::int64_t size = 0;
  std::vector<Piece> pieces;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  std::string app;  // who wrote it last

  std::map<std::string, std::string> children;  // ids by name in one letter case
  std::vector<std::string> links;               // "view organization": sharing links there are
};

struct Drive {
  std::string id;
  std::string kind;     // "documentLibrary" or "business"
  std::string web_url;  // "https://tenant.sharepoint.example/sites/Orbit/Shared%20Documents"
  std::string owner;    // the id of a team, channel or user
  std::string root;
  std::unordered_map<std::string, DriveItem> items;  // by id

  const DriveItem* find(const std::string& item_id) const;
  const DriveItem* child(const DriveItem& folder, std::string_view name) const;
  std::string path_of(const DriveItem& item) const;  // "/a/b c.txt"; the root: ""
  std::string url_of(const DriveItem& item) const;   // web_url and the path, percent-encoded
};

// Where the files of a channel are.
struct FilesFolder {
  std::string drive;
  std::string item;
  std::int64_t visible_at = 0;
};

struct UploadSession {
  std::string token;  // unpredictable: it is all that opens the session
  std::string drive;
  std::string folder;  // id of the parent
  std::string name;
  std::string conflict;  // "fail", "replace" or "rename"
  std::string app;
  std::int64_t total = -1;  // bytes; -1 until the first chunk
  std::int64_t received = 0;
  std::int64_t expires = 0;
  std::vector<Piece> pieces;
};

class Drives {
 public:
  // Writes a change down, then has it applied.
  using Commit = std::function<Status(const nlohmann::json& change)>;
  explicit Drives(Commit commit) : commit_(std::move(commit)) {}

  void apply(const nlohmann::json& change);  // throws for a damaged one

  const Drive* find(const std::string& id) const;
  const Drive* of_owner(const std::string& owner) const;
  const FilesFolder* folder_of(const std::string& channel) const;
  const UploadSession* session(const std::string& token) const;
  bool uploading(const std::string& drive, const std::string& folder, const std::string& name, std::int64_t now) const;

  // Changes. A failure is the disk's; nothing has changed then. Names must be free unless said otherwise.
  // `site` is the wished address, where "{}" stands for a number in case that another drive has it.
  Result<const Drive*> add_drive(const std::string& owner, const std::string& kind, const std::string& site,
                                 std::int64_t now);
  Status add_files_folder(const std::string& channel, const Drive& drive, const DriveItem& folder,
                          std::int64_t visible_at);
  Result<const DriveItem*> add_folder(const Drive& drive, const DriveItem& parent, const std::string& name,
                                      const std::string& app, std::int64_t now);
  // A new file, or the next version of the one with this name. Ends the upload that brought it, if any, in the same
  // change: after a kill there is never a finished file with its upload still open.
  Result<const DriveItem*> put_file(const Drive& drive, const DriveItem& parent, const std::string& name,
                                    const std::vector<Piece>& pieces, const std::string& app, std::int64_t now,
                                    const std::string& upload = "");
  Status remove(const Drive& drive, const DriveItem& item);  // with all that is below it
  Status add_link(const Drive& drive, const DriveItem& item, const std::string& link);

  Status begin(const UploadSession& session, std::int64_t now);
  Status add_chunk(const UploadSession& session, const Piece& piece, std::int64_t total, std::int64_t expires);
  Status end(const UploadSession& session);

 private:
  Drive& drive_of(const nlohmann::json& change);
  UploadSession& session_of(const nlohmann::json& change);
  Result<const DriveItem*> put(const Drive& drive, const DriveItem& parent, const std::string& name,
                               nlohmann::json change);

  Commit commit_;
  std::unordered_map<std::string, Drive> drives_;         // by id
  std::unordered_map<std::string, std::string> owners_;   // drive ids
  std::unordered_map<std::string, FilesFolder> folders_;  // by channel
  std::unordered_map<std::string, UploadSession> sessions_;
};

// "name 1.ext", or the first number that is free in the folder.
std::string free_name(const Drive& drive, const DriveItem& folder, const std::string& name);

}  // namespace teamferry::emulator
