---What a foreign record gives, if it is what one expects: exports leave fields out, empty, null or of another type.
---Tested by tests/stdlib/given_test.lua.
local given = {}

local find, match, type = string.find, string.match, type

---A text that is not empty, or nil.
---@param value any
---@return string?
function given.text(value) return type(value) == "string" and value ~= "" and value or nil end

---A table, or nil.
---@param value any
---@return table?
function given.table(value) return type(value) == "table" and value or nil end

local NONE = {}

---A list, empty if there is none.
---@param value any
---@return table
function given.list(value) return type(value) == "table" and value or NONE end

---An id as text; numbers are written as they are.
---@param value any
---@return string?
function given.id(value)
  if type(value) == "number" then return ("%.14g"):format(value) end
  return given.text(value)
end

local TYPES = { png = "image/png", jpg = "image/jpeg", jpeg = "image/jpeg", gif = "image/gif", webp = "image/webp", bmp = "image/bmp",
  svg = "image/svg+xml", heic = "image/heic" }

---The content type of a picture by the end of its name; nil for everything else.
---@param name string
---@return string?
function given.image_type(name) return TYPES[(match(name, "%.(%w+)$") or ""):lower()] end

---The name of a file within a path of either system.
---@param path string
---@return string
function given.file_name(path) return match(path, "([^/\\]+)[/\\]*$") or path end

---What a place in the tenant would call the address: a web address, or nil.
---@param value any
---@return string?
function given.url(value) return type(value) == "string" and find(value, "^[Hh][Tt][Tt][Pp][Ss]?://") and value or nil end

return given
