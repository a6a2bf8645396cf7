---Markdown to HTML, the part of it that chat apps write: headings, lists, quotes, fences, tables, emphasis,
---code, links. HTML inside is text. A newline is <br>, as in a chat.
---Tested by tests/stdlib/markdown_test.lua.
local html = require "stdlib.html"

local markdown = {}

local concat, find, gsub, match, sub = table.concat, string.find, string.gsub, string.match, string.sub

local inline

-- Text between two marks of the same kind that starts and ends with a non-space.
local function spanned(text, at, sign, tag)
  local size = #sign
  if sub(text, at, at + size - 1) ~= sign or find(text, "^[%s*_~]", at + size) then return nil end
  local from = at + size
  while true do
    local first = find(text, sign, from, true)
    if not first then return nil end
    local next_char = sub(text, first + size, first + size)
    if first > at + size and not find(text, "^%s", first - 1) and next_char ~= sub(sign, 1, 1)
      and (sub(sign, 1, 1) ~= "_" or not find(next_char, "^%w")) then
      return "<" .. tag .. ">" .. inline(sub(text, at + size, first - 1)) .. "</" .. tag .. ">", first + size
    end
    from = first + 1
  end
end

local function link_at(text, at, image)
  local label, stop = match(text, "^(%b[])()", at)
  if not label then return nil end
  local target, after = match(text, "^%(%s*<?([^%s()<>]*%b()?[^%s()<>]*)>?[^()]*%)()", stop)
  if not target then target, after = match(text, "^%(%s*<?([^%s()<>]+)>?[^()]*%)()", stop) end
  if not target or target == "" then return nil end
  label = sub(label, 2, -2)
  if image then return html.link(target, label ~= "" and label or target), after end
  return html.link_html(target, label ~= "" and inline(label) or html.escape(target)), after
end

local MARKS = { ["*"] = { { "***", nil }, { "**", "strong" }, { "*", "em" } }, ["_"] = { { "__", "strong" }, { "_", "em" } },
  ["~"] = { { "~~", "s" } } }

local LIMIT = 20 -- of nesting, and of tries of one mark: hostile text stays linear enough
local depth = 0

function inline(text)
  depth = depth + 1
  local out, n, at = {}, 0, 1
  local tries = { ["*"] = 0, _ = 0, ["~"] = 0 }
  local function add(piece) n = n + 1; out[n] = piece end
  while at <= #text do
    local first = find(text, "[\\`%[!*_~<\n]", at)
    add(html.escape(sub(text, at, (first or 0) - 1)))
    if not first then break end
    local char = sub(text, first, first)
    at = first + 1
    local piece, after
    if char == "\n" then
      piece, after = "<br>", at
    elseif char == "\\" and find(text, "^%p", at) then
      piece, after = html.escape(sub(text, at, at)), at + 1
    elseif char == "`" then
      local ticks = match(text, "^`+", first)
      local close = find(text, ticks, first + #ticks, true)
      if close then
        local code = sub(text, first + #ticks, close - 1)
        piece, after = "<code>" .. html.escape(match(code, "^ (.+) $") or code) .. "</code>", close + #ticks
      else
        piece, after = ticks, first + #ticks
      end
    elseif char == "<" then
      local url, stop = match(text, "^<(%a[%w+.-]*:[^%s<>]+)>()", first)
      if url then piece, after = html.link(url), stop end
    elseif depth < LIMIT and char == "[" then
      piece, after = link_at(text, first)
    elseif depth < LIMIT and char == "!" then
      piece, after = link_at(text, at, true)
    elseif depth < LIMIT and MARKS[char] and tries[char] < LIMIT
      and not (char == "_" and first > 1 and find(text, "^%w", first - 1)) then
      for _, entry in ipairs(MARKS[char]) do
        if entry[2] then piece, after = spanned(text, first, entry[1], entry[2]) end
        if piece then break end
      end
      if not piece then tries[char] = tries[char] + 1 end
    end
    add(piece or html.escape(char))
    at = after or at
  end
  depth = depth - 1
  return concat(out)
end

local blocks

local function list_at(lines, at)
  local indent, sign, space, first = match(lines[at], "^( *)([-*+])(%s+)(.*)$")
  local ordered
  if not sign then
    indent, sign, space, first = match(lines[at], "^( *)(%d+[.)])(%s+)(.*)$")
    ordered = sign and tonumber(match(sign, "%d+"))
  end
  if not sign then return nil end
  local width = #indent + #sign + math.min(#space, 4)
  local items, item = {}, { first }
  at = at + 1
  while lines[at] do
    local line = lines[at]
    local lead = #match(line, "^ *")
    local again = ordered and match(line, "^ *%d+[.)]%s+(.*)$") or not ordered and match(line, "^ *[-*+]%s+(.*)$")
    if line ~= "" and again and lead < width and lead <= #indent + 1 then
      items[#items + 1] = item
      item = { again }
    elseif line == "" then
      local following = lines[at + 1]
      local inside = following and find(following, "^  %s*%S")
      if not inside and not (following and find(following, ordered and "^%d+[.)]%s" or "^[-*+]%s")) then break end
      if inside then item[#item + 1] = "" end
    elseif lead > #indent or not find(line, "^%s*[-*+]%s") and not find(line, "^%s*%d+[.)]%s") and not find(line, "^[#>`]") then
      item[#item + 1] = gsub(line, "^" .. (" ?"):rep(width), "", 1)
    else
      break
    end
    at = at + 1
  end
  items[#items + 1] = item
  local out = {}
  for i, content in ipairs(items) do
    local task = match(content[1], "^%[([ xX])%]%s")
    if task then content[1] = (task == " " and "☐ " or "☑ ") .. sub(content[1], 5) end
    local body = blocks(content)
    out[i] = "<li>" .. gsub(gsub(gsub(body, "</p><p>", "<br><br>"), "^<p>(.-)</p>", "%1"), "</?p>", "") .. "</li>"
  end
  local tag = ordered and (ordered ~= 1 and '<ol start="' .. ordered .. '">' or "<ol>") or "<ul>"
  return tag .. concat(out) .. (ordered and "</ol>" or "</ul>"), at
end

local function cells_of(line)
  line = gsub(match(line, "^%s*|?(.-)|?%s*$"), "\\|", "\1")
  local cells = {}
  for cell in gsub(line, "$", "|"):gmatch "([^|]*)|" do
    cells[#cells + 1] = inline((gsub(match(cell, "^%s*(.-)%s*$"), "\1", "|")))
  end
  return cells
end

local function table_at(lines, at)
  local rule = lines[at + 1]
  if not rule or not find(lines[at], "|", 1, true) then return nil end
  if not find(rule, "^[%s|:-]+$") or not find(rule, "-", 1, true) or not find(rule, "|", 1, true) then return nil end
  local out, row = { "<table>" }, at
  while lines[row] and find(lines[row], "|", 1, true) do
    if row ~= at + 1 then
      local tag = row == at and "th" or "td"
      local cells = cells_of(lines[row])
      for i, cell in ipairs(cells) do cells[i] = "<" .. tag .. ">" .. cell .. "</" .. tag .. ">" end
      out[#out + 1] = "<tr>" .. concat(cells) .. "</tr>"
    end
    row = row + 1
  end
  out[#out + 1] = "</table>"
  return concat(out), row
end

local function starts_block(line)
  return line == "" or find(line, "^#+ ") or find(line, "^>") or find(line, "^ *```") or find(line, "^ *[-*+]%s+%S")
    or find(line, "^ *%d%d?[.)]%s+%S")
end

local nested = 0

function blocks(lines)
  nested = nested + 1
  local out, at = {}, 1
  while lines[at] do
    local line = lines[at]
    local fence = match(line, "^ *(```+)") or match(line, "^ *(~~~+)")
    local hashes, title = match(line, "^(#+)%s+(.-)%s*#*$")
    local piece, after
    if line == "" then
      after = at + 1
    elseif fence then
      local code = {}
      after = at + 1
      while lines[after] and not find(lines[after], "^ *" .. fence) do
        code[#code + 1] = lines[after]
        after = after + 1
      end
      piece, after = "<pre>" .. html.escape(concat(code, "\n")) .. "</pre>", after + 1
    elseif hashes and #hashes <= 6 then
      local tag = "h" .. math.min(#hashes, 3)
      piece, after = "<" .. tag .. ">" .. inline(title) .. "</" .. tag .. ">", at + 1
    elseif find(line, "^ *%-[ -]*%-[ -]*%-[ -]*$") or find(line, "^ *%*[ *]*%*[ *]*%*[ *]*$") or find(line, "^ *___+%s*$") then
      piece, after = "<hr>", at + 1
    elseif find(line, "^>") and nested < LIMIT then
      local quoted = {}
      after = at
      while lines[after] and find(lines[after], "^>") do
        quoted[#quoted + 1] = gsub(lines[after], "^> ?", "")
        after = after + 1
      end
      local body = blocks(quoted)
      piece = "<blockquote>" .. gsub(gsub(gsub(body, "</p><p>", "<br><br>"), "^<p>(.-)</p>", "%1"), "</?p>", "") .. "</blockquote>"
    elseif nested < LIMIT then
      piece, after = list_at(lines, at)
      if not piece then piece, after = table_at(lines, at) end
    end
    if not after then
      local paragraph = {}
      after = at
      repeat
        paragraph[#paragraph + 1] = gsub(lines[after], "^%s+", "")
        after = after + 1
      until not lines[after] or starts_block(lines[after])
      piece = "<p>" .. inline(concat(paragraph, "\n")) .. "</p>"
    end
    out[#out + 1] = piece
    at = after
  end
  nested = nested - 1
  return concat(out)
end

---Turns Markdown into HTML.
---@param text string
---@return string
---@usage markdown.to_html "**b** [t](https://e.example)" --> '<p><strong>b</strong> <a href="https://e.example">t</a></p>'
function markdown.to_html(text)
  if type(text) ~= "string" then
    error("markdown.to_html takes text, not " .. (text == nil and "nil" or "a " .. type(text)), 2)
  end
  depth, nested = 0, 0
  local lines = {}
  for line in (gsub(gsub(text, "\r\n?", "\n"), "\t", "    ") .. "\n"):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = find(line, "%S") and line or ""
  end
  return blocks(lines)
end

return markdown
