#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/html_text.h"
#include "native/emulator/page_view.h"
#include "native/emulator/time.h"

// Screens that list what there is: everything, teams, chats, one team, members.
namespace teamferry::emulator::page {
namespace {

constexpr std::size_t kOverview = 8;  // of each kind

std::string team_row(const Team& team) {
  std::size_t messages = 0;
  std::size_t importing = 0;
  for (const Conversation* channel : team.channels) {
    messages += channel->messages.size();
    importing += channel->mode == Mode::in_progress ? 1 : 0;
  }
  return fmt::format(R"(<tr><th scope="row">{}{}</th><td>{}</td><td>{}</td><td>{}</td></tr>)",
                     avatar(team.display_name, team.id, true), link(address_of(team), team.display_name),
                     number(team.channels.size()), number(messages),
                     importing == 0 ? std::string("-") : count(importing, "channel", "channels"));
}

std::string conversation_row(const Visit& visit, const Conversation& conversation) {
  const std::string name = name_of(visit.world.store, conversation);
  return fmt::format(R"(<tr><th scope="row">{}{}</th><td>{}</td><td>{}</td><td>{}</td></tr>)",
                     conversation.team == nullptr ? avatar(name, conversation.id) : "",
                     link(address_of(conversation), name), number(members_of(conversation).size()),
                     number(conversation.messages.size()), badge(conversation));
}

std::string teams_table(const Visit& visit, std::size_t first, std::size_t last) {
  const auto& teams = visit.world.store.teams();
  if (teams.empty())
    return R"(<p class="empty">No teams yet. A run of teamferry against this emulator makes them.</p>)";
  std::string rows;
  for (std::size_t i = first; i < last; ++i) rows += team_row(*teams[i]);
  return table("Teams", {"Team", "Channels", "Messages", "Importing"}, rows);
}

std::string chats_table(const Visit& visit, std::size_t first, std::size_t last) {
  const auto& chats = visit.world.store.chats();
  if (chats.empty()) return R"(<p class="empty">No chats yet.</p>)";
  std::string rows;
  for (std::size_t i = first; i < last; ++i) rows += conversation_row(visit, *chats[i]);
  return table("Chats", {"Chat", "Members", "Messages", "State"}, rows);
}

std::string history(const Conversation* conversation, const Member& member) {
  if (conversation == nullptr || conversation->team != nullptr) return "";
  return "<td>" +
         (member.history_from <= kMinTime ? std::string("everything") : "from " + time_html(member.history_from)) +
         "</td>";
}

}  // namespace

Screen show_overview(const Visit& visit) {
  const Store& store = visit.world.store;
  std::string html = fmt::format(
      R"(<header class="head"><h1>Overview</h1><p class="soft">{}, {}</p></header><ul class="facts">)"
      R"(<li><strong>{}</strong> teams</li><li><strong>{}</strong> chats</li><li><strong>{}</strong> users</li>)"
      R"(<li><strong>{}</strong> messages imported since the start</li>)"
      R"(<li><strong>{}</strong> requests, {} of them answered 429</li></ul>)",
      escape_html(store.tenant().display_name), escape_html(store.tenant().domain), number(store.teams().size()),
      number(store.chats().size()), number(store.users().size()), number(visit.world.stats.imports),
      number(visit.world.stats.requests), number(visit.world.stats.throttled));
  html += teams_table(visit, 0, std::min(store.teams().size(), kOverview));
  if (store.teams().size() > kOverview) html += "<p>" + link("/look/teams", "All teams") + "</p>";
  html += chats_table(visit, 0, std::min(store.chats().size(), kOverview));
  if (store.chats().size() > kOverview) html += "<p>" + link("/look/chats", "All chats") + "</p>";
  html += fmt::format(
      R"(<h2>Where clients find it</h2><dl class="pairs"><dt>Graph</dt><dd><code>{}/v1.0</code> and <code>/beta</code></dd>)"
      R"(<dt>Sign-in</dt><dd><code>{}/{}/oauth2/v2.0/token</code></dd>)"
      R"(<dt>Pace</dt><dd>profile <code>{}</code></dd></dl>)",
      escape_html(visit.base), escape_html(visit.base), escape_html(store.tenant().id),
      escape_html(visit.world.options.profile));
  return {"Overview", std::move(html)};
}

Screen show_teams(const Visit& visit) {
  const Part part = part_of(visit, visit.world.store.teams().size(), "/look/teams");
  return {"Teams", "<h1>Teams</h1>" + part.pager + teams_table(visit, part.first, part.last) + part.pager};
}

Screen show_chats(const Visit& visit) {
  const Part part = part_of(visit, visit.world.store.chats().size(), "/look/chats");
  return {"Chats", "<h1>Chats</h1>" + part.pager + chats_table(visit, part.first, part.last) + part.pager};
}

Screen show_team(const Visit& visit) {
  const Team& team = *visit.team;
  std::string html = fmt::format(R"(<header class="head"><h1><bdi>{}</bdi></h1>)", escape_html(team.display_name));
  if (!team.description.empty()) html += fmt::format("<p>{}</p>", escape_html(team.description));
  html += fmt::format(R"(<p class="soft">{} · created {}</p></header>)",
                      link(address_of(team) + "/members", count(team.members.size(), "member", "members")),
                      time_html(team.created));
  if (team.under_migration()) {
    html += R"(<p class="banner"><strong>This team is in migration mode.</strong> )"
            R"(<span>It opens to its members when it is completed.</span></p>)";
  }
  if (team.visible_at > visit.world.now) {
    html += R"(<p class="banner">The service is still creating this team: clients do not see it yet.</p>)";
  }
  const Part part = part_of(visit, team.channels.size(), address_of(team));
  std::string rows;
  for (std::size_t i = part.first; i < part.last; ++i) rows += conversation_row(visit, *team.channels[i]);
  html += part.pager + table("Channels", {"Channel", "Members", "Messages", "State"}, rows) + part.pager;
  return {team.display_name, std::move(html)};
}

Screen show_members(const Visit& visit) {
  const Conversation* conversation = visit.conversation;
  const Store& store = visit.world.store;
  const std::string name = conversation != nullptr ? name_of(store, *conversation) : visit.team->display_name;
  const std::string address = conversation != nullptr ? address_of(*conversation) : address_of(*visit.team);
  const Members& members = conversation != nullptr ? members_of(*conversation) : visit.team->members;
  const Part part = part_of(visit, members.size(), address + "/members");
  std::string rows;
  for (std::size_t i = part.first; i < part.last; ++i) {
    const Member& member = members[i];
    const User* user = store.find_user(member.user);
    const std::string shown = user_name(store, member.user);
    std::string roles;
    for (const std::string& role : member.roles) roles += (roles.empty() ? "" : ", ") + role;
    rows += fmt::format(R"(<tr><th scope="row">{}<bdi>{}</bdi></th><td>{}</td><td>{}</td>{}</tr>)",
                        avatar(shown, member.user), escape_html(shown), escape_html(user != nullptr ? user->mail : ""),
                        escape_html(roles.empty() ? "member" : roles), history(conversation, member));
  }
  std::string html =
      fmt::format(R"(<header class="head"><p class="soft">{}</p><h1>Members</h1></header>)", link(address, name)) +
      part.pager;
  const bool chat = conversation != nullptr && conversation->team == nullptr;
  html += members.empty() ? R"(<p class="empty">No members yet.</p>)"
          : chat          ? table("Members", {"Name", "Mail", "Role", "Sees"}, rows)
                          : table("Members", {"Name", "Mail", "Role"}, rows);
  return {"Members of " + name, html + part.pager};
}

Screen show_certificate(const Visit& visit) {
  const std::string host = escape_html(visit.base.substr(visit.base.find("://") + 3));
  const auto example = [](const char* title, const std::string& lines) {
    return fmt::format("<h2>{}</h2><pre tabindex=\"0\"><code>{}</code></pre>", title, lines);
  };
  std::string html = fmt::format(
      R"(<header class="head"><h1>Certificate</h1><p>This port speaks HTTPS too, with a certificate by an authority )"
      R"(that this emulator made for itself. It is good for localhost, 127.0.0.1 and ::1 alone, and for 30 days. )"
      R"(Save it and hand it to the one client that shall talk to the emulator:</p>)"
      R"(<p><a class="button" href="/ca.pem" download="teamferry-ca.pem">Save teamferry-ca.pem</a></p>)"
      R"(<p class="banner"><strong>Never put it into the certificate store of a system or a browser.</strong> )"
      R"(<span>What is trusted there is trusted by every program.</span></p></header>)");
  const Tenant& tenant = visit.world.store.tenant();
  html += example("teamferry, with the id and the secret of an app that the emulator named at its start",
                  fmt::format("export AZURE_TENANT_ID={1} AZURE_CLIENT_ID=… AZURE_CLIENT_SECRET=…\n"
                              "teamferry run slack --export acme.zip --fallback {2} \\\n  --graph-url https://{0} "
                              "--login-url https://{0} --ca teamferry-ca.pem",
                              host, escape_html(tenant.id), escape_html(tenant.fallback)));
  html += example("Node: the JavaScript SDK, msal-node, Azure Identity",
                  "NODE_EXTRA_CA_CERTS=teamferry-ca.pem node import.mjs");
  html += example("curl", fmt::format("curl --cacert teamferry-ca.pem https://{}/v1.0/teams", host));
  html += example("Python: requests, httpx, Azure Identity",
                  "REQUESTS_CA_BUNDLE=teamferry-ca.pem SSL_CERT_FILE=teamferry-ca.pem python import.py");
  html += example(".NET, for this one HttpClient",
                  "handler.ServerCertificateCustomValidationCallback = (request, certificate, chain, errors) =&gt; {\n"
                  "  chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;\n"
                  "  chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;\n"
                  "  chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(\"teamferry-ca.pem\");\n"
                  "  return (errors &amp; ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 &amp;&amp; "
                  "chain.Build(certificate);\n};");
  html += example(
      "Java, a trust store of its own",
      "keytool -importcert -noprompt -alias teamferry -file teamferry-ca.pem \\\n"
      "  -keystore teamferry.p12 -storepass changeit\n"
      "java -Djavax.net.ssl.trustStore=teamferry.p12 -Djavax.net.ssl.trustStorePassword=changeit -jar import.jar");
  return {"Certificate", std::move(html)};
}

}  // namespace teamferry::emulator::page
