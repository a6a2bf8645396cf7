#include "native/journal/schema.h"

namespace teamferry::journal {

const char* const kSchema = R"sql(
CREATE TABLE meta (  -- facts about the plan and its target, as text
  key   TEXT PRIMARY KEY,  -- "target", "tenant", "client_id", "export", "plan_finished", ...; "project": a random id
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE team (  -- a team to create
  id          INTEGER PRIMARY KEY,
  displayName TEXT NOT NULL,
  body        TEXT NOT NULL,  -- the request that creates it
  graph_id    TEXT NOT NULL,  -- '' until it is created
  state       TEXT NOT NULL,  -- planned, creating, created, completed
  operation   TEXT NOT NULL   -- the path to poll while it is being created
);

CREATE TABLE person (  -- somebody in the source
  id         TEXT PRIMARY KEY,  -- as the source names them
  name       TEXT NOT NULL,
  mail       TEXT NOT NULL,
  kind       TEXT NOT NULL,     -- user, bot, guest, deleted
  decision   TEXT NOT NULL,     -- map, fallback, skip
  target     TEXT NOT NULL,     -- the mail, UPN or id that decided it; for skip the reason
  graph_id   TEXT NOT NULL,     -- the Entra user that their messages go out under
  graph_name TEXT NOT NULL,
  messages   INTEGER NOT NULL   -- how many messages of the export they wrote
) WITHOUT ROWID;

CREATE TABLE conversation (  -- a room of the source, a channel in Teams
  id          INTEGER PRIMARY KEY,  -- from 1
  source_id   TEXT NOT NULL,
  displayName TEXT NOT NULL,
  kind        TEXT NOT NULL,        -- channel; skipped: not migrated, see reason
  reason      TEXT NOT NULL,
  team        INTEGER NOT NULL,     -- team.id
  general     INTEGER NOT NULL,     -- 1: filled into the team's own General channel
  body        TEXT NOT NULL,        -- the request that creates it
  graph_id    TEXT NOT NULL,        -- '' until it is created
  state       TEXT NOT NULL,        -- planned, creating, inProgress, completed
  owner       TEXT NOT NULL,        -- the client id that may complete it
  floor       INTEGER NOT NULL      -- its createdDateTime: every message is later
);
CREATE UNIQUE INDEX conversation_source ON conversation (source_id);

CREATE TABLE message (  -- one record of the export, sent or not
  id           INTEGER PRIMARY KEY,  -- conversation << 32 | ordinal
  key          TEXT NOT NULL,        -- unique in its conversation but for duplicates, the same in later exports
  record       TEXT NOT NULL,        -- where the export holds it: "general/2019-02-04.json record 12"
  state        INTEGER NOT NULL,     -- 0 planned, 1 sending, 2 sent, 3 skipped, 4 failed, 5 blocked, 6 doubt
  time         INTEGER,              -- its createdDateTime in Teams, unique in its conversation among live rows
  planned_time INTEGER,              -- the time of the plan, before the target made it move
  root         INTEGER,              -- message.id of the root it replies to
  variant      INTEGER NOT NULL DEFAULT 0,  -- which reviewed alternate of the body is in force
  hash         BLOB,                 -- SHA-256 of the exact bytes that were last sent
  maybe        INTEGER NOT NULL DEFAULT 0,  -- 1: an attempt without an answer; the service may have stored it
  graph_id     TEXT,                 -- the message's id in Teams
  reason       TEXT,                 -- why it is skipped, failed, blocked or in doubt
  note         TEXT,                 -- how a state came about, for people
  added        INTEGER NOT NULL DEFAULT 0   -- 1: a record that the export does not hold; counted apart
);
CREATE UNIQUE INDEX message_time ON message (id >> 32, time)
  WHERE time IS NOT NULL AND state IN (0, 1, 2, 5, 6);
CREATE INDEX message_trouble ON message (id) WHERE state IN (4, 5, 6);

CREATE TABLE body (  -- what will be sent, without createdDateTime, which is put in front of it
  id   INTEGER PRIMARY KEY,  -- message.id
  json TEXT NOT NULL
);

CREATE TABLE loss (  -- what a message lost on its way
  message INTEGER NOT NULL,  -- message.id; conversation << 32: of the conversation itself
  ordinal INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  detail  TEXT NOT NULL,
  PRIMARY KEY (message, ordinal)
) WITHOUT ROWID;

CREATE TABLE taken (  -- milliseconds of a conversation that somebody else's messages hold
  conversation INTEGER NOT NULL,
  time         INTEGER NOT NULL,
  PRIMARY KEY (conversation, time)
) WITHOUT ROWID;

CREATE TABLE counter (  -- totals, changed in the transactions that change what they count
  conversation INTEGER NOT NULL,  -- 0: of the whole plan
  kind         TEXT NOT NULL,     -- state, added (the state of added rows), skipped, failed, loss, finding, export
  name         TEXT NOT NULL,     -- the state, the reason, the kind of loss, the rule, what was counted
  n            INTEGER NOT NULL,
  PRIMARY KEY (conversation, kind, name)
) WITHOUT ROWID;

CREATE TABLE creation (  -- calls that create or complete something: without a key, so each is noted before it is made
  kind    TEXT NOT NULL,  -- team, channel, complete_channel, complete_team
  subject TEXT NOT NULL,  -- team.id or conversation.id
  state   TEXT NOT NULL,  -- begun, done, failed
  result  TEXT NOT NULL,  -- the new id, or the error
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;

CREATE TABLE finding (  -- something a person should read
  id      INTEGER PRIMARY KEY,
  planned INTEGER NOT NULL,  -- 1: found by planning, replaced by the next plan
  kind    TEXT NOT NULL,     -- a rule ("R20"), or what it is about
  message INTEGER NOT NULL,  -- message.id; 0: none
  text    TEXT NOT NULL
);

CREATE TABLE state_name (state INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO state_name VALUES (0, 'planned'), (1, 'sending'), (2, 'sent'), (3, 'skipped'), (4, 'failed'),
                              (5, 'blocked'), (6, 'doubt');

CREATE VIEW messages AS
  SELECT m.id, c.displayName AS conversation, m.key, m.record, s.name AS state,
         strftime('%Y-%m-%dT%H:%M:%fZ', m.time / 1000.0, 'unixepoch') AS time,
         strftime('%Y-%m-%dT%H:%M:%fZ', m.planned_time / 1000.0, 'unixepoch') AS planned_time,
         m.root, m.graph_id, m.reason, m.note, b.json AS body
  FROM message m
  JOIN conversation c ON c.id = m.id >> 32
  JOIN state_name s ON s.state = m.state
  LEFT JOIN body b ON b.id = m.id;

CREATE VIEW conversations AS
  SELECT c.id, c.source_id, c.displayName, c.kind, c.reason, t.displayName AS team, c.state, c.graph_id,
         strftime('%Y-%m-%dT%H:%M:%fZ', c.floor / 1000.0, 'unixepoch') AS createdDateTime,
         (SELECT sum(n) FROM counter WHERE conversation = c.id AND kind = 'state') AS rows,
         (SELECT n FROM counter WHERE conversation = c.id AND kind = 'state' AND name = 'sent') AS sent
  FROM conversation c LEFT JOIN team t ON t.id = c.team;

CREATE VIEW people AS SELECT id, name, mail, kind, messages, decision, target, graph_id, graph_name FROM person;

CREATE VIEW losses AS
  SELECT c.displayName AS conversation, m.key, m.record, l.kind, l.detail
  FROM loss l LEFT JOIN message m ON m.id = l.message JOIN conversation c ON c.id = l.message >> 32;

CREATE VIEW totals AS
  SELECT kind, name, sum(n) AS n FROM counter GROUP BY kind, name HAVING sum(n) <> 0;
)sql";

const char* const kUpgrades[kSchemaVersion - 1] = {
    R"sql(
CREATE TABLE import_session (  -- who opened a conversation for import, and how: no read of Graph tells it (R44)
  graph_id     TEXT NOT NULL,     -- of the channel or chat
  started      INTEGER NOT NULL,  -- when we saw it open; 0: before journals kept it
  conversation INTEGER NOT NULL,  -- conversation.id; 0: a General that nothing is sent to
  client_id    TEXT NOT NULL,     -- the application: only it can import and complete
  call         TEXT NOT NULL,     -- what opened it: create_channel, create_team, startMigration
  state        TEXT NOT NULL,     -- the migrationMode last seen
  seen         INTEGER NOT NULL,  -- when
  refused      INTEGER NOT NULL DEFAULT 0,  -- 1: the service has said that the session is another application's
  PRIMARY KEY (graph_id, started)
) WITHOUT ROWID;
INSERT INTO import_session
  SELECT graph_id, 0, id, owner, iif(general, 'create_team', 'create_channel'), state, 0, 0
  FROM conversation WHERE graph_id <> '' AND owner <> '' AND state IN ('inProgress', 'completed');
)sql",
    // The same rows as before: for a list of three and more, SQLite builds a table in memory each time that it asks
    // whether a row belongs into an index, four for each message that is intended or sent.
    R"sql(
DROP INDEX message_time;
DROP INDEX message_trouble;
CREATE UNIQUE INDEX message_time ON message (id >> 32, time)
  WHERE time IS NOT NULL AND state <> 3 AND state <> 4;  -- the live ones: not skipped, not failed
CREATE INDEX message_trouble ON message (id) WHERE state >= 4;  -- failed, blocked, doubt
)sql",
    R"sql(
ALTER TABLE conversation ADD COLUMN type TEXT NOT NULL DEFAULT 'standard';  -- standard, private, shared; group, oneOnOne
ALTER TABLE conversation ADD COLUMN road TEXT NOT NULL DEFAULT 'born';      -- born in migration mode, or switched to it
ALTER TABLE conversation ADD COLUMN existing INTEGER NOT NULL DEFAULT 0;    -- 1: lived before this migration
CREATE TABLE member (  -- who becomes a member of a team, of a private channel or of a chat
  team         INTEGER NOT NULL,  -- team.id, or 0
  conversation INTEGER NOT NULL,  -- conversation.id, or 0
  user         TEXT NOT NULL,     -- the Entra user
  name         TEXT NOT NULL,
  owner        INTEGER NOT NULL,  -- 1: as an owner
  state        TEXT NOT NULL,     -- planned, removed (to be added again with the history), done, failed
  reason       TEXT NOT NULL,     -- why failed
  PRIMARY KEY (team, conversation, user)
) WITHOUT ROWID;
DROP VIEW conversations;
CREATE VIEW conversations AS
  SELECT c.id, c.source_id, c.displayName, c.kind, c.type, c.road, c.reason, t.displayName AS team, c.state, c.graph_id,
         strftime('%Y-%m-%dT%H:%M:%fZ', c.floor / 1000.0, 'unixepoch') AS createdDateTime,
         (SELECT sum(n) FROM counter WHERE conversation = c.id AND kind = 'state') AS rows,
         (SELECT n FROM counter WHERE conversation = c.id AND kind = 'state' AND name = 'sent') AS sent
  FROM conversation c LEFT JOIN team t ON t.id = c.team;
CREATE VIEW members AS
  SELECT coalesce(t.displayName, c.displayName) AS place, m.name, m.user, m.owner, m.state, m.reason
  FROM member m LEFT JOIN team t ON t.id = m.team LEFT JOIN conversation c ON c.id = m.conversation;
)sql",
};

}  // namespace teamferry::journal
