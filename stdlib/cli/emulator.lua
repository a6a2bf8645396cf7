---teamferry emulator: our local Microsoft Graph with its sign-in, for rehearsal and tests.
local emulator_options = require "stdlib.cli.emulator_options"
local json = require "json"
local native = require "teamferry.native"

local emulator = {
  summary = "Runs a local Microsoft Graph with its sign-in, to rehearse against. Listens on this machine only.",
}

local function port(text)
  local n, problem = emulator_options.whole(text)
  if n and n > 65535 then return nil, ("%s is no port; ports are 0 to 65535"):format(text) end
  return n, problem
end

local function epilog()
  local lines = { "Variants, each with its default first:" }
  for _, variant in ipairs(native.variants()) do
    lines[#lines + 1] = ("  %s=%s"):format(variant.name, table.concat(variant.values, "|"))
    lines[#lines + 1] = ("      %s"):format(variant.doc)
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "Example: teamferry emulator --port 8712 --data rehearsal"
  lines[#lines + 1] = "Ends with Ctrl-C. With --json, one line with all addresses."
  return table.concat(lines, "\n")
end

function emulator.options(parser)
  parser:option "--port":argname "PORT":convert(port):description "0 (the default): any that is free"
  parser:option "--data":argname "FOLDER":description "where the state lives; by default in memory"
  emulator_options.declare(parser, "")
  parser:epilog(epilog())
end

function emulator.run(call)
  local o, out = call.options, call.out
  local given = emulator_options.given(o, "")
  given.port, given.data = o.port, o.data
  if o.data == "" then call.fail("--data is empty: name a folder, or leave it out", 2) end
  local known = o.data and native.exists(o.data .. "/state.jsonl")
  local ok, err = native.serve(given, function(at)
    if o.json then
      for _, app in ipairs(at.apps) do app.roles = json.array(app.roles) end
      io.stdout:write(json.encode(at), "\n")
      io.stdout:flush()
      return
    end
    out.say("HTTPS            %s, by the certificate authority %s", at.https_url, at.ca_file)
    out.say("plain HTTP       %s, for tests on this machine", at.graph_url)
    out.say("to look at       %s/", at.graph_url)
    out.say("tenant           %s", at.tenant)
    for _, app in ipairs(at.apps) do
      local proof = app.client_secret and "secret " .. app.client_secret or "by certificate"
      out.say("app              %s, %s (%s)", app.client_id, proof, app.name)
    end
    out.say("users            %d, among them %s", #at.users, at.fallback)
    out.say("state            %s", o.data and o.data .. (known and ", as it was left" or ", new") or "in memory; --data FOLDER keeps it")
    out.say ""
    out.say "Graph and the sign-in are on the same address. Use them with:"
    if at.client_secret then
      out.say("  export AZURE_TENANT_ID=%s AZURE_CLIENT_ID=%s AZURE_CLIENT_SECRET=%s", at.tenant, at.client_id, at.client_secret)
    end
    out.say("  teamferry run slack --export acme.zip --graph-url %s --login-url %s --ca %s --fallback %s", at.https_url, at.https_url,
      at.ca_file, at.fallback)
    out.flush()
  end)
  if not ok then call.fail(err) end
  return 0
end

return emulator
