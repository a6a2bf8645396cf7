---What a person should know of the service before a migration: what it may charge for, and what users see meanwhile.
---
---Facts as others state them, each with who says so, when it was read, and a mark: documented (by Microsoft), observed
---(by users), inferred (ours, without a source). Numbers stand in native/limits/service.json.
local notes = {}

local ARTICLE = "https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams"
local TOOL = "runbook of cliq2teams, a public tool"

notes.charges = {
  { text = "No charge for importing is known. Microsoft's article on importing warns that extra licences or fees may be asked for in "
      .. "future, and names no price; read it again before a large migration.",
    source = ARTICLE, as_of = "2026-08", mark = "documented" },
  { text = "The Teams APIs of Microsoft Graph that used to be metered are not metered since 25 August 2025.",
    source = "https://learn.microsoft.com/graph/teams-licenses", as_of = "2026-08", mark = "documented" },
  { text = "Messages of authors without an account or a licence were refused: whoever is to be shown as an author needs both in the "
      .. "tenant, the fallback account too.",
    source = TOOL, as_of = "2026-08", mark = "observed" },
}

notes.meanwhile = {
  { text = "In a new team nobody can write, and no members can be added, until its migration is completed.",
    source = ARTICLE, as_of = "2026-08", mark = "documented" },
  { text = "Without members nobody sees that team until then.",
    source = "https://github.com/MicrosoftDocs/msteams-docs/issues/6649", as_of = "2022", mark = "observed" },
  { text = "A channel or chat that existed before shows a banner until completion.",
    source = "https://learn.microsoft.com/graph/api/channel-startmigration", as_of = "2026-08", mark = "documented" },
  { text = "The banner was read as: \"Migration for this conversation is in progress. Messages may be out of order during this time\".",
    source = TOOL, as_of = "2026-08", mark = "observed" },
  { text = "Some imported messages are not shown before completion: check with verify during the migration, and by eye after it.",
    source = "https://learn.microsoft.com/graph/teams-import-messages", as_of = "2026-08", mark = "documented" },
  { text = "After completion a client may show only a part of the history until it has been signed out and in again, or its cache is "
      .. "cleared; the messages are there.",
    source = TOOL, as_of = "2026-08", mark = "observed" },
  { text = "Whether people are notified of mentions in imported messages is said nowhere: try it with a mention of yourself.",
    as_of = "2026-08", mark = "inferred" },
  { text = "A retention policy that deletes old messages may delete imported ones soon after: ask the tenant's administrator.",
    as_of = "2026-08", mark = "inferred" },
}

return notes
