// Every rule of the fact sheet is named by a test here, so that none can be forgotten.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

TEST_CASE("Each rule from R1 to R48 has a test that names it", "[validate]") {
  std::set<std::string> named;
  const std::regex name(R"re((?:TEST_CASE|SECTION)\("([^"]*)")re"), rule(R"(\bR(\d+)\b)");
  for (const auto& file : std::filesystem::directory_iterator(TEAMFERRY_SOURCE_DIR "/tests/native/validate")) {
    if (file.path().extension() != ".cpp" || file.path().filename() == "rules_test.cpp") continue;
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto source = text.str();
    for (std::sregex_iterator test(source.begin(), source.end(), name), end; test != end; ++test) {
      const auto title = (*test)[1].str();
      for (std::sregex_iterator found(title.begin(), title.end(), rule); found != end; ++found) {
        named.insert((*found)[0].str());
      }
    }
  }
  for (int i = 1; i <= 48; ++i) {
    INFO("R" << i);
    CHECK(named.count("R" + std::to_string(i)) == 1);
  }
}
