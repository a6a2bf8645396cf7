---What a message is made of: links, lists, code, replies, reactions, files … counted over a whole export for `assess`.
---
---Counts what the mapping returned, so that it is the same for every source: what a script's own format calls a poll or
---a card has become HTML by then, and a loss. Tested by tests/stdlib/census_test.lua.
local census = {}

local find, ipairs, type = string.find, ipairs, type

-- In the order in which a report shows them: { name, label, marks in the HTML }.
local IN_TEXT = {
  { "mention", "mentions of people", { "<at person=" } },
  { "conversation_link", "links to a conversation", { "<a conversation=" } },
  { "message_link", "links to a message", { "<a message=" } },
  { "link", "links to the web", { "<a href=" } },
  { "bold", "bold", { "<strong>", "<b>" } },
  { "italic", "italic", { "<em>", "<i>" } },
  { "strike", "struck through", { "<s>", "<strike>", "<del>" } },
  { "code", "code in a line", { "<code>" } },
  { "code_block", "code blocks", { "<pre" } },
  { "quote", "quotations", { "<blockquote" } },
  { "list", "lists, also those inside of others", { "<ul", "<ol" } },
  { "table", "tables", { "<table" } },
  { "heading", "headings", { "<h1", "<h2", "<h3", "<h4", "<h5", "<h6" } },
}
local IN_FIELDS = {
  { "reply", "replies in threads" }, { "reaction", "reactions, one person each" }, { "edit", "edited messages" },
  { "image", "images" }, { "file", "other files" }, { "subject", "subjects" }, { "importance", "important messages" },
}

---@type { name: string, label: string }[]
census.all = {}
for _, list in ipairs { IN_FIELDS, IN_TEXT } do
  for _, construct in ipairs(list) do census.all[#census.all + 1] = { name = construct[1], label = construct[2] } end
end

-- seen[name] = { how many, in how many messages }
local function add(seen, name, count)
  if count == 0 then return end
  local sums = seen[name]
  if sums then
    sums[1], sums[2] = sums[1] + count, sums[2] + 1
  else
    seen[name] = { count, 1 }
  end
end

local function occurrences(body, marks)
  local count = 0
  for _, mark in ipairs(marks) do
    local at = find(body, mark, 1, true)
    while at do
      count = count + 1
      at = find(body, mark, at + #mark, true)
    end
  end
  return count
end

local function people_of(reaction)
  local named = type(reaction.users) == "table" and #reaction.users or 0
  return math.max(tonumber(reaction.count) or 0, named, 1)
end

---Counts one message; `file_bytes` counts bytes.
---@param seen table<string, number[]>  { how many, in how many messages } by name; grows
---@param message table  as the step `message` returned it
---@param body string  its HTML with markers, without what the runtime adds
function census.count(seen, message, body)
  if find(body, "<%a[^>p]") then -- most are one paragraph
    for _, construct in ipairs(IN_TEXT) do add(seen, construct[1], occurrences(body, construct[3])) end
  end
  if message.replyToId ~= nil and message.replyToId ~= message.id then add(seen, "reply", 1) end
  if message.lastEditedDateTime ~= nil then add(seen, "edit", 1) end
  if message.subject ~= nil and message.subject ~= "" then add(seen, "subject", 1) end
  if message.importance ~= nil and message.importance ~= "normal" then add(seen, "importance", 1) end
  if type(message.reactions) == "table" then
    local people = 0
    for _, reaction in ipairs(message.reactions) do people = people + people_of(reaction) end
    add(seen, "reaction", people)
  end
  if type(message.files) == "table" then
    local images, bytes = 0, 0
    for _, file in ipairs(message.files) do
      bytes = bytes + (tonumber(file.size_bytes) or 0)
      if type(file.contentType) == "string" and find(file.contentType, "^image/") then images = images + 1 end
    end
    add(seen, "image", images)
    add(seen, "file", #message.files - images)
    add(seen, "file_bytes", bytes)
  end
end

return census
