---Progress: one line that is redrawn on a terminal, a plain line every ten seconds in a log.
local output = require "stdlib.cli.output"

local progress = {}

local PLAIN_SECONDS = 10

---The line that tells a moment of a command.
---@param p table  doing, done, total, failed, rate, waiting_for, wait_s, left_s
function progress.line(p)
  local doing = p.doing:match "^sending " and "sending" or p.doing -- a hundred channels take turns
  local parts = { ("%s  %s of %s messages"):format(doing, output.count(p.done), output.count(p.total)) }
  if p.total > 0 then parts[1] = ("%s (%d %%)"):format(parts[1], math.floor(100 * p.done / p.total)) end
  if p.rate > 0 then parts[#parts + 1] = ("%.1f a second"):format(p.rate) end
  if p.failed > 0 then parts[#parts + 1] = output.count(p.failed) .. " failed" end
  if p.throttled > 0 then parts[#parts + 1] = output.of(p.throttled, "time") .. " asked to slow down" end
  if p.waiting_for then parts[#parts + 1] = ("waiting %s for %s"):format(output.span(p.wait_s), p.waiting_for) end
  if p.left_s then parts[#parts + 1] = "about " .. output.span(p.left_s) .. " left" end
  return table.concat(parts, ", ")
end

---@param out Output
---@param line? fun(p: table): string  progress.line by default
---@return fun(p: table)
function progress.to(out, line)
  line = line or progress.line
  local last, last_wait = os.time(), 0
  return function(p)
    if out.terminal then return out.redraw(line(p)) end
    local now = os.time()
    local long_wait = (p.wait_s or 0) >= PLAIN_SECONDS -- said at once: a log would be silent through it
    if now - (long_wait and last_wait or last) < PLAIN_SECONDS then return end
    last = now
    if long_wait then last_wait = now end
    out.say("%s", line(p))
    out.flush()
  end
end

return progress
