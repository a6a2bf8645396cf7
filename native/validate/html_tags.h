#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The tags and attributes that Teams keeps, and how elements may stand in each other. The list is what Graph
// returns and accepts in its samples. Source: https://learn.microsoft.com/graph/api/resources/chatmessage,
// https://learn.microsoft.com/graph/api/chatmessage-post (2026-08)
namespace teamferry::validate {

enum TagKind : std::uint8_t {
  kOther = 0,
  kParagraph = 1,
  kList = 2,
  kTable = 4,
  kTableBody = 8,
  kRow = 16,
  kCell = 32,
  kHeading = 64,
  kLink = 128,
};

struct Tag {
  std::string_view name;
  TagKind kind = kOther;
  bool empty = false;             // has no end tag
  bool closes_paragraph = false;  // a parser closes an open <p> before it
  bool only_rows = false;         // holds table parts and white space only
  std::uint8_t parents = 0;       // kinds one of which must hold it directly; 0: any
  std::array<std::string_view, 6> attributes{};
};

extern const Tag kUnknownTag;

// Without regard to case; null for a tag that is not kept.
const Tag* find_tag(std::string_view name);

// The place of an attribute in tag.attributes; -1 when it is not kept.
int find_attribute(const Tag& tag, std::string_view name);

// Runs, fetches, or takes what follows it out of the message.
bool is_dangerous_tag(std::string_view name);

bool equals_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace teamferry::validate
