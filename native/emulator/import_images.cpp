#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "native/emulator/hosted.h"
#include "native/emulator/import_draft.h"
#include "native/emulator/text.h"

// Pictures inside a message: they come as hostedContents beside the text, whose <img> name them by a temporary id.
namespace teamferry::emulator {
namespace {

// Standard base64 with its padding and nothing else (that the service takes no other form is inferred).
std::optional<std::string> from_base64(std::string_view text) {
  static const auto kValues = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
      values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
  }();
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.back() == '='; ++i) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((held >> bits) & 255U);
  }
  return bytes;
}

// "image/png": it becomes a header when the picture is read.
bool is_image_type(std::string_view type) {
  constexpr std::string_view kImage = "image/";
  const std::string lower = lower_ascii(type);
  return lower.size() > kImage.size() && lower.compare(0, kImage.size(), kImage) == 0 &&
         std::all_of(lower.begin() + kImage.size(), lower.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

Refusal read_image(Draft& draft, Element item) {
  Value temporary_id, bytes_member, type_member;
  if (auto refused = read_fields(draft.call, item, "microsoft.graph.chatMessageHostedContent",
                                 {{"@microsoft.graph.temporaryId", &temporary_id},
                                  {"contentBytes", &bytes_member},
                                  {"contentType", &type_member},
                                  {"id", nullptr}}))
    return refused;
  NewImage image;
  std::string_view text;
  if (auto refused = read_string(temporary_id, "@microsoft.graph.temporaryId", image.temporary_id)) return refused;
  if (auto refused = read_string(type_member, "contentType", image.type)) return refused;
  if (image.temporary_id.empty()) return Answer::bad_request("A hosted content has no @microsoft.graph.temporaryId.");
  if (std::any_of(draft.images.begin(), draft.images.end(),
                  [&](const NewImage& other) { return other.temporary_id == image.temporary_id; })) {
    return Answer::bad_request(fmt::format("The temporaryId '{}' is not unique.", image.temporary_id));
  }
  if (!is_image_type(image.type)) {
    return Answer::bad_request(fmt::format("Hosted contents of type '{}' are not supported.", image.type));
  }
  if (!bytes_member || bytes_member->get(text) != simdjson::SUCCESS) {
    return Answer::bad_request("Invalid request body was sent.");
  }
  auto bytes = from_base64(text);
  if (!bytes) return Answer::bad_request("Invalid request body was sent.");
  image.bytes = std::move(*bytes);
  image.id = new_hosted_id();
  draft.images.push_back(std::move(image));
  return std::nullopt;
}

// The temporary id that a src names; nothing for an address of another kind.
std::optional<std::string_view> temporary_id_of(std::string_view src) {
  if (src.substr(0, kHostedStart.size()) != kHostedStart) return std::nullopt;
  src.remove_prefix(kHostedStart.size());
  return src.substr(0, src.rfind('/'));
}

NewImage* find_image(Draft& draft, std::string_view src) {
  const std::string_view id = *temporary_id_of(src);
  if (src.substr(kHostedStart.size() + id.size()) != kHostedEnd) return nullptr;
  const std::string decoded = percent_decode(id, false).value_or(std::string(id));
  const auto found = std::find_if(draft.images.begin(), draft.images.end(), [&](const NewImage& image) {
    return image.temporary_id == id || image.temporary_id == decoded;
  });
  return found == draft.images.end() ? nullptr : &*found;
}

}  // namespace

Refusal read_images(Draft& draft) {
  std::vector<Element> items;
  if (auto refused = read_items(draft.hosted, "hostedContents", items)) return refused;
  for (const Element item : items) {
    if (auto refused = read_image(draft, item)) return refused;
  }
  return std::nullopt;
}

Refusal write_body(Draft& draft) {
  std::string& out = draft.content;
  out += draft.html ? R"(,"body":{"contentType":"html","content":")" : R"(,"body":{"contentType":"text","content":")";
  std::size_t written = 0;
  for (const Mark& mark : draft.marks) {
    if (mark.kind != Mark::Kind::image || !temporary_id_of(mark.value)) continue;
    NewImage* image = find_image(draft, mark.value);
    if (image == nullptr) {
      return Answer::bad_request(fmt::format("No hosted content belongs to the image '{}'.", mark.value));
    }
    image->used = true;
    const auto at = static_cast<std::size_t>(mark.value.data() - draft.text.data());
    append_json_escaped(out, draft.text.substr(written, at - written));
    out += kHostedStart;
    out += image->id;
    out += kHostedEnd;
    written = at + mark.value.size();
  }
  append_json_escaped(out, draft.text.substr(written));
  out += "\"}";
  for (const NewImage& image : draft.images) {
    if (!image.used && !draft.call.options.variants.unused_images) {
      return Answer::bad_request(fmt::format("Body does not contain the hosted content '{}'.", image.temporary_id));
    }
  }
  return std::nullopt;
}

}  // namespace teamferry::emulator
