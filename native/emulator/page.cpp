#include "native/emulator/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "native/emulator/message_text.h"
#include "native/emulator/page_view.h"
#include "native/emulator/request_path.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using namespace page;

// Nothing is loaded but the style sheet and pictures of this host; nothing runs, is framed or sent anywhere.
constexpr char kPolicy[] =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::Response respond(int status, const char* type, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.headers.add("Content-Security-Policy", kPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

// A foreign site may let its own name mean this machine and read what it likes; only its name gives it away.
bool is_local(std::string_view base) {
  const auto scheme = base.find("://");
  std::string_view host = base.substr(scheme == base.npos ? 0 : scheme + 3);
  const std::size_t end = host.substr(0, 1) == "[" ? host.find(']') : host.find(':') - 1;
  if (end < host.size()) {
    if (end + 1 < host.size() && host[end + 1] != ':') return false;
    host = host.substr(0, end + 1);
  }
  const std::string name = lower_ascii(host);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

// What kind of picture the bytes are, whatever a client called them; nullptr: none that a browser would only draw.
const char* picture_type(std::string_view bytes) {
  const auto begins = [&](std::string_view with) { return bytes.substr(0, with.size()) == with; };
  if (begins("\x89PNG\r\n\x1A\n")) return "image/png";
  if (begins("\xFF\xD8\xFF")) return "image/jpeg";
  if (begins("GIF87a") || begins("GIF89a")) return "image/gif";
  if (begins("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
  return nullptr;
}

std::optional<http::Response> picture(const Visit& visit, std::string_view message_id, const std::string& id) {
  const Message* message = find_message(*visit.conversation, message_id);
  if (message == nullptr) return std::nullopt;
  for (const HostedImage& each : visit.conversation->pictures_of(*message)) {
    if (each.id != id) continue;
    auto bytes = visit.world.store.blobs().get(each.blob);
    const char* type = bytes ? picture_type(*bytes) : nullptr;
    if (type == nullptr) return std::nullopt;
    return respond(200, type, std::move(bytes).value());
  }
  return std::nullopt;
}

// Below a team, channel or chat, which the visit has: `rest` are the segments behind it.
Screen show_room(const Visit& visit, const std::vector<std::string>& rest) {
  if (rest.size() == 1 && rest[0] == "members") return show_members(visit);
  if (rest.empty()) return visit.conversation != nullptr ? show_conversation(visit) : show_team(visit);
  if (visit.conversation != nullptr && rest.size() == 2 && rest[0] == "messages") return show_thread(visit, rest[1]);
  return show_nothing();
}

// `path` are the segments behind "look".
http::Response answer(Visit& visit, std::vector<std::string> path) {
  const auto document = [&](const Screen& screen) {
    return respond(screen.status, "text/html; charset=utf-8", print_document(visit, screen));
  };
  const auto cut = [&](std::size_t count) {
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(count));
  };
  if (path.empty()) return document(show_overview(visit));
  visit.section = path[0];
  if (path.size() == 1) {
    if (path[0] == "style.css") return respond(200, "text/css; charset=utf-8", std::string(kStyle));
    if (path[0] == "icon.svg") return respond(200, "image/svg+xml", std::string(kIcon));
    if (path[0] == "teams") return document(show_teams(visit));
    if (path[0] == "chats") return document(show_chats(visit));
    if (path[0] == "requests") return document(show_requests(visit));
    if (path[0] == "certificate") return document(show_certificate(visit));
    return document(show_nothing());
  }
  const Store& store = visit.world.store;
  if (path[0] == "teams") {
    visit.team = store.find_team(path[1]);
    if (visit.team == nullptr) return document(show_nothing());
    cut(2);
    if (path.size() >= 2 && path[0] == "channels") {
      visit.conversation = store.find_channel(*visit.team, path[1]);
      if (visit.conversation == nullptr) return document(show_nothing());
      cut(2);
    }
  } else if (path[0] == "chats") {
    visit.conversation = store.find_chat(path[1]);
    if (visit.conversation == nullptr) return document(show_nothing());
    cut(2);
  } else {
    return document(show_nothing());
  }
  if (visit.conversation != nullptr && path.size() == 3 && path[0] == "pictures") {
    auto found = picture(visit, path[1], path[2]);
    return found ? std::move(*found) : document(show_nothing());
  }
  return document(show_room(visit, path));
}

}  // namespace

bool is_page(std::string_view path) {
  return path.empty() || path == "/" || path == "/look" || path.substr(0, 6) == "/look/";
}

http::Response answer_page(const http::Request& request, bool loopback, const PageWorld& world) {
  Url url = split_url(request.url);
  const std::string* host = request.headers.find("Host");
  if (!loopback || !is_local(url.base) || (host != nullptr && !is_local(*host))) {
    return respond(403, "text/plain; charset=utf-8",
                   "The emulator's page answers on its own machine only, under localhost, 127.0.0.1 or [::1].\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response refused = respond(405, "text/plain; charset=utf-8", "The emulator's page is only read.\n");
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  Visit visit{world, std::move(url.base), read_query(url.query).value_or(std::map<std::string, std::string>{}), ""};
  auto path = read_path(url.path);
  if (!path) path.emplace(2, "");  // a broken escape is a path to nothing
  path->erase(path->begin());
  return answer(visit, std::move(*path));
}

}  // namespace teamferry::emulator
