---Any HTML down to the tags and attributes that Teams keeps (R45, R46), well-formed.
---
---Unknown tags lose the tag and keep the text; script and style lose both. A remote picture becomes a
---link. What stays open at the end is closed. Tested by tests/stdlib/html_test.lua.

local concat, find, gsub, lower, match, sub = table.concat, string.find, string.gsub, string.lower, string.match, string.sub

local TAGS = {}
for name in ("p div br span b strong i em u s strike del sub sup a ul ol li blockquote pre code codeblock h1 h2 h3 hr "
  .. "table tbody tr td th img at attachment emoji"):gmatch "%S+" do
  TAGS[name] = {}
end
TAGS.a = { href = true, title = true, conversation = true, message = true }
TAGS.ol = { start = true }
TAGS.codeblock = { class = true }
TAGS.td, TAGS.th = { colspan = true, rowspan = true }, { colspan = true, rowspan = true }
TAGS.at = { person = true, id = true }
TAGS.attachment = { file = true, id = true }
TAGS.emoji = { id = true, alt = true, title = true }

local VOID = { br = true, hr = true }
local SILENT = { script = true, style = true, head = true, title = true, template = true, iframe = true, object = true, noscript = true }
local RENAMED = { h4 = "h3", h5 = "h3", h6 = "h3", ins = "u", tt = "code", kbd = "code", samp = "code" }
local SAFE = { http = true, https = true, ftp = true, mailto = true, tel = true }

local function safe_url(url)
  local scheme = match(gsub(url, "[%z\1-\32]", ""), "^(%a[%w+.-]*):")
  return scheme and SAFE[lower(scheme)]
end

local function attributes_of(text, allowed, lost)
  local out = ""
  for name, value in gsub(text, "/$", ""):gmatch "([%w_:-]+)%s*=?%s*([\"']?[^\"'>]*[\"']?)" do
    name = lower(name)
    value = match(value, '^"(.*)"$') or match(value, "^'(.*)'$") or match(value, "^(%S*)")
    if not allowed[name] or name == "href" and not safe_url(value) then
      lost(name)
    else
      out = out .. " " .. name .. '="' .. gsub(gsub(gsub(value, "&(#?%w+;)", "\1%1"), "[&<>\"]",
        { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }), "\1", "&") .. '"'
    end
  end
  return out
end

---@param content string
---@param ctx? table  its loss is told what was dropped
---@return string
return function(content, ctx)
  local out, n, at, open, depth, dropped = {}, 0, 1, {}, 0, nil
  local function lost(what) dropped = dropped or what end
  local function add(text) n = n + 1; out[n] = text end
  content = gsub(content, "[%z\1-\8\11\12\14-\31\127]", "")
  while true do
    local first = find(content, "<", at, true)
    local text = sub(content, at, (first or 0) - 1)
    if text ~= "" then add((gsub(text, ">", "&gt;"))) end
    if not first then break end
    local _, last, closing, name, rest = find(content, "^<(/?)(%a[%w-]*)([^<>]*)>", first)
    if sub(content, first, first + 3) == "<!--" then
      local _, stop = find(content, "-->", first + 4, true)
      at = (stop or #content) + 1
      lost "comment"
    elseif not last then
      local _, stop = find(content, "^<[!?][^>]*>", first)
      if not stop then add "&lt;" end
      at = (stop or first) + 1
    else
      at = last + 1
      name = lower(name)
      name = RENAMED[name] or name
      if SILENT[name] and closing == "" then
        local _, stop = find(lower(content), "</" .. name .. "%s*>", at)
        at = (stop or #content) + 1
        lost(name)
      elseif name == "img" and closing == "" then
        local source = match(rest, "src%s*=%s*[\"']?([^\"'%s>]+)")
        local label = match(rest, "alt%s*=%s*\"([^\"]*)\"") or match(rest, "alt%s*=%s*'([^']*)'")
        if source and safe_url(source) then
          add('<a href="' .. gsub(source, '"', "&quot;") .. '">' .. (label and label ~= "" and label or source) .. "</a>")
        elseif label then
          add(label)
        end
        lost "img"
      elseif not TAGS[name] then
        lost(name)
      elseif VOID[name] then
        if closing == "" then add("<" .. name .. ">") end
      elseif closing == "" then
        local kept = attributes_of(rest, TAGS[name], lost)
        depth = depth + 1
        open[depth] = name
        add("<" .. name .. kept .. ">")
      else
        local level = depth
        while level > 0 and open[level] ~= name do level = level - 1 end
        if level > 0 then
          for i = depth, level, -1 do add("</" .. open[i] .. ">") end
          depth = level - 1
        end
      end
    end
  end
  for i = depth, 1, -1 do add("</" .. open[i] .. ">") end
  if dropped and ctx then ctx.loss("markup", dropped) end
  return concat(out)
end
