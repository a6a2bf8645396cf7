#pragma once

#include <string>
#include <string_view>

namespace teamferry::validate {

// Any HTML as HTML that check_html has nothing against (R45, R46, R47), with its text kept: tags that Teams does not
// keep lose the tag, what runs goes with all that is in it, a picture from elsewhere becomes a link, elements are
// closed in order and stand where they may. HTML that passes comes back with at most its quotes and letters of tags
// changed; mending twice is mending once. Markers (<at>, <attachment>, hosted images) stay. Tested by
// tests/native/validate/html_mend_test.cpp and fuzz_test.cpp.
std::string mended_html(std::string_view html);

}  // namespace teamferry::validate
