-- An export that a test writes down: memory_export { ["general/2019-02-04.json"] = { { ts = "…" } } } is the
-- handle of SCRIPTING 6. A value that is a text stands for a file that is not JSON.
local function matches(glob, name)
  local function pattern(part)
    part = part:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*%*", "\1"):gsub("%*", "[^/]*"):gsub("%?", "[^/]"):gsub("\1", ".*")
    return "^" .. part .. "$"
  end
  return name:find(pattern(glob)) or glob:sub(1, 3) == "**/" and name:find(pattern(glob:sub(4)))
end

return function(files)
  local export, places = { warnings = {} }, setmetatable({}, { __mode = "k" })

  function export:list(glob)
    local out, seen = {}, {}
    local function note(name)
      if seen[name] or glob and not matches(glob, name) then return end
      seen[name] = true
      out[#out + 1] = name
    end
    for name in pairs(files) do
      if glob and glob:sub(-1) == "/" then
        for stop in name:gmatch "/()" do note(name:sub(1, stop - 1)) end
      else
        note(name)
      end
    end
    table.sort(out)
    return out
  end

  function export:has(name) return files[name] ~= nil end

  function export:read(name)
    if type(files[name]) ~= "string" then return nil, "the export has no text " .. name end
    return files[name]
  end

  function export:json(name)
    if type(files[name]) ~= "table" then return nil, name .. " is not JSON" end
    return files[name]
  end

  function export:records(glob, opt)
    local names = files[glob] and { glob } or self:list(glob)
    local file, index = 1, 0
    return function()
      while names[file] do
        index = index + 1
        local content = files[names[file]]
        if opt and opt.at then content = content[opt.at] or {} elseif #content == 0 and next(content) then content = { content } end
        local record = content[index]
        if record ~= nil then
          if type(record) == "table" then places[record] = { names[file], index } end
          return record, names[file], index
        end
        file, index = file + 1, 0
      end
    end
  end

  export.place_of = function(record)
    if places[record] then return places[record][1], places[record][2] end
  end
  return export
end
