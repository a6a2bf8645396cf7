std = "luajit"
max_line_length = 140
self = false -- a step has self whether it needs it or not
-- The modules that the host puts into every script's environment.
read_globals = { "each", "source", "arg", "time", "html", "markdown", "mrkdwn", "emoji", "text", "json", "log", "archive",
  "validate", "graph", "parallel", "progress" }
files["tests"] = { read_globals = { "test" }, max_line_length = 180 }
files["stdlib/emoji_data.lua"] = { max_line_length = false }
