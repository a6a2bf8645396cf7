---An assessment as one page of HTML: charts drawn in place, nothing loaded from anywhere, good to read on a screen and on
---paper. Every text of the export is escaped: an export is a stranger's. Tested by tests/stdlib/assess_page_test.lua.
local html = require "stdlib.html"
local output = require "stdlib.cli.output"
local words = require "stdlib.cli.assess_text"

local assess_page = {}

local concat, floor, format, max = table.concat, math.floor, string.format, math.max
local count, of = output.count, output.of
local MOST_MONTHS = 96 -- bars in a row; more are drawn by year
local MOST_PEOPLE = 40 -- rows; --json has them all

local STYLE = [[
:root{--ink:#1d2433;--soft:#5c667a;--line:#dfe3ea;--fill:#3b5ccc;--pale:#e8ecf8;--warn:#b4641a}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:40px 32px 64px;color:var(--ink);background:#fff;
font:15px/1.5 "Segoe UI",system-ui,-apple-system,"Noto Sans",sans-serif}
h1{font-size:28px;line-height:1.25;margin:0 0 4px}h2{font-size:19px;margin:40px 0 10px}
p{margin:0 0 10px;max-width:760px}.soft{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:24px 0 0}
.tile{border:1px solid var(--line);border-radius:8px;padding:12px 16px}
.tile b{display:block;font-size:20px;line-height:1.4}.tile span{color:var(--soft);font-size:13px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:middle;overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600;font-size:13px}th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.bar{width:170px}td.name{min-width:130px}td.day{white-space:nowrap}
svg{display:block}svg text{font:12px "Segoe UI",system-ui,sans-serif;fill:var(--soft)}
.notes li{margin:0 0 8px;max-width:820px}.mark{color:var(--soft);font-size:13px}
.limit{border-left:4px solid var(--warn);padding:6px 12px;background:#fdf5ec;margin:0 0 8px}
footer{margin-top:40px;color:var(--soft);font-size:13px;border-top:1px solid var(--line);padding-top:12px}
@media print{body{padding:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr,.tile,svg,li{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
]]

-- A text of anybody, as text of one line.
local function safe(text) return (html.escape(output.one_line(tostring(text))):gsub('"', "&quot;")) end

-- A name, which may be written from right to left among words that are not.
local function name(text) return "<bdi>" .. safe(text) .. "</bdi>" end

local function bar(value, most, width)
  local long = most > 0 and max(value > 0 and 2 or 0, floor(width * value / most + 0.5)) or 0
  return format('<svg width="%d" height="12" aria-hidden="true"><rect width="%d" height="12" rx="2" fill="#e8ecf8"/>'
    .. '<rect width="%d" height="12" rx="2" fill="#3b5ccc"/></svg>', width, width, long)
end

-- rows: arrays of cells that are HTML; heads: { text, class }.
local function grid(heads, rows)
  local out = { "<table><thead><tr>" }
  for _, head in ipairs(heads) do out[#out + 1] = format('<th class="%s">%s</th>', head[2] or "", head[1]) end
  out[#out + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(rows) do
    out[#out + 1] = "<tr>"
    for i, cell in ipairs(row) do out[#out + 1] = format('<td class="%s">', heads[i][2] or "") .. cell .. "</td>" end
    out[#out + 1] = "</tr>"
  end
  out[#out + 1] = "</tbody></table>"
  return concat(out)
end

local function tile(value, label) return format("<div class=\"tile\"><b>%s</b><span>%s</span></div>", value, label) end

local function tiles(found)
  return '<div class="tiles">' .. concat {
    tile(count(found.messages), format("messages to move, of %s", of(found.records, "record"))),
    tile(count(#found.conversations), #found.conversations_skipped > 0
      and format("conversations; %s stay behind", count(#found.conversations_skipped)) or "conversations"),
    tile(count(found.people.writing), format("people who wrote, %s of them unknown", count(#found.people.unknown))),
    tile(words.range(found.forecast, "import_seconds"), "of sending"),
    tile(found.first and words.day(found.first) or "none", "the first message"),
    tile(found.last and words.day(found.last) or "none", "the last message"),
    tile(count(found.changes), "changes and losses, all named below" .. (found.members_missing > 0
      and format("; %s not in the tenant", of(found.members_missing, "member of rooms", "members of rooms")) or "")),
    tile(words.bytes(found.file_bytes), "of files that messages name"),
  } .. "</div>"
end

-- Every month from the first to the last, also those without a message; years if there are many.
local function spans(months)
  local first, last
  for month in pairs(months) do
    if not first or month < first then first = month end
    if not last or month > last then last = month end
  end
  if not first then return {} end
  local out = {}
  local y, m = tonumber(first:sub(1, 4)), tonumber(first:sub(6))
  local to = tonumber(last:sub(1, 4)) * 12 + tonumber(last:sub(6))
  local by_year = to - (y * 12 + m) >= MOST_MONTHS
  while y * 12 + m <= to do
    local label, n = format("%04d-%02d", y, m), months[format("%04d-%02d", y, m)] or 0
    if by_year and out[#out] and out[#out].label == label:sub(1, 4) then
      out[#out].n = out[#out].n + n
    else
      out[#out + 1] = { label = by_year and label:sub(1, 4) or label, n = n }
    end
    m = m + 1
    if m > 12 then y, m = y + 1, 1 end
  end
  return out, by_year
end

local function history(found)
  local list, by_year = spans(found.months)
  if #list == 0 then return "" end
  local width, height, most = 1000, 150, 0
  for _, each in ipairs(list) do most = max(most, each.n) end
  local step = math.min(width / #list, 60)
  local out = { format('<svg viewBox="0 0 %d %d" width="100%%" role="img" aria-label="messages over time">', width + 16, height + 46) }
  local marks = math.ceil(#list / 10)
  for i, each in ipairs(list) do
    local high = each.n > 0 and max(1, height * each.n / most) or 0
    local x = (i - 1) * step
    out[#out + 1] = format('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="#3b5ccc"><title>%s: %s</title></rect>', x,
      20 + height - high, max(1, step - 2), high, each.label, count(each.n))
    if (i - 1) % marks == 0 and x < width - 30 then
      out[#out + 1] = format('<text x="%.1f" y="%d">%s</text>', x, height + 40, each.label)
    end
  end
  out[#out + 1] = format('<line x1="0" x2="%d" y1="%d" y2="%d" stroke="#dfe3ea"/><text x="0" y="12">at most %s</text></svg>', width,
    height + 21, height + 21, count(most))
  return format("<h2>Messages by %s</h2>", by_year and "year" or "month") .. concat(out)
end

local function conversations(found)
  local rows, most = {}, found.conversations[1] and found.conversations[1].messages or 0
  for i, one in ipairs(found.conversations) do
    local paces = words.paces_of(one, found)
    rows[i] = { name((one.kind == "channel" and "#" or "") .. one.name), bar(one.messages, most, 150), count(one.messages),
      count(one.replies), words.day(one.first), words.day(one.last), words.bytes(one.body_bytes), count(one.losses),
      words.range(paces, "import_seconds"), words.range(paces, "verify_seconds") }
  end
  local out = { "<h2>Conversations</h2>", grid({ { "name", "name" }, { "", "bar" }, { "messages", "n" }, { "replies", "n" },
    { "from", "day" }, { "to", "day" }, { "text", "n" }, { "changes", "n" }, { "sending", "n" }, { "checking", "n" } }, rows) }
  if #found.conversations_skipped > 0 then
    local left = {}
    for i, one in ipairs(found.conversations_skipped) do left[i] = { name(one.name), safe(one.reason), count(one.records) } end
    out[#out + 1] = "<h2>Left behind</h2>"
      .. grid({ { "name", "name" }, { "why" }, { "records", "n" } }, left)
  end
  return concat(out)
end

-- A list with bars: { label as HTML, count, more as HTML }.
local function ranking(title, heads, list)
  if #list == 0 then return "" end
  local most = 0
  for _, each in ipairs(list) do most = max(most, each[2]) end
  local rows = {}
  for i, each in ipairs(list) do rows[i] = { each[1], bar(each[2], most, 150), count(each[2]), each[3] or "" } end
  return format("<h2>%s</h2>", title) .. grid({ { heads[1], "name" }, { "", "bar" }, { "how many", "n" }, { heads[2] or "" } }, rows)
end

local function map(list, fn)
  local out = {}
  for i, each in ipairs(list) do out[i] = fn(each) end
  return out
end

local function people(found)
  local p = found.people
  local out = { "<h2>People</h2>", format("<p>The export knows %s, %s of them with a mail address, who are taken to be in the tenant. %s "
    .. "wrote something.</p>", of(p.all, "person", "people"), count(p.with_mail), count(p.writing)) }
  if #p.unknown > 0 then
    out[#out + 1] = format("<p>%s no mail address to be found by. Their messages go out under the fallback account, with the name in the "
      .. "first line, unless people.csv says who they are.</p>", #p.unknown == 1 and "One who wrote has" or count(#p.unknown)
      .. " who wrote have")
    local shown = {}
    for i = 1, math.min(MOST_PEOPLE, #p.unknown) do
      local each = p.unknown[i]
      shown[i] = { name(each.name), each.messages, safe(each.why) }
    end
    out[#out + 1] = ranking("", { "name", "why" }, shown):gsub("<h2>.-</h2>", "", 1)
    if #p.unknown > #shown then out[#out + 1] = format("<p>… and %s more.</p>", count(#p.unknown - #shown)) end
  end
  return concat(out)
end

local function cited(note)
  local source = note.source and (note.source:match "^https://" and format('<a href="%s">%s</a>', safe(note.source), safe(note.source))
    or safe(note.source))
  return format('<span class="mark">%s%s</span>', safe(note.mark), source and ", " .. safe(note.as_of) .. ": " .. source or "")
end

local function notes(title, list)
  local out = map(list, function(note) return "<li>" .. safe(note.text) .. "<br>" .. cited(note) .. "</li>" end)
  return format('<h2>%s</h2><ul class="notes">%s</ul>', title, concat(out))
end

local function time_needed(found)
  local rows = map(found.forecast, function(each)
    return { safe(each.pace), format("%.3g", each.messages_per_second), output.span(math.ceil(each.import_seconds)),
      output.span(math.ceil(each.verify_seconds)), cited(each) }
  end)
  return "<h2>Time</h2><p>Conversations are sent side by side, so that the longest one decides. Two pages of Microsoft's disagree on "
    .. "what a conversation takes; the truth lies between.</p>"
    .. grid({ { "pace", "day" }, { "messages a second and conversation", "n" }, { "sending", "n" }, { "checking", "n" },
      { "who says so" } }, rows)
end

local function reason_row(each) return { safe(each.reason), each.count } end

-- What messages are made of, and what becomes of it.
local function fates(found)
  return "<h2>What messages are made of</h2>" .. grid({ { "what" }, { "there are", "n" }, { "kept", "n" }, { "approximated", "n" },
    { "lost", "n" } }, map(found.fates, function(each)
    return { safe(each.label), count(each.found), count(each.kept), count(each.approximated), count(each.lost) }
  end))
end

---@param found table  of stdlib/cli/assess_report.lua
---@return string
function assess_page.of(found)
  local limits = concat(map(found.limits, function(each) return '<p class="limit">' .. safe(each) .. "</p>" end))
  return concat {
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    "<title>Assessment of ", safe(found.export:match "[^/]+/*$" or found.export), "</title><style>", STYLE, "</style></head><body>",
    "<h1>What would move to Teams</h1><p class=\"soft\">From <bdi>", safe(found.export:match "[^/]+/*$" or found.export),
    "</bdi>, read by the script ", safe(found.script), " on ", safe(found.made), ". Nothing was sent.</p>",
    tiles(found), limits ~= "" and "<h2>Beyond the limits</h2>" .. limits or "", history(found), conversations(found),
    time_needed(found), people(found),
    fates(found),
    ranking("What changes or is lost", { "kind", "what becomes of it" }, map(found.losses, function(each)
      return { safe(each.kind:gsub("_", " ")), each.count, safe(each.meaning) }
    end)),
    ranking("What is left out", { "reason" }, map(found.skipped_by_reason, reason_row)),
    ranking("What failed", { "reason" }, map(found.failed_by_reason, reason_row)),
    notes("What it may cost", found.charges), notes("What people see meanwhile", found.meanwhile),
    "<footer>Made by teamferry assess from the export alone; ",
    "teamferry plan with the same options comes to the same figures.</footer>",
    "</body></html>\n",
  }
end

return assess_page
