#include "native/migrate/body.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "native/migrate/visible_text.h"

namespace teamferry::migrate {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// What must be escaped in a JSON string.
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

// The first byte from `at` on that must be escaped, or the end. Most texts have few: eight bytes are looked at at once.
std::size_t next_escaped(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t quote = word ^ (kOnes * '"'), slash = word ^ (kOnes * '\\');
    // A byte of these has its high bit set if it may be below 0x20, a quote, a backslash; never misses one.
    const std::uint64_t hits =
        (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash)) & kHighs;
    if (hits != 0) break;
  }
  while (at < text.size() && !kEscaped[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += kHex[(c >> 4) & 0xf];
      out += kHex[c & 0xf];
  }
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_escaped(text, at);
    out.append(text, at, next - at);
    if (next < text.size()) append_escape(out, text[next]);
    at = next + 1;
  }
  out += '"';
}

void append_html_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

std::string text_of_html(std::string_view html) {
  std::string out;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] == '<') {
      const auto end = html.find('>', i);
      if (end == html.npos) break;
      i = end + 1;
    } else {
      const auto end = std::min(html.find('<', i), html.size());
      append_decoded(out, html.substr(i, end - i));
      i = end;
    }
  }
  return out;
}

std::string from_json(std::string_view user_id, std::string_view displayName) {
  std::string out = R"({"user":{)";
  append_member(out, "id", user_id);
  append_member(out, "displayName", displayName);
  append_member(out, "userIdentityType", "aadUser");
  return out += "}}";
}

void write_message_body(std::string& out, const BodyParts& parts) {
  out.clear();
  out += R"({"from":)";
  out += parts.from;
  out += R"(,"body":{"contentType":"html","content":)";
  append_json_string(out, parts.content);
  out += '}';
  if (parts.mentions && !parts.mentions->empty()) {
    out += R"(,"mentions":[)";
    int id = 0;
    for (const auto& mention : *parts.mentions) {
      if (id > 0) out += ',';
      out += R"({"id":)";
      out += std::to_string(id++);
      out += R"(,"mentionText":)";
      append_json_string(out, mention.text);
      out += R"(,"mentioned":)";
      out += from_json(mention.user_id, mention.displayName);
      out += '}';
    }
    out += ']';
  }
  if (!parts.importance.empty() && parts.importance != "normal") append_member(out, "importance", parts.importance);
  if (!parts.subject.empty()) append_member(out, "subject", parts.subject);
  out += '}';
}

std::string team_body(const TeamParts& parts) {
  std::string out = "{";
  append_member(out, "@microsoft.graph.teamCreationMode", "migration");
  append_member(out, "template@odata.bind", std::string(parts.graph_url) + "/teamsTemplates('standard')");
  append_member(out, "displayName", parts.displayName);
  append_member(out, "description", parts.description);
  append_member(out, "visibility", "private");
  append_member(out, "firstChannelName", "General");
  append_member(out, "createdDateTime", parts.createdDateTime);
  return out += '}';
}

std::string channel_body(std::string_view displayName, std::string_view description, std::string_view createdDateTime) {
  std::string out = "{";
  append_member(out, "@microsoft.graph.channelCreationMode", "migration");
  append_member(out, "displayName", displayName);
  if (!description.empty()) append_member(out, "description", description);
  append_member(out, "membershipType", "standard");
  append_member(out, "createdDateTime", createdDateTime);
  return out += '}';
}

namespace {

// All as owners: a chat knows no other members of the tenant, and a channel is created with its owners alone.
void append_owners(std::string& out, std::string_view graph_url, std::span<const journal::Member> members) {
  out += R"(,"members":[)";
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    append_member(out, "@odata.type", "#microsoft.graph.aadUserConversationMember");
    out += R"(,"roles":["owner"])";
    append_member(out, "user@odata.bind", fmt::format("{}/users('{}')", graph_url, members[i].user));
    out += '}';
  }
  out += ']';
}

}  // namespace

std::string normal_channel_body(const ChannelParts& parts) {
  std::string out = "{";
  append_member(out, "displayName", parts.displayName);
  if (!parts.description.empty()) append_member(out, "description", parts.description);
  append_member(out, "membershipType", parts.membershipType);
  if (!parts.members.empty()) append_owners(out, parts.graph_url, parts.members);
  return out += '}';
}

std::string chat_body(const ChatParts& parts) {
  std::string out = "{";
  append_member(out, "chatType", parts.chatType);
  if (!parts.topic.empty()) append_member(out, "topic", parts.topic);
  append_owners(out, parts.graph_url, parts.members);
  return out += '}';
}

}  // namespace teamferry::migrate
