local complete = require "stdlib.prompt.complete"

local world = {
  commands = { list = true, find = true, help = true },
  names = function() return { conversations = true, html = true, out = true, list = true } end,
  value = function(name) return name == "out" and { body = { content = "x", contentType = "html" } } or nil end,
  fields = function(value) return value end,
  conversations = function() return { general = true, ["general 2"] = true, webshop = true } end,
  args = function() return { emoji = true, export = true } end,
}

local function words(text)
  local typed, list = complete.of(text, world)
  return typed .. ": " .. table.concat(list, " ")
end

test("commands, names, fields of live values, conversations and arguments are completed", function(t)
  t.same(words ".li", "2: list")
  t.same(words "print(con", "3: conversations")
  t.same(words "out.body.content", "7: content contentType")
  t.same(words "out.body.nothing.x", "1: ")
  t.same(words ".list web", "3: webshop")
  t.same(words '.find "a b" in gen', "3: general general 2")
  t.same(words 'conversations "w', "1: webshop")
  t.same(words "script.args.e", "1: emoji export")
  t.same(words ".help args.em", "2: emoji")
end)
