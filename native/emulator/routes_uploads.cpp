#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "native/emulator/drive_items.h"
#include "native/emulator/routes.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// The bytes of files: whole ones, uploads in pieces, downloads. The last two have addresses of their own, whose token
// is all that opens them. An upload that is under way when the emulator stops goes on after a restart.
namespace teamferry::emulator {
namespace {

constexpr std::int64_t kMebibyte = 1024 * 1024;
constexpr std::int64_t kLargePut = 250 * kMebibyte;
constexpr std::int64_t kSmallPut = 4 * kMebibyte;
constexpr std::int64_t kChunkLimit = 60 * kMebibyte;
constexpr std::int64_t kChunkUnit = 320 * 1024;
// Inferred: a day, anew with each chunk. The documents name no length.
constexpr std::int64_t kSessionLife = 24 * 3'600'000;

Answer too_large() {
  return Answer::error(413, "RequestEntityTooLarge", "Request Entity too large.");
}

std::string conflict_of(const Call& call) {
  const auto found = call.query.find("@microsoft.graph.conflictBehavior");
  return found == call.query.end() ? "replace" : read_conflict(found->second);
}

// Writes `pieces` under `name`, settling a name that is taken.
Answer store_file(const Call& call, const Drive& drive, const DriveItem& folder, std::string name,
                  const std::string& conflict, const std::vector<Piece>& pieces, const std::string& app,
                  const std::string& upload = "") {
  const DriveItem* known = drive.child(folder, name);
  if (known != nullptr && (conflict == "fail" || (conflict == "replace" && known->folder))) return name_exists();
  if (known != nullptr && conflict == "rename") {
    name = free_name(drive, folder, name);
    known = nullptr;
    if (auto refused = refuse_name(drive, folder, name)) return std::move(*refused);
  }
  auto put = call.store.drives().put_file(drive, folder, name, pieces, app, call.now, upload);
  return put ? answer_item(call, known != nullptr ? 200 : 201, drive, **put) : storage_failed(put.error());
}

// The folder that the last of the spot's names belongs in; the missing ones above it are made, as the service does.
const DriveItem* make_folders(const Call& call, const Spot& spot, Answer& refused) {
  const DriveItem* folder = spot.folder;
  for (const std::string& name : spot.names) {
    if (auto bad = refuse_name(*spot.drive, *folder, name)) {
      refused = std::move(*bad);
      return nullptr;
    }
    if (&name == &spot.names.back()) break;
    auto made = call.store.drives().add_folder(*spot.drive, *folder, name, call.caller.app, call.now);
    if (!made) {
      refused = storage_failed(made.error());
      return nullptr;
    }
    folder = *made;
  }
  return folder;
}

// Where the bytes for a path go: the folder, and the name in it.
struct Target {
  const Drive* drive = nullptr;
  const DriveItem* folder = nullptr;
  std::string name;
};

std::optional<Target> find_target(const Call& call, Answer& refused) {
  const auto spot = find_spot(call, refused);
  if (!spot) return std::nullopt;
  if (spot->item == nullptr) {
    const DriveItem* folder = make_folders(call, *spot, refused);
    if (folder == nullptr) return std::nullopt;
    return Target{spot->drive, folder, spot->names.back()};
  }
  if (spot->item->parent.empty()) {
    refused = invalid_request("The root of a drive has no content.");
    return std::nullopt;
  }
  return Target{spot->drive, spot->drive->find(spot->item->parent), spot->item->name};
}

std::optional<std::vector<Piece>> keep_bytes(const Call& call, std::string_view bytes, Answer& refused) {
  auto blob = call.store.blobs().put(bytes);
  if (blob) return std::vector<Piece>{{*blob, static_cast<std::int64_t>(bytes.size())}};
  refused = storage_failed(blob.error());
  return std::nullopt;
}

// The service hands uploads to another host; a client that knows its Graph host by name adds no token there. Here that
// is the other name of the loopback address.
std::string upload_base(const Call& call) {
  const auto host = call.base.find("://") + 3;
  const auto end = std::min(call.base.find(':', call.base[host] == '[' ? call.base.find(']') : host), call.base.size());
  const std::string name = call.base.substr(host, end - host);
  const bool six = call.options.host.find(':') != std::string::npos;
  std::string other = name;
  if (name == "localhost") other = six ? "[::1]" : "127.0.0.1";
  if (name == "127.0.0.1" || name == "[::1]") other = "localhost";
  return call.base.substr(0, host) + other + call.base.substr(end);
}

Answer answer_state(int status, const UploadSession& session, Json body = Json::object()) {
  body["expirationDateTime"] = print_time(session.expires);
  body["nextExpectedRanges"] = Json::array({fmt::format("{}-", session.received)});
  return Answer::success(status, body.dump());
}

struct Range {
  std::int64_t first = 0, last = 0, total = 0;
};

bool take_number(std::string_view& text, char end, std::int64_t& value) {
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || value < 0 || text.empty() || text.front() == '-') return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (end == 0) return text.empty();
  if (text.empty() || text.front() != end) return false;
  text.remove_prefix(1);
  return true;
}

// "bytes 0-25/128".
std::optional<Range> read_content_range(const std::string* header) {
  constexpr std::string_view kUnit = "bytes ";
  if (header == nullptr || !lower_ascii(*header).starts_with(kUnit)) return std::nullopt;
  std::string_view text = std::string_view(*header).substr(kUnit.size());
  Range range;
  const bool read =
      take_number(text, '-', range.first) && take_number(text, '/', range.last) && take_number(text, 0, range.total);
  if (!read || range.last < range.first || range.last >= range.total) return std::nullopt;
  return range;
}

Answer take_chunk(Call& call, const UploadSession& session) {
  const std::string& bytes = call.request.body;
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size >= kChunkLimit) return too_large();
  const auto range = read_content_range(call.request.headers.find("Content-Range"));
  if (!range || range->last - range->first + 1 != size) {
    return invalid_request("The Content-Range header is missing, malformed, or does not agree with the content.");
  }
  if (session.total >= 0 && range->total != session.total) {
    return invalid_request("The total size differs from that of the fragments before.");
  }
  if (range->first != session.received) {
    return Answer::error(416, "invalidRange",
                         "The uploaded fragment overlaps with data that has already been received, "
                         "or is not the next one.");
  }
  const bool last = range->last + 1 == range->total;
  // Inferred: at once. The service may find out only at the end.
  if (!last && size % kChunkUnit != 0) {
    return invalid_request("The fragment is not a multiple of 320 KiB (327,680 bytes).");
  }
  Answer refused;
  auto pieces = keep_bytes(call, bytes, refused);
  if (!pieces) return refused;
  Drives& drives = call.store.drives();
  if (!last) {
    Status added = drives.add_chunk(session, pieces->front(), range->total, call.now + kSessionLife);
    return added ? answer_state(202, session) : storage_failed(added.error());
  }
  const Drive* drive = drives.find(session.drive);
  const DriveItem* folder = drive == nullptr ? nullptr : drive->find(session.folder);
  if (folder == nullptr) return item_not_found();  // deleted meanwhile
  UploadSession ended = session;                   // storing the file takes it away
  ended.pieces.push_back(pieces->front());
  return store_file(call, *drive, *folder, ended.name, ended.conflict, ended.pieces, ended.app, ended.token);
}

Answer answer_upload(Call& call) {
  const std::string& method = call.request.method;
  if (method != "PUT" && method != "GET" && method != "DELETE") {
    return Answer::error(405, "invalidRequest", "Specified HTTP method is not allowed.");
  }
  if (method == "PUT" && call.request.headers.find("Authorization") != nullptr) {
    return Answer::error(401, "unauthenticated", "An upload URL takes no Authorization header.");
  }
  const UploadSession* session = call.store.drives().session(call.keys[0]);
  if (session == nullptr || session->expires <= call.now) {
    return Answer::error(404, "itemNotFound", "The upload session was not found.");
  }
  if (method == "PUT") return take_chunk(call, *session);
  if (method == "GET") return answer_state(200, *session);
  Status ended = call.store.drives().end(*session);
  return ended ? Answer::none() : storage_failed(ended.error());
}

// "bytes=5-9", "bytes=5-", "bytes=-5"; nothing for another wish, which is then passed over, as HTTP allows.
std::optional<Range> read_range(const std::string* header, std::int64_t total) {
  constexpr std::string_view kUnit = "bytes=";
  if (header == nullptr || !header->starts_with(kUnit)) return std::nullopt;
  std::string_view text = std::string_view(*header).substr(kUnit.size());
  Range range{0, total - 1, total};
  std::int64_t tail = 0;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    if (!take_number(text, 0, tail)) return std::nullopt;
    range.first = std::max<std::int64_t>(0, total - tail);
    return range;
  }
  if (!take_number(text, '-', range.first)) return std::nullopt;
  if (!text.empty() && (!take_number(text, 0, range.last) || range.last < range.first)) return std::nullopt;
  range.last = std::min(range.last, total - 1);
  return range;
}

// Reads no more of the pieces than the range needs.
Result<std::string> read_bytes(const Blobs& blobs, const DriveItem& item, const Range& range) {
  std::string bytes;
  std::int64_t begin = 0;
  for (const Piece& piece : item.pieces) {
    const std::int64_t from = std::max(range.first, begin);
    const std::int64_t to = std::min(range.last + 1, begin + piece.size);
    if (from < to) {
      auto blob = blobs.get(piece.blob);
      if (!blob) return blob;
      bytes.append(*blob, static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
    }
    begin += piece.size;
  }
  return bytes;
}

Answer answer_download(Call& call) {
  if (call.request.method != "GET")
    return Answer::error(405, "invalidRequest", "Specified HTTP method is not allowed.");
  const std::string token = from_base64url(call.keys[0]).value_or("");
  const std::string text = token.substr(std::min<std::size_t>(16, token.size()));
  const auto parts = text.find(' ');
  const auto middle = text.rfind(' ');
  std::int64_t expires = 0;
  std::from_chars(text.data(), text.data() + text.size(), expires);
  const std::string seal = hmac_sha256(call.store.key(), "download " + text).substr(0, 16);
  const bool good = parts != middle && equal_in_constant_time(token.substr(0, 16), seal) && expires > call.now;
  const Drive* drive = good ? call.store.drives().find(text.substr(parts + 1, middle - parts - 1)) : nullptr;
  const DriveItem* item = drive == nullptr ? nullptr : drive->find(text.substr(middle + 1));
  if (item == nullptr) return item_not_found();
  const auto wanted = read_range(call.request.headers.find("Range"), item->size);
  if (wanted && wanted->first >= item->size) {
    Answer refused = Answer::error(416, "invalidRange", "The requested range is not in the file.");
    refused.headers.emplace_back("Content-Range", fmt::format("bytes */{}", item->size));
    return refused;
  }
  const Range range = wanted.value_or(Range{0, item->size - 1, item->size});
  auto bytes = read_bytes(call.store.blobs(), *item, range);
  if (!bytes) return storage_failed(bytes.error());
  Answer answer = Answer::success(wanted ? 206 : 200, std::move(*bytes));
  answer.content_type = mime_type(item->name);
  answer.headers.emplace_back("Content-Disposition", "attachment; filename*=UTF-8''" + percent_encode(item->name));
  answer.headers.emplace_back("Accept-Ranges", "bytes");
  if (wanted) {
    answer.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, item->size));
  }
  return answer;
}

}  // namespace

Answer put_drive_content(Call& call) {
  const auto size = static_cast<std::int64_t>(call.request.body.size());
  if (size > (call.options.variants.small_uploads ? kSmallPut : kLargePut)) return too_large();
  const std::string conflict = conflict_of(call);
  if (conflict.empty()) return invalid_request("The conflict behavior is fail, replace or rename.");
  Answer refused;
  const auto target = find_target(call, refused);
  if (!target) return refused;
  const auto pieces = keep_bytes(call, call.request.body, refused);
  if (!pieces) return refused;
  return store_file(call, *target->drive, *target->folder, target->name, conflict, *pieces, call.caller.app);
}

Answer get_drive_content(Call& call) {
  Answer refused;
  const auto spot = find_item(call, refused);
  if (!spot) return refused;
  if (spot->item->folder) return invalid_request("You cannot get content for a folder.");
  Answer answer = Answer::success(302, "");
  answer.headers.emplace_back("Location", download_url(call, *spot->drive, *spot->item));
  return answer;
}

Answer create_upload_session(Call& call) {
  Answer refused;
  const auto body = read_object(call, true, refused);
  if (!body) return refused;
  const auto item = body->find("item");
  std::string conflict = "replace";  // observed; the reference lists fail first
  if (item != body->end() && !item->is_null()) {
    if (!item->is_object()) return invalid_request("item is not an object.");
    if (!read_text(*item, "@microsoft.graph.conflictBehavior", conflict, refused)) return refused;
  }
  if (call.query.count("@microsoft.graph.conflictBehavior") != 0) conflict = conflict_of(call);
  conflict = read_conflict(conflict);
  if (conflict.empty()) return invalid_request("The conflict behavior is fail, replace or rename.");
  if (body->value("deferCommit", nlohmann::json()) == true) {
    return invalid_request("This emulator knows no deferred commit.");
  }
  const auto target = find_target(call, refused);
  if (!target) return refused;
  Drives& drives = call.store.drives();
  const DriveItem* known = target->drive->child(*target->folder, target->name);
  if (known != nullptr && (conflict == "fail" || (conflict == "replace" && known->folder))) return name_exists();
  if (call.options.variants.one_upload &&
      drives.uploading(target->drive->id, target->folder->id, target->name, call.now)) {
    return Answer::error(409, "nameAlreadyExists",
                         "A file with the same name is currently being uploaded. Change the filename and try again.");
  }
  UploadSession session;
  session.token = base64url(random_bytes(32));
  session.drive = target->drive->id;
  session.folder = target->folder->id;
  session.name = target->name;
  session.conflict = conflict;
  session.app = call.caller.app;
  session.expires = call.now + kSessionLife;
  Status begun = drives.begin(session, call.now);
  if (!begun) return storage_failed(begun.error());
  return answer_state(200, session,
                      {{"@odata.context", call.context("microsoft.graph.uploadSession")},
                       {"uploadUrl", fmt::format("{}/upload/{}", upload_base(call), session.token)}});
}

bool is_storage_address(std::string_view first_segment) {
  return first_segment == "upload" || first_segment == "download";
}

Answer answer_storage(Call& call) {
  if (call.keys.size() != 1) return item_not_found();
  const bool upload = call.version == "upload";
  call.version = "v1.0";  // of links in the answer
  return upload ? answer_upload(call) : answer_download(call);
}

}  // namespace teamferry::emulator
