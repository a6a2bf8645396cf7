local anonymise = require "stdlib.anonymise"
local json = require "json"

local anonymous = anonymise.new {
  people = { { id = "U0MAUDE001", name = "Maude", mail = "maude@kites.example" }, { id = "734", name = "Bob" } },
  rooms = { { id = "C0SECRET01", name = "layoffs" } },
}

local function words(text) return anonymous.text(text) end

test("names, addresses and ids become others, the same ones everywhere", function(t)
  local record = anonymous.record { user = "U0MAUDE001", profile = { email = "maude@kites.example", display_name = "Maude" } }
  t.same(record, { user = "U1", profile = { email = "ann.lee@sample.example", display_name = "Ann Lee" } })
  t.same(anonymous.record({ from_id = "734" }).from_id, "1000002")
  t.same(anonymous.path "layoffs/2019-02-04.json", "room-1/2019-02-04.json")
  t.same(anonymous.path "C0SECRET01.json", "C1.json")
end)

test("no word of three letters or more, no number of three digits and no address is left", function(t)
  local secret = "Maude pays 4711 to ACME, see https://intern.kites.example/x?y=1 or call sam@kites.example, Größe <@U0MAUDE001>"
  local out = words(secret)
  for _, word in ipairs { "Maude", "pays", "4711", "ACME", "kites", "intern", "sam", "see", "call", "Größe", "U0MAUDE" } do
    t.same(out:match("%f[%w]" .. word .. "%f[%W]"), nil)
  end
  t.like(out, "<@U1>$")
  t.like(out, "https://www%.sample%.example/%d+")
  t.same(words(secret), out)
end)

test("markup, emoji, references and the case of words stay", function(t)
  t.like(words "*Hello* `code` &lt;b&gt; :tada: :our-own:", "^%*%u%l+%* `%l+` &lt;b&gt; :tada: :%l+%-?%l*:$")
  t.like(words "<#C0SECRET01|layoffs> <!here>", "^<#C1|room%-1> <!here>$")
  t.like(words "LOUD", "^%u+$")
  t.same(words "👍 • –", "👍 • –")
end)

test("times, types and what is not text stay as they are", function(t)
  local record = { ts = "1503435956.000247", type = "message", subtype = "bot_message", date = "2019-02-04T19:58:15.511Z", count = 3,
    pinned = true, reactions = { { name = "tada" } } }
  t.same(anonymous.record(record), record)
end)

test("an empty list stays a list", function(t)
  local record = json.decode '{"a":[],"b":{},"c":[[]]}'
  t.same(json.encode(anonymous.record(record)), '{"a":[],"b":{},"c":[[]]}')
end)

test("words that may stay do, but names never", function(t)
  local careful = anonymise.new { people = { { id = "U1", name = "Pia Moss" } }, keep = "Pia Moss closes ACME-12" }
  local record = careful.record { text = "Pia Moss closes ACME-12", user = "U1", real_name = "Pia Moss Thistledown" }
  t.same(record.text, "Ann Lee closes ACME-12")
  t.same(record.real_name:find("Thistledown", 1, true), nil)
end)
