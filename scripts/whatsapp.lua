---WhatsApp, from "Export chat": a zip or folder with _chat.txt (iOS) or "WhatsApp Chat with ….txt" (Android), or the text alone.
---
---    teamferry plan whatsapp --export chat.zip --team "Acme archive" --as channel --private standard --zone Europe/Berlin
---
---A chat is a chat: of two people or a group, and stays behind with the other direct messages; --as channel makes it a private
---channel. Formatting, mentions by name, polls and places as text, and files by name come along. Dates have no zone
---(--zone) and an order that the file shows (--order if it does not); people are names or numbers, so people.csv says who is
---who. A sample of what plan prints:
---
---    #Crane crew 2,410 messages; skipped: event 41, deleted 7
---    losses: file_missing 120
---
---Replace `content` in a project to change the text.
local chat = require "stdlib.formats.whatsapp"
local given = require "stdlib.given"

local whatsapp = source.new {
  name = "whatsapp", summary = "WhatsApp: an exported chat, zip or text", api = 1, version = "1.0", categories = { "chat" },
  args = {
    export = arg.path { required = true, doc = "zip, folder or text of Export chat", example = "chat.zip" },
    as = arg.choice { "chat", "channel", default = "chat", doc = "channel: a private channel instead of a chat" },
    order = arg.choice { "auto", "dmy", "mdy", "ymd", default = "auto", doc = "order of day, month and year" },
    zone = arg.text { doc = "zone of the phone; UTC if not given, as a loss", example = "Europe/Berlin" },
  },
}

function whatsapp.recognises(_, export)
  for _, file in ipairs(export:list "**.txt") do
    if chat.survey(export, file, "auto") then return true end
  end
end

function whatsapp:conversations(ctx, emit)
  local count = 0
  for _, file in ipairs(ctx.export:list "**.txt") do
    local room = chat.survey(ctx.export, file, self.args.order)
    if room then
      count = count + 1
      if room.guessed then ctx.loss("date_order_guessed", file) end
      if not self.args.zone then ctx.loss("time_zone_unknown", file) end
      emit(room, nil, file)
    end
  end
  if count == 0 then error("no text here begins its lines as a chat of WhatsApp does: give the zip that Export chat made", 0) end
end

function whatsapp:messages(room, ctx, emit) chat.messages(ctx.export, room, emit) end

function whatsapp:place(room)
  if self.args.as == "channel" then return { id = room.id, displayName = room.name, membershipType = "private" } end
  return { id = room.id, chatType = #room.authors > 2 and "group" or "oneOnOne", members = room.authors,
    topic = #room.authors > 2 and room.name or nil }
end

function whatsapp:message(message, ctx)
  if not message.author or chat.is_event(message.text) then return nil, "event" end
  if chat.is_deleted(message.text) then return nil, "deleted" end
  return {
    createdDateTime = time.parse(message.date, "%Y-%m-%d %H:%M:%S", self.args.zone or "UTC"),
    from            = message.author,
    body            = { contentType = "html", content = self:content(message, ctx) },
    files           = self:files(message, ctx),
  }
end

---WhatsApp's marks as HTML.
function whatsapp:to_html(words)
  local content = markdown.to_html(chat.bare(words), { dialect = "whatsapp" })
  return (html.replace(content, "@\226\129\168(.-)\226\129\169", function(name) return html.mention(name, name) end))
end

---The HTML of a message, without the names of files.
function whatsapp:content(message, ctx)
  local words, edited = message.text:gsub("%s*<This message was edited>", "")
  if edited > 0 then ctx.loss "edit_history" end
  if words:find "^\226\128\142?POLL:" then ctx.loss("poll", text.excerpt(words, 60)) end
  if words:find "voice call" or words:find "ideo call" then
    if words:find "^\226\128\142" then ctx.loss "call" end
  end
  words = words:gsub("<attached: [^>]*>", ""):gsub("^[^\n]* %(file attached%)", "")
  if chat.is_omitted(words) then
    ctx.loss("file_missing", chat.bare(words))
    return "<p>" .. html.escape("[" .. chat.bare(words):gsub("[<>]", "") .. "]") .. "</p>"
  end
  return self:to_html(words)
end

---The file of a message; one that was exported without media has no path.
function whatsapp:files(message, ctx)
  local name = message.text:match "<attached: ([^>]+)>" or message.text:match "^\226?\128?\142?([^\n]-) %(file attached%)"
  if not name then return nil end
  local folder = (message.file or ""):match "^(.*/)" or ""
  local path = folder .. name
  return { { id = name, name = name, path = ctx.export:has(path) and path or nil, contentType = given.image_type(name) } }
end

return whatsapp
