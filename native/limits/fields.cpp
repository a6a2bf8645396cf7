#include "native/limits/fields.h"

#include <fmt/format.h>

#include <type_traits>

namespace teamferry::limits {
namespace {

constexpr double kMany = 1e12;        // bytes, members: more is a slip of the finger
constexpr double kFastest = 1e6;      // requests a second
constexpr double kSlowest = 0.001;    // one in a quarter of an hour
constexpr double kShortestName = 40;  // room for what we add: " (2)", the mark of a project
constexpr double kDay = 86'400;       // seconds

constexpr const char* kAnswers[] = {
    "channel_status",    "import_status",     "member_status",        "message_id",         "duplicate",
    "at_floor",          "before_floor",      "restart_without_date", "start_without_date", "start_version",
    "start_field_names", "mode_on_v1",        "private_channel_born", "unknown_author",     "guest_author",
    "disabled_author",   "unlicensed_author", "application_author",   "reactions",          "stray_mark",
    "adaptive_card",     "unused_image",      "unknown_property",     "too_large_status",   "tags_lost",
    "images_readable",   "other_app_import",  "other_app_complete"};

using Fields = std::map<std::string, Field, std::less<>>;

template <auto Group, auto Member>
Field number(double least, double most) {
  using Value = std::remove_reference_t<decltype((std::declval<Limits&>().*Group).*Member)>;
  Field field;
  field.set_number = [](Limits& limits, double value) { (limits.*Group).*Member = static_cast<Value>(value); };
  field.whole = std::is_integral_v<Value>;
  field.least = least;
  field.most = most;
  return field;
}

template <auto Member>
Field size() {
  return number<&Limits::sizes, Member>(1, kMany);
}
template <auto Member>
Field count() {
  return number<&Limits::counts, Member>(1, kMany);
}
template <auto Member>
Field pace(double least, double most) {
  return number<&Limits::pace, Member>(least, most);
}
template <auto Member>
Field texts() {
  Field field;
  field.set_texts = [](Limits& limits, Texts value) { limits.texts.*Member = std::move(value); };
  return field;
}

// What probe compares with: no native code reads it.
Field answer() {
  Field field;
  field.set_texts = [](Limits&, Texts) {};
  return field;
}

template <auto Member>
Field rate(std::size_t which, double least, double most) {
  Field field;
  field.set_number = [which](Limits& limits, double value) { limits.requests[which].*Member = value; };
  field.least = least;
  field.most = most;
  return field;
}

Fields make_fields() {
  Fields all = {
      {"sizes.message_soft_bytes", size<&Sizes::message_soft_bytes>()},
      {"sizes.message_hard_bytes", size<&Sizes::message_hard_bytes>()},
      {"sizes.request_bytes", size<&Sizes::request_bytes>()},
      {"sizes.image_bytes", size<&Sizes::image_bytes>()},
      {"sizes.channel_name_units", number<&Limits::sizes, &Sizes::channel_name_units>(kShortestName, kMany)},
      {"sizes.team_name_units", size<&Sizes::team_name_units>()},
      {"sizes.description_units", number<&Limits::sizes, &Sizes::description_units>(kShortestName, kMany)},
      {"sizes.chat_topic_units", size<&Sizes::chat_topic_units>()},
      {"sizes.subject_units", size<&Sizes::subject_units>()},
      {"sizes.small_upload_bytes", size<&Sizes::small_upload_bytes>()},
      {"sizes.upload_chunk_step_bytes", size<&Sizes::upload_chunk_step_bytes>()},
      {"sizes.upload_chunk_bytes", size<&Sizes::upload_chunk_bytes>()},

      {"counts.channels_per_team", count<&Counts::channels_per_team>()},
      {"counts.private_channel_members", count<&Counts::private_channel_members>()},
      {"counts.chat_members", count<&Counts::chat_members>()},
      {"counts.chat_members_with_history", count<&Counts::chat_members_with_history>()},
      {"counts.chat_members_at_creation", count<&Counts::chat_members_at_creation>()},
      {"counts.members_per_call", count<&Counts::members_per_call>()},
      {"counts.reactions_per_message", count<&Counts::reactions_per_message>()},
      {"counts.batch_parts", count<&Counts::batch_parts>()},
      {"counts.messages_per_page", count<&Counts::messages_per_page>()},
      {"counts.users_per_page", count<&Counts::users_per_page>()},

      {"times.operation_poll_seconds", number<&Limits::times, &Times::operation_poll_seconds>(1, kDay)},
      {"times.largest_shift_ms", number<&Limits::times, &Times::largest_shift_ms>(0, kDay * 1000)},
      {"times.long_sending_days", number<&Limits::times, &Times::long_sending_days>(0, kMany)},

      {"pace.article_per_second", pace<&Pace::article_per_second>(kSlowest, kFastest)},
      {"pace.strict_per_second", pace<&Pace::strict_per_second>(kSlowest, kFastest)},
      {"pace.floor_per_second", pace<&Pace::floor_per_second>(kSlowest, kFastest)},
      {"pace.halved_floor_share", pace<&Pace::halved_floor_share>(0.01, 1)},
      {"pace.step_per_second", pace<&Pace::step_per_second>(0, kFastest)},
      {"pace.step_after_requests", pace<&Pace::step_after_requests>(1, kFastest)},
      {"pace.used_share", pace<&Pace::used_share>(0.01, 1)},
      {"pace.tenant_start_per_second", pace<&Pace::tenant_start_per_second>(kSlowest, kFastest)},
      {"pace.tenant_doubling_seconds", pace<&Pace::tenant_doubling_seconds>(1, kDay)},
      {"pace.tenant_step_share", pace<&Pace::tenant_step_share>(0, 1)},
      {"pace.tenant_probe_share", pace<&Pace::tenant_probe_share>(0, 1)},
      {"pace.tenant_floor_per_second", pace<&Pace::tenant_floor_per_second>(kSlowest, kFastest)},
      {"pace.crowd_conversations", pace<&Pace::crowd_conversations>(2, kFastest)},
      {"pace.crowd_seconds", pace<&Pace::crowd_seconds>(0, kDay)},
      {"pace.unnamed_wait_seconds", pace<&Pace::unnamed_wait_seconds>(0, kDay)},

      {"texts.version_mismatch", texts<&KnownTexts::version_mismatch>()},
      {"texts.not_marked_for_import", texts<&KnownTexts::not_marked_for_import>()},
      {"texts.too_early", texts<&KnownTexts::too_early>()},
      {"texts.other_application", texts<&KnownTexts::other_application>()},
      {"texts.other_session", texts<&KnownTexts::other_session>()},
      {"texts.already_completed", texts<&KnownTexts::already_completed>()},
      {"texts.name_taken", texts<&KnownTexts::name_taken>()},
      {"texts.team_completed", texts<&KnownTexts::team_completed>()},
      {"texts.start_not_older", texts<&KnownTexts::start_not_older>()},
      {"texts.import_only", texts<&KnownTexts::import_only>()},
      {"texts.missing_role", texts<&KnownTexts::missing_role>()},
  };
  for (const char* name : kAnswers) all.emplace(fmt::format("answers.{}", name), answer());
  for (std::size_t which = 1; which < kRequestClasses.size(); ++which) {
    const std::string row = fmt::format("requests.{}.", kRequestClasses[which]);
    all.emplace(row + "app_per_second", rate<&RequestRate::app_per_second>(which, kSlowest, kFastest));
    all.emplace(row + "tenant_per_second", rate<&RequestRate::tenant_per_second>(which, kSlowest, kFastest));
    all.emplace(row + "resource_requests", rate<&RequestRate::resource_requests>(which, 0, kFastest));
    all.emplace(row + "resource_seconds", rate<&RequestRate::resource_seconds>(which, kSlowest, kDay));
  }
  return all;
}

}  // namespace

const Fields& fields() {
  static const Fields all = make_fields();
  return all;
}

std::string contradiction(const Limits& limits) {
  const Sizes& sizes = limits.sizes;
  if (sizes.message_soft_bytes > sizes.message_hard_bytes) {
    return "sizes.message_soft_bytes is more than sizes.message_hard_bytes";
  }
  if (sizes.message_hard_bytes > sizes.request_bytes) {
    return "sizes.message_hard_bytes is more than sizes.request_bytes";
  }
  if (sizes.upload_chunk_bytes % sizes.upload_chunk_step_bytes != 0) {
    return "sizes.upload_chunk_bytes is no multiple of sizes.upload_chunk_step_bytes";
  }
  const Pace& pace = limits.pace;
  if (pace.floor_per_second > pace.article_per_second || pace.floor_per_second > pace.strict_per_second) {
    return "pace.floor_per_second is more than the pace that it is the floor of";
  }
  if (pace.tenant_floor_per_second > pace.tenant_start_per_second) {
    return "pace.tenant_floor_per_second is more than pace.tenant_start_per_second";
  }
  return {};
}

}  // namespace teamferry::limits
