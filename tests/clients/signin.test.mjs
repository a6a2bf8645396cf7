// Microsoft's sign-in libraries, unmodified, against the emulator's token endpoint.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { createHash, X509Certificate } from "node:crypto";
import { appOf, certificate, free, hostOf, key, scope } from "./support.mjs";

function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

function msal(auth, system = {}) {
  return new ConfidentialClientApplication({
    auth: { authority: `${free.https_url}/${free.tenant}`, knownAuthorities: [hostOf(free)], ...auth }, system,
  });
}

test("msal-node signs in with a secret, and the second time out of its cache", async () => {
  const app = appOf(free, "full");
  const client = msal({ clientId: app.client_id, clientSecret: app.client_secret });
  const first = await client.acquireTokenByClientCredential({ scopes: [scope] });
  assert.equal(claimsOf(first.accessToken).appid, app.client_id);
  assert.ok(claimsOf(first.accessToken).roles.includes("Teamwork.Migrate.All"));
  const second = await client.acquireTokenByClientCredential({ scopes: [scope] });
  assert.equal(second.fromCache, true);
  assert.equal(second.accessToken, first.accessToken);
});

test("msal-node in its OIDC mode finds the configuration without v2.0", async () => {
  const app = appOf(free, "full");
  const client = msal({ clientId: app.client_id, clientSecret: app.client_secret }, { protocolMode: "OIDC" });
  assert.ok((await client.acquireTokenByClientCredential({ scopes: [scope] })).accessToken);
});

test("msal-node signs in with a certificate", async () => {
  const app = appOf(free, "certificate");
  const thumbprintSha256 = createHash("sha256").update(new X509Certificate(certificate()).raw).digest("hex");
  const client = msal({
    clientId: app.client_id,
    clientCertificate: { thumbprintSha256, privateKey: key(), x5c: certificate() },
  });
  const token = await client.acquireTokenByClientCredential({ scopes: [scope] });
  assert.equal(claimsOf(token.accessToken).appidacr, "2");
});

test("msal-node names the AADSTS code of a wrong secret", async () => {
  const app = appOf(free, "full");
  const client = msal({ clientId: app.client_id, clientSecret: "wrong" });
  await assert.rejects(client.acquireTokenByClientCredential({ scopes: [scope] }),
    (error) => error.errorCode === "invalid_client" && /AADSTS7000215/.test(error.message));
});

test("@azure/identity signs in with a secret and with a certificate", async () => {
  const options = { authorityHost: free.https_url, disableInstanceDiscovery: true };
  const app = appOf(free, "full");
  const bySecret = new ClientSecretCredential(free.tenant, app.client_id, app.client_secret, options);
  assert.ok((await bySecret.getToken(scope)).token);
  const byCertificate = new ClientCertificateCredential(free.tenant, appOf(free, "certificate").client_id,
    { certificate: `${key()}\n${certificate()}` }, options);
  assert.ok((await byCertificate.getToken(scope)).token);
});

test("@azure/identity reports the same text for an unknown app", async () => {
  const credential = new ClientSecretCredential(free.tenant, "00000000-0000-4000-8000-00000000dead", "x",
    { authorityHost: free.https_url, disableInstanceDiscovery: true });
  await assert.rejects(credential.getToken(scope), /AADSTS700016/);
});
