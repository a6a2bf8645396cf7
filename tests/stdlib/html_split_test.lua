local html_split = require "stdlib.html_split"

-- Parts are within the limit, and each closes what it opens.
local function sound(parts, limit)
  for i, part in ipairs(parts) do
    if #part > limit then return ("part %d has %d bytes"):format(i, #part) end
    local open = {}
    for closing, name in part:gmatch "<(/?)(%a%w*)[^>]*>" do
      if closing == "" and name ~= "br" and name ~= "hr" then
        open[#open + 1] = name
      elseif closing ~= "" and table.remove(open) ~= name then
        return ("part %d closes %s at the wrong place: %s"):format(i, name, part)
      end
    end
    if #open > 0 then return ("part %d leaves %s open"):format(i, open[#open]) end
  end
end

local function text_of(content) return (content:gsub("<[^>]*>", "")) end

local function joined(parts)
  local out = {}
  for i, part in ipairs(parts) do out[i] = text_of(part) end
  return table.concat(out)
end

local function check(t, content, limit)
  local parts = html_split.parts(content, limit)
  t.same(sound(parts, limit), nil)
  t.same(joined(parts), text_of(content))
  return parts
end

test("what fits is one part, untouched", function(t)
  t.same(html_split.parts("<p>one</p>", 100), { "<p>one</p>" })
  t.same(html_split.parts("", 100), { "" })
end)

test("a cut falls between blocks if it can", function(t)
  local block = "<p>" .. ("word "):rep(10) .. "</p>"
  t.same(check(t, block:rep(3), 120), { block .. block, block })
end)

test("a list is cut between its items, and counts on", function(t)
  local parts = check(t, "<ol><li>" .. ("one "):rep(15) .. "</li><li>two</li><li>" .. ("three "):rep(10) .. "</li></ol><p>end</p>", 110)
  t.same(parts, { "<ol><li>" .. ("one "):rep(15) .. "</li><li>two</li></ol>", '<ol start="3"><li>' .. ("three "):rep(10) .. "</li></ol><p>end</p>" })
end)

test("an item that is cut keeps its number", function(t)
  local parts = check(t, "<ol><li>a</li><li>" .. ("word "):rep(60) .. "</li><li>c</li></ol>", 120)
  for i = 2, #parts - 1 do t.like(parts[i], '^<ol start="2"><li>word') end
  t.like(parts[#parts], '<li>c</li></ol>$')
end)

test("code is cut at a line end, and stays code", function(t)
  local parts = check(t, "<pre>" .. ("a line of code &amp; more\n"):rep(20) .. "</pre>", 150)
  for _, part in ipairs(parts) do
    t.like(part, "^<pre>a line")
    t.like(part, "\n</pre>$")
  end
end)

test("no entity and no character is cut", function(t)
  for _, piece in ipairs { "&amp;", "é", "日", "👍", "x&lt;é", "&#8209;" } do
    for shift = 0, 8 do
      local parts = check(t, "<p>" .. ("a"):rep(shift) .. piece:rep(300) .. "</p>", 101)
      for _, part in ipairs(parts) do
        local words = text_of(part)
        t.same({ words:find "^[\128-\191]", words:find "[\194-\244]$", words:find "&[#%w]*$", (words:find "^#?%w*;") }, {})
      end
    end
  end
end)

test("mentions, files and short links and code stay whole", function(t)
  local whole = { '<at person="U1">Ann B. Lee</at>', '<attachment file="F1"></attachment>', '<a href="https://x.example/a/b/c">a long label</a>', "<code>local x = 1</code>" }
  for _, piece in ipairs(whole) do
    local parts = check(t, "<p>" .. (piece .. " and "):rep(40) .. "</p>", 130)
    local count = 0
    for _, part in ipairs(parts) do
      local _, found = part:gsub(piece:gsub("%p", "%%%0"), "")
      count = count + found
    end
    t.same(count, 40)
  end
end)

test("quotations, tables and nested lists close and open again", function(t)
  check(t, "<blockquote>" .. ("said "):rep(30) .. "<br><ul><li>" .. ("deep "):rep(40) .. "<ul><li>" .. ("deeper "):rep(40) .. "</li></ul></li></ul></blockquote>", 200)
  check(t, "<table>" .. ("<tr><td>a cell of words</td><td>another</td></tr>"):rep(20) .. "</table>", 200)
end)

test("sizes are counted as the caller says", function(t)
  local parts = html_split.parts(("<p>word</p>"):rep(10), 100, function(piece) return #piece * 2 end)
  t.same({ #parts, parts[1] }, { 3, ("<p>word</p>"):rep(4) })
end)

test("a long random text loses nothing", function(t)
  local seed = 7
  local function pick(list)
    seed = (seed * 16807) % 2147483647
    return list[seed % #list + 1]
  end
  local pieces = { "word ", "a much longer word, ", "<br>", "<strong>bold</strong> ", "<em>it <u>al</u></em> ", "&amp; ", "é", '<at person="U1">Ann</at> ',
    "</p><p>", '<a href="https://x.example">link</a> ', "</p><pre>code\nmore code\n</pre><p>", "</p><ul><li>item</li><li>item</li></ul><p>" }
  for _ = 1, 30 do
    local out = { "<p>" }
    for _ = 1, 200 do out[#out + 1] = pick(pieces) end
    check(t, table.concat(out) .. "</p>", 100 + seed % 900)
  end
end)

test("a wrong argument names itself", function(t)
  t.raises(function() html_split.parts(nil, 100) end, "html_split.parts takes HTML, not a nil")
  t.raises(function() html_split.parts("<p>a</p>", 10) end, "a limit of at least 100 bytes")
end)

test("a hostile body takes time in step with its length", function(t)
  for _, content in ipairs { "<pre>" .. ("x"):rep(500000) .. "</pre>", "<code>" .. ("&amp;"):rep(100000) .. "</code>", ("<td>"):rep(20000),
    ("<blockquote>"):rep(300) .. ("deep "):rep(20000) .. ("</blockquote>"):rep(300) } do
    local started = os and os.clock()
    local parts = html_split.parts(content, 22000)
    t.same(joined(parts), text_of(content))
    if started then t.same(os.clock() - started < 5, true) end
  end
end)
