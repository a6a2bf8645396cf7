// What Microsoft's client makes of the emulator's limits: it waits as told and gets everything through.
import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf, message, newTeam, paced } from "./support.mjs";

test("a client that comes too fast is turned away with Retry-After, waits, and succeeds", async () => {
  const graph = graphOf(paced);
  const team = await newTeam(graph, "Orbit archive in haste");
  const statuses = [];
  const fetched = globalThis.fetch;
  globalThis.fetch = async (...call) => {
    const answer = await fetched(...call);
    if (answer.status === 429) statuses.push(Number(answer.headers.get("retry-after")));
    return answer;
  };
  try {
    const sent = await Promise.all(Array.from({ length: 9 }, (_, i) =>
      graph.api(team.messages).post(message(paced, `2019-03-01T08:00:0${i}.000Z`, `<p>number ${i}</p>`))));
    assert.equal(sent.length, 9);
  } finally {
    globalThis.fetch = fetched;
  }
  assert.ok(statuses.length >= 4, `${statuses.length} requests met the limit`);
  assert.ok(statuses.every((seconds) => seconds >= 1));
  assert.equal((await graph.api(team.messages).get()).value.length, 9);
});
