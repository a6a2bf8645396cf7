// A whole migration by @azure/identity and @microsoft/microsoft-graph-client, unmodified, over HTTPS.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BatchRequestContent, BatchResponseContent, FileUpload, LargeFileUploadTask, PageIterator, ResponseType,
} from "@microsoft/microsoft-graph-client";
import { bind, free, graphOf, message, newTeam, userOf } from "./support.mjs";
import { available, judged, problems } from "./openapi.mjs";

// A red dot of 5 by 5.
const png = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==";

for (const version of ["v1.0", "beta"]) {
  describe(`a migration through ${version}`, { concurrency: false }, () => {
    const graph = graphOf(free, { version });
    let team;
    let root;

    before(async () => { team = await newTeam(graph, `Orbit archive ${version}`); });
    after(() => {
      assert.deepEqual(problems.splice(0), [], "answers that Microsoft's description does not allow");
      if (available) assert.ok(judged.answers > 20, `only ${judged.answers} answers were judged`);
    });

    test("a root keeps its author and time", async () => {
      root = await graph.api(team.messages).post(message(free, "2019-02-04T19:58:15.511Z", "<p>Launch moved</p>"));
      assert.equal(root.createdDateTime, "2019-02-04T19:58:15.511Z");
      assert.equal(root.from.user.id, userOf(free, 0).id);
      assert.equal((await graph.api(`${team.messages}/${root.id}`).get()).body.content, "<p>Launch moved</p>");
    });

    test("a reply hangs under its root", async () => {
      const reply = await graph.api(`${team.messages}/${root.id}/replies`)
        .post(message(free, "2019-02-04T19:59:00.000Z", "<p>Why?</p>", 1));
      assert.equal(reply.replyToId, root.id);
      const page = await graph.api(`${team.messages}/${root.id}/replies`).get();
      assert.deepEqual(page.value.map((each) => each.id), [reply.id]);
    });

    test("an image comes back with the same bytes", async () => {
      const sent = await graph.api(team.messages).post(message(free, "2019-02-04T20:01:00.000Z",
        '<p>sketch</p><img src="../hostedContents/1/$value" alt="sketch">', 0, {
          hostedContents: [{ "@microsoft.graph.temporaryId": "1", contentBytes: png, contentType: "image/png" }],
        }));
      const [, address] = /src="([^"]+)"/.exec(sent.body.content);
      assert.ok(address.startsWith(`${free.https_url}/${version}/teams/`), address);
      const bytes = await graph.api(address.slice(free.https_url.length).replace(`/${version}`, ""))
        .responseType(ResponseType.ARRAYBUFFER).get();
      assert.equal(Buffer.from(bytes).toString("base64"), png);
    });

    test("mentions and reactions are kept", async () => {
      const bruno = userOf(free, 1);
      const user = { id: bruno.id, displayName: bruno.displayName, userIdentityType: "aadUser" };
      const sent = await graph.api(team.messages).post(message(free, "2019-02-04T20:02:00.000Z",
        `<p>ask <at id="0">${bruno.displayName}</at></p>`, 0, {
          mentions: [{ id: 0, mentionText: bruno.displayName, mentioned: { user } }],
          reactions: [{ reactionType: "like", createdDateTime: "2019-02-04T20:03:00Z", user: { user } }],
        }));
      assert.equal(sent.mentions[0].mentioned.user.id, bruno.id);
      assert.equal(sent.reactions[0].reactionType, "like");
    });

    test("the same millisecond again is a GraphError 409 with its request id", async () => {
      await assert.rejects(
        graph.api(team.messages).post(message(free, "2019-02-04T19:58:15.511Z", "<p>again</p>")),
        (error) => error.statusCode === 409 && error.code === "Conflict" && /^[0-9a-f-]{36}$/.test(error.requestId));
    });

    test("PageIterator finds every root, newest first", async () => {
      for (let i = 0; i < 60; i += 1) {
        await graph.api(team.messages).post(
          message(free, `2019-03-01T08:${String(i).padStart(2, "0")}:00.000Z`, `<p>number ${i}</p>`));
      }
      const times = [];
      const first = await graph.api(team.messages).top(50).get();
      assert.equal(first.value.length, 50);
      await new PageIterator(graph, first, (each) => { times.push(each.createdDateTime); return true; }).iterate();
      assert.equal(times.length, 63);
      assert.deepEqual(times, [...times].sort().reverse());
    });

    test("$batch answers each part, and a failed dependency is 424", async () => {
      const step = (path) => new Request(`${free.https_url}/${version}${path}`, { method: "GET" });
      const content = new BatchRequestContent([
        { id: "1", request: step(`/users/${userOf(free, 0).id}`) },
        { id: "2", request: step("/users/nobody@tenant.example"), dependsOn: ["1"] },
        { id: "3", request: step(`/teams/${team.id}`), dependsOn: ["2"] },
      ]);
      const answers = new BatchResponseContent(await graph.api("/$batch").post(await content.getContent()));
      assert.equal(answers.getResponseById("1").status, 200);
      assert.equal((await answers.getResponseById("1").json()).id, userOf(free, 0).id);
      assert.equal(answers.getResponseById("2").status, 404);
      assert.equal(answers.getResponseById("3").status, 424);
    });

    test("a file of 9 MiB is uploaded in parts, and a small one at once", async () => {
      const address = `/teams/${team.id}/channels/${team.channel}/filesFolder`;
      await assert.rejects(graph.api(address).get(), (error) => error.statusCode === 404, "the first look has it made");
      const folder = await graph.api(address).get();
      const drive = `/drives/${folder.parentReference.driveId}/items/${folder.id}:`;
      const large = Buffer.alloc(9 * 1024 * 1024 + 17, "x");
      const session = await LargeFileUploadTask.createUploadSession(graph, `${drive}/film ${version}.mp4:/createUploadSession`,
        { item: { "@microsoft.graph.conflictBehavior": "rename" } });
      const upload = new LargeFileUploadTask(graph, new FileUpload(large, `film ${version}.mp4`, large.length), session,
        { rangeSize: 5 * 1024 * 1024 });
      const { responseBody } = await upload.upload();
      assert.equal(responseBody.size, large.length);
      const small = await graph.api(`${drive}/notes.txt:/content`).put("five\n");
      assert.equal(small.size, 5);
      const id = /\{([^}]+)\}/.exec(small.eTag)[1].toLowerCase();
      const linked = await graph.api(team.messages).post(message(free, "2019-02-04T20:05:00.000Z",
        `<p>notes</p><attachment id="${id}"></attachment>`, 0, {
          attachments: [{ id, contentType: "reference", name: small.name, contentUrl: `${folder.webUrl}/${small.name}` }],
        }));
      assert.equal(linked.attachments[0].id, id);
    });

    test("channels first, General last, then the team; afterwards members", async () => {
      for (const id of [team.channel, team.general]) {
        await graph.api(`/teams/${team.id}/channels/${id}/completeMigration`).post(undefined);
        assert.equal((await graph.api(`/teams/${team.id}/channels/${id}`).get()).migrationMode, "completed");
      }
      await graph.api(`/teams/${team.id}/completeMigration`).post(undefined);
      const member = (id, roles) => ({
        "@odata.type": "#microsoft.graph.aadUserConversationMember", roles, "user@odata.bind": bind(id),
      });
      const owner = await graph.api(`/teams/${team.id}/members`).post(member(userOf(free, 0).id, ["owner"]));
      assert.equal(owner.userId, userOf(free, 0).id);
      const added = await graph.api(`/teams/${team.id}/members/add`).post({
        values: [member(userOf(free, 1).id, []), member("00000000-0000-4000-8000-00000000dead", [])],
      });
      assert.deepEqual(added.value.map((each) => each.error?.code ?? null), [null, "NotFound"]);
    });

    test("a chat is created, started, filled, completed, and its history shown to a member again", async () => {
      const members = [0, 1, 2].map((number) => ({
        "@odata.type": "#microsoft.graph.aadUserConversationMember", roles: ["owner"],
        "user@odata.bind": bind(userOf(free, number).id),
      }));
      const chat = await graph.api("/chats").post({ chatType: "group", topic: "Orbit core", members });
      assert.equal(chat.migrationMode ?? null, null);
      await graph.api(`/chats/${chat.id}/startMigration`)
        .post({ conversationCreationDateTime: "2019-01-07T08:00:00.000Z" });
      await graph.api(`/chats/${chat.id}/messages`).post(message(free, "2019-05-01T10:00:00.000Z", "<p>hi</p>"));
      await graph.api(`/chats/${chat.id}/completeMigration`).post(undefined);
      const listed = await graph.api(`/chats/${chat.id}/members`).get();
      const chen = listed.value.find((each) => each.userId === userOf(free, 2).id);
      await graph.api(`/chats/${chat.id}/members/${chen.id}`).delete();
      const back = await graph.api(`/chats/${chat.id}/members`).responseType(ResponseType.RAW)
        .post({ ...members[2], visibleHistoryStartDateTime: "2019-01-01T00:00:00Z" });
      assert.equal(back.status, 201);
      const again = (await graph.api(`/chats/${chat.id}/members`).get()).value;
      assert.equal(again.find((each) => each.userId === userOf(free, 2).id).visibleHistoryStartDateTime, "2019-01-01T00:00:00Z");
    });
  });
}
