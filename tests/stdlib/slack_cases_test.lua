-- Every case of the Slack markup table, with markers resolved the way the runtime does it.
local blocks = require "stdlib.blocks"
local mrkdwn = require "stdlib.mrkdwn"
local rich_text = require "stdlib.rich_text"

local function resolved(content, world)
  local n = -1
  content = content:gsub('<at person="([^"]*)">(.-)</at>', function(id, label)
    local name = world.users[id]
    if not name then return "@" .. (label ~= "" and label or id) end
    n = n + 1
    return ('<at id="%d">%s</at>'):format(n, name)
  end)
  return (content:gsub('<a conversation="([^"]*)">(.-)</a>', function(id, label)
    return "#" .. (world.channels[id] or label ~= "" and label or id)
  end))
end

test("each case of slack_cases.json comes out as it says", function(t)
  if not t.fixtures then return t.skip "TEAMFERRY_FIXTURES is not set" end
  local cases = json.decode(assert(t.read(t.fixtures .. "/markup/slack_cases.json"), "no markup/slack_cases.json there"))
  local world = cases.context
  local opt = { usergroups = world.usergroups, emoji = {} }
  local ctx = { loss = function() end }
  function ctx.person(id) return { id = id, name = world.users[id] or id, known = world.users[id] ~= nil } end
  local slack = require "scripts.slack"
  require("stdlib.source").stop(slack)
  require("stdlib.source").start(slack, { export = "x" })
  slack.args.usergroups = world.usergroups
  local convert = {
    mrkdwn = function(input) return mrkdwn.to_html(input, opt) end,
    rich_text = function(input) return rich_text.to_html(input, ctx, opt) end,
    blocks = function(input) return blocks.to_html(input, ctx, opt) end,
    attachment = function(input) return blocks.attachments({ input }, ctx, opt) end,
    message = function(input) return slack:content(input, ctx) end,
  }
  local wrong = {}
  for _, case in ipairs(cases.cases) do
    local fine, got = pcall(convert[case.kind], case.input)
    got = fine and resolved(got, world) or got
    if got ~= case.expected_html then
      wrong[#wrong + 1] = ("%s\n   wanted %s\n   got    %s"):format(case.id, case.expected_html, got)
    end
  end
  require("stdlib.source").stop(slack)
  t.same(table.concat(wrong, "\n"), "")
end)
