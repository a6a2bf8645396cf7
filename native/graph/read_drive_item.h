#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "native/graph/files.h"
#include "native/http/message.h"

namespace teamferry::graph {

// Reads a driveItem out of an answer; `what` names the call. For this folder's sources only.
Result<DriveItem> read_drive_item(const http::Response& response, std::string_view what);

// "/drives/{id}/items/{id}", and what stands under a name in it: "/drives/{id}/items/{id}:/{name}:".
std::string item_path(std::string_view drive_id, std::string_view item_id);
std::string path_in(const Folder& folder, std::string_view name);

}  // namespace teamferry::graph
