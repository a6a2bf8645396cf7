#include <catch2/catch.hpp>

#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

TEST_CASE("JSON comes back as it was", "[json]") {
  Script script;
  const std::string text = GENERATE("[]", "{}", "[[],{}]", R"({"a":[1,2.5,-3],"b":{"c":true,"d":false}})",
                                    R"("é\n\"\\")", R"({"a":"","b":0})", "[null,1]", R"(["\u0001"])", "1e+300");
  CHECK(script.run("return json.encode((json.decode [==[" + text + "]==]))") == text);
}

TEST_CASE("Null is absent in an object, json.null in a list, and all are kept on request", "[json]") {
  Script script;
  CHECK(script.run("return json.decode('{\"a\":null}').a") == "nil");
  CHECK(script.run("return json.decode('[null]')[1] == json.null") == "true");
  CHECK(script.run("return json.decode('{\"a\":null}', { null = true }).a == json.null") == "true");
  CHECK(script.run("return json.encode { a = json.null }") == R"({"a":null})");
  CHECK(script.run("return tostring(json.null)") == "null");
}

TEST_CASE("A number that Lua would print otherwise arrives as text", "[json]") {
  Script script;
  CHECK(script.run("return json.decode('12345678901234')") == "12345678901234");
  CHECK(script.run("return type(json.decode('123456789012345678'))") == "string");
  CHECK(script.run("return json.decode('123456789012345678')") == "123456789012345678");
  CHECK(script.run("return type(json.decode('1.5'))") == "number");
}

TEST_CASE("Keys are written sorted, so that equal values give equal bytes", "[json]") {
  Script script;
  CHECK(script.run("return json.encode { b = 1, a = 2, c = json.array {} }") == R"({"a":2,"b":1,"c":[]})");
  CHECK(script.run("return json.encode({ 1, { a = 2 } }, { pretty = true })") == "[\n  1,\n  {\n    \"a\": 2\n  }\n]");
}

TEST_CASE("What JSON cannot hold is refused by name", "[json]") {
  Script script;
  CHECK_THAT(script.run("return json.encode(print)"), Contains("JSON has no function"));
  CHECK_THAT(script.run("return json.encode(0/0)"), Contains("not a number"));
  CHECK_THAT(script.run("return json.encode { [1.5] = 1 }"), Contains("named by a number"));
  CHECK_THAT(script.run("return json.encode { 1, a = 2 }"), Contains("both a list and named fields"));
  CHECK_THAT(script.run("local t = {} t.t = t return json.encode(t)"), Contains("in a circle"));
}

TEST_CASE("Text that is no JSON gives nil and an error, and damaged text is written as U+FFFD", "[json]") {
  Script script;
  CHECK(script.run("return (json.decode 'nonsense')") == "nil");
  CHECK(script.run("local _, err = json.decode '<html>' return type(err.message)") == "string");
  CHECK(script.run("return json.encode '\\255a\\237\\160\\128'") ==
        "\"\xEF\xBF\xBD"
        "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
