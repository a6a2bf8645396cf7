#include "tests/end_to_end/witness.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace teamferry::test {
namespace {

using nlohmann::json;

size_t append(char* data, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

std::string exchange(const std::string& url, const std::string& token, const std::string& form) {
  CURL* curl = curl_easy_init();
  std::string body;
  curl_slist* headers = nullptr;
  if (!token.empty()) headers = curl_slist_append(headers, ("Authorization: Bearer " + token).c_str());
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
  if (!form.empty()) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form.c_str());
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK || status != 200) throw std::runtime_error(fmt::format("{}: {} {}", url, status, body));
  return body;
}

std::string in_path(const std::string& id) {
  char* escaped = curl_easy_escape(nullptr, id.c_str(), static_cast<int>(id.size()));
  std::string out = escaped;
  curl_free(escaped);
  return out;
}

// "2019-02-04T19:58:15.5Z" -> "2019-02-04T19:58:15.500Z", by text alone.
std::string long_form(std::string text) {
  if (text.empty() || text.back() != 'Z') throw std::runtime_error("not a UTC time: " + text);
  text.pop_back();
  if (text.size() == 19) text += '.';
  text.resize(23, '0');
  return text + "Z";
}

std::vector<json> rows(const std::string& journal, const std::string& sql) {
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(journal.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    throw std::runtime_error("cannot open " + journal);
  }
  sqlite3_busy_timeout(db, 5000);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    const std::string message = sqlite3_errmsg(db);
    sqlite3_close(db);
    throw std::runtime_error(message + " in " + sql);
  }
  std::vector<json> out;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    json row = json::array();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.push_back(text ? text : "");
    }
    out.push_back(std::move(row));
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return out;
}

}  // namespace

Witness::Witness(const std::string& folder, const std::vector<std::string>& options) {
  std::vector<std::string> arguments{"emulator", "--port", "0", "--json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  process_ = std::make_unique<Process>(arguments, folder);
  const json line = json::parse(process_->first_line());
  graph_url_ = line.at("graph_url");
  login_url_ = line.at("login_url");
  tenant_ = line.at("tenant");
  client_id_ = line.at("client_id");
  client_secret_ = line.at("client_secret");
  fallback_ = line.at("fallback");
}

Environment Witness::environment() const {
  return {{"AZURE_TENANT_ID", tenant_}, {"AZURE_CLIENT_ID", client_id_}, {"AZURE_CLIENT_SECRET", client_secret_}};
}

std::vector<std::string> Witness::target() const {
  return {"--graph-url", graph_url_, "--login-url", login_url_};
}

const std::string& Witness::token() const {
  if (token_.empty()) {
    const std::string form =
        fmt::format("client_id={}&client_secret={}&grant_type=client_credentials&scope={}", in_path(client_id_),
                    in_path(client_secret_), in_path("https://graph.microsoft.com/.default"));
    token_ = json::parse(exchange(login_url_ + "/" + tenant_ + "/oauth2/v2.0/token", "", form)).at("access_token");
  }
  return token_;
}

std::string Witness::get(const std::string& url) const {
  return exchange(url, token(), "");
}

Content Witness::content(bool completed) const {
  const auto list = [this](std::string url) {
    std::vector<json> items;
    while (!url.empty()) {
      json page = json::parse(get(url));
      for (auto& item : page.at("value")) items.push_back(std::move(item));
      url = page.value("@odata.nextLink", "");
    }
    return items;
  };
  const auto see = [](const json& message, const std::string& parent) {
    return Seen{long_form(message.at("createdDateTime")), message.at("from").at("user").at("id"), parent,
                message.at("body").at("content")};
  };
  Content content;
  for (const json& team : list(graph_url_ + "/v1.0/teams")) {
    const std::string channels = graph_url_ + "/v1.0/teams/" + team.at("id").get<std::string>() + "/channels";
    for (const json& channel : list(channels)) {
      const std::string name = channel.at("displayName");
      if (completed && channel.value("migrationMode", "") != "completed") {
        throw std::runtime_error(name + " is still open for import");
      }
      const std::string messages = channels + "/" + in_path(channel.at("id")) + "/messages";
      auto& seen = content[name];
      for (const json& root : list(messages + "?$top=50")) {
        seen.push_back(see(root, ""));
        const std::string time = seen.back().time;
        const std::string replies = messages + "/" + root.at("id").get<std::string>() + "/replies?$top=50";
        for (const json& reply : list(replies)) seen.push_back(see(reply, time));
      }
      std::sort(seen.begin(), seen.end());
      if (seen.empty()) content.erase(name);
    }
  }
  // A chat, also an empty one, shows by its members and by what they may see.
  const std::string chats = graph_url_ + "/v1.0/chats";
  for (const json& chat : list(chats)) {
    const std::string name = "chat " + chat.at("topic").get<std::string>();
    if (completed && chat.value("migrationMode", "") != "completed") {
      throw std::runtime_error(name + " is still open for import");
    }
    const std::string path = chats + "/" + in_path(chat.at("id"));
    auto& seen = content[name];
    for (const json& message : list(path + "/messages?$top=50")) seen.push_back(see(message, ""));
    for (const json& member : list(path + "/members")) {
      seen.push_back(Seen{member.at("visibleHistoryStartDateTime"), member.at("userId"), "", "is a member"});
    }
    std::sort(seen.begin(), seen.end());
  }
  return content;
}

Content sent_content(const std::string& journal) {
  Content content;
  const std::string sql =
      "SELECT c.displayName, strftime('%Y-%m-%dT%H:%M:%S', m.time / 1000, 'unixepoch') ||"
      "       printf('.%03dZ', m.time % 1000), b.json,"
      "       CASE WHEN r.id IS NULL THEN '' ELSE strftime('%Y-%m-%dT%H:%M:%S', r.time / 1000, 'unixepoch') ||"
      "       printf('.%03dZ', r.time % 1000) END"
      " FROM message m JOIN conversation c ON c.id = m.id >> 32 JOIN body b ON b.id = m.id"
      " LEFT JOIN message r ON r.id = m.root WHERE m.state = 2";
  for (const json& row : rows(journal, sql)) {
    const json body = json::parse(row.at(2).get<std::string>());
    content[row.at(0)].push_back(
        Seen{row.at(1), body.at("from").at("user").at("id"), row.at(3), body.at("body").at("content")});
  }
  for (auto& [name, seen] : content) std::sort(seen.begin(), seen.end());
  return content;
}

std::int64_t count(const std::string& journal, const std::string& sql) {
  const auto result = rows(journal, sql);
  if (result.size() != 1) throw std::runtime_error("one number expected from " + sql);
  return std::stoll(result.front().at(0).get<std::string>());
}

}  // namespace teamferry::test
