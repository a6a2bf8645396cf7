local html_tokens = require "stdlib.html_tokens"

-- The tokens as one text: "<a href=x>", "</a>", "text".
local function shown(content)
  local out = {}
  for kind, value, attributes in html_tokens(content) do
    local names = {}
    for name in pairs(attributes or {}) do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do names[i] = " " .. name .. "=" .. attributes[name] end
    out[#out + 1] = kind == "open" and "<" .. value .. table.concat(names) .. ">" or kind == "close" and "</" .. value .. ">" or value
  end
  return table.concat(out, "|")
end

test("tags, texts and attributes come one after the other, decoded", function(t)
  t.same(shown '<DIV Class="a b" id=x hidden>one &amp; two<br/></div>', "<div class=a b hidden= id=x>|one & two|<br>|</div>")
  t.same(shown "<a href='x?a=1&amp;b=2' title=\"a > b\">go</a>", "<a href=x?a=1&b=2 title=a > b>|go|</a>")
  t.same(shown "<a b=1 b=2>", "<a b=1>")
end)

test("what is no tag is text, and what nobody reads is passed over", function(t)
  t.same(shown "1 < 2 <3 & <", "1 < 2 <3 & <")
  t.same(shown "a<!-- <b> -->c<!doctype html><?x?>d", "a|c|d")
  t.same(shown "<script>if (a < b) { '<p>' }</SCRIPT>x<style>p > a {}</style>", "<script>|</script>|x|<style>|</style>")
  t.same(shown "", "")
end)

test("what is not closed ends with the text", function(t)
  t.same(shown "<a href=\"x", "<a href=x>")
  t.same(shown "x<!-- y", "x")
  t.same(shown "<script>x", "<script>")
  t.same(shown "<p it's>x", "<p it= s=>|x")
end)

test("damaged pages end, and every step goes on", function(t)
  local most = 0
  local page, random = '<div class="a"><a href=\'x\'>b &amp; c</a><!-- d --><script>e</script></div>', 7
  for _ = 1, 2000 do
    random = (random * 1103515245 + 12345) % 2147483648
    local at = random % #page + 1
    local piece = page:sub(1, at - 1) .. ("<>\"'=&/! -"):sub(random % 10 + 1, random % 10 + 1) .. page:sub(at + random % 3)
    local steps = 0
    for _ in html_tokens(piece) do steps = steps + 1 end
    most = math.max(most, steps - #piece)
  end
  t.same(most, 0) -- a token a byte at most
end)
