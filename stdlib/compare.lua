---Values side by side: whether they are equal, where they first differ, and texts as a diff of lines.
---Tested by tests/stdlib/compare_test.lua.
local compare = {}

---A value as Lua would write it, on one line, keys sorted.
---@param value any
---@return string
function compare.shown(value, depth)
  if type(value) == "string" then return '"' .. value:gsub('[\\"]', "\\%0"):gsub("\n", "\\n") .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  if (depth or 0) > 4 then return next(value) == nil and "{}" or "{ … }" end
  local keys, out = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  for i, key in ipairs(keys) do
    local name = type(key) == "string" and key:find "^[%a_][%w_]*$" and key .. " = " or key ~= i and "[" .. tostring(key) .. "] = " or ""
    out[i] = name .. compare.shown(value[key], (depth or 0) + 1)
  end
  return #out > 0 and "{ " .. table.concat(out, ", ") .. " }" or "{}"
end

---Whether two values are equal, tables by what is in them.
---@return boolean
function compare.same(a, b) return compare.difference(a, b) == nil end

local function at(path, key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return path == "" and key or path .. "." .. key end
  return ("%s[%s]"):format(path, tostring(key))
end

---Where two values first differ, in the order of keys: the path ("" for the values themselves) and both values there.
---@return string? path, any got, any wanted  # nothing if they are equal
function compare.difference(got, wanted, path)
  path = path or ""
  if type(got) ~= "table" or type(wanted) ~= "table" then
    if got == wanted then return nil end
    return path, got, wanted
  end
  local keys, seen = {}, {}
  for _, side in ipairs { got, wanted } do
    for key in pairs(side) do
      if not seen[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  table.sort(keys, function(a, b)
    if type(a) == "number" and type(b) == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local where, a, b = compare.difference(got[key], wanted[key], at(path, key))
    if where then return where, a, b end
  end
  return nil
end

local MOST_LINES = 2000 -- of each side; what is longer is cut, for the table of the search has their product

local function lines_of(text)
  local lines = {}
  if text == "" then return lines end
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line
    if #lines == MOST_LINES then break end
  end
  return lines
end

-- Lengths of the longest common sequences of what follows each pair of lines.
local function common(a, b, first, last_a, last_b)
  local rows = {}
  for i = last_a + 1, first, -1 do
    local row = {}
    for j = last_b + 1, first, -1 do
      if i > last_a or j > last_b then
        row[j] = 0
      elseif a[i] == b[j] then
        row[j] = rows[i + 1][j + 1] + 1
      else
        row[j] = math.max(rows[i + 1][j], row[j + 1])
      end
    end
    rows[i] = row
  end
  return rows
end

---What makes `new` of `old`, as lines that begin with "- ", "+ " or two blanks, `context` unchanged ones around each
---change; "…" stands for others. An empty list if nothing differs.
---@param old string
---@param new string
---@param context? integer  2 by default
---@return string[]
function compare.diff(old, new, context)
  context = context or 2
  local a, b = lines_of(old), lines_of(new)
  local first, last_a, last_b = 1, #a, #b
  while first <= last_a and first <= last_b and a[first] == b[first] do first = first + 1 end
  while last_a >= first and last_b >= first and a[last_a] == b[last_b] do last_a, last_b = last_a - 1, last_b - 1 end
  local all = {}
  for i = 1, first - 1 do all[i] = { "  ", a[i] } end
  local rows, i, j = common(a, b, first, last_a, last_b), first, first
  while i <= last_a or j <= last_b do
    if i <= last_a and j <= last_b and a[i] == b[j] then
      all[#all + 1] = { "  ", a[i] }
      i, j = i + 1, j + 1
    elseif i <= last_a and (j > last_b or rows[i + 1][j] >= rows[i][j + 1]) then
      all[#all + 1] = { "- ", a[i] }
      i = i + 1
    else
      all[#all + 1] = { "+ ", b[j] }
      j = j + 1
    end
  end
  for k = last_a + 1, #a do all[#all + 1] = { "  ", a[k] } end

  local near, out, gap = {}, {}, false
  for k, line in ipairs(all) do
    if line[1] ~= "  " then
      for n = k - context, k + context do near[n] = true end
    end
  end
  for k, line in ipairs(all) do
    if near[k] then
      if gap and #out > 0 then out[#out + 1] = "  …" end
      out[#out + 1] = line[1] .. line[2]
      gap = false
    else
      gap = true
    end
  end
  return out
end

return compare
