---Tidelog, the invented chat of a harbour: one text file a room, `rooms/<room>.log`, and who is who in `people.csv`.
---
---    teamferry run tidelog.lua --export sample --complete
---
---A line is `2021-04-21 09:00:05 | ada | text`, times in the harbour's zone; a line `  > ben | text` answers the one above
---it, and a line that starts with * is an event.
local tidelog = source.new {
  name = "tidelog", summary = "Tidelog, the invented chat of a harbour", api = 1,
  args = {
    zone = arg.text { default = "Europe/Lisbon", doc = "zone that the harbour's clock shows" },
    closed = arg.list { doc = "rooms that not everybody could read", example = "payroll" },
  },
}

-- Reading hands over the records as they are: rows of the table of people ...
function tidelog:people(ctx, emit) emit(ctx.export:records "people.csv") end

-- ... a record for each room ...
function tidelog:conversations(ctx, emit)
  for _, file in ipairs(ctx.export:list "rooms/*.log") do
    emit({ id = file:match "([^/]+)%.log$", file = file }, nil, file)
  end
end

-- ... and one for each line. An answer needs to know what it answers, which only the reader sees: it writes that down.
function tidelog:messages(room, ctx, emit)
  local number, root, moment = 0, nil, nil
  for line in ctx.export:lines(room.file) do
    number = number + 1
    local record = { line = line, root = line:find "^  > " and root, moment = moment, id = tostring(number) }
    if not record.root then
      root, moment = record.id, line:match "^%*? ?(%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d)" or moment
      record.moment = moment
    end
    emit(record, nil, room.file, number)
  end
end

-- Mapping makes of one record a person, a place or a message, or says why not.
function tidelog:person(row)
  if row.left == "yes" then return { id = row.handle, name = row.name, kind = "deleted" } end
  return { id = row.handle, name = row.name, mail = row.mail }
end

function tidelog:place(room)
  local private = false
  for _, name in ipairs(self.args.closed or {}) do private = private or name == room.id end
  return { id = room.id, displayName = room.id, membershipType = private and "private" or "standard" }
end

function tidelog:message(record, ctx)
  if record.line == "" then return nil, "empty line" end
  if record.line:find "^%*" then return nil, "event" end
  local author, words = record.line:match "| *([^|]+) | (.*)$"
  if record.root then author, words = record.line:match "^  > ([^|]+) | (.*)$" end
  if not author then error("this is no line of Tidelog: " .. text.excerpt(record.line, 40), 0) end
  return {
    id              = record.id,
    createdDateTime = time.parse(record.moment, "%Y-%m-%d %H:%M:%S", self.args.zone),
    from            = author,
    replyToId       = record.root or nil,
    body            = { contentType = "html", content = self:content(words, ctx) },
  }
end

---What was said, with mentions; a picture is named, as a loss.
function tidelog:content(words, ctx)
  local content = markdown.to_html(words)
  content = html.replace(content, "@(%a+)", function(handle) return ctx.person(handle).known and html.mention(handle) or nil end)
  return (html.replace(content, "{picture:([^}]+)}", function(name)
    ctx.loss("picture", name)
    return "<em>[" .. html.escape(name) .. "]</em>"
  end))
end

return tidelog
