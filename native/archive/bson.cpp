#include "native/archive/bson.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "native/base/datetime.h"

namespace teamferry::archive {
namespace {

constexpr int kDeepestBson = 100;

template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// How many bytes the value of an element takes at the front of `bytes`; nothing if that is not there or nonsense.
std::optional<std::size_t> value_size(unsigned char type, std::string_view bytes) {
  const auto prefixed = [bytes](std::size_t extra, std::int32_t least) -> std::optional<std::size_t> {
    if (bytes.size() < 4) return std::nullopt;
    const auto length = number_at<std::int32_t>(bytes, 0);
    if (length < least) return std::nullopt;
    return static_cast<std::size_t>(length) + extra;
  };
  switch (type) {
    case 0x06:
    case 0x0A:
    case 0x7F:
    case 0xFF:
      return 0;
    case 0x08:
      return 1;
    case 0x10:
      return 4;
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return 8;
    case 0x07:
      return 12;
    case 0x13:
      return 16;
    case 0x02:
    case 0x0D:
    case 0x0E:
      return prefixed(4, 1);
    case 0x0C:
      return prefixed(4 + 12, 1);
    case 0x05:
      return prefixed(5, 0);
    case 0x03:
    case 0x04:
    case 0x0F:
      return prefixed(0, static_cast<std::int32_t>(kShortestBson));
    case 0x0B: {
      const auto first = bytes.find('\0');
      const auto second = first == bytes.npos ? first : bytes.find('\0', first + 1);
      if (second == bytes.npos) return std::nullopt;
      return second + 1;
    }
    default:
      return std::nullopt;
  }
}

void add_text(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      json += c;
    }
  }
  json += '"';
}

std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (const unsigned char c : bytes) hex += fmt::format("{:02x}", c);
  return hex;
}

void add_base64(std::string& json, std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  json += '"';
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t i) {
      return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u;
    };
    const auto three = byte(0) << 16 | byte(1) << 8 | byte(2);
    json += kDigits[three >> 18];
    json += kDigits[three >> 12 & 63];
    json += at + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=';
    json += at + 2 < bytes.size() ? kDigits[three & 63] : '=';
  }
  json += '"';
}

// Decimal128 with its coefficient as a binary integer, which is how BSON has it.
std::string decimal_of(std::string_view bytes) {
  const auto low = number_at<std::uint64_t>(bytes, 0), high = number_at<std::uint64_t>(bytes, 8);
  const std::string sign = high >> 63 ? "-" : "";
  if ((high >> 58 & 31) == 31) return "NaN";
  if ((high >> 58 & 31) == 30) return sign + "Infinity";
  const bool large = (high >> 61 & 3) == 3;  // a coefficient beyond 34 digits, which stands for zero
  const int exponent = static_cast<int>(large ? high >> 47 & 0x3FFF : high >> 49 & 0x3FFF) - 6176;
  auto rest = large ? 0 : static_cast<unsigned __int128>(high & 0x1FFFFFFFFFFFFu) << 64 | low;
  std::string digits;
  for (; rest > 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  if (digits.empty()) digits = "0";
  const auto size = static_cast<int>(digits.size());
  if (exponent == 0) return sign + digits;
  if (exponent > 0 || exponent + size < -6) return fmt::format("{}{}E{}", sign, digits, exponent);
  if (exponent + size > 0) return sign + digits.insert(static_cast<std::size_t>(exponent + size), 1, '.');
  return sign + "0." + std::string(static_cast<std::size_t>(-exponent - size), '0') + digits;
}

class BsonWriter {
 public:
  explicit BsonWriter(std::string& json) : json_(json) {}

  const char* document(std::string_view bytes, bool list, int depth) {
    if (depth > kDeepestBson) return "it is nested deeper than 100";
    if (bson_length(bytes) != bytes.size() || bytes.back() != '\0') return "a length in it is wrong";
    json_ += list ? '[' : '{';
    std::size_t at = 4;
    bool first = true;
    while (at < bytes.size() - 1) {
      const auto element = bson_element(bytes.substr(0, bytes.size() - 1), at);
      if (!element) return "an element of it makes no sense";
      if (at > bytes.size() - 1) return "an element of it is longer than itself";
      if (!first) json_ += ',';
      first = false;
      if (!list) {
        add_text(json_, element->name);
        json_ += ':';
      }
      if (const char* wrong = value(*element, depth)) return wrong;
    }
    json_ += list ? ']' : '}';
    return nullptr;
  }

 private:
  const char* text(std::string_view value) {
    if (value.size() < 5 || value.back() != '\0') return "a text in it does not end";
    add_text(json_, value.substr(4, value.size() - 5));
    return nullptr;
  }

  const char* value(const BsonElement& element, int depth) {
    const auto bytes = element.value;
    switch (element.type) {
      case kBsonDouble: {
        const auto number = number_at<double>(bytes, 0);
        json_ += std::isfinite(number) ? fmt::format("{}", number) : "null";
        break;
      }
      case kBsonText:
      case 0x0D:
      case 0x0E:
        return text(bytes);
      case 0x03:
        return document(bytes, false, depth + 1);
      case 0x04:
        return document(bytes, true, depth + 1);
      case kBsonBinary:
        add_base64(json_, bytes.substr(5));
        break;
      case kBsonObjectId:
        add_text(json_, hex_of(bytes));
        break;
      case 0x08:
        json_ += bytes[0] != 0 ? "true" : "false";
        break;
      case 0x09:
        date(number_at<std::int64_t>(bytes, 0));
        break;
      case 0x0B: {
        const auto end = bytes.find('\0');
        add_text(json_, fmt::format("/{}/{}", bytes.substr(0, end), bytes.substr(end + 1, bytes.size() - end - 2)));
        break;
      }
      case 0x0C:  // a pointer to a document: its id counts
        add_text(json_, hex_of(bytes.substr(bytes.size() - 12)));
        break;
      case 0x0F: {  // code with its variables
        const auto rest = bytes.substr(4);
        const auto size = value_size(kBsonText, rest);
        if (!size || *size > rest.size()) return "a piece of code in it does not end";
        return text(rest.substr(0, *size));
      }
      case kBsonInt32:
        json_ += fmt::format("{}", number_at<std::int32_t>(bytes, 0));
        break;
      case 0x11:
        json_ += fmt::format("{}", number_at<std::uint64_t>(bytes, 0));
        break;
      case kBsonInt64:
        json_ += fmt::format("{}", number_at<std::int64_t>(bytes, 0));
        break;
      case 0x13:
        add_text(json_, decimal_of(bytes));
        break;
      default:
        json_ += "null";
    }
    return nullptr;
  }

  // Beyond the years that a time of ours can have, the milliseconds as a number.
  void date(std::int64_t ms) {
    constexpr std::int64_t kYear0 = -62'167'219'200'000, kYear10000 = 253'402'300'800'000;
    if (ms >= kYear0 && ms < kYear10000) {
      add_text(json_, DateTime{ms}.to_string());
    } else {
      json_ += fmt::format("{}", ms);
    }
  }

  std::string& json_;
};

}  // namespace

std::optional<std::size_t> bson_length(std::string_view bytes) {
  if (bytes.size() < kShortestBson) return std::nullopt;
  const auto length = number_at<std::int32_t>(bytes, 0);
  if (length < static_cast<std::int32_t>(kShortestBson) || static_cast<std::size_t>(length) > kLongestBson) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(length);
}

std::optional<BsonElement> bson_element(std::string_view whole, std::size_t& at) {
  if (at >= whole.size() || whole[at] == '\0') return std::nullopt;
  BsonElement element;
  element.type = static_cast<unsigned char>(whole[at]);
  const auto end = whole.find('\0', at + 1);
  if (end == whole.npos) return std::nullopt;
  element.name = whole.substr(at + 1, end - at - 1);
  const auto size = value_size(element.type, whole.substr(end + 1));
  if (!size) return std::nullopt;
  at = end + 1 + *size;
  if (at <= whole.size()) element.value = whole.substr(end + 1, *size);
  return element;
}

std::string bson_id(const BsonElement& element) {
  const auto bytes = element.value;
  if (element.type == kBsonText && bytes.size() > 4) return std::string(bytes.substr(4, bytes.size() - 5));
  if (element.type == kBsonObjectId && bytes.size() == 12) return hex_of(bytes);
  if (element.type == kBsonInt32 && bytes.size() == 4) return fmt::format("{}", number_at<std::int32_t>(bytes, 0));
  if (element.type == kBsonInt64 && bytes.size() == 8) return fmt::format("{}", number_at<std::int64_t>(bytes, 0));
  return {};
}

const char* bson_to_json(std::string_view document, std::string& json) {
  json.clear();
  return BsonWriter(json).document(document, false, 1);
}

}  // namespace teamferry::archive
