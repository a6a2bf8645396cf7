#pragma once

#include <cstddef>
#include <cstdint>

// The sizes and spans that the rules measure by, with source and the date they were read.
namespace teamferry::validate {

// R20. A whole post with its HTML, mentions and image links, without contentBytes: "about 28 KB"; posts over
// 28,672 bytes were refused with 413, one of 28,522 characters was taken. We plan up to the soft size, which
// leaves room for what only the target can fill in, and never send more than the hard one.
// Source: https://learn.microsoft.com/microsoftteams/limits-specifications-teams (2026-08),
// https://github.com/microsoftgraph/microsoft-graph-docs/issues/7218 (2020-03)
inline constexpr std::size_t kMessageSoftBytes = 25'000;
inline constexpr std::size_t kMessageHardBytes = 28'000;

// R38, R39. Source: https://learn.microsoft.com/graph/api/resources/channel (2026-08),
// https://learn.microsoft.com/microsoftteams/limits-specifications-teams (2026-08). In UTF-16 units, the
// stricter reading of "characters".
inline constexpr std::size_t kChannelNameUnits = 50;
inline constexpr std::size_t kTeamNameUnits = 256;
inline constexpr std::size_t kDescriptionUnits = 1'024;

// R30. Source: https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/
// import-external-messages-to-teams (2026-08)
inline constexpr std::size_t kMostReactions = 250;

// R34. Graph takes 4 MB a call; an image of 9 MB was lost without an error, one just over 1 MB was refused in 2020.
// Base64 makes four bytes of three. Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/15594,
// 15334, 19264 (2020 to 2022)
inline constexpr std::size_t kRequestBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kImageBytes = 2'900'000;

// R36, R42. Inferred for the subject; the topic's as https://learn.microsoft.com/graph/api/resources/chat (2026-08).
// A new chat takes about 20 members at once (documented for Teams' own connector), the others are added after.
inline constexpr std::size_t kSubjectUnits = 255;
inline constexpr std::size_t kTopicUnits = 250;
inline constexpr std::size_t kMembersAtOnce = 20;

// R4. Farther than this a clash is no longer moved: the record would tell another second than it happened.
inline constexpr std::int64_t kLargestShiftMs = 999;

}  // namespace teamferry::validate
