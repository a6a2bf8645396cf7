#include <fmt/format.h>

#include <charconv>
#include <map>

#include "native/emulator/html_text.h"
#include "native/emulator/page_view.h"
#include "native/emulator/text.h"

// What each app requested lately, with its answer and what befell it. The log keeps the last few thousand.
namespace teamferry::emulator::page {
namespace {

std::string app_name(const Visit& visit, const std::string& client_id) {
  if (client_id.empty()) return "nobody";
  for (const App& app : visit.world.options.apps) {
    if (lower_ascii(app.client_id) == lower_ascii(client_id)) return app.name.empty() ? client_id : app.name;
  }
  return client_id;
}

struct Tally {
  std::size_t all = 0;
  std::size_t throttled = 0;
  std::size_t refused = 0;
};

std::string tallies_html(const Visit& visit, const std::string& chosen) {
  std::map<std::string, Tally> tallies;
  for (const LoggedRequest& request : visit.world.log.requests()) {
    Tally& tally = tallies[request.app];
    ++tally.all;
    if (request.status == 429) {
      ++tally.throttled;
    } else if (request.status >= 400 || request.status == 0) {
      ++tally.refused;
    }
  }
  std::string rows;
  for (const auto& [app, tally] : tallies) {
    const std::string address = "/look/requests?app=" + (app.empty() ? "nobody" : percent_encode(app));
    const bool here = !chosen.empty() && (app == chosen || (app.empty() && chosen == "nobody"));
    rows += fmt::format(R"(<tr><th scope="row"><a href="{}"{}>{}</a></th><td>{}</td><td>{}</td><td>{}</td></tr>)",
                        address, here ? R"( aria-current="true")" : "", escape_html(app_name(visit, app)),
                        number(tally.all), number(tally.throttled), number(tally.refused));
  }
  return table("Apps", {"App", "Requests", "Answered 429", "Refused or failed"}, rows);
}

std::string request_row(const Visit& visit, const LoggedRequest& request) {
  return fmt::format(
      R"(<tr class="request"><td>{}</td><td>{}</td><th scope="row"><code>{} {}</code></th><td><span class="{}">{}</span></td><td>{}</td></tr>)",
      time_html(request.at, true), escape_html(app_name(visit, request.app)), escape_html(request.method),
      escape_html(request.path), request.status >= 200 && request.status < 400 ? "good" : "bad", request.status,
      escape_html(request.reason));
}

}  // namespace

Screen show_requests(const Visit& visit) {
  const auto& log = visit.world.log.requests();
  std::string html = R"(<header class="head"><h1>Requests</h1><p class="soft">The last )" +
                     count(log.size(), "request", "requests") + " of " + number(visit.world.log.last()) +
                     "</p></header>";
  if (log.empty()) return {"Requests", html + R"(<p class="empty">No requests yet.</p>)"};
  const std::string chosen = visit.asked("app");
  html += tallies_html(visit, chosen);

  std::uint64_t before = visit.world.log.last() + 1;
  const std::string asked = visit.asked("before");
  std::from_chars(asked.data(), asked.data() + asked.size(), before);  // what is no number leaves it
  std::string rows;
  std::size_t shown = 0;
  std::uint64_t last = 0;
  bool older = false;
  for (auto request = log.rbegin(); request != log.rend() && !older; ++request) {
    const bool wanted = chosen.empty() || (chosen == "nobody" ? request->app.empty() : request->app == chosen);
    if (!wanted || request->number >= before) continue;
    older = shown == kListed;
    if (older) break;
    rows += request_row(visit, *request);
    last = request->number;
    ++shown;
  }
  const std::string filter = chosen.empty() ? "" : "app=" + percent_encode(chosen);
  html += fmt::format(R"(<nav class="pager" aria-label="Requests"><a href="/look/requests{}{}">Newest</a>)",
                      filter.empty() ? "" : "?", filter);
  html += older ? fmt::format(R"(<a href="/look/requests?{}{}before={}">Older</a>)", filter,
                              filter.empty() ? "" : "&amp;", last)
                : "<span>Older</span>";
  if (!chosen.empty()) html += R"(<a href="/look/requests">Of all apps</a>)";
  html += "</nav>";
  html += shown == 0 ? R"(<p class="empty">No requests here.</p>)"
                     : table("Requests, the newest first", {"Time", "App", "Request", "Status", "Rule"}, rows);
  return {"Requests", std::move(html)};
}

}  // namespace teamferry::emulator::page
