// Starts the emulator as a customer would and runs the tests beside this file against it over HTTPS. Node reads
// further certificate authorities only when it starts, so the emulators run before the tests' process does.
//
//   node run.mjs PATH-OF-TEAMFERRY [pattern of test names]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [teamferry, pattern] = process.argv.slice(2);
if (!teamferry) {
  console.error("usage: node run.mjs PATH-OF-TEAMFERRY [pattern of test names]");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "teamferry-clients-"));
const running = [];

// The app that signs in with a certificate; everything else is as without a seed.
function writeSeed() {
  const key = join(folder, "key.pem");
  const certificate = join(folder, "certificate.pem");
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=clients test",
    "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const seed = JSON.parse(readFileSync(join(here, "seed.json"), "utf8"));
  seed.apps.find((app) => app.name === "certificate").certificates = [readFileSync(certificate, "utf8")];
  const path = join(folder, "seed.json");
  writeFileSync(path, JSON.stringify(seed));
  return { path, key, certificate };
}

function startEmulator(...options) {
  const child = spawn(teamferry, ["emulator", "--port", "0", "--json", ...options],
    { stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line)));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the emulator ended with ${code} before it listened`)));
  });
}

async function main() {
  const seed = writeSeed();
  const emulators = {
    free: await startEmulator("--profile", "off", "--seed", seed.path),
    paced: await startEmulator("--profile", "article", "--seed", seed.path),
  };
  const authorities = join(folder, "authorities.pem");
  writeFileSync(authorities, Object.values(emulators).map((at) => readFileSync(at.ca_file, "utf8")).join("\n"));
  const tests = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).map((name) => join(here, name));
  const node = spawn(process.execPath,
    ["--test", "--test-concurrency=1", ...(pattern ? [`--test-name-pattern=${pattern}`] : []), ...tests], {
      stdio: "inherit",
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: authorities,
        TEAMFERRY_EMULATORS: JSON.stringify(emulators),
        TEAMFERRY_KEY: seed.key,
        TEAMFERRY_CERTIFICATE: seed.certificate,
      },
    });
  return new Promise((resolve) => node.once("exit", (code) => resolve(code ?? 1)));
}

let code = 1;
try {
  code = await main();
} catch (error) {
  console.error(error.message);
} finally {
  for (const child of running) child.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
