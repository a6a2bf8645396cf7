local manual = require "stdlib.manual"
local sandbox = require "teamferry.sandbox"

local function functions_of(name)
  local module = require("stdlib." .. name)
  local set = {}
  if type(module) == "function" then return { [name] = module }, { [name] = module } end
  for field, value in pairs(module) do
    if type(value) == "function" then set[field] = value end
  end
  return set, module
end

test("every function of a module that scripts see is documented, with the parameters that it has", function(t)
  for _, page in ipairs(manual.pages()) do
    t.same({ page.name, #page.summary > 10 or page.summary }, { page.name, true })
    for _, entry in ipairs(page.functions) do
      t.same({ entry.full, #entry.doc > 5 or entry.doc }, { entry.full, true })
      if not entry.native and entry.params[1] then
        local named = {}
        for i, param in ipairs(entry.params) do named[i] = param.name end
        t.same(entry.full .. "(" .. table.concat(named, ", ") .. ")", entry.signature)
      end
    end
  end
  for _, name in ipairs(manual.modules) do
    local documented = {}
    for _, page in ipairs(manual.pages()) do
      for _, entry in ipairs(page.name == name and page.functions or {}) do documented[entry.name] = true end
    end
    local there, module = functions_of(name)
    for field in pairs(there) do t.same({ name, field, documented[field] }, { name, field, true }) end
    for field in pairs(documented) do t.same({ name, field, module[field] ~= nil }, { name, field, true }) end
  end
end)

test("every global that scripts find has a page", function(t)
  for _, name in ipairs(sandbox.globals()) do t.same({ name, manual.about(name) ~= nil }, { name, true }) end
end)

test("examples that say what they give are right", function(t)
  local env, run = sandbox.environment({}), 0
  for _, page in ipairs(manual.pages()) do
    for _, entry in ipairs(page.functions) do
      for _, usage in ipairs(entry.usage) do
        local asked, wanted = usage:match "^(.-)%s*%-%->%s*(.+)$"
        if asked then
          run = run + 1
          local got = sandbox.compile("return " .. asked, "usage", env)()
          t.same({ asked, got }, { asked, (sandbox.compile("return " .. wanted, "usage", env)()) })
        end
      end
    end
  end
  t.same(run > 5, true)
end)

test("help tells of a module, a function, a method of a handle, a step, and what was probably meant", function(t)
  t.like(manual.about "html", "^html: HTML for message bodies: [^\n]*of the source%.\n\n")
  t.like(manual.about "html", "html.replace%(content, pattern, with%)")
  t.like(manual.about "html.replace", "visible text only")
  t.like(manual.about "channel:import", "^channel:import%(")
  t.like(manual.about "export.records", "^export:records%(")
  t.like(manual.about "place", "^place%(room, ctx%)")
  t.like(manual.about "each", "for i, file in each")
  t.same({ manual.about "html.replce" }, { nil, "there is nothing about html.replce; did you mean html.replace?" })
  local html = sandbox.public "html"
  t.same(manual.name_of(html.replace, sandbox.public), "html.replace")
  t.same(manual.name_of(html, sandbox.public), "html")
end)

test("stubs are Lua that an editor can read", function(t)
  for file, text in pairs(manual.stubs()) do
    local fine, problem = sandbox.compile(text, file)
    t.same({ file, fine and true or problem }, { file, true })
  end
  t.like(manual.stubs()["html.lua"], "%-%-%-@param pattern string")
end)
