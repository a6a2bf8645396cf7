-- Makes stdlib/emoji_data.lua from the data of npm's emoji-datasource:
--   npm pack emoji-datasource@16.0.0 && tar xzf emoji-datasource-16.0.0.tgz
--   luajit tests/support/make_emoji_data.lua package/emoji.json package/LICENSE > stdlib/emoji_data.lua
local json = dofile((arg[0]:match "^(.*)/" or ".") .. "/json.lua")

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local out, lead = "", code < 0x800 and 0xC0 or code < 0x10000 and 0xE0 or 0xF0
  for _ = 1, code < 0x800 and 1 or code < 0x10000 and 2 or 3 do
    out, code = string.char(0x80 + code % 64) .. out, math.floor(code / 64)
  end
  return string.char(lead + code) .. out
end

local function characters(unified)
  return (unified:gsub("(%x+)-?", function(hex) return utf8(tonumber(hex, 16)) end))
end

-- A tone goes after the first character, and a variation selector there gives way to it.
local function toned(unified, tone)
  local base, rest = unified:match "^(%x+)(.*)$"
  return base .. "-" .. tone .. rest:gsub("^%-FE0F", "")
end

local lines, odd = {}, {}
for _, entry in ipairs(assert(json.decode(read(arg[1])))) do
  local tones = entry.skin_variations and entry.skin_variations["1F3FB"]
  for _, name in ipairs(entry.short_names) do
    lines[#lines + 1] = ("%s %s%s"):format(name, tones and "+" or "", characters(entry.unified))
    for tone = 0xFB, 0xFF do
      local code = ("1F3%X"):format(tone)
      local variant = entry.skin_variations and entry.skin_variations[code]
      if variant and variant.unified ~= toned(entry.unified, code) then
        odd[#odd + 1] = ("%s::skin-tone-%d %s"):format(name, tone - 0xFB + 2, characters(variant.unified))
      end
    end
  end
end
for _, line in ipairs(odd) do lines[#lines + 1] = line end
table.sort(lines)

print "-- Made by tests/support/make_emoji_data.lua from emoji-datasource 16.0.0; do not edit."
print "-- Each line is a short name and its characters; + in front says that it takes skin tones. Its licence:"
print "--"
for line in read(arg[2]):gsub("%s+$", ""):gmatch "([^\n]*)\n?" do print(("-- " .. line):match "^(.-)%s*$") end
print "return [=["
print(table.concat(lines, "\n"))
print "]=]"
