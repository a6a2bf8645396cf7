---Access tokens in addresses: an export of Slack may carry one in the address of each file (`?t=xoxe-…`), and who reads
---the message could then read the workspace. What is wanted is the address without it.
---
---Works on text and on HTML alike, since a parameter ends where an address ends. Tested by tests/stdlib/html_test.lua.
local token = {}

local find, gsub = string.find, string.gsub

-- While it works, the byte 2 stands for "&amp;" and the byte 1 for a parameter that goes.
local PARAMETER = "([?&#\2])[^%s<>\"'?&#\2=]*=([^%s<>\"'&#\2|%)%]]*)"

local function without(mark, value) return find(value, "xox[a-z]%-") and mark .. "\1" or nil end

---Removes the parameters of addresses that hold a token of Slack.
---@param text string  an address, text or HTML
---@return string
---@return boolean removed
---@usage token.remove "https://files.example/a?t=xoxe-1&w=2" --> "https://files.example/a?w=2", true
function token.remove(text)
  if not find(text, "xox", 1, true) then return text, false end
  local coded = gsub(gsub(text, "[\1\2]", ""), "&amp;", "\2")
  local clean = gsub(coded, PARAMETER, without)
  if clean == coded then return text, false end
  clean = gsub(gsub(clean, "[&\2]\1", ""), "([?#])\1[&\2]", "%1")
  clean = gsub(gsub(clean, "[?#]\1", ""), "\2", "&amp;")
  return clean, true
end

return token
