---How a value looks to a person at the prompt: short, on few lines, with its type where that is not obvious.
---Tested by tests/stdlib/show_test.lua.
local excerpt = require("stdlib.text").excerpt

local show = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until
  while]]):gmatch "%S+" do KEYWORDS[word] = true end

local FIELDS, CHARACTERS = 12, 200

local function quoted(text)
  local short, n = text, 0
  for at in text:gmatch "()[^\128-\191]" do
    n = n + 1
    if n > CHARACTERS then
      short = text:sub(1, at - 1) .. "…"
      break
    end
  end
  return '"' .. short:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\t", "\\t"):gsub("\r", "\\r") .. '"'
end

local function is_list(t) return #t > 0 and next(t, #t) == nil end

local function size(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

-- On one line: what stands inside of a table.
local function brief(value)
  if type(value) == "string" then return quoted(value) end
  if type(value) ~= "table" then return tostring(value) end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring or next(value) == nil then return next(value) == nil and "{}" or tostring(value) end
  if is_list(value) then return ("[%d]"):format(#value) end
  return ("{%d}"):format(size(value))
end

local function keys_of(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

---The lines that show a value: a table with its first twelve fields, a text with its first 200 characters.
---@param value any
---@return string
function show.value(value)
  if type(value) ~= "table" then return brief(value) end
  local keys = keys_of(value)
  if #keys == 0 then return "{}" end
  local text = tostring(value)
  local lines = { is_list(value) and ("list of %d"):format(#keys) or text:find "^table: " and "table" or text }
  local width = 0
  for i = 1, math.min(#keys, FIELDS) do width = math.max(width, #tostring(keys[i])) end
  for i, key in ipairs(keys) do
    if i > FIELDS then
      lines[#lines + 1] = ("  … %d more"):format(#keys - FIELDS)
      break
    end
    lines[#lines + 1] = ("  %-" .. width .. "s  %s"):format(tostring(key), brief(value[key]))
  end
  return table.concat(lines, "\n")
end

---A value on one line: its first fields, as a person would write them.
---@param value any
---@return string
function show.line(value)
  if type(value) ~= "table" then return brief(value) end
  local parts, list = {}, is_list(value)
  for i, key in ipairs(keys_of(value)) do
    if i > FIELDS then
      parts[i] = "…"
      break
    end
    local shown = brief(value[key])
    if #shown > 60 then shown = quoted(excerpt(value[key], 56)) end
    parts[i] = list and shown or tostring(key) .. "=" .. shown
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

---A value whole, as Lua that gives it again where that can be: texts, numbers, booleans and tables of them.
---@param value any
---@param indent? string
---@return string
function show.whole(value, indent)
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("%z", "\\0")) end
  if type(value) ~= "table" then return tostring(value) end
  if next(value) == nil then return "{}" end
  indent = indent or ""
  if #indent > 40 then return "{ … }" end
  local inner, lines, list = indent .. "  ", {}, is_list(value)
  for _, key in ipairs(keys_of(value)) do
    local name = ""
    if not list then
      local plain = type(key) == "string" and key:find "^[%a_][%w_]*$" and not KEYWORDS[key]
      name = (plain and key or "[" .. show.whole(key) .. "]") .. " = "
    end
    lines[#lines + 1] = inner .. name .. show.whole(value[key], inner) .. ","
  end
  return "{\n" .. table.concat(lines, "\n") .. "\n" .. indent .. "}"
end

return show
