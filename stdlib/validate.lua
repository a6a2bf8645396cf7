---The rules on what Teams takes (R1 to R48), for bodies that a script makes: before anything is sent, and offline.
---
---A finding is `{ rule = "R20", severity = "error", field = "body.content", message = "…", cure = "…" }`; severity is
---"error" for what the service would refuse and "warning" for what goes out otherwise than written. No findings: fine.
---Bodies are Graph's, with ids of the tenant; what a step returns is checked when it has become one.
---That a time lies in the future is only seen where there is a present: at the prompt and in plain scripts.
---Tested by tests/stdlib/validate_test.lua.
local native = require "validate"
local time = require "stdlib.time"

local validate = {}

local function now() return time.host.now and time.host.now() or nil end

---Judges a chatMessage as it is sent.
---@param body table
---@param place? table  the channel or chat it is for: chats have no subjects, and nothing is older than its place
---@return table[] findings
---@usage for _, finding in ipairs(validate.message(body)) do print(finding.rule, finding.message) end
function validate.message(body, place) return native.message(body, place, now()) end

---Judges the HTML of a body: R45, R46, R47.
---@param text string
---@return table[] findings
function validate.html(text) return native.html(text) end

---Judges a body for graph.create_team.
---@param body table
---@return table[] findings
function validate.team(body) return native.team(body, now()) end

---Judges a body for team:create_channel.
---@param body table
---@return table[] findings
function validate.channel(body) return native.channel(body, now()) end

---Judges a body for graph.create_chat.
---@param body table
---@return table[] findings
function validate.chat(body) return native.chat(body) end

---Judges a member of a team, channel or chat.
---@param body table
---@return table[] findings
function validate.member(body) return native.member(body) end

---How big a message is as the service counts: without the bytes of its images, in UTF-8 bytes or UTF-16 units,
---whichever is more.
---@param body table
---@return number bytes
function validate.size(body) return native.size(body) end

---Mends what can be mended without a decision: HTML, numbers of mentions, markers without a partner, names of channels
---and teams, fields that the service does not take. What is left needs a person: validate.message tells.
---@param body table  a chatMessage, or a body that creates a channel or a team; it is left as it is
---@param place? table  the channel or chat it is for
---@return table body
---@return table[] changes  each `{ rule, field, before, after }`, cut to 60 characters
function validate.repair(body, place) return native.repair(body, place, now()) end

---The limits in force: what is built in, with those of the project over it.
---@type table<string, number>
validate.limits = native.get_limits()

return validate
