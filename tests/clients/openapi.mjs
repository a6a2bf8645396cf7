// Microsoft's own description of Graph as a judge: every JSON answer that passes through fetch is checked against
// it. It lies outside of the project (TEAMFERRY_OPENAPI, or shared/openapi beside the checkout); where it is absent
// this says so and judges nothing.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const folder = process.env.TEAMFERRY_OPENAPI ?? join(root, "..", "shared", "openapi");

/// Problems found so far, each "METHOD path status: what is wrong".
export const problems = [];
export const judged = { answers: 0 };
export const available = existsSync(join(folder, "teams-migration-v1.0.json"));
if (!available) console.log("# Microsoft's OpenAPI description is not there: answers are not checked against it");

function load(version) {
  const document = JSON.parse(readFileSync(join(folder, `teams-migration-${version}.json`), "utf8"));
  const ajv = new Ajv({ strict: false, allErrors: true, discriminator: false, validateFormats: false });
  ajv.addSchema(document, "graph");
  const operations = [];
  for (const [template, item] of Object.entries(document.paths)) {
    const pattern = new RegExp("^" + template.replace(/[.*+?^$()[\]\\|]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]+") + "$");
    for (const method of Object.keys(item)) {
      const responses = item[method].responses;
      if (!responses) continue;
      const pointer = (status) => {
        const named = responses[status]?.$ref;
        const start = named ? named.slice(2).split("/") : ["paths", template, method, "responses", status];
        const response = start.reduce((node, part) => node?.[part], document);
        if (!response?.content?.["application/json"]) return undefined;
        const path = [...start, "content", "application/json", "schema"];
        return "graph#/" + path.map((part) => encodeURIComponent(part.replace(/~/g, "~0").replace(/\//g, "~1"))).join("/");
      };
      operations.push({ method: method.toUpperCase(), pattern, template, success: pointer("2XX"), failure: pointer("default") });
    }
  }
  operations.sort((a, b) => (a.template.match(/\{/g) ?? []).length - (b.template.match(/\{/g) ?? []).length);
  return { ajv, operations };
}

const documents = new Map();
function documentOf(version) {
  if (!documents.has(version)) documents.set(version, load(version));
  return documents.get(version);
}

/// Checks one answer. `path` has no host and begins with the version.
export function judge(method, path, status, body) {
  if (!available) return;
  const [, version, rest] = /^\/(v1\.0|beta)(\/[^?]*)/.exec(path) ?? [];
  if (!version) return;
  const slashes = decodeURIComponent(rest).replace(/\('([^']*)'\)/g, "/$1").replace("/microsoft.graph.", "/");
  const { ajv, operations } = documentOf(version);
  const operation = operations.find((each) => each.method === method && each.pattern.test(slashes));
  if (!operation) return;
  const pointer = status < 400 ? operation.success : operation.failure;
  if (!pointer) return;
  const check = ajv.getSchema(pointer);
  if (!check) throw new Error(`no schema at ${pointer}`);
  judged.answers += 1;
  if (!check(body)) {
    const what = check.errors.slice(0, 3).map((error) => `${error.instancePath} ${error.message}`).join("; ");
    problems.push(`${method} ${path} ${status}: ${what}`);
  }
}

/// Judges all that fetch brings from these origins, and every part of a batch.
export function judgeFetch(origins) {
  const fetched = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const answer = await fetched(input, init);
    const url = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
    if (!origins.includes(url.origin)) return answer;
    if (!(answer.headers.get("content-type") ?? "").startsWith("application/json")) return answer;
    const method = (init?.method ?? input.method ?? "GET").toUpperCase();
    const body = await answer.clone().json();
    judge(method, url.pathname, answer.status, body);
    return answer;
  };
}
