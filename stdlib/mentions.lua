---Mentions in HTML that were written as text: `@ann.lee` by handle, `@Ann Lee (she)` by the name shown.
---
---Who is meant is decided by a table or a function of the script; what nobody knows stays text, and so does what stands
---in code, in a link or inside a word. Tested by tests/stdlib/mentions_test.lua.
local html = require "stdlib.html"
local text = require "stdlib.text"

local mentions = {}

local find, match, sub = string.find, string.match, string.sub

---Mentions by handle: letters, digits and `. - _`; what ends a sentence is not part of one.
---@param content string  HTML
---@param known fun(handle: string): string?  the person's id
---@return string
---@usage mentions.handles("<p>hi @ann.</p>", function(h) return h == "ann" and "U1" end) --> '<p>hi <at person="U1">ann</at>.</p>'
function mentions.handles(content, known)
  if not find(content, "@", 1, true) then return content end
  return (html.replace(content, "(.?)@([%w._-]+)", function(before, handle)
    if find(before, "[%w@]") then return nil end
    local rest = ""
    while handle ~= "" do
      local id = known(handle)
      if id then return html.escape(before) .. html.mention(id, handle) .. rest end
      local last = match(handle, "[._-]$")
      if not last then return nil end
      handle, rest = sub(handle, 1, -2), last .. rest
    end
    return nil
  end))
end

---Mentions by the name shown behind the @, the longest name first, since names may be parts of one another.
---@param content string  HTML
---@param people { name: string, id: string }[]
---@return string
function mentions.names(content, people)
  if not find(content, "@", 1, true) then return content end
  local sorted = {}
  for i, person in ipairs(people) do sorted[i] = person end
  table.sort(sorted, function(a, b) return #a.name > #b.name or #a.name == #b.name and a.name < b.name end)
  for _, person in ipairs(sorted) do
    local marker = html.mention(person.id, person.name)
    content = html.replace(content, "@" .. text.pattern(person.name), function() return marker end)
  end
  return content
end

return mentions
