---`ipairs` that takes nil for an empty list, since older exports lack whole fields.
---Tested by tests/stdlib/text_test.lua.

local function next_item(list, i)
  i = i + 1
  local value = list[i]
  if value ~= nil then return i, value end
end

local EMPTY = {}

---Iterates over a list that may be absent.
---@generic T
---@param list T[]?
---@return fun(list: T[], i: integer): integer?, T
---@return T[]
---@return integer
---@usage for i, file in each(message.files) do print(i, file.name) end
return function(list)
  if list == nil then return next_item, EMPTY, 0 end
  if type(list) ~= "table" then error(("each takes a list or nil, not a %s"):format(type(list)), 2) end
  return next_item, list, 0
end
