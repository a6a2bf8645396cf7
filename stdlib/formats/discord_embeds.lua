---What stands below a message of Discord (SOURCES 5): what a bot or a forward embeds is part of what was said and becomes a card;
---the preview of a link is not. Tested by tests/scripts/discord_test.lua.
local card = require "stdlib.card"
local given = require "stdlib.given"

local discord_embeds = {}

local filled, list_of, table_of = given.text, given.list, given.table

---@param message table  as DiscordChatExporter writes it
---@param convert fun(words: string): string  Discord's Markdown as HTML
---@param loss fun(kind: string, detail: string?)
---@return string  # HTML, "" if nothing is embedded
function discord_embeds.to_html(message, convert, loss)
  local out = ""
  local shown = table_of(message.author) and message.author.isBot == true or not filled(message.content)
  for _, embed in ipairs(list_of(message.embeds)) do
    if type(embed) == "table" then
      local author, footer = table_of(embed.author) or {}, table_of(embed.footer) or {}
      local fields = {}
      for i, field in ipairs(list_of(embed.fields)) do
        fields[i] = type(field) == "table" and { title = field.name, value = field.value }
      end
      local content = shown and card.to_html({ author_name = author.name, title = embed.title, title_link = embed.url,
        text = embed.description, fields = fields, footer = footer.text }, convert)
      if content and content ~= "" then out = out .. content else loss("preview", filled(embed.url)) end
    end
  end
  return out
end

return discord_embeds
