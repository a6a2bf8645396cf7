---A card as a quotation: what bots put below a message, in the shape that Slack once gave it and Mattermost and
---Rocket.Chat took over: pretext, author, title, text, fields, footer. What only looks (colour, pictures of the author) is
---dropped. Tested by tests/stdlib/card_test.lua.
local given = require "stdlib.given"
local html = require "stdlib.html"

local card = {}

local function lines(content) -- paragraphs as lines
  return (content:gsub("</p><p>", "<br>"):gsub("^<p>(.-)</p>", "%1"):gsub("</?p>", ""))
end

---@param attachment table
---@param convert fun(text: string): string  the markup of the source, as HTML
---@param loss? fun(kind: string, detail: string?)
---@return string  # "" if it shows nothing
function card.to_html(attachment, convert, loss)
  local out = {}
  local function add(content) if content and content ~= "" then out[#out + 1] = content end end
  local function words(field)
    local value = given.text(attachment[field])
    return value and lines(convert(value))
  end
  add(words "pretext")
  local author = given.text(attachment.author_name)
  add(author and "<strong>" .. html.escape(author) .. "</strong>")
  local title, link = given.text(attachment.title), given.url(attachment.title_link)
  add(title and "<strong>" .. (link and html.link(link, title) or html.escape(title)) .. "</strong>")
  add(words "text")
  for _, field in ipairs(given.list(attachment.fields)) do
    if type(field) == "table" then
      local name, value = given.text(field.title), field.value
      value = type(value) == "number" and tostring(value) or given.text(value) or ""
      add((name and "<strong>" .. html.escape(name) .. "</strong>: " or "") .. lines(convert(value)))
    end
  end
  local image = given.url(attachment.image_url)
  add(image and html.link(image))
  local footer = given.text(attachment.footer)
  add(footer and html.escape(footer))
  if #out == 0 then add(words "fallback") end
  if loss and (given.list(attachment.actions)[1]) then loss("card", title or "buttons") end
  return #out > 0 and "<blockquote>" .. table.concat(out, "<br>") .. "</blockquote>" or ""
end

return card
