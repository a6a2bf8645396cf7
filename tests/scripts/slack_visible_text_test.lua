-- Every message of every Slack export among the fixtures: what a reader saw there is what our HTML shows, in the same
-- order, but for what a loss quotes. The oracle shares nothing with the converter.
local host = require "teamferry.host"
local oracle = require "tests.support.slack_oracle"
local run = require "stdlib.run"
local slack = require "scripts.slack"
local source = require "stdlib.source"

local EXPORTS = { "houstondatavis-2016", "bcneng-2020", "r-contributors-2020-2026", "forge2-2026", "olake-slackdump-2026",
  "slackdump-fixtures/source_export_dir", "slackdump-fixtures/source_export.zip", "zulip-fixtures/test_unicode_slack_importer.zip" }
local MOST = 0.005 -- of the messages may lose words, with a loss that quotes them

-- Takes what the losses quote out of a text.
local function without(text, losses, clean)
  for _, loss in ipairs(losses) do
    local quoted = clean(loss[2])
    local first, last = text:find(quoted, 1, true)
    if quoted ~= "" and first then text = text:sub(1, first - 1) .. text:sub(last + 1) end
  end
  return text
end

-- What is wrong with a message's HTML, or nil; and whether it lost words.
local function judged(message, content, losses)
  local said, marked = oracle.said(message)
  local clean = marked and oracle.unmarked or oracle.bare
  local wanted, got = clean(said), clean(oracle.seen(content))
  local rest = got:sub(#wanted + 1)
  if got:sub(1, #wanted) ~= wanted then
    local fewer = without(wanted, losses, clean)
    if fewer ~= got:sub(1, #fewer) then return ("wanted %s\n   got    %s"):format(wanted:sub(1, 300), got:sub(1, 300)) end
    return nil, true
  end
  if not message.attachments and not message.files and not message.file then
    return rest ~= "" and "there is more than the message: " .. rest:sub(1, 300) or nil
  end
  rest = oracle.unmarked(oracle.seen(content))
  for _, attachment in ipairs(type(message.attachments) == "table" and message.attachments or {}) do
    if type(attachment) == "table" and not oracle.preview(attachment) then
      for _, words in ipairs(oracle.attached(attachment)) do
        if not rest:find(oracle.unmarked(words), 1, true) then return "an attachment lacks " .. words:sub(1, 300) end
      end
    end
  end
end

test("a reader of Teams sees what a reader of Slack saw", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  for _, name in ipairs(EXPORTS) do
    local export = host.open_export(t.fixtures .. "/slack/" .. name)
    source.stop(slack)
    run.start(slack, { export = export, args = { export = "x", events = "keep" } })
    local losses
    local ctx = { export = export, person = function(id) return { id = id, name = id, known = true } end }
    function ctx.loss(kind, detail) losses[#losses + 1] = { kind, detail or "" } end
    local count, lost, wrong = 0, 0, {}
    for message, file, index in export:records "*/????-??-??.json" do
      if type(message) == "table" and message.subtype ~= "tombstone" then
        count, losses = count + 1, {}
        local problem, lossy = judged(message, slack.content(slack, message, ctx), losses)
        if lossy then lost = lost + 1 end
        if problem then wrong[#wrong + 1] = ("%s record %d: %s"):format(file, index, problem) end
      end
    end
    source.stop(slack)
    t.same({ name, table.concat(wrong, "\n", 1, math.min(#wrong, 10)) }, { name, "" })
    t.same({ count > 0, lost <= count * MOST }, { true, true })
  end
end)
