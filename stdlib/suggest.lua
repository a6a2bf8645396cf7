---Finds the name that somebody probably meant, for errors that offer the cure.
---Tested by tests/stdlib/suggest_test.lua.
local suggest = {}

---Counts the single-letter slips (insert, drop, change, swap) between two names.
---@param a string
---@param b string
---@return integer
function suggest.distance(a, b)
  local before, last, row = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    row[0] = i
    local ai = a:byte(i)
    for j = 1, #b do
      local cost = ai == b:byte(j) and 0 or 1
      local best = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if i > 1 and j > 1 and ai == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before[j - 2] + 1)
      end
      row[j] = best
    end
    before, last, row = last, row, before
  end
  return last[#b]
end

---Gives the nearest of `names`, or nil if none is near enough to be meant.
---@param name string
---@param names table<string, any>  a set: the keys are the names
---@param limit? integer  slips allowed; a third of the name by default, at least 1, at most 3
---@return string?
---@usage suggest.nearest("exprot", { export = true, team = true }) --> "export"
function suggest.nearest(name, names, limit)
  if type(name) ~= "string" or #name > 60 then return nil end
  limit = limit or math.max(1, math.min(3, math.floor(#name / 3)))
  local found, found_at
  for candidate in pairs(names) do
    if type(candidate) == "string" and math.abs(#candidate - #name) <= limit then
      local slips = suggest.distance(name:lower(), candidate:lower())
      if slips <= limit and (not found or slips < found_at or slips == found_at and candidate < found) then
        found, found_at = candidate, slips
      end
    end
  end
  return found
end

---Ends a sentence: `; did you mean createdDateTime?`, or nothing.
---@param name string
---@param names table<string, any>
---@param prefix? string  put before the name found, as "args."
---@return string
function suggest.hint(name, names, prefix)
  local found = suggest.nearest(name, names)
  return found and ("; did you mean %s%s?"):format(prefix or "", found) or ""
end

return suggest
