#include "native/emulator/clean_html.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "native/emulator/html_scanner.h"
#include "native/emulator/html_text.h"

namespace teamferry::emulator {

using namespace std::string_literals;

namespace {

std::string clean(std::string_view html) {
  HtmlHooks hooks;
  hooks.image = [](std::string_view src) { return src == "ours" ? std::string("/picture?a=1&b=2") : std::string(); };
  hooks.attachment = [](std::string_view id) {
    return id == "f1" ? std::string(R"(<span class="card"><a href="https://files.example/f1">plan.docx</a></span>)")
                      : "";
  };
  return clean_html(html, hooks);
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// The deepest nesting of what was written; -1 when a tag closes what is not the innermost open one, or stays open.
int depth_of(const std::string& html) {
  std::vector<std::string> open;
  int deepest = 0;
  bool good = true;
  scan_html(
      html, [](std::string_view) {},
      [&](const Tag& tag) {
        if (tag.name == "br" || tag.name == "hr" || tag.name == "img") return;
        open.push_back(tag.name);
        deepest = std::max(deepest, static_cast<int>(open.size()));
      },
      [&](std::string_view name) {
        if (open.empty() || open.back() != name) {
          good = false;
        } else {
          open.pop_back();
        }
      });
  return good && open.empty() ? deepest : -1;
}

}  // namespace

TEST_CASE("A cleaned message keeps what Teams shows", "[emulator]") {
  CHECK(clean("<p>Launch <strong>moved</strong> to <em>Friday</em></p>") ==
        "<p>Launch <strong>moved</strong> to <em>Friday</em></p>");
  CHECK(clean("a<br/>b<hr>c") == "a<br>b<hr>c");
  CHECK(clean("<ol start=\"3\"><li>c</li></ol>") == "<ol start=\"3\"><li>c</li></ol>");
  CHECK(clean("<table><tbody><tr><td colspan=2>x</td></tr></tbody></table>") ==
        "<table><tbody><tr><td colspan=\"2\">x</td></tr></tbody></table>");
  CHECK(clean("&amp; &nbsp;&#128512;&#x1F600; & &; &#; &lt;b>") ==
        "&amp; &nbsp;&#128512;&#x1F600; &amp; &amp;; &amp;#; &lt;b&gt;");
  CHECK(clean("<codeblock class=\"Python\"><code>a &lt; b</code></codeblock>") == "<pre><code>a &lt; b</code></pre>");
  CHECK(clean("<strike>old</strike>") == "<s>old</s>");
  CHECK(clean("1 < 2 <3") == "1 &lt; 2 &lt;3");
}

TEST_CASE("A message's headings stay out of the page's outline", "[emulator]") {
  CHECK(clean("<h1>Big</h1><h2>b</h2><h3>c</h3>") ==
        "<div class=\"h1\">Big</div><div class=\"h2\">b</div><div class=\"h3\">c</div>");
}

TEST_CASE("Mentions, emoji, pictures and attachments of a message are shown", "[emulator]") {
  CHECK(clean("Hi <at id=\"0\">Ada Park</at>!") == "Hi <span class=\"at\">Ada Park</span>!");
  CHECK(clean("<emoji id=\"smile\" alt=\"🙂\" title=\"Smile\"></emoji>") == "🙂");
  CHECK(clean("<img src=\"ours\" alt='a \"b\"' width=\"320\" height=\"2e9\">") ==
        "<img src=\"/picture?a=1&amp;b=2\" alt=\"a &quot;b&quot;\" loading=\"lazy\" decoding=\"async\" width=\"320\">");
  CHECK(clean("<img src=\"https://tracker.example/1.gif\" alt=\"cat\">") ==
        "<span class=\"missing\">Image not shown: cat</span>");
  CHECK(clean("<img>") == "<span class=\"missing\">Image not shown</span>");
  CHECK(clean("<p>see <attachment id=\"f1\"></attachment> now</p>") ==
        "<p>see <span class=\"card\"><a href=\"https://files.example/f1\">plan.docx</a></span> now</p>");
  CHECK(clean("<a href=\"https://x.example\">a<attachment id=\"f1\"></attachment>b</a>") ==
        "<a href=\"https://x.example\" rel=\"noopener noreferrer nofollow\">a</a>"
        "<span class=\"card\"><a href=\"https://files.example/f1\">plan.docx</a></span>b");
  CHECK(clean("<attachment id=\"f2\"></attachment><attachment>") == "");
}

TEST_CASE("Links lead to http, https and mailto only, however they are disguised", "[emulator]") {
  CHECK(clean("<a href='https://x.example/?a=1&amp;b=\"2\"' onclick=alert(1) style=color:red>x</a>") ==
        "<a href=\"https://x.example/?a=1&amp;b=&quot;2&quot;\" rel=\"noopener noreferrer nofollow\">x</a>");
  CHECK(clean_link(" \x01HTTPS://x.example\n") == "HTTPS://x.example");
  CHECK(clean_link("mailto:ada@x.example") == "mailto:ada@x.example");
  for (const char* href :
       {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
        "java&#10;script:alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript&colon;alert(1)",
        "&#0000106avascript:x", "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
        "//evil.example", "/look", "look", "file:///etc/passwd", "blob:https://x.example/1", "https:evil",
        "http&colon;//x.example", ""}) {
    INFO(href);
    CHECK(clean("<a href=\"" + std::string(href) + "\">x</a>") == "<a>x</a>");
  }
}

TEST_CASE("Nothing in a message runs", "[emulator]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a<script>alert(1)</script>b", "ab"},
      {"a<SCRIPT/x src=//evil.example>alert('</scr')</ScRiPt  >b", "ab"},
      {"a<script>alert(1)", "a"},
      {"a<style>@import 'x'</style>b<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
       "ab<span class=\"missing\">Image not shown</span>'&gt;"},
      {"<svg onload=alert(1)><circle/></svg>x", "x"},
      {"<svg><style><img src=x onerror=alert(1)></style></svg>", ""},
      {"<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=1 onerror=alert(1)>\">",
       "<table><tbody><tr><td><span class=\"missing\">Image not shown</span></td></tr></tbody></table>"},
      {"<iframe src=\"javascript:alert(1)\">x</iframe>", ""},
      {"<object data=x><embed src=x></object>", ""},
      {"<form action=x><input name=a><button formaction=x>go</button></form>", "go"},
      {"<meta http-equiv=refresh content=0><base href=//evil.example><link rel=stylesheet href=x>", ""},
      {"<img src=x onerror=alert(1)>", "<span class=\"missing\">Image not shown</span>"},
      {"<img src=\"javascript:alert(1)\">", "<span class=\"missing\">Image not shown</span>"},
      {"<img \"\"\"><script>alert(1)</script>\">", "<span class=\"missing\">Image not shown</span>&quot;&gt;"},
      {"<img src=ours alt='\"><script>x'>",
       "<img src=\"/picture?a=1&amp;b=2\" alt=\"&quot;&gt;&lt;script&gt;x\" loading=\"lazy\" decoding=\"async\">"},
      {"<p style=\"background:url(x)\" class=top id=main onmouseover=alert(1)>x</p>", "<p>x</p>"},
      {"<<script>alert(1)</script>", "&lt;"},
      {"<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"},
      {"<!--[if IE]><script>alert(1)</script><![endif]-->x", "x"},
      {"<!--><b>x</b>", "<b>x</b>"},
      {"<!-- never closed <b>x</b>", ""},
      {"<!doctype html><?php x ?><![CDATA[<b>]]>y</ x>z", "]]&gt;yz"},
      {"<title><script>x</script></title><textarea></textarea><plaintext>t", "t"},
      {"<b never closed", ""},
      {"<a href=\"never closed", ""},
      {"<", "&lt;"},
      {"</", "&lt;/"},
      {"<!", ""},
      {"", ""},
      {"a\0<scr\0ipt>b</scr\0ipt>\x7F\x1B[31m"s, "ab[31m"},
      {"\xC0\xBCscript>\xED\xA0\x80\xFF\xE2\x82",
       "\xEF\xBF\xBD\xEF\xBF\xBDscript&gt;\xEF\xBF\xBD\xEF\xBF\xBD"
       "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const auto& [html, wanted] : cases) {
    INFO(html);
    CHECK(clean(html) == wanted);
  }
}

TEST_CASE("A cleaned message is balanced and a browser need not move anything", "[emulator]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"<b><i>x</b>y</i>", "<b><i>x</i></b>y"},
      {"<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>"},
      {"<p><b>a<ul><li>b<li>c</ul>d</p>", "<p><b>a</b></p><ul><li>b</li><li>c</li></ul>d"},
      {"<li>a<li>b", "<ul><li>a</li><li>b</li></ul>"},
      {"</b></p></table>x</td>", "x"},
      {"<a href=https://x.example>a<a>b</a>c</a>",
       "<a href=\"https://x.example\" rel=\"noopener noreferrer nofollow\">a</a><a>b</a>c"},
      {"<tr><td>x</td></tr>", "x"},
      {"<table>stray<td>a<td>b<tr>\n<td>c</table>",
       "<table><tbody><tr><td>stray</td><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>"},
      {"<b><table><tr><td>a</b></td></tr></table>c", "<b><table><tbody><tr><td>a</td></tr></tbody></table>c</b>"},
      {"<table><li>a</table>b", "<table><tbody><tr><td><ul><li>a</li></ul></td></tr></tbody></table>b"},
      {"<table><tr><td><table><td>in</table>out</table>",
       "<table><tbody><tr><td><table><tbody><tr><td>in</td></tr></tbody></table>out</td></tr></tbody></table>"},
  };
  for (const auto& [html, wanted] : cases) {
    INFO(html);
    CHECK(clean(html) == wanted);
    CHECK(depth_of(clean(html)) >= 0);
    CHECK(clean(clean(html)).size() <= clean(html).size() + 8);
  }
}

TEST_CASE("A cleaned message is not deep, and its size follows the input", "[emulator]") {
  for (const char* start : {"<div>", "<b>", "<ul><li>", "<table><tr><td>", "<blockquote><p>", "<table>", "<li>",
                            "<a><table>", "<at>", "<table><li>"}) {
    INFO(start);
    const std::string cleaned = clean(repeat(start, 10'000) + "deep");
    CHECK(depth_of(cleaned) > 0);
    CHECK(depth_of(cleaned) <= static_cast<int>(kMostDepth));
    CHECK(cleaned.find("deep") != cleaned.npos);
    CHECK(cleaned.size() < 400'000);
  }
  CHECK(clean(repeat("<div>", 200) + "x" + repeat("</div>", 200) + "y").substr(0, 5) == "<div>");
  // Each end finds its own start: what follows is outside of all of them.
  const std::string after = clean("<p>" + repeat("<div>", 200) + "x" + repeat("</div>", 200) + "y");
  CHECK(after.substr(after.size() - 7) == "</div>y");
}

TEST_CASE("Huge messages are cleaned in linear time", "[emulator]") {
  // Quadratic work on a megabyte would take minutes.
  for (const char* piece : {"<",    "<a ",      "<!--",      "<!-- -", "<script>",      "</script",   "<a href='",
                            "&",    "&#",       "<p",        "</",     "<b></i>",       "<table><b>", "&a",
                            "<a =", "\xE2\x82", "<p></div>", "--",     "<emoji alt=x>", "<li>",       "<tr>"}) {
    INFO(piece);
    const std::string html = repeat(piece, 1'000'000 / static_cast<int>(std::string_view(piece).size()));
    const auto begin = std::chrono::steady_clock::now();
    const std::string cleaned = clean(html);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
    CHECK(cleaned.size() <= 10'000'000);
    CHECK(depth_of(cleaned) >= 0);
  }
}

TEST_CASE("Text becomes HTML that shows it", "[emulator]") {
  CHECK(escape_html("a<b> & \"c\"\n\t\r&amp;") == "a&lt;b&gt; &amp; &quot;c&quot;\n\t&amp;amp;");
  CHECK(escape_html("Zoë 🙂") == "Zoë 🙂");
  CHECK(decode_html("&#x41;&#66&amp;&lt;&quot;&#0;&#xD800;&#x110000;&#;&x") ==
        "AB&<\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD&#;&x");
}

}  // namespace teamferry::emulator
