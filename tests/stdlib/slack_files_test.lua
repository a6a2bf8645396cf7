local memory_export = require "tests.support.memory_export"
local slack_files = require "stdlib.slack_files"

local function world(files)
  local losses = {}
  local export = memory_export(files or {})
  function export:read(name) return files[name] end
  return { losses = losses, export = export, conversation = { id = "C1", folder = "general", uploads = "" },
    loss = function(kind, detail) losses[#losses + 1] = kind .. " " .. tostring(detail) end }
end

local function shown(file, files)
  local ctx = world(files)
  return slack_files.to_html({ files = { file } }, ctx), ctx.losses, slack_files.carried({ files = { file } }, ctx)
end

test("each file is told for what it is", function(t)
  local function kind(file) return slack_files.kind(file) end
  t.same({ kind { mode = "hosted" }, kind {}, kind { mode = "hidden_by_limit" }, kind { mode = "tombstone" }, kind { mode = "space" }, kind { mode = "quip" },
    kind { mode = "list" }, kind { mode = "email" }, kind { mode = "snippet" }, kind { mimetype = "application/vnd.slack-docs" } },
    { "hosted", "hosted", "hidden", "deleted", "post", "canvas", "list", "email", "snippet", "canvas" })
  t.same({ kind { is_external = true, url_private = "https://x.example" }, kind { is_external = true }, kind { file_access = "check_file_info" },
    kind { mode = "hosted", file_access = "visible" } }, { "external", "hosted", "stub", "hosted" })
end)

test("remains of files are named, and moved nowhere", function(t)
  local body, losses, carried = shown { id = "F1", mode = "hidden_by_limit" }
  t.same({ body, losses, carried }, { "<p>[file: F1, hidden by the plan's limit]</p>", { "file_hidden F1" }, {} })
  body, losses, carried = shown { id = "F2", mode = "tombstone" }
  t.same({ body, losses, carried }, { "<p>[file: F2, deleted]</p>", { "file_deleted F2" }, {} })
  body, losses, carried = shown { id = "F3", name = "a.pdf", file_access = "access_denied" }
  t.same({ body, losses, carried }, { "<p>[file: a.pdf, access denied]</p>", { "file_missing a.pdf" }, {} })
end)

test("a canvas and a list are links, without the token in the address", function(t)
  local body, losses, carried = shown { id = "F1", mode = "quip", title = "Road map", permalink = "https://acme.slack.com/docs/F1?t=xoxe-1" }
  t.same({ body, losses, carried }, { '<p><a href="https://acme.slack.com/docs/F1">Road map</a></p>', { "canvas Road map" }, {} })
  body, losses = shown { id = "F2", mode = "list", name = "Tasks" }
  t.same({ body, losses }, { "<p>[Tasks]</p>", { "list Tasks" } })
end)

test("a short snippet is code, a long or cut one a file", function(t)
  local file = { id = "F1", mode = "snippet", name = "a.lua", title = "Fix", preview = "x = 1\r\nif a < b then end", size = 24 }
  local body, losses, carried = shown(file)
  t.same({ body, losses, carried }, { "<p>Fix</p><pre>x = 1\nif a &lt; b then end</pre>", {}, {} })
  file.title, file.size, file.lines_more = "Untitled", nil, 0
  t.same((shown(file)), "<pre>x = 1\nif a &lt; b then end</pre>")
  file.lines_more = 7
  t.same({ (shown(file)), select(3, shown(file))[1].name }, { "", "a.lua" })
  file.size = 100000
  t.same(#select(3, shown(file)), 1)
  file.size = 12
  t.same((shown(file, { ["attachments/F1-a.lua"] = "whole\n" })), "<pre>whole</pre>")
end)

test("a forwarded mail is a quotation", function(t)
  local body, losses, carried = shown { id = "F1", mode = "email", subject = "Offer", from = { { original = "Ann <ann@x.example>" } }, to = { { address = "bob@x.example" } },
    plain_text = "Hi\r\nthere", attachments = { { filename = "a.pdf" } } }
  t.same(body, "<blockquote><strong>Offer</strong><br>From: Ann &lt;ann@x.example&gt;<br>To: bob@x.example<br>Hi<br>there<br>[file: a.pdf]</blockquote>")
  t.same({ losses, carried }, { { "email Offer", "file_missing a.pdf" }, {} })
end)

test("what is to be moved has its name, size, type and address, posts as web pages", function(t)
  local _, _, carried = shown { id = "F1", mode = "hosted", name = "a.pdf", size = 5, mimetype = "application/pdf", url_private = "https://p", url_private_download = "https://d" }
  t.same(carried, { { id = "F1", name = "a.pdf", size_bytes = 5, contentType = "application/pdf", url = "https://d" } })
  t.same(select(3, shown { id = "F2", mode = "space", title = "Notes" })[1].name, "Notes.html")
  t.same((shown { id = "F3", mode = "hosted", name = "v.webm", transcription = { preview = { content = "hello <you>" } } }), "<blockquote>hello &lt;you&gt;</blockquote>")
end)

test("a download is found where each of slackdump's ways puts it", function(t)
  for _, path in ipairs { "__uploads/F1/a.png", "general/attachments/F1-a.png", "attachments/F1-a.png", "general/F1-a.png" } do
    local _, _, carried = shown({ id = "F1", name = "a.png", size = 4 }, { [path] = "\137PNG" })
    t.same(carried[1].path, path)
  end
end)

test("a sign-in page under the name of an image is no file", function(t)
  local page = "<!DOCTYPE html><html lang=\"en-US\"><head>"
  local file = { id = "F1", name = "a.png", mimetype = "image/png", size = 16259, url_private = "https://p" }
  local body, losses, carried = shown(file, { ["attachments/F1-a.png"] = page })
  t.same({ body, losses, carried }, { "", {}, { { id = "F1", name = "a.png, a sign-in page in its place", size_bytes = 16259, contentType = "image/png" } } })
  file.mimetype, file.name = "text/html", "a.html"
  t.same(slack_files.sign_in_page(page, file), false)
  body, losses, carried = shown({ id = "F1", name = "b.png", size = 9 }, { ["attachments/F1-b.png"] = "\137PNG" })
  t.same({ body, losses, carried[1].path }, { "", { "file_damaged b.png has 4 bytes, not 9" }, "attachments/F1-b.png" })
  if t.fixtures then
    local bytes = t.read(t.fixtures .. "/slack/olake-slackdump-bad-download/attachments/F0B6DMNPHBL-image.png")
    t.same(slack_files.sign_in_page(bytes, { name = "image.png", mimetype = "image/png" }), true)
    bytes = t.read(t.fixtures .. "/slack/olake-slackdump-2026/attachments/F0B6DMNPHBL-image.png")
    t.same(slack_files.sign_in_page(bytes, { name = "image.png", mimetype = "image/png" }), false)
  end
end)
