---The shapes that a step may return, checked: a person, a place, and the parts of a message.
---
---Each function raises a sentence for the person who wrote the script, without a position; the caller adds the
---line of the step. Unknown fields are refused with the nearest name. Tested by tests/stdlib/run_test.lua.
local arg = require "stdlib.arg"
local html = require "stdlib.html"
local markdown = require "stdlib.markdown"
local mrkdwn = require "stdlib.mrkdwn"
local suggest = require "stdlib.suggest"
local text = require "stdlib.text"
local time = require "stdlib.time"

local shape = {}

local concat, find, format = table.concat, string.find, string.format
local error, ipairs, pairs, tostring, type = error, ipairs, pairs, tostring, type
local is_time = time.is

local function set(names)
  local out = {}
  for name in names:gmatch "%S+" do out[name] = true end
  return out
end

local PERSON = set "id name mail kind target"
local PLACE = set "id team displayName description membershipType chatType topic members createdDateTime target merge split"
local MESSAGE = set [[id createdDateTime from body replyToId conversation subject importance lastEditedDateTime reactions files
  mentions attachments hostedContents]]
local FILE = set "id name path url size_bytes contentType"
local REACTION = set "reactionType users count"
local KIND = set "user bot guest deleted"
local IMPORTANCE = set "normal high urgent"
local SPLIT = set "year month"
local TEAM = arg.team {}

-- Words of other systems, and Graph's for what is ours.
local OTHER_NAMES = {
  message = {
    time = "createdDateTime", date = "createdDateTime", timestamp = "createdDateTime", ts = "createdDateTime",
    created = "createdDateTime", author = "from", user = "from", sender = "from", text = "body", content = "body",
    html = "body", message = "body", reply_to = "replyToId", parent = "replyToId", thread = "replyToId",
    edited = "lastEditedDateTime", title = "subject", channel = "conversation", room = "conversation",
  },
  person = { mail = "mail", email = "mail", displayName = "name", real_name = "name", userPrincipalName = "target", type = "kind" },
  place = { name = "displayName", title = "displayName", purpose = "description", private = "membershipType", created = "createdDateTime",
    type = "chatType" },
}

local function shown(value)
  if type(value) == "string" then return "'" .. text.excerpt(value, 60) .. "'" end
  if value == nil then return "nothing" end
  if type(value) == "userdata" then return "null" end
  return "a " .. type(value)
end

local function key(name) return type(name) == "string" and name or shown(name) end

local function unknown_field(what, name, fields)
  local ours = OTHER_NAMES[what] and OTHER_NAMES[what][name]
  if ours and ours ~= name then
    return format("unknown field '%s'; a %s's %s is %s", key(name), what, key(name), ours)
  end
  return format("unknown field '%s'%s", key(name), suggest.hint(key(name), fields))
end

-- A mail address as a directory takes it; an export may hold anything.
local function is_mail(mail)
  return find(mail, "^[^%s@<>,;/]+@[^%s@<>,;/]+$") ~= nil and not find(mail, "%c")
end

-- The result of a step as a table, or nil and the reason; raises what a person must mend.
local function result_of(name, result, reason)
  if result == nil then
    if type(reason) ~= "string" or reason == "" then
      error(format("%s returned nothing; return the %s, or nil and the reason", name, name:match "[^.]+$"), 0)
    end
    return nil, reason
  end
  if type(result) ~= "table" then
    error(format("%s returned a %s; return a table, or nil and the reason", name, type(result)), 0)
  end
  return result
end

-- Ids are text: a large number would lose digits, and 5 and "5" would be two ids.
local function id_of(value, field)
  if type(value) == "string" and value ~= "" then return value end
  if value == nil then error(field .. " is missing", 0) end
  if type(value) == "number" then error(format("%s is a number and not text: %.14g. Write tostring(…)", field, value), 0) end
  error(format("%s is not an id as text: got %s", field, value == "" and "an empty text" or shown(value)), 0)
end

local function text_or_nil(value, field)
  if value == nil or type(value) == "string" then return value end
  error(format("%s is not text: got %s", field, shown(value)), 0)
end

local function time_or_nil(value, field)
  if value == nil or is_time(value) then return value end
  error(format("%s is not a time: got %s. Use time.parse or time.unix", field, shown(value)), 0)
end

-- `field` is "" or "from."; `loss` is told of a mail address that is none.
local function check_person(person, field, loss)
  for name in pairs(person) do
    if not PERSON[name] then error((field ~= "" and "from has an " or "") .. unknown_field("person", name, PERSON), 0) end
  end
  local kind = person.kind
  if kind ~= nil and not KIND[kind] then
    error(format("%skind is not one of user, bot, guest, deleted: got %s", field, shown(kind)), 0)
  end
  local id = id_of(person.id, field .. "id")
  local name, mail = text_or_nil(person.name, field .. "name"), text_or_nil(person.mail, field .. "mail")
  if name == nil or name == "" then name = id end
  if mail == "" then mail = nil end
  if mail and not is_mail(mail) then
    loss("mail_invalid", format("%s (%s): %s", name, id, shown(mail)))
    mail = nil
  end
  return { id = id, name = name, mail = mail, kind = kind or "user", target = text_or_nil(person.target, field .. "target") }
end

local function check_place(place)
  for name in pairs(place) do
    if not PLACE[name] then error(unknown_field("place", name, PLACE), 0) end
  end
  local out = {
    id = id_of(place.id, "id"), team = place.team, merge = place.merge, members = place.members,
    displayName = text_or_nil(place.displayName, "displayName"), description = text_or_nil(place.description, "description"),
    topic = text_or_nil(place.topic, "topic"), target = text_or_nil(place.target, "target"),
    createdDateTime = time_or_nil(place.createdDateTime, "createdDateTime"),
  }
  if place.chatType ~= nil then
    if place.chatType ~= "oneOnOne" and place.chatType ~= "group" then
      error(format("chatType is not one of oneOnOne, group: got %s", shown(place.chatType)), 0)
    end
    out.chatType = place.chatType
  else
    local membership = place.membershipType or "standard"
    if membership ~= "standard" and membership ~= "private" and membership ~= "shared" then
      error(format("membershipType is not one of standard, private, shared: got %s", shown(membership)), 0)
    end
    out.membershipType = membership
    out.displayName = out.displayName or out.id
  end
  if place.split ~= nil then
    if not SPLIT[place.split] then error(format("split is not one of year, month: got %s", shown(place.split)), 0) end
    out.split = place.split
  end
  if place.team ~= nil then
    local _, problem = arg.check(TEAM, place.team)
    if problem then error("team is not a team's name: " .. problem, 0) end
  end
  if place.members ~= nil and type(place.members) ~= "table" then
    error(format("members is not a list of ids: got %s", shown(place.members)), 0)
  end
  for i, id in ipairs(out.members or {}) do
    if type(id) ~= "string" then error(format("members[%d] is not the id of a person: got %s", i, shown(id)), 0) end
  end
  return out
end

-- A file that is not carried yet leaves its name in the text; one without path and url is not in the export.
local function with_files(body, files, loss)
  if type(files) ~= "table" then error("files is not a list: got " .. shown(files), 0) end
  for i, file in ipairs(files) do
    if type(file) ~= "table" then error(format("files[%d] is not a file { id, name, url }: got %s", i, shown(file)), 0) end
    for field in pairs(file) do
      if not FILE[field] then error(format("files[%d] has an unknown field '%s'%s", i, key(field), suggest.hint(field, FILE)), 0) end
    end
    local name = file.name ~= "" and file.name or file.id or "unnamed"
    if type(name) ~= "string" then error(format("files[%d].name is not text: got %s", i, shown(name)), 0) end
    local image = type(file.contentType) == "string" and find(file.contentType, "^image/")
    if not (file.path or file.url) then
      loss("file_missing", name)
    else
      loss(image and "image_not_carried" or "file_not_carried", name)
    end
    local line = html.escape((image and "[image: " or "[file: ") .. name .. "]")
    local marker = file.id and html.file(tostring(file.id))
    local first, last
    if marker then first, last = find(body, marker, 1, true) end
    if first then
      body = body:sub(1, first - 1) .. line .. body:sub(last + 1)
    else
      body = body .. "<p>" .. line .. "</p>"
    end
  end
  return body
end

-- Checks reactions and notes them as a loss of that kind: "👍 2, :x: 3".
local function note_reactions(reactions, kind, loss)
  if type(reactions) ~= "table" then error("reactions is not a list: got " .. shown(reactions), 0) end
  local out = {}
  for i, reaction in ipairs(reactions) do
    if type(reaction) ~= "table" then error(format("reactions[%d] is not a reaction: got %s", i, shown(reaction)), 0) end
    for field in pairs(reaction) do
      if not REACTION[field] then
        error(format("reactions[%d] has an unknown field '%s'%s", i, key(field), suggest.hint(field, REACTION)), 0)
      end
    end
    local users = type(reaction.users) == "table" and reaction.users
    local count = tonumber(reaction.count) or users and #users or 1
    out[i] = (type(reaction.reactionType) == "string" and reaction.reactionType or "a reaction") .. " " .. format("%.14g", count)
  end
  if #out > 0 then loss(kind, concat(out, ", ")) end
end

-- Reactions as a line of HTML with the people that the export names: "👍 Ann Lee, Bob Ray · 🎉 Cyd and 3 more".
local function reaction_line(reactions, person, loss)
  note_reactions(reactions, "reaction_as_text", loss)
  local out = {}
  for i, reaction in ipairs(reactions) do
    local names = {}
    for _, id in ipairs(type(reaction.users) == "table" and reaction.users or {}) do
      if type(id) == "string" and id ~= "" then
        names[#names + 1] = person(id).name
      elseif type(id) == "table" and type(id.id) == "string" then -- a person record: somebody whom the export may not list
        local known = person(id.id)
        names[#names + 1] = known.known and known.name or id.name or known.name
      end
    end
    local shown_names = concat(names, ", ")
    local more = (tonumber(reaction.count) or 0) - #names
    if more > 0 then
      shown_names = (#names > 0 and shown_names .. " and " or "") .. format("%.14g", more) .. (#names > 0 and " more" or "")
      loss("reaction_users_missing", (reaction.reactionType or "a reaction") .. " " .. format("%.14g", more))
    end
    out[i] = html.escape((type(reaction.reactionType) == "string" and reaction.reactionType or "a reaction") .. " " .. shown_names)
  end
  return #out > 0 and "<p><em>" .. concat(out, " · ") .. "</em></p>" or ""
end

local AUTHOR_FIELDS = { "user", "user_id", "author", "sender", "from", "bot_id", "username", "u" }

local function no_author(record)
  local seen = {}
  for _, name in ipairs(AUTHOR_FIELDS) do
    local value = record[name]
    if value ~= nil or name == "user" then
      seen[#seen + 1] = name .. " = " .. (type(value) == "string" and '"' .. text.excerpt(value, 40) .. '"'
        or type(value) == "table" and "{ … }" or type(value) == "userdata" and "null" or tostring(value))
    end
  end
  error(format("from is missing: the record has %s. Give a person id or { id = …, name = … }", concat(seen, ", ")), 0)
end

local BODY = {
  text = function(content) return html.from_text(content) end,
  html = function(content) return content end,
  mrkdwn = function(content, ctx) return mrkdwn.to_html(content, { ctx = ctx }) end,
  markdown = function(content) return markdown.to_html(content) end,
}

local function body_of(body, ctx)
  if body == nil then return "" end
  if type(body) ~= "table" then
    error(format("body is not a table: got %s. Write body = { contentType = \"html\", content = … }", shown(body)), 0)
  end
  local content, kind = body.content, body.contentType or "text"
  if content == nil then content = "" end
  if type(content) ~= "string" then error("body.content is not text: got " .. shown(content), 0) end
  for field in pairs(body) do
    if field ~= "content" and field ~= "contentType" then
      error(format("body has an unknown field '%s'%s", key(field), suggest.hint(field, { content = true, contentType = true })), 0)
    end
  end
  local convert = BODY[kind]
  if not convert then error(format("body.contentType is not one of text, html, markdown, mrkdwn: got %s", shown(kind)), 0) end
  return convert(content, ctx)
end


shape.shown, shape.result_of, shape.id_of, shape.text_or_nil, shape.time_or_nil = shown, result_of, id_of, text_or_nil, time_or_nil
shape.person, shape.place, shape.with_files = check_person, check_place, with_files
shape.note_reactions, shape.reaction_line = note_reactions, reaction_line
shape.no_author, shape.body_of, shape.unknown_field = no_author, body_of, unknown_field
shape.MESSAGE, shape.IMPORTANCE = MESSAGE, IMPORTANCE

return shape
