---What becomes of each construct of an export: how many there are, and how many are kept, approximated and lost. From the
---census of the mapped messages (stdlib/census.lua), the losses and the reasons to leave records out; so it fits any source.
---
---A construct that the mapping itself takes out (a preview, a poll) is known by its loss alone: all that are known changed.
---Tested by tests/stdlib/fates_test.lua.
local census = require "stdlib.census"

local fates = {}

local ipairs, max, min, pairs, sort = ipairs, math.max, math.min, pairs, table.sort

-- By the name of the construct: losses that approximate one, and that lose one. `messages`: such a loss is noted once a
-- message, so messages are counted. `beyond`: these losses tell of some that the census does not see.
local BY_CENSUS = {
  reply = { approximated = { "thread_flattened", "orphan" } },
  reaction = { approximated = { "reaction_as_text" }, lost = { "reaction_not_carried" }, messages = true,
    label = "messages with reactions" },
  edit = { lost = { "edit_history" } },
  image = { lost = { "image_not_carried" } },
  file = { approximated = { "file_as_link" }, lost = { "file_not_carried", "file_missing", "file_damaged" } },
  mention = { approximated = { "mention_unknown" } },
  message_link = { approximated = { "link_as_text" } },
  table = { approximated = { "table_flattened" }, beyond = true },
}

-- Constructs that only a loss tells of, in the order of a report: kind, label, lost or approximated; `as`: their own name.
local BY_LOSS = {
  { "broadcast", "late replies shown in the channel too" }, { "emoji_custom", "custom emoji" },
  { "markup", "formatting that Teams does not have" }, { "card", "interactive cards and blocks" }, { "poll", "polls" },
  { "call", "calls" }, { "sticker", "stickers" }, { "preview", "previews of links", lost = true },
  { "file_external", "files of other services" }, { "canvas", "canvases" },
  { "list", "lists of the source, as objects", as = "list_object" }, { "email", "forwarded mails" },
  { "file_hidden", "files hidden by the source's plan", lost = true },
  { "file_deleted", "files deleted in the source", lost = true }, { "pin", "pins", lost = true },
  { "reaction_users_missing", "reactions whose people the export does not name", lost = true },
  { "encrypted", "encrypted messages", lost = true },
  { "line_unknown", "records of a kind that is not known", lost = true },
  { "token_removed", "access tokens in addresses", lost = true },
  { "message_split", "messages over the size limit" }, { "time_moved", "messages whose time was taken" },
  { "text_repaired", "messages with damaged characters" }, { "repaired", "messages mended by args.repair" },
}

-- Of rooms and people, not of messages.
local OF_ROOMS = { author_fallback = true, member_missing = true, conversation_unlisted = true, direct_made_group = true,
  direct_made_channel = true, private_made_group = true, private_made_standard = true, name_changed = true, mail_invalid = true,
  huddle_transcript = true, integration_log = true, file_not_read = true, date_order_guessed = true, time_zone_unknown = true }

-- Records that are left out by a policy, or because nothing is left of them.
local BY_REASON = { { "event", "joins, topics and other events" }, { "gathered", "events gathered in one line", approximated = true },
  { "deleted", "deleted messages" }, { "earlier version", "earlier versions of messages" } }

---@class Fate
---@field construct string
---@field label string
---@field found integer
---@field messages? integer  that have some
---@field kept integer
---@field approximated integer
---@field lost integer

---@param found { messages: integer, constructs: table<string, { count: integer, messages: integer }>,
---  losses: table<string, integer>, skipped: table<string, integer> }
---@return Fate[]
function fates.of(found)
  local out, told = {}, {}
  local function sum(kinds)
    local count = 0
    for _, kind in ipairs(kinds or {}) do
      told[kind] = true
      count = count + (found.losses[kind] or 0)
    end
    return count
  end
  local function add(construct, label, all, messages, approximated, lost)
    if all == 0 then return end
    lost = min(lost, all)
    approximated = min(approximated, all - lost)
    out[#out + 1] = { construct = construct, label = label, found = all, messages = messages, kept = all - approximated - lost,
      approximated = approximated, lost = lost }
  end

  add("message", "messages", found.messages, nil, 0, 0)
  add("author", "messages under their author's own account", found.messages, nil, sum { "author_fallback" }, 0)
  for _, construct in ipairs(census.all) do
    local rule, seen = BY_CENSUS[construct.name] or {}, found.constructs[construct.name] or { count = 0, messages = 0 }
    local approximated, lost = sum(rule.approximated), sum(rule.lost)
    local all = rule.messages and seen.messages or seen.count
    -- Those of rooms and of what the runtime adds are not in the census.
    all = rule.beyond and all + approximated + lost or max(all, approximated + lost)
    add(construct.name, rule.label or construct.label, all, seen.messages > 0 and seen.messages or nil, approximated, lost)
  end
  for _, each in ipairs(BY_LOSS) do
    local count = sum { each[1] }
    add(each.as or each[1], each[2], count, nil, each.lost and 0 or count, each.lost and count or 0)
  end
  for _, each in ipairs(BY_REASON) do
    local count = found.skipped[each[1]] or 0
    add(each[1], each[2], count, nil, each.approximated and count or 0, each.approximated and 0 or count)
  end
  local own = {}
  for kind in pairs(found.losses) do
    if not told[kind] and not OF_ROOMS[kind] then own[#own + 1] = kind end
  end
  sort(own)
  for _, kind in ipairs(own) do add(kind, (kind:gsub("_", " ")), found.losses[kind], nil, found.losses[kind], 0) end
  return out
end

---Losses that change nothing that somebody wrote: they are counted apart from the changes.
---@param kind string
---@return boolean
function fates.is_of_members(kind) return kind == "member_missing" end

return fates
