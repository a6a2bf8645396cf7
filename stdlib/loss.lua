---The kinds of loss that have a sentence, so that a report reads as a text.
---
---A loss says that a mapping changed, approximated or dropped something. A script may use kinds of
---its own; they are counted under their name. Tested by tests/stdlib/text_test.lua.
local loss = {}

---@type table<string, string>
loss.kinds = {
  author_fallback       = "posted under the fallback account, with the author's name in the first line",
  broadcast             = "a late reply that was shown in the channel too stands in its thread only",
  canvas                = "a canvas stays in Slack; its title stands in the text, linked",
  call                  = "a call became a line of text",
  card                  = "an interactive card or block became text, or was left out",
  conversation_unlisted = "a folder that no list of the export names; private until somebody says otherwise",
  direct_made_group     = "a chat of two became a group chat, by args.direct",
  direct_made_channel   = "a chat became a private channel, by args.direct",
  date_order_guessed    = "nothing in the file says whether days or months come first; days were taken",
  encrypted             = "an encrypted message has no text in the export",
  edit_history          = "was edited in the source; the last text is kept, the mark of the edit is not",
  email                 = "a forwarded mail became text",
  emoji_custom          = "a custom emoji became its name",
  file_as_link          = "a file became a link",
  file_external         = "a file stays with another service",
  file_damaged          = "a downloaded file has another size than the export says",
  file_deleted          = "a file was deleted in the source; its id stands in the text",
  file_hidden           = "a file is hidden by the limit of the source's plan; its id stands in the text",
  file_not_read         = "a file beside the messages is not of the export's kind",
  file_missing          = "a file that the export names is not in it",
  file_not_carried      = "a file is not carried yet; its name stands in the text",
  huddle_transcript     = "notes of huddles are not read",
  integration_log       = "changes of apps are not read",
  image_not_carried     = "an image is not carried yet; its name stands in the text",
  line_unknown          = "a line of the export is of a kind that is not known",
  link_as_text          = "a link to a message of the source became text",
  list                  = "a list stays in Slack; its title stands in the text, linked",
  markup                = "formatting that Teams does not have was simplified",
  mention_unknown       = "a mention of somebody who is not in the tenant became text",
  mail_invalid          = "a mail address of the export is none; the person counts as without",
  member_missing        = "a member of a room is not in the tenant",
  message_split         = "a message over the size limit became several",
  name_changed          = "a name was changed to one that Teams allows",
  orphan                = "a reply whose root is not in the export, or was left out; the first becomes the root",
  pin                   = "a pin was left out",
  poll                  = "a poll became text",
  preview               = "the preview of a link was left out; the link is in the text",
  private_made_group    = "a private conversation became a group chat, by args.private",
  private_made_standard = "a private conversation became a standard channel, by args.private",
  reaction_as_text      = "reactions became a line of text",
  reaction_not_carried  = "reactions are not carried yet",
  reaction_users_missing = "the export names fewer people than the reaction counts",
  repaired              = "a message was mended to what Teams takes, by args.repair",
  sticker               = "a sticker became its name",
  table_flattened       = "a table became text",
  text_repaired         = "damaged characters were replaced",
  thread_flattened      = "a thread became messages in a row",
  time_zone_unknown     = "the export does not say in which zone a time was written; it counts as UTC",
  token_removed         = "an access token was taken out of an address",
  time_moved            = "a time was moved by milliseconds to be unique",
}

---Says in a sentence what a kind of loss means; a script's own kind is its name in words.
---@param kind string
---@return string
function loss.sentence(kind)
  return loss.kinds[kind] or (kind:gsub("_", " "))
end

return loss
