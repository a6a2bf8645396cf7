#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/call.h"
#include "native/emulator/collection.h"
#include "native/emulator/drives.h"

// What the routes of files share: finding what a path names, the rules for names, and what items look like.
// Tested by tests/native/emulator/files_test.cpp.
namespace teamferry::emulator {

// The drive that key 0 names, by id or as "users/u/drive"; a user's comes into being when it is first asked for.
// nullptr: there is none, and `refused` is the answer.
const Drive* find_drive(const Call& call, Answer& refused);
const Drive* drive_of_user(const Call& call, const User& user, Answer& refused);
// The library of the team, or of a private or shared channel alone; made if need be.
const Drive* drive_of_channel(const Call& call, const Conversation& channel, Answer& refused);

// A place in a drive that may be empty yet.
struct Spot {
  const Drive* drive = nullptr;
  const DriveItem* item = nullptr;    // what is there
  const DriveItem* folder = nullptr;  // else: the deepest folder there is on the way,
  std::vector<std::string> names;     // and the names from there on, the last one is the item's own
};

// What keys 0 and 1 name; nothing if the drive or the item that the path starts at are not there, or if the way leads
// through a file; `refused` is the answer then.
std::optional<Spot> find_spot(const Call& call, Answer& refused);
// The same for what must be there: 404 otherwise.
std::optional<Spot> find_item(const Call& call, Answer& refused);

// 400 for a name that SharePoint does not take, or one that makes the path too long.
std::optional<Answer> refuse_name(const Drive& drive, const DriveItem& folder, std::string_view name);

// "fail", "replace" or "rename"; empty: another word.
std::string read_conflict(const std::string& text);
Answer name_exists();                         // 409
Answer item_not_found();                      // 404
Answer invalid_request(std::string message);  // 400

// Bytes without a token, for an hour from `now` on.
std::string download_url(const Call& call, const Drive& drive, const DriveItem& item);

Json print_item(const Call& call, const Drive& drive, const DriveItem& item);
// The whole answer: with its context, and $select obeyed.
Answer answer_item(const Call& call, int status, const Drive& drive, const DriveItem& item,
                   const std::string& context = "");
std::string_view mime_type(std::string_view name);

}  // namespace teamferry::emulator
