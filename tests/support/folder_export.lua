-- A folder as the handle of SCRIPTING 6, in Lua, for developing without the host. It needs `find`.
local json = require "tests.support.json"

local Export = {}
Export.__index = Export

-- "**/x" finds x in any folder and at the top.
local function patterns_of(glob)
  local function pattern(part)
    part = part:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*%*", "\1"):gsub("%*", "[^/]*"):gsub("%?", "[^/]"):gsub("\1", ".*")
    return "^" .. part .. "$"
  end
  return pattern(glob), glob:sub(1, 3) == "**/" and pattern(glob:sub(4)) or nil
end

local function open(path)
  local self = setmetatable({ path = path, files = {}, folders = {}, places = setmetatable({}, { __mode = "k" }) }, Export)
  for kind, names in pairs { f = self.files, d = self.folders } do
    local pipe = assert(io.popen(("find '%s' -mindepth 1 -type %s"):format(path, kind)))
    for line in pipe:lines() do names[#names + 1] = line:sub(#path + 2) .. (kind == "d" and "/" or "") end
    pipe:close()
    table.sort(names)
  end
  self.place_of = function(record)
    local place = self.places[record]
    if place then return place[1], place[2] end
  end
  return self
end

function Export:list(glob)
  local pattern, top = patterns_of(glob or "**")
  local out = {}
  for _, name in ipairs(glob and glob:sub(-1) == "/" and self.folders or self.files) do
    if name:find(pattern) or top and name:find(top) then out[#out + 1] = name end
  end
  return out
end

function Export:has(name)
  local file = io.open(self.path .. "/" .. name, "rb")
  if file then file:close() end
  return file ~= nil
end

function Export:read(name)
  local file = io.open(self.path .. "/" .. name, "rb")
  if not file then return nil, "no file " .. name end
  local text = file:read "*a"
  file:close()
  return text or ""
end

function Export:json(name)
  local text, problem = self:read(name)
  if not text then return nil, problem end
  return json.decode(text)
end

function Export:records(glob, opt)
  local names = glob and self:has(glob) and not glob:find "[*?]" and { glob } or self:list(glob or "**.json")
  local file, index, items = 0, 0, {}
  return function()
    while items[index + 1] == nil do
      file, index = file + 1, 0
      local name = names[file]
      if not name then return nil end
      items = assert(self:json(name))
      if opt and opt.at then items = items[opt.at] end
    end
    index = index + 1
    local record = items[index]
    if type(record) == "table" then self.places[record] = { names[file], index } end
    return record, names[file], index
  end
end

return open
