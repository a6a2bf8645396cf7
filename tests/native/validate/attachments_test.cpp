#include "native/validate/attachments.h"

#include "tests/native/validate/findings.h"

using namespace teamferry::validate;

namespace {

constexpr const char* kId = "1b2c3d4e-0f1a-4b2c-9d3e-4f5a6b7c8d9e";
const std::string kShown = std::string("<attachment id=\"") + kId + "\"></attachment>";

AttachmentFacts file() {
  return {kId, "reference", "https://acme.sharepoint.com/sites/Orbit/Shared%20Documents/general/plan.pdf", "plan.pdf"};
}

Lines found(const std::vector<AttachmentFacts>& attachments, std::string_view html) {
  Markers markers;
  find_markers(html, markers);
  Findings findings;
  check_attachments(attachments, markers, findings);
  return lines(findings);
}

Lines with_url(std::string_view url) {
  auto facts = file();
  facts.contentUrl = url;
  return found({facts}, kShown);
}

}  // namespace

TEST_CASE("R25 shows each attachment once, and nothing else", "[validate]") {
  CHECK(found({file()}, "<p>x</p>" + kShown) == Lines{});
  CHECK(found({file()}, "<p>x</p>") == Lines{"R25 error attachments[0].id: the body does not show it"});
  CHECK(found({file()}, kShown + kShown) == Lines{"R25 error attachments[0].id: the body shows it 2 times"});
  CHECK(found({}, "<attachment id=\"9\"></attachment>") ==
        Lines{"R25 error body.content: <attachment id=\"9\"> has no entry in attachments"});
  CHECK(found({file(), file()}, kShown) ==
        Lines{std::string("R25 error attachments[1].id: two attachments have the id '") + kId + "'"});
}

TEST_CASE("R26 wants a file's id, name and address, and no content", "[validate]") {
  auto facts = file();
  facts.id = "7";
  facts.name = "";
  facts.has_content = true;
  facts.contentUrl = "";
  CHECK(found({facts}, "<attachment id=\"7\"></attachment>") ==
        Lines{"R26 error attachments[0].id: '7' is not the GUID of a file",
              "R26 error attachments[0].name: it is missing",
              "R26 error attachments[0].content: a file has a contentUrl and no content",
              "R26 error attachments[0].contentUrl: it is missing"});
}

TEST_CASE("R27 wants an extension in the last segment of the address", "[validate]") {
  for (const char* url : {"https://acme.sharepoint.com/a/b.tar.gz", "https://acme.sharepoint.com/a.b/c.x"}) {
    CHECK(has_extension(url));
  }
  for (const char* url : {"https://acme.sharepoint.com/a.b/c", "https://acme.sharepoint.com/a/.profile",
                          "https://acme.sharepoint.com/a/b.", "https://acme.sharepoint.com", "", "a/b?x=c.d"}) {
    INFO(url);
    CHECK_FALSE(has_extension(url));
  }
  CHECK(with_url("https://acme.sharepoint.com/sites/Orbit/README") ==
        Lines{"R27 error attachments[0].contentUrl: https://acme.sharepoint.com/sites/Orbit/README ends without a file "
              "extension"});
}

TEST_CASE("R28 refuses sharing links and pages that show a file", "[validate]") {
  CHECK(link_fault("https://acme-my.sharepoint.com/personal/ada/Documents/a.b") == "");
  CHECK(link_fault("https://acme.sharepoint.us/sites/x/a.b") == "");
  CHECK(link_fault("https://acme.sharepoint.com/:b:/s/Orbit/EaBc.pdf") == "is a sharing link");
  CHECK(link_fault("https://1drv.ms/a.b") == "is a sharing link");
  CHECK(link_fault("https://acme.sharepoint.com/a.b?e=4kQ") == "has a query, as sharing links do");
  CHECK(link_fault("https://acme.sharepoint.com/sites/x/_layouts/15/Doc.aspx?sourcedoc=1") ==
        "is a page that shows the file");
  CHECK(link_fault("http://acme.sharepoint.com/a.b") == "is not an https address");
  CHECK(link_fault("https://") == "is not an https address");
  CHECK(with_url("https://acme.sharepoint.com/:w:/r/a.docx") ==
        Lines{"R28 error attachments[0].contentUrl: https://acme.sharepoint.com/:w:/r/a.docx is a sharing link"});
  CHECK(with_url("https://files.orbit.example/a.pdf") ==
        Lines{"R28 warning attachments[0].contentUrl: https://files.orbit.example/a.pdf is not in SharePoint or "
              "OneDrive"});
}

TEST_CASE("R29 refuses every other kind of attachment", "[validate]") {
  for (const char* type : {"application/vnd.microsoft.card.adaptive", "application/vnd.microsoft.card.codesnippet",
                           "application/vnd.microsoft.card.announcement", "messageReference",
                           "forwardedMessageReference", "meetingReference"}) {
    auto facts = file();
    facts.contentType = type;
    CHECK(found({facts}, kShown) ==
          Lines{std::string("R29 error attachments[0].contentType: '") + type + "' is not imported"});
  }
  auto facts = file();
  facts.contentType = "";
  CHECK(found({facts}, kShown) == Lines{"R29 error attachments[0].contentType: it is missing"});
}
