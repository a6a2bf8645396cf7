---The manual of what scripts can name: made of the docstrings of stdlib/ and of the registration tables of the bindings, so that
---help, the stubs for editors and the code are one. Tested by tests/stdlib/manual_test.lua, which finds what is undocumented or
---stale.
local arg = require "stdlib.arg"
local host = require "teamferry.host"
local source = require "stdlib.source"
local suggest = require "stdlib.suggest"

local manual = {}

---The modules of stdlib/ that scripts find without require, in the order of help.
manual.modules = { "source", "arg", "time", "html", "markdown", "mrkdwn", "emoji", "text", "each", "validate" }

-- What scripts know under another name, or not at all.
local HIDDEN = { ["json.get_null"] = true, ["log.print"] = true, ["archive.records"] = true }

local GLOBALS = {
  { name = "print", signature = "print(…)", summary = "Prints its arguments, separated by tabs; in a plan to the log." },
  { name = "parallel", signature = "parallel(items, limit, fn) -> { { value } or { nil, err }, … }",
    summary = "Runs fn(item) for all, at most `limit` at once; results in order. In plain scripts and at the prompt." },
  { name = "progress", signature = "progress(done, total [, label])", summary = "Draws a line of progress, in plain scripts." },
}

local function first_sentence(doc) return doc:match "^(.-[%.:])%s" or doc end

-- The lines of a docstring, by what they say.
local function parsed(lines)
  local out = { doc = {}, params = {}, returns = {}, usage = {} }
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^@(%w+)%s*(.*)$"
    if not tag then
      out.doc[#out.doc + 1] = line
    elseif tag == "param" then
      local name, words = rest:match "^([%w_%.]+%??)%s*(.*)$"
      out.params[#out.params + 1] = { name = name:gsub("%?$", ""), optional = name:find "%?$" ~= nil, words = words }
    elseif tag == "return" then
      out.returns[#out.returns + 1] = rest
    elseif tag == "usage" then
      out.usage[#out.usage + 1] = rest
    elseif tag == "private" then
      out.private = true
    end
    if line:find "@private%s*$" then out.private = true end
  end
  out.doc = table.concat(out.doc, " "):gsub("%s*@private%s*$", "")
  return out
end

---Reads the docstrings of a Lua module.
---@param text string  its source
---@param name string  as scripts call it
---@return { name: string, summary: string, functions: table[] }
function manual.read(text, name)
  local page, lines, locals = { name = name, functions = {} }, {}, {}
  local table_name = text:match "\nreturn ([%a_][%w_]*)%s*$"
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local doc = line:match "^%-%-%-%s?(.*)$"
    local inner, inner_takes = line:match "^local function ([%w_]+)%((.-)%)"
    if inner then locals[inner] = { lines = lines, takes = inner_takes } end
    local own, takes = line:match "^function ([%w_]+[.:][%w_]+)%((.-)%)"
    if own and own:match "^[%w_]+" ~= table_name then own = nil end -- a table of the module's own
    local alias, of = line:match "^([%w_]+[.][%w_]+) = ([%a_][%w_]*)$"
    if alias and locals[of] and alias:match "^[%w_]+" == table_name then
      own, takes = alias, locals[of].takes
      if #lines == 0 then lines = locals[of].lines end
    end
    if line:find "^return function%(" then own, takes = name, line:match "%((.-)%)" end
    if doc then
      lines[#lines + 1] = doc
    elseif own then
      local entry = parsed(lines)
      entry.name = own:match "[.:]([%w_]+)$" or name
      entry.full = own == name and name or name .. "." .. entry.name
      takes = takes:gsub(",?%s*extra$", "") -- taken to explain the second value of string.gsub, and for nothing else
      entry.takes = takes
      entry.signature = ("%s(%s)"):format(entry.full, takes)
      entry.lines = lines
      page.functions[#page.functions + 1] = entry
      lines = {}
    else
      if not page.summary and #lines > 0 then
        local first = {}
        for _, each in ipairs(lines) do
          if each == "" then break end
          first[#first + 1] = each
        end
        page.summary = table.concat(first, " ")
      end
      lines = {}
    end
  end
  page.summary = page.summary or ""
  return page
end

-- A native module as the registration table has it.
local function native_page(module)
  local handle = module.name == "export" or module.name == "team" or module.name == "channel" or module.name == "chat"
  local page = { name = module.name, summary = module.summary, functions = {}, native = true }
  for _, each in ipairs(module.functions) do
    local full = module.name .. (handle and ":" or ".") .. each.name
    if not HIDDEN[full] then
      local signature = each.signature:gsub("^[%w_]*[.:]?" .. each.name .. "%(", full .. "(")
      page.functions[#page.functions + 1] = { name = each.name, full = full, signature = signature, doc = each.summary, params = {},
        returns = {}, usage = {}, native = true }
    end
  end
  return page
end

local pages

---All pages, in the order of help.
---@return table[]
function manual.pages()
  if pages then return pages end
  pages = {}
  for _, name in ipairs(manual.modules) do pages[#pages + 1] = manual.read(host.find("stdlib." .. name), name) end
  for _, page in ipairs(pages) do
    if page.name == "arg" then
      for _, kind in ipairs(arg.kinds) do
        table.insert(page.functions, { name = kind[1], full = "arg." .. kind[1], signature = "arg." .. kind[1] .. " { … }", doc = kind[2],
          params = {}, returns = {}, usage = {}, takes = "fields" })
      end
    end
  end
  for _, module in ipairs(host.manual()) do
    if module.name ~= "validate" then pages[#pages + 1] = native_page(module) end
  end
  local globals = { name = "globals", summary = "Functions that are there by themselves.", functions = {}, native = true }
  for _, each in ipairs(GLOBALS) do
    table.insert(globals.functions, { name = each.name, full = each.name, signature = each.signature, doc = each.summary, params = {},
      returns = {}, usage = {}, native = true })
  end
  pages[#pages + 1] = globals
  local steps = { name = "steps", summary = "What a script may define; those of its source are inherited.", functions = {}, native = true }
  for _, name in ipairs(source.step_order) do
    local step = source.steps[name]
    table.insert(steps.functions, { name = name, full = name, signature = ("%s(%s)"):format(name, table.concat(step, ", ")), doc = step.doc,
      params = {}, returns = {}, usage = {}, native = true })
  end
  pages[#pages + 1] = steps
  return pages
end

---The lines of one function.
---@param entry table
---@return string
function manual.of_function(entry)
  local lines = { entry.signature, "", "  " .. entry.doc }
  if #entry.params > 0 then lines[#lines + 1] = "" end
  for _, param in ipairs(entry.params) do
    lines[#lines + 1] = ("  %-12s %s%s"):format(param.name, param.optional and "(optional) " or "", param.words)
  end
  for _, words in ipairs(entry.returns) do lines[#lines + 1] = "  returns      " .. words end
  for _, words in ipairs(entry.usage) do
    lines[#lines + 1] = ""
    lines[#lines + 1] = "  " .. words
  end
  return table.concat(lines, "\n")
end

---The lines of one module.
---@param page table
---@return string
function manual.of_module(page)
  local lines = { page.name .. ": " .. page.summary, "" }
  for _, entry in ipairs(page.functions) do
    if not entry.private then lines[#lines + 1] = ("  %-44s %s"):format(entry.signature, first_sentence(entry.doc)) end
  end
  return table.concat(lines, "\n")
end

---What there is about a name: a module, "html.replace", "channel:import", a step.
---@param name string
---@return string? lines
---@return string? problem  with the name that was probably meant
function manual.about(name)
  local known = {}
  for _, page in ipairs(manual.pages()) do
    known[page.name] = true
    if page.name == name and not (#page.functions == 1 and page.functions[1].full == name) then return manual.of_module(page) end
    for _, entry in ipairs(page.functions) do
      known[entry.full] = true
      if entry.full == name or entry.full:gsub(":", ".") == name then return manual.of_function(entry) end
    end
  end
  return nil, ("there is nothing about %s%s"):format(name, suggest.hint(name, known))
end

---The name of a module or function, as help(html.replace) is given it; nil if it is none of theirs.
---@param value any
---@param global fun(name: string): any  what scripts find by a name
---@return string?
function manual.name_of(value, global)
  for _, page in ipairs(manual.pages()) do
    local there = global(page.name)
    if there ~= nil and there == value then return page.name end
    for _, entry in ipairs(page.functions) do
      if type(there) == "table" and entry.full:find(page.name .. ".", 1, true) == 1 then
        local fine, field = pcall(function() return there[entry.name] end)
        if fine and field == value then return entry.full end
      end
    end
  end
end

-- The names of the parameters in a signature of the bindings: "decode(text [, { null }]) -> …".
local function parameters_of(signature)
  local inside, names = signature:match "%((.-)%)%s*%->" or signature:match "%((.-)%)%s*$" or "", {}
  inside = inside:gsub("{.-}", "options"):gsub("[%[%]]", " "):gsub("…", "...")
  for word in inside:gmatch "[^,]+" do
    local name = word:match "^%s*([%a_][%w_]*)" or word:match "^%s*(%.%.%.)"
    if name and name ~= "function" then names[#names + 1] = name end
  end
  return table.concat(names, ", ")
end

local SHAPES = [[
---@class Person  a person, as the step person returns it
---@field id string
---@field name? string
---@field mail? string
---@field kind? "user"|"bot"|"guest"|"deleted"
---@field target? string

---@class Place  a channel or a chat, as the step place returns it
---@field id string
---@field team? string|table
---@field displayName? string
---@field description? string
---@field membershipType? "standard"|"private"
---@field chatType? "oneOnOne"|"group"
---@field topic? string
---@field members? string[]
---@field createdDateTime? string
---@field target? string
---@field merge? boolean
---@field split? "year"|"month"

---@class Message  a message, as the step message returns it
---@field createdDateTime string
---@field from string|Person
---@field body? { contentType?: "text"|"html"|"markdown"|"mrkdwn", content: string }
---@field id? string
---@field replyToId? string
---@field conversation? string|table
---@field subject? string
---@field importance? "normal"|"high"|"urgent"
---@field lastEditedDateTime? string
---@field reactions? { reactionType: string, users?: string[], count?: integer }[]
---@field files? { id?: string, name?: string, path?: string, url?: string, size_bytes?: integer, contentType?: string }[]
]]

---Stubs for editors (LuaLS): one file a module, and the shapes that steps return.
---@return table<string, string>  text by file name
function manual.stubs()
  local files = { ["shapes.lua"] = "---@meta\n\n" .. SHAPES }
  for _, page in ipairs(manual.pages()) do
    local lines = { "---@meta", "", "---" .. page.summary }
    if page.name == "each" or page.name == "globals" then
      lines = { "---@meta", "" }
    elseif page.name ~= "steps" then
      lines[#lines + 1] = page.name .. " = {}"
      lines[#lines + 1] = ""
    end
    for _, entry in ipairs(page.functions) do
      if not entry.private then
        for _, line in ipairs(entry.lines or { entry.doc }) do lines[#lines + 1] = "---" .. line end
        lines[#lines + 1] = ("function %s(%s) end"):format(entry.full, entry.takes or parameters_of(entry.signature))
        lines[#lines + 1] = ""
      end
    end
    if page.name ~= "steps" then files[page.name .. ".lua"] = table.concat(lines, "\n") end
  end
  return files
end

return manual
