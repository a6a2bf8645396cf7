---Which rooms a plan takes, by the arguments `only` and `except`. Tested by tests/stdlib/run_test.lua.
local text = require "stdlib.text"

local choice = {}

local byte, char, find = string.byte, string.char, string.find
local ipairs = ipairs

---The same text for names that differ in letter case only: Latin, Greek and Cyrillic letters.
---@param name string
---@return string
function choice.folded(name)
  name = name:lower()
  if not find(name, "[\195\206\207\208]") then return name end
  name = name:gsub("\195([\128-\150\152-\158])", function(c) return "\195" .. char(byte(c) + 32) end)
  name = name:gsub("\206([\145-\159])", function(c) return "\206" .. char(byte(c) + 32) end)
  name = name:gsub("\206([\160-\171])", function(c) return "\207" .. char(byte(c) - 32) end)
  return (name:gsub("\208([\128-\175])", function(c)
    local at = byte(c)
    if at < 144 then return "\209" .. char(at + 16) end
    if at < 160 then return "\208" .. char(at + 32) end
    return "\209" .. char(at - 32)
  end))
end

---`only` and `except` as one function of a name: the reason to leave it behind, or nil.
---@param only? string[]  names with * and ?, letter case ignored, with or without #
---@param except? string[]
---@return fun(name: string, id?: string): string?
function choice.of(only, except)
  local folded = choice.folded
  local function patterns(globs)
    if not globs or #globs == 0 then return nil end
    local out = {}
    for i, glob in ipairs(globs) do
      local plain = text.pattern((folded(glob):gsub("^#", "")))
      out[i] = "^" .. plain:gsub("%%%*", ".*"):gsub("%%%?", "[%%z\1-\127\194-\244][\128-\191]*") .. "$"
    end
    return out
  end
  local wanted, unwanted = patterns(only), patterns(except)
  local function any(list, name, id)
    for _, pattern in ipairs(list) do
      if find(name, pattern) or id and find(id, pattern) then return true end
    end
    return false
  end
  return function(name, id)
    if not wanted and not unwanted then return nil end
    name, id = folded(name), id and folded(id)
    if wanted and not any(wanted, name, id) then return "not chosen" end
    if unwanted and any(unwanted, name, id) then return "excluded" end
    return nil
  end
end

return choice
