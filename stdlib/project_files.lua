---The files of a new project, as text.
---Tested by tests/end_to_end/new_test.cpp.
local json = require "json"
local people_file = require "stdlib.people_file"

local project_files = {}

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until while
  self ctx html text time test source arg json log archive]]):gmatch "%S+" do KEYWORDS[word] = true end

---A name for a local variable: "new-roof 2" is new_roof_2.
---@param name string
---@return string
function project_files.variable(name)
  local variable = name:lower():gsub("[^%w_]+", "_"):gsub("^_+", ""):gsub("_+$", "")
  if variable == "" or variable:find "^%d" or KEYWORDS[variable] then variable = "project_" .. variable end
  return variable
end

local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

---@param p { name: string, from: string, export: string?, team: string }
---@return string
function project_files.migrate(p)
  local base, own = project_files.variable(p.from:match "[^.]+$"), project_files.variable(p.name)
  if own == base then own = own .. "_project" end
  local export = p.export and ("    export = %s,\n"):format(quoted(p.export)) or ""
  return ([[
---%s: what differs from %s. In this folder: `teamferry plan` shows what would happen, `teamferry test` runs tests/.
---
---A step that is written here replaces that of the source; the old one is called by its name. For example:
---
---    function %s:place(room, ctx)
---      if room.name and room.name:match "^tmp%%-" then return nil, "temporary channel" end
---      return %s.place(self, room, ctx)
---    end
---
---`teamferry help %s` lists the arguments.
local %s = require %s

local %s = %s:extend {
  name = %s,
  args = {
%s    team   = %s,
  },
}

return %s
]]):format(p.name, p.from, own, base, p.from:match "[^.]+$", base, quoted(p.from), own, base, quoted(p.name), export, quoted(p.team), own)
end

---@param p { name: string, samples: integer }
---@return string
function project_files.test(p)
  local own = project_files.variable(p.name)
  local lines = { ([[
---Tests of %s; `teamferry test` runs them. sample/ holds %d messages of the export, one of each kind, anonymised.
local %s = require "migrate"
]]):format(p.name, p.samples, own) }
  lines[2] = ([[

test("the sample comes out as it was approved", function(t)
  local bodies = {}
  for i, message in ipairs(t.plan(%s, { export = "sample" }).messages) do bodies[i] = message.graph.body.content end
  t.approve("sample", bodies)
end)

test("what people wrote is to be seen, at its time", function(t)
  local plan = t.plan(%s, { export = "sample" })
  t.every(plan, t.text_kept)
  t.every(plan, t.time_kept)
  t.every(plan, t.no_markers)
  t.same(plan.failed, {})
end)
]]):format(own, own)
  return table.concat(lines)
end

---@param people table[]
---@return string
function project_files.people(people) return people_file.text((people_file.updated(nil, people, {}))) end

---Where a project has its stubs for editors: teamferry help --stubs writes them again.
project_files.meta = ".teamferry/meta"

---@param globals string[]  what scripts find without require
---@return string
function project_files.luarc(globals)
  local all = { "test" }
  for _, name in ipairs(globals) do all[#all + 1] = name end
  return json.encode({ ["runtime.version"] = "LuaJIT", ["diagnostics.globals"] = json.array(all),
    ["workspace.library"] = json.array { project_files.meta } }, { pretty = true }) .. "\n"
end

---@param globals string[]
---@return string
function project_files.luacheckrc(globals)
  local names = {}
  for i, name in ipairs(globals) do names[i] = quoted(name) end
  return ('std = "luajit"\nself = false -- a step has self whether it needs it or not\nread_globals = { %s }\n'
    .. 'files["tests"] = { read_globals = { "test" } }\n'):format(table.concat(names, ", "))
end

project_files.gitignore = [[
# The export, what was planned and sent, and secrets stay out.
*.zip
*.db
*.db-wal
*.db-shm
*.db.lock
*.db-emulator/
.teamferry/
.env
]]

return project_files
