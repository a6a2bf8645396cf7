---Times as text: 24 characters, `2019-02-04T19:58:15.511Z`, UTC, milliseconds cut and never rounded.
---
---This is Graph's own form, and it sorts as text. Fractions are cut from the digits as they were
---written: a double would turn 1589553562.044500 into .044 or .043 as it pleases.
---Tested by tests/stdlib/time_test.lua.
local time = {}

local find, format, match, sub = string.find, string.format, string.match, string.sub
local floor, tonumber, type = math.floor, tonumber, type

-- Set by the host. `zone(name, year, month, day, hour, minute, second)` gives the offset in seconds
-- east of UTC of a local time; `now()` gives a time. Neither is there while a plan is made.
time.host = {}

local SECONDS_MIN, SECONDS_MAX = 631152000, 4133980800 -- 1990-01-01, 2101-01-01

local MINUTES, SECONDS = {}, {} -- [minute of the day] = "19:58:", [second] = "15."
for minute = 0, 1439 do MINUTES[minute] = format("%02d:%02d:", floor(minute / 60), minute % 60) end
for second = 0, 59 do SECONDS[second] = format("%02d.", second) end

-- Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back
-- (source: http://howardhinnant.github.io/date_algorithms.html).
local function days_from_civil(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = floor((153 * (month + (month > 2 and -3 or 9)) + 2) / 5) + day - 1
  return era * 146097 + year_of_era * 365 + floor(year_of_era / 4) - floor(year_of_era / 100) + day_of_year - 719468
end

local function civil_from_days(days)
  days = days + 719468
  local era = floor(days / 146097)
  local day_of_era = days - era * 146097
  local year_of_era = floor((day_of_era - floor(day_of_era / 1460) + floor(day_of_era / 36524)
    - floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year_of_era + floor(year_of_era / 4) - floor(year_of_era / 100))
  local shifted = floor((5 * day_of_year + 2) / 153)
  local month = shifted + (shifted < 10 and 3 or -9)
  return year_of_era + era * 400 + (month <= 2 and 1 or 0), month, day_of_year - floor((153 * shifted + 2) / 5) + 1
end

local DAYS = setmetatable({}, { -- [days since 1970] = "2019-02-04T"; a project spans few thousand days
  __index = function(days_text, days)
    local text = format("%04d-%02d-%02dT", civil_from_days(days))
    days_text[days] = text
    return text
  end,
})

local last -- the time made last: most are checked right after

local function from_seconds(seconds, milliseconds) -- milliseconds: three digits
  local day = floor(seconds / 86400)
  local rest = seconds - day * 86400
  local minute = floor(rest / 60)
  last = DAYS[day] .. MINUTES[minute] .. SECONDS[rest - minute * 60] .. milliseconds .. "Z"
  return last
end

local DIGITS = { s = 0, ms = 3, us = 6, ns = 9 }
local UNITS = { "s", "ms", "us", "ns" }
local NAMES = { s = "seconds", ms = "milliseconds", us = "microseconds", ns = "nanoseconds" }

local function out_of_range(value, whole, unit)
  local shown = tostring(value)
  for _, other in ipairs(UNITS) do
    local cut = #whole - DIGITS[other]
    local seconds = cut > 0 and tonumber(sub(whole, 1, cut))
    if other ~= unit and seconds and seconds >= SECONDS_MIN and seconds < SECONDS_MAX then
      local here = tonumber(sub(whole, 1, #whole - DIGITS[unit])) or 0
      local year = here < 1e13 and format(" is in the year %d", (civil_from_days(floor(here / 86400)))) or " is out of range"
      return format('time.unix: %s as %s%s; is it %s? time.unix(v, "%s")', shown, NAMES[unit], year, NAMES[other], other)
    end
  end
  return format("time.unix: %s as %s is not between 1990 and 2100", shown, NAMES[unit])
end

local function unix_slowly(value, unit)
  unit = unit or "s"
  local digits = DIGITS[unit]
  if not digits then error(format("time.unix: '%s' is not a unit; it is s, ms, us or ns", tostring(unit)), 3) end
  local text = value
  if type(value) == "number" then
    text = value == floor(value) and format("%.0f", value) or format("%.6f", value)
  elseif type(value) ~= "string" then
    error(format("time.unix takes a number or its text, not %s", value == nil and "nil" or "a " .. type(value)), 3)
  end
  local whole, fraction = match(text, "^(%d+)%.?(%d*)$")
  if not whole then error(format("time.unix: '%s' is not a number", text), 3) end
  whole = match(whole, "^0*(%d+)$")
  local all = whole .. fraction
  local seconds = tonumber(sub(whole, 1, #whole - digits)) or 0
  if #whole - digits > 10 or seconds < SECONDS_MIN or seconds >= SECONDS_MAX then error(out_of_range(value, whole, unit), 3) end
  return from_seconds(seconds, sub(sub(all, #whole - digits + 1) .. "000", 1, 3))
end

---Turns a Unix time into a time. Finer digits than milliseconds are cut.
---@param value number|string  text keeps all its digits
---@param unit? "s"|"ms"|"us"|"ns"  seconds by default; a fraction is allowed
---@return string  # raises outside 1990 to 2100, naming the unit that would fit
---@usage time.unix("1589553562.044500") --> "2020-05-15T14:39:22.044Z"
function time.unix(value, unit)
  if not unit and type(value) == "string" and find(value, "^%d%d%d%d%d%d%d%d%d%d%.%d%d%d%d%d%d$") then -- Slack's
    local seconds = tonumber(sub(value, 1, 10))
    if seconds >= SECONDS_MIN and seconds < SECONDS_MAX then return from_seconds(seconds, sub(value, 12, 14)) end
  end
  return (unix_slowly(value, unit)) -- no tail call, so that the levels of errors count this function, too
end

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- Checks a date and time of day and gives seconds since 1970, or nil and what is wrong.
local function seconds_of(year, month, day, hour, minute, second)
  if month < 1 or month > 12 then return nil, "month " .. month end
  local leap = month == 2 and (year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)) and 1 or 0
  if day < 1 or day > MONTH_DAYS[month] + leap then return nil, "day " .. day end
  if hour > 23 then return nil, "hour " .. hour end
  if minute > 59 then return nil, "minute " .. minute end
  if second > 60 then return nil, "second " .. second end
  if second == 60 then second = 59 end -- a leap second has no place in Graph's calendar
  return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
end

local function offset_of(text) -- "Z", "+02:00", "+0200", "+02", "UTC"; seconds east of UTC, or nil
  if text == "Z" or text == "z" or text == "UTC" or text == "GMT" or text == "Etc/UTC" then return 0 end
  local sign, hours, minutes = match(text, "^([+-])(%d%d):?(%d?%d?)$")
  if not sign or #minutes == 1 then return nil end
  hours, minutes = tonumber(hours), tonumber(minutes) or 0
  if hours > 18 or minutes > 59 then return nil end
  return (hours * 3600 + minutes * 60) * (sign == "-" and -1 or 1)
end

local function parse_iso(text)
  local year, month, day, rest = match(text, "^(%d%d%d%d)-?(%d%d)-?(%d%d)[Tt ](.+)$")
  if not year then
    error(format("time.parse: '%s' is not an ISO 8601 time; give its pattern, for example \"%%d.%%m.%%Y %%H:%%M\"", text), 3)
  end
  local hour, minute, tail = match(rest, "^(%d%d):?(%d%d)(.*)$")
  if not hour then error(format("time.parse: '%s' has no time of day", text), 3) end
  local second, fraction = "00", ""
  local more, after = match(tail, "^:?(%d%d)(.*)$")
  if more then
    second, tail = more, after
    local digits, left = match(tail, "^[.,](%d+)(.*)$")
    if digits then fraction, tail = digits, left end
  end
  if tail == "" then
    error(format('time.parse: \'%s\' has no offset; give the zone it was written in, for example "Europe/Berlin"', text), 3)
  end
  local offset = offset_of(tail)
  if not offset then error(format("time.parse: '%s' has an offset that cannot be read: '%s'", text, tail), 3) end
  local seconds, wrong = seconds_of(tonumber(year), tonumber(month), tonumber(day), tonumber(hour), tonumber(minute), tonumber(second))
  if not seconds then error(format("time.parse: '%s' has no %s", text, wrong), 3) end
  return from_seconds(seconds - offset, sub(fraction .. "000", 1, 3))
end

local MONTHS = { jan = 1, feb = 2, mar = 3, apr = 4, may = 5, jun = 6, jul = 7, aug = 8, sep = 9, oct = 10, nov = 11, dec = 12 }
local LONG = { "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december" }

local function month_name(text, at, part)
  local word = match(text, "^%a+", at)
  local number = word and MONTHS[sub(word, 1, 3):lower()]
  if not number then return nil end
  local name = LONG[number]
  local length = sub(word, 1, #name):lower() == name and #name or 3
  part.month = number
  return at + length
end

local function number_part(name, most, change)
  return function(text, at, part)
    local digits = match(text, "^%d" .. ("%d?"):rep(most - 1), at)
    if not digits then return nil end
    part[name] = change and change(tonumber(digits)) or tonumber(digits)
    return at + #digits
  end
end

local READ = {
  Y = function(text, at, part)
    local digits = match(text, "^%d%d%d%d", at)
    if not digits then return nil end
    part.year = tonumber(digits)
    return at + 4
  end,
  y = number_part("year", 2, function(year) return year + (year < 70 and 2000 or 1900) end),
  m = number_part("month", 2), d = number_part("day", 2), H = number_part("hour", 2), I = number_part("hour12", 2),
  M = number_part("minute", 2), b = month_name, B = month_name,
  S = function(text, at, part)
    local digits, fraction = match(text, "^(%d%d?)[.,]?(%d*)", at)
    if not digits then return nil end
    local _, stop = find(text, "^%d%d?[.,]%d+", at)
    part.second, part.fraction = tonumber(digits), stop and fraction or ""
    return stop and stop + 1 or at + #digits
  end,
  p = function(text, at, part)
    local half = match(text, "^([AaPp])%.?[ ]?[Mm]%.?", at)
    if not half then return nil end
    part.half = half:lower()
    local _, stop = find(text, "^[AaPp]%.?[ ]?[Mm]%.?", at)
    return stop + 1
  end,
  z = function(text, at, part)
    local zone = match(text, "^[Zz]", at) or match(text, "^[+-]%d%d:?%d%d", at) or match(text, "^UTC", at)
    part.offset = zone and offset_of(zone)
    return part.offset and at + #zone
  end,
}

local function parse_pattern(text, pattern, zone)
  local part, at, i = {}, 1, 1
  local function misfit()
    error(format("time.parse: '%s' does not fit '%s' (at '%s')", text, pattern, match(text, "^%w+", at) or sub(text, at, at + 9)), 4)
  end
  while i <= #pattern do
    local char = sub(pattern, i, i)
    if char == "%" then
      local letter = sub(pattern, i + 1, i + 1)
      i = i + 2
      if letter == "%" then
        if sub(text, at, at) ~= "%" then misfit() end
        at = at + 1
      else
        local read = READ[letter]
        if not read then error(format("time.parse: '%%%s' in '%s' is not known", letter, pattern), 3) end
        at = read(text, at, part) or misfit()
      end
    elseif find(char, "%s") then -- exports put narrow and no-break spaces before AM and PM
      local _, stop = find(text, "^%s+", at)
      if not stop then _, stop = find(text, "^\194\160", at) end
      if not stop then _, stop = find(text, "^\226\128\175", at) end
      if not stop then misfit() end
      at, i = stop + 1, i + 1
    else
      if sub(text, at, at) ~= char then misfit() end
      at, i = at + 1, i + 1
    end
  end
  if at <= #text then misfit() end
  if not (part.year and part.month and part.day) then
    error(format("time.parse: the pattern '%s' has no year, month and day", pattern), 3)
  end
  local hour = part.hour or 0
  if part.hour12 then hour = part.hour12 % 12 + (part.half == "p" and 12 or 0) end
  local seconds, wrong = seconds_of(part.year, part.month, part.day, hour, part.minute or 0, part.second or 0)
  if not seconds then error(format("time.parse: '%s' has no %s", text, wrong), 3) end
  local offset = part.offset
  if not offset then
    if zone == nil then
      error(format('time.parse: \'%s\' has no offset; give the zone it was written in, for example "Europe/Berlin"', text), 3)
    end
    offset = offset_of(zone)
    if not offset and time.host.zone then
      offset = time.host.zone(zone, part.year, part.month, part.day, hour, part.minute or 0, part.second or 0)
      if not offset then error(format("time.parse: there is no zone '%s'; use a name such as Europe/Berlin", zone), 3) end
    end
    if not offset then
      error(format('time.parse: the zone \'%s\' is not at hand; use "UTC" or a fixed offset such as "+01:00"', zone), 3)
    end
  end
  return from_seconds(seconds - offset, sub((part.fraction or "") .. "000", 1, 3))
end

---Reads a time. Without a pattern: ISO 8601 with an offset.
---@param text string
---@param pattern? string  `%Y %m %d %H %M %S %y %b %B %I %p %z`; %S takes a fraction
---@param zone? string  "UTC", a fixed offset as "+01:00", or an IANA name where the host has zones
---@return string
---@usage time.parse("22.10.2018 09:55", "%d.%m.%Y %H:%M", "+02:00") --> "2018-10-22T07:55:00.000Z"
function time.parse(text, pattern, zone)
  if type(text) ~= "string" then
    error(format("time.parse takes text, not %s", text == nil and "nil" or "a " .. type(text)), 2)
  end
  if pattern then return (parse_pattern(text, pattern, zone)) end -- no tail calls: see unix
  return (parse_iso(text))
end

---Tells whether a value is a time exactly in our form.
---@param value any
---@return boolean
function time.is(value)
  return value == last and last ~= nil or type(value) == "string" and #value == 24
    and find(value, "^%d%d%d%d%-[01]%d%-[0-3]%dT[0-2]%d:[0-5]%d:[0-5]%d%.%d%d%dZ$") ~= nil
end

local function milliseconds_of(value, name)
  if not time.is(value) then error(format("%s: '%s' is not a time; use time.parse or time.unix", name, tostring(value)), 3) end
  local seconds, wrong = seconds_of(tonumber(sub(value, 1, 4)), tonumber(sub(value, 6, 7)), tonumber(sub(value, 9, 10)),
    tonumber(sub(value, 12, 13)), tonumber(sub(value, 15, 16)), tonumber(sub(value, 18, 19)))
  if not seconds then error(format("%s: '%s' has no %s", name, value, wrong), 3) end
  return seconds * 1000 + tonumber(sub(value, 21, 23))
end

---Moves a time by milliseconds.
---@param value string
---@param milliseconds number
---@return string
function time.add(value, milliseconds)
  local total = milliseconds_of(value, "time.add") + floor(milliseconds)
  local seconds = floor(total / 1000)
  return from_seconds(seconds, format("%03d", total - seconds * 1000))
end

---Milliseconds from `b` to `a`.
---@param a string
---@param b string
---@return number
function time.diff(a, b)
  return milliseconds_of(a, "time.diff") - milliseconds_of(b, "time.diff")
end

local SHORT = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

---Writes a time for people.
---@param value string
---@param pattern string  as for parse
---@param zone? string  UTC by default, or a fixed offset
---@return string
---@usage time.format("2019-02-04T19:58:15.511Z", "%d %b %Y") --> "04 Feb 2019"
function time.format(value, pattern, zone)
  local offset = 0
  if zone then
    offset = offset_of(zone)
    if not offset then error(format('time.format: the zone \'%s\' is not at hand; use "UTC" or a fixed offset', tostring(zone)), 2) end
  end
  local here = time.add(value, offset * 1000)
  local hour = tonumber(sub(here, 12, 13))
  local values = {
    Y = sub(here, 1, 4), y = sub(here, 3, 4), m = sub(here, 6, 7), d = sub(here, 9, 10), H = sub(here, 12, 13),
    M = sub(here, 15, 16), S = sub(here, 18, 19), I = format("%02d", (hour + 11) % 12 + 1), p = hour < 12 and "AM" or "PM",
    b = SHORT[tonumber(sub(here, 6, 7))], B = LONG[tonumber(sub(here, 6, 7))]:gsub("^%l", string.upper),
    z = zone and offset ~= 0 and zone or "Z", ["%"] = "%",
  }
  return (pattern:gsub("%%(.)", function(letter)
    return values[letter] or error(format("time.format: '%%%s' in '%s' is not known", letter, pattern), 4)
  end))
end

---The time now, for the prompt and plain scripts.
---@return string  # raises in steps: a plan must come out the same everywhere
function time.now()
  if not time.host.now then error("time.now cannot be asked in a step: a plan must come out the same everywhere", 2) end
  return time.host.now()
end

return time
