local people_match = require "stdlib.people_match"

local function user(id, name, mail, more)
  local out = { id = id, displayName = name, mail = mail, userPrincipalName = mail, enabled = true, aliases = {} }
  for field, value in pairs(more or {}) do out[field] = value end
  return out
end

local tenant = people_match.tenant {
  user("1", "Ann Lee", "ann@acme.example", { aliases = { "SMTP:ann@acme.example", "smtp:ann.lee@acme.example" } }),
  user("2", "Bob Ray", "bob@new.example", { enabled = false }),
  user("3", "Cid", "shared@acme.example", { userPrincipalName = "cid@acme.example", enabled = false }),
  user("4", "Dee", "shared@acme.example"),
}

test("people are found by address and alias, whatever the letter case", function(t)
  local found, how = people_match.all(tenant, {
    { id = "U1", name = "ann", mail = "Ann@ACME.example" }, { id = "U2", name = "x", mail = "ann.lee@acme.example" },
    { id = "U3", name = "none" }, { id = "U4", name = "y", mail = "gone@acme.example" },
  }, {})
  t.same(found, { U1 = "Ann@ACME.example", U2 = "ann.lee@acme.example" })
  t.same({ how.by_mail, how.by_domain }, { 2, 0 })
end)

test("an address under its new domain comes first, and the old one is tried as well", function(t)
  local domains = { ["old.example"] = "new.example" }
  local found, how = people_match.all(tenant, { { id = "U1", name = "Bob", mail = "bob@OLD.example" } }, domains)
  t.same(found, { U1 = "bob@new.example" })
  t.same({ how.by_mail, how.by_domain, #how.disabled }, { 0, 1, 1 })
  t.same(people_match.addresses({ mail = "zoe@old.example" }, domains), { "zoe@new.example", "zoe@old.example" })
end)

test("the same name is a suggestion and no match", function(t)
  local found, how = people_match.all(tenant, { { id = "U9", name = "ANN LEE" } }, {})
  t.same(found, {})
  t.same(how.alike.U9[1].id, "1")
end)

test("of several who share an address a living account counts", function(t)
  t.same(people_match.find(tenant, "shared@acme.example").id, "4")
  t.same(people_match.find(tenant, "CID@acme.example").id, "3")
  t.same(people_match.find(tenant, "2").displayName, "Bob Ray")
end)

test("a rewritten domain is two names", function(t)
  t.same({ people_match.domain "@Old.example=@new.example" }, { "old.example", "new.example" })
  local none, problem = people_match.domain "new.example"
  t.same(none, nil)
  t.like(problem, "old.example=new.example")
end)

test("what a script decided is looked up before the address", function(t)
  t.same(people_match.addresses({ target = "bots@acme.example", mail = "x@acme.example" }, {}), { "bots@acme.example" })
end)
