#include "native/validate/images.h"

#include "native/limits/limits.h"
#include "tests/native/validate/findings.h"

using namespace teamferry;
using namespace teamferry::validate;
using namespace std::string_literals;

namespace {

constexpr const char* kShown = "<img src=\"../hostedContents/1/$value\">";

ImageFacts png() {
  return {"1", "image/png", ImageBytes{70, "image/png"}};
}

Lines found(const std::vector<ImageFacts>& images, std::string_view html, std::size_t request_bytes = 0) {
  Markers markers;
  find_markers(html, markers);
  Findings findings;
  check_images(images, markers, request_bytes, findings);
  return lines(findings);
}

}  // namespace

TEST_CASE("R32 shows each hosted image, and hosts each that is shown", "[validate]") {
  CHECK(found({png()}, kShown) == Lines{});
  CHECK(found({png()}, kShown + "again"s + kShown) == Lines{});
  CHECK(found({png()}, "x") ==
        Lines{"R32 error hostedContents[0].@microsoft.graph.temporaryId: the body does not show image '1'"});
  CHECK(found({}, kShown) ==
        Lines{"R32 error body.content: the image ../hostedContents/1/$value is not in hostedContents"});
  CHECK(found({png(), png()}, kShown) ==
        Lines{"R32 error hostedContents[1].@microsoft.graph.temporaryId: two images have the id '1'"});
  auto unnamed = png();
  unnamed.temporaryId = "";
  CHECK(found({unnamed}, "x") == Lines{"R32 error hostedContents[0].@microsoft.graph.temporaryId: it is missing"});
}

TEST_CASE("R33 reads the type from the bytes", "[validate]") {
  CHECK(sniff_type("\x89PNG\r\n\x1A\n....") == "image/png");
  CHECK(sniff_type("\xFF\xD8\xFF\xE0") == "image/jpeg");
  CHECK(sniff_type("GIF89a") == "image/gif");
  CHECK(sniff_type("GIF87a") == "image/gif");
  CHECK(sniff_type("RIFF....WEBPVP8 ") == "image/webp");
  CHECK(sniff_type("....ftypheic") == "image/heic");
  CHECK(sniff_type("<svg xmlns=") == "image/svg+xml");
  CHECK(sniff_type("GIF88a") == "");
  CHECK(sniff_type("") == "");
  CHECK(read_base64("iVBORw0KGgoAAAAN")->type == "image/png");
  CHECK(read_base64("iVBORw0KGgoAAAAN")->size == 12);
  CHECK(read_base64("/9j/4A==")->size == 4);
  CHECK(read_base64("/9j/4A==")->type == "image/jpeg");
  CHECK(read_base64("UklGRgAAAABXRUJQVlA4")->type == "image/webp");
  for (const char* bad : {"", "iVBORw0KGgoAAAA", "iVBO Rw0KGg=", "iVBORw0KGgo_AAAN", "====", "A===", "AA=A"}) {
    INFO(bad);
    CHECK_FALSE(read_base64(bad));
  }
}

TEST_CASE("R33 hosts png, jpeg and gif under their own names", "[validate]") {
  auto image = png();
  image.contentType = "image/jpg";
  image.bytes->type = "image/jpeg";
  CHECK(found({image}, kShown) == Lines{});
  image.contentType = "image/png";
  CHECK(found({image}, kShown) ==
        Lines{"R33 error hostedContents[0].contentType: it says image/png, the bytes are image/jpeg"});
  image.contentType = "image/webp";
  image.bytes->type = "image/webp";
  CHECK(found({image}, kShown) ==
        Lines{"R33 error hostedContents[0].contentBytes: it is image/webp, which Teams does not show in a text",
              "R33 error hostedContents[0].contentType: 'image/webp' is not hosted"});
  image.contentType = "";
  image.bytes->type = "";
  CHECK(found({image}, kShown) ==
        Lines{"R33 error hostedContents[0].contentBytes: these bytes are no picture that Teams shows in a text",
              "R33 error hostedContents[0].contentType: it is missing"});
  image = png();
  image.bytes = std::nullopt;
  CHECK(found({image}, kShown) == Lines{"R33 error hostedContents[0].contentBytes: it is missing or not base64"});
}

TEST_CASE("R34 limits an image and the whole request", "[validate]") {
  auto image = png();
  image.bytes->size = limits::in_force().sizes.image_bytes;
  CHECK(found({image}, kShown, limits::in_force().sizes.request_bytes) == Lines{});
  image.bytes->size = limits::in_force().sizes.image_bytes + 1;
  CHECK(found({image}, kShown) ==
        Lines{"R34 error hostedContents[0].contentBytes: the image has 2900001 bytes, the limit is 2900000"});
  CHECK(found({png()}, kShown, limits::in_force().sizes.request_bytes + 1) ==
        Lines{"R34 error hostedContents: the request takes 4194305 bytes, the limit is 4194304"});
}
