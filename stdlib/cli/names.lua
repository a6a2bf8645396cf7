---Names that a first rehearsal need not give: of the team and of the journal.
---Tested by tests/stdlib/names_test.lua.
local names = {}

-- What is left of the name of a file or folder without folders and ending.
local function stem_of(path)
  local stem = path:gsub("[/\\]+$", ""):match "[^/\\]+$" or path
  if stem == "." or stem == ".." then return "" end
  for _, ending in ipairs { "%.zip$", "%.tar%.gz$", "%.tgz$", "%.jsonl?$", "%.csv$" } do
    local shorter = stem:lower():find(ending)
    if shorter and shorter > 1 then return stem:sub(1, shorter - 1) end
  end
  return stem
end

local function trim(text) return (text:gsub("^[%s%-_.,]+", ""):gsub("[%s%-_.,]+$", "")) end

---Who an export is of: "Acme Slack export Jan 1 2020 - Feb 1 2021.zip" is "Acme".
---@param path string
---@return string  # never empty
function names.of_export(path)
  local stem = stem_of(path)
  local cut = stem:lower():find "[%s_%-]*slack[%s_%-]+export"
  local short = cut and trim(stem:sub(1, cut - 1)) or ""
  if short == "" then
    cut = stem:lower():find "[%s_%-]+export[%s_%-%d]*$"
    short = cut and trim(stem:sub(1, cut - 1)) or ""
  end
  if short == "" then short = trim(stem) end
  return short ~= "" and short or "Archive"
end

---The name of the team that is created when none is given.
function names.team(export) return (names.of_export(export):gsub("_", " ")) end

---The journal in the current folder. Rehearsals have one of their own, since a journal belongs to one target.
---@param base string  the project's name, or who the export is of
---@param rehearsal boolean
function names.journal(base, rehearsal)
  local name = trim(base:gsub("[^%w._-]+", "-")):lower()
  if name == "" then name = "migration" end
  return name .. (rehearsal and "-rehearsal.db" or ".db")
end

return names
