---Who of an export is who in a tenant: by mail address, under its new domain if that changed, never by name alone.
---Somebody of the same name is a suggestion that a person decides on. Pure. Tested by tests/stdlib/people_match_test.lua.
local people_match = {}

local ipairs, pairs, type = ipairs, pairs, type

---@class TenantUser
---@field id string
---@field displayName string
---@field mail string
---@field userPrincipalName string
---@field enabled boolean
---@field aliases string[]

-- Several may share an address: the living one counts, then the one that signs in with it.
local function better(a, b, address)
  if not b then return true end
  if a.enabled ~= b.enabled then return a.enabled end
  local own = a.userPrincipalName:lower() == address
  return own and b.userPrincipalName:lower() ~= address
end

---@class Tenant
---@field by_address table<string, TenantUser>  addresses and aliases, in small letters
---@field by_id table<string, TenantUser>
---@field by_name table<string, TenantUser[]>  shown names, in small letters

---@param users TenantUser[]
---@return Tenant
function people_match.tenant(users)
  local tenant = { by_address = {}, by_id = {}, by_name = {} }
  for _, user in ipairs(users) do people_match.add(tenant, user) end
  return tenant
end

---@param tenant Tenant
---@param user TenantUser
---@param asked? string  another address that this user was found by
function people_match.add(tenant, user, asked)
  local by_address = tenant.by_address
  local function put(address, weak)
    if type(address) ~= "string" or address == "" then return end
    address = address:lower()
    local known = by_address[address]
    if weak and known then return end
    if better(user, known, address) then by_address[address] = user end
  end
  put(user.mail)
  put(user.userPrincipalName)
  for _, alias in ipairs(user.aliases or {}) do put(alias:match "^[Ss][Mm][Tt][Pp]:(.+)$" or alias, true) end
  put(asked, true)
  if tenant.by_id[user.id] then return end
  tenant.by_id[user.id:lower()] = user
  local name = user.displayName:lower()
  if name ~= "" then
    tenant.by_name[name] = tenant.by_name[name] or {}
    table.insert(tenant.by_name[name], user)
  end
end

---`old=new` as a pair.
---@return string? old, string new_or_problem
function people_match.domain(text)
  local old, new = text:match "^@?([^=@%s]+)=@?([^=@%s]+)$"
  if not old then return nil, ("'%s' is not two domains, as in old.example=new.example"):format(text) end
  return old:lower(), new
end

---The address under its new domain, or nil.
---@param mail string
---@param domains table<string, string>  the new domain by the old one
function people_match.moved(mail, domains)
  local front, domain = mail:match "^(.+)@([^@]+)$"
  local new = front and domains[domain:lower()]
  return new and front .. "@" .. new or nil
end

---The addresses that `person` may be found by, in the order in which they count.
---@return string[]
function people_match.addresses(person, domains)
  if person.target and person.target ~= "" then return { person.target } end
  if not person.mail or person.mail == "" then return {} end
  return { people_match.moved(person.mail, domains) or person.mail, person.mail }
end

---@param tenant Tenant
---@param who string  mail, UPN or id
---@return TenantUser?
function people_match.find(tenant, who)
  who = who:lower()
  return tenant.by_address[who] or tenant.by_id[who]
end

---Looks everybody up.
---@param tenant Tenant
---@param people { id: string, name: string, mail: string?, target: string? }[]
---@param domains table<string, string>
---@return table<string, string> found  the address by the person's id
---@return { by_mail: integer, by_domain: integer, disabled: table[], alike: table<string, TenantUser[]> } how
---  alike: users of the same name, by the id of somebody who was not found
function people_match.all(tenant, people, domains)
  local found, how = {}, { by_mail = 0, by_domain = 0, disabled = {}, alike = {} }
  for _, person in ipairs(people) do
    local user
    for _, address in ipairs(people_match.addresses(person, domains)) do
      user = people_match.find(tenant, address)
      if user then
        found[person.id] = address
        if address == person.mail then how.by_mail = how.by_mail + 1 else how.by_domain = how.by_domain + 1 end
        break
      end
    end
    if user and not user.enabled then how.disabled[#how.disabled + 1] = { person = person, user = user } end
    if not user and person.name then how.alike[person.id] = tenant.by_name[person.name:lower()] end
  end
  return found, how
end

---Every address of the tenant, as a set.
function people_match.names(tenant)
  local names = {}
  for address in pairs(tenant.by_address) do names[address] = true end
  return names
end

return people_match
