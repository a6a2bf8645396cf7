#include "native/validate/size.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "native/validate/text.h"

using namespace teamferry::validate;
using Json = nlohmann::json;

TEST_CASE("R20: JSON is as big as it is written", "[validate]") {
  for (const char* text : {"null", "[]", "{}", "[1,-2.5,true,null,[[]]]", R"({"a":"","b":[{}],"c":{"d":"é😀"}})",
                           R"(["\"\\/\b\f\n\r\t\u0001\u001f"])", "123456789012", "\"\""}) {
    INFO(text);
    const auto json = Json::parse(text);
    const auto written = json.dump();
    CHECK(measure(json).bytes == written.size());
    CHECK(measure(json).units == utf16_units(written));
  }
}

TEST_CASE("R34: the bytes of images are counted apart", "[validate]") {
  const auto size = measure(Json::parse(R"({"a":[{"contentBytes":"AAAA","x":1}],"contentBytes":"BB"})"));
  CHECK(size.bytes == std::string(R"({"a":[{"x":1}]})").size());
  CHECK(size.raw_bytes == 6);
}

TEST_CASE("No nesting is too deep to be measured", "[validate]") {
  CHECK(measure(Json::parse(std::string(100'000, '[') + std::string(100'000, ']'))).bytes == 200'000);
}
