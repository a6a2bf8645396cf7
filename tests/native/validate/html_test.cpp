#include "native/validate/html.h"

#include <catch2/catch.hpp>
#include <string>

using namespace teamferry::validate;

namespace {

// "R45 message" of each finding, so that one line of a test shows what was found.
std::vector<std::string> found(std::string_view html) {
  std::vector<std::string> lines;
  for (const auto& finding : check_html(html)) {
    CHECK(finding.field == "body.content");
    CHECK_FALSE(finding.cure.empty());
    CHECK((finding.severity == Finding::Severity::warning) ==
          (finding.rule == "R45" || finding.message.ends_with("(not NFC)")));
    lines.push_back(finding.rule + " " + finding.message);
  }
  return lines;
}

using Lines = std::vector<std::string>;

bool breaks(std::string_view html, const std::string& rule) {
  for (const auto& line : found(html)) {
    if (line.starts_with(rule)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("R45 passes what Teams keeps", "[html]") {
  for (const char* html :
       {"", "plain text & more, 1 &lt; 2", "<p>Hi <strong>you</strong><br>there<br/></p><hr>",
        "<p><a href=\"https://x.example/?a=1&amp;b=2\" title='t'>x</a></p>",
        "<ul><li>one<ul><li>two</li></ul></li></ul><ol start=\"3\"><li><p>x</p></li></ol>",
        "<table><tbody>\n <tr><th colspan=\"2\">a</th></tr> <tr><td>b</td><td><p>c</p></td></tr></tbody></table>",
        "<p><at id=\"0\">Ada</at> <emoji id=\"smile\" alt=\"x\" title=\"y\"></emoji></p>",
        "<attachment id=\"1\"></attachment><codeblock class=\"Cpp\"><code>x<br>y</code></codeblock>",
        "<img src=\"../hostedContents/1/$value\" width=\"3\" height=\"4\" alt=\"\" style=\"width:3px; height:4px\">",
        "<blockquote><p>q</p></blockquote><pre>a\n\tb</pre><h1>x</h1><P>shout</P>", "caf\u00e9 \U0001F600"}) {
    INFO(html);
    CHECK(found(html) == Lines{});
  }
}

TEST_CASE("R45 names what Teams does not keep", "[html]") {
  CHECK(found("<font>x</font>") == Lines{"R45 <font> is not a tag that Teams keeps"});
  CHECK(found("<p class=\"x\">y</p>") == Lines{"R45 <p> has the attribute class, which Teams does not keep"});
  CHECK(found("<!-- note -->x") == Lines{"R45 it holds a comment or declaration, <!"});
  CHECK(found("<a href=\"slack://open\">x</a>") == Lines{"R45 a link goes to slack://open, which Teams does not open"});
  CHECK(found("<a href=\"files/x.pdf\">x</a>") == Lines{"R45 a link goes to files/x.pdf, which is no whole address"});
}

TEST_CASE("R45 names what is not closed in order", "[html]") {
  CHECK(found("<p><b>x</p>") == Lines{"R45 <b> is not closed before </p>"});
  CHECK(found("<b><i>x</b></i>") == Lines{"R45 <i> is not closed before </b>", "R45 </i> closes nothing"});
  CHECK(found("x</b>") == Lines{"R45 </b> closes nothing"});
  CHECK(found("<p>x") == Lines{"R45 <p> is not closed before the end"});
  CHECK(found("<span/>x") ==
        Lines{"R45 <span/> is not closed by its slash", "R45 <span> is not closed before the end"});
  CHECK(found("a < b") == Lines{"R45 a < stands alone"});
  CHECK(found("<b") == Lines{"R45 <b is cut off", "R45 <b> is not closed before the end"});
  CHECK(found("<b>x</b") == Lines{"R45 </b is cut off"});
  CHECK(found("<at id=0>x</at>") == Lines{"R45 the value of id stands without quotes"});
  CHECK(found("<at id=\"0\" id=\"1\">x</at>") == Lines{"R45 <at> has the attribute id twice"});
  CHECK(found("<at id>x</at>") == Lines{"R45 the attribute id has no value"});
}

TEST_CASE("R45 names what a parser would move", "[html]") {
  CHECK(breaks("<p><ul><li>x</li></ul></p>", "R45 <ul> stands in a <p>"));
  CHECK(breaks("<p><b><p>x</p></b></p>", "R45 <p> stands in a <p>"));
  CHECK(breaks("<li>x</li>", "R45 <li> does not stand in its list"));
  CHECK(breaks("<table><tr>x</tr></table>", "R45 text stands in <tr> outside a cell"));
  CHECK(breaks("<table><b>x</b></table>", "R45 <b> stands in <table> outside a cell"));
  CHECK(breaks("<td>x</td>", "R45 <td> does not stand in its list or table"));
  CHECK(breaks("<a href=\"https://x.example\"><b><a href=\"https://y.example\">x</a></b></a>", "R45 a link stands"));
  CHECK(breaks("<h1><h2>x</h2></h1>", "R45 <h2> stands in another heading"));
  CHECK(breaks(
      std::string(3000, ' ') +
          [] {
            std::string deep;
            for (int i = 0; i < 300; ++i) deep += "<b>";
            return deep;
          }(),
      "R45 elements are nested deeper than 256"));
}

TEST_CASE("R46 refuses what runs", "[html]") {
  CHECK(breaks("<script>alert(1)</script>", "R46 it holds <script>"));
  CHECK(breaks("<SCRIPT src=x></SCRIPT>", "R46 it holds <SCRIPT>"));
  CHECK(breaks("<svg onload=alert(1)>", "R46 <svg> has the event attribute onload"));
  CHECK(breaks("<p onClick=\"x()\">y</p>", "R46 <p> has the event attribute onClick"));
  CHECK(
      breaks("<img src=\"../hostedContents/1/$value\" style=\"background:url(https://x.example)\">", "R46 the style"));
  for (const char* url : {"javascript:alert(1)", "JaVaScRiPt:x", " javascript:x", "java\nscript:x", "java&#115;cript:x",
                          "&#x6A;avascript:x", "javascript&colon;x", "java&Tab;script:x", "&#0000106avascript:x",
                          "data:text/html,x", "vbscript:x", "\x01javascript:x"}) {
    INFO(url);
    CHECK(breaks(std::string("<a href=\"") + url + "\">x</a>", "R46 a link goes to"));
  }
}

TEST_CASE("R46 refuses an image that the service would have to fetch", "[html]") {
  CHECK(breaks("<img src=\"https://x.example/a.png\">", "R46 an image comes from https://x.example/a.png"));
  CHECK(breaks("<img src=\"data:image/png;base64,AAAA\">", "R46 an image comes from"));
  CHECK(breaks("<img src=\"../hostedContents/../x/$value\">", "R46 an image comes from"));
  CHECK_FALSE(breaks("<img src=\"../hostedContents/a-1/$value\">", "R46"));
}

TEST_CASE("R47 warns of characters in parts, and takes each writing that has its own", "[html]") {
  CHECK(found("Cafe\xCC\x81") == Lines{"R47 it holds characters in parts (not NFC)"});
  CHECK(found("Caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC \xED\x95\x9C \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB") ==
        Lines{});
  CHECK(found("x\xCC\xA3") == Lines{});  // nothing composed exists for it: it stays
}

TEST_CASE("R47 refuses control characters and text that is not UTF-8, also written as references", "[html]") {
  CHECK(found("a\x01"
              "b") == Lines{"R47 it holds the control character U+0001"});
  CHECK(found(std::string_view("a\0b", 3)) == Lines{"R47 it holds the control character U+0000"});
  CHECK(found("a\tb\r\nc") == Lines{});
  CHECK(found("&#1;&#x0;&#10;") == Lines{"R47 it holds a reference to U+0001", "R47 it holds a reference to U+0000"});
  CHECK(found("&#xD83D;") == Lines{"R47 it holds a reference to U+D83D"});
  CHECK(found("a\xC3") == Lines{"R47 it is not valid UTF-8"});
  CHECK(found("<a href=\"https://x.example/\xED\xA0\xBD\">x</a>") == Lines{"R47 it is not valid UTF-8"});
  CHECK(check_text("a\x02", "subject").front().to_string() ==
        "R47 subject: it holds the control character U+0002. Remove it");
}

TEST_CASE("Findings are told once each and end", "[html]") {
  std::string html, many;
  for (int i = 0; i < 1000; ++i) {
    html += "<font>";
    many += "<x" + std::to_string(i) + ">";
  }
  CHECK(found(html).size() == 1);
  CHECK(check_html(many).size() == kMostFindings);
}
