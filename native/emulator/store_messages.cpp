#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "native/emulator/store.h"

// Messages, which are most of a log: their lines are written and read without a JSON value in between.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::string_view kPictures = R"(,"pictures":)";
constexpr std::string_view kContent = R"(,"content":{)";

// The members in the order that replay_message reads.
std::string message_line(std::string_view start, const std::string& conversation, const Message& m,
                         const std::vector<HostedImage>& pictures) {
  std::string line;
  line.reserve(start.size() + conversation.size() + m.content.size() + 128);
  line += start;
  line += conversation;
  fmt::format_to(std::back_inserter(line), R"(","created":{},"id":{},"root":{},"stored":{})", m.created, m.id, m.root,
                 m.stored);
  if (!pictures.empty()) {
    json list = json::array();
    for (const HostedImage& picture : pictures) list.push_back({picture.id, picture.blob, picture.type});
    line += kPictures;
    line += list.dump();
  }
  line += kContent;
  line += m.content;
  line += "}}\n";
  return line;
}

template <class Number>
bool take_number(std::string_view& rest, std::string_view name, Number& value) {
  if (!rest.starts_with(name)) return false;
  rest.remove_prefix(name.size());
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (failure != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

bool take_pictures(std::string_view& rest, std::vector<HostedImage>& pictures) {
  if (!rest.starts_with(kPictures)) return true;
  rest.remove_prefix(kPictures.size());
  const json list = json::parse(rest.substr(0, rest.find(kContent)), nullptr, false);
  if (!list.is_array()) return false;
  for (const json& each : list) {
    if (!each.is_array() || each.size() != 3) return false;
    for (const json& text : each) {
      if (!text.is_string()) return false;
    }
    pictures.push_back({each[0], each[1], each[2]});
  }
  rest.remove_prefix(std::min(rest.find(kContent), rest.size()));
  return true;
}

Error damaged(const std::string& what) {
  return Error::state("emulator_state", what);
}

}  // namespace

const Message* Conversation::find(std::uint64_t message_id) const {
  if (const auto found = by_id.find(message_id); found != by_id.end()) return &messages[found->second];
  const auto found = by_time.find(static_cast<std::int64_t>(message_id));
  return found != by_time.end() && messages[found->second].id == message_id ? &messages[found->second] : nullptr;
}

const std::vector<HostedImage>& Conversation::pictures_of(const Message& message) const {
  static const std::vector<HostedImage> kNone;
  const auto found = pictures.find(message.id);
  return found == pictures.end() ? kNone : found->second;
}

Status Store::replay_message(std::string_view line) {
  std::string_view rest = line.substr(kMessageStart.size());
  const std::string_view id = rest.substr(0, rest.find('"'));
  rest.remove_prefix(id.size());
  Message m;
  std::vector<HostedImage> pictures;
  if (!take_number(rest, R"(","created":)", m.created) || !take_number(rest, R"(,"id":)", m.id) ||
      !take_number(rest, R"(,"root":)", m.root) || !take_number(rest, R"(,"stored":)", m.stored) ||
      !take_pictures(rest, pictures) || !rest.starts_with(kContent) || rest.size() < kContent.size() + 2 ||
      !rest.ends_with("}}")) {
    return damaged("not a message as the emulator writes them");
  }
  Conversation* conversation = find_conversation(id);
  if (conversation == nullptr) return damaged(fmt::format("a message of the unknown conversation {}", id));
  if (conversation->by_time.count(m.created) != 0 || conversation->find(m.id) != nullptr) {
    return damaged(fmt::format("a second message {} at {}", m.id, m.created));
  }
  m.content = rest.substr(kContent.size(), rest.size() - kContent.size() - 2);
  apply_message(*conversation, std::move(m), std::move(pictures));
  return done();
}

const Message* Store::apply_message(Conversation& conversation, Message message, std::vector<HostedImage> pictures) {
  const auto number = static_cast<std::uint32_t>(conversation.messages.size());
  conversation.by_time.emplace(message.created, number);
  if (message.id != static_cast<std::uint64_t>(message.created)) conversation.by_id.emplace(message.id, number);
  Order& order = message.root == 0 ? conversation.roots : conversation.replies[message.root];
  order.emplace(message.created, number);
  if (!pictures.empty()) conversation.pictures[message.id] = std::move(pictures);
  last_ingestion_id_ = std::max(last_ingestion_id_, message.id);
  conversation.messages.push_back(std::move(message));
  return &conversation.messages.back();
}

Result<const Message*> Store::add_message(Conversation& conversation, Message message,
                                          std::vector<HostedImage> pictures) {
  while (conversation.find(message.id) != nullptr) ++message.id;
  if (log_) {
    Status written = log_->append(message_line(kMessageStart, conversation.id, message, pictures));
    if (!written) return written.error();
  }
  return apply_message(conversation, std::move(message), std::move(pictures));
}

std::uint64_t Store::next_ingestion_id(std::int64_t now) {
  return std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(now, 1)), last_ingestion_id_ + 1);
}

}  // namespace teamferry::emulator
