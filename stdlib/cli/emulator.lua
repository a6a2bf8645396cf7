---teamferry emulator: our local Microsoft Graph with its sign-in, for rehearsal and tests.
local json = require "json"
local native = require "teamferry.native"

local emulator = {
  summary = "Runs a local Microsoft Graph with its sign-in, to rehearse against. Listens on this machine only.",
  usage = "Example: teamferry emulator --port 8712 --data rehearsal\nEnds with Ctrl-C. With --json, one line with all addresses.",
}

local function integer(text)
  local n = tonumber(text)
  if not n or n < 0 or n % 1 ~= 0 then return nil, ("'%s' is not a whole number"):format(text) end
  return n
end

local function port(text)
  local n, problem = integer(text)
  if n and n > 65535 then return nil, ("%s is no port; ports are 0 to 65535"):format(text) end
  return n, problem
end

local function seconds(text)
  local n = tonumber(text)
  if not n or n < 0 then return nil, ("'%s' is not a number of seconds"):format(text) end
  return n
end

function emulator.options(parser)
  parser:option "--port":argname "PORT":convert(port):description "0 (the default): any that is free"
  parser:option "--data":argname "FOLDER":description "where the state lives; by default in memory"
  parser:option "--profile":argname "NAME":choices { "article", "off" }:description "limits: article (the default) or off"
  parser:option "--ids":argname "KIND":choices { "epoch", "ingestion" }:description "message ids: epoch (the default) or ingestion"
  parser:option "--read-lag":argname "SECONDS":convert(seconds):description "how late new messages can be read"
  parser:option "--latency":argname "MS":convert(integer):description "how late each answer comes"
  parser:option "--provisioning":argname "SECONDS":convert(seconds):description "how long new teams and channels take"
end

function emulator.run(call)
  local o, out = call.options, call.out
  local ok, err = native.serve({
    port = o.port, data = o.data, profile = o.profile, ids = o.ids, read_lag = o.read_lag, latency = o.latency,
    provisioning = o.provisioning,
  }, function(at)
    if o.json then
      io.stdout:write(json.encode(at), "\n")
      io.stdout:flush()
      return
    end
    out.say("Microsoft Graph  %s", at.graph_url)
    out.say("sign-in          %s", at.login_url)
    out.say("tenant           %s", at.tenant)
    for _, app in ipairs(at.apps) do out.say("app              %s, secret %s (%s)", app.client_id, app.client_secret, app.name) end
    out.say("users            %d, among them %s", #at.users, at.fallback)
    out.say("state            %s", o.data or "in memory; --data FOLDER keeps it")
    out.say ""
    out.say "Use it with:"
    out.say("  export AZURE_TENANT_ID=%s AZURE_CLIENT_ID=%s AZURE_CLIENT_SECRET=%s", at.tenant, at.client_id, at.client_secret)
    out.say("  teamferry run slack --export acme.zip --graph-url %s --login-url %s --fallback %s", at.graph_url, at.login_url, at.fallback)
    out.flush()
  end)
  if not ok then call.fail(err) end
  return 0
end

return emulator
