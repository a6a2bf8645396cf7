---Makes a record that tells nothing of its people: names, addresses, words and long numbers are others, the structure, the
---markup, the times and the lengths stay. The same word becomes the same word wherever it stands, in each run.
---
---    local anonymous = anonymise.new { people = { { id = "U1", name = "Ann" } }, rooms = { { id = "C1", name = "general" } } }
---    local record = anonymous.record(record)
---
---A word of one or two letters stays. What is not text stays, but for numbers that are no times.
---Tested by tests/stdlib/anonymise_test.lua.
local emoji = require "stdlib.emoji"
local json = require "json"
local text_pattern = require("stdlib.text").pattern
local time = require "stdlib.time"

local anonymise = {}

local WORDS = {}
for word in ([[amber anchor apple autumn barrel basket beacon bench birch blanket bottle branch breeze bridge bucket button cable
  candle canvas carpet castle cedar cellar cherry circle cloud clover copper corner cotton cradle curtain daisy desert dolphin
  drawer ember engine feather fence field finger flower forest fountain garden glacier granite hammer harbor hazel helmet honey
  island ivory jacket kettle ladder ledger lemon lilac linen lizard maple marble meadow mirror mitten needle nickel oak olive
  orchard otter paddle pepper pillow pocket pebble quartz ribbon river saddle sand shelter silver slate spoon spring stone summer
  table tailor thimble timber tulip tunnel valley velvet violet walnut willow window winter yarn]]):gmatch "%S+" do
  WORDS[#WORDS + 1] = word
end

local PEOPLE = { "Ann Lee", "Bob Ray", "Cleo Marsh", "Dan Orr", "Eva Stone", "Finn Hale", "Gus Wren", "Hana Pike", "Ivo Lark", "Jo Reed" }

-- Values under these names say what something is, not what somebody wrote. All that end in ts do as well; one that ends in
-- id is another id.
local KEPT = {}
for name in ([[type subtype style filetype mimetype mode range unicode block_id action_id scheme format contentType kind status
  list]]):gmatch "%S+" do KEPT[name] = true end

local function hash(text)
  local h = 5381
  for i = 1, #text do h = (h * 33 + text:byte(i)) % 4294967296 end
  return h
end

local function like(model, word)
  if model:find "^%u+$" and #model > 1 then return word:upper() end
  if model:find "^%u" then return (word:gsub("^%l", string.upper)) end
  return word
end

local function word_for(word)
  if #word <= 2 then return word end
  if word:find "^%d+$" then
    return (word:gsub("()(%d)", function(at, digit) return (digit + 1 + hash(word .. at) % 9) % 10 end)) -- never itself
  end
  if word:find "^[\226\240]" then return word end -- symbols and emoji
  return like(word, WORDS[hash(word:lower()) % #WORDS + 1])
end

local function is_time(value)
  for _, unit in ipairs { "s", "ms", "us" } do
    if pcall(time.unix, value, unit) then return true end
  end
  return (pcall(time.parse, value)) or value:find "^%d%d%d%d%-%d%d%-%d%d" ~= nil
end

---@param known { people?: table[], rooms?: table[], keep: string? }  with id, name and mail; keep: words that may stay,
---  but for the names, addresses and ids of those listed
---@return { record: fun(record: table): table, text: fun(text: string): string, path: fun(path: string): string }
function anonymise.new(known)
  local exact, ids = {}, {}
  local function id_for(id, letter, n)
    if type(id) ~= "string" or ids[id] then return end
    ids[id] = id:find "^%d+$" and tostring(1000000 + n) or (id:match "^%u" or letter) .. n
  end
  for n, person in ipairs(known.people or {}) do
    id_for(person.id, "u", n)
    local name = PEOPLE[(n - 1) % #PEOPLE + 1] .. (n > #PEOPLE and " " .. math.ceil(n / #PEOPLE) or "")
    if person.name then exact[person.name] = exact[person.name] or name end
    if person.mail then exact[person.mail] = name:lower():gsub(" ", ".") .. "@sample.example" end
  end
  for n, room in ipairs(known.rooms or {}) do
    id_for(room.id, "c", n)
    if room.name then exact[room.name] = exact[room.name] or "room-" .. n end
  end

  local stays = {}
  local function let_stay(text)
    for word in text:gmatch "[%w\128-\255]+" do stays[word] = true end
  end
  if known.keep then
    let_stay(known.keep)
    for _, other in pairs(exact) do let_stay(other) end
  end

  local function words(text)
    if known.keep then
      for name, other in pairs(exact) do
        if #name > 2 then text = text:gsub("%f[%w\128-\255]" .. text_pattern(name) .. "%f[^%w\128-\255]", (other:gsub("%%", "%%%%"))) end
      end
    end
    return (text:gsub("[%w\128-\255]+", function(word) return stays[word] and word or word_for(word) end))
  end

  local out = {}

  ---Words of somebody: mentions keep their form, addresses lead to example.
  function out.text(text)
    if exact[text] then return exact[text] end
    if ids[text] then return ids[text] end
    local kept = {}
    local function keep(piece)
      kept[#kept + 1] = piece
      return "\1" .. ("\2"):rep(#kept) .. "\3"
    end
    text = text:gsub("[\1-\3]", ""):gsub("&#?%w+;", keep)
    text = text:gsub("<([@#!])([%w^]+)(|?)([^>]*)>", function(mark, id, bar, label)
      return keep("<" .. mark .. (mark == "!" and id or ids[id] or word_for(id)) .. bar .. (exact[label] or words(label)) .. ">")
    end)
    text = text:gsub("%a+://[^%s|>\"')]+", function(address)
      return keep("https://www.sample.example/" .. hash(address) % 1000)
    end)
    text = text:gsub("[%w._+-]+@[%w-]+%.[%w.-]+", function(mail)
      return keep(exact[mail] or word_for(mail:match "%w+") .. "@sample.example")
    end)
    text = text:gsub(":([%w_+'-]+):", function(name) return emoji.from_name(name) and keep(":" .. name .. ":") or nil end)
    return (words(text):gsub("\1(\2+)\3", function(n) return kept[#n] end))
  end

  local function value_of(key, value)
    local kind = type(value)
    if kind == "table" then return out.record(value) end
    if kind ~= "string" then return value end
    if ids[value] or exact[value] then return ids[value] or exact[value] end
    local name = type(key) == "string" and key or ""
    if KEPT[name] or name:find "ts$" or is_time(value) then return value end
    if name == "name" and emoji.from_name(value) then return value end
    if name:find "[iI][dD]s?$" and value:find "^%S+$" then return (value:match "^%u" or "i") .. hash(value) end
    if value:find "^data:" then return "" end
    return out.text(value)
  end

  ---A record without what it tells of people. Lists stay lists.
  function out.record(record)
    if next(record) == nil then return json.encode(record) == "[]" and json.array {} or {} end
    local copy = {}
    for key, value in pairs(record) do
      local name = key
      if type(key) == "string" then name = ids[key] or exact[key] or key end
      copy[name] = value_of(key, value)
    end
    return copy
  end

  ---The name of a file: folders that are called like a room or a person are renamed as it is.
  function out.path(path)
    return (path:gsub("[^/]+", function(part)
      local stem, ending = part:match "^(.-)(%.%w+)$"
      if ids[part] or exact[part] then return ids[part] or exact[part] end
      return stem and (ids[stem] or exact[stem]) and (ids[stem] or exact[stem]) .. ending or nil
    end))
  end

  return out
end

return anonymise
