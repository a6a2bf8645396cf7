---What a script raised, as a sentence for people, with the line that raised it. Tested by tests/stdlib/run_test.lua.
local failure = {}

local debug = debug -- scripts have none; tracebacks need it

local concat, find, format = table.concat, string.find, string.format
local getmetatable, ipairs, pcall, tostring, type = getmetatable, ipairs, pcall, tostring, type

local LONGEST_ERROR = 2000 -- characters

-- What was raised as text, without an address of memory in it: a plan says the same each time.
local function sentence_of(problem)
  local kind = type(problem)
  if kind == "string" then return problem end
  if kind == "number" or kind == "boolean" then return tostring(problem) end
  if kind == "table" then
    local message, meta = problem.message, getmetatable(problem)
    if type(message) == "string" then return message end
    if type(meta) == "table" and meta.__tostring then return tostring(problem) end
    return "an error was raised with a table that has no message; give error a text"
  end
  return format("an error was raised with %s; give error a text", kind == "nil" and "nothing" or "a " .. kind)
end

---Sentences are counted by what stands before their first ": ", so the place goes to the end.
function failure.placed(message, place)
  if not place then return message end
  return message .. " (" .. place .. ")"
end

---@return { message: string, place: string?, traceback: string }
local function failure_of(problem, traceback)
  local fine, message = pcall(sentence_of, problem)
  if not fine then message = "an error was raised with a value that cannot be shown; give error a text" end
  if #message > LONGEST_ERROR then message = message:sub(1, LONGEST_ERROR):gsub("[\192-\255]?[\128-\191]*$", "") .. "…" end
  local place, rest = message:match "^([^\n:]+%.lua:%d+): (.*)$"
  if place then message = rest ~= "" and rest or "an error without a text" end
  if place and find(place, "^stdlib/") then place = nil end -- of a tail call: its own line is lost, ours helps nobody
  return { message = message, place = place, traceback = traceback or "" }
end

local MODULES = {}
for _, name in ipairs { "time", "html", "markdown", "mrkdwn", "emoji", "text", "json", "archive", "validate", "log", "string", "table",
  "math" } do MODULES[name] = true end

-- A local with the name of a module, where a call or an index failed: what was meant is hidden.
local function hidden(message)
  if type(message) ~= "string" or not debug or not debug.getlocal then return "" end
  if not find(message, "attempt to call field '", 1, true) and not find(message, "attempt to index local '", 1, true) then return "" end
  for level = 3, 6 do
    local info = debug.getinfo(level, "S")
    if not info then break end
    if info.what ~= "C" and not find(info.short_src, "^stdlib/") then
      for i = 1, 200 do
        local name, value = debug.getlocal(level, i)
        if not name then break end
        if MODULES[name] then
          return format("; here %s is a local %s that hides the module %s", name, type(value), name)
        end
      end
      return ""
    end
  end
  return ""
end

---A handler for xpcall.
---@return { message: string, place: string?, traceback: string }
function failure.traced(problem)
  local lines = {}
  if debug and debug.traceback then
    for line in debug.traceback("", 2):gmatch "\n%s+([^\n]+)" do
      local ours = line:find("stdlib/run", 1, true) or line:find "^%[C%]" or line:find "^%[builtin"
      if not ours then lines[#lines + 1] = "  " .. line:gsub(" at 0x%x+", "") end
      if #lines == 10 then break end
    end
  end
  local failed = failure_of(problem, concat(lines, "\n"))
  failed.message = failed.message .. hidden(problem)
  return failed
end

---xpcall's handler may have failed itself, or had no room left to run in.
function failure.caught(problem)
  if type(problem) ~= "table" then problem = failure_of(problem) end
  return problem
end

return failure
