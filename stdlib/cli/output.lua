---What a command says: lines for people, and at the end one object for programs if --json asks for it.
---@class Output
---@field say fun(format: string, ...)  a line; on standard error with --json, nowhere with --quiet
---@field problem fun(format: string, ...)  a line that is always shown, on standard error
---@field print fun(line: string)  what a script prints: on standard error with --json
---@field note fun(format: string, ...)  a line on standard error; nowhere with --quiet
---Texts that are filled in may come from an export: nothing in them steers the terminal or begins a line of its own.
---@field result fun(result: table)  the last line of standard output, with --json
local json = require "json"
local native = require "teamferry.native"

local output = {}

local STRANGE = "\239\191\189"

-- Without what steers a terminal: C0 and C1 controls, but line ends and tabs.
local function clean(text)
  return (text:gsub("\r\n", "\n"):gsub("[%z\1-\8\11-\31\127]", STRANGE):gsub("\194[\128-\159]", STRANGE))
end

---The same as one line.
function output.one_line(text) return (clean(text):gsub("[\n\t]+", " ")) end

-- The text of a line: the format is ours, what it is filled with is anybody's. Without either it may have several lines.
local function filled(format, ...)
  local n = select("#", ...)
  if n == 0 then return clean(format) end
  local values = { ... }
  for i = 1, n do
    if type(values[i]) ~= "number" then values[i] = output.one_line(tostring(values[i])) end
  end
  return format:format(unpack(values, 1, n))
end

---Words in lines of at most `width` characters, the first behind `head`, the others below its end.
function output.wrap(head, words, width)
  local lines, line, indent = {}, head, (" "):rep(#head)
  local empty = true
  for word in words:gmatch "%S+" do
    local longer = line .. (empty and "" or " ") .. word
    if not empty and select(2, longer:gsub("[^\128-\191]", "")) > width then
      lines[#lines + 1] = line
      line = indent .. word
    else
      line = longer
    end
    empty = false
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

---How wide help is written: as the terminal, in bounds that can be read.
function output.width() return math.max(60, math.min(native.columns "stdout", 110)) end

-- The beginning of a text, `columns` characters long.
local function cut(text, columns)
  local n = 0
  for at in text:gmatch "()[%z\1-\127\194-\244][\128-\191]*" do
    n = n + 1
    if n > columns then return text:sub(1, at - 1) end
  end
  return text
end

---@param how { json: boolean?, quiet: boolean? }
---@return Output
function output.new(how)
  local stream = how.json and io.stderr or io.stdout
  local out = { json = how.json, quiet = how.quiet, terminal = native.is_terminal(how.json and "stderr" or "stdout") }
  local drawn = false -- a line of progress stands there without its end

  local function wipe()
    if drawn then stream:write "\r\27[K" end
    drawn = false
  end

  function out.say(format, ...)
    if how.quiet then return end
    wipe()
    stream:write(filled(format, ...), "\n")
  end

  ---What a script prints: its own words, whatever --quiet says.
  function out.print(line)
    wipe()
    stream:write(clean(line), "\n")
  end

  ---A line about the command, beside what it prints.
  function out.note(format, ...)
    if not how.quiet then out.problem(format, ...) end
  end

  function out.problem(format, ...)
    wipe()
    stream:flush()
    io.stderr:write(filled(format, ...), "\n")
  end

  ---Draws over the line drawn before; what the terminal is too narrow for is cut, for a second row would stay.
  function out.redraw(line)
    if how.quiet then return end
    stream:write("\r\27[K", cut(output.one_line(line), native.columns(how.json and "stderr" or "stdout") - 1))
    stream:flush()
    drawn = true
  end

  function out.flush()
    wipe()
    stream:flush()
  end

  function out.result(result)
    out.flush()
    if how.json then io.stdout:write(json.encode(result), "\n") end
    io.stdout:flush()
  end

  return out
end

---A whole number with commas: 18,204.
function output.count(n)
  local text = ("%.0f"):format(n)
  local rest
  repeat
    text, rest = text:gsub("^(%-?%d+)(%d%d%d)", "%1,%2")
  until rest == 0
  return text
end

---"1 message", "18,204 messages"; other plurals are named.
function output.of(n, noun, nouns) return output.count(n) .. " " .. (n == 1 and noun or nouns or noun .. "s") end

---A span of time for people: "12 s", "4 min", "3 h 20 min".
function output.span(seconds)
  if seconds < 90 then return ("%.0f s"):format(seconds) end
  local minutes = math.floor(seconds / 60 + 0.5)
  if minutes < 90 then return minutes .. " min" end
  local hours = math.floor(minutes / 60)
  if hours < 48 then return hours .. " h " .. minutes % 60 .. " min" end
  return math.floor(hours / 24) .. " d " .. hours % 24 .. " h"
end

---The entries of a table of counts, the largest first.
---@return { [1]: string, [2]: number }[]
function output.ranked(counts)
  local list = {}
  for name, n in pairs(counts or {}) do
    if n > 0 then list[#list + 1] = { name, n } end
  end
  table.sort(list, function(a, b)
    if a[2] ~= b[2] then return a[2] > b[2] end
    return a[1] < b[1]
  end)
  return list
end

return output
