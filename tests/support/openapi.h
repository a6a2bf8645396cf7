#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "native/http/message.h"
#include "tests/support/schema_check.h"

// Microsoft's own description of Graph as a judge of requests: method, path, query options and body. It lies outside
// of the project (TEAMFERRY_OPENAPI, or shared/openapi beside the checkout), and may be absent.
namespace teamferry {

class OpenApi {
 public:
  using json = nlohmann::json;

  // Nothing where the description is not there.
  static std::optional<OpenApi> load() {
    const char* named = std::getenv("TEAMFERRY_OPENAPI");
    const std::filesystem::path folder =
        named ? std::filesystem::path(named)
              : std::filesystem::path(TEAMFERRY_SOURCE_DIR) / ".." / "shared" / "openapi";
    OpenApi api;
    for (const char* version : {"v1.0", "beta"}) {
      std::ifstream file(folder / (std::string("teams-migration-") + version + ".json"));
      if (!file) return std::nullopt;
      api.documents_[version] = json::parse(file);
    }
    return api;
  }

  struct Verdict {
    bool described = false;  // the description knows the path and the method
    std::vector<std::string> problems;
  };

  // `address` begins with "/v1.0/" or "/beta/", without a host.
  Verdict judge(const std::string& method, const std::string& address, const std::string& body) const {
    const auto slash = address.find('/', 1);
    const auto document = documents_.find(address.substr(1, slash - 1));
    if (slash == address.npos || document == documents_.end()) return {false, {"has no version"}};
    const auto question = std::min(address.find('?'), address.size());
    const std::string path = plain(address.substr(slash, question - slash));
    const json* operation = find(document->second, lower(method), path);
    if (operation == nullptr) return {};
    Verdict verdict{true, {}};
    judge_query(document->second, *operation, address.substr(std::min(question + 1, address.size())), verdict.problems);
    judge_body(document->second, *operation, body, verdict.problems);
    return verdict;
  }

 private:
  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  }

  // /teams('1') is /teams/1.
  static std::string plain(const std::string& path) {
    return std::regex_replace(path, std::regex(R"(\('([^']*)'\))"), "/$1");
  }

  // Templates with fewer holes come first: /teams/{id}/members/add is no member.
  static const json* find(const json& document, const std::string& method, const std::string& path) {
    const json* best = nullptr;
    std::ptrdiff_t holes = 0;
    for (const auto& [pattern, item] : document.at("paths").items()) {
      const auto here = std::count(pattern.begin(), pattern.end(), '{');
      if (!item.contains(method) || (best != nullptr && here >= holes) || !matches(pattern, path)) continue;
      best = &item[method];
      holes = here;
    }
    return best;
  }

  static bool matches(std::string_view pattern, std::string_view path) {
    while (true) {
      const auto part_end = std::min(pattern.find('/', 1), pattern.size());
      const auto segment_end = std::min(path.find('/', 1), path.size());
      const auto part = pattern.substr(0, part_end);
      const auto segment = path.substr(0, segment_end);
      if (part.find('{') == part.npos ? part != segment : segment.size() < 2) return false;
      pattern.remove_prefix(part_end);
      path.remove_prefix(segment_end);
      if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
    }
  }

  static void judge_query(const json& document, const json& operation, const std::string& query,
                          std::vector<std::string>& problems) {
    const SchemaCheck check(document);
    std::size_t begin = 0;
    while (begin < query.size()) {
      const auto end = std::min(query.find('&', begin), query.size());
      const std::string name = query.substr(begin, std::min(query.find('=', begin), end) - begin);
      begin = end + 1;
      const json known = operation.value("parameters", json::array());
      const bool found = std::any_of(known.begin(), known.end(), [&](const json& parameter) {
        const json& resolved = check.resolve(parameter);
        return resolved.value("in", "") == "query" && resolved.value("name", "") == name;
      });
      if (!found) problems.push_back("no query option is called " + name);
    }
  }

  static void judge_body(const json& document, const json& operation, const std::string& body,
                         std::vector<std::string>& problems) {
    const bool takes = operation.contains("requestBody");
    if (body.empty()) {
      if (takes && operation["requestBody"].value("required", false)) problems.push_back("the body is missing");
      return;
    }
    const json value = json::parse(body, nullptr, false);
    if (!takes) return problems.push_back("takes no body");
    if (value.is_discarded()) return problems.push_back("the body is no JSON");
    const json& schema = operation["requestBody"].at("content").at("application/json").at("schema");
    for (auto& problem : SchemaCheck(document).check(schema, value)) problems.push_back(std::move(problem));
  }

  std::map<std::string, json> documents_;
};

}  // namespace teamferry
