---The tags and texts of HTML, one after the other, without believing it: what is no tag is text, what is not closed ends with
---the text. Scripts, styles and comments are passed over. Never builds a tree, so that depth costs nothing.
---Tested by tests/stdlib/html_tokens_test.lua.
local html = require "stdlib.html"

local find, lower, match, sub = string.find, string.lower, string.match, string.sub

-- Their content is no HTML.
local SILENT = { script = true, style = true, template = true, noscript = true }

local function value_of(text) return find(text, "&", 1, true) and html.unescape(text) or text end

-- The end of a tag that begins at `at`: the first '>' outside of quotes.
local function tag_end(content, at)
  while true do
    local stop = find(content, "[>\"']", at)
    if not stop then return nil end
    local char = sub(content, stop, stop)
    if char == ">" then return stop end
    -- A quote belongs to an attribute only behind '='.
    local close = match(sub(content, at, stop - 1), "=%s*$") and find(content, char, stop + 1, true)
    at = (close or stop) + 1
  end
end

local function attributes_of(text)
  local out, at = {}, 1
  while true do
    local from, stop, name = find(text, "([^%s\"'=/<>]+)", at)
    if not from then return out end
    local _, equals = find(text, "^%s*=%s*", stop + 1)
    local value = ""
    if equals then
      local quote = match(text, "^[\"']", equals + 1)
      if quote then
        local close = find(text, quote, equals + 2, true) or #text + 1
        value, stop = sub(text, equals + 2, close - 1), close
      else
        value = match(text, "^[^%s>]*", equals + 1)
        stop = equals + #value
      end
    end
    name = lower(name)
    if out[name] == nil then out[name] = value_of(value) end
    at = stop + 1
  end
end

---Iterates over the tokens: "text" with the text, its entities decoded; "open" with the tag's name in lower case and its
---attributes; "close" with the name.
---@param content string
---@return fun(): ("text"|"open"|"close")?, string?, table<string, string>?
---@usage for kind, value, attributes in html_tokens(page) do … end
return function(content)
  local at = 1
  return function()
    while at <= #content do
      local first = find(content, "<[%a/!?]", at)
      if first ~= at then
        local text = sub(content, at, (first or 0) - 1)
        at = first or #content + 1
        return "text", value_of(text)
      end
      local closing, name = match(content, "^<(/?)(%a[%w:-]*)", first)
      if sub(content, first, first + 3) == "<!--" then
        local _, stop = find(content, "-->", first + 4, true)
        at = (stop or #content) + 1
      elseif not name then
        at = (find(content, ">", first, true) or #content) + 1
      else
        local from = first + #closing + #name + 1
        local stop = tag_end(content, from) or #content + 1
        name, at = lower(name), stop + 1
        if closing == "/" then return "close", name end
        if SILENT[name] then
          local either = name:gsub("%a", function(letter) return "[" .. letter .. letter:upper() .. "]" end)
          at = find(content, "</" .. either, at) or #content + 1
        end
        return "open", name, attributes_of(sub(content, from, stop - 1))
      end
    end
  end
end
