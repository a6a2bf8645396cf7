---Walks a collection that comes in pages, one item at a time.
---
---The function that fetches is passed in, so a test needs no network. Holds one page at a time.
---Tested by tests/stdlib/pager_test.lua.
local pager = {}

---Iterates over the items of all pages.
---@param next_page fun(): table?, any?  a list with items; nothing at the end; nil and an error
---@return fun(): any?  # raises the error of a page that could not be read
function pager.items(next_page)
  local items, index, ended = {}, 0, false
  return function()
    while index == #items do -- a page may be empty and still have a next one
      if ended then return nil end
      local page, err = next_page()
      ended = page == nil
      if err ~= nil then error(err, 0) end
      items, index = page or {}, 0
    end
    index = index + 1
    return items[index]
  end
end

return pager
