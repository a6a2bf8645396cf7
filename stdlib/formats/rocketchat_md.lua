---The tree that Rocket.Chat 4.5 and later keep of a message's markup, as HTML. A paragraph is a line of the source; LINE_BREAK is an
---empty one. What is not known shows the text within. Tested by tests/scripts/rocketchat_test.lua.
local emoji = require "stdlib.emoji"
local given = require "stdlib.given"
local html = require "stdlib.html"

local md = {}

local concat, ipairs, type = table.concat, ipairs, type
local filled, list_of = given.text, given.list

local DEEPEST = 30
local known, own, depth -- of the tree being converted; conversion never yields

local inline

local function children(value) -- a node, a list of nodes, or text
  if type(value) == "string" then return html.escape(value) end
  if type(value) ~= "table" then return "" end
  if value.type then return inline(value) end
  local out = {}
  for _, node in ipairs(value) do
    out[#out + 1] = type(node) == "table" and inline(node) or type(node) == "string" and html.escape(node) or ""
  end
  return concat(out)
end

local function plain(value)
  if type(value) == "string" then return value end
  return type(value) == "table" and plain(value.value) or ""
end

local STYLE = { BOLD = "strong", ITALIC = "em", STRIKE = "s" }

local INLINE = {
  PLAIN_TEXT = function(node) return html.escape(filled(node.value) or "") end,
  INLINE_CODE = function(node) return "<code>" .. html.escape(plain(node.value)) .. "</code>" end,
  INLINE_KATEX = function(node) return "<code>" .. html.escape(plain(node.value)) .. "</code>" end,
  SPOILER = function(node) return "||" .. children(node.value) .. "||" end,
  LINK = function(node)
    local value = list_of(node.value)
    local label = children(value.label)
    return html.link_html(plain(value.src), label ~= "" and label or html.escape(plain(value.src)))
  end,
  IMAGE = function(node)
    local value = list_of(node.value)
    local label = children(value.label)
    return html.link_html(plain(value.src), label ~= "" and label or html.escape(plain(value.src)))
  end,
  MENTION_USER = function(node)
    local handle = plain(node.value)
    local id = known(handle)
    return id and html.mention(id, handle) or "@" .. html.escape(handle)
  end,
  MENTION_CHANNEL = function(node) return "#" .. html.escape(plain(node.value)) end,
  EMOJI = function(node)
    if filled(node.unicode) then return html.escape(node.unicode) end
    local name = filled(node.shortCode) or plain(node.value)
    return html.escape(own and own[name] or emoji.from_name(name) or ":" .. name .. ":")
  end,
}

function inline(node)
  depth = depth + 1
  local out
  if depth > DEEPEST then
    out = ""
  elseif STYLE[node.type] then
    local tag = STYLE[node.type]
    out = "<" .. tag .. ">" .. children(node.value) .. "</" .. tag .. ">"
  else
    out = (INLINE[node.type] or function() return children(node.value) end)(node)
  end
  depth = depth - 1
  return out
end

local function items(list, tag, start)
  local out = {}
  for _, item in ipairs(list_of(list)) do
    if type(item) == "table" then
      local box = item.type == "TASK" and (item.status == true and "☑ " or "☐ ") or ""
      out[#out + 1] = "<li>" .. box .. children(item.value) .. "</li>"
    end
  end
  return "<" .. tag .. (start and start ~= 1 and (' start="%d"'):format(start) or "") .. ">" .. concat(out) .. "</" .. tag .. ">"
end

local function lines_of(list, separator)
  local out = {}
  for _, line in ipairs(list_of(list)) do out[#out + 1] = type(line) == "table" and children(line.value) or "" end
  return concat(out, separator)
end

local BLOCK = {
  CODE = function(node) return "<pre>" .. lines_of(node.value, "\n") .. "</pre>" end,
  KATEX = function(node) return "<pre>" .. html.escape(plain(node.value)) .. "</pre>" end,
  QUOTE = function(node) return "<blockquote>" .. lines_of(node.value, "<br>") .. "</blockquote>" end,
  SPOILER_BLOCK = function(node) return "<p>||" .. lines_of(node.value, "<br>") .. "||</p>" end,
  UNORDERED_LIST = function(node) return items(node.value, "ul") end,
  ORDERED_LIST = function(node)
    local first = list_of(node.value)[1]
    return items(node.value, "ol", type(first) == "table" and tonumber(first.number) or 1)
  end,
  TASKS = function(node) return items(node.value, "ul") end,
  HEADING = function(node)
    local tag = "h" .. math.min(tonumber(node.level) or 1, 3)
    return "<" .. tag .. ">" .. children(node.value) .. "</" .. tag .. ">"
  end,
}

---@param tree table[]
---@param mentioned fun(handle: string): string?  the person's id
---@param emojis? table<string, string>  the server's own
---@return string
function md.to_html(tree, mentioned, emojis)
  known, own, depth = mentioned, emojis, 0
  local out, lines = {}, {}
  local function flush()
    out[#out + 1] = html.paragraphs(concat(lines, "\n"))
    lines = {}
  end
  for _, node in ipairs(tree) do
    if type(node) == "table" then
      if BLOCK[node.type] then
        flush()
        out[#out + 1] = BLOCK[node.type](node)
      else
        lines[#lines + 1] = node.type == "LINE_BREAK" and "" or children(node.value)
      end
    end
  end
  flush()
  return concat(out)
end

return md
