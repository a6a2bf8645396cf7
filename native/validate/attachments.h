#pragma once

#include <span>
#include <string_view>

#include "native/validate/finding.h"
#include "native/validate/markers.h"

namespace teamferry::validate {

// One entry of `attachments`. Views are only looked at during the call.
struct AttachmentFacts {
  std::string_view id, contentType, contentUrl, name;
  bool has_content = false;  // `content` is there and not null
};

// R25 to R29: each stands once in the body, and is a file in SharePoint or OneDrive. `markers` is find_markers of the
// body. Tested by tests/native/validate/attachments_test.cpp.
void check_attachments(std::span<const AttachmentFacts> attachments, const Markers& markers, Findings& findings);

// R27: the last segment of the path ends in an extension, as "report.pdf" does.
bool has_extension(std::string_view contentUrl);

// R28: why an address is not the plain path of a file; empty if it is one.
std::string_view link_fault(std::string_view contentUrl);

}  // namespace teamferry::validate
