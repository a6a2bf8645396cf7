---Markdown to HTML, the part of it that chat apps write: headings, lists, quotes, fences, tables, emphasis,
---code, links. HTML inside is text. A newline is <br>, as in a chat. What differs from app to app is a row in DIALECTS.
---Lines are taken apart here, what stands in them by stdlib/markdown_inline.lua.
---Tested by tests/stdlib/markdown_test.lua.
local html = require "stdlib.html"
local inline_of = require "stdlib.markdown_inline"
local suggest = require "stdlib.suggest"

local markdown = {}

local concat, find, gsub, match, sub = table.concat, string.find, string.gsub, string.match, string.sub
local ipairs = ipairs

local LIMIT = 20 -- of nesting

-- marks        what one and two of a mark mean
-- words        no mark means anything inside a word; underscores never do
-- levels       headings there are
-- entities     &copy; is a character
-- mails        bare addresses are links
-- indented     four spaces make code
-- lazy         a line behind a list goes on with its last item
-- spaced       a quotation needs a space behind its >; >>> quotes all that follows
-- anywhere     a fence may stand within a line; "tag": its first line may name a language; "mono": one on a single line is inline
-- small        -# is small print
-- web_only     [label](address) for http and https only
-- pipe_links   <address|label>
-- quotes_by_link   a link with a blank label refers to a message that is quoted elsewhere
local STRIKE = { [2] = "s" }
local DIALECTS = {
  github = { marks = { ["*"] = { "em", "strong" }, _ = { "em", "strong" }, ["~"] = STRIKE }, levels = 6, entities = true, mails = true,
    indented = true, lazy = true },
  discord = { marks = { ["*"] = { "em", "strong" }, _ = { "em", "u" }, ["~"] = STRIKE }, levels = 3, spaced = true, anywhere = "tag",
    small = true, web_only = true },
  zulip = { marks = { ["*"] = { "em", "strong" }, ["~"] = STRIKE }, levels = 6, mails = true, indented = true, lazy = true },
  rocketchat = { marks = { ["*"] = { "strong", "strong" }, _ = { "em", "em" }, ["~"] = { "s", "s" } }, words = true, levels = 4,
    anywhere = "tag", pipe_links = true, quotes_by_link = true },
  chat = { marks = { ["*"] = { "strong" }, _ = { "em" }, ["~"] = { "s" } }, words = true, levels = 0, anywhere = "plain",
    pipe_links = true },
  whatsapp = { marks = { ["*"] = { "strong" }, _ = { "em" }, ["~"] = { "s" } }, words = true, levels = 0, anywhere = "mono" },
}

local rules = DIALECTS.github -- of the text being converted; conversion never yields

local function inline(text) return inline_of(text, rules) end

local blocks

-- Paragraphs become lines where there are none: in items and quotations.
local function flat(body)
  return (gsub(gsub(gsub(body, "</p><p>", "<br><br>"), "^<p>(.-)</p>", "%1"), "</?p>", ""))
end

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
    local again = ordered and match(line, "^ *%d+[.)]%s+(.*)$") or not ordered and match(line, "^ *%" .. sign .. "%s+(.*)$")
    if line ~= "" and again and lead < width and lead <= #indent + 1 then
      items[#items + 1] = item
      item = { again }
    elseif line == "" then
      local following = lines[at + 1]
      local inside = following and find(following, "^  %s*%S")
      if not inside and not (following and find(following, ordered and "^%d+[.)]%s" or "^[-*+]%s")) then break end
      if inside then item[#item + 1] = "" end
    elseif lead > #indent or rules.lazy and not (find(line, "^%s*[-*+]%s") or find(line, "^%s*%d+[.)]%s") or find(line, "^[#>`]")) then
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
    out[i] = "<li>" .. flat(blocks(content)) .. "</li>"
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
      local cells = cells_of(lines[row])
      for i, cell in ipairs(cells) do
        cells[i] = "<td>" .. (row == at and cell ~= "" and "<strong>" .. cell .. "</strong>" or cell) .. "</td>"
      end
      out[#out + 1] = "<tr>" .. concat(cells) .. "</tr>"
    end
    row = row + 1
  end
  out[#out + 1] = "</table>"
  return concat(out), row
end

local function is_quote(line) return find(line, rules.spaced and "^> " or "^>") end

local function starts_block(line)
  return line == "" or find(line, "^#+ ") and rules.levels > 0 or is_quote(line) or not rules.anywhere and find(line, "^ *```")
    or find(line, "^ *[-*+]%s+%S") or find(line, "^ *%d%d?[.)]%s+%S") or rules.spaced and find(line, "^>>> ")
    or rules.small and find(line, "^%-# ")
end

-- Lines that start with four spaces: the code, and the line behind it.
local function code_lines(lines, at)
  local code = {}
  while lines[at] and (lines[at] == "" or find(lines[at], "^    ")) do
    code[#code + 1] = sub(lines[at], 5)
    at = at + 1
  end
  while code[#code] == "" do code[#code] = nil end
  return "<pre>" .. html.escape(concat(code, "\n")) .. "</pre>", at
end

-- A fence's lines: its HTML, and the line behind it.
local function fence_at(lines, at, fence)
  local info, code = match(lines[at], "^ *[`~]+%s*(.-)%s*$"), {}
  at = at + 1
  while lines[at] and not find(lines[at], "^ *" .. fence .. "%s*$") do
    code[#code + 1] = lines[at]
    at = at + 1
  end
  local special = rules.fence and rules.fence(info, concat(code, "\n"), function() return blocks(code) end)
  return special or "<pre>" .. html.escape(concat(code, "\n")) .. "</pre>", at + 1
end

local nested = 0

function blocks(lines)
  nested = nested + 1
  local out, at = {}, 1
  while lines[at] do
    local line = lines[at]
    local fence = not rules.anywhere and (match(line, "^ *(```+)[^`]*$") or match(line, "^ *(~~~+)"))
    local hashes, title = match(line, "^(#+)%s+(.-)%s*#*$")
    local piece, after
    if line == "" then
      after = at + 1
    elseif rules.indented and find(line, "^    ") then
      piece, after = code_lines(lines, at)
    elseif fence then
      piece, after = fence_at(lines, at, fence)
    elseif hashes and #hashes <= rules.levels then
      local tag = "h" .. math.min(#hashes, 3)
      piece, after = "<" .. tag .. ">" .. inline(title) .. "</" .. tag .. ">", at + 1
    elseif rules.small and find(line, "^%-# ") then
      piece, after = "<p>" .. inline(sub(line, 4)) .. "</p>", at + 1
    elseif find(line, "^ *%-[ -]*%-[ -]*%-[ -]*$") or find(line, "^ *%*[ *]*%*[ *]*%*[ *]*$") or find(line, "^ *___+%s*$") then
      piece, after = "<hr>", at + 1
    elseif rules.spaced and find(line, "^>>> ") and nested < LIMIT then
      local quoted = { sub(line, 5) }
      for i = at + 1, #lines do quoted[#quoted + 1] = lines[i] end
      piece, after = "<blockquote>" .. flat(blocks(quoted)) .. "</blockquote>", #lines + 1
    elseif is_quote(line) and nested < LIMIT then
      local quoted = {}
      after = at
      while lines[after] and is_quote(lines[after]) do
        quoted[#quoted + 1] = gsub(lines[after], "^> ?", "")
        after = after + 1
      end
      piece = "<blockquote>" .. flat(blocks(quoted)) .. "</blockquote>"
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

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = find(line, "%S") and line or "" end
  return lines
end

-- Fences first, wherever they stand; what is between them by lines.
local function by_fences(text)
  local out, at, from = {}, 1, 1
  while true do
    local open, _, code, stop = find(text, "```(.-)```()", from)
    if not open then break end
    if code == "" or rules.anywhere == "mono" and not find(code, "\n", 1, true) then
      from = stop
    else
      if rules.anywhere == "tag" then code = gsub(code, "^[%w+#.-]*\n", "") end
      code = gsub(gsub(code, "^\n", ""), "\n$", "")
      out[#out + 1] = blocks(lines_of((gsub(sub(text, at, open - 1), " +$", ""))))
      out[#out + 1] = "<pre>" .. html.escape(code) .. "</pre>"
      at = find(text, "[^ ]", stop) or #text + 1
      from = at
    end
  end
  out[#out + 1] = blocks(lines_of(sub(text, at)))
  return concat(out)
end

---Turns Markdown into HTML.
---@param text string
---@param opt? { dialect?: string, starts?: string, token?: function, fence?: function }  dialect: github (default), discord,
---zulip, rocketchat, whatsapp, chat (Google's). `token(text, at)` is asked at each character of `starts` and gives HTML and
---the place behind it, or nil; `fence(info, code, convert)` gives the HTML of a fence, or nil
---@return string
---@usage markdown.to_html "**b** [t](https://e.example)" --> '<p><strong>b</strong> <a href="https://e.example">t</a></p>'
function markdown.to_html(text, opt)
  if type(text) ~= "string" then
    error("markdown.to_html takes text, not " .. (text == nil and "nil" or "a " .. type(text)), 2)
  end
  local dialect = DIALECTS[opt and opt.dialect or "github"]
  if not dialect then
    error(("markdown.to_html: there is no dialect '%s'"):format(tostring(opt.dialect)) .. suggest.hint(tostring(opt.dialect), DIALECTS), 2)
  end
  rules = opt and (opt.token or opt.fence)
    and setmetatable({ starts = opt.starts, token = opt.token, fence = opt.fence }, { __index = dialect }) or dialect
  nested = 0
  text = gsub(gsub(text, "\r\n?", "\n"), "\t", "    ")
  return rules.anywhere and find(text, "```", 1, true) and by_fences(text) or blocks(lines_of(text))
end

return markdown
