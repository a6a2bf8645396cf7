local names = require "stdlib.cli.names"

test("a team is named after whom the export is of", function(t)
  t.same(names.team "/home/ann/Acme Slack export Jan 1 2020 - Feb 1 2021.zip", "Acme")
  t.same(names.team "acme-slack-export.zip", "acme")
  t.same(names.team "acme_export_2020", "acme")
  t.same(names.team "Orbit Labs/", "Orbit Labs")
  t.same(names.team "export.zip", "export")
  t.same(names.team "slack export.zip", "slack")
  t.same(names.team "..", "Archive")
end)

test("a journal is a file of this folder, and a rehearsal has its own", function(t)
  t.same(names.journal("Acme & Sons", false), "acme-sons.db")
  t.same(names.journal("acme", true), "acme-rehearsal.db")
  t.same(names.journal("../é", true), "migration-rehearsal.db")
end)
