#pragma once

#include <string>

#include "native/emulator/text.h"
#include "tests/native/emulator/world.h"

// A world with a channel whose folder is there, and the ways to put bytes into it.
namespace teamferry::emulator {

struct DriveWorld : World {
  std::string channel;  // its path
  std::string drive;    // id
  std::string folder;   // id
  json folder_item;

  explicit DriveWorld(Options wanted = unlimited()) : World(std::move(wanted)) {
    channel = new_channel(new_team());
    get(channel + "/filesFolder");
    clock.ms += options.files_delay.count();
    folder_item = get(channel + "/filesFolder").body;
    drive = folder_item["parentReference"]["driveId"];
    folder = folder_item["id"];
  }

  std::string items() const { return "/drives/" + drive + "/items"; }
  // The address of what has this name in the folder, as raw as a person would write it.
  std::string at(const std::string& name) const { return items() + "/" + folder + ":/" + name + ":"; }

  Reply put(const std::string& name, const std::string& bytes, const std::string& query = "") {
    return raw("PUT", at(name) + "/content" + query, bytes);
  }

  // Without a token, as storage addresses are asked.
  http::Response fetch(const std::string& method, const std::string& url, const std::string& range = "",
                       const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.url = url;
    if (!range.empty()) request.headers.add(method == "GET" ? "Range" : "Content-Range", range);
    request.body = body;
    return router->handle(request).response;
  }
  Reply storage(const std::string& method, const std::string& url, const std::string& range = "",
                const std::string& body = "") {
    const http::Response response = fetch(method, url, range, body);
    Reply reply;
    reply.status = response.status;
    reply.headers = response.headers;
    if (!response.body.empty()) reply.body = json::parse(response.body);
    return reply;
  }
  Reply chunk(const std::string& url, std::size_t first, std::size_t size, std::size_t total) {
    const std::string range = "bytes " + std::to_string(first) + "-" + std::to_string(first + size - 1) + "/";
    return storage("PUT", url, range + std::to_string(total), std::string(size, 'x'));
  }
  Reply open_session(const std::string& name, const std::string& conflict = "replace") {
    return post(at(name) + "/createUploadSession", {{"item", {{"@microsoft.graph.conflictBehavior", conflict}}}});
  }
  std::string session(const std::string& name, const std::string& conflict = "replace") {
    const Reply opened = open_session(name, conflict);
    REQUIRE(opened.status == 200);
    return opened.body["uploadUrl"];
  }
  std::string content(const std::string& path) {
    const Reply found = get(path + "/content");
    REQUIRE(found.status == 302);
    return fetch("GET", found.header("Location")).body;
  }
};

// "{153FA47D-...},2" without its version.
inline std::string guid_part(const json& item) {
  const std::string tag = item["eTag"];
  return tag.substr(0, tag.find(','));
}

}  // namespace teamferry::emulator
