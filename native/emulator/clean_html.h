#pragma once

#include <functional>
#include <string>
#include <string_view>

// Makes what strangers wrote safe to show. The emulator's own, apart from what the client checks before it sends: a
// hole there must not be a hole here.
// Tested by tests/native/emulator/clean_html_test.cpp.
namespace teamferry::emulator {

// What only the page knows about a message.
struct HtmlHooks {
  // The address on this host of the picture that a message names as `src`; empty: not one of its own, not shown.
  std::function<std::string(std::string_view src)> image;
  // The HTML (phrasing, with links) that stands for <attachment id>; empty: nothing to show.
  std::function<std::string(std::string_view id)> attachment;
};

// The address if a link may lead there (http, https or mailto, however it is disguised); empty otherwise. `href` is
// decoded already; the result still has to be escaped.
std::string clean_link(std::string_view href);

// HTML of nothing but allowed elements with allowed attributes, each closed, nested at most kMostDepth deep, and in
// an order that a browser's parser leaves as it is. Unknown elements go and leave their text; scripts and styles go
// whole. Headings become <div class="h1">, so that the page's own outline stays. Time and size are linear in the input.
std::string clean_html(std::string_view html, const HtmlHooks& hooks);

inline constexpr std::size_t kMostDepth = 100;

}  // namespace teamferry::emulator
