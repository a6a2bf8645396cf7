---Reactions that an export lists one by one, gathered as a message wants them: one of a kind, with its people.
---Tested by tests/stdlib/reactions_test.lua.
local given = require "stdlib.given"

local reactions = {}

---@param list any  the source's list; nil and null are empty
---@param read fun(reaction: table): string?, string|table?  the emoji as it is to be shown, and the person: an id
---or a person record
---@return table[]?  # { reactionType, users, count } in the order of first use; nil if there is none
function reactions.gathered(list, read)
  local out, by_kind
  for _, reaction in ipairs(given.list(list)) do
    local kind, who
    if type(reaction) == "table" then kind, who = read(reaction) end
    if kind then
      out, by_kind = out or {}, by_kind or {}
      local entry = by_kind[kind]
      if not entry then
        entry = { reactionType = kind, users = {}, count = 0 }
        by_kind[kind], out[#out + 1] = entry, entry
      end
      entry.count = entry.count + 1
      if who then entry.users[#entry.users + 1] = who end
    end
  end
  return out
end

return reactions
