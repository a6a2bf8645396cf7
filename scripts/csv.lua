---Any table of messages, as CSV or JSONL: a map of columns is all that a project writes.
---
---    local csv = require "scripts.csv"
---    return csv:extend { name = "helpdesk", args = {
---      export = "log.csv", conversation = "Room", author = "Mail", text = "Text", time = "Date",
---      time_format = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" } }
---
---One row is one message. Only time, author and text must be there; without a conversation column all goes into one channel
---named after the file. A time without a format is ISO 8601 with its offset, or a Unix time in s, ms or us. A sample of what plan
---prints:
---
---    #billing 1,204 messages, 310 in threads
---    losses: file_not_carried 12
---
---Replace `content` in a project to change the text, `place` to sort channels.
local given = require "stdlib.given"

local filled = given.text

local function column(default, doc) return arg.text { default = default, doc = "column: " .. doc } end

local csv = source.new {
  name = "csv", summary = "Tables of messages: CSV, JSON or JSONL, with a map of columns", api = 1, version = "1.0",
  categories = { "table" },
  args = {
    export = arg.path { required = true, doc = "CSV, JSON or JSONL, or a folder or zip of them", example = "log.csv" },
    conversation = column("conversation", "name of the channel"),
    kind = column("kind", "channel, private, group or dm"),
    id = column("id", "the message's own id; without it replies cannot name it"),
    reply_to = column("reply_to", "id of the message it answers"),
    time = column("time", "when it was written"),
    author = column("author", "mail address, name or id of who wrote it"),
    author_name = column("author_name", "name that people are shown by"),
    text = column("text", "what was written"),
    edited = column("edited", "when it was edited"),
    deleted = column("deleted", "true, yes or 1: it is left behind"),
    attached = column("files", "paths or addresses of files, separated by file_separator"),
    reacted = column("reactions", "as in 👍:ann;bob 🎉:cyd"),
    format = arg.choice { "text", "html", "markdown", "mrkdwn", default = "text", doc = "how the text is written" },
    time_format = arg.text { doc = "pattern of times, such as %d.%m.%Y %H:%M", example = "%d.%m.%Y %H:%M" },
    zone = arg.text { doc = "zone of times that have none", example = "Europe/Berlin" },
    file_separator = arg.text { default = "|", doc = "what stands between several files" },
    separator = arg.text { doc = "what stands between columns, if it is none of , ; and tab" },
  },
}

-- Any table might be meant; commands ask this script last.
function csv.recognises(_, export) return (export:list "**.csv"[1] or export:list "**.tsv"[1]) ~= nil or nil end

function csv:all_messages(ctx, emit)
  local opt = self.args.separator and { separator = self.args.separator } or nil
  emit(ctx.export:records(nil, opt))
end

-- A cell as text; a spreadsheet's guard against formulas is taken off.
local function cell(self, row, name)
  local value = row[self.args[name]]
  if type(value) == "number" then value = given.id(value) end
  value = filled(value)
  if value and value:find "^'[=+@-]" then value = value:sub(2) end
  return value
end

local function id_in(self, row, name)
  local value = cell(self, row, name)
  if value and value:find "^%d+[.,]%d+[eE]%+%d+$" then
    error(("the %s '%s' was rounded by a spreadsheet; export again with that column as text"):format(name, value), 0)
  end
  return value
end

local UNITS = { [10] = "s", [13] = "ms", [16] = "us", [19] = "ns" }

local function time_in(self, row, name)
  local value = cell(self, row, name)
  if not value then return nil end
  if self.args.time_format then return time.parse(value, self.args.time_format, self.args.zone) end
  local whole = value:match "^(%d+)%.?%d*$"
  if whole then return time.unix(value, UNITS[#whole]) end
  if self.args.zone and value:find "%d%d:%d%d:?%d*%.?%d*$" and not value:find "[+-]%d%d:%d%d$" then
    local seconds = value:find "%d%d:%d%d:%d%d"
    return time.parse((value:gsub("T", " ")), seconds and "%Y-%m-%d %H:%M:%S" or "%Y-%m-%d %H:%M", self.args.zone)
  end
  return time.parse(value)
end

function csv:place(room)
  local kind = room.kind
  if kind == "dm" then return { id = room.id, chatType = "oneOnOne" } end
  if kind == "group" then return { id = room.id, chatType = "group", topic = room.name } end
  return { id = room.id, displayName = room.name, membershipType = (kind == nil or kind == "channel") and "standard" or "private" }
end

-- A table without a column for it is a channel of its own, named by its path: two folders may both hold a 1.csv.
local function file_of(ctx)
  local path = ctx.source_of_record:match "^(.+)%.%w+ record %d+$"
  return path and path:gsub("/", " - ") or "messages"
end

local YES = { ["true"] = true, yes = true, ["1"] = true, x = true, TRUE = true }

function csv:message(row, ctx)
  local deleted = row[self.args.deleted]
  if deleted == true or YES[deleted] then return nil, "deleted" end
  local name = cell(self, row, "conversation") or file_of(ctx)
  return {
    id                 = id_in(self, row, "id"),
    conversation       = { id = name, name = name, kind = cell(self, row, "kind") },
    createdDateTime    = time_in(self, row, "time"),
    from               = self:author(row),
    replyToId          = id_in(self, row, "reply_to"),
    lastEditedDateTime = time_in(self, row, "edited"),
    body               = { contentType = self.args.format, content = self:content(row, ctx) },
    reactions          = self:reactions(row),
    files              = self:files(row, ctx),
  }
end

---Who wrote it: what looks like a mail address is one.
function csv:author(row)
  local id, name = id_in(self, row, "author"), cell(self, row, "author_name")
  if not id and not name then return nil end
  return { id = id or name, name = name or id, mail = id and id:find "^[^%s@]+@[^%s@]+$" and id or nil }
end

---The text, as args.format says.
function csv:content(row) return cell(self, row, "text") or "" end

---Reactions, written as 👍:ann;bob 🎉:cyd.
function csv:reactions(row)
  local out
  for symbol, who in (cell(self, row, "reacted") or ""):gmatch "([^%s:]+):?(%S*)" do
    local users = {}
    for user in who:gmatch "[^;]+" do users[#users + 1] = user end
    out = out or {}
    out[#out + 1] = { reactionType = symbol, users = users, count = math.max(#users, 1) }
  end
  return out
end

---Files by path within the export, or by address.
function csv:files(row, ctx)
  local words, out = cell(self, row, "attached"), nil
  for _, where in ipairs(words and text.split(words, self.args.file_separator) or {}) do
    where = text.trim(where)
    if where ~= "" then
      local name = given.file_name((where:gsub("[?#].*$", "")))
      out = out or {}
      out[#out + 1] = { id = where, name = name, url = given.url(where), path = ctx.export:has(where) and where or nil,
        contentType = given.image_type(name) }
    end
  end
  return out
end

return csv
