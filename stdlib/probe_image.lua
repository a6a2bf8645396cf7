---A picture of one pixel and any number of bytes, in base64: what a probe sends to learn how large an image may be.
---Tested by tests/stdlib/probe_image_test.lua.
local image = {}

local HEAD = "GIF89a" .. "\1\0\1\0\128\0\0" .. "\128\128\128\255\255\255" -- one pixel, of two colours
local PIXEL = "\44\0\0\0\0\1\0\1\0\0" .. "\2\2\68\1\0"
local END = "\59"
local COMMENT, BLOCK = "\33\254", 255

-- A comment of this many bytes, at least 4; no reader shows it.
local function comment(size)
  local parts, left = { COMMENT }, size - 3 -- its two marks and the empty block that ends it
  while left > 0 do
    local take = math.min(left, BLOCK + 1)
    if left - take == 1 then take = take - 1 end -- a block has a byte at least, and one for its length
    parts[#parts + 1] = string.char(take - 1) .. ("x"):rep(take - 1)
    left = left - take
  end
  return table.concat(parts) .. "\0"
end

---@param size integer  bytes, at least 50
---@return string gif  of exactly that size
function image.gif(size) return HEAD .. comment(size - #HEAD - #PIXEL - #END) .. PIXEL .. END end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

---@param bytes string
---@return string
function image.base64(bytes)
  local out, floor = {}, math.floor
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local word = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 1, 4 do
      local digit = floor(word / 64 ^ (4 - k)) % 64 + 1
      local padding = (k == 3 and not b) or (k == 4 and not c)
      out[#out + 1] = padding and "=" or ALPHABET:sub(digit, digit)
    end
  end
  return table.concat(out)
end

return image
