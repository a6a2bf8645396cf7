local emoji = require "stdlib.emoji"

test("names become characters, with tones after the first of them", function(t)
  t.same(emoji.from_name "smile", "😄")
  t.same(emoji.from_name "thumbsup", "👍")
  t.same(emoji.from_name "+1::skin-tone-3", "👍🏼")
  t.same(emoji.from_name "woman-facepalming::skin-tone-2", "🤦🏻‍♀️")
  t.same(emoji.from_name "flag-de", "🇩🇪")
  t.same(emoji.from_name "partyparrot", nil)
end)

test("a tone on what has none is left out", function(t)
  t.same(emoji.from_name "rocket::skin-tone-3", "🚀")
  t.same(emoji.toned("👍🏼", 5), "👍🏼")
end)

test("code points become characters, but never markup", function(t)
  t.same(emoji.from_unicode "1f926-200d-2640-fe0f", "🤦‍♀️")
  t.same(emoji.from_unicode "3c", nil)
  t.same(emoji.from_unicode "d800", nil)
  t.same(emoji.from_unicode "110000", nil)
  t.same(emoji.from_unicode "zz", nil)
end)

test("codes are replaced in text, but not in times and words", function(t)
  t.same(emoji.replace "nice :smile::heart: :tada:Well", "nice 😄❤️ 🎉Well")
  t.same(emoji.replace "10:30:45 a:b:c :b:c :nope: :", "10:30:45 a:b:c :b:c :nope: :")
  t.same(emoji.replace(":shipit: :smile:", { shipit = "🐿" }), "🐿 😄")
end)
