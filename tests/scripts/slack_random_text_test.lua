-- Messages made by chance, of everything that rich_text and mrkdwn have: the reader's text comes through, and the HTML is
-- well-formed. Each run makes the same messages.
local oracle = require "tests.support.slack_oracle"
local run = require "stdlib.run"
local slack = require "scripts.slack"
local source = require "stdlib.source"

local seed = 1

local function below(n) -- 0 to n - 1
  seed = seed * 16807 % 2147483647
  return seed % n
end

local function pick(list) return list[below(#list) + 1] end

local function some(most, make)
  local out = {}
  for i = 1, below(most + 1) do out[i] = make() end
  return out
end

local WORDS = { "word", " ", "\n", "a\n\nb", "<b>", "&amp;", "&", "x > y", " lead", "trail ", "\n\nstart", "end\n\n", "", "é\226\128\141", "\t", "*star*", "```" }
local URLS = { "https://x.example/?a=1&amp;b=2", "mailto:a@b.example", "javascript:x", "https://acme.slack.com/archives/C02/p1589553562044500", "" }

local function style()
  local out = {}
  for _, name in ipairs { "bold", "italic", "strike", "underline", "code" } do out[name] = below(4) == 0 or nil end
  return next(out) and out
end

local function inline()
  local kind = below(12)
  if kind < 6 then return { type = "text", text = pick(WORDS) .. pick(WORDS), style = style() } end
  if kind == 6 then return { type = "link", url = pick(URLS), text = pick { "la<bel", "two\nlines", "" }, style = style() } end
  if kind == 7 then return { type = "user", user_id = "U1", style = style() } end
  if kind == 8 then return { type = "emoji", name = pick { "smile", "nope" }, unicode = pick { "1f604", "2764-fe0f", false } or nil } end
  if kind == 9 then return { type = "channel", channel_id = "C1" } end
  if kind == 10 then return { type = "broadcast", range = "here" } end
  return { type = "usergroup", usergroup_id = "S1" }
end

local function section() return { type = "rich_text_section", elements = some(4, inline) } end

local function element()
  local kind = below(6)
  if kind < 2 then return section() end
  if kind < 4 then
    return { type = "rich_text_list", style = pick { "bullet", "ordered" }, indent = below(4), border = pick { 0, 0, 1 }, offset = below(3), elements = some(3, section) }
  end
  if kind == 4 then return { type = "rich_text_quote", elements = some(4, inline), border = below(2) } end
  return { type = "rich_text_preformatted", elements = some(3, function() return { type = "text", text = pick(WORDS) } end), border = below(2) }
end

local TOKENS = { "word", " ", "\n", "\n\n", "*", "_", "~", "`", "```", "&gt;", "&gt;&gt;&gt;", "&lt;", "&amp;", "<@U123>", "<@U123|ann>", "<#C01|>", "<!here>",
  "<!subteam^S1|@on>", "<!date^1589553562^{date}^https://x.example/|May 15>", "<https://x.example/a_b*c|la_bel>", "<mailto:a@b.example>", "<skype:x|y>",
  "<sys/select.h>", ":nope:", "10:30:45", "• ", "é", "日本", "\226\128\139", "(", ".", "\t", "\194\160", "\r\n", "<javascript:alert(1)|x>", "&nbsp;", '"' }

local function malformed(content)
  local open = {}
  for closing, name in content:gmatch "<(/?)(%a%w*)[^>]*>" do
    if name ~= "br" and name ~= "hr" then
      if closing ~= "" then
        if table.remove(open) ~= name then return name .. " is closed at the wrong place" end
      else
        if name == "p" and #open > 0 then return "a paragraph stands in " .. open[#open] end
        open[#open + 1] = name
      end
    end
  end
  return #open > 0 and open[#open] .. " stays open" or content:find "<p></p>" and "a paragraph is empty" or nil
end

local function check(t, message, clean)
  local ctx = { loss = function() end, person = function(id) return { id = id, name = id, known = true } end, conversation = { id = "C01", rooms = { C02 = true } } }
  local content = slack.content(slack, message, ctx)
  t.same({ malformed(content), clean(oracle.seen(content)), content }, { nil, clean((oracle.said(message))), content })
end

test("no text made by chance is lost or leaves a tag open", function(t)
  source.stop(slack)
  run.start(slack, { export = {}, args = { export = "x" } })
  for _ = 1, 3000 do
    check(t, { text = "", blocks = { { type = "rich_text", elements = some(5, element) } } }, oracle.bare)
    check(t, { text = table.concat(some(14, function() return pick(TOKENS) end)) }, oracle.unmarked)
  end
  source.stop(slack)
end)
