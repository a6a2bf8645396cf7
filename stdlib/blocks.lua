---Slack's Block Kit and attachments to HTML (SOURCES 2.16, 2.17).
---
---Controls have no form in Teams and leave nothing, with the loss `card` that names them; a button that opens a page is
---a link, and so is a remote picture. The options of a poll, sections with a button each, are a table.
---An attachment is one quotation, its parts joined by <br>. Tested by tests/stdlib/blocks_test.lua.
local emoji = require "stdlib.emoji"
local html = require "stdlib.html"
local markdown = require "stdlib.markdown"
local mrkdwn = require "stdlib.mrkdwn"
local rich_text = require "stdlib.rich_text"

local blocks = {}

local concat, find, gsub, match = table.concat, string.find, string.gsub, string.match
local ipairs, tostring, type = ipairs, tostring, type

local ctx, options -- of the message being converted

local function lost(kind, detail)
  if ctx then ctx.loss(kind, detail) end
end

local function text_of(value) return type(value) == "string" and value or type(value) == "number" and tostring(value) or "" end

local function list_of(value) return type(value) == "table" and value or {} end

-- Wire text is escaped; what is shown elsewhere is not.
local function plain(text) return (gsub(text, "&%a+;", { ["&amp;"] = "&", ["&lt;"] = "<", ["&gt;"] = ">" })) end

-- A text object { type, text }: escaped HTML without a paragraph, newlines as they are.
local function plain_object(object)
  local text = plain(text_of(object.text))
  if object.emoji ~= false then text = emoji.replace(text, options and options.emoji) end
  return html.escape(text)
end

local function object_blocks(object)
  if type(object) == "string" then return mrkdwn.to_html(object, options) end
  object = list_of(object)
  if object.type == "mrkdwn" then return mrkdwn.to_html(text_of(object.text), options) end
  return html.paragraphs(plain_object(object))
end

local function object_line(object)
  if type(object) == "string" then return html.escape(object) end
  object = list_of(object)
  if object.type == "mrkdwn" then return mrkdwn.to_inline(text_of(object.text), options) end
  return (gsub(plain_object(object), "\n", "<br>"))
end

local function picture(element)
  local file = list_of(element.slack_file)
  local url = text_of(element.image_url)
  if url == "" then url = text_of(file.url) end
  local label = text_of(list_of(element.title).text)
  if label == "" then label = text_of(element.title) end
  if label == "" then label = text_of(element.alt_text) end
  label = plain(label)
  if url == "" then return label ~= "" and html.escape("[image: " .. label .. "]") or "" end
  return html.link(url, label ~= "" and label or url)
end

-- A file of the workspace needs a sign-in and may carry a token in its address: its name only.
local function remote(element)
  local url = text_of(element.image_url)
  if find(url, "^https?://[%w.-]*slack%.com/") or element.slack_file then
    local label = text_of(list_of(element.title).text)
    if label == "" then label = text_of(element.alt_text) end
    lost("image_not_carried", label)
    return html.escape("[image: " .. (label ~= "" and plain(label) or "unnamed") .. "]")
  end
  return picture(element)
end

-- The words on a control, for people.
local function named_control(element)
  local label = text_of(list_of(element.text).text)
  if label == "" then label = text_of(element.text) end
  if label == "" then label = text_of(list_of(element.placeholder).text) end
  local kind = text_of(element.type)
  return label ~= "" and kind .. ": " .. plain(label) or kind
end

-- A control as HTML: a button that opens a page is a link to it, and everything else is a loss.
local function control(element)
  local url = text_of(element.url)
  if element.type == "button" and url ~= "" then
    local label = object_line(element.text)
    return html.link_html(plain(url), label ~= "" and label or html.escape(plain(url)))
  end
  lost("card", named_control(element))
  return ""
end

local BLOCK = {} -- [type] = function of a block that gives HTML

function BLOCK.rich_text(block) return rich_text.to_html(list_of(block.elements), ctx, options) end

function BLOCK.section(block)
  local out = {}
  if block.text then out[1] = object_blocks(block.text) end
  for _, field in ipairs(list_of(block.fields)) do out[#out + 1] = object_blocks(field) end
  local accessory = block.accessory
  if type(accessory) == "table" then
    local link = accessory.type == "image" and remote(accessory) or accessory.type ~= "image" and control(accessory) or ""
    if link ~= "" then out[#out + 1] = "<p>" .. link .. "</p>" end
  end
  return concat(out)
end

function BLOCK.header(block)
  local line = object_line(block.text)
  return line ~= "" and "<h3>" .. line .. "</h3>" or ""
end

function BLOCK.context(block)
  local out = {}
  for _, element in ipairs(list_of(block.elements)) do
    if type(element) == "table" and element.type ~= "image" then
      local line = object_line(element)
      if line ~= "" then out[#out + 1] = line end
    end
  end
  return #out > 0 and "<p>" .. concat(out, " ") .. "</p>" or ""
end

function BLOCK.divider() return "<hr>" end

function BLOCK.image(block)
  local link = remote(block)
  return link ~= "" and "<p>" .. link .. "</p>" or ""
end

function BLOCK.markdown(block) return markdown.to_html(text_of(block.text)) end

function BLOCK.video(block)
  local title = text_of(list_of(block.title).text)
  local url = text_of(block.title_url)
  if url == "" then url = text_of(block.video_url) end
  if title == "" then title = text_of(block.alt_text) end
  if url == "" then return title ~= "" and "<p>" .. html.escape(plain(title)) .. "</p>" or "" end
  return "<p>" .. html.link(url, title ~= "" and plain(title) or url) .. "</p>"
end

local function controls(block)
  local out = {}
  for _, element in ipairs(list_of(block.elements or { block.element })) do
    local link = type(element) == "table" and control(element) or ""
    if link ~= "" then out[#out + 1] = link end
  end
  return #out > 0 and "<p>" .. concat(out, " ") .. "</p>" or ""
end
BLOCK.actions, BLOCK.input, BLOCK.context_actions = controls, controls, controls

local function cell(content)
  if type(content) ~= "table" then return "" end
  if content.type == "rich_text" then
    local body = rich_text.to_html(list_of(content.elements), ctx, options)
    local inner = match(body, "^<p>(.*)</p>$")
    return inner and not find(inner, "</p>", 1, true) and inner or body
  end
  return (gsub(html.escape(text_of(content.text)), "\n", "<br>"))
end

function BLOCK.table(block)
  local out = {}
  for _, row in ipairs(list_of(block.rows)) do
    local cells = {}
    for i, content in ipairs(list_of(row)) do cells[i] = "<td>" .. cell(content) .. "</td>" end
    if #cells > 0 then out[#out + 1] = "<tr>" .. concat(cells) .. "</tr>" end
  end
  return #out > 0 and "<table>" .. concat(out) .. "</table>" or ""
end

function BLOCK.call(block)
  local call = list_of(list_of(block.call).v1)
  local title, url = plain(text_of(call.name)), plain(text_of(call.join_url))
  lost("call", title)
  if title == "" and url == "" then return "" end
  if title == "" then title = "Call" end
  return "<p>" .. (url ~= "" and html.link(url, title) or html.escape(title)) .. "</p>"
end

local PARTS = { "title", "subtitle", "header", "text", "body", "description", "fields", "elements", "rows" }

-- Whatever is newer than this list: the texts in it, so that no word is lost with the form.
local function texts_of(value, out, depth)
  if type(value) ~= "table" or depth > 6 then return end
  if type(value.text) == "string" then
    local body = value.type == "mrkdwn" and object_blocks(value) or html.paragraphs(plain_object(value))
    if body ~= "" then out[#out + 1] = body end
  elseif BLOCK[value.type] and depth > 0 then
    out[#out + 1] = BLOCK[value.type](value)
  else
    for _, part in ipairs(PARTS) do
      local inner = value[part]
      if type(inner) == "string" and inner ~= "" then
        out[#out + 1] = html.paragraphs(html.escape(plain(inner)))
      else
        texts_of(inner, out, depth + 1)
      end
    end
    for _, inner in ipairs(value) do texts_of(inner, out, depth + 1) end
  end
end

local function render(block)
  local kind = type(block) == "table" and block.type
  local known = BLOCK[kind]
  if known then return known(block) end
  lost("card", text_of(kind))
  local out = {}
  texts_of(block, out, 0)
  return concat(out)
end

local function section_text(block)
  local text = type(block) == "table" and block.type == "section" and not block.fields and block.text
  return type(text) == "table" and type(text.text) == "string" and text or nil
end

-- A section that is an option of a poll: its button votes.
local function is_option(block)
  if not section_text(block) then return false end
  local accessory = list_of(block.accessory)
  return accessory.type == "button" and text_of(accessory.url) == ""
end

-- A section that is an answer to a form: "*Question*" on the first line, the answer below.
local function is_answer(block)
  local text = section_text(block)
  return text and text.type == "mrkdwn" and not block.accessory and find(text.text, "^%*[^*\n]+%*:?[ \t]*\n[^\n]") ~= nil
end

-- Sections from `first` on as a table, a row each: the first line, and the rest. Gives it and the place of the last.
local function rows_of(list, first, belongs)
  local out, at = {}, first
  while belongs(list[at]) do
    local line = gsub(object_line(list[at].text), "<br>$", "")
    local head, rest = match(line, "^(.-)<br>(.*)$")
    if not head or head == "" then head, rest = line, "" end
    out[#out + 1] = "<tr><td>" .. head .. "</td><td>" .. rest .. "</td></tr>"
    at = at + 1
  end
  return "<table>" .. concat(out) .. "</table>", at - 1
end

---Turns blocks into HTML.
---@param list table[]?
---@param context? table  its loss is told what has no form in Teams
---@param opt? { emoji?: table<string, string>, usergroups?: table<string, string>, workflow?: boolean }  workflow: answers to a
---form are a table
---@return string  # "" if they show nothing
function blocks.to_html(list, context, opt)
  if type(list) ~= "table" then return "" end
  ctx, options = context, opt
  local first = list[1]
  if first and list[2] == nil and type(first) == "table" and first.type == "rich_text" then -- nearly always
    return rich_text.to_html(first.elements, context, opt)
  end
  local out, n, i = {}, 0, 1
  while i <= #list do
    local body
    if is_option(list[i]) and is_option(list[i + 1]) then
      local from = i
      body, i = rows_of(list, i, is_option)
      lost("poll", i - from + 1 .. " options")
    elseif opt and opt.workflow and is_answer(list[i]) then
      body, i = rows_of(list, i, is_answer)
    else
      body = render(list[i])
    end
    ctx, options = context, opt
    if body ~= "" then
      n = n + 1
      out[n] = body
    end
    i = i + 1
  end
  return concat(out, "", 1, n)
end

local function named(attachment, field) -- whether a field is written in mrkdwn
  for _, name in ipairs(list_of(attachment.mrkdwn_in)) do
    if name == field then return true end
  end
  return false
end

-- One field of an attachment as HTML on lines of its own. Links and mentions count in any field.
local function line_of(attachment, field, always)
  local text = text_of(attachment[field])
  if text == "" then return "" end
  if always or named(attachment, field) then return mrkdwn.to_inline(text, options) end
  local out, at = {}, 1
  while true do
    local first, last = find(text, "<[^<>\n]+>", at)
    out[#out + 1] = html.escape(plain(text:sub(at, (first or 0) - 1)))
    if not first then break end
    out[#out + 1] = mrkdwn.to_inline(text:sub(first, last), options)
    at = last + 1
  end
  return (gsub(match(gsub(concat(out), "\r\n?", "\n"), "^\n*(.-)\n*$"), "\n", "<br>"))
end

-- A message that is quoted. slackdump leaves the marks of one out: then its address tells.
local function is_shared(attachment)
  return attachment.is_msg_unfurl or attachment.is_share or attachment.is_reply_unfurl or attachment.is_thread_root_unfurl
    or type(attachment.from_url) == "string" and find(attachment.from_url, "^https://[%w.-]+%.slack%.com/archives/%w+/p%d+") ~= nil
end

local function quotation(attachment)
  local out, n = {}, 0
  local function add(line)
    if line and line ~= "" then
      n = n + 1
      out[n] = line
    end
  end
  local shared = is_shared(attachment)
  add(line_of(attachment, "pretext"))
  local author = text_of(attachment.author_name)
  if author == "" then author = text_of(attachment.author_subname) end
  if author ~= "" then
    local link = shared and mrkdwn.message_link(text_of(attachment.from_url), plain(author), ctx)
    add("<strong>" .. (link or html.escape(plain(author))) .. "</strong>")
  end
  local title, title_link = text_of(attachment.title), text_of(attachment.title_link)
  if title ~= "" then
    title = plain(title)
    add("<strong>" .. (title_link ~= "" and html.link(plain(title_link), title) or html.escape(title)) .. "</strong>")
  end
  local body = ""
  for _, quoted in ipairs(list_of(attachment.message_blocks)) do
    local message = type(quoted) == "table" and list_of(quoted.message)
    if message then
      body = body .. mrkdwn.flat(blocks.to_html(message.blocks, ctx, options))
    end
  end
  if body == "" and attachment.blocks then body = mrkdwn.flat(blocks.to_html(attachment.blocks, ctx, options)) end
  if body == "" then body = line_of(attachment, "text", shared) end
  add(body)
  for _, field in ipairs(list_of(attachment.fields)) do
    if type(field) == "table" then
      local name = html.escape(plain(text_of(field.title)))
      local value = named(attachment, "fields") and mrkdwn.to_inline(text_of(field.value), options) or line_of(field, "value")
      add(name ~= "" and "<strong>" .. name .. "</strong>" .. (value ~= "" and ": " .. value or "") or value)
    end
  end
  for _, file in ipairs(list_of(attachment.files)) do
    if type(file) == "table" then
      local name = text_of(file.name)
      if name == "" then name = text_of(file.title) end
      if name == "" then name = text_of(file.id) end
      lost("file_not_carried", name)
      add(html.escape("[file: " .. name .. "]"))
    end
  end
  if attachment.image_url and not attachment.from_url then
    local link = remote { image_url = attachment.image_url, alt_text = title ~= "" and title or nil }
    add(link)
  end
  add(line_of(attachment, "footer"))
  for _, action in ipairs(list_of(attachment.actions)) do
    if type(action) == "table" then add(control(action)) end
  end
  if n == 0 then add(line_of(attachment, "fallback")) end
  return n > 0 and "<blockquote>" .. concat(out, "<br>") .. "</blockquote>" or ""
end

---Turns attachments into quotations. A link unfurl repeats what the link says: it is dropped, with the loss `preview`.
---@param list table[]?
---@param context? table
---@param opt? { emoji?: table<string, string>, usergroups?: table<string, string>, all?: boolean }
---@return string
function blocks.attachments(list, context, opt)
  if type(list) ~= "table" then return "" end
  ctx, options = context, opt
  local out, n = {}, 0
  for i = 1, #list do
    local attachment = list[i]
    if type(attachment) == "table" then
      local unfurl = (attachment.from_url or attachment.is_app_unfurl) and not is_shared(attachment)
      if unfurl and not (opt and opt.all) then
        lost("preview", text_of(attachment.from_url or attachment.app_unfurl_url))
      else
        n = n + 1
        out[n] = quotation(attachment)
        ctx, options = context, opt
      end
    end
  end
  return concat(out, "", 1, n)
end

return blocks
