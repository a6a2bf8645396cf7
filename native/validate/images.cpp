#include "native/validate/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "native/limits/limits.h"

namespace teamferry::validate {
namespace {

using namespace std::string_view_literals;

constexpr const char* kAsFile = "Upload it as a file and link it";

struct Magic {
  std::size_t at;
  std::string_view bytes, type;
};
// Also what is no hosted type, so that a finding can name it.
constexpr Magic kMagics[] = {
    {0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    {0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {8, "WEBP"sv, "image/webp"},
    {0, "BM"sv, "image/bmp"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {4, "ftypavif"sv, "image/avif"},
    {4, "ftyphei"sv, "image/heic"},
    {0, "<svg"sv, "image/svg+xml"},
    {0, "<?xml"sv, "image/svg+xml"},
    {0, "%PDF"sv, "application/pdf"},
};

constexpr auto make_digits() {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}
constexpr auto kDigits = make_digits();

std::string image_field(std::size_t index, const char* member) {
  return fmt::format("hostedContents[{}].{}", index, member);
}

// R32. Documented: example 5 of https://learn.microsoft.com/graph/api/chatmessage-post (2026-08). That an unused entry
// is refused is inferred.
void check_pairs(std::span<const ImageFacts> images, const Markers& markers, Findings& findings) {
  std::map<std::string_view, bool> used;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto id = images[i].temporaryId;
    if (id.empty() || !used.insert({id, false}).second) {
      add_error(findings, "R32", image_field(i, "@microsoft.graph.temporaryId"),
                id.empty() ? "it is missing" : fmt::format("two images have the id '{}'", shown(id)),
                "Number the images from 1");
    }
  }
  for (const auto& marker : markers) {
    if (marker.kind != Marker::Kind::image) continue;
    const auto found = used.find(marker.id);
    if (found != used.end()) {
      found->second = true;
    } else {
      add_error(findings, "R32", "body.content",
                fmt::format("the image ../hostedContents/{}/$value is not in hostedContents", shown(marker.id)),
                "Add it, or take the <img> out");
    }
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto found = used.find(images[i].temporaryId);
    if (found == used.end() || found->second) continue;
    found->second = true;
    add_error(findings, "R32", image_field(i, "@microsoft.graph.temporaryId"),
              fmt::format("the body does not show image '{}'", shown(images[i].temporaryId)),
              fmt::format("Add <img src=\"../hostedContents/{}/$value\"> to the body", shown(images[i].temporaryId)));
  }
}

// R33. Documented: images only; the reference writes "image/png, image/jpg and so on".
// Source: https://learn.microsoft.com/graph/api/resources/chatmessagehostedcontent (2026-08)
void check_type(const ImageFacts& facts, std::size_t index, Findings& findings) {
  const auto says = facts.contentType == "image/jpg" ? "image/jpeg"sv : facts.contentType;
  if (!facts.bytes) {
    add_error(findings, "R33", image_field(index, "contentBytes"), "it is missing or not base64",
              "Give the image as base64");
  } else if (!is_hosted_type(facts.bytes->type)) {
    add_error(findings, "R33", image_field(index, "contentBytes"),
              facts.bytes->type.empty()
                  ? "these bytes are no picture that Teams shows in a text"
                  : fmt::format("it is {}, which Teams does not show in a text", facts.bytes->type),
              kAsFile);
  } else if (is_hosted_type(facts.contentType) && facts.bytes->type != says) {
    add_error(findings, "R33", image_field(index, "contentType"),
              fmt::format("it says {}, the bytes are {}", facts.contentType, facts.bytes->type),
              fmt::format("Write {}", facts.bytes->type));
  }
  if (!is_hosted_type(facts.contentType)) {
    add_error(findings, "R33", image_field(index, "contentType"),
              facts.contentType.empty() ? "it is missing" : fmt::format("'{}' is not hosted", shown(facts.contentType)),
              "Write image/png, image/jpeg or image/gif");
  }
}

}  // namespace

std::string_view sniff_type(std::string_view bytes) {
  for (const auto& magic : kMagics) {
    if (bytes.size() >= magic.at + magic.bytes.size() && bytes.substr(magic.at, magic.bytes.size()) == magic.bytes) {
      return magic.type;
    }
  }
  return {};
}

std::optional<ImageBytes> read_base64(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) return std::nullopt;
  auto digits = base64;
  while (digits.size() + 2 > base64.size() && digits.ends_with('=')) digits.remove_suffix(1);
  for (const unsigned char c : digits) {
    if (kDigits[c] < 0) return std::nullopt;
  }
  std::string front;
  for (std::size_t i = 0; i + 1 < digits.size() && front.size() < 16; ++i) {
    const auto first = static_cast<unsigned>(kDigits[static_cast<unsigned char>(digits[i])]);
    const auto second = static_cast<unsigned>(kDigits[static_cast<unsigned char>(digits[i + 1])]);
    if (i % 4 == 0) front += static_cast<char>(first << 2 | second >> 4);
    if (i % 4 == 1) front += static_cast<char>(first << 4 | second >> 2);
    if (i % 4 == 2) front += static_cast<char>(first << 6 | second);
  }
  return ImageBytes{digits.size() * 3 / 4, sniff_type(front)};
}

bool is_hosted_type(std::string_view contentType) {
  return contentType == "image/png" || contentType == "image/jpeg" || contentType == "image/jpg" ||
         contentType == "image/gif";
}

void check_images(std::span<const ImageFacts> images, const Markers& markers, std::size_t request_bytes,
                  Findings& findings) {
  if (images.empty() && markers.empty()) return;
  const auto& sizes = limits::in_force().sizes;
  Findings found;
  check_pairs(images, markers, found);
  for (std::size_t i = 0; i < images.size() && found.size() < kMostFindings; ++i) {
    check_type(images[i], i, found);
    // R34. Observed: larger ones were refused with 400 or lost.
    if (images[i].bytes && images[i].bytes->size > sizes.image_bytes) {
      add_error(found, "R34", image_field(i, "contentBytes"),
                fmt::format("the image has {} bytes, the limit is {}", images[i].bytes->size, sizes.image_bytes),
                kAsFile);
    }
  }
  if (request_bytes > sizes.request_bytes) {
    add_error(found, "R34", "hostedContents",
              fmt::format("the request takes {} bytes, the limit is {}", request_bytes, sizes.request_bytes),
              "Upload some of the images as files and link them");
  }
  add_first(findings, std::move(found));
}

}  // namespace teamferry::validate
