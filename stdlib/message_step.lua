---Maps one message: the step, the checks of what it returned, and the table for the sink (see stdlib/run.lua).
---
---This runs once for each message of a plan, so what is looked up once is a local, and what is common costs a
---comparison. A body over the service's size (R20) is delivered as several messages, the later ones as replies; in chats,
---and with args.replies = "quote", a reply quotes its root. Tested by tests/stdlib/run_test.lua.
local count_constructs = require("stdlib.census").count
local html = require "stdlib.html"
local html_split = require "stdlib.html_split"
local shape = require "stdlib.shape"
local text = require "stdlib.text"
local time = require "stdlib.time"
local token = require "stdlib.token"

local find, format, gsub = string.find, string.format, string.gsub
local error, ipairs, next, pairs, type = error, ipairs, next, pairs, type
local html_visible, is_time = html.visible, time.is
local body_of, check_person, id_of = shape.body_of, shape.person, shape.id_of
local note_reactions, reaction_line = shape.note_reactions, shape.reaction_line
local result_of, shown, text_or_nil, with_files = shape.result_of, shape.shown, shape.text_or_nil, shape.with_files
local MESSAGE, IMPORTANCE = shape.MESSAGE, shape.IMPORTANCE

-- What the service counts as a message's size (R20) is its JSON: the body in a JSON string, and an entry a mention. The
-- bounds leave room for the name line of a fallback author below the validator's 25,000.
local LONG, PART, MENTION = 24000, 22000, 300
-- Who wrote what is not in the export.
local MISSING = { id = "~missing", name = "Unknown", kind = "bot" }
local QUOTED = 80 -- characters of the root that a reply quotes

local function mentions_in(piece) -- plain finds are a tenth of a gsub
  local count, at = 0, 0
  while true do
    at = find(piece, "<at ", at + 1, true)
    if not at then return count end
    count = count + 1
  end
end

local function weight(piece)
  local _, escaped = gsub(piece, '["\\\n]', "")
  return #piece + escaped + mentions_in(piece) * MENTION
end

-- Nearly every body is short, and what it could weigh at most tells so.
local function is_long(body)
  local size = #body
  if size * MENTION / 20 < LONG then return false end -- a mention has more than 20 bytes
  return size * 2 + mentions_in(body) * MENTION > LONG and weight(body) > LONG
end

---@param self Job
---@param sink table
---@param entry? table  the conversation being read; nil if each message names its own
---@return fun(record: table, added: string?)
---@return fun()  # to be called once all records were mapped
return function(self, sink, entry)
  local script, ctx, args, fields = self.script, self.ctx, self.args, self.fields
  local step, loss = script.message, fields.loss
  local name = script.name .. ".message"
  local since, before, mark = args.since, args["until"], args.edits == "mark"
  local skipped_people, deliver = self.skipped_people, sink.message
  local skipped, parked = sink.skipped, sink.parked
  local seen = self.seen -- what messages are made of, if somebody asked
  local here, here_chat = entry and entry.place.id, entry and entry.place.chatType
  local splits, reacts, quotes = args.long == "split", args.reactions == "text", args.replies == "quote"
  local placeholders = args.orphans == "placeholder" and {} or nil -- roots that replies wait for, in the order of reading
  local delivered = false -- any
  local arrived = {} -- [conversation and id] of what was delivered, where placeholders are wanted
  local said = {} -- [conversation and id] = name and first words, where replies quote
  local out = {} -- one table for all; good until the sink returns

  local function tokenless(words)
    local clean, removed = token.remove(words)
    if removed then loss "token_removed" end
    return clean
  end

  local made -- by the script: no record of the export, and not counted when it is left out
  local function skip(reason)
    if made then return end
    if skipped then skipped(reason, self.file, self.index, "message") end
  end

  local function park(problem)
    if parked then parked(problem, self.file, self.index, "message") end
  end

  local function conversation_of(wanted)
    if type(wanted) == "table" then
      local id = id_of(wanted.id, "conversation.id")
      local known = self.by_id[id]
      if known then return known end
      local losses = self.losses
      self.losses = nil
      local entered = self:enter(wanted, sink)
      self.losses = losses
      return entered
    end
    local id = id_of(wanted, "conversation")
    local known = self.by_id[id]
    if known then return known end
    if not script.conversations then
      local losses = self.losses
      self.losses = nil
      known = self:enter({ id = id }, sink)
      self.losses = losses
      return known
    end
    error(format("conversation is not among those that conversations emitted: '%s'. Emit it there, or give a record, "
      .. "conversation = { id = … }", id), 0)
  end

  -- Of a part of merged channels: ids as they are in the whole, in the message and in its markers.
  local function in_whole(body, id, reply, prefix)
    if prefix then
      id, reply = id and prefix .. id, reply and prefix .. reply
      body = gsub(body, '<a message="([^"]*)">', '<a message="' .. gsub(prefix, "%%", "%%%%") .. '%1">')
    end
    if next(self.aliases) then
      body = gsub(body, '(<a message=")([^"]*)(" conversation=")([^"]*)"', function(open, message, between, room)
        local whole = self.aliases[room]
        return whole and open .. room .. "/" .. message .. between .. whole .. '"'
      end)
      body = gsub(body, '<a conversation="([^"]*)"', function(room)
        local whole = self.aliases[room]
        return whole and '<a conversation="' .. whole .. '"'
      end)
    end
    return body, id, reply
  end

  -- The body with a quotation of what it answers in front, where there are no threads.
  local function quoting(body, id, reply, conversation, author)
    local answered = reply and said[conversation .. "\0" .. reply]
    if id then
      local shown_text = text.excerpt(html.text((gsub(body, "<blockquote>.-</blockquote>", "")), ctx), QUOTED)
      said[conversation .. "\0" .. id] = author .. "\0" .. shown_text
    end
    if answered then
      local who, words = answered:match "^(.-)%z(.*)$"
      loss "thread_flattened"
      return html.quote(html.escape(words), who) .. body
    end
    if reply then loss("orphan", reply) end
    return body
  end

  -- Keeps in mind what was delivered, and which root a reply wants.
  local function note_root(conversation, id, reply, created)
    if id then arrived[conversation .. "\0" .. id] = true end
    if not reply then return end
    local key = conversation .. "\0" .. reply
    local wanted = placeholders[key]
    if not wanted then
      wanted = { conversation = conversation, id = reply, created = created, count = 0 }
      placeholders[key], placeholders[#placeholders + 1] = wanted, wanted
    end
    wanted.count = wanted.count + 1
    if created < wanted.created then wanted.created = created end
  end

  local function deliver_made(id, created, conversation, words, losses)
    for field in pairs(out) do out[field] = nil end
    out.id, out.createdDateTime, out.conversation = id, created, conversation
    out.from, out.person = MISSING.id, MISSING
    out.body, out.added, out.losses = "<p><em>[" .. words .. "]</em></p>", "placeholder", losses
    deliver(out)
  end

  -- A message in the stead of each root that was not delivered; one for a channel that would have none.
  local function finish()
    local place = entry and entry.place
    if deliver and args.empty == "keep" and place and not place.chatType and place.createdDateTime and not delivered then
      deliver_made("~empty", time.add(place.createdDateTime, 1000), place.id, "no messages in the export")
    end
    for i = 1, deliver and placeholders and #placeholders or 0 do
      local wanted = placeholders[i]
      if not arrived[wanted.conversation .. "\0" .. wanted.id] then
        deliver_made(wanted.id, time.add(wanted.created, -1), wanted.conversation, "this message is not in the export",
          { { "orphan", format("%d replies to %s, which is not there", wanted.count, wanted.id) } })
      end
    end
  end

  -- Delivers a body that is too long as several messages, the later ones in the thread of the first.
  local function deliver_parts(parts, flat)
    local id = out.id
    local root = not flat and (out.replyToId or id) or nil
    for i, part in ipairs(parts) do
      out.body = part .. format("<p><em>(%d/%d)</em></p>", i, #parts)
      if i > 1 then
        out.id, out.replyToId, out.added = id and id .. "~" .. i, root, "part"
        out.losses, out.subject = nil, nil
      end
      deliver(out)
    end
  end

  -- Rare: unknown names, Graph's own shapes.
  local function refuse_field(field)
    if MESSAGE[field] then error(format("%s is not carried yet; html.mention, files and html.file make it", field), 0) end
    error(shape.unknown_field("message", field, MESSAGE), 0)
  end

  local function checked(result, record, added)
    for field in pairs(result) do
      if not MESSAGE[field] or field == "mentions" or field == "attachments" or field == "hostedContents" then refuse_field(field) end
    end
    local conversation = here
    if result.conversation ~= nil then
      local other = conversation_of(result.conversation)
      if other.failed then return park("conversation: " .. other.failed) end
      if other.skipped then return skip("conversation: " .. other.skipped) end
      conversation = other.place.id
    elseif not here then
      error("conversation is missing; with all_messages each message names its conversation", 0)
    end

    local created = result.createdDateTime
    if not is_time(created) then
      if created == nil then error("createdDateTime is missing", 0) end
      error(format("createdDateTime is not a time: got %s. Use time.parse or time.unix", shown(created)), 0)
    end
    if since and created < since then return skip "before since" end
    if before and created >= before then return skip "after until" end

    local from, person = result.from, nil
    if type(from) == "table" then
      if from.user or from.application then error("from as a Graph identity is not carried yet; give the source's id of the person", 0) end
      person = check_person(from, "from.", loss)
      from = person.id
    elseif from == nil or from == "" then
      shape.no_author(record)
    elseif type(from) ~= "string" then
      from = id_of(from, "from")
    end
    local unwanted = skipped_people[from]
    if unwanted then return skip("author: " .. unwanted) end

    local body = result.body
    if type(body) == "table" and body.contentType == "html" and type(body.content) == "string" then
      body = body.content
    else
      body = body_of(body, ctx)
    end
    local written = body
    if result.files ~= nil then body = with_files(body, result.files, loss) end
    if find(body, "xox", 1, true) then body = tokenless(body) end
    if not html_visible(body) then return skip "empty" end
    if seen and not added then count_constructs(seen, result, written) end
    local id, reply = result.id, result.replyToId
    if id ~= nil and type(id) ~= "string" then id = id_of(id, "id") end
    if reply ~= nil and type(reply) ~= "string" then reply = id_of(reply, "replyToId") end
    if reply == id or reply == "" then reply = nil end
    if next(self.aliases) then
      local whole = self.by_id[conversation]
      body, id, reply = in_whole(body, id, reply, whole and whole.prefixes and whole.prefixes[fields.conversation])
    end
    local flat = quotes or here_chat
    if conversation ~= here then flat = quotes or self.by_id[conversation].place.chatType end
    if next(self.split) then body = self:relinked(body, conversation) end
    if flat then
      body = quoting(body, id, reply, conversation, person and person.name or ctx.person(from).name)
      reply = nil
    end

    local edited = result.lastEditedDateTime
    if edited ~= nil then
      if not is_time(edited) then shape.time_or_nil(edited, "lastEditedDateTime") end
      if mark then body = body .. "<p><em>(edited)</em></p>" else loss("edit_history", edited) end
    end
    if result.reactions ~= nil then
      if reacts then
        body = body .. reaction_line(result.reactions, ctx.person, loss)
      else
        note_reactions(result.reactions, "reaction_not_carried", loss)
      end
    end
    if result.importance ~= nil and not IMPORTANCE[result.importance] then
      error(format("importance is not one of normal, high, urgent: got %s", shown(result.importance)), 0)
    end
    out.id, out.createdDateTime, out.from, out.person = id, created, from, person
    out.replyToId, out.body, out.conversation, out.lastEditedDateTime = reply, body, conversation, edited
    out.subject, out.importance = text_or_nil(result.subject, "subject"), result.importance
    if out.subject and find(out.subject, "xox", 1, true) then out.subject = tokenless(out.subject) end
    out.added, out.losses, out.file, out.index = added, self.losses, self.file, self.index
    if not deliver then return end
    delivered = true
    if placeholders and not flat then note_root(conversation, id, reply, created) end
    if splits and is_long(body) then
      local parts = html_split.parts(body, PART, weight)
      if #parts > 1 then
        loss("message_split", #parts .. " parts")
        out.losses = self.losses
        return deliver_parts(parts, flat)
      end
    end
    deliver(out)
  end

  return function(record, added)
    made = added
    local result, reason = step(script, record, ctx)
    if type(result) ~= "table" then
      local _
      _, reason = result_of(name, result, reason)
      return skip(reason)
    end
    return checked(result, record, added)
  end, finish
end
