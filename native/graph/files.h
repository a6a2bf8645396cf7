#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/base/result.h"
#include "native/graph/client.h"
#include "native/graph/connection.h"
#include "native/graph/conversation.h"

// Files: where they go, and what a message needs to name one. The bytes are upload.h's.
// Facts: section 2.15 and rules R26 to R28 of the fact sheet.
// Tested by tests/native/graph/files_test.cpp.
namespace teamferry::graph {

struct DriveItem {
  std::string id;
  std::string name;
  std::string webUrl;  // of an Office file: a viewer, of no use in a message
  std::string eTag;    // "{153FA47D-18C9-4179-BE08-9879815A9F90},1"
  std::string driveId;
  std::uint64_t size = 0;
  std::string json;  // the whole resource as the service printed it
};

// A folder that files go to.
struct Folder {
  std::string drive_id;
  std::string item_id;
  std::string webUrl;
};

// The folder of a channel. The first look makes the service provision it, so 404 and 503 are waited out.
// Chats have none: code `no_folder`; their files go to somebody's drive.
Task<Result<Folder>> files_folder(Connection& graph, ConversationRef channel, Patience patience);

// The root of a person's OneDrive; `user` is an id or a user principal name.
Task<Result<Folder>> drive_of_user(Connection& graph, std::string user);

// What stands under that name in the folder; nothing if nothing does.
Task<Result<std::optional<DriveItem>>> item_in(Connection& graph, Folder folder, std::string name);

// Lets people read a file that lies in somebody's drive. Both may be repeated.
// invite() names users by id and sends no mail. create_link() gives the address of a link for the whole organization;
// people may follow it, but it must not be a message's contentUrl (R28).
Task<Status> invite(Connection& graph, std::string drive_id, std::string item_id, std::vector<std::string> user_ids);
Task<Result<std::string>> create_link(Connection& graph, std::string drive_id, std::string item_id);

// A file as a message names it.
struct ReferenceAttachment {
  std::string id;          // the GUID of the item's eTag, in lower case
  std::string contentUrl;  // the folder's webUrl and the name, encoded
  std::string name;

  std::string to_json() const;  // the element of a message's `attachments`
};

// Errors: no_guid (the eTag holds none), no_extension (R27: such a message is refused; upload the file under a name
// that has one), sharing_link (R28: the folder's address is one).
Result<ReferenceAttachment> reference_attachment(const DriveItem& item, std::string_view folder_webUrl);

}  // namespace teamferry::graph
