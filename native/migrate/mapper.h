#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/base/datetime.h"
#include "native/base/result.h"

// The seam between planning and mapping: what the planner asks of whoever reads an export and maps its
// records. Bindings implement it over a Lua state; tests implement it with tables of their own.
namespace teamferry::migrate {

struct Loss {
  std::string kind;    // snake_case, counted: "emoji_custom"
  std::string detail;  // for people: ":orbit:"
};

struct MappedPerson {
  std::string id, name, mail;
  std::string kind = "user";  // user, bot, guest, deleted
  std::string target;         // mail, UPN or id: the script's own decision; empty: `mail` is looked up
  std::string skip_reason;    // not empty: what they wrote is skipped
};

struct MappedPlace {
  std::string source_id;    // the room's id; equal ids are parts of one conversation
  std::string skip_reason;  // not empty: every record in it is skipped with "conversation: <reason>"
  std::string displayName, description, membershipType;  // of a chat the first is its topic
  std::string team;                  // displayName of the team to create, or id of one to fill; empty: the plan's own
  std::string chatType;              // not empty: a chat, group or oneOnOne
  std::string target;                // id of the channel or chat to fill; empty: a new one
  std::vector<std::string> members;  // ids of people
  std::optional<DateTime> createdDateTime;
  std::vector<Loss> losses;
  std::string record;  // "channels.json record 3"
  std::string error;   // not empty: mapping this room failed; its records are parked with it
  // The mapper's own name for the room; given back to messages(). A room that comes again with the handle it had is
  // not read again: only its losses count. 0: a room of no name.
  std::uint64_t handle = 0;
};

// One source record of a room. Views hold until the sink returns.
struct MappedMessage {
  enum class Outcome { mapped, skipped, parked };
  Outcome outcome = Outcome::mapped;
  std::string_view reason;  // skipped: the reason; parked: the error
  std::string_view record;  // "general/2019-02-04.json record 12"
  std::string_view key;     // unique in the conversation; empty: the planner derives one
  std::optional<DateTime> createdDateTime;
  std::string_view from;                   // person id
  std::optional<MappedPerson> introduces;  // `from` as a record: somebody the export does not list
  std::string_view reply_to;               // key of the root, or of any reply
  std::string_view content;                // HTML with markers: <at person="U1">label</at> ...
  std::string_view subject, importance;
  const std::vector<Loss>* losses = nullptr;
  bool added = false;
};

// Each sink returns false to stop the reading (a failure of the plan itself).
using PersonSink = std::function<bool(const MappedPerson&)>;
using PlaceSink = std::function<bool(const MappedPlace&)>;
using MessageSink = std::function<bool(const MappedMessage&)>;

// Belongs to one thread.
class Mapper {
 public:
  virtual ~Mapper() = default;
  virtual Status people(const PersonSink& sink) = 0;
  virtual Status conversations(const PlaceSink& sink) = 0;
  // Reads the room and maps every record of it. With `map` false the records are only counted: the sink
  // gets each with its place and key if cheap, outcome skipped and no reason.
  virtual Status messages(const MappedPlace& place, bool map, const MessageSink& sink) = 0;
  // Bytes to read for a room that conversations() has told of, as far as it can be known: the largest goes first.
  virtual std::uint64_t size_of(const MappedPlace&) { return 0; }
  // What a person should know of what was read since the last call.
  virtual std::vector<std::string> warnings() = 0;

  // A second mapper of the same export, for the calling thread: messages() of both give the same for the same place.
  // May be called on any thread once conversations() has been, while this one lives. Null: there is only one reader.
  using Another = std::function<Result<std::unique_ptr<Mapper>>()>;
  virtual Another another() { return nullptr; }
  // `proven` is called once it is sure that the mapping works at all. Until then nobody else should begin, so that
  // a script that fails with every record fails in the same place each time. Empty: another mapper has proven it.
  virtual void on_proven(std::function<void()> proven) {
    if (proven) proven();
  }
};

}  // namespace teamferry::migrate
