#pragma once

#include <string_view>

#include "native/validate/finding.h"

namespace teamferry::validate {

// Checks the HTML of a message body in one pass, without allocating unless it finds something: R45 (tags and
// attributes that Teams keeps, closed in order, nested where HTML lets them stand), R46 (nothing that runs,
// no image that the service would have to fetch), R47 (control characters, text that is not UTF-8).
//
// R45 are warnings, since Teams shows such text somehow; R46 and R47 are errors. Stops after kMostFindings.
// The tags are those that Graph returns and accepts in its samples.
// Source: https://learn.microsoft.com/graph/api/resources/chatmessage (2026-08)
// Tested by tests/native/validate/html_test.cpp, with an HTML5 parser as the judge.
Findings check_html(std::string_view html, std::string_view field = "body.content");

// R47 for a text that is not HTML.
Findings check_text(std::string_view text, std::string_view field);

}  // namespace teamferry::validate
