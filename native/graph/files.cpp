#include "native/graph/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "native/graph/json.h"
#include "native/graph/read_drive_item.h"
#include "native/graph/wait.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

// What may be asked again without harm although it is a POST.
Task<Result<http::Response>> post_again(Connection& graph, std::string address, std::string body, std::string route) {
  http::Request request;
  request.method = "POST";
  request.url = std::move(address);
  request.route = "POST " + route;
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(body);
  return graph.exchange(std::move(request));
}

// "{153FA47D-...},1" -> "153fa47d-...", with or without quotes around it.
std::string guid_of(std::string_view tag) {
  const auto open = tag.find('{');
  const auto close = tag.find('}', open == tag.npos ? 0 : open);
  if (open == tag.npos || close == tag.npos || close - open != 37) return {};
  std::string guid(tag.substr(open + 1, 36));
  for (std::size_t i = 0; i < guid.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? guid[i] != '-' : !std::isxdigit(static_cast<unsigned char>(guid[i]))) return {};
    guid[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(guid[i])));
  }
  return guid;
}

bool has_extension(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot != name.npos && dot > 0 && dot + 1 < name.size();
}

// "https://host/:f:/s/..." or with a question behind it.
bool is_sharing_link(std::string_view url) {
  const auto path = url.find('/', url.find("://") == url.npos ? 0 : url.find("://") + 3);
  return url.find('?') != url.npos || (path != url.npos && url.substr(path, 2) == "/:");
}

}  // namespace

std::string item_path(std::string_view drive_id, std::string_view item_id) {
  return fmt::format("/drives/{}/items/{}", http::percent_encode(drive_id), http::percent_encode(item_id));
}

std::string path_in(const Folder& folder, std::string_view name) {
  return fmt::format("{}:/{}:", item_path(folder.drive_id, folder.item_id), http::percent_encode(name));
}

Result<DriveItem> read_drive_item(const http::Response& response, std::string_view what) {
  auto body = read_object(response, what);
  if (!body) return body.error();
  DriveItem item{text_of(*body, "id"),
                 text_of(*body, "name"),
                 text_of(*body, "webUrl"),
                 text_of(*body, "eTag"),
                 text_of(object_of(*body, "parentReference"), "driveId"),
                 0,
                 compact(*body)};
  if (item.id.empty()) return unreadable(what, "the item has no id");
  const auto size = body->find("size");
  if (size != body->end() && size->is_number_unsigned()) item.size = size->get<std::uint64_t>();
  return item;
}

Task<Result<Folder>> files_folder(Connection& graph, ConversationRef channel, Patience patience) {
  if (channel.is_chat()) co_return Error::argument("no_folder", "a chat has no folder for files; use a person's drive");
  const std::string what = "GET filesFolder";
  Wait wait(graph.loop(), std::move(patience));
  while (true) {
    auto asked =
        graph.get(graph.url(path_of(channel) + "/filesFolder"), fmt::format("{}/filesFolder", route_of(channel)));
    auto response = co_await std::move(asked);
    if (response) {
      auto item = read_drive_item(*response, what);
      if (!item) co_return item.error();
      if (item->driveId.empty()) co_return unreadable(what, "it does not say which drive the folder is in");
      co_return Folder{item->driveId, item->id, item->webUrl};
    }
    if (response.error().status != 404 && response.error().status != 503) co_return response.error();
    auto pausing = wait.pause();
    const bool look_again = co_await std::move(pausing);
    if (look_again) continue;
    if (wait.stopped()) co_return Error::state("interrupted", "stopped before the folder of the channel was ready");
    Error late = std::move(response).error();
    late.message = "the folder of the channel is still not ready: " + late.message;
    co_return late;
  }
}

Task<Result<Folder>> drive_of_user(Connection& graph, std::string user) {
  auto asked = graph.get(graph.url(fmt::format("/users/{}/drive", http::percent_encode(user))), "/users/{user}/drive");
  auto response = co_await std::move(asked);
  if (!response) co_return response.error();
  auto body = read_object(*response, "GET drive");
  if (!body) co_return body.error();
  Folder folder{text_of(*body, "id"), "root", text_of(*body, "webUrl")};
  if (folder.drive_id.empty()) co_return unreadable("GET drive", "the drive has no id");
  co_return folder;
}

Task<Result<std::optional<DriveItem>>> item_in(Connection& graph, Folder folder, std::string name) {
  std::string path = path_in(folder, name);
  path.pop_back();  // the item itself, nothing of it
  auto asked = graph.get(graph.url(path), "/drives/{drive}/items/{folder}:/{name}");
  auto response = co_await std::move(asked);
  if (!response && response.error().status == 404) co_return std::optional<DriveItem>();
  if (!response) co_return response.error();
  auto item = read_drive_item(*response, "GET item");
  if (!item) co_return item.error();
  co_return std::optional<DriveItem>(std::move(*item));
}

Task<Status> invite(Connection& graph, std::string drive_id, std::string item_id, std::vector<std::string> user_ids) {
  json recipients = json::array();
  for (const auto& id : user_ids) recipients.push_back({{"objectId", id}});
  const json body = {{"recipients", std::move(recipients)},
                     {"roles", json::array({"read"})},
                     {"requireSignIn", true},
                     {"sendInvitation", false}};
  auto sent = post_again(graph, graph.url(item_path(drive_id, item_id) + "/invite"), compact(body),
                         "/drives/{drive}/items/{item}/invite");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  co_return done();
}

Task<Result<std::string>> create_link(Connection& graph, std::string drive_id, std::string item_id) {
  auto sent = post_again(graph, graph.url(item_path(drive_id, item_id) + "/createLink"),
                         R"({"type":"view","scope":"organization"})", "/drives/{drive}/items/{item}/createLink");
  auto response = co_await std::move(sent);
  if (!response) co_return response.error();
  auto body = read_object(*response, "POST createLink");
  if (!body) co_return body.error();
  std::string link = text_of(object_of(*body, "link"), "webUrl");
  if (link.empty()) co_return unreadable("POST createLink", "it does not tell the link");
  co_return link;
}

std::string ReferenceAttachment::to_json() const {
  return compact({{"id", id}, {"contentType", "reference"}, {"contentUrl", contentUrl}, {"name", name}});
}

Result<ReferenceAttachment> reference_attachment(const DriveItem& item, std::string_view folder_webUrl) {
  const std::string guid = guid_of(item.eTag);
  if (guid.empty()) {
    return Error::state(
        "no_guid",
        fmt::format("the file '{}' has the eTag '{}', in which there is no GUID to name it by", item.name, item.eTag));
  }
  if (!has_extension(item.name)) {
    return Error::argument("no_extension",
                           fmt::format("'{}' has no file extension, and messages that name such a file are refused "
                                       "(R27); upload it as '{}.bin'",
                                       item.name, item.name));
  }
  if (folder_webUrl.empty() || is_sharing_link(folder_webUrl)) {
    return Error::argument(
        "sharing_link", fmt::format("'{}' is not the plain address of a folder (R28); use its webUrl", folder_webUrl));
  }
  while (folder_webUrl.ends_with('/')) folder_webUrl.remove_suffix(1);
  return ReferenceAttachment{guid, fmt::format("{}/{}", folder_webUrl, http::percent_encode(item.name)), item.name};
}

}  // namespace teamferry::graph
