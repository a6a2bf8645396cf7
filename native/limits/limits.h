#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "native/base/error.h"
#include "native/base/result.h"
#include "native/limits/request_class.h"

// The numbers and texts of Microsoft's service, as dated data (service.json, built into the program), in typed form:
//
//   if (size > limits::in_force().sizes.message_hard_bytes) ...
//   if (limits::says(error, limits::in_force().texts.too_early)) ...
//
// The names in the file are those of the members here: sizes.message_hard_bytes. To add one: a line in service.json,
// a member here, a line in limits.cpp; the program does not start if the three disagree.
namespace teamferry::limits {

enum class Mark { documented, observed, inferred };
std::string_view to_string(Mark mark);

// Who says so, and when it was read.
struct Provenance {
  std::string source;  // an address; the file's name if a project overrides the value
  std::string as_of;   // "2026-08"; empty if a project overrides the value
  Mark mark = Mark::documented;
};

struct Sizes {
  std::size_t message_soft_bytes;
  std::size_t message_hard_bytes;
  std::size_t request_bytes;
  std::size_t image_bytes;
  std::size_t channel_name_units;  // UTF-16
  std::size_t team_name_units;
  std::size_t description_units;
  std::size_t chat_topic_units;
  std::size_t subject_units;
  std::size_t small_upload_bytes;
  std::size_t upload_chunk_step_bytes;
  std::size_t upload_chunk_bytes;
};

struct Counts {
  std::int64_t channels_per_team;
  std::int64_t private_channel_members;
  std::int64_t chat_members;
  std::int64_t chat_members_with_history;
  std::int64_t chat_members_at_creation;
  std::int64_t members_per_call;
  std::int64_t reactions_per_message;
  std::int64_t batch_parts;
  std::int64_t messages_per_page;
  std::int64_t users_per_page;
};

struct Times {
  std::int64_t operation_poll_seconds;
  std::int64_t largest_shift_ms;
  double long_sending_days;
};

struct Pace {
  double article_per_second;
  double strict_per_second;
  double floor_per_second;
  double halved_floor_share;
  double step_per_second;
  int step_after_requests;
  double used_share;
  double tenant_start_per_second;
  double tenant_doubling_seconds;
  double tenant_step_share;
  double tenant_probe_share;
  double tenant_floor_per_second;
  int crowd_conversations;
  double crowd_seconds;
  double unnamed_wait_seconds;
};

// A row of the table of rates, as printed.
struct RequestRate {
  double app_per_second;     // over all tenants
  double tenant_per_second;  // of one app in one tenant
  double resource_requests;  // of one conversation or team within resource_seconds; 0: no such limit
  double resource_seconds;
};

// Any of these, in any letter case.
using Texts = std::vector<std::string>;

struct KnownTexts {
  Texts version_mismatch;       // two writes met; the same bytes succeed later
  Texts not_marked_for_import;  // the conversation is not in migration mode
  Texts too_early;              // not later than the conversation's createdDateTime
  Texts other_application;      // another application imports here
  Texts other_session;          // another application opened what shall be completed
  Texts already_completed;      // nothing is left to complete
  Texts name_taken;
  Texts team_completed;   // takes no new channels
  Texts start_not_older;  // startMigration with a date that is not older than the conversation's
  Texts import_only;      // a 401 about the body, not about the token
  Texts missing_role;
};

class Limits {
 public:
  Sizes sizes{};
  Counts counts{};
  Times times{};
  Pace pace{};
  KnownTexts texts{};

  // Requires a class other than unpaced.
  const RequestRate& rate(RequestClass which) const { return requests[static_cast<std::size_t>(which)]; }

  // Of "counts.channels_per_team". Requires a name of service.json.
  const Provenance& provenance(std::string_view name) const;

  // What a project's file has changed, for the record: {"sizes.message_soft_bytes":20000}; "{}" if nothing.
  std::string overrides_json() const;

  std::array<RequestRate, kRequestClasses.size()> requests{};  // see rate()

 private:
  friend class Reader;
  std::map<std::string, Provenance, std::less<>> provenance_;
  std::map<std::string, std::string> overrides_;
};

// What is built in, with the values of a project's file over it; `json` is that file's text, `file` its name for
// errors. Refuses, with the name and the next step: what is not JSON, an unknown name, a value that makes no sense
// by itself or beside the others.
Result<Limits> overridden(std::string_view json, const std::string& file);
// The same from a file. An empty path: what is built in.
Result<Limits> read_file(const std::string& path);

// What counts in this process: what is built in, unless put_in_force() was called. A reference stays good for ever.
// Any thread may read; put_in_force() belongs to the start of a command, before it starts others.
const Limits& in_force();
void put_in_force(Limits limits);

// Whether the service said one of the texts.
bool says(const Error& error, const Texts& texts);
// Two writes met (412): the same bytes succeed a little later.
bool is_version_mismatch(const Error& error);
// How long to wait after a 429 that names no time.
std::chrono::milliseconds unnamed_wait();

}  // namespace teamferry::limits
