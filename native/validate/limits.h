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

// R4. Farther than this a clash is no longer moved: the record would tell another second than it happened.
inline constexpr std::int64_t kLargestShiftMs = 999;

}  // namespace teamferry::validate
