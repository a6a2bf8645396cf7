// The page to look at, in a real browser (Debian's Chromium): nothing in a message runs, nothing is asked of any other
// host, pictures show, people with a keyboard, a small window or tired eyes can use it. TEAMFERRY_SCREENSHOTS names a
// folder for pictures of what the tests saw.
import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { appOf, free, message, userOf } from "./support.mjs";

const executablePath = process.env.TEAMFERRY_CHROMIUM ?? "/usr/bin/chromium";
const skip = existsSync(executablePath) ? false : `${executablePath} is not there: install Debian's package chromium`;
const origin = free?.graph_url;

const PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";
const ROOTS = 1100;

let browser;
let team;
let rooms;

async function signIn() {
  const app = appOf(free, "full");
  const answer = await fetch(`${free.graph_url}/${free.tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: app.client_id, client_secret: app.client_secret,
      scope: "https://graph.microsoft.com/.default", grant_type: "client_credentials" }),
  });
  return (await answer.json()).access_token;
}

async function build() {
  const token = await signIn();
  const post = async (path, body, wanted) => {
    const answer = await fetch(`${free.graph_url}/v1.0${path}`, { method: "POST", body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
    const text = await answer.text();
    assert.equal(answer.status, wanted, `POST ${path}: ${text}`);
    return { body: text ? JSON.parse(text) : null, headers: answer.headers };
  };
  const made = await post("/teams", { "@microsoft.graph.teamCreationMode": "migration",
    "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
    displayName: "Orbit archive", description: "What was said while the probe was built",
    createdDateTime: "2019-01-07T08:00:00.000Z" }, 202);
  const id = /teams\('([^']+)'\)/.exec(made.headers.get("content-location"))[1];
  const channel = async (displayName) => (await post(`/teams/${id}/channels`, { displayName, membershipType: "standard",
    "@microsoft.graph.channelCreationMode": "migration", createdDateTime: "2019-01-07T08:00:01.000Z" }, 202)).body.id;
  const rooms = { show: await channel("launch-room"), hostile: await channel("field-notes"), long: await channel("telemetry"),
    empty: await channel("quiet corner") };
  const say = (room, time, content, author, more) => post(`/teams/${id}/channels/${room}/messages`,
    message(free, time, content, author, more), 200);
  const reply = (room, root, time, content, author, more) => post(
    `/teams/${id}/channels/${room}/messages/${root}/replies`, message(free, time, content, author, more), 200);

  const reaction = (reactionType, who) => ({ reactionType, createdDateTime: "2019-02-05T09:00:00.000Z",
    user: { user: { id: userOf(free, who).id, displayName: userOf(free, who).displayName } } });
  const file = "6c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
  const root = (await say(rooms.show, "2019-02-04T19:58:15.511Z",
    '<p>The launch moved to <strong>Friday</strong>, <at id="0">Bruno</at> has the new window.</p>' +
    "<ul><li>tanking starts at 06:00</li><li>the <a href=\"https://weather.example/cape\">weather page</a> looks good</li></ul>",
    0, { subject: "New launch window", importance: "high",
      mentions: [{ id: 0, mentionText: "Bruno", mentioned: { user: { id: userOf(free, 1).id, displayName: "Bruno",
        userIdentityType: "aadUser" } } }],
      reactions: [reaction("👍", 1), reaction("👍", 2), reaction("🚀", 1)] })).body.id;
  await reply(rooms.show, root, "2019-02-04T20:01:00.000Z", "<p>Noted. Range safety agrees.</p>", 1);
  await reply(rooms.show, root, "2019-02-04T20:03:30.000Z",
    `<p>Here is the revised sequence:</p><attachment id="${file}"></attachment>`, 2,
    { attachments: [{ id: file, contentType: "reference", name: "countdown, revised.docx",
      contentUrl: "https://tenant.example/sites/orbit/Shared%20Documents/countdown.docx" }] });
  for (let i = 0; i < 4; i++) {
    await reply(rooms.show, root, `2019-02-05T0${i + 1}:00:00.000Z`, `<p>Check ${i + 1} of 4 is done.</p>`, i % 3);
  }
  await say(rooms.show, "2019-02-05T08:12:00.000Z",
    '<p>A sketch of the fairing:</p><img src="../hostedContents/1/$value" width="320" height="200" alt="The fairing, a square">',
    1, { hostedContents: [{ "@microsoft.graph.temporaryId": "1", contentBytes: PIXELS, contentType: "image/png" }],
      reactions: [reaction("❤️", 0)] });
  await say(rooms.show, "2019-02-05T08:30:00.000Z", "<h1>Limits</h1><table><tbody><tr><th>Stage</th><th>Load</th></tr>" +
    "<tr><td>one</td><td>4.2 g</td></tr><tr><td>two</td><td>3.1 g</td></tr></tbody></table>" +
    "<blockquote>We never fly above five.</blockquote><pre>hold --at T-00:09:00\nresume</pre>", 2);

  for (const [number, content] of hostile.entries()) {
    await say(rooms.hostile, `2019-03-01T10:00:00.${String(number).padStart(3, "0")}Z`, content, number % 3,
      { subject: `</h3><script>ran(0)</script>` });
  }
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(async (lane) => {
    for (let i = lane; i < ROOTS; i += 8) {
      await say(rooms.long, new Date(Date.UTC(2019, 3, 1) + i * 600_000).toISOString(), `<p>Sample ${i}.</p>`, i % 3);
    }
  }));
  return { team: id, rooms };
}

// Each would set window.ran, or ask another host, if anything of it were left.
const outside = "http://127.0.0.1:1/outside";
const hostile = [
  "<script>window.ran = 1</script>after",
  "<img src=x onerror=\"window.ran = 1\">",
  `<img src="${outside}" srcset="${outside} 2x"><video poster="${outside}"></video><audio src="${outside}">`,
  "<svg onload=\"window.ran = 1\"><script>window.ran = 1</script></svg>",
  "<svg><style><img src=x onerror=\"window.ran = 1\"></style></svg>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.ran=1&gt;\">",
  "<iframe srcdoc=\"&lt;script&gt;top.ran = 1&lt;/script&gt;\"></iframe>",
  `<iframe src="${outside}"></iframe><object data="${outside}"></object><embed src="${outside}">`,
  `<link rel=stylesheet href="${outside}"><style>@import '${outside}'; * { display: none !important }</style>`,
  `<meta http-equiv=refresh content="0;url=${outside}"><base href="${outside}">`,
  `<p style="background: url(${outside}); position: fixed; inset: 0">covers</p>`,
  "<a href=\"javascript:window.ran = 1\" id=trap>a</a><a href=\"&#106;ava\tscript:window.ran = 1\">b</a>",
  `<a href="data:text/html,<script>opener.ran=1</script>">c</a><a href="${outside}" ping="${outside}">d</a>`,
  `<form action="${outside}"><input autofocus onfocus="window.ran = 1"><button formaction="${outside}">go</button></form>`,
  "<details open ontoggle=\"window.ran = 1\">x</details><marquee onstart=\"window.ran = 1\">y</marquee>",
  "</div></div></article></main><h1>Forged</h1><p onmouseover=\"window.ran = 1\">out?</p>",
  "<table><tr><td>a<div>b</table></p></div>c<li>d<table>e",
  "<!-- open <p>swallowed?</p>",
  "<b>".repeat(3000) + "deep" + "<ul><li>".repeat(900),
  "<noscript><p title=\"</noscript><img src=x onerror=window.ran=1>\">",
  "<template><img src=x onerror=\"window.ran = 1\"></template><textarea></textarea><plaintext>t",
  "\u202Eright to left \u2066 isolate never closed",
];

/// A page of its own, which fails the test when anything runs or is asked of another host.
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { foreign: [], dialogs: 0, errors: [] };
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) seen.foreign.push(request.url());
  });
  page.on("dialog", (dialog) => { seen.dialogs += 1; dialog.dismiss(); });
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (line) => { if (line.type() === "error") seen.errors.push(line.text()); });
  const answer = await page.goto(path.startsWith("http") ? path : origin + path, { waitUntil: "load" });
  page.seen = seen;
  page.answer = answer;
  return page;
}

async function shoot(page, name, fullPage = false) {
  const folder = process.env.TEAMFERRY_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}

const roomPath = (id) => `/look/teams/${team}/channels/${encodeURIComponent(id)}`;

before(async () => {
  if (skip) return;
  ({ team, rooms } = await build());
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
});
after(() => browser?.close());

test("nothing in a message runs, and nothing is asked of another host", { skip }, async () => {
  const page = await open(roomPath(rooms.hostile));
  assert.equal(await page.locator("main > article").count(), hostile.length);
  for (const place of await page.locator("main article p, main article a").all()) {
    await place.hover({ timeout: 500, force: true }).catch(() => {});
  }
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(page.seen, { foreign: [], dialogs: 0, errors: [] });
  const kinds = await page.evaluate(() => [...new Set([...document.querySelectorAll("main *")].map((e) => e.localName))]);
  for (const kind of ["script", "style", "svg", "math", "iframe", "object", "embed", "form", "input", "video", "audio", "link",
    "meta", "base", "template", "textarea", "marquee"]) {
    assert.ok(!kinds.includes(kind), kind);
  }
  const handlers = await page.evaluate(() => [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes])
    .filter((a) => a.name.startsWith("on") || a.name === "style" || a.name === "ping").length);
  assert.equal(handlers, 0);
  assert.equal(await page.locator("h1").count(), 1);
  await shoot(page, "hostile", true);
  await page.context().close();
});

test("what the browser builds is what was written: no message moves another", { skip }, async () => {
  const page = await open(roomPath(rooms.hostile));
  const source = await page.answer.text();
  const parts = [...source.matchAll(/<div class="body" dir="auto">(.*?)<\/div>(?=<div class="cards">|<ul class="reactions"|<\/div><\/div>)/gs)];
  const built = await page.evaluate(() => [...document.querySelectorAll(".body")].map((e) => e.innerHTML));
  assert.equal(built.length, hostile.length);
  assert.equal(parts.length, hostile.length);
  // The serializer writes fewer references than the page does.
  const plain = (html) => html.replaceAll("&quot;", '"').replaceAll("&#106;", "j");
  parts.forEach((part, i) => assert.equal(plain(built[i]), plain(part[1]), hostile[i].slice(0, 80)));
  await page.context().close();
});

test("a channel shows its messages, replies, reactions, mentions, files and pictures", { skip }, async () => {
  const page = await open(roomPath(rooms.show));
  assert.equal(await page.title(), "launch-room - teamferry emulator");
  assert.match(await page.locator(".banner").innerText(), /Migration for this conversation is in progress/);
  const first = page.locator("main > article").first();
  assert.match(await first.locator(".by").first().innerText(), /Ada/);
  assert.equal(await first.locator("h3").innerText(), "New launch window");
  assert.equal(await first.locator(".at").innerText(), "Bruno");
  assert.equal(await first.locator(".replies > article").count(), 3);
  assert.equal(await first.locator(".reactions li").first().getAttribute("title"),
    `reaction: ${userOf(free, 1).displayName}, ${userOf(free, 2).displayName}`);
  assert.equal(await page.locator(".card a").getAttribute("href"),
    "https://tenant.example/sites/orbit/Shared%20Documents/countdown.docx");
  const picture = page.locator(".body img");
  await picture.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector(".body img").complete);
  assert.equal(await picture.evaluate((img) => img.naturalWidth), 10);
  assert.equal(await picture.getAttribute("alt"), "The fairing, a square");
  await shoot(page, "channel-light", true);
  await page.getByRole("link", { name: "Show all 6 replies" }).click();
  assert.equal(await page.locator(".thread > article").count(), 6);
  assert.deepEqual(page.seen, { foreign: [], dialogs: 0, errors: [] });
  await shoot(page, "thread", true);
  await page.context().close();
});

test(`one can walk through ${ROOTS} messages from both ends`, { skip }, async () => {
  const page = await open(roomPath(rooms.long));
  const samples = () => page.locator("main > article .body").allInnerTexts();
  const seen = new Set(await samples());
  assert.ok(seen.has(`Sample ${ROOTS - 1}.`));
  let pages = 1;
  for (const older = page.getByRole("link", { name: "Older" }).first(); await older.count() > 0; ++pages) {
    await older.click();
    const texts = await samples();
    assert.ok(texts.length <= 50);
    texts.forEach((text) => { assert.ok(!seen.has(text), text); seen.add(text); });
  }
  assert.equal(pages, ROOTS / 50);
  assert.equal(seen.size, ROOTS);
  await page.getByRole("link", { name: "Newer" }).first().click();
  assert.equal((await samples())[0], "Sample 50.");
  await page.getByRole("link", { name: "Last" }).first().click();
  assert.equal((await samples()).at(-1), `Sample ${ROOTS - 1}.`);
  await page.getByRole("link", { name: "First" }).first().click();
  assert.equal((await samples())[0], "Sample 0.");
  await shoot(page, "long");
  await page.context().close();
});

// What axe would say about the basics.
function problemsOf(document) {
  const problems = [];
  if (document.documentElement.lang !== "en") problems.push("no lang");
  if (!document.title) problems.push("no title");
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const its = Number(heading.localName[1]);
    if (its > level + 1) problems.push(`h${its} behind h${level}: ${heading.textContent}`);
    level = its;
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) problems.push("not one main");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) problems.push("an id twice");
  const navigation = [...document.querySelectorAll("nav")].map((e) => e.getAttribute("aria-label"));
  if (navigation.includes(null) || new Set(navigation).size !== navigation.length) problems.push(`nav: ${navigation}`);
  for (const img of document.querySelectorAll("img")) if (!img.hasAttribute("alt")) problems.push("img without alt");
  for (const a of document.querySelectorAll("main a[href], nav a[href]")) {
    if (!a.textContent.trim() && !a.getAttribute("aria-label")) problems.push(`link without a name: ${a.href}`);
  }
  for (const named of document.querySelectorAll("[aria-labelledby]")) {
    if (!document.getElementById(named.getAttribute("aria-labelledby"))) problems.push("labelled by nothing");
  }
  for (const table of document.querySelectorAll("table.list")) {
    if (!table.caption || table.querySelectorAll("th:not([scope])").length) problems.push("table without caption or scope");
  }
  return problems;
}

// Pieces of text whose contrast with what is behind them is below what WCAG 2.2 (1.4.3, AA) asks.
function pale() {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    let behind = element;
    while (behind && parse(getComputedStyle(behind).backgroundColor).a === 0) behind = behind.parentElement;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(parse(style.color)), luminance(parse(getComputedStyle(behind ?? document.body).backgroundColor))]
      .sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    checked += 1;
    if (ratio < 4.5) found.set(`${element.localName}.${element.className} ${ratio.toFixed(2)}`, element.textContent.slice(0, 30));
  }
  return { checked, found: [...found] };
}

test("every screen is in order for assistive programs, and readable in light and dark", { skip }, async () => {
  const paths = { overview: "/", teams: "/look/teams", chats: "/look/chats", team: `/look/teams/${team}`,
    members: `/look/teams/${team}/members`, channel: roomPath(rooms.show), long: roomPath(rooms.long) + "?at=first",
    empty: roomPath(rooms.empty), hostile: roomPath(rooms.hostile), requests: "/look/requests",
    certificate: "/look/certificate", nothing: "/look/nothing" };
  for (const colorScheme of ["light", "dark"]) {
    for (const [name, path] of Object.entries(paths)) {
      const page = await open(path, { colorScheme });
      assert.equal(page.answer.status(), name === "nothing" ? 404 : 200, name);
      const problems = await page.evaluate(`(${problemsOf})(document)`);
      assert.deepEqual(problems, [], name);
      const { checked, found } = await page.evaluate(pale);
      assert.ok(checked > 10, name);
      assert.deepEqual(found, [], `${name}, ${colorScheme}`);
      assert.equal(await page.locator('meta[name="color-scheme"]').getAttribute("content"), "light dark");
      await shoot(page, `${name}-${colorScheme}`);
      await page.context().close();
    }
  }
});

test("a keyboard reaches everything and shows where it is", { skip }, async () => {
  const page = await open(roomPath(rooms.show));
  await page.keyboard.press("Tab");
  const skipLink = page.getByRole("link", { name: "Skip to the content" });
  assert.ok(await skipLink.evaluate((e) => e === document.activeElement && e.getBoundingClientRect().left >= 0));
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  const visited = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) break;  // behind the last
    visited.push(await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return { name: document.activeElement.textContent, ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inside: document.querySelector("main").contains(document.activeElement) };
    }));
  }
  assert.ok(visited.every((place) => place.ring), JSON.stringify(visited));
  assert.ok(visited.some((place) => place.inside && place.name.includes("weather page")), JSON.stringify(visited));
  await page.context().close();
});

test("a narrow window needs no sideways scrolling", { skip }, async () => {
  for (const path of ["/", `/look/teams/${team}`, roomPath(rooms.show), roomPath(rooms.hostile), "/look/certificate",
    "/look/requests"]) {
    const page = await open(path, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${path}: ${over} px too wide`);
    if (path === roomPath(rooms.show)) await shoot(page, "narrow");
    await page.context().close();
  }
});

test("the page is the same over HTTPS", { skip }, async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(free.https_url + roomPath(rooms.show));
  assert.equal(await page.locator("h1").innerText().then((text) => text.split(" ")[0]), "launch-room");
  assert.notEqual(await page.locator("body").evaluate((e) => getComputedStyle(e).backgroundColor), "rgba(0, 0, 0, 0)");
  await context.close();
});
