-- A folder of samples as files for tests/support/memory_export.lua: sample(t, "zulip", { "realm.json", … }). JSON is decoded,
-- `also` are names of files whose bytes do not matter.
return function(t, source, names, also)
  local files = {}
  for _, name in ipairs(names) do
    local content = assert(t.read("examples/sources/" .. source .. "/" .. name), name)
    files[name] = name:find "%.json$" and json.decode(content) or content
  end
  for _, name in ipairs(also or {}) do files[name] = "x" end
  return files
end
