#include "native/emulator/variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace teamferry::emulator {
namespace {

template <bool Variants::*Field>
void choose_flag(Variants& v, std::size_t value) {
  static const bool kDefault = Variants().*Field;
  v.*Field = (value == 0) == kDefault;
}

template <int Variants::*Field, int First, int Second>
void choose_status(Variants& v, std::size_t value) {
  v.*Field = value == 0 ? First : Second;
}

}  // namespace

const std::vector<Variant>& all_variants() {
  using V = Variants;
  static const std::vector<Variant> kAll = {
      {"parameter-names",
       {"strict", "lenient"},
       "startMigration also takes conversationCreatedDateTime",
       choose_flag<&V::lenient_names>},
      {"v1-start", {"on", "off"}, "startMigration and chat completion exist on v1.0", choose_flag<&V::v1_start>},
      {"import-status", {"200", "201"}, "of a good import", choose_status<&V::import_status, 200, 201>},
      {"channel-status",
       {"202", "201"},
       "of a channel created in migration mode",
       choose_status<&V::channel_status, 202, 201>},
      {"member-status", {"201", "204"}, "of an added team member", choose_status<&V::member_status, 201, 204>},
      {"empty-start",
       {"keep", "now"},
       "the import floor after a start without a date",
       choose_flag<&V::empty_start_is_now>},
      {"private-channel",
       {"standard", "refuse"},
       "what becomes of a private channel asked for in migration mode",
       choose_flag<&V::refuse_private_channels>},
      {"reactions", {"accept", "refuse"}, "messages with reactions", choose_flag<&V::refuse_reactions>},
      {"unknown-author",
       {"refuse", "accept"},
       "an author who is not in the tenant",
       choose_flag<&V::allow_unknown_authors>},
      {"early-status",
       {"403", "400"},
       "of a message at or before the floor",
       choose_status<&V::early_status, 403, 400>},
      {"location", {"quoted", "slash"}, "the form of Location headers", choose_flag<&V::slash_locations>},
      {"start",
       {"global", "absent"},
       "absent: a national cloud, without startMigration",
       choose_flag<&V::start_anywhere>},
      {"upload-limit", {"250mb", "4mb"}, "of a PUT of a file's content", choose_flag<&V::small_uploads>},
      {"files-folder", {"late", "ready"}, "the first look at a channel's filesFolder", choose_flag<&V::folders_ready>},
      {"upload-sessions",
       {"many", "one"},
       "how many a file may have open; one: as OneDrive for Business was seen to do",
       choose_flag<&V::one_upload>},
      {"other-app-status",
       {"403", "400"},
       "when another app owns the import session",
       choose_status<&V::other_app_status, 403, 400>},
      {"v1-mode", {"present", "absent"}, "migrationMode in answers of v1.0", choose_flag<&V::mode_on_v1>},
      {"stray-mark", {"refuse", "accept"}, "an <at> without a mention", choose_flag<&V::stray_marks>},
      {"adaptive-card", {"refuse", "accept"}, "cards as attachments", choose_flag<&V::adaptive_cards>},
      {"unused-image",
       {"refuse", "accept"},
       "hosted contents that the body does not name",
       choose_flag<&V::unused_images>},
      {"too-large-status", {"413", "400"}, "of a request over 4 MiB", choose_status<&V::too_large_status, 413, 400>},
      {"unknown-property", {"refuse", "ignore"}, "of a message", choose_flag<&V::ignore_unknown_properties>},
      {"provisioning", {"succeed", "fail"}, "how the operation of a new team ends", choose_flag<&V::fail_provisioning>},
  };
  return kAll;
}

Status Variants::set(std::string_view assignment) {
  const auto equals = std::min(assignment.find('='), assignment.size());
  const std::string_view name = assignment.substr(0, equals);
  const std::string_view value = assignment.substr(std::min(equals + 1, assignment.size()));
  std::vector<std::string_view> names;
  for (const Variant& variant : all_variants()) {
    names.push_back(variant.name);
    if (variant.name != name) continue;
    const auto found = std::find(variant.values.begin(), variant.values.end(), value);
    if (found == variant.values.end()) {
      return Error::argument("bad_variant", fmt::format("variant {}: '{}' is not one of {}", name, value,
                                                        fmt::join(variant.values, ", ")));
    }
    variant.choose(*this, static_cast<std::size_t>(found - variant.values.begin()));
    return done();
  }
  return Error::argument("bad_variant",
                         fmt::format("there is no variant '{}'; there are {}", name, fmt::join(names, ", ")));
}

}  // namespace teamferry::emulator
