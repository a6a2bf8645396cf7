---Text that was marked up by ranges or pieces, as HTML: what Telegram writes as entities and Google Chat as annotations.
---
---A piece is { text, open, close } or { text, block = "pre" or "blockquote" }. Styles are put around each line, so that a
---paragraph's end within a bold piece breaks no tag; newlines beside a block are swallowed.
---Tested by tests/stdlib/runs_test.lua.
local html = require "stdlib.html"

local runs = {}

local byte, concat, gsub, ipairs, sub = string.byte, table.concat, string.gsub, ipairs, string.sub

---@param pieces { text: string, open?: string, close?: string, html?: string, block?: string }[]  html stands for text as it is
---@return string
function runs.to_html(pieces)
  local out, line = {}, ""
  for _, piece in ipairs(pieces) do
    if piece.block then
      out[#out + 1], line = html.paragraphs((gsub(line, "\n+$", ""))), ""
      local body = html.escape((gsub(gsub(piece.text, "^\n+", ""), "\n+$", "")))
      if piece.block ~= "pre" then body = gsub(body, "\n", "<br>") end
      out[#out + 1] = "<" .. piece.block .. ">" .. body .. "</" .. piece.block .. ">"
    elseif piece.html then
      line = line .. piece.html
    elseif piece.open then
      line = line .. gsub(html.escape(piece.text), "[^\n]+", function(words) return piece.open .. words .. piece.close end)
    else
      line = line .. html.escape(piece.text)
    end
  end
  out[#out + 1] = html.paragraphs((gsub(line, "^\n+", "")))
  return concat(out)
end

-- The place of the byte of each UTF-16 unit of a text, and one behind the last.
local function unit_places(text)
  local places, unit, at = {}, 0, 1
  while at <= #text do
    places[unit] = at
    local lead = byte(text, at)
    local size = lead < 0x80 and 1 or lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
    if size == 4 then
      unit = unit + 1
      places[unit] = at
    end
    unit, at = unit + 1, at + size
  end
  places[unit] = #text + 1
  return places, unit
end

---Cuts a text at ranges, counted in UTF-16 units; what lies past the end is cut off. Where ranges lie over one another, the one
---with the lower rank is outside; a block swallows the styles within it.
---@param text string
---@param ranges { start: integer, length: integer, rank: integer, open?: string, close?: string, block?: string }[]
---@return table[] pieces  for to_html
function runs.cut(text, ranges)
  local places, last = unit_places(text)
  local cuts, seen, valid = {}, {}, {}
  local function cut(unit)
    local at = places[unit]
    if at and not seen[at] then
      seen[at] = true
      cuts[#cuts + 1] = at
    end
  end
  cut(0)
  cut(last)
  for _, range in ipairs(ranges) do
    local from, to = math.max(0, range.start), math.min(last, range.start + range.length)
    if from < to then
      cut(from)
      cut(to)
      valid[#valid + 1] = { from = places[from], to = places[to], range = range }
    end
  end
  table.sort(cuts)
  table.sort(valid, function(a, b) return a.range.rank < b.range.rank end)
  local pieces = {}
  for i = 1, #cuts - 1 do
    local from, to = cuts[i], cuts[i + 1]
    local open, close, block = "", "", nil
    for _, entry in ipairs(valid) do
      if entry.from <= from and entry.to >= to then
        if entry.range.block then
          block = block or entry
        elseif entry.range.open then
          open, close = open .. entry.range.open, entry.range.close .. close
        end
      end
    end
    local before = pieces[#pieces]
    if block and before and before.of == block then
      before.text = before.text .. sub(text, from, to - 1)
    else
      pieces[#pieces + 1] = { text = sub(text, from, to - 1), open = open ~= "" and open or nil, close = close, of = block,
        block = block and block.range.block }
    end
  end
  return pieces
end

return runs
