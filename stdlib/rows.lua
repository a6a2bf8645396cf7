---The rows of a table that an argument names: CSV with a head line, or a JSON list of objects.
---Tested by tests/stdlib/rows_test.lua.
local csv = require "stdlib.csv"
local json = require "json"

local rows = {}

---@param path string
---@param read_file fun(path: string): string?, string?  the text, or nil and why
---@return table<string, any>[]? rows
---@return string? problem  a sentence that names the file
function rows.read(path, read_file)
  local text, problem = read_file(path)
  if not text then return nil, problem end
  if path:lower():match "%.json$" then
    local value, err = json.decode(text)
    if type(value) ~= "table" then return nil, ("%s: %s"):format(path, err and err.message or "expected a list of objects") end
    return value
  end
  local read
  read, problem = csv.read(text)
  if not read then return nil, ("%s: %s"):format(path, problem) end
  return read
end

return rows
