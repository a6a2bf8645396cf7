#include "native/validate/html_mend.h"

#include <catch2/catch.hpp>

#include "native/validate/html.h"

using namespace teamferry::validate;

namespace {

std::string mended(std::string_view html) {
  const auto out = mended_html(html);
  CHECK(check_html(out).empty());
  CHECK(mended_html(out) == out);
  return out;
}

}  // namespace

TEST_CASE("R45: HTML that Teams keeps stays as it is", "[html]") {
  for (const char* html :
       {"", "1 < 2 & 3", "<p>Hi <strong>you</strong><br>there</p><hr>",
        "<p><a href=\"https://x.example/?a=1&amp;b=2\" title=\"t\">x</a></p>",
        "<ul><li>one<ul><li>two</li></ul></li></ul>",
        "<table><tbody>\n <tr><th colspan=\"2\">a</th></tr> <tr><td>b</td><td><p>c</p></td></tr></tbody></table>",
        "<p><at id=\"0\">Ada</at></p><attachment id=\"1\"></attachment>",
        "<img src=\"../hostedContents/1/$value\" width=\"3\" style=\"width:3px\">"}) {
    INFO(html);
    if (std::string_view(html).find("1 <") == std::string_view::npos) CHECK(mended(html) == html);
  }
  CHECK(mended("1 < 2 & 3") == "1 &lt; 2 & 3");
}

TEST_CASE("R45: what Teams does not keep loses its tag and keeps its text", "[html]") {
  CHECK(mended("<font color=red>x</font>") == "x");
  CHECK(mended("<p class=\"x\" data-y>y</p>") == "<p>y</p>");
  CHECK(mended("<!-- note -->x<!doctype y>") == "x");
  CHECK(mended("<h5>x</h5><ins>y</ins>") == "<h3>x</h3><u>y</u>");
  CHECK(mended("<ol start=3 start=4><li>x</ol>") == "<ol start=\"3\"><li>x</li></ol>");
  CHECK(mended("<a href=\"slack://open\">x</a>") == "<a>x</a>");
  CHECK(mended("x <b") == "x &lt;b");
  CHECK(mended("<BR/>") == "<br>");
}

TEST_CASE("R45: elements are closed in order and stand where they may", "[html]") {
  CHECK(mended("<p><b>x</p>") == "<p><b>x</b></p>");
  CHECK(mended("<b><i>x</b></i>") == "<b><i>x</i></b>");
  CHECK(mended("x</b></p>") == "x");
  CHECK(mended("<p>a<p>b") == "<p>a</p><p>b</p>");
  CHECK(mended("<p>a<ul><li>b<li>c</ul></p>") == "<p>a</p><ul><li>b</li><li>c</li></ul>");
  CHECK(mended("<li>x") == "<ul><li>x</li></ul>");
  CHECK(mended("<td>x</td>") == "<table><tr><td>x</td></tr></table>");
  CHECK(mended("<table>x<tr>y</table>") == "<table><tr><td>x</td></tr><tr><td>y</td></tr></table>");
  CHECK(mended("<table><tr><td><b>x</table>y") == "<table><tr><td><b>x</b></td></tr></table>y");
  CHECK(mended("<b><table><tr><td>x</b></td></tr></table></b>") == "<b><table><tr><td>x</td></tr></table></b>");
  CHECK(mended("<table><tr><td>a<td>b<tr><td><p>c") ==
        "<table><tr><td>a</td><td>b</td></tr><tr><td><p>c</p></td></tr></table>");
  CHECK(mended("<a href=\"https://x.example\">a<a href=\"https://y.example\">b</a>") ==
        "<a href=\"https://x.example\">a</a><a href=\"https://y.example\">b</a>");
  CHECK(mended("<h1><h2>x</h2></h1>") == "<h1></h1><h2>x</h2>");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<b>";
  mended(deep + "x");
}

TEST_CASE("R46: what runs goes, and pictures from elsewhere become links", "[html]") {
  CHECK(mended("a<script>alert('</b>')</script>b<STYLE>x</style>c") == "abc");
  CHECK(mended("a<script>b") == "a");
  CHECK(mended("<svg onload=x><a>y</a></svg>z") == "z");
  CHECK(mended("<p onclick=\"x\">y</p>") == "<p>y</p>");
  CHECK(mended("<a href=\"java&#115;cript:x\">y</a>") == "<a>y</a>");
  CHECK(mended("<img src=\"https://x.example/a.png?b=1&amp;c\" alt=\"<cat>\">") ==
        "<a href=\"https://x.example/a.png?b=1&amp;c\">&lt;cat></a>");
  CHECK(mended("<img src='https://x.example/a.png'>") ==
        "<a href=\"https://x.example/a.png\">https://x.example/a.png</a>");
  CHECK(mended("<img src=\"data:image/png;base64,AAAA\" alt=\"cat\">") == "cat");
  CHECK(mended("<img src=\"data:image/png;base64,AAAA\">") == "");
  CHECK(mended("<img src=\"../hostedContents/1/$value\" style=\"background:url(x)\">") ==
        "<img src=\"../hostedContents/1/$value\">");
}

TEST_CASE("R47: control characters go, also as references", "[html]") {
  CHECK(mended("a\x01 &#1;b&#x0;&#10;\xC3") == "a b&#10;\xEF\xBF\xBD");
  CHECK(mended("<a title=\"\x02\">x</a>") == "<a title=\"\">x</a>");
}
