local time = require "stdlib.time"

test("a Unix time keeps its digits: it is cut, never rounded", function(t)
  t.same(time.unix "1589553562.044500", "2020-05-15T14:39:22.044Z")
  t.same(time.unix "1589553562.999999", "2020-05-15T14:39:22.999Z")
  t.same(time.unix "1433866265.000012", "2015-06-09T16:11:05.000Z")
  t.same(time.unix(1553166512), "2019-03-21T11:08:32.000Z")
  t.same(time.unix("1553166512.5"), "2019-03-21T11:08:32.500Z")
  t.same(time.unix("1553166512493", "ms"), "2019-03-21T11:08:32.493Z")
  t.same(time.unix("1553166512493999", "us"), "2019-03-21T11:08:32.493Z")
  t.same(time.unix("1553166512493999999", "ns"), "2019-03-21T11:08:32.493Z")
end)

test("days come out right at the ends of months, years and centuries", function(t)
  t.same(time.unix(951782399), "2000-02-28T23:59:59.000Z")
  t.same(time.unix(951782400), "2000-02-29T00:00:00.000Z")
  t.same(time.unix(4107542399), "2100-02-28T23:59:59.000Z")
  t.same(time.unix(4107542400), "2100-03-01T00:00:00.000Z")
  t.same(time.unix(631152000), "1990-01-01T00:00:00.000Z")
  t.same(time.unix(4133980799), "2100-12-31T23:59:59.000Z")
end)

test("a number in the wrong unit is refused with the unit that fits", function(t)
  t.raises(function() time.unix(1553166512493) end,
    'time.unix: 1553166512493 as seconds is in the year 51187; is it milliseconds%? time.unix%(v, "ms"%)')
  t.raises(function() time.unix(12) end, "time.unix: 12 as seconds is not between 1990 and 2100")
  t.raises(function() time.unix "0x5EBEA8DA.000000" end, "'0x5EBEA8DA.000000' is not a number")
  t.raises(function() time.unix "" end, "'' is not a number")
  t.raises(function() time.unix(nil) end, "time.unix takes a number or its text, not nil")
  t.raises(function() time.unix(1, "min") end, "'min' is not a unit")
end)

test("ISO 8601 is read with any offset, and cut to milliseconds", function(t)
  t.same(time.parse "2019-02-04T19:58:15.5119Z", "2019-02-04T19:58:15.511Z")
  t.same(time.parse "2019-02-04T20:58:15+01:00", "2019-02-04T19:58:15.000Z")
  t.same(time.parse "2019-01-01 00:30:00.25-0330", "2019-01-01T04:00:00.250Z")
  t.same(time.parse "20190204T195815Z", "2019-02-04T19:58:15.000Z")
  t.same(time.parse "2019-02-04T19:58Z", "2019-02-04T19:58:00.000Z")
end)

test("a time without an offset asks for its zone", function(t)
  t.raises(function() time.parse "2019-02-04T19:58:15" end, "has no offset; give the zone it was written in")
  t.raises(function() time.parse("22.10.2018 09:55", "%d.%m.%Y %H:%M") end,
    "'22.10.2018 09:55' has no offset; give the zone it was written in, for example \"Europe/Berlin\"")
  t.raises(function() time.parse "2019-02-30T00:00:00Z" end, "has no day 30")
  t.raises(function() time.parse "yesterday" end, "is not an ISO 8601 time")
end)

test("a pattern reads what people write", function(t)
  t.same(time.parse("22.10.2018 09:55", "%d.%m.%Y %H:%M", "+02:00"), "2018-10-22T07:55:00.000Z")
  t.same(time.parse("22-Oct-18 09:55 PM", "%d-%b-%y %I:%M %p", "UTC"), "2018-10-22T21:55:00.000Z")
  t.same(time.parse("October 2, 2018 12:05 a.m.", "%B %d, %Y %I:%M %p", "UTC"), "2018-10-02T00:05:00.000Z")
  t.same(time.parse("20/06/2019, 4:00:15\226\128\175PM", "%d/%m/%Y, %I:%M:%S %p", "UTC"), "2019-06-20T16:00:15.000Z")
  t.same(time.parse("2018-08-08T14:23:54 +0200", "%Y-%m-%dT%H:%M:%S %z"), "2018-08-08T12:23:54.000Z")
  t.same(time.parse("2018-08-08 14:23:54.6789", "%Y-%m-%d %H:%M:%S", "UTC"), "2018-08-08T14:23:54.678Z")
  t.raises(function() time.parse("22-Oct-18", "%d/%m/%Y", "UTC") end, "time.parse: '22%-Oct%-18' does not fit '%%d/%%m/%%Y' %(at '%-Oct%-18'%)")
  t.raises(function() time.parse("22.10.2018", "%d.%m.%Y", "Europe/Berlin") end, "zone 'Europe/Berlin' is not at hand; use \"UTC\"")
end)

test("a zone by name is the host's to answer", function(t)
  local kept = time.host.zone
  time.host.zone = function(name) return name == "Europe/Berlin" and 7200 or nil end
  local fine, got = pcall(time.parse, "22.10.2018 09:55", "%d.%m.%Y %H:%M", "Europe/Berlin")
  local _, problem = pcall(time.parse, "22.10.2018 09:55", "%d.%m.%Y %H:%M", "Europe/Bern")
  time.host.zone = kept
  t.same({ fine, got }, { true, "2018-10-22T07:55:00.000Z" })
  t.like(problem, "there is no zone 'Europe/Bern'")
end)

test("times are added, compared and written for people", function(t)
  t.same(time.add("2019-12-31T23:59:59.999Z", 1), "2020-01-01T00:00:00.000Z")
  t.same(time.add("2020-01-01T00:00:00.000Z", -1), "2019-12-31T23:59:59.999Z")
  t.same(time.diff("2020-01-01T00:00:00.000Z", "2019-12-31T23:59:59.999Z"), 1)
  t.same(time.format("2019-02-04T19:58:15.511Z", "%d %b %Y, %I:%M %p"), "04 Feb 2019, 07:58 PM")
  t.same(time.format("2019-02-04T23:58:15.511Z", "%Y-%m-%d %H:%M %z", "+01:00"), "2019-02-05 00:58 +01:00")
  t.raises(function() time.add("2019-01-01", 1) end, "is not a time; use time.parse or time.unix")
end)

test("there is no now in a plan", function(t)
  t.raises(function() time.now() end, "a plan must come out the same everywhere")
end)

test("a time is exactly 24 characters of one form", function(t)
  t.same(time.is "2019-02-04T19:58:15.511Z", true)
  for _, wrong in ipairs { "2019-02-04T19:58:15Z", "2019-02-04 19:58:15.511Z", "2019-02-04T19:58:15.511+", "" } do t.same(time.is(wrong), false) end
end)
