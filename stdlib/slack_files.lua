---What the files of a Slack message are, and what of them is text (SOURCES 2.12).
---
---An export holds objects that describe files, and some of those are none: links, posts, e-mails, remains of what was
---deleted. Each is told apart by `kind`; what is text or a link is HTML by `shown`; what is to be moved as a file is in
---`carried`. Tested by tests/stdlib/slack_files_test.lua.
local html = require "stdlib.html"

local slack_files = {}

local concat, find, gsub, ipairs, match, sub = table.concat, string.find, string.gsub, ipairs, string.match, string.sub
local tonumber, type = tonumber, type

local LONGEST_SNIPPET = 8192   -- bytes that stand in the text as code; a longer one is a file
local LARGEST_LOOK = 4194304   -- bytes of a downloaded file that are read to see whether it is a sign-in page

local function filled(value) return type(value) == "string" and value ~= "" and value or nil end

local function list_of(value) return type(value) == "table" and value or {} end

---The file objects of a message, of both eras.
---@param message table
---@return table[]?
function slack_files.of(message)
  if type(message.files) == "table" then return message.files end
  return type(message.file) == "table" and { message.file } or nil
end

---The name that people know a file by.
---@param file table
---@return string
function slack_files.name(file)
  return filled(file.name) or filled(file.title) or filled(file.id) or "unnamed"
end

local MODES = { hidden_by_limit = "hidden", tombstone = "deleted", snippet = "snippet", space = "post", docs = "post", quip = "canvas",
  canvas = "canvas", list = "list", email = "email" }
local ACCESS = { check_file_info = true, file_not_found = true, access_denied = true }

---What a file object is.
---@param file table
---@return "hosted"|"external"|"snippet"|"post"|"canvas"|"list"|"email"|"hidden"|"deleted"|"stub"
function slack_files.kind(file)
  local mode = filled(file.mode)
  if mode == "hidden_by_limit" or mode == "tombstone" then return MODES[mode] end
  if ACCESS[file.file_access] then return "stub" end
  if (file.is_external == true or mode == "external") and filled(file.url_private) then return "external" end
  if file.mimetype == "application/vnd.slack-docs" then return "canvas" end
  return MODES[mode] or "hosted"
end

-- Where a download of the file lies in the export; slackdump has three ways.
local function path_of(file, ctx)
  local room = ctx and ctx.conversation
  local export = ctx and ctx.export
  local id, name = filled(file.id), filled(file.name)
  if not (room and export and id and name) or type(room.uploads) ~= "string" then return nil end
  local here = room.folder or room.uploads .. room.id
  for _, path in ipairs { room.uploads .. "__uploads/" .. id .. "/" .. name, here .. "/attachments/" .. id .. "-" .. name,
    room.uploads .. "attachments/" .. id .. "-" .. name, here .. "/" .. id .. "-" .. name } do
    if export:has(path) then return path end
  end
  return nil
end

---Tells whether the bytes of a download are a web page where the file is none: what comes without a right to read it.
---@param bytes string  its first few hundred bytes will do
---@param file table
---@return boolean
function slack_files.sign_in_page(bytes, file)
  if match(filled(file.mimetype) or "", "html") or match(slack_files.name(file), "%.[hH][tT][mM][lL]?$") then return false end
  local head = sub(bytes, 1, 512):lower()
  return find(head, "^%s*<!doctype html") ~= nil or find(head, "^%s*<html") ~= nil
end

-- The text of a snippet if all of it is at hand and it is short; else it is a file.
local function code_of(file, ctx)
  local size, preview = tonumber(file.size), filled(file.preview)
  if size and size > LONGEST_SNIPPET then return nil end
  local path = path_of(file, ctx)
  local text = path and ctx.export:read(path)
  if text and #text <= LONGEST_SNIPPET and not slack_files.sign_in_page(text, file) then return text end
  if not preview or #preview > LONGEST_SNIPPET or file.preview_is_truncated == true then return nil end
  if size and #preview >= size or tonumber(file.lines_more) == 0 then return preview end
  return nil
end

local function marked(name, why) return "<p>" .. html.escape("[file: " .. name .. ", " .. why .. "]") .. "</p>" end

local STUBS = { check_file_info = "of another workspace", file_not_found = "not found", access_denied = "access denied" }

local function linked(file, url)
  local label = filled(file.title) or slack_files.name(file)
  return "<p>" .. (url and html.link(url, label) or html.escape("[" .. label .. "]")) .. "</p>"
end

local function people_of(list)
  local out = {}
  for _, person in ipairs(list_of(list)) do
    if type(person) == "table" then out[#out + 1] = filled(person.original) or filled(person.address) or filled(person.name) end
  end
  return #out > 0 and concat(out, ", ") or nil
end

local SHOWN = {}

function SHOWN.hidden(file, loss)
  loss("file_hidden", filled(file.id))
  return marked(slack_files.name(file), "hidden by the plan's limit")
end

function SHOWN.deleted(file, loss)
  loss("file_deleted", filled(file.id))
  return marked(slack_files.name(file), "deleted")
end

function SHOWN.stub(file, loss)
  loss("file_missing", slack_files.name(file))
  return marked(slack_files.name(file), STUBS[file.file_access])
end

function SHOWN.external(file, loss)
  loss("file_external", slack_files.name(file))
  return linked(file, file.url_private)
end

function SHOWN.canvas(file, loss, ctx)
  if path_of(file, ctx) then return nil end
  loss("canvas", filled(file.title) or slack_files.name(file))
  return linked(file, filled(file.permalink))
end

function SHOWN.list(file, loss)
  loss("list", filled(file.title) or slack_files.name(file))
  return linked(file, filled(file.permalink))
end

function SHOWN.snippet(file, _, ctx)
  local code = code_of(file, ctx)
  if not code then return nil end
  local title = filled(file.title)
  if title == "Untitled" then title = nil end
  code = gsub(gsub(code, "\r\n?", "\n"), "\n$", "")
  return (title and "<p>" .. html.escape(title) .. "</p>" or "") .. "<pre>" .. html.escape(code) .. "</pre>"
end

function SHOWN.email(file, loss)
  local text = filled(file.plain_text) or filled(file.preview_plain_text)
  if not text then return nil end
  local subject = filled(file.subject) or filled(file.title)
  loss("email", subject)
  local out = {}
  if subject then out[1] = "<strong>" .. html.escape(subject) .. "</strong>" end
  for _, field in ipairs { "from", "to", "cc" } do
    local people = people_of(file[field])
    if people then out[#out + 1] = html.escape(field:sub(1, 1):upper() .. field:sub(2) .. ": " .. people) end
  end
  out[#out + 1] = gsub(html.escape((gsub(text, "\r\n?", "\n"))), "\n", "<br>")
  for _, attached in ipairs(list_of(file.attachments)) do
    if type(attached) == "table" then
      local name = filled(attached.filename) or slack_files.name(attached)
      loss("file_missing", name)
      out[#out + 1] = html.escape("[file: " .. name .. "]")
    end
  end
  return "<blockquote>" .. concat(out, "<br>") .. "</blockquote>"
end

-- What Slack wrote down of a recording stands below it.
local function transcript_of(file)
  local words = filled(list_of(list_of(file.transcription).preview).content)
  return words and "<blockquote>" .. html.escape(words) .. "</blockquote>"
end

---The HTML of a file that is text or a link; nil if it is to be carried as a file.
---@param file table
---@param ctx table
---@return string?
function slack_files.shown(file, ctx)
  local render = SHOWN[slack_files.kind(file)]
  return render and render(file, ctx.loss, ctx)
end

---The HTML of all files of a message, in their order: "" if there is nothing to show.
---@param message table
---@param ctx table
---@return string
function slack_files.to_html(message, ctx)
  local out = {}
  for _, file in ipairs(list_of(slack_files.of(message))) do
    if type(file) == "table" then out[#out + 1] = slack_files.shown(file, ctx) or transcript_of(file) end
  end
  return concat(out)
end

-- Whether the text shows the file, so that it is not to be moved.
local function is_text(file, ctx)
  local kind = slack_files.kind(file)
  if kind == "hosted" or kind == "post" then return false end
  if kind == "snippet" then return code_of(file, ctx) ~= nil end
  if kind == "canvas" then return path_of(file, ctx) == nil end
  if kind == "email" then return (filled(file.plain_text) or filled(file.preview_plain_text)) ~= nil end
  return true
end

-- The name with an ending: posts and canvases are web pages.
local function named(file, kind)
  local name = slack_files.name(file)
  if (kind == "post" or kind == "canvas") and not find(name, "%.[hH][tT][mM][lL]?$") then name = name .. ".html" end
  return name
end

---The files of a message that are to be moved, as a message's `files` has them. One that cannot be read has no address.
---@param message table
---@param ctx table
---@return table[]
function slack_files.carried(message, ctx)
  local out = {}
  for _, file in ipairs(list_of(slack_files.of(message))) do
    if type(file) == "table" and not is_text(file, ctx) then
      local kind = slack_files.kind(file)
      local name, path = named(file, kind), path_of(file, ctx)
      local entry = { id = filled(file.id), name = name, path = path, size_bytes = tonumber(file.size), contentType = filled(file.mimetype),
        url = filled(file.url_private_download) or filled(file.url_private) }
      local size = tonumber(file.size) or 0
      local bytes = path and size <= LARGEST_LOOK and ctx.export:read(path)
      if bytes and slack_files.sign_in_page(bytes, file) then
        entry.name, entry.path, entry.url = name .. ", a sign-in page in its place", nil, nil
      elseif bytes and size > 0 and #bytes ~= size then
        ctx.loss("file_damaged", ("%s has %d bytes, not %d"):format(name, #bytes, size))
      end
      out[#out + 1] = entry
    end
  end
  return out
end

return slack_files
