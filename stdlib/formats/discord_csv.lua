---A channel of Discord as DiscordChatExporter writes it as CSV (SOURCES 5.2), in the shape of its JSON as far as a table has it: no
---ids, no replies, and before 2020 minutes without a zone. Tested by tests/scripts/discord_test.lua.
local given = require "stdlib.given"
local time = require "stdlib.time"

local discord_csv = {}

local filled = given.text

---The channel of a file, told by its name or, if that is a number only, by its folder; nil if the file is none.
---@param export table
---@param file string
---@return table?
function discord_csv.channel(export, file)
  local fine, first = pcall(function() return (export:records(file)()) end)
  if not fine or type(first) ~= "table" or first.AuthorID == nil or first.Content == nil then return nil end
  local path = file:gsub("%.%w+$", ""):gsub("%s*%[part %d+[^%]]*%]$", "")
  local folder = path:match "^(.+)/%d+$"
  local name = given.file_name(folder or path)
  local id = name:match "%[(%d+)%]$"
  name = name:gsub("%s*%[%d+%]$", "")
  local guild, rest = name:match "^(.-) %- (.+)$"
  return { guild = { name = id and guild or nil },
    channel = { id = id or folder or path, name = id and rest and (rest:match "^.* %- (.-)$" or rest) or name, type = "GuildTextChat" } }
end

---A row as a message.
---@param row table
---@return table
function discord_csv.message(row)
  local attachments, reactions = {}, {}
  for url in (filled(row.Attachments) or ""):gmatch "[^,%s][^,]*" do attachments[#attachments + 1] = { id = url, url = url } end
  for symbol, count in (filled(row.Reactions) or ""):gmatch "%s*([^,]-) %((%d+)%)" do
    reactions[#reactions + 1] = { emoji = { name = symbol }, count = tonumber(count) }
  end
  return { type = "Default", timestamp = row.Date, content = filled(row.Content), attachments = attachments, reactions = reactions,
    author = { id = given.id(row.AuthorID), name = (filled(row.Author) or ""):gsub("#%d%d%d%d$", "") } }
end

---The moment of a date; one of an old file is a minute of the exporter's own clock.
---@param date any
---@param zone? string
---@return string, boolean  # whether the zone was guessed
function discord_csv.moment(date, zone)
  if type(date) == "string" and date:find "^%d%d?%-%a%a%a%-%d%d %d" then
    return time.parse(date, "%d-%b-%y %I:%M %p", zone or "UTC"), zone == nil
  end
  return time.parse(date), false
end

return discord_csv
