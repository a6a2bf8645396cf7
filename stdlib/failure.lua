---What a script raised, as a sentence for people, with the line that raised it. Tested by tests/stdlib/run_test.lua.
local failure = {}

local debug = debug -- scripts have none; tracebacks need it

local concat, find, format = table.concat, string.find, string.format
local getmetatable, pcall, tostring, type = getmetatable, pcall, tostring, type

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

---A handler for xpcall.
---@return { message: string, place: string?, traceback: string }
function failure.traced(problem)
  local lines = {}
  if debug and debug.traceback then
    for line in debug.traceback("", 2):gmatch "\n%s+([^\n]+)" do
      if not line:find("stdlib/run", 1, true) and not line:find("^%[C%]") then lines[#lines + 1] = "  " .. line end
      if #lines == 10 then break end
    end
  end
  return failure_of(problem, concat(lines, "\n"))
end

---xpcall's handler may have failed itself, or had no room left to run in.
function failure.caught(problem)
  if type(problem) ~= "table" then problem = failure_of(problem) end
  return problem
end

return failure
