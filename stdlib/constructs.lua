---What a mapped message shows of its source: a reply, a nested list, an emoji of the workspace's own. Samples are chosen by
---it, one message of each construct. Told from the result, so that it fits any source.
---Tested by tests/stdlib/constructs_test.lua.
local constructs = {}

-- By what stands in the HTML, in the order in which a person would like to see them.
local IN_HTML = {
  { "nested list", "<[uo]l>.-<li>.-<[uo]l>" },
  { "list", "<[uo]l>" },
  { "code block", "<pre>" },
  { "code", "<code>" },
  { "quote", "<blockquote>" },
  { "table", "<table" },
  { "mention", "<at " },
  { "link to a conversation", "<a conversation=" },
  { "link to a message", "<a message=" },
  { "link", "<a href=" },
  { "image", "<img " },
  { "formatted text", "<strong>" },
  { "several paragraphs", "</p>.*</p>" },
}

---The constructs of one result of stdlib/mapping.lua, the rarest kinds first.
---@param result table
---@return string[]
function constructs.of(result)
  local out = {}
  if result.error then return { "failed" } end
  if result.reason then return { "skipped: " .. result.reason } end
  local message, from = result.message, result.out or {}
  if result.parts then out[#out + 1] = "split in several" end
  for _, loss in ipairs(result.losses) do out[#out + 1] = "loss " .. loss[1] end
  if message.replyToId then out[#out + 1] = "reply" end
  if from.lastEditedDateTime then out[#out + 1] = "edited" end
  if type(from.reactions) == "table" and from.reactions[1] then out[#out + 1] = "reaction" end
  if type(from.files) == "table" and from.files[1] then out[#out + 1] = "file" end
  if message.person then out[#out + 1] = "somebody who is not listed" end
  if message.subject then out[#out + 1] = "subject" end
  local subtype = type(result.record) == "table" and (result.record.subtype or result.record.type)
  if type(subtype) == "string" and subtype ~= "message" then out[#out + 1] = subtype end
  for _, entry in ipairs(IN_HTML) do
    if message.body:find(entry[2]) then out[#out + 1] = entry[1] end
  end
  if #out == 0 then out[1] = "plain text" end
  local seen, unique = {}, {}
  for _, name in ipairs(out) do
    if not seen[name] then unique[#unique + 1] = name end
    seen[name] = true
  end
  return unique
end

---Chooses: give each result to add(), then ask for the list.
---@return { add: fun(result: table, extra: any), list: fun(most: integer): { construct: string, result: table, extra: any }[] }
function constructs.chooser()
  local order, best = {}, {}
  local chooser = {}

  local function size(result) return #(result.message and result.message.body or "") end

  function chooser.add(result, extra)
    for _, name in ipairs(constructs.of(result)) do
      local known = best[name]
      if not known then order[#order + 1] = name end
      -- A short one is read at a glance, but one word is no sample.
      if not known or size(result) < size(known.result) and size(result) >= 20 then
        best[name] = { construct = name, result = result, extra = extra }
      end
    end
  end

  -- One for each construct, none twice: who shows two of them stands for both.
  function chooser.list(most)
    local shown, out = {}, {}
    table.sort(order)
    for _, name in ipairs(order) do
      local choice = best[name]
      if not shown[choice.result] and #out < most then
        shown[choice.result] = true
        out[#out + 1] = choice
      end
    end
    return out
  end

  return chooser
end

return constructs
