-- Markers resolved the way the runtime does it, for the markup tables of the fixtures.
return function(content, people, rooms)
  local n = -1
  content = content:gsub('<at person="([^"]*)">(.-)</at>', function(id, label)
    local name = people[id]
    if not name then return "@" .. (label ~= "" and label or id) end
    n = n + 1
    return ('<at id="%d">%s</at>'):format(n, name)
  end)
  return (content:gsub('<a conversation="([^"]*)">(.-)</a>', function(id, label)
    return "#" .. (rooms and rooms[id] or label ~= "" and label or id)
  end))
end
