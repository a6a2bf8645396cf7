local given = require "stdlib.given"

test("what is empty, null or of another type is absent", function(t)
  t.same({ given.text "a", given.text "", given.text(1) or "none", given.text(json.null) or "none" }, { "a", nil, "none", "none" })
  t.same({ #given.list(nil), #given.list "x", #given.list { 1 }, given.table "x" }, { 0, 0, 1 })
  t.same({ given.id(12), given.id "a", given.id(nil) }, { "12", "a" })
end)

test("a picture is told by its name, and a file's name by its path", function(t)
  t.same({ given.image_type "a.PNG", given.image_type "a.txt" or "none", given.image_type "png" or "none" }, { "image/png", "none", "none" })
  t.same({ given.file_name "a/b c.txt", given.file_name "media\\b.png", given.file_name "c" }, { "b c.txt", "b.png", "c" })
  t.same({ given.url "https://a.example", given.url "a.png" or "none" }, { "https://a.example", "none" })
end)
