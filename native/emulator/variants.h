#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/base/result.h"

// Where the documents contradict each other, or users saw something else than is documented: which of the answers
// this emulator gives. Section and rows are those of the fact sheet. The defaults are the strict, documented ones.
// Tested by tests/native/emulator/variants_test.cpp, and each by the test of its row.
namespace teamferry::emulator {

struct Variants {
  bool lenient_names = false;              // startMigration takes conversationCreatedDateTime too (4.1, E47)
  bool v1_start = true;                    // startMigration and chat completion exist on v1.0 (4.2)
  int import_status = 200;                 // or 201 (4.3, E59)
  int channel_status = 202;                // or 201 (4.4, E32)
  int member_status = 201;                 // or 204 (4.5, E118)
  bool empty_start_is_now = false;         // a start without a body makes "now" the floor of imports (4.6, E48)
  bool refuse_private_channels = false;    // instead of making them standard in silence (4.7, E34)
  bool refuse_reactions = false;           // messages with reactions are 400 (4.9)
  bool allow_unknown_authors = false;      // accept any GUID as author (4.16, E74)
  int early_status = 403;                  // or 400: at or before the floor (4.17, E65)
  bool slash_locations = false;            // Location: /teams/{id}/operations/{id} (4.19, E21)
  bool start_anywhere = true;              // false: a cloud without startMigration (4.20, E51)
  bool small_uploads = false;              // PUT of a file's content ends at 4 MB (4.24)
  bool folders_ready = false;              // the first look at a channel's filesFolder finds it (E141)
  bool one_upload = false;                 // a second upload session for a name is 409 while one is open (E143)
  int other_app_status = 403;              // or 400: import or completion by an app that does not own it (E69, E108)
  bool mode_on_v1 = true;                  // false: migrationMode is absent from v1.0, as in January 2026 (E57)
  bool stray_marks = false;                // <at id> without a mention passes as text (E83)
  bool adaptive_cards = false;             // attachments that are cards pass (E90)
  bool unused_images = false;              // hosted contents that the body never names pass (E93)
  int too_large_status = 413;              // or 400: a request over 4 MiB (E96)
  bool ignore_unknown_properties = false;  // of a message (E102)
  bool fail_provisioning = false;          // operations end as failed, their teams never appear (E29)

  // "import-status=201". The error names what there is.
  Status set(std::string_view assignment);

  bool operator==(const Variants&) const = default;
};

struct Variant {
  std::string_view name;
  std::vector<std::string_view> values;  // the first is the default
  std::string_view doc;
  void (*choose)(Variants&, std::size_t value);
};

const std::vector<Variant>& all_variants();

}  // namespace teamferry::emulator
