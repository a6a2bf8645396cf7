// What the tests share: where the emulators are, and clients made the way Microsoft documents them.
import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import { Client } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from
  "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import { judgeFetch } from "./openapi.mjs";

export const { free, paced } = JSON.parse(process.env.TEAMFERRY_EMULATORS ?? "{}");
export const key = () => readFileSync(process.env.TEAMFERRY_KEY, "utf8");
export const certificate = () => readFileSync(process.env.TEAMFERRY_CERTIFICATE, "utf8");

export const scope = "https://graph.microsoft.com/.default";
export const hostOf = (at) => new URL(at.https_url).host;

judgeFetch([free, paced].filter(Boolean).map((at) => at.https_url));

export function appOf(at, name) {
  const app = at.apps.find((each) => each.name === name);
  if (!app) throw new Error(`the emulator has no app ${name}`);
  return app;
}

export function credentialOf(at, name = "full") {
  const app = appOf(at, name);
  return new ClientSecretCredential(at.tenant, app.client_id, app.client_secret,
    { authorityHost: at.https_url, disableInstanceDiscovery: true });
}

/// Microsoft's client for Graph, signed in by Microsoft's client for Entra ID.
export function graphOf(at, { app = "full", version = "v1.0" } = {}) {
  return Client.initWithMiddleware({
    authProvider: new TokenCredentialAuthenticationProvider(credentialOf(at, app), { scopes: [scope] }),
    baseUrl: at.https_url,
    defaultVersion: version,
    customHosts: new Set([new URL(at.https_url).hostname]),
  });
}

export const bind = (id) => `https://graph.microsoft.com/v1.0/users('${id}')`;
/// The users of the tenant without the one who stands in for strangers.
export const userOf = (at, number) => at.users.filter((user) => user.mail !== at.fallback)[number];

export function message(at, createdDateTime, content, author = 0, more = {}) {
  const user = userOf(at, author);
  return {
    createdDateTime,
    from: { user: { id: user.id, displayName: user.displayName, userIdentityType: "aadUser" } },
    body: { contentType: "html", content },
    ...more,
  };
}

/// A team in migration mode with one channel beside General.
export async function newTeam(graph, name) {
  const answer = await graph.api("/teams").responseType("raw").post({
    "@microsoft.graph.teamCreationMode": "migration",
    "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
    displayName: name,
    createdDateTime: "2019-01-07T08:00:00.000Z",
  });
  if (answer.status !== 202) throw new Error(`POST /teams: ${answer.status}`);
  const [, id] = /^\/teams\('([^']+)'\)\/operations\('[^']+'\)$/.exec(answer.headers.get("location"));
  const operation = await graph.api(answer.headers.get("location")).get();
  if (operation.status !== "succeeded") throw new Error(`operation: ${operation.status}`);
  const general = await graph.api(`/teams/${id}/primaryChannel`).get();
  const channel = await graph.api(`/teams/${id}/channels`).post({
    "@microsoft.graph.channelCreationMode": "migration",
    displayName: "launch-room",
    membershipType: "standard",
    createdDateTime: "2019-01-07T08:00:01.000Z",
  });
  return { id, general: general.id, channel: channel.id, messages: `/teams/${id}/channels/${channel.id}/messages` };
}
