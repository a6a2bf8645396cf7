local image = require "stdlib.probe_image"

test("a picture has exactly the size that was asked for, whatever remains for the last block", function(t)
  for _, size in ipairs { 50, 255, 256, 257, 300, 301, 302, 303, 304, 555, 556, 557, 558, 559, 560, 10000 } do
    t.same(#image.gif(size), size)
  end
end)

test("a picture is a GIF whose blocks lead from the head to the end", function(t)
  local gif = image.gif(1000)
  t.same(gif:sub(1, 6), "GIF89a")
  local at = 14 + 6 -- behind the screen and its two colours
  t.same(gif:sub(at, at + 1), "\33\254")
  at = at + 2
  while gif:byte(at) ~= 0 do at = at + gif:byte(at) + 1 end
  t.same(gif:sub(at + 1, at + 1), "\44")
  t.same(gif:sub(-1), "\59")
end)

test("bytes are written in base64 with their padding", function(t)
  t.same(image.base64 "", "")
  t.same(image.base64 "f", "Zg==")
  t.same(image.base64 "fo", "Zm8=")
  t.same(image.base64 "foo", "Zm9v")
  t.same(image.base64 "\255\254\253", "//79")
end)
